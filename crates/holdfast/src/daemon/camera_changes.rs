//! Adding, changing and removing single cameras while they run.

use std::sync::Arc;
use std::time::Duration;

use api::operations::{BoxFuture, CameraEdit, CameraError, OperationError};
use base::{CameraId, WallTime, limits};
use catalog::{ApplyError, AuditRow, CameraRow, Catalog, Change, Refusal, StreamRow};
use config::FieldProblem;
use control::Known;
use control::rows::{Origin, beyond_bounds, by_difference, tightened};
use control::wanted::Passwords;

use super::audits;
use super::effect;
use super::house::House;

/// What is in memory of a camera that is removed is waited for no longer than this.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
/// How often it is looked whether it was written.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Adds or changes a camera, in its turn; which it is.
pub fn edit(
    house: Arc<House>,
    edit: CameraEdit,
    may_delete: bool,
    audit: AuditRow,
) -> BoxFuture<'static, Result<CameraId, CameraError>> {
    in_turn(house, "changing a camera", move |house| {
        let known = effect::known(&house.catalog).map_err(failed)?;
        let (camera, id) = match edit {
            CameraEdit::Add(camera) => (*camera, None),
            CameraEdit::Change(id, change) => {
                let row = row_of(&known, id)?;
                let mut raw = (&effect::as_text(row, &known)).into();
                change.change(&mut raw).map_err(CameraError::Invalid)?;
                (config::validate_camera(&raw).map_err(first)?, Some(id))
            }
        };
        fits(&known, &camera, id)?;
        make(house, &known, &camera, may_delete, audit)
    })
}

/// Makes the rows say what `camera` says, and then what runs.
fn make(
    house: &House,
    known: &Known,
    camera: &config::Camera,
    may_delete: bool,
    audit: AuditRow,
) -> Result<CameraId, CameraError> {
    let (now, entropy) = (house.machine.wall(), &*house.machine.entropy);
    let cameras = std::slice::from_ref(camera);
    let mut changes = by_difference(known, cameras, Origin::Given, now, entropy);
    if let Some(why) = beyond_bounds(known, &changes) {
        return Err(CameraError::Taken(why));
    }
    if let Some(tighter) = tightened(known, &changes).filter(|_| !may_delete) {
        let keys = ["stream", &tighter.stream, "keep", tighter.key];
        return Err(CameraError::Tightens(keys.map(str::to_owned).to_vec()));
    }
    let made = changes.iter().find_map(|change| match change {
        Change::PutCamera(row) => Some(row.clone()),
        _ => None,
    });
    let row = made.or_else(|| named(known, camera).cloned()).ok_or(CameraError::Unknown)?;
    let (id, subject) = (row.id, row.slug.clone());
    if changes.is_empty() {
        return Ok(id);
    }
    let detail = audits::of_camera(known, &changes);
    changes.push(Change::Audit(AuditRow { subject, detail, ..audit }));
    house.rows.apply(changes).map_err(|error| match error {
        // Names are the business of this turn: what the catalog knows of are slugs.
        ApplyError::Refused { why: why @ Refusal::NameTaken(_), .. } => {
            taken("slug", why.to_string())
        }
        error => failed(error),
    })?;
    house.reconcile(Passwords::OfWhatChanges).map_err(|error| failed(format!("{error:#}")))?;
    Ok(id)
}

/// What a camera is to be.
pub fn settings(
    house: Arc<House>,
    id: CameraId,
) -> BoxFuture<'static, Result<config::Camera, CameraError>> {
    Box::pin(async move {
        let read = move || {
            let known = effect::known(&house.catalog).map_err(failed)?;
            let row = known.cameras.iter().find(|row| row.id == id && !row.removed);
            row.map(|row| effect::as_text(row, &known)).ok_or(CameraError::Unknown)
        };
        let asked = tokio::task::spawn_blocking(read).await;
        asked.unwrap_or_else(|_| Err(failed("it broke off")))
    })
}

/// Removes a camera, in its turn. Its row stays: footage names it, and may lie on a disk that is
/// away. Who it is logged in as is forgotten.
pub fn remove(
    house: Arc<House>,
    id: CameraId,
    delete_footage: bool,
    audit: AuditRow,
) -> BoxFuture<'static, Result<(), CameraError>> {
    in_turn(house, "removing a camera", move |house| {
        let known = effect::known(&house.catalog).map_err(failed)?;
        let row = row_of(&known, id)?;
        let streams: Vec<_> = known.streams.iter().filter(|stream| stream.camera == id).collect();
        let removed = CameraRow {
            removed: true,
            paused: true,
            username: None,
            password: None,
            ..row.clone()
        };
        let what = if delete_footage { "its footage is deleted" } else { "its footage ages out" };
        let detail = format!("camera {:?}; {what}", row.name);
        let mut changes = vec![Change::PutCamera(removed)];
        if delete_footage {
            changes.extend(hidden(&house.catalog, &streams, house.machine.wall())?);
        }
        changes.push(Change::Audit(AuditRow { detail, ..audit }));
        house.rows.apply(changes).map_err(|error| match error {
            ApplyError::Refused { why: why @ Refusal::InUse(_), .. } => {
                CameraError::Protected(format!("the camera was not removed: {why}"))
            }
            error => failed(error),
        })?;
        tracing::warn!(camera = row.slug, delete_footage, "the camera was removed");
        // It is gone, whatever comes of the rest: so that is what is said.
        let half_done = |what: &str, why: String| {
            let said = format!("the camera was removed, but {what}: {why}");
            tracing::error!(camera = row.slug, "{said}");
            failed(said)
        };
        let ended = house.reconcile(Passwords::OfWhatChanges);
        let ended = ended.map_err(|error| half_done("may run on", format!("{error:#}")));
        let last_frames = match delete_footage {
            true => delete_the_rest(house, &streams),
            false => Ok(()),
        };
        let last_frames = last_frames.map_err(|why| {
            half_done("its last frames, which were not yet written, were not deleted", why)
        });
        ended.and(last_frames)
    })
}

/// What was still in memory was written after the deletion: it goes, too.
fn delete_the_rest(house: &House, streams: &[&StreamRow]) -> Result<(), String> {
    let began = house.machine.mono();
    let mut late = None;
    let is_written = || streams.iter().all(|stream| house.volumes.volume_of(stream.id).is_none());
    while !is_written() {
        let waited = house.machine.mono().since(began);
        if waited >= WRITTEN_WITHIN || house.cameras.wait(LOOK_AGAIN) {
            late = Some(format!(
                "after {} s they were not yet written; what is written of them from now on ages \
                 out, and is shown to nobody unless the camera is added again",
                waited.as_secs()
            ));
            break;
        }
    }
    let changes = hidden(&house.catalog, streams, house.machine.wall());
    let applied = changes.map(|changes| house.rows.apply(changes));
    applied.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    late.map_or(Ok(()), Err)
}

/// The deletion of all footage that streams have by `now`, also of what stands ahead of the clock,
/// and of what is in memory only: of that no row says anything yet. What may be recorded until then
/// where the camera is added again is not there yet, and stays.
fn hidden(
    catalog: &Catalog,
    streams: &[&StreamRow],
    now: WallTime,
) -> Result<Vec<Change>, CameraError> {
    let mut changes = Vec::new();
    for stream in streams.iter().map(|stream| stream.id) {
        let all = (WallTime::EPOCH, WallTime::MAX);
        let spans = catalog.there_by(stream, all, now).map_err(failed)?;
        changes.extend(spans.into_iter().map(|(from, to)| Change::Hide { stream, from, to }));
    }
    Ok(changes)
}

/// Whether a camera may be as it is said, beside the others; `id` is its own, if it has one yet.
fn fits(known: &Known, camera: &config::Camera, id: Option<CameraId>) -> Result<(), CameraError> {
    let others = || known.cameras.iter().filter(|row| !row.removed && Some(row.id) != id);
    if let Some(row) = others().find(|row| row.name == camera.name) {
        return Err(taken("name", format!("there is a camera {:?} already", row.name)));
    }
    if let Some(row) = others().find(|row| Some(&row.slug) == camera.slug.as_ref()) {
        let (slug, name) = (&row.slug, &row.name);
        return Err(taken("slug", format!("the slug {slug:?} is that of camera {name:?}")));
    }
    let is_known = |slug: &String| known.cameras.iter().any(|row| row.slug == *slug);
    if let Some(slug) = camera.slug.as_ref().filter(|it| config::is_reserved(it) && !is_known(it)) {
        let message = format!("{slug:?} is a word of addresses; choose another slug");
        return Err(CameraError::Invalid(FieldProblem { path: vec!["slug".to_owned()], message }));
    }
    for (name, stream) in &camera.streams {
        let Some(volume) = &stream.volume else { continue };
        if !known.volumes.iter().any(|row| row.name == *volume) {
            let path = ["stream", name, "volume"].map(str::to_owned).to_vec();
            let message = format!("there is no volume {volume:?}");
            return Err(CameraError::Invalid(FieldProblem { path, message }));
        }
    }
    Ok(())
}

/// The camera's row, where it may be changed here.
fn row_of(known: &Known, id: CameraId) -> Result<&CameraRow, CameraError> {
    let row = known.cameras.iter().find(|row| row.id == id && !row.removed);
    match row.ok_or(CameraError::Unknown)? {
        row if row.managed_by_file => Err(CameraError::ManagedByFile(row.name.clone())),
        row => Ok(row),
    }
}

/// The row that a camera's slug names.
fn named<'a>(known: &'a Known, camera: &config::Camera) -> Option<&'a CameraRow> {
    known.cameras.iter().find(|row| Some(&row.slug) == camera.slug.as_ref())
}

fn taken(member: &'static str, why: String) -> CameraError {
    CameraError::NameTaken { member, why }
}

fn first(problems: Vec<FieldProblem>) -> CameraError {
    match problems.into_iter().next() {
        Some(problem) => CameraError::Invalid(problem),
        None => failed("it is wrong"),
    }
}

fn failed(why: impl std::fmt::Display) -> CameraError {
    CameraError::Failed(OperationError(why.to_string()))
}

fn in_turn<T: Send + 'static>(
    house: Arc<House>,
    what: &'static str,
    work: impl FnOnce(&House) -> Result<T, CameraError> + Send + 'static,
) -> BoxFuture<'static, Result<T, CameraError>> {
    Box::pin(async move {
        let theirs = house.clone();
        house.turns.ask(what, limits::CONFIG_ANSWER_TIMEOUT, move || work(&theirs)).await?
    })
}

#[cfg(test)]
mod tests;
