//! What goes over the wire as JSON, and nothing else: the one place where its form is decided.
//! Times are RFC 3339, UTC, microseconds; durations carry their unit in the name; bytes and counts
//! are plain numbers.

use std::borrow::Cow;

use base::WallTime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub mod account;
pub mod alarm;
pub mod camera;
pub mod camera_settings;
pub mod demand;
pub mod export;
pub mod footage;
pub mod keeping;
pub mod logs;
pub mod probe;
pub mod repair;
pub mod server;
pub mod watch;

/// An instant of the archive's wall time: RFC 3339, UTC, six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub WallTime);

impl From<WallTime> for Time {
    fn from(at: WallTime) -> Self {
        Self(at)
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339, UTC, microseconds.",
            "examples": ["2026-11-22T20:15:00.000000Z"],
        })
    }
}

/// A half-open span of time: `from` belongs to it, `to` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
}
