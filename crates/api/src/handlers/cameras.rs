//! Cameras and streams.

use axum::extract::State;
use base::limits;

use crate::app::App;
use crate::json::Json;
use crate::operations::{CameraStatus, StreamStatus};
use crate::path::Path;
use crate::problem::Problem;
use crate::{render, wire};

/// `GET /cameras`
pub(crate) async fn list(State(app): State<App>) -> Result<Json<wire::camera::Cameras>, Problem> {
    let cameras = app.operations().cameras();
    let cameras = app.blocking(move |app| cameras.iter().map(|c| render::camera(app, c)).collect());
    Ok(Json(wire::camera::Cameras { cameras: cameras.await? }))
}

/// `GET /cameras/{camera}`
pub(crate) async fn one(
    State(app): State<App>,
    Path(camera): Path<String>,
) -> Result<Json<wire::camera::Camera>, Problem> {
    let camera = find_camera(&app, &camera)?;
    app.blocking(move |app| render::camera(app, &camera)).await.map(Json)
}

/// `GET /cameras/{camera}/streams/{stream}`
pub(crate) async fn stream(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
) -> Result<Json<wire::camera::Stream>, Problem> {
    let stream = find_stream(&app, &names)?;
    app.blocking(move |app| render::stream(app, &stream)).await.map(Json)
}

/// Camera and stream in a path.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct StreamNames {
    pub camera: String,
    pub stream: String,
}

/// A camera by slug or id.
pub(crate) fn find_camera(app: &App, named: &str) -> Result<CameraStatus, Problem> {
    let id: Option<base::CameraId> = named.parse().ok();
    let mut cameras = app.operations().cameras().into_iter();
    let found = cameras.find(|camera| camera.slug == named || Some(camera.id) == id);
    found.ok_or_else(|| Problem::NotFound(format!("there is no camera {named:?}")))
}

/// A stream of a camera by its name.
pub(crate) fn find_stream(app: &App, names: &StreamNames) -> Result<StreamStatus, Problem> {
    let camera = find_camera(app, &names.camera)?;
    let found = camera.streams.into_iter().find(|stream| stream.name == names.stream);
    found.ok_or_else(|| {
        let StreamNames { camera, stream } = names;
        Problem::NotFound(format!("camera {camera:?} has no stream {stream:?}"))
    })
}

/// All streams that `field` names as `camera/stream`, each once.
pub(crate) fn find_streams<'a>(
    app: &App,
    field: &str,
    named: impl Iterator<Item = &'a str>,
) -> Result<Vec<(StreamNames, StreamStatus)>, Problem> {
    let mut all: Vec<(StreamNames, StreamStatus)> = Vec::new();
    for text in named {
        if all.len() == limits::CLIP_STREAMS_MAX {
            let most = format!("there may be at most {} streams", limits::CLIP_STREAMS_MAX);
            return Err(Problem::bad(field, most));
        }
        let bad = || Problem::bad(field, format!("{text:?} is not like camera/stream"));
        let (camera, stream) = text.split_once('/').ok_or_else(bad)?;
        let names = StreamNames { camera: camera.to_owned(), stream: stream.to_owned() };
        let found = find_stream(app, &names)?;
        if all.iter().any(|(_, other)| other.id == found.id) {
            return Err(Problem::bad(field, format!("{text:?} is there twice")));
        }
        all.push((names, found));
    }
    if all.is_empty() {
        return Err(Problem::bad(field, "it is missing: of which streams?"));
    }
    Ok(all)
}
