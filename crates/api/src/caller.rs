//! Who is calling: unix socket, token or session cookie; decided here only.

use access::{Caller, Permission, Permissions, Rules, SecretHash, SecretToken, Session};
use base::UserId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, header};

use crate::app::App;
use crate::peer::Peer;
use crate::problem::Problem;

/// What a token may do at most where it stands in an address: addresses are kept in histories and
/// logs, so they open no configuration with its passwords, and no accounts.
const IN_ADDRESS: Permissions = Permissions::VIEWER.with(Permission::Export);

/// What a request shows to be recognised by.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    peer: Peer,
    /// What stands where a token does; `None` inside where it cannot be one.
    token: Option<Option<SecretHash>>,
    /// Whether that stands in an address.
    in_address: bool,
    session: Option<SecretHash>,
}

/// A caller that was looked up.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub caller: Caller,
    pub rules: Rules,
    /// The account's name, or the token's.
    pub name: Option<String>,
    /// The session, where it was one that counts.
    pub session: Option<Session>,
}

impl Identity {
    /// The account behind it.
    pub fn user(&self) -> Option<UserId> {
        match self.caller {
            Caller::Session { user, .. } | Caller::Token { user, .. } => Some(user),
            Caller::Socket | Caller::Anonymous => None,
        }
    }

    fn nobody(rules: Rules) -> Self {
        Self { caller: Caller::Anonymous, rules, name: None, session: None }
    }
}

impl Credentials {
    pub fn of(peer: Peer, method: &Method, headers: &HeaderMap, cookie: &str) -> Self {
        let hash = |text: &str| text.parse::<SecretToken>().ok().map(|secret| secret.hash());
        let bearer = bearer(headers).map(hash);
        // Another password than a token is none of ours: a proxy in front asks for it, and passes
        // it on.
        let basic = basic(method, headers).and_then(|text| hash(&text)).map(Some);
        Self {
            peer,
            in_address: bearer.is_none() && basic.is_some(),
            token: bearer.or(basic),
            session: cookie_value(headers, cookie).and_then(hash),
        }
    }

    /// Our own uid on the socket, which needs no looking up.
    pub fn own_uid(&self, app: &App) -> Option<Identity> {
        let Peer::Unix(Some(uid)) = self.peer else { return None };
        let caller = Caller::on_socket(uid, app.own_uid());
        let rules = Rules { has_account: true, allow_unauthenticated: false };
        (caller == Caller::Socket).then(|| Identity { caller, ..Identity::nobody(rules) })
    }

    /// Looks the caller up; may block.
    pub fn identify(&self, app: &App) -> Result<Identity, Problem> {
        if let Some(own) = self.own_uid(app) {
            return Ok(own);
        }
        let allow_unauthenticated = app.settings().allow_unauthenticated;
        let (catalog, now) = (app.catalog(), app.clock().wall());
        let rules = Rules { has_account: catalog.has_account()?, allow_unauthenticated };
        let nobody = Identity::nobody(rules);
        // A token that is wrong is not made good by a cookie beside it.
        if let Some(secret) = self.token {
            let found = secret.map(|secret| catalog.token(&secret)).transpose()?.flatten();
            let Some((token, user)) = found else { return Ok(nobody) };
            let mut caller = access::token_caller(&token, &user, now);
            if let (Caller::Token { permissions, .. }, true) = (&mut caller, self.in_address) {
                *permissions = permissions.and(IN_ADDRESS);
            }
            return Ok(Identity { caller, name: Some(token.name), ..nobody });
        }
        let found = self.session.map(|secret| catalog.session(&secret)).transpose()?.flatten();
        let Some((session, user)) = found else { return Ok(nobody) };
        let caller = access::session_caller(&session, &user, now);
        if caller == Caller::Anonymous {
            return Ok(nobody);
        }
        Ok(Identity { caller, name: Some(user.name), session: Some(session), rules })
    }
}

/// The text after `Bearer` (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, rest) = authorization(headers)?;
    scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
}

/// The password of `Basic` (RFC 7617), by which players send what stands in an address. Browsers
/// send that by themselves, for other pages too: so it is for reading only.
fn basic(method: &Method, headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = authorization(headers)?;
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if reads && scheme.eq_ignore_ascii_case("basic") { password(rest) } else { None }
}

fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    Some(value.split_once(' ').unwrap_or((value, "")))
}

/// What follows the first colon (RFC 7617 section 2).
fn password(encoded: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// Whether whoever asks should be told that an address may carry a token: browsers would ask the
/// person who uses them for a password that is none.
pub(crate) fn is_told_of_basic(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).map(|agent| agent.as_bytes());
    !agent.is_some_and(|agent| agent.starts_with(b"Mozilla/"))
}

/// The value of a cookie (RFC 6265 section 4.2).
fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(have, _)| have.trim() == name).map(|(_, value)| value.trim())
}

/// The name of this archive's cookie: several recorders on one host do not disturb one another.
pub(crate) fn cookie_name(app: &App) -> String {
    let id = app.catalog().archive().to_string();
    let (_, tail) = id.split_at(id.len() - 8);
    format!("holdfast-{tail}")
}
