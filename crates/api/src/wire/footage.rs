//! Recorded footage: the timeline and the list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::camera::Track;
use super::{Span, Time};

/// `GET …/timeline`: what a timeline draws, bounded in size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// First instant of the range asked for.
    pub from: Time,
    /// First instant after it.
    pub to: Time,
    /// What is shorter than this may have been merged with its neighbours. At least what was asked
    /// for; more when the answer would have grown too large.
    pub resolution_ms: u64,
    /// From the oldest to the newest footage of the stream, inside the range or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Span>,
    /// Footage before this instant is on the disk, and this answer says for good where it is. Left
    /// out while that is not known, as for a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durable_until: Option<Time>,
    /// Footage, cut to the range, in order.
    pub footage: Vec<Span>,
    /// What is missing between footage, cut to the range, in order.
    pub gaps: Vec<Gap>,
    /// What is protected, cut to the range, in order: whole segments stay that these touch.
    pub protected: Vec<Span>,
    /// How much moves.
    pub activity: Activity,
}

/// How much moves, told from the sizes of pictures without decoding them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Activity {
    /// The first instant of the first value: at or before that of the range, a whole multiple of
    /// the step since 1970.
    pub from: Time,
    /// How long each value is for: a second at least, else at least the resolution asked for.
    pub step_ms: u64,
    /// The greatest value of each step, one after the other: 0 where nothing moves (and where
    /// there is no footage, or nobody has looked at it yet), up to 255; at most 4096.
    pub values: Vec<u8>,
}

/// `GET …/activity`: one page of spans in which something moves, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActiveSpans {
    /// Those of the range, by their beginning, newest first.
    pub spans: Vec<ActiveSpan>,
    /// Pass it as `cursor` for the next, older, page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A span in which something moves, with no more than ten still seconds on end; of an hour at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActiveSpan {
    /// The camera, as it was asked for.
    pub camera: String,
    /// Name of the stream.
    pub stream: String,
    /// Its first second.
    pub from: Time,
    /// The end of its last one.
    pub to: Time,
    /// The greatest value in it.
    pub peak: u8,
}

/// `GET …/sheet.json`: what the sheet of the same parameters shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sheet {
    /// Name of the stream whose pictures they are.
    pub stream: String,
    /// Pictures beside one another.
    pub columns: u16,
    /// Width of each in pixels.
    pub cell_width: u16,
    /// Height of each in pixels.
    pub cell_height: u16,
    /// The instants that they show, in reading order.
    pub times: Vec<Time>,
}

/// A span without footage between two with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// Why the footage before it ended: `camera-gone`, `silent`, `bad-data`, `clock`,
    /// `reconfigured`, `paused`, `off`, `overload`, `disk`, `shutdown`, `crash`, `power`, `cut`
    /// (one of the two), …; or what became of the footage that was there: `removed`, `deleted`,
    /// `lost` (its files are gone), `volume-removed` (its volume was taken out of the archive).
    /// `null` when it is not known.
    pub cause: Option<String>,
}

/// `GET …/recordings`: one page of the list, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Recordings {
    /// Those that touch the range, newest first.
    pub recordings: Vec<Recording>,
    /// Pass it as `cursor` for the next, older, page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Footage of one session with the camera without a break, up to an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recording {
    /// The id of its first segment, which names it.
    pub id: String,
    /// The session with the camera that it came from.
    pub run: String,
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// How many segment files.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pictures in it.
    pub frames: u64,
    /// Whether it still grows.
    pub growing: bool,
    /// Why the session ended with it (`camera-gone`, …); missing where it goes on in the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_cause: Option<String>,
    /// What it carries.
    pub tracks: Vec<Track>,
}
