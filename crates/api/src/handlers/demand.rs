//! Recording on demand.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use base::limits;

use super::cameras::{StreamNames, find_camera, find_stream};
use super::volumes::entry;
use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::path::Path;
use crate::problem::Problem;
use crate::render;
use crate::wire::camera::Camera;
use crate::wire::demand::Demand;

/// `POST /cameras/{camera}/record`
pub(crate) async fn begin(
    State(app): State<App>,
    Path(camera): Path<String>,
    Extension(identity): Extension<Identity>,
    Json(body): Json<Demand>,
) -> Result<Json<Camera>, Problem> {
    let length = config::parse_duration(&body.r#for).map_err(|why| Problem::bad("for", why))?;
    if !(Duration::from_secs(1)..=limits::DEMAND_MAX).contains(&length) {
        let most = config::format_duration(limits::DEMAND_MAX);
        return Err(Problem::bad("for", format!("write at least 1s and at most {most}")));
    }
    let known = find_camera(&app, &camera)?;
    for stream in body.streams.iter().flatten() {
        find_stream(&app, &StreamNames { camera: camera.clone(), stream: stream.clone() })?;
    }
    let audit = entry(&app, &identity, "recording-demanded", &known.slug);
    app.operations().demand(known.id, body.streams, Some(length), audit).await?;
    as_it_is(&app, &camera).await
}

/// `DELETE /cameras/{camera}/record`
pub(crate) async fn end(
    State(app): State<App>,
    Path(camera): Path<String>,
    Extension(identity): Extension<Identity>,
) -> Result<Json<Camera>, Problem> {
    let known = find_camera(&app, &camera)?;
    let audit = entry(&app, &identity, "recording-undemanded", &known.slug);
    app.operations().demand(known.id, None, None, audit).await?;
    as_it_is(&app, &camera).await
}

/// The camera as `GET` gives it.
async fn as_it_is(app: &App, camera: &str) -> Result<Json<Camera>, Problem> {
    let found = find_camera(app, camera)?;
    app.blocking(move |app| render::camera(app, &found)).await.map(Json)
}
