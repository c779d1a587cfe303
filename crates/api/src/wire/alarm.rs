//! What is wrong, and what was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// `GET /api/v1/alarms`: one page, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alarms {
    /// Those that last and those that are over, by when they began, newest first.
    pub alarms: Vec<Alarm>,
    /// Pass it as `cursor` for the next, older, page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Something that went wrong, from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alarm {
    /// Its id.
    pub id: String,
    /// What kind of thing: `disk-failing`, `camera-lost`, … (the guide lists them).
    pub kind: String,
    /// Where: a volume's name, `camera/stream`, or `system`.
    pub subject: String,
    /// When it began.
    pub began: Time,
    /// When it ended; missing while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// What is wrong, in words.
    pub words: String,
}
