//! Parts, and the media segments that they make up.

use std::sync::Arc;

use base::WallTime;
use bytes::{Bytes, BytesMut};

use crate::encoder::Encoded;
use crate::message::Init;

/// A part that is complete.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Its number in the airing.
    pub number: u64,
    /// Whether its pictures begin with a key frame.
    pub is_independent: bool,
    /// Decode times, in microseconds of media time.
    pub from: i64,
    pub to: i64,
    pub bytes: Bytes,
}

/// A part that still grows.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    fragments: Vec<Bytes>,
    bytes: usize,
    is_independent: bool,
    /// `None` while it has nothing of the leading track.
    lead: Option<(i64, i64)>,
}

impl Growing {
    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn push(&mut self, encoded: &Encoded) {
        if let Some((from, to)) = encoded.cut.lead {
            if self.lead.is_none() {
                self.is_independent = encoded.fragment.key;
            }
            self.lead = Some((self.lead.map_or(from, |(from, _)| from), to));
        }
        self.bytes += encoded.fragment.bytes.len();
        self.fragments.push(encoded.fragment.bytes.clone());
    }

    /// It as a part; it is empty after. `None` without anything of the leading track.
    pub fn close(&mut self, number: u64) -> Option<Part> {
        let (from, to) = self.lead?;
        let Self { fragments, is_independent, .. } = std::mem::take(self);
        Some(Part { number, is_independent, from, to, bytes: joined(fragments) })
    }
}

/// A media segment.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Its media sequence number.
    pub number: u64,
    /// Whether it follows what came before it.
    pub follows: bool,
    /// Number and bytes of its init segment.
    pub init: (u64, Arc<Init>),
    /// The instant of its first picture.
    pub wall: WallTime,
    /// Decode times, in microseconds of media time.
    pub from: i64,
    pub to: i64,
    pub parts: Vec<Part>,
    /// How many of its parts a playlist shows, from the first on: none before it is known how long
    /// they are to be, and none after one that is longer.
    pub listed: usize,
    /// All of it, once it is whole; its parts are slices of that.
    pub bytes: Bytes,
}

impl Segment {
    /// Its length in microseconds.
    pub fn length(&self) -> i64 {
        self.to - self.from
    }

    /// Whether a playlist shows parts of it, and all of them.
    pub fn is_parted(&self) -> bool {
        self.listed > 0 && self.listed == self.parts.len()
    }

    /// Nothing more comes to it. It ends at `to`, where that is known.
    pub fn close(&mut self, to: Option<i64>) {
        let predicted = self.parts.last().map_or(self.from, |part| part.to);
        let latest = base::limits::LIVE_HLS_SEGMENT_TIME_MAX.as_micros() as i64;
        self.to = to.unwrap_or(predicted).min(self.from + latest);
        self.bytes = joined(self.parts.iter().map(|part| part.bytes.clone()).collect());
        let mut at = 0;
        for part in &mut self.parts {
            let end = at + part.bytes.len();
            part.bytes = self.bytes.slice(at..end);
            at = end;
        }
    }
}

fn joined(mut pieces: Vec<Bytes>) -> Bytes {
    if pieces.len() == 1 {
        return pieces.pop().unwrap_or_default();
    }
    let mut all = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    pieces.iter().for_each(|piece| all.extend_from_slice(piece));
    all.freeze()
}
