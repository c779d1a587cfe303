//! Who is calling, and whether they may.

use base::{UserId, WallTime};

use crate::permission::{Permission, Permissions};
use crate::rows::{Session, SetUpLink, Token, User};

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The server's own user, on the Unix socket: may do everything.
    Socket,
    /// A person, signed in with a browser.
    Session {
        /// Who it is.
        user: UserId,
        /// What they may do.
        permissions: Permissions,
    },
    /// A program with a bearer token.
    Token {
        /// For whom it acts.
        user: UserId,
        /// What it may do.
        permissions: Permissions,
    },
    /// Nobody we know.
    Anonymous,
}

impl Caller {
    /// The caller on the Unix socket whose peer has `peer_uid`, on a server that runs as
    /// `own_uid`.
    pub const fn on_socket(peer_uid: u32, own_uid: u32) -> Self {
        if peer_uid == own_uid { Self::Socket } else { Self::Anonymous }
    }
}

/// What decisions depend on beside the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether there is any account.
    pub has_account: bool,
    /// `allow_unauthenticated` of the settings: counts only while there is no account.
    pub allow_unauthenticated: bool,
}

/// Why a caller may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// There is no account yet: only the set-up page is served.
    #[error("there is no account yet; make the first one on the set-up page")]
    NotSetUp,
    /// The caller is not known.
    #[error("not signed in; sign in, or send a bearer token")]
    NotSignedIn,
    /// The caller is known and may not.
    #[error("this account lacks the permission {0}; ask who manages this system")]
    Forbidden(Permission),
}

/// Whether `caller` may do what asks for `permission`. What no rule allows is denied.
pub fn decide(caller: &Caller, permission: Permission, rules: Rules) -> Result<(), Denied> {
    let _ = (caller, permission, rules);
    todo!()
}

/// What `caller` may do, all in all.
pub fn permissions_of(caller: &Caller, rules: Rules) -> Permissions {
    Permission::ALL.into_iter().filter(|it| decide(caller, *it, rules).is_ok()).collect()
}

/// The caller whose cookie's secret hashes to `session.secret`, with the row of `session.user`.
/// [`Caller::Anonymous`] when either counts no more.
pub fn session_caller(session: &Session, user: &User, now: WallTime) -> Caller {
    let _ = (session, user, now);
    todo!()
}

/// The caller whose bearer token hashes to `token.secret`, with the row of `token.user`.
/// [`Caller::Anonymous`] when either counts no more.
pub fn token_caller(token: &Token, user: &User, now: WallTime) -> Caller {
    let _ = (token, user, now);
    todo!()
}

/// Whether a link that was looked up by its secret still counts.
pub fn set_up_link_is_good(link: &SetUpLink, now: WallTime) -> bool {
    now < link.expires
}
