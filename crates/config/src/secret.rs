//! Secrets that never show in logs, and where a camera's password comes from.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Text that [`fmt::Debug`] does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for the place that must send or store it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Where a password stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// In the settings themselves.
    Plain(Secret),
    /// In a file, without the line's end.
    File(PathBuf),
}

/// Longer password files are refused: they are something else.
const FILE_BYTES_MAX: usize = 4096;

impl Password {
    /// The password itself. `read` gives the text of a file.
    pub fn resolve(
        &self,
        read: impl FnOnce(&Path) -> io::Result<String>,
    ) -> Result<Secret, PasswordError> {
        let path = match self {
            Self::Plain(secret) => return Ok(secret.clone()),
            Self::File(path) => path,
        };
        let text =
            read(path).map_err(|why| PasswordError::Unreadable { path: path.clone(), why })?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() || text.len() > FILE_BYTES_MAX || text.contains('\n') {
            return Err(PasswordError::NotOneLine { path: path.clone() });
        }
        Ok(Secret::new(text))
    }
}

/// A password file that gives no password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It cannot be read.
    #[error(
        "cannot read the password file {path}: {why}; make it readable for this user",
        path = .path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        why: io::Error,
    },
    /// Its text is no password.
    #[error(
        "the password file {path} does not hold exactly one line of text",
        path = .path.display()
    )]
    NotOneLine {
        /// The file.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_password_file_holds_one_line_and_its_end_is_not_part_of_it() {
        let password = Password::File("/run/secrets/door".into());
        let read = |text: &str| password.resolve(|_| Ok(text.to_owned()));
        assert_eq!(read("tulip \n").unwrap().expose(), "tulip ");
        assert_eq!(read("tulip\r\n").unwrap().expose(), "tulip");
        assert!(matches!(read("tulip\nrose\n"), Err(PasswordError::NotOneLine { .. })));
        assert!(matches!(read("\n"), Err(PasswordError::NotOneLine { .. })));
    }

    #[test]
    fn an_unreadable_password_file_is_named() {
        let missing = || Err(io::Error::from(io::ErrorKind::NotFound));
        let error = Password::File("/run/secrets/door".into()).resolve(|_| missing());
        assert!(error.unwrap_err().to_string().contains("/run/secrets/door"));
    }

    #[test]
    fn secrets_do_not_show() {
        let shown = format!("{:?}", Password::Plain(Secret::new("tulip")));
        assert!(!shown.contains("tulip"), "{shown}");
    }
}
