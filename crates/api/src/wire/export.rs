//! Exports: footage that is taken away as a file.

use base::limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;
use crate::param::time_pattern;

/// `GET /api/v1/exports`: one page, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exports {
    /// Newest first.
    pub exports: Vec<Export>,
    /// Pass it as `cursor` for the next, older, page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Bytes that all of them take, or will.
    pub bytes: u64,
    /// Bytes that they may take.
    pub max_bytes: u64,
}

/// One export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub state: ExportState,
    /// When it was asked for.
    pub asked: Time,
    /// Who asked.
    pub by: String,
    /// The first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// Whether all streams are in one clip.
    pub together: bool,
    /// Whether clips carry the time of day as subtitles.
    pub timestamps: bool,
    /// Its streams.
    pub streams: Vec<ExportedStream>,
    /// Bytes that its file has, or will have.
    pub bytes: u64,
    /// Bytes that are written.
    pub written_bytes: u64,
    /// When it was done, or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// Why it failed and what to do, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Where its file is, once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportState {
    /// Others come first.
    Waiting,
    /// It is being written.
    Writing,
    /// Its file is whole.
    Done,
    /// It came to nothing.
    Failed,
}

/// A stream of an export, as it was called then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedStream {
    /// The camera's slug.
    pub camera: String,
    /// What the camera was called.
    pub camera_name: String,
    /// The stream's name.
    pub stream: String,
    /// Whether it had footage in the range.
    pub has_footage: bool,
}

/// `POST /api/v1/exports`: what is asked for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// What it is to be called; the first camera's name where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = limits::EXPORT_NAME_CHARS_MAX),
        regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")
    )]
    pub name: Option<String>,
    /// The streams, as `camera/stream`, 16 at most.
    #[schemars(
        length(min = 1, max = limits::CLIP_STREAMS_MAX),
        inner(regex(pattern = "^[^/]+/[^/]+$"))
    )]
    pub streams: Vec<String>,
    /// First instant: RFC 3339, Unix milliseconds, `now`, or a time ago such as `-90s`, `-2h`.
    #[schemars(regex(pattern = format!("^({})$", time_pattern())))]
    pub from: String,
    /// First instant after the range, written as `from`; what is not durable yet is cut off. `now`
    /// where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = format!("^({})$", time_pattern())))]
    pub to: Option<String>,
    /// All streams in one clip, rather than a clip for each.
    #[serde(default)]
    pub together: bool,
    /// Clips carry the time of day as subtitles.
    #[serde(default)]
    pub timestamps: bool,
}
