//! Basic and Digest authentication (RFC 2617) as cameras do it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

/// Who may watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Digest (RFC 2617) instead of Basic.
    pub digest: bool,
}

const REALM: &str = "testcam";
const NONCE: &str = "5e1f6c0de5e1f6c0de5e1f6c0de5e1f6";

/// The header that asks for credentials.
pub(crate) fn challenge(login: &Login) -> String {
    if login.digest {
        format!("WWW-Authenticate: Digest realm=\"{REALM}\", nonce=\"{NONCE}\"\r\n")
    } else {
        format!("WWW-Authenticate: Basic realm=\"{REALM}\"\r\n")
    }
}

/// Whether the value of an Authorization header opens the door.
pub(crate) fn admits(login: &Login, method: &str, header: Option<&str>) -> bool {
    let Some((scheme, value)) = header.and_then(|header| header.split_once(' ')) else {
        return false;
    };
    if login.digest {
        scheme.eq_ignore_ascii_case("digest") && digest_fits(login, method, value)
    } else {
        let expected = STANDARD.encode(format!("{}:{}", login.username, login.password));
        scheme.eq_ignore_ascii_case("basic") && value.trim() == expected
    }
}

/// RFC 2617 section 3.2.2, without qop.
fn digest_fits(login: &Login, method: &str, value: &str) -> bool {
    let field = |name: &str| {
        let fields = value.split(',').filter_map(|field| field.trim().split_once('='));
        let found = fields.into_iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.trim_matches('"'))
    };
    let secret = hex_md5(&format!("{}:{REALM}:{}", login.username, login.password));
    let request = hex_md5(&format!("{method}:{}", field("uri").unwrap_or_default()));
    field("username") == Some(&*login.username)
        && field("nonce") == Some(NONCE)
        && field("response") == Some(&*hex_md5(&format!("{secret}:{NONCE}:{request}")))
}

fn hex_md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
