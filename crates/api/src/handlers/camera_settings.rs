//! Adding, changing and removing cameras.

use axum::Extension;
use axum::extract::State;
use base::CameraId;
use http::{HeaderValue, StatusCode, header};

use access::Permission;

use super::cameras::find_camera;
use super::volumes::entry;
use crate::app::App;
use crate::caller::Identity;
use crate::edits;
use crate::json::Json;
use crate::operations::{CameraEdit, CameraError};
use crate::path::Path;
use crate::problem::Problem;
use crate::query::Query;
use crate::wire::camera::Camera;
use crate::wire::camera_settings::{CameraChange, CameraSettings, NewCamera};
use crate::{render, wire};

/// An answer with the address of what was made.
type Made = (StatusCode, [(header::HeaderName, HeaderValue); 1], Json<Camera>);

/// `POST /cameras`
pub(crate) async fn add(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Json(body): Json<NewCamera>,
) -> Result<Made, Problem> {
    let camera = config::validate_camera(&body.written());
    let camera = camera.map_err(|problems| wrong(problems.into_iter().next()))?;
    let audit = entry(&app, &identity, "camera-added", &camera.name);
    let edit = CameraEdit::Add(Box::new(camera));
    let id = app.operations().edit_camera(edit, may_delete(&identity), audit).await?;
    let camera = as_it_is(&app, id).await?;
    let at = HeaderValue::try_from(format!("/api/v1/cameras/{}", camera.slug));
    let at = at.map_err(|_| Problem::Internal("a slug is no address".into()))?;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Json(camera)))
}

/// `PATCH /cameras/{camera}`
pub(crate) async fn change(
    State(app): State<App>,
    Path(camera): Path<String>,
    Extension(identity): Extension<Identity>,
    Json(body): Json<CameraChange>,
) -> Result<Json<Camera>, Problem> {
    let known = find_camera(&app, &camera)?;
    let audit = entry(&app, &identity, "camera-changed", &known.slug);
    let edit = CameraEdit::Change(known.id, Box::new(body));
    let id = app.operations().edit_camera(edit, may_delete(&identity), audit).await?;
    as_it_is(&app, id).await.map(Json)
}

/// `DELETE /cameras/{camera}`
pub(crate) async fn remove(
    State(app): State<App>,
    Path(camera): Path<String>,
    Extension(identity): Extension<Identity>,
    query: Query,
) -> Result<StatusCode, Problem> {
    let delete_footage = match query.get("footage") {
        None | Some("keep") => false,
        Some("delete") => true,
        Some(_) => return Err(Problem::bad("footage", "write keep or delete")),
    };
    if delete_footage && !may_delete(&identity) {
        return Err(access::Denied::Forbidden(Permission::ManageFootage).into());
    }
    let known = find_camera(&app, &camera)?;
    let audit = entry(&app, &identity, "camera-removed", &known.slug);
    app.operations().remove_camera(known.id, delete_footage, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /cameras/{camera}/settings`
pub(crate) async fn show(
    State(app): State<App>,
    Path(camera): Path<String>,
) -> Result<Json<CameraSettings>, Problem> {
    let known = find_camera(&app, &camera)?;
    let settings = app.operations().camera_settings(known.id).await?;
    Ok(Json(CameraSettings::of(&settings, &known.slug, known.managed_by_file)))
}

/// The camera as `GET` gives it.
async fn as_it_is(app: &App, id: CameraId) -> Result<wire::camera::Camera, Problem> {
    let found = find_camera(app, &id.to_string())?;
    app.blocking(move |app| render::camera(app, &found)).await
}

/// Whether whoever asks may delete footage.
pub(super) fn may_delete(identity: &Identity) -> bool {
    let may = access::permissions_of(&identity.caller, identity.rules);
    may.has(Permission::ManageFootage)
}

/// What is wrong, by the name that the API has for it.
fn wrong(problem: Option<config::FieldProblem>) -> Problem {
    match problem {
        Some(problem) => Problem::bad(&edits::field(&problem.path), problem.message),
        None => Problem::bad("body", "it is wrong"),
    }
}

impl From<CameraError> for Problem {
    fn from(error: CameraError) -> Self {
        match error {
            CameraError::Unknown => Self::NotFound(error.to_string()),
            CameraError::ManagedByFile(name) => Self::ManagedByFile(format!("camera {name:?}")),
            CameraError::NameTaken { member, why } => Self::NameTaken(Some(member), why),
            CameraError::Taken(why) => Self::Conflict(why),
            CameraError::Protected(why) => Self::InUse(why),
            CameraError::Invalid(problem) => wrong(Some(problem)),
            CameraError::Tightens(path) => {
                let field = edits::field(&path);
                let what = format!("a tighter {field} deletes footage");
                Self::tightens(field, &what)
            }
            CameraError::Failed(error) => error.into(),
        }
    }
}
