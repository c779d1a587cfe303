//! Changing volumes while they run, and taking them out of the archive.

use std::sync::Arc;
use std::time::Duration;

use api::operations::{BoxFuture, OperationError, VolumeError};
use archive::RemovalReason;
use base::{VolumeId, limits};
use catalog::{ApplyError, AuditRow, Change, SegmentRow, VolumeRow};
use config::{KeepFree, VolumeUse};

use recorder::Removals;
use recorder::drain::elsewhere;

use super::bringing::{self, Elsewhere};
use super::house::House;

/// Rows of a volume that is forgotten, in one transaction.
const ROWS_AT_ONCE: usize = 250;
/// The threads of a volume are waited for no longer than this.
const THREADS_END: Duration = Duration::from_secs(5);
/// How often it is looked whether they have ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Changes what a volume is for, and what stays free on it, in its turn.
pub fn change(
    house: Arc<House>,
    id: VolumeId,
    (r#use, keep_free): (Option<VolumeUse>, Option<KeepFree>),
    audit: AuditRow,
) -> BoxFuture<'static, Result<(), VolumeError>> {
    in_turn(house, "changing a volume", limits::CONFIG_ANSWER_TIMEOUT, move |house| {
        let row = row_of(house, id)?;
        if let Some(wanted) = keep_free {
            fits(house, id, wanted)?;
        }
        let keep_free = keep_free.unwrap_or(row.keep_free);
        let row = VolumeRow { r#use: r#use.unwrap_or(row.r#use), keep_free, ..row };
        put(house, row, vec![Change::Audit(audit)])
    })
}

/// Takes a volume out of the archive, in its turn; how many segments are forgotten.
pub fn remove(
    house: Arc<House>,
    id: VolumeId,
    forget: bool,
    audit: AuditRow,
) -> BoxFuture<'static, Result<u64, VolumeError>> {
    in_turn(house, "taking a volume out", limits::VOLUME_REMOVE_TIMEOUT, move |house| {
        let row = row_of(house, id)?;
        let forgotten = match forget {
            true => forget_all(house, &row, audit)?,
            false => take_out_empty(house, &row, audit).map(|()| 0)?,
        };
        tracing::warn!(volume = row.name, segments = forgotten, "the volume is out of the archive");
        Ok(forgotten)
    })
}

/// Takes out a volume that holds nothing.
fn take_out_empty(house: &House, row: &VolumeRow, audit: AuditRow) -> Result<(), VolumeError> {
    let in_use = || {
        VolumeError::InUse(format!(
            "there is footage on volume {:?}: drain it first, or say forget_footage=true where its \
             disk is dead",
            row.name
        ))
    };
    if !page(house, row.id)?.is_empty() {
        return Err(in_use());
    }
    Elsewhere::than(house, row.id).note(&removed_on(house, row.id));
    let volume = house.open.get(row.id).map(|volume| Arc::downgrade(&volume));
    put(house, VolumeRow { r#use: VolumeUse::Keep, ..row.clone() }, Vec::new())?;
    house.volumes.leave(row.id, house.machine.mono());
    house.open.remove(row.id);
    // A segment may have begun there since. What its threads have to say is waited for; then the
    // transaction looks again, and refuses.
    let began = house.machine.mono();
    let at_work = || volume.as_ref().is_some_and(|volume| volume.strong_count() > 0);
    while at_work() && house.machine.mono().since(began) < THREADS_END {
        if house.cameras.wait(LOOK_AGAIN) {
            break;
        }
    }
    let detail = "there was no footage on it".to_owned();
    let changes = vec![Change::RemoveVolume(row.id), Change::Audit(AuditRow { detail, ..audit })];
    let Err(error) = house.rows.apply(changes) else { return Ok(()) };
    // Back to how it was.
    apply(house, vec![Change::PutVolume(row.clone())])?;
    house.start_volume(row.clone()).map_err(|why| failed(format!("{why:#}")))?;
    match error {
        ApplyError::Refused { .. } => Err(in_use()),
        error @ ApplyError::Database(_) => Err(failed(error)),
    }
}

/// Forgets all footage of a volume, and the volume. The audit comes first: should it break off, it
/// is known who began it.
fn forget_all(house: &House, row: &VolumeRow, audit: AuditRow) -> Result<u64, VolumeError> {
    let id = row.id;
    let segments = house.catalog.volume_totals(id).map_err(failed)?.segments;
    let detail = format!("{segments} segments on it are forgotten");
    let mut elsewhere = Elsewhere::than(house, id);
    elsewhere.note(&removed_on(house, id));
    // Nothing new goes there, and its streams go elsewhere.
    let kept = VolumeRow { r#use: VolumeUse::Keep, ..row.clone() };
    put(house, kept, vec![Change::Audit(AuditRow { detail, ..audit })])?;
    house.volumes.leave(id, house.machine.mono());
    house.open.remove(id);
    // What goes on elsewhere names the last that counts here: that must not grow any more.
    let (began, standings) = (house.machine.mono(), house.volumes.standings());
    while standings.is_recorded_on(id) && house.machine.mono().since(began) < THREADS_END {
        if house.cameras.wait(LOOK_AGAIN) {
            break;
        }
    }
    let mut forgotten = 0;
    loop {
        let rows = page(house, id)?;
        if rows.is_empty() {
            break;
        }
        let mut gone = Vec::with_capacity(rows.len());
        for row in rows {
            match found_elsewhere(house, &row) {
                Some(changes) => apply(house, changes)?,
                None => gone.push(row),
            }
        }
        forgotten += gone.len() as u64;
        elsewhere.note(&Removals::of(&gone, house.machine.wall(), |_| RemovalReason::Deleted));
        let gone = gone.iter().map(|row| Change::SegmentForgotten {
            segment: row.id,
            volume: id,
            end: row.end,
        });
        apply(house, gone.collect())?;
    }
    apply(house, vec![Change::RemoveVolume(id)])?;
    Ok(forgotten)
}

/// What says that a segment counts on another volume from now on, where a move that was cut short
/// has left all of it. What cannot be read now is taken in by a later start.
fn found_elsewhere(house: &House, row: &SegmentRow) -> Option<Vec<Change>> {
    let open = |id| bringing::well(house, id);
    let mut pace = |bytes: u64| {
        let seconds = bytes as f64 / limits::DRAIN_BYTES_PER_SECOND as f64;
        !house.cameras.wait(Duration::from_secs_f64(seconds))
    };
    elsewhere::counts(&house.catalog, row, &open, &mut pace).unwrap_or_else(|error| {
        let segment = row.id.to_string();
        tracing::error!(segment, "whether it lies whole elsewhere is not known: {error}");
        None
    })
}

/// Whether a volume's disk can keep so much free.
fn fits(house: &House, id: VolumeId, wanted: KeepFree) -> Result<(), VolumeError> {
    let health = house.volumes.health().into_iter().find(|health| health.id == Some(id));
    let total = health.and_then(|health| health.space).map_or(0, |space| space.total);
    match total == 0 || wanted.fits(total) {
        true => Ok(()),
        false => Err(VolumeError::KeepFree(format!(
            "{wanted} is more than 90% of its disk of {total} bytes: no footage would be left"
        ))),
    }
}

/// The volume's row, where no file manages it now.
fn row_of(house: &House, id: VolumeId) -> Result<VolumeRow, VolumeError> {
    let rows = house.catalog.volumes().map_err(failed)?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or(VolumeError::Unknown)?;
    match row.managed_by_file {
        true => Err(VolumeError::ManagedByFile(row.name)),
        false => Ok(row),
    }
}

/// Rows of a volume; those that grow as far as they have come.
fn page(house: &House, id: VolumeId) -> Result<Vec<SegmentRow>, VolumeError> {
    let rows = house.catalog.rows_on(id, None, ROWS_AT_ONCE).map_err(failed)?;
    let grown = |row: SegmentRow| house.catalog.tail().segment(row.id).map_or(row, |it| it.row);
    Ok(rows.into_iter().map(grown).collect())
}

/// What was removed on the volume before: that has to be known elsewhere from now on. A disk that
/// is not well is not asked: it may never answer.
fn removed_on(house: &House, id: VolumeId) -> Vec<Removals> {
    let volume = bringing::well(house, id);
    volume.and_then(|volume| Removals::all(&volume).ok()).unwrap_or_default()
}

/// Changes a volume's row, with `more` in the same transaction.
fn put(house: &House, row: VolumeRow, mut more: Vec<Change>) -> Result<(), VolumeError> {
    more.push(Change::PutVolume(row.clone()));
    apply(house, more)?;
    house.volumes.renew(&row);
    house.volumes.place(house.machine.mono());
    Ok(())
}

fn apply(house: &House, changes: Vec<Change>) -> Result<(), VolumeError> {
    house.rows.apply(changes).map_err(failed)
}

fn failed(why: impl std::fmt::Display) -> VolumeError {
    VolumeError::Failed(OperationError(why.to_string()))
}

fn in_turn<T: Send + 'static>(
    house: Arc<House>,
    what: &'static str,
    patience: Duration,
    work: impl FnOnce(&House) -> Result<T, VolumeError> + Send + 'static,
) -> BoxFuture<'static, Result<T, VolumeError>> {
    Box::pin(async move {
        let theirs = house.clone();
        house.turns.ask(what, patience, move || work(&theirs)).await?
    })
}
