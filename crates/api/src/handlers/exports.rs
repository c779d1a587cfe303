//! Exports: asked for, listed, taken away, deleted. Who may export sees all of them: they are
//! copies, which stay when cameras and rules go.

use axum::Extension;
use axum::extract::State;
use base::ExportId;
use catalog::{AuditRow, Change, ExportRow, ExportState, ExportStream};
use http::StatusCode;

use super::keeping::who;
use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::path::Path;
use crate::problem::Problem;
use crate::query::Query;
use crate::wire::export as wire;

mod asking;
mod file;

pub(crate) use asking::add;
pub(crate) use file::{file, manifest};

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
