//! Repairing what `holdfast check` has found, while the server runs.

use axum::Extension;
use axum::extract::State;

use super::volumes::{known, note};
use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::path::Path;
use crate::problem::Problem;
use crate::wire::repair::{Repaired, Suspect};

/// `POST /volumes/{volume}/repair`
pub(crate) async fn repair(
    State(app): State<App>,
    Path(volume): Path<String>,
    Extension(identity): Extension<Identity>,
    Json(suspect): Json<Suspect>,
) -> Result<Json<Repaired>, Problem> {
    let id = known(&app, &volume)?;
    let segment = match &suspect.segment {
        Some(text) => Some(text.parse().map_err(|_| Problem::bad("segment", "it is not an id"))?),
        None => None,
    };
    let file = suspect.file;
    let repaired = app.operations().repair(id, segment, file.clone()).await?;
    if !matches!(repaired.done.as_str(), "nothing" | "left") {
        let detail = format!("{file}: {}", repaired.detail);
        note(&app, &identity, "footage-repaired", &volume, detail).await?;
    }
    Ok(Json(repaired))
}
