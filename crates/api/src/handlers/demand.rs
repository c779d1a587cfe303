//! Recording on demand.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use base::limits;

use super::cameras::find_camera;
use super::volumes::entry;
use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::operations::CameraStatus;
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
    are_of(&known, body.streams.as_deref().unwrap_or_default())?;
    let audit = entry(&app, &identity, "recording-demanded", &known.slug);
    app.operations().demand(known.id, body.streams, Some(length), audit).await?;
    as_it_is(&app, &camera).await
}

/// Whether these are streams of a camera, each once.
fn are_of(camera: &CameraStatus, streams: &[String]) -> Result<(), Problem> {
    if streams.len() > limits::STREAMS_PER_CAMERA_MAX {
        let most = limits::STREAMS_PER_CAMERA_MAX;
        return Err(Problem::bad("streams", format!("there may be at most {most}")));
    }
    for (at, name) in streams.iter().enumerate() {
        if streams[..at].contains(name) {
            return Err(Problem::bad("streams", format!("{name:?} is there twice")));
        }
        if camera.streams.iter().all(|stream| stream.name != *name) {
            let why = format!("camera {:?} has no stream {name:?}", camera.slug);
            return Err(Problem::NotFound(why));
        }
    }
    Ok(())
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
