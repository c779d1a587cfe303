//! Text → settings, with every problem at once, each with its line and column.

use crate::settings::{Applied, Settings};
use std::fmt;

/// Everything that is wrong with a text. Shows one problem a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    /// In the order of the text. Never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// The settings that a configuration file's text says.
pub fn parse(text: &str) -> Result<Settings, Invalid> {
    let _ = text;
    todo!()
}

/// The cameras and volumes that the text of an `--apply` file says.
pub fn parse_apply(text: &str) -> Result<Applied, Invalid> {
    let _ = text;
    todo!()
}

/// The JSON schema of the configuration file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(crate::raw::File).to_value()
}
