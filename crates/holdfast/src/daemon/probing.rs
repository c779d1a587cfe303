//! Asking a camera once, before it is added or changed.

use std::sync::Arc;

use api::operations::{BoxFuture, CameraError, Login, OperationError};
use base::{CameraId, limits};
use camera::{Fault, ProbeReport, StreamSource};
use config::{FieldProblem, Secret};

use super::effect;
use super::house::House;

/// Asks what an address sends.
pub fn probe(
    house: Arc<House>,
    url: String,
    login: Login,
) -> BoxFuture<'static, Result<Result<ProbeReport, Fault>, CameraError>> {
    Box::pin(async move {
        let clock = house.machine.clock.clone();
        let prepared = tokio::task::spawn_blocking(move || source(&house, &url, login)).await;
        let source = prepared.map_err(|_| failed("it broke off"))??;
        Ok(camera::probe(&source, &clock, limits::PROBE_WATCH).await)
    })
}

/// The address with the login that goes with it. May block.
fn source(house: &House, url: &str, login: Login) -> Result<StreamSource, CameraError> {
    let source = StreamSource::new("probe", url);
    let source = source.map_err(|why| wrong("url", why.to_string()))?;
    Ok(match login {
        Login::None => source,
        Login::Given(username, password) => source.with_credentials(&username, password.expose()),
        Login::Of(id) => match stored(house, id, &source)? {
            Some((username, password)) => source.with_credentials(&username, password.expose()),
            None => source,
        },
    })
}

/// What a camera is logged in with. It is told to nobody but that camera.
fn stored(
    house: &House,
    id: CameraId,
    source: &StreamSource,
) -> Result<Option<(String, Secret)>, CameraError> {
    let known = effect::known(&house.catalog).map_err(failed)?;
    let row = known.cameras.iter().find(|row| row.id == id && !row.removed);
    let row = row.ok_or(CameraError::Unknown)?;
    let place = |of: &StreamSource| {
        (of.url().host_str().map(str::to_owned), of.url().port().unwrap_or(554))
    };
    let streams = known.streams.iter().filter(|stream| stream.camera == id);
    let mut own = streams.filter_map(|stream| StreamSource::new("probe", &stream.url).ok());
    if !own.any(|own| place(&own) == place(source)) {
        let message = "its stored login is used at the camera's own addresses only: give the login";
        return Err(wrong("camera", message.to_owned()));
    }
    let Some(username) = row.username.clone() else { return Ok(None) };
    let password = row.password.as_ref().map(effect::resolve).transpose();
    let password = password.map_err(failed)?.unwrap_or_else(|| Secret::new(""));
    Ok(Some((username, password)))
}

fn wrong(field: &str, message: String) -> CameraError {
    CameraError::Invalid(FieldProblem { path: vec![field.to_owned()], message })
}

fn failed(why: impl std::fmt::Display) -> CameraError {
    CameraError::Failed(OperationError(why.to_string()))
}
