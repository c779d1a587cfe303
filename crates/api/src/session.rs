//! Sessions of browsers: how they begin, what cookie they have, how they go on.

use access::{SecretToken, Session};
use axum::response::{IntoResponse, Response};
use base::{UserId, limits};
use catalog::Change;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::app::App;
use crate::caller::{Identity, cookie_name};
use crate::problem::Problem;

/// A session in use is prolonged when it is older than this.
const RENEW_MICROS: i64 = 24 * 3600 * 1_000_000;
/// Letters that are kept of what a browser calls itself.
const AGENT_LETTERS_MAX: usize = 256;

/// Makes a session together with `changes`, and gives its cookie away.
pub(crate) async fn begin(
    app: &App,
    user: UserId,
    headers: &HeaderMap,
    mut changes: Vec<Change>,
) -> Result<Response, Problem> {
    let secret = new_secret(app);
    let now = app.clock().wall();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    changes.push(Change::PutSession(Session {
        secret: secret.hash(),
        user,
        created: now,
        expires: now + limits::SESSION_LIFETIME,
        agent: agent.unwrap_or_default().chars().take(AGENT_LETTERS_MAX).collect(),
    }));
    changes.push(Change::RemoveExpired(now));
    app.operations().commit(changes).await?;
    // The server decides when it ends; the browser keeps it as long as browsers do.
    let mut cookie = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000",
        cookie_name(app),
        secret.expose()
    );
    let is_https = |origin: &HeaderValue| origin.as_bytes().starts_with(b"https:");
    if headers.get(header::ORIGIN).is_some_and(is_https) {
        cookie.push_str("; Secure");
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// What makes a browser forget its cookie.
pub(crate) fn no_cookie(app: &App) -> String {
    format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", cookie_name(app))
}

/// Prolongs a session that is in use, about once a day: beside the request, which may be the one
/// that ends it.
pub(crate) fn renew(app: &App, identity: &Identity) {
    let Some(session) = &identity.session else { return };
    let expires = app.clock().wall() + limits::SESSION_LIFETIME;
    if expires.micros_since(session.expires) > RENEW_MICROS {
        let change = Change::ProlongSession { secret: session.secret, expires };
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = app.operations().commit(vec![change]).await {
                tracing::warn!("a session was not prolonged: {error}");
            }
        });
    }
}

/// A secret that nobody has.
pub(crate) fn new_secret(app: &App) -> SecretToken {
    let mut random = [0; 32];
    app.entropy().fill(&mut random);
    SecretToken::new(random)
}
