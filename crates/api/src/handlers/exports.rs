//! Exports: asked for, listed, taken away, deleted. Who may export sees all of them: they are
//! copies, which stay when cameras and rules go.

use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use base::{ExportId, limits};
use catalog::{AuditRow, Change, ExportRow, ExportState, ExportStream};
use export::{Plan, Request, StoredFile};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::cameras::{StreamNames, find_camera};
use super::clip::{self, Wanted, file_time};
use super::keeping::who;
use crate::app::App;
use crate::body::Piece;
use crate::caller::Identity;
use crate::file::{FootageFile, serve};
use crate::instant::{self, Instant};
use crate::json::Json;
use crate::problem::Problem;
use crate::query::Query;
use crate::wire::export as wire;

/// So long an export waits for another to be planned, whose disk may be stuck.
const PLANNING_WAIT: Duration = Duration::from_secs(30);

/// `GET /exports`
pub(crate) async fn list(
    State(app): State<App>,
    query: Query,
) -> Result<Json<wire::Exports>, Problem> {
    let cursor = query.parsed::<ExportId>("cursor", "`next` of the page before")?;
    let limit = query.page()?;
    app.blocking(move |app| {
        let mut rows = app.catalog().exports(cursor, limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        let bytes = app.catalog().export_bytes()?;
        let exports = rows.into_iter().map(|row| render(app, row)).collect();
        Ok(Json(wire::Exports {
            exports,
            next,
            bytes,
            max_bytes: app.operations().exporting().bytes_max,
        }))
    })
    .await
}

/// `POST /exports`
pub(crate) async fn add(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Json(asked): Json<wire::NewExport>,
) -> Result<(StatusCode, Json<wire::Export>), Problem> {
    let (wanted, streams) = streams(&app, &asked.streams)?;
    let name = name(&asked, &streams)?;
    let from = time("from", &asked.from)?;
    let to = time("to", asked.to.as_deref().unwrap_or("now"))?;
    let now = app.clock().wall();
    let row = ExportRow {
        id: ExportId::new(now, app.entropy().id_bytes()),
        name,
        asked: now,
        asked_by: who(&identity),
        from: from.at(now),
        to: to.at(now),
        together: asked.together,
        timestamps: asked.timestamps,
        streams,
        state: ExportState::Waiting,
        bytes: 0,
        ended: None,
        words: None,
        manifest_hash: None,
    };
    let turn = app.planning().clone().acquire_owned();
    let waited = tokio::time::timeout(PLANNING_WAIT, turn).await;
    let one_at_a_time = waited.map_err(|_| {
        Problem::Unavailable("another export is being planned for long: ask again later".into())
    })?;
    // Whoever goes away meanwhile makes no room for the next before it is planned.
    let row = app
        .reading(move |app| {
            let _one_at_a_time = one_at_a_time;
            planned(app, &wanted, row)
        })
        .await?;
    let bytes_max = app.operations().exporting().bytes_max;
    let audit = audit(&app, &identity, "export-asked", &row);
    let changes = vec![Change::AddExport { row: row.clone(), bytes_max }, audit];
    app.operations().commit(changes).await?;
    app.operations().exports_changed();
    Ok((StatusCode::CREATED, Json(render(&app, row))))
}

fn time(field: &str, text: &str) -> Result<Instant, Problem> {
    let problem = || Problem::bad(field, format!("{text:?} is no time: {}", instant::EXPECTED));
    instant::parse(text).ok_or_else(problem)
}

/// What the export is to be called.
fn name(asked: &wire::NewExport, streams: &[ExportStream]) -> Result<String, Problem> {
    let name = asked.name.as_deref().unwrap_or_default().trim();
    if name.chars().count() > limits::EXPORT_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let most = limits::EXPORT_NAME_CHARS_MAX;
        return Err(Problem::bad("name", format!("at most {most} letters, and no line breaks")));
    }
    let first = || streams.first().map(|own| own.camera_name.clone()).unwrap_or_default();
    Ok(if name.is_empty() { first() } else { name.to_owned() })
}

/// The streams that are named, each once.
fn streams(app: &App, named: &[String]) -> Result<(Vec<Wanted>, Vec<ExportStream>), Problem> {
    let wanted = Wanted::all(app, "streams", named.iter().map(String::as_str))?;
    let own = |wanted: &Wanted| -> Result<ExportStream, Problem> {
        let StreamNames { camera, stream } = wanted.names();
        let camera = find_camera(app, camera)?;
        Ok(ExportStream {
            camera: camera.id,
            camera_slug: camera.slug,
            camera_name: camera.name,
            stream: wanted.id(),
            stream_name: stream.clone(),
            has_footage: true,
        })
    };
    let streams = wanted.iter().map(own).collect::<Result<_, _>>()?;
    Ok((wanted, streams))
}

/// The same with a range that stands for ever, and how long its file will be.
fn planned(app: &App, wanted: &[Wanted], mut row: ExportRow) -> Result<ExportRow, Problem> {
    crate::query::in_order(row.from, row.to)?;
    let standing = clip::standing_until(app, wanted, app.clock().wall(), (row.from, Some(row.to)))?;
    row.to = row.to.min(standing);
    let exporting = app.operations().exporting();
    let request = Request::of(
        &row,
        row.asked,
        (app.catalog().archive(), exporting.public_key),
        (exporting.software, app.catalog().time_zone()),
    );
    let plan = Plan::new(app.source().clone(), request)?;
    for stream in &mut row.streams {
        let path = format!("{}/{}", stream.camera_slug, stream.stream_name);
        stream.has_footage = !plan.without_footage().contains(&path);
    }
    row.bytes = plan.len();
    Ok(row)
}

/// `GET /exports/{export}`
pub(crate) async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<wire::Export>, Problem> {
    let row = find(&app, id).await?;
    Ok(Json(render(&app, row)))
}

/// `DELETE /exports/{export}`
pub(crate) async fn delete(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let row = find(&app, id).await?;
    let audit = audit(&app, &identity, "export-deleted", &row);
    app.operations().commit(vec![Change::RemoveExport(row.id), audit]).await?;
    app.operations().exports_changed();
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /exports/{export}/export.zip`
pub(crate) async fn file(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = find(&app, id).await?;
    let (ExportState::Done, Some(hash)) = (row.state, row.manifest_hash.as_deref()) else {
        return Err(Problem::Conflict("this export has no file: see its state".into()));
    };
    let file = app.operations().open_export(row.id).await?;
    if file.len() != row.bytes {
        let (is, was) = (file.len(), row.bytes);
        let words =
            format!("the file of export {} has {is} bytes, and was {was}: ask anew", row.id);
        return Err(Problem::Unavailable(words));
    }
    let etag = format!("\"{}\"", hash.get(..32).unwrap_or(hash));
    let mut answer = serve(&app, &method, &headers, &Exported { file, etag })?;
    if answer.status().is_success() && method == Method::GET {
        note_download(&app, &identity, &row).await?;
    }
    if let Ok(value) =
        HeaderValue::try_from(format!("attachment; filename=\"{}\"", file_name(&row)))
    {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(answer)
}

/// Who took it away is written down before the first byte goes, whichever byte that is.
async fn note_download(app: &App, identity: &Identity, row: &ExportRow) -> Result<(), Problem> {
    let (who, now) = (who(identity), app.clock().mono());
    if app.downloads().is_noted(&who, row.id, now) {
        return Ok(());
    }
    let audit = audit(app, identity, "export-downloaded", row);
    app.operations().commit(vec![audit]).await?;
    app.downloads().note(who, row.id, now);
    Ok(())
}

/// What a browser saves it as.
fn file_name(row: &ExportRow) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = row.name.chars().map(plain).take(60).collect();
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "export" } else { name };
    format!("{name}_{}.zip", file_time(row.from))
}

struct Exported {
    file: StoredFile,
    etag: String,
}

impl FootageFile for Exported {
    fn media(&self) -> &'static str {
        "application/zip"
    }

    fn len(&self) -> u64 {
        self.file.len()
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn piece(&self, _: &App, range: std::ops::Range<u64>) -> Piece {
        Piece::Read(Box::new(self.file.read(range)))
    }
}

async fn find(app: &App, id: String) -> Result<ExportRow, Problem> {
    let none = move |id: &str| Problem::NotFound(format!("there is no export {id:?}"));
    let known: ExportId = id.parse().map_err(|_| none(&id))?;
    let row = app.blocking(move |app| Ok(app.catalog().export(known)?)).await?;
    row.ok_or_else(|| none(&id))
}

fn audit(app: &App, identity: &Identity, what: &str, row: &ExportRow) -> Change {
    let path = |own: &ExportStream| format!("{}/{}", own.camera_slug, own.stream_name);
    Change::Audit(AuditRow {
        at: app.clock().wall(),
        who: who(identity),
        what: what.into(),
        subject: row.streams.iter().map(path).collect::<Vec<_>>().join(", "),
        detail: format!("export {} {:?}, from {} to {}", row.id, row.name, row.from, row.to),
    })
}

fn render(app: &App, row: ExportRow) -> wire::Export {
    let writing = app.operations().exporting().writing;
    let writing = writing.filter(|(id, _)| *id == row.id).map(|(_, written)| written);
    let state = match row.state {
        ExportState::Waiting if writing.is_some() => wire::ExportState::Writing,
        ExportState::Waiting => wire::ExportState::Waiting,
        ExportState::Done => wire::ExportState::Done,
        ExportState::Failed | ExportState::Removed => wire::ExportState::Failed,
    };
    let is_done = state == wire::ExportState::Done;
    let stream = |own: ExportStream| wire::ExportedStream {
        camera: own.camera_slug,
        camera_name: own.camera_name,
        stream: own.stream_name,
        has_footage: own.has_footage,
    };
    wire::Export {
        id: row.id.to_string(),
        name: row.name,
        state,
        asked: row.asked.into(),
        by: row.asked_by,
        from: row.from.into(),
        to: row.to.into(),
        together: row.together,
        timestamps: row.timestamps,
        streams: row.streams.into_iter().map(stream).collect(),
        bytes: row.bytes,
        written_bytes: writing.unwrap_or(if is_done { row.bytes } else { 0 }),
        ended: row.ended.map(Into::into),
        problem: row.words,
        file: is_done.then(|| format!("/api/v1/exports/{}/export.zip", row.id)),
    }
}
