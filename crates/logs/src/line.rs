//! One line of the log.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base::WallTime;

/// How much a line matters; the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For whoever looks for a cause.
    Debug,
    /// What happens.
    Info,
    /// What is odd.
    Warn,
    /// What is wrong.
    Error,
}

impl Level {
    /// The word in the API and in addresses of the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLevel;

impl FromStr for Level {
    type Err = NoLevel;

    fn from_str(word: &str) -> Result<Self, NoLevel> {
        let all = [Self::Debug, Self::Info, Self::Warn, Self::Error];
        all.into_iter().find(|level| level.as_str() == word).ok_or(NoLevel)
    }
}

/// What was said, without secrets and in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: WallTime,
    /// How much it matters.
    pub level: Level,
    /// Which part of the program says it: `camera::run`.
    pub target: Cow<'static, str>,
    /// The words.
    pub message: String,
    /// What they are about, by name: `volume`, `stream`, …
    pub fields: Vec<(&'static str, String)>,
}

impl Line {
    /// The slug of the camera that it is about, going by its fields: `camera` says it, `stream` and
    /// the `subject` of an alarm begin with it.
    pub fn camera(&self) -> Option<&str> {
        self.fields.iter().find_map(|(name, value)| match *name {
            "camera" => Some(value.as_str()),
            "stream" | "subject" => value.split_once('/').map(|(camera, _)| camera),
            _ => None,
        })
    }

    /// Whether `text`, of small letters, stands anywhere in it.
    pub(crate) fn has(&self, text: &str) -> bool {
        let parts = [&*self.target, self.level.as_str(), &self.message];
        let fields = self.fields.iter().flat_map(|(name, value)| [*name, value.as_str()]);
        parts.into_iter().chain(fields).any(|part| part.to_lowercase().contains(text))
    }

    /// Bytes that it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let fields = self.fields.iter().map(|(_, value)| size_of::<(&str, String)>() + value.len());
        size_of::<Self>() + self.target.len() + self.message.len() + fields.sum::<usize>()
    }
}
