//! Secrets in text: found by how they look, and taken out.
//!
//! What holds a secret does not print it (`config::Secret`, `access::SecretToken`, addresses
//! of cameras without their login), save the link to the first account, which is meant for the
//! terminal. This is the second line: a line that is kept has none, whoever wrote it.

use std::borrow::Cow;

mod quoted;

/// What stands in the place of a secret.
pub(crate) const HIDDEN: &str = "(hidden)";
/// How every secret of this program begins (`access::SecretToken`).
const OWN: &str = "hf_";
/// How names of secrets end, in small letters.
const NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "psw",
    "token",
    "secret",
    "authorization",
    "cookie",
    "apikey",
    "api_key",
    "credentials",
];
/// Headers of which everything that follows is secret.
const HEADERS: [&str; 3] = ["authorization:", "cookie:", "bearer "];

/// Whether what has this name is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|secret| name.ends_with(secret))
}

/// `text` without secrets: tokens and links of this program, logins in addresses, values of what is
/// called a password or the like, and what headers of a login say.
pub fn masked(text: &str) -> Cow<'_, str> {
    let Some(mut next) = secret(text) else { return Cow::Borrowed(text) };
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    loop {
        shown += &rest[..next.start];
        shown += HIDDEN;
        rest = &rest[next.end..];
        match secret(rest) {
            Some(found) => next = found,
            None => break,
        }
    }
    shown += rest;
    Cow::Owned(shown)
}

type Span = std::ops::Range<usize>;

/// The first secret in a text.
fn secret(text: &str) -> Option<Span> {
    let all = [own(text), login(text), assigned(text), header(text)];
    // Where two begin at one place, the longer one has the other in it.
    all.into_iter().flatten().min_by_key(|span| (span.start, usize::MAX - span.end))
}

/// A secret of this program.
fn own(text: &str) -> Option<Span> {
    let start = text.find(OWN)?;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let length = text[start..].find(|c| !is_letter(c)).unwrap_or(text.len() - start);
    Some(start..start + length)
}

/// Name and password before the host of an address, also where that begins with them.
fn login(text: &str) -> Option<Span> {
    let mut from = 0;
    while let Some(found) = text[from..].find('@') {
        let before = &text[..from + found];
        let begun = before.len() - before.rsplit(ends_run).next().map_or(0, str::len);
        let end = begun + run(&text[begun..]);
        from = end.max(before.len() + 1);
        // A password may hold what should have been escaped: all up to the last @ is taken.
        let Some(at) = text[begun..end].rfind('@').map(|at| begun + at) else { continue };
        let scheme = text[begun..at].find("://").map(|found| begun + found + 3);
        let start = scheme.unwrap_or(begun);
        let is_login = scheme.is_some() || text[start..at].contains(':');
        if is_login && start < at && &text[start..at] != HIDDEN {
            return Some(start..at);
        }
    }
    None
}

/// The value of `password=…`, also of `"password": "…"` and of `password: Some("…")`.
fn assigned(text: &str) -> Option<Span> {
    let mut from = 0;
    while let Some(found) = text[from..].find(['=', ':']) {
        let sign = from + found;
        from = sign + 1;
        let before = text[..sign].trim_end_matches(['"', '\'', '\\', ' ']);
        if !is_secret(before) {
            continue;
        }
        let value = text[from..].trim_start_matches([' ', '\t', '=', '>']);
        let start = text.len() - value.len();
        let found = match quoted::inside(value) {
            Some(inside) => start + inside.start..start + inside.end,
            // A sentence may name a password before a colon.
            None if text[sign..].starts_with(':') => continue,
            None => start..start + run(value),
        };
        if !found.is_empty() && !text[found.start..].starts_with(HIDDEN) {
            return Some(found);
        }
    }
    None
}

/// What follows the name of such a header, to the end of the line.
fn header(text: &str) -> Option<Span> {
    let small = text.to_ascii_lowercase();
    let ends = HEADERS.iter().filter_map(|name| small.find(name).map(|at| at + name.len()));
    let rest = |start: &usize| {
        let rest = text[*start..].trim();
        !rest.is_empty() && !rest.starts_with(HIDDEN)
    };
    let start = ends.filter(rest).min()?;
    let length = text[start..].find(['\r', '\n']).unwrap_or(text.len() - start);
    Some(start..start + length)
}

/// How far something reaches that has no spaces in it.
fn run(text: &str) -> usize {
    text.find(ends_run).unwrap_or(text.len())
}

fn ends_run(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        let token = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdE";
        for (text, shown) in [
            (
                "make it at http://[::1]:80/setup#token=TOKEN (once)",
                "make it at http://[::1]:80/setup#token=(hidden) (once)",
            ),
            ("TOKEN,TOKEN", "(hidden),(hidden)"),
            ("hf_cut", "(hidden)"),
            ("rtsp://admin:tulip7@192.0.2.1/main", "rtsp://(hidden)@192.0.2.1/main"),
            (
                "a rtsp://u:t@u/lip7@c:554/x, b rtsp://v:tulip7@d/",
                "a rtsp://(hidden)@c:554/x, b rtsp://(hidden)@d/",
            ),
            (
                "rtsp://c/x?user=admin&password=tulip7&channel=1",
                "rtsp://c/x?user=admin&password=(hidden)",
            ),
            (
                "rtsp://c/user=admin_password=tulip7_channel=1.sdp",
                "rtsp://c/user=admin_password=(hidden)",
            ),
            ("Password = 'tul ip7' and on", "Password = '(hidden)' and on"),
            (r#"{"password": "tulip7", "name": "x"}"#, r#"{"password": "(hidden)", "name": "x"}"#),
            (r#"Given { camera_pwd: "tulip7" }"#, r#"Given { camera_pwd: "(hidden)" }"#),
            (r#""{\"token\":\"tulip7\"}""#, r#""{\"token\":\"(hidden)\"}""#),
            (r#"Login { password: Some("tulip7"), x }"#, r#"Login { password: (hidden), x }"#),
            (r#"password: "tul\"ip7\\", x: "y""#, r#"password: "(hidden)", x: "y""#),
            ("password = \"\"\"tulip\n7\"\"\" x", "password = \"\"\"(hidden)\"\"\" x"),
            (r#"credentials: ("anna", "tulip7") x"#, "credentials: (hidden) x"),
            (r#"password => b"tulip7" x"#, r#"password => b"(hidden)" x"#),
            ("Authorization: Basic dHVsaXA3", "Authorization:(hidden)"),
            ("sent Bearer tulip7", "sent Bearer (hidden)"),
            ("3 | password = tulip7 x", "3 | password = (hidden) x"),
            ("to viewer:tulip7@192.0.2.1:554, then", "to (hidden)@192.0.2.1:554, then"),
        ] {
            let text = text.replace("TOKEN", token);
            assert_eq!(masked(&text), shown);
            assert_eq!(masked(shown), shown, "what is masked stays");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "",
            "the page is at http://127.0.0.1:8080/",
            "the camera refuses the password: look at it in the settings",
            "cannot read the password file /run/secrets/door: not found",
            "rtsp://192.0.2.1/main: write the address as rtsp://host/path @ home",
            "size=5 a=b 10:20:30",
            "anna@example.org asked at 10:20",
            "the password: (see the guide), or \"none\"",
            "password: Some(",
            r#"password: "", user: Some("anna")"#,
        ] {
            assert!(matches!(masked(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_of_a_secret_is_left(before in ".{0,20}", secret in "[a-zA-Z0-9]{6,20}") {
            for text in [
                format!("{before}hf_{secret}"),
                format!("{before} rtsp://u:{secret}@host/"),
                format!("{before} password={secret}"),
                format!("{before} u:{secret}@host"),
            ] {
                let shown = masked(&text);
                let inside = before.contains(&secret) || "(hidden)".contains(&secret);
                assert!(inside || !shown.contains(&secret), "{text} -> {shown}");
            }
        }
    }

    proptest::proptest! {
        /// Values as programs write them: with words, between what has to be escaped.
        #[test]
        fn nothing_of_a_value_is_left_however_it_is_written(
            words in proptest::collection::vec("[a-z]{6,9}[0-9]", 1..4),
            between in r#"["'\\\\ ()\[\]{},:=ß\n]{0,4}"#,
            after in r#"["\\\\' )]{0,2}"#,
        ) {
            let secret = words.join(&between) + &after;
            let some = Some(Some(&secret));
            let json = format!("{{\"a\": 1, \"password\": {secret:?}, \"b\": 2}}");
            let debug = format!("Login {{ password: {:?}, b: 2 }}", Some(&secret));
            let plain = words.join("\" '\n");
            let three = format!("password = \"\"\"{plain}\"\"\"\nb = 2");
            for text in [
                format!("password: {secret:?} b"),
                format!("password={secret:?}"),
                format!("camera_password: {some:?}, b"),
                format!("credentials: {:?}", ("anna", &secret)),
                format!("{:#?}", Login { password: some }),
                format!("secret => {:?}", secret.as_bytes().escape_ascii().to_string()),
                format!("{json:?}"),
                format!("{debug:?}"),
                format!("{:?}", format!("{json:?}")),
                format!("{three:?}"),
                three,
                json,
                debug,
            ] {
                let shown = masked(&text);
                let left = words.iter().find(|word| shown.contains(*word));
                proptest::prop_assert!(left.is_none(), "{text} -> {shown}");
                proptest::prop_assert_eq!(masked(&shown), &*shown, "what is masked stays");
            }
        }
    }

    #[derive(Debug)]
    #[allow(dead_code)]
    struct Login<'a> {
        password: Option<Option<&'a String>>,
    }
}
