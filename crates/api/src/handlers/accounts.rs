//! Signing in and out, users, sessions, tokens.

use std::fmt::Write;

use access::{Attempt, PasswordHash, Permissions, SecretToken, Session, Token, User};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::{UserId, limits};
use catalog::Change;
use http::{HeaderMap, StatusCode, header};

use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::path::Path;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::session::{self, new_secret};
use crate::{render, wire};

/// `POST /login`
pub(crate) async fn login(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    Json(login): Json<wire::account::Login>,
) -> Result<Response, Problem> {
    if !identity.rules.has_account {
        return Err(Problem::NotSetUp);
    }
    // Longer names are nobody's, and would fill the memory.
    let name: String = login.username.chars().take(limits::NAME_CHARS_MAX + 1).collect();
    let from = peer.key();
    let attempt = Attempt { name: &name, from: &from, shared: peer.is_shared() };
    let begun = app.guessing().begin(&attempt, app.clock().mono());
    begun.map_err(|wait| Problem::TooManyAttempts(wait.as_secs().max(1)))?;
    let wire::account::Login { username, password } = login;
    let user = hashing(&app, move |app| {
        let user = app.catalog().user_by_name(&username)?;
        let hash = user.as_ref().and_then(|user| user.password.as_ref());
        let right = access::verify(hash, &password);
        Ok(user.filter(|user| right && !user.disabled))
    });
    let Some(user) = user.await? else { return Err(Problem::WrongPassword) };
    app.guessing().succeeded(&attempt);
    session::begin(&app, user.id, &headers, Vec::new()).await
}

/// `POST /setup`
pub(crate) async fn setup(
    State(app): State<App>,
    headers: HeaderMap,
    Json(setup): Json<wire::account::Setup>,
) -> Result<Response, Problem> {
    let gone = || Problem::bad("token", catalog::Refusal::LinkGone.to_string());
    let secret = setup.token.trim().parse::<SecretToken>().map_err(|_| gone())?.hash();
    let now = app.clock().wall();
    let link = app.blocking(move |app| Ok(app.catalog().set_up_link(&secret)?)).await?;
    let link = link.filter(|link| access::set_up_link_is_good(link, now)).ok_or_else(gone)?;
    let mut changes = vec![Change::TakeSetUpLink(secret)];
    let user = match link.user {
        None => {
            let name = setup.username.ok_or_else(|| Problem::bad("username", "it is missing"))?;
            let word = setup.password.ok_or_else(|| Problem::bad("password", "it is missing"))?;
            let user = new_user(&app, name, word, Permissions::ADMINISTRATOR).await?;
            let id = user.id;
            changes.push(Change::PutFirstUser(user));
            id
        }
        Some(id) => {
            let user = app.blocking(move |app| Ok(app.catalog().user(id)?)).await?;
            let user = user.filter(|user| !user.disabled).ok_or_else(gone)?;
            if let Some(word) = setup.password {
                let password = Some(hashed(&app, &user.name, word).await?);
                changes.push(Change::PutUser(User { password, ..user }));
            }
            id
        }
    };
    session::begin(&app, user, &headers, changes).await
}

/// `POST /logout`
pub(crate) async fn logout(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
) -> Result<Response, Problem> {
    if let Some(session) = identity.session {
        app.operations().commit(vec![Change::RemoveSession(session.secret)]).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session::no_cookie(&app))]).into_response())
}

/// `GET /users`
pub(crate) async fn users(State(app): State<App>) -> Result<Json<wire::account::Users>, Problem> {
    let users = app.blocking(|app| Ok(app.catalog().users()?)).await?;
    Ok(Json(wire::account::Users { users: users.into_iter().map(render_user).collect() }))
}

/// `POST /users`
pub(crate) async fn add_user(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Json(asked): Json<wire::account::NewUser>,
) -> Result<Response, Problem> {
    let permissions = asked.permissions.as_deref().map(render::granted);
    let permissions = permissions.unwrap_or(Permissions::ADMINISTRATOR);
    within(&identity, permissions)?;
    let user = new_user(&app, asked.username, asked.password, permissions).await?;
    app.operations().commit(vec![Change::PutUser(user.clone())]).await?;
    Ok((StatusCode::CREATED, Json(render_user(user))).into_response())
}

fn render_user(user: User) -> wire::account::User {
    wire::account::User {
        id: user.id.to_string(),
        username: user.name,
        permissions: render::permissions(user.permissions),
        disabled: user.disabled,
        created: user.created.into(),
    }
}

/// `GET /sessions`
pub(crate) async fn sessions(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
) -> Result<Json<wire::account::Sessions>, Problem> {
    let sessions = own_sessions(&app, &identity).await?;
    let current = identity.session.map(|session| session.secret);
    let render = |session: Session| wire::account::Session {
        id: session_id(&session),
        created: session.created.into(),
        expires: session.expires.into(),
        current: Some(session.secret) == current,
        user_agent: session.agent,
    };
    let sessions = sessions.into_iter().map(render).collect();
    Ok(Json(wire::account::Sessions { sessions }))
}

/// `DELETE /sessions/{session}`
pub(crate) async fn end_session(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let sessions = own_sessions(&app, &identity).await?;
    let found = sessions.into_iter().find(|session| session_id(session) == id);
    let session = found.ok_or_else(|| Problem::NotFound("you have no such session".into()))?;
    app.operations().commit(vec![Change::RemoveSession(session.secret)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn own_sessions(app: &App, identity: &Identity) -> Result<Vec<Session>, Problem> {
    match identity.user() {
        Some(user) => app.blocking(move |app| Ok(app.catalog().sessions_of(user)?)).await,
        None => Ok(Vec::new()),
    }
}

/// Names a session without opening it: the first bytes of its secret's hash.
fn session_id(session: &Session) -> String {
    session.secret.as_bytes().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `GET /tokens`
pub(crate) async fn tokens(State(app): State<App>) -> Result<Json<wire::account::Tokens>, Problem> {
    app.blocking(|app| {
        let (tokens, users) = (app.catalog().tokens()?, app.catalog().users()?);
        let name = |id| users.iter().find(|user| user.id == id).map(|user| user.name.clone());
        let render = |token: Token| render_token(&token, name(token.user).unwrap_or_default());
        Ok(Json(wire::account::Tokens { tokens: tokens.into_iter().map(render).collect() }))
    })
    .await
}

/// `POST /tokens`
pub(crate) async fn add_token(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Json(asked): Json<wire::account::NewToken>,
) -> Result<Response, Problem> {
    check_name("name", &asked.name)?;
    let permissions = render::granted(&asked.permissions);
    within(&identity, permissions)?;
    let own = identity.user();
    let named = asked.username.clone();
    let found = app.blocking(move |app| {
        Ok(match (named, own) {
            (Some(name), _) => app.catalog().user_by_name(&name)?,
            (None, Some(id)) => app.catalog().user(id)?,
            (None, None) => None,
        })
    });
    let Some(user) = found.await? else {
        let detail = match &asked.username {
            Some(name) => format!("there is no account {name:?}"),
            None => "it is missing: for whom does the token act?".to_owned(),
        };
        return Err(Problem::bad("username", detail));
    };
    let secret = new_secret(&app);
    let token = Token {
        secret: secret.hash(),
        name: asked.name,
        user: user.id,
        permissions: permissions.and(user.permissions),
        created: app.clock().wall(),
        expires: asked.expires.map(|at| at.0),
    };
    app.operations().commit(vec![Change::PutToken(token.clone())]).await?;
    let token = render_token(&token, user.name);
    let made = wire::account::MadeToken { token, secret: secret.expose() };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// `DELETE /tokens/{token}`
pub(crate) async fn revoke_token(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let tokens = app.blocking(|app| Ok(app.catalog().tokens()?)).await?;
    let found = tokens.into_iter().find(|token| token.name == name);
    let token = found.ok_or_else(|| Problem::NotFound(format!("there is no token {name:?}")))?;
    app.operations().commit(vec![Change::RemoveToken(token.secret)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn render_token(token: &Token, username: String) -> wire::account::Token {
    wire::account::Token {
        name: token.name.clone(),
        username,
        permissions: render::permissions(token.permissions),
        created: token.created.into(),
        expires: token.expires.map(Into::into),
    }
}

/// Nobody gives away what they do not have.
fn within(identity: &Identity, wanted: Permissions) -> Result<(), Problem> {
    let own = access::permissions_of(&identity.caller, identity.rules);
    match wanted.iter().find(|permission| !own.has(*permission)) {
        Some(lacking) => Err(access::Denied::Forbidden(lacking).into()),
        None => Ok(()),
    }
}

async fn new_user(
    app: &App,
    name: String,
    password: String,
    permissions: Permissions,
) -> Result<User, Problem> {
    check_name("username", &name)?;
    let password = Some(hashed(app, &name, password).await?);
    let created = app.clock().wall();
    let id = UserId::new(created, app.entropy().id_bytes());
    Ok(User { id, name, password, permissions, disabled: false, created })
}

fn check_name(field: &str, name: &str) -> Result<(), Problem> {
    let letters = name.chars().count();
    let is_plain = name.trim() == name && !name.chars().any(char::is_control);
    if (1..=limits::NAME_CHARS_MAX).contains(&letters) && is_plain {
        return Ok(());
    }
    let most = limits::NAME_CHARS_MAX;
    let detail = format!("a name has 1 to {most} letters, and no spaces around it");
    Err(Problem::bad(field, detail))
}

async fn hashed(app: &App, name: &str, password: String) -> Result<PasswordHash, Problem> {
    let weak = |why: access::WeakPassword| Problem::bad("password", why.to_string());
    access::check_new_password(name, &password).map_err(weak)?;
    let mut salt = [0; 16];
    app.entropy().fill(&mut salt);
    hashing(app, move |_| {
        let failed = |why: access::PasswordHashError| Problem::Unavailable(why.to_string());
        PasswordHash::make(&password, salt).map_err(failed)
    })
    .await
}

/// Hashes a password: not more of them at once than memory is meant for, also when a client leaves
/// in the middle.
async fn hashing<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let permit = app.hashing().clone().acquire_owned().await;
    app.blocking(move |app| {
        let _permit = permit;
        work(app)
    })
    .await
}
