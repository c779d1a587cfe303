//! The server itself: who serves, volumes, configuration, and what machines ask.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::app::App;
use crate::caller::Identity;
use crate::json::{self, Json};
use crate::openapi::Document;
use crate::operations::Readiness;
use crate::problem::Problem;
use crate::{metrics, render, wire};

use super::camera_settings::may_delete;
use super::volumes::entry;

/// `GET /`
pub(crate) async fn root(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
) -> Json<wire::server::Root> {
    use wire::server::CallerKind;
    let kind = match identity.caller {
        access::Caller::Socket => CallerKind::Socket,
        access::Caller::Session { .. } => CallerKind::User,
        access::Caller::Token { .. } => CallerKind::Token,
        access::Caller::Anonymous => CallerKind::Anonymous,
    };
    let permissions = access::permissions_of(&identity.caller, identity.rules);
    let known = permissions.has(access::Permission::SignedIn);
    let zone = app.catalog().time_zone().iana_name().unwrap_or("UTC").to_owned();
    let setup_needed = permissions.has(access::Permission::SetUp)
        && !permissions.has(access::Permission::ViewLive);
    Json(wire::server::Root {
        name: "holdfast".into(),
        version: known.then(|| env!("CARGO_PKG_VERSION").into()),
        archive: known.then(|| app.catalog().archive().to_string()),
        public_key: known.then(|| hexadecimal(&app.operations().exporting().public_key)),
        started: known.then(|| app.operations().process().started.into()),
        caller: wire::server::Caller { kind, name: identity.name },
        permissions: render::permissions(permissions),
        time_zone: zone,
        now: app.clock().wall().into(),
        setup_needed,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /openapi.json`
pub(crate) async fn openapi(Extension(document): Extension<Document>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.0).into_response()
}

/// `GET /volumes`
pub(crate) async fn volumes(State(app): State<App>) -> Json<wire::server::Volumes> {
    let volumes = app.operations().volumes().iter().map(render::volume).collect();
    Json(wire::server::Volumes { volumes })
}

/// `GET /config`
pub(crate) async fn export(State(app): State<App>) -> Result<Response, Problem> {
    let text = app.operations().export().await?;
    let headers = [(header::CONTENT_TYPE, "application/toml"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}

/// `PUT /config`
pub(crate) async fn apply(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    request: Request,
) -> Result<Json<wire::server::Applied>, Problem> {
    if !json::has_type(request.headers(), "application/toml") {
        return Err(Problem::UnsupportedMediaType("application/toml"));
    }
    let bytes = json::read(request).await?;
    let text = String::from_utf8(bytes.into());
    let text = text.map_err(|_| Problem::bad("body", "it is not UTF-8 text"))?;
    if identity.caller != access::Caller::Socket {
        names_no_paths(&text)?;
    }
    let audit = entry(&app, &identity, "configuration-applied", "configuration");
    Ok(Json(app.operations().apply(text, may_delete(&identity), audit).await?))
}

/// Whether a text may come from elsewhere: one that names files and folders would read and make
/// them as this server, which only who runs it may do. What is wrong with it is said later.
fn names_no_paths(text: &str) -> Result<(), Problem> {
    let Ok(applied) = config::parse_apply(text) else { return Ok(()) };
    const HOW: &str = "apply it on the server's machine with `holdfast config apply`";
    if let Some(volume) = applied.volumes.first() {
        let path = volume.path.display();
        let detail = format!("volumes are folders of the server ({path}): {HOW}");
        return Err(Problem::bad("archive.volume", detail));
    }
    let is_file =
        |camera: &&config::Camera| matches!(camera.password, Some(config::Password::File(_)));
    let Some(camera) = applied.cameras.iter().find(is_file) else { return Ok(()) };
    let detail = format!(
        "the password of camera {:?} is in a file of the server: write the password itself, or \
         {HOW}",
        camera.name
    );
    Err(Problem::bad("camera.password.file", detail))
}

/// `GET /livez`
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// `GET /readyz`
pub(crate) async fn readyz(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
) -> Response {
    let Readiness { mut problems, degraded } = app.operations().readiness();
    let reads = app.blocking(|app| Ok(app.catalog().volumes()?)).await;
    problems.extend(reads.err().map(|problem| problem.detail()));
    let ready = problems.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let is_degraded = !degraded.is_empty();
    let may = access::permissions_of(&identity.caller, identity.rules);
    let (problems, degraded_reasons) = match may.has(access::Permission::ViewLive) {
        true => (problems, degraded),
        false => Default::default(),
    };
    let told = wire::server::Ready { ready, degraded: is_degraded, problems, degraded_reasons };
    (status, Json(told)).into_response()
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let media = "text/plain; version=0.0.4; charset=utf-8";
    let headers = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-store")];
    (headers, metrics::render(&app)).into_response()
}
