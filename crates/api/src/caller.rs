//! Who is calling: unix socket, bearer token or session cookie; decided here only.

use std::net::{IpAddr, SocketAddr};

use access::{Caller, Rules, SecretHash, SecretToken, Session};
use base::UserId;
use http::{HeaderMap, header};

use crate::app::App;
use crate::problem::Problem;

/// Where a connection comes from; put beside each request by [`crate::serve()`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// TCP.
    Tcp(SocketAddr),
    /// The unix socket; the uid of the process at the other end, where the system tells.
    Unix(Option<u32>),
}

impl Peer {
    /// What attempts to sign in are counted under.
    pub(crate) fn key(&self) -> String {
        match self {
            // An IPv4 address may come as an IPv6 one.
            Self::Tcp(address) => match address.ip().to_canonical() {
                IpAddr::V4(ip) => ip.to_string(),
                // One household has a /64.
                IpAddr::V6(ip) => format!("{:x?}", &ip.segments()[..4]),
            },
            Self::Unix(uid) => format!("uid {uid:?}"),
        }
    }

    /// Whether many people may come from there: through a proxy on this machine.
    pub(crate) fn is_shared(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

/// What a request shows to be recognised by.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    peer: Peer,
    bearer: Option<Option<SecretHash>>,
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
    pub fn of(peer: Peer, headers: &HeaderMap, cookie: &str) -> Self {
        let hash = |text: &str| text.parse::<SecretToken>().ok().map(|secret| secret.hash());
        Self {
            peer,
            bearer: bearer(headers).map(hash),
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
        if let Some(secret) = self.bearer {
            let found = secret.map(|secret| catalog.token(&secret)).transpose()?.flatten();
            let Some((token, user)) = found else { return Ok(nobody) };
            let caller = access::token_caller(&token, &user, now);
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
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, secret) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_has_one_key_and_a_proxy_is_shared() {
        let peer = |text: &str| Peer::Tcp(text.parse().expect("an address"));
        assert_eq!(peer("[::ffff:192.0.2.1]:1").key(), peer("192.0.2.1:2").key());
        assert_ne!(peer("[::ffff:192.0.2.1]:1").key(), peer("[::ffff:192.0.2.2]:1").key());
        assert_eq!(peer("[2001:db8::1]:1").key(), peer("[2001:db8::2]:1").key());
        for shared in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(peer(shared).is_shared(), "{shared}");
        }
        assert!(!peer("192.0.2.1:1").is_shared());
    }
}
