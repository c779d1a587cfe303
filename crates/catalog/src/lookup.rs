//! Questions about cameras, streams, volumes and accounts.

use access::{SecretHash, Session, SetUpLink, Token, User};
use base::UserId;

use crate::error::ReadError;
use crate::open::Catalog;
use crate::rows::{CameraRow, StreamRow, VolumeRow};

impl Catalog {
    /// All cameras, by slug.
    pub fn cameras(&self) -> Result<Vec<CameraRow>, ReadError> {
        todo!()
    }

    /// All streams, by camera and name.
    pub fn streams(&self) -> Result<Vec<StreamRow>, ReadError> {
        todo!()
    }

    /// All volumes, by name.
    pub fn volumes(&self) -> Result<Vec<VolumeRow>, ReadError> {
        todo!()
    }

    /// Whether there is any account.
    pub fn has_account(&self) -> Result<bool, ReadError> {
        todo!()
    }

    /// All users, by name.
    pub fn users(&self) -> Result<Vec<User>, ReadError> {
        todo!()
    }

    /// One user.
    pub fn user(&self, id: UserId) -> Result<Option<User>, ReadError> {
        let _ = id;
        todo!()
    }

    /// The user of that name, without regard to case.
    pub fn user_by_name(&self, name: &str) -> Result<Option<User>, ReadError> {
        let _ = name;
        todo!()
    }

    /// A session and its user, by the hash of the cookie's secret.
    pub fn session(&self, secret: &SecretHash) -> Result<Option<(Session, User)>, ReadError> {
        let _ = secret;
        todo!()
    }

    /// All sessions of a user, newest first.
    pub fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, ReadError> {
        let _ = user;
        todo!()
    }

    /// A token and its user, by the hash of its secret.
    pub fn token(&self, secret: &SecretHash) -> Result<Option<(Token, User)>, ReadError> {
        let _ = secret;
        todo!()
    }

    /// All tokens, by name.
    pub fn tokens(&self) -> Result<Vec<Token>, ReadError> {
        todo!()
    }

    /// A one-time link, by the hash of its secret.
    pub fn set_up_link(&self, secret: &SecretHash) -> Result<Option<SetUpLink>, ReadError> {
        let _ = secret;
        todo!()
    }
}
