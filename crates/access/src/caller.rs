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
    if permission == Permission::Public {
        return Ok(());
    }
    let set_up = permission == Permission::SetUp;
    match caller {
        Caller::Socket => Ok(()),
        Caller::Session { permissions, .. } | Caller::Token { permissions, .. } => {
            match permissions.has(permission) {
                true => Ok(()),
                false => Err(Denied::Forbidden(permission)),
            }
        }
        Caller::Anonymous if rules.has_account => Err(Denied::NotSignedIn),
        Caller::Anonymous if set_up || rules.allow_unauthenticated => Ok(()),
        Caller::Anonymous => Err(Denied::NotSetUp),
    }
}

/// What `caller` may do, all in all.
pub fn permissions_of(caller: &Caller, rules: Rules) -> Permissions {
    Permission::ALL.into_iter().filter(|it| decide(caller, *it, rules).is_ok()).collect()
}

/// The caller whose cookie's secret hashes to `session.secret`, with the row of `session.user`.
/// [`Caller::Anonymous`] when either counts no more.
pub fn session_caller(session: &Session, user: &User, now: WallTime) -> Caller {
    if session.user != user.id || user.disabled || now >= session.expires {
        return Caller::Anonymous;
    }
    Caller::Session { user: user.id, permissions: user.permissions }
}

/// The caller whose bearer token hashes to `token.secret`, with the row of `token.user`.
/// [`Caller::Anonymous`] when either counts no more.
pub fn token_caller(token: &Token, user: &User, now: WallTime) -> Caller {
    let expired = token.expires.is_some_and(|expires| now >= expires);
    if token.user != user.id || user.disabled || expired {
        return Caller::Anonymous;
    }
    Caller::Token { user: user.id, permissions: user.permissions.and(token.permissions) }
}

/// Whether a link that was looked up by its secret still counts. It is used up by taking its row
/// away: whoever does that first may go on.
pub fn set_up_link_is_good(link: &SetUpLink, now: WallTime) -> bool {
    now < link.expires
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::secret::SecretToken;

    fn user(permissions: Permissions) -> User {
        User {
            id: UserId::from_bytes([1; 16]),
            name: "anna".into(),
            password: None,
            permissions,
            disabled: false,
            created: WallTime::EPOCH,
        }
    }

    fn at(seconds: i64) -> WallTime {
        WallTime::from_micros(seconds * 1_000_000)
    }

    fn session() -> Session {
        let secret = SecretToken::new([2; 32]).hash();
        let (user, agent) = (UserId::from_bytes([1; 16]), String::new());
        Session { secret, user, created: at(0), expires: at(100), agent }
    }

    fn token(permissions: Permissions, expires: Option<WallTime>) -> Token {
        let secret = SecretToken::new([3; 32]).hash();
        let (user, name) = (UserId::from_bytes([1; 16]), "home".into());
        Token { secret, name, user, permissions, created: at(0), expires }
    }

    const OPEN: Rules = Rules { has_account: false, allow_unauthenticated: true };
    const NEW: Rules = Rules { has_account: false, allow_unauthenticated: false };
    const SET_UP: Rules = Rules { has_account: true, allow_unauthenticated: false };

    #[test]
    fn without_an_account_strangers_may_only_set_up() {
        let allowed = permissions_of(&Caller::Anonymous, NEW);
        let expected = [Permission::Public, Permission::SetUp].into_iter().collect();
        assert_eq!(allowed, expected);
        let denied = decide(&Caller::Anonymous, Permission::ViewLive, NEW);
        assert_eq!(denied, Err(Denied::NotSetUp));
    }

    #[test]
    fn an_open_system_closes_with_its_first_account() {
        assert!(Permission::ALL.iter().all(|it| permissions_of(&Caller::Anonymous, OPEN).has(*it)));
        let closed = Rules { has_account: true, ..OPEN };
        for permission in Permission::ALL.into_iter().filter(|it| *it != Permission::Public) {
            let denied = decide(&Caller::Anonymous, permission, closed);
            assert_eq!(denied, Err(Denied::NotSignedIn), "{permission}");
        }
    }

    #[test]
    fn the_socket_belongs_to_the_servers_own_user_alone() {
        assert_eq!(Caller::on_socket(1000, 1000), Caller::Socket);
        assert_eq!(Caller::on_socket(0, 1000), Caller::Anonymous);
        assert!(Permission::ALL.iter().all(|it| decide(&Caller::Socket, *it, SET_UP).is_ok()));
    }

    #[test]
    fn set_up_is_over_once_somebody_is_signed_in() {
        let caller = session_caller(&session(), &user(Permissions::ADMINISTRATOR), at(1));
        let denied = decide(&caller, Permission::SetUp, SET_UP);
        assert_eq!(denied, Err(Denied::Forbidden(Permission::SetUp)));
        assert_eq!(decide(&caller, Permission::ManageSystem, SET_UP), Ok(()));
    }

    #[test]
    fn what_has_expired_or_is_disabled_or_anothers_counts_no_more() {
        let anna = user(Permissions::ADMINISTRATOR);
        assert_ne!(session_caller(&session(), &anna, at(99)), Caller::Anonymous);
        assert_eq!(session_caller(&session(), &anna, at(100)), Caller::Anonymous);
        let token = token(Permissions::VIEWER, Some(at(50)));
        assert_ne!(token_caller(&token, &anna, at(49)), Caller::Anonymous);
        assert_eq!(token_caller(&token, &anna, at(50)), Caller::Anonymous);
        let disabled = User { disabled: true, ..anna.clone() };
        let other = User { id: UserId::from_bytes([9; 16]), ..anna };
        for user in [disabled, other] {
            assert_eq!(session_caller(&session(), &user, at(1)), Caller::Anonymous);
            assert_eq!(token_caller(&token, &user, at(1)), Caller::Anonymous);
        }
        let link = SetUpLink { secret: session().secret, user: None, expires: at(10) };
        assert!(set_up_link_is_good(&link, at(9)) && !set_up_link_is_good(&link, at(10)));
    }

    fn any_permissions() -> impl Strategy<Value = Permissions> {
        proptest::sample::subsequence(Permission::ALL.to_vec(), 0..=8)
            .prop_map(|permissions| permissions.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_token_never_may_more_than_its_user_or_than_it_says(
            users in any_permissions(), tokens in any_permissions()
        ) {
            let caller = token_caller(&token(tokens, None), &user(users), at(1));
            for permission in Permission::ALL.into_iter().filter(|it| *it != Permission::Public) {
                let expected = users.has(permission) && tokens.has(permission);
                prop_assert_eq!(decide(&caller, permission, SET_UP).is_ok(), expected);
            }
        }

        #[test]
        fn nothing_granted_means_nothing_but_the_public(permissions in any_permissions()) {
            let caller = session_caller(&session(), &user(permissions), at(1));
            let allowed = permissions_of(&caller, SET_UP);
            prop_assert_eq!(allowed, permissions.with(Permission::Public));
        }
    }
}
