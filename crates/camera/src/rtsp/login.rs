//! Who we say that we are: Basic (RFC 7617) and Digest (RFC 7616) authentication.

use std::fmt;

use http_auth::{PasswordClient, PasswordParams};

use super::message::Response;
use crate::source::Credentials;

/// Credentials, and the camera's newest challenge.
pub(crate) struct Login {
    credentials: Option<Credentials>,
    challenge: Option<PasswordClient>,
    /// The camera has taken an answer of ours: the password is right.
    pub(crate) accepted: bool,
}

impl Login {
    pub(crate) fn new(credentials: Option<&Credentials>) -> Self {
        Self { credentials: credentials.cloned(), challenge: None, accepted: false }
    }

    /// Whether there are credentials.
    pub(crate) fn is_known(&self) -> bool {
        self.credentials.is_some()
    }

    /// The camera wants to know who we are, after this request was sent with so many answers to
    /// that. Whether asking again makes sense: not when it refused the password, and once only when
    /// it refused the nonce. That the nonce ran out some cameras do not say; they took it before.
    pub(crate) fn challenged(&mut self, response: &Response, answers: u8) -> bool {
        if self.credentials.is_none() || answers > 1 {
            return false;
        }
        let stale = response.all("www-authenticate").any(|challenge| {
            challenge.to_ascii_lowercase().replace([' ', '"'], "").contains("stale=true")
        });
        if answers > 0 && !stale && !self.accepted {
            return false;
        }
        self.challenge = challenge(response);
        self.challenge.is_some()
    }

    /// The camera wants to know who we are, in a way that nobody can answer: no realm, no known
    /// scheme.
    pub(crate) fn is_at_a_loss(&self, response: &Response) -> bool {
        self.credentials.is_some() && challenge(response).is_none()
    }

    /// The header that goes with a request, once there was a challenge.
    pub(crate) fn answer(&mut self, method: &str, uri: &str) -> Option<String> {
        let (credentials, challenge) = (self.credentials.as_ref()?, self.challenge.as_mut()?);
        let (username, password) = (&*credentials.username, &*credentials.password);
        // Of `auth` and `auth-int` (RFC 7616 section 3.4.3) cameras know the former better.
        let mut respond =
            |body| challenge.respond(&PasswordParams { username, password, uri, method, body });
        let answer = respond(None).or_else(|_| respond(Some(&[]))).ok()?;
        Some(format!("Authorization: {answer}\r\n"))
    }
}

/// The safest of the challenges that can be answered.
fn challenge(response: &Response) -> Option<PasswordClient> {
    let mut challenges = PasswordClient::builder();
    for challenge in response.all("www-authenticate") {
        challenges = challenges.challenges(challenge);
    }
    challenges.build().ok()
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("is_known", &self.is_known()).finish_non_exhaustive()
    }
}
