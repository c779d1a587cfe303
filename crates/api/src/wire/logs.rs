//! What the program says of itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// `GET /api/v1/logs`: lines of the log since this start, without secrets, the oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Log {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Pass it as `after` for what comes next.
    pub next: u64,
    /// Whether there is more of that at once.
    pub more: bool,
    /// Pass it as `before` for older lines; missing where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<u64>,
    /// How many lines came after `after`, chosen or not, and are not kept any more.
    pub lost: u64,
    /// Whether the program was started anew since `after`: these are its first lines.
    pub restarted: bool,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogLine {
    /// Its number: greater than that of any line before, also of an earlier start.
    pub number: u64,
    /// When.
    pub at: Time,
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the program says it: `camera::run`.
    pub target: String,
    /// The words.
    pub message: String,
    /// What they are about, by name: `volume`, `stream`, …
    pub fields: BTreeMap<String, String>,
    /// The slug of the camera that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// For whoever looks for a cause.
    Debug,
    /// What happens.
    Info,
    /// What is odd.
    Warn,
    /// What is wrong.
    Error,
}
