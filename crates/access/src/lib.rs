//! Who may do what: decisions over given rows and a given `now`. No SQL, no HTTP, no clock.
//!
//! Everything is denied unless a rule here allows it.

mod caller;
mod guessing;
mod password;
mod permission;
mod rows;
mod secret;

pub use caller::{
    Caller, Denied, Rules, decide, permissions_of, session_caller, set_up_link_is_good,
    token_caller,
};
pub use guessing::{Attempt, Guessing};
pub use password::LETTERS_MIN as PASSWORD_LETTERS_MIN;
pub use password::{PasswordHash, PasswordHashError, WeakPassword, check_new_password, verify};
pub use permission::{NoPermission, Permission, Permissions};
pub use rows::{Session, SetUpLink, Token, User};
pub use secret::{BadSecret, SecretHash, SecretToken};
