//! What is kept: protected and deleted footage, the audit, how far streams will reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::server::KEEP_FREE;
use super::{Span, Time};

/// `GET …/protected`: footage that no rule removes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProtectedList {
    /// By start.
    pub protected: Vec<Protected>,
}

/// One protection. Whole segments are held: every one that the span touches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Protected {
    /// The first instant.
    pub from: Time,
    /// The first instant after it; it may be in the future.
    pub to: Time,
    /// When it was made.
    pub made: Time,
    /// Who made it.
    pub by: String,
    /// Why, in their words.
    pub note: String,
    /// What is really held: from the start of the first segment that the span touches to the end of
    /// the last, as far as there is footage by now; missing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Span>,
    /// How many segments.
    pub segments: u64,
    /// Bytes that they take.
    pub bytes: u64,
}

/// `DELETE …/footage`: what was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deleted {
    /// The first instant: from here on nobody is shown anything any more.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// Segments that lie wholly in it: their files are removed within seconds.
    pub segments: u64,
    /// Bytes that this frees.
    pub bytes: u64,
    /// Spans in segments that reach out of it: hidden now, removed with their segment when that
    /// ages out.
    pub hidden: Vec<Span>,
}

/// `GET /api/v1/audit`: who did what, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// Pass it as `cursor` for the next, older, page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// When.
    pub at: Time,
    /// Who: an account, a token, or the socket.
    pub who: String,
    /// What, such as `footage-deleted`, `footage-protected`, `export-downloaded`.
    pub what: String,
    /// To what, such as `front-door/main`.
    pub subject: String,
    /// The rest, in words.
    pub detail: String,
}

/// How far a stream will reach, at the rate of its last day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// How far back footage will reach, in seconds, once the volume is full or a limit is reached;
    /// ten years for any more. Missing while nothing is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaches_back_s: Option<u64>,
    /// Bytes that the stream will come to have, without what is protected. Missing as above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bytes: Option<u64>,
    /// Bytes of its protected footage.
    pub protected_bytes: u64,
}

/// Limits of a stream; one that is missing is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// No more bytes than this, protected footage not counted. What changes a camera is refused
    /// below 100 MB: that can only be a typing error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = config::MAX_BYTES_LEAST, max = u64::MAX))]
    pub max_bytes: Option<u64>,
    /// Nothing older than this many days of 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = u32::MAX))]
    pub max_days: Option<u32>,
    /// At least this many days, as far as the disk allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = u32::MAX))]
    pub min_days: Option<u32>,
}

/// `POST /api/v1/forecast`: limits that are thought of.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Streams that would have other limits; the others keep theirs.
    #[serde(default)]
    pub streams: Vec<ProposedKeep>,
    /// Volumes that would leave other space free; the others keep theirs.
    #[serde(default)]
    pub volumes: Vec<ProposedFree>,
}

/// Space that is thought of for one volume.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposedFree {
    /// The volume, by id or name.
    pub volume: String,
    /// The space that retention would leave free: `5%` or `20 GB`.
    #[schemars(regex(pattern = KEEP_FREE))]
    pub keep_free: String,
}

/// Limits that are thought of for one stream.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposedKeep {
    /// The camera, by slug or id.
    pub camera: String,
    /// The stream's name.
    pub stream: String,
    /// Its limits.
    pub keep: Keep,
}

/// What would come of a proposal; nothing is changed by asking.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Every stream, by camera.
    pub streams: Vec<StreamOutcome>,
}

/// What would come of a proposal for one stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StreamOutcome {
    /// The camera's slug.
    pub camera: String,
    /// The stream's name.
    pub stream: String,
    /// How far it would reach.
    pub forecast: Forecast,
    /// What would be removed at once; missing where nothing would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<Removed>,
}

/// Footage that would be removed at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// How many segments.
    pub segments: u64,
    /// Bytes that this would free.
    pub bytes: u64,
    /// Whether that is all: only so many segments are looked at.
    pub complete: bool,
}
