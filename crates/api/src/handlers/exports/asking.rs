//! An export is asked for: what of, how it is called, and how long it will be.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use base::{ExportId, limits};
use catalog::{Change, ExportRow, ExportState, ExportStream};
use export::{Plan, Request};
use http::StatusCode;

use super::{audit, render};
use crate::app::App;
use crate::caller::Identity;
use crate::handlers::cameras::{StreamNames, find_camera};
use crate::handlers::clip::{self, Wanted};
use crate::handlers::keeping::who;
use crate::instant::{self, Instant};
use crate::json::Json;
use crate::problem::Problem;
use crate::wire::export as wire;

/// So long an export waits for another to be planned, whose disk may be stuck.
const PLANNING_WAIT: Duration = Duration::from_secs(30);

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
