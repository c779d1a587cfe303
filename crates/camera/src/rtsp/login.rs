//! Who we say that we are: Basic (RFC 7617) and Digest (RFC 7616) authentication.

use std::fmt;

use http_auth::{PasswordClient, PasswordParams};

use super::message::Response;
use crate::source::Credentials;

/// Credentials, and the camera's newest challenge.
pub(crate) struct Login {
    credentials: Option<Credentials>,
    challenge: Option<PasswordClient>,
}

impl Login {
    pub(crate) fn new(credentials: Option<&Credentials>) -> Self {
        Self { credentials: credentials.cloned(), challenge: None }
    }

    /// Whether there are credentials.
    pub(crate) fn is_known(&self) -> bool {
        self.credentials.is_some()
    }

    /// The camera wants to know who we are. Whether asking again makes sense: not when it refused
    /// an answer to the same challenge.
    pub(crate) fn challenged(&mut self, response: &Response, authorized: bool) -> bool {
        if self.credentials.is_none() {
            return false;
        }
        let stale = response.all("www-authenticate").any(|challenge| {
            challenge.to_ascii_lowercase().replace([' ', '"'], "").contains("stale=true")
        });
        if authorized && !stale {
            return false;
        }
        let mut challenges = PasswordClient::builder();
        for challenge in response.all("www-authenticate") {
            challenges = challenges.challenges(challenge);
        }
        self.challenge = challenges.build().ok();
        self.challenge.is_some()
    }

    /// The header that goes with a request, once there was a challenge.
    pub(crate) fn answer(&mut self, method: &str, uri: &str) -> Option<String> {
        let (credentials, challenge) = (self.credentials.as_ref()?, self.challenge.as_mut()?);
        let (username, password) = (&*credentials.username, &*credentials.password);
        let params = PasswordParams { username, password, uri, method, body: Some(&[]) };
        let answer = challenge.respond(&params).ok()?;
        Some(format!("Authorization: {answer}\r\n"))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("is_known", &self.is_known()).finish_non_exhaustive()
    }
}
