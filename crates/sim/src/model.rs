//! The reference model: what cameras have sent, and what was promised to be durable.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::{StreamId, WallTime};

use crate::camera::{Sent, Stamp};

/// By how much a recorded time may differ from the true one, where cameras do not drift.
pub const TOLERANCE: Duration = Duration::from_millis(2);

/// How long after a picture one may be presented that precedes it in decode order.
const REORDER_MAX: Duration = Duration::from_millis(200);

/// What must be found in the archive.
#[derive(Debug)]
pub struct Model {
    /// By how much a recorded time may differ from the true one.
    pub tolerance: Duration,
    /// By how much it may be dated later than that, where the system's clock was set back.
    pub late_max: Duration,
    streams: BTreeMap<StreamId, Streamed>,
}

/// The frames of each stream that are in the archive.
pub type Found = BTreeMap<StreamId, BTreeSet<Stamp>>;

/// One stream's part of the model.
#[derive(Debug, Default)]
pub struct Streamed {
    /// Everything that was sent, and when it was presented in truth.
    pub sent: BTreeMap<Stamp, WallTime>,
    /// What of it was said to be durable.
    pub durable: BTreeSet<Stamp>,
    /// Spans that were removed because retention or somebody said so.
    pub removed: Vec<(WallTime, WallTime)>,
    /// What was sent since the last start and is not said to be durable.
    waiting: Vec<Sent>,
}

impl Streamed {
    /// Whether the frame stood in footage that was removed by the rules.
    pub fn is_removed(&self, stamp: &Stamp) -> bool {
        let Some(wall) = self.sent.get(stamp) else { return false };
        // Sound may stand a little outside its segment, and a picture that is presented after
        // those which follow it in decode order.
        let skew = base::limits::AUDIO_SKEW_MAX;
        let skew = if stamp.track == 0 { REORDER_MAX } else { skew };
        self.removed.iter().any(|(from, to)| *from <= *wall + skew && *wall <= *to + skew)
    }
}

impl Model {
    /// Nothing was sent yet.
    pub fn new(tolerance: Duration) -> Self {
        Self { tolerance, late_max: Duration::ZERO, streams: BTreeMap::new() }
    }

    /// Whether a recorded time may differ from the true one by `micros`.
    pub fn tolerates(&self, micros: i64) -> bool {
        let tolerance = self.tolerance.as_micros() as i64;
        (-tolerance..=tolerance + self.late_max.as_micros() as i64).contains(&micros)
    }

    /// A camera sent these frames.
    pub fn sent(&mut self, stream: StreamId, frames: &[Sent]) {
        let streamed = self.streams.entry(stream).or_default();
        streamed.sent.extend(frames.iter().map(|sent| (sent.stamp, sent.wall)));
        streamed.waiting.extend(frames);
    }

    /// Everything of the stream before `until` was said to be durable.
    pub fn promised(&mut self, stream: StreamId, until: WallTime) {
        let Some(streamed) = self.streams.get_mut(&stream) else { return };
        let (durable, waiting): (Vec<_>, Vec<_>) =
            streamed.waiting.iter().partition(|sent| sent.wall + self.tolerance < until);
        streamed.durable.extend(durable.iter().map(|sent: &Sent| sent.stamp));
        streamed.waiting = waiting;
    }

    /// Everything that was sent was said to be committed.
    pub fn promised_all(&mut self) {
        for streamed in self.streams.values_mut() {
            streamed.durable.extend(streamed.waiting.drain(..).map(|sent| sent.stamp));
        }
    }

    /// The stream's footage in [from, to) is removed by the rules.
    pub fn removed(&mut self, stream: StreamId, from: WallTime, to: WallTime) {
        self.streams.entry(stream).or_default().removed.push((from, to));
    }

    /// The power went: what was not durable may be gone.
    pub fn cut(&mut self) {
        self.streams.values_mut().for_each(|streamed| streamed.waiting.clear());
    }

    /// How many frames were sent.
    pub fn frames(&self) -> usize {
        self.streams.values().map(|streamed| streamed.sent.len()).sum()
    }

    /// The streams.
    pub fn streams(&self) -> impl Iterator<Item = (StreamId, &Streamed)> {
        self.streams.iter().map(|(stream, streamed)| (*stream, streamed))
    }
}
