//! The rows that decisions are made over; `catalog` keeps them.

use base::{UserId, WallTime};

use crate::password::PasswordHash;
use crate::permission::Permissions;
use crate::secret::SecretHash;

/// One person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What the person signs in with; unique, without regard to case.
    pub name: String,
    /// `None`: no password has been set yet, only a set-up link gets in.
    pub password: Option<PasswordHash>,
    /// What the person may do.
    pub permissions: Permissions,
    /// Whether the account is shut.
    pub disabled: bool,
    /// When it was made.
    pub created: WallTime,
}

/// One browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of the cookie's secret.
    pub secret: SecretHash,
    /// Who is signed in.
    pub user: UserId,
    /// When the person signed in.
    pub created: WallTime,
    /// From when on it counts no more.
    pub expires: WallTime,
    /// The browser, in its own words, for the list of sessions.
    pub agent: String,
}

/// One bearer token: a program that acts for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The hash of the token's secret.
    pub secret: SecretHash,
    /// What it is for; unique.
    pub name: String,
    /// For whom it acts: it never may more than that user.
    pub user: UserId,
    /// What it may do, within what the user may.
    pub permissions: Permissions,
    /// When it was made.
    pub created: WallTime,
    /// From when on it counts no more; `None`: until it is revoked.
    pub expires: Option<WallTime>,
}

/// A link that works once: it makes the first account, or signs a user in to set a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUpLink {
    /// The hash of the link's secret.
    pub secret: SecretHash,
    /// Whom it signs in; `None`: it makes the first account.
    pub user: Option<UserId>,
    /// From when on it counts no more.
    pub expires: WallTime,
}
