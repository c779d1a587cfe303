//! JSON in and out.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use base::limits;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::problem::Problem;

/// A JSON body, in (errors name the member) or out (never stored by caches).
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        // Only JSON: a form of another site's page cannot send it without a preflight.
        // A merge patch (RFC 7396) has a type of its own.
        let is_patch = request.method() == http::Method::PATCH
            && has_type(request.headers(), "application/merge-patch+json");
        if !is_patch && !has_type(request.headers(), "application/json") {
            return Err(Problem::UnsupportedMediaType("application/json"));
        }
        let bytes = read(request).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let text = error.to_string();
            Problem::bad(member(&text).unwrap_or("body"), text.clone())
        })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).expect("wire types become JSON");
        let json = HeaderValue::from_static("application/json");
        let headers = [
            (header::CONTENT_TYPE, json),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (headers, body).into_response()
    }
}

/// Whether the body says that it is of the type.
pub(crate) fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = found.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case(wanted))
}

/// Reads a body within [`limits::HTTP_BODY_BYTES_MAX`] and [`limits::HTTP_BODY_TIMEOUT`].
pub(crate) async fn read(request: Request) -> Result<Bytes, Problem> {
    let body = Limited::new(request.into_body(), limits::HTTP_BODY_BYTES_MAX).collect();
    match tokio::time::timeout(limits::HTTP_BODY_TIMEOUT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::TooLarge),
        Ok(Err(error)) => Err(Problem::bad("body", format!("it broke off: {error}"))),
        Err(_) => Err(Problem::bad("body", "it did not arrive in time")),
    }
}

/// The member that serde's words name.
fn member(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("field `")?;
    after.split_once('`').map(|(name, _)| name)
}
