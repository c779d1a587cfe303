//! Changing volumes, and taking them out of the archive.

use axum::Extension;
use axum::extract::State;
use base::VolumeId;
use catalog::{AuditRow, Change};
use http::StatusCode;

use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::operations::VolumeError;
use crate::path::Path;
use crate::problem::Problem;
use crate::query::Query;
use crate::wire::server::{VolumeChange, VolumeRemoved, VolumeUse};

use super::keeping::who;

/// `PATCH /volumes/{volume}`
pub(crate) async fn change(
    State(app): State<App>,
    Path(volume): Path<String>,
    Extension(identity): Extension<Identity>,
    Json(body): Json<VolumeChange>,
) -> Result<StatusCode, Problem> {
    let id = known(&app, &volume)?;
    let keep_free = body.keep_free.as_deref().map(str::parse).transpose();
    let keep_free = keep_free.map_err(|why: String| Problem::bad("keep_free", why))?;
    let r#use = body.r#use.map(|word| match word {
        VolumeUse::Record => config::VolumeUse::Record,
        VolumeUse::Keep => config::VolumeUse::Keep,
        VolumeUse::Drain => config::VolumeUse::Drain,
    });
    let word = r#use.map_or("the same", config::VolumeUse::as_str);
    let detail = format!("use {word}, keep_free {:?}", body.keep_free);
    let audit = AuditRow { detail, ..entry(&app, &identity, "volume-changed", &volume) };
    app.operations().change_volume(id, r#use, keep_free, audit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /volumes/{volume}`
pub(crate) async fn remove(
    State(app): State<App>,
    Path(volume): Path<String>,
    Extension(identity): Extension<Identity>,
    query: Query,
) -> Result<Json<VolumeRemoved>, Problem> {
    let id = known(&app, &volume)?;
    let forget = query.parsed::<bool>("forget_footage", "true or false")?.unwrap_or(false);
    let audit = entry(&app, &identity, "volume-removed", &volume);
    let forgotten_segments = app.operations().remove_volume(id, forget, audit).await?;
    Ok(Json(VolumeRemoved { forgotten_segments }))
}

/// The volume of that id or name.
pub(super) fn known(app: &App, volume: &str) -> Result<VolumeId, Problem> {
    let volumes = app.operations().volumes();
    let is = |id: &VolumeId| id.to_string() == volume;
    let found = volumes.iter().find(|known| known.id.as_ref().is_some_and(is));
    let found = found.or_else(|| volumes.iter().find(|known| known.name == volume));
    let missing = || Problem::NotFound("there is no such volume".into());
    found.and_then(|volume| volume.id).ok_or_else(missing)
}

pub(super) async fn note(
    app: &App,
    identity: &Identity,
    what: &str,
    subject: &str,
    detail: String,
) -> Result<(), Problem> {
    let row = AuditRow { detail, ..entry(app, identity, what, subject) };
    Ok(app.operations().commit(vec![Change::Audit(row)]).await?)
}

/// An entry of the audit, without its detail.
pub(super) fn entry(app: &App, identity: &Identity, what: &str, subject: &str) -> AuditRow {
    let (at, who) = (app.clock().wall(), who(identity));
    AuditRow { at, who, what: what.into(), subject: subject.into(), detail: String::new() }
}

impl From<VolumeError> for Problem {
    fn from(error: VolumeError) -> Self {
        match error {
            VolumeError::Unknown => Self::NotFound(error.to_string()),
            VolumeError::ManagedByFile(name) => Self::ManagedByFile(format!("volume {name:?}")),
            VolumeError::InUse(why) => Self::InUse(why),
            VolumeError::KeepFree(why) => Self::bad("keep_free", why),
            VolumeError::Failed(error) => error.into(),
        }
    }
}
