//! The server itself, and how it says no.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Span, Time};

/// `GET /api/v1/`: who serves, who asks, what they may do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// The program's name: `holdfast`.
    pub name: String,
    /// Its version; not told to strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The archive's id; not told to strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// The key by which exports and footage of the archive can be proven: Ed25519, 64 hexadecimal
    /// digits; not told to strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// When the server started; not told to strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Time>,
    /// Who asks.
    pub caller: Caller,
    /// What they may do.
    pub permissions: Vec<Permission>,
    /// The archive's time zone (an IANA name): days are cut in it.
    pub time_zone: String,
    /// The server's clock.
    pub now: Time,
    /// Whether the first account is still to be made: then nothing but the set-up is served.
    pub setup_needed: bool,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// How they were recognised.
    pub kind: CallerKind,
    /// The account's name, or the token's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How a caller was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallerKind {
    /// A session cookie.
    User,
    /// A bearer token.
    Token,
    /// The unix socket, with the server's own uid.
    Socket,
    /// Not at all.
    Anonymous,
}

/// What a route asks of its caller.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Anybody may: health, signing in, the page itself.
    Public,
    /// Making the first account.
    SetUp,
    /// Being signed in: one's own account.
    SignedIn,
    /// Live pictures, and which cameras there are.
    ViewLive,
    /// Recorded pictures: timeline, recordings, playback.
    ViewFootage,
    /// Taking footage away as files.
    Export,
    /// Protecting footage, taking protection away, deleting footage by hand.
    ManageFootage,
    /// Adding, changing and removing cameras.
    ManageCameras,
    /// Everything else: volumes, users, tokens, metrics.
    ManageSystem,
}

/// An error (RFC 9457), as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What kind of error it is; stable, to be told apart by programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// The parameter or member at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The footage that exists (with `no-footage`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Span>,
    /// Seconds after which trying again makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

/// `GET /api/v1/volumes`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Volumes {
    /// All volumes of the archive.
    pub volumes: Vec<Volume>,
}

/// A folder on a disk that holds segment files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// Its id; missing until it was opened once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// The folder that it is.
    pub path: String,
    /// What it is for.
    pub r#use: VolumeUse,
    /// Whether a configuration file names it: then it is changed there.
    pub managed_by_file: bool,
    /// The streams that are recorded there now, such as `front-door/main`.
    pub streams: Vec<String>,
    /// Whether it can be written.
    pub state: VolumeState,
    /// What is wrong with it and what to do, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Bytes of its file system.
    pub total_bytes: u64,
    /// Bytes of its file system that are free.
    pub free_bytes: u64,
    /// The space that retention leaves free, as its settings have it: `5%` or `20 GB`.
    pub keep_free: String,
    /// Bytes that stay free.
    pub keep_free_bytes: u64,
    /// Bytes of footage on it.
    pub footage_bytes: u64,
    /// How long the last round of syncs took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_ms: Option<f64>,
    /// The oldest footage on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Time>,
}

/// What a volume is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeUse {
    /// New footage goes there.
    Record,
    /// Nothing new goes there; what is there stays, and ages out.
    Keep,
    /// Nothing new goes there, and what is there moves to other volumes.
    Drain,
}

/// A part of a disk, 90% at most, or a size.
pub(super) const KEEP_FREE: &str =
    r"^(([0-9]|[1-8][0-9])(\.[0-9])?%|90%|[0-9]{1,5}(\.[0-9]{1,3})? ?[kMGT]B)$";

/// `PATCH /api/v1/volumes/{volume}`: what is to change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumeChange {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#use: Option<VolumeUse>,
    /// The space that retention leaves free: `5%` or `20 GB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = KEEP_FREE))]
    pub keep_free: Option<String>,
}

/// `DELETE /api/v1/volumes/{volume}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VolumeRemoved {
    /// Segments that were on it and are forgotten.
    pub forgotten_segments: u64,
}

/// Whether a volume can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeState {
    /// It is written.
    Ok,
    /// It is written, but slowly or nearly full.
    Degraded,
    /// Its folder or its `holdfast-volume.json` is not there: a disk that is not mounted?
    Missing,
    /// It belongs to another archive.
    Foreign,
    /// It cannot be written.
    ReadOnly,
    /// Calls to it fail or do not return.
    Failing,
}

/// `PUT /api/v1/config`: what applying a text changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Applied {
    /// What was made, by name (`camera front-door`).
    pub added: Vec<String>,
    /// What was changed.
    pub changed: Vec<String>,
    /// What is no longer named and therefore paused.
    pub paused: Vec<String>,
}

/// `GET /readyz`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    /// Whether it can record and serve: everything that is to be recorded is, some volume takes
    /// footage, and the catalog answers. Otherwise the status is 503.
    pub ready: bool,
    /// Whether something works worse than it should: a disk is slow, short of space or gone while
    /// others take its streams; the catalog cannot be written.
    pub degraded: bool,
    /// What keeps it from being ready, in words; for those who may watch.
    pub problems: Vec<String>,
    /// What is degraded, in words; for those who may watch.
    pub degraded_reasons: Vec<String>,
}
