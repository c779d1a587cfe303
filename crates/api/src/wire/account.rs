//! Accounts: users, sessions, tokens, logging in.

use base::limits::NAME_CHARS_MAX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;
use super::server::Permission;

/// No spaces at either end, and no control characters.
const NAME: &str = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$";

/// `POST /api/v1/login`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The account's name.
    pub username: String,
    /// Its password.
    pub password: String,
}

/// `POST /api/v1/setup`: uses the one-time token of a link that the server printed. While there is
/// no account it makes the first one, from `username` and `password`. A link of an existing account
/// signs in (and sets a new `password` where one is given).
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The one-time token.
    pub token: String,
    /// The new account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = NAME_CHARS_MAX), regex(pattern = NAME))]
    pub username: Option<String>,
    /// The account's password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = access::PASSWORD_LETTERS_MIN))]
    pub password: Option<String>,
}

/// `POST /api/v1/users`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The account's name.
    #[schemars(length(min = 1, max = NAME_CHARS_MAX), regex(pattern = NAME))]
    pub username: String,
    /// Its password: letters enough, 1024 bytes at most, not what everybody takes.
    #[schemars(length(min = access::PASSWORD_LETTERS_MIN))]
    pub password: String,
    /// What it may do; everything, when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<Permission>>,
}

/// `GET /api/v1/users`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Users {
    /// All accounts, by name.
    pub users: Vec<User>,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its name.
    pub username: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Whether it is shut.
    pub disabled: bool,
    /// When it was made.
    pub created: Time,
}

/// `GET /api/v1/sessions`: the caller's own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sessions {
    /// Newest first.
    pub sessions: Vec<Session>,
}

/// One browser that is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Names it, and opens nothing.
    pub id: String,
    /// When it was begun.
    pub created: Time,
    /// When it ends.
    pub expires: Time,
    /// What the browser said it is.
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `POST /api/v1/tokens`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for; unique.
    #[schemars(length(min = 1, max = NAME_CHARS_MAX), regex(pattern = NAME))]
    pub name: String,
    /// For whom it acts; the caller, when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What it may do; never more than its maker.
    pub permissions: Vec<Permission>,
    /// When it ends; never, when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
}

/// The answer to `POST /api/v1/tokens`: the only time that its secret is shown.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct MadeToken {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// What goes after `Authorization: Bearer`.
    pub secret: String,
}

/// `GET /api/v1/tokens`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// Newest first.
    pub tokens: Vec<Token>,
}

/// One token, for a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// What it is for; names it.
    pub name: String,
    /// For whom it acts.
    pub username: String,
    /// What it may do, within what that account may.
    pub permissions: Vec<Permission>,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
}
