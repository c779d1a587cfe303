//! The keys that an archive has signed with: one, unless it was lost and another took its place.

use std::io;
use std::sync::{Mutex, PoisonError};

use base::limits;

use super::{Volume, identity};

/// Public keys, the first one first. Guards memory only.
pub(super) struct Keys(Mutex<Vec<[u8; 32]>>);

impl Keys {
    pub(super) const fn new(keys: Vec<[u8; 32]>) -> Self {
        Self(Mutex::new(keys))
    }

    fn all(&self) -> Vec<[u8; 32]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Volume {
    /// The public keys that footage of this volume may be signed with, the archive's first one
    /// first.
    pub fn keys(&self) -> Vec<[u8; 32]> {
        self.keys.all()
    }

    /// From now on footage of this volume may be signed with `key`, too, durably; whether that is
    /// new. Only one thread at a time may call this.
    pub fn take_key(&self, key: [u8; 32]) -> io::Result<bool> {
        let mut keys = self.keys.all();
        if keys.contains(&key) {
            return Ok(false);
        }
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        if keys.len() >= limits::ARCHIVE_KEYS_MAX {
            return Err(io::Error::other("the volume names more keys than an archive can have"));
        }
        keys.push(key);
        identity::write(&*self.disk, &self.root, self.identity(), &keys[1..])?;
        *self.keys.0.lock().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(true)
    }
}
