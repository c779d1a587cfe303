//! `holdfast-removed.json`: which footage of a stream was removed, and why, signed. It lies in the
//! stream's folder. A hole in the chain from segment to segment is either explained by it, or an
//! alarm.

mod file;

use base::{SegmentId, StreamId, WallTime, limits};
use media::{CommitRef, Predecessor};

pub use file::{REMOVED_FILE, read_removed};

/// Why footage was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemovalReason {
    /// It aged out, or its room was needed.
    Retention,
    /// A person deleted it.
    Deleted,
}

impl RemovalReason {
    /// All of them, each with its bit in a signed note.
    pub const ALL: [Self; 2] = [Self::Retention, Self::Deleted];

    /// Its word in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Deleted => "deleted",
        }
    }
}

/// Of segments that follow one another, those are told as one whose times are no further apart:
/// what is missing where nothing was removed must not seem to be explained.
const HOLE_MICROS_MAX: i64 = 600_000_000;

/// Segments of one stream that followed one another without a long hole, and are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedSpan {
    /// What the first of them followed; `None`: nothing.
    pub after: Option<Predecessor>,
    /// The first of them.
    pub first: SegmentId,
    /// The last of them, up to its last commit.
    pub last: Predecessor,
    /// Wall time of the first instant.
    pub from: WallTime,
    /// Wall time of the end.
    pub to: WallTime,
    /// How many segments.
    pub segments: u64,
    /// When the last of them was removed.
    pub removed: WallTime,
    /// Why: each reason once.
    pub reasons: Vec<RemovalReason>,
    /// There were too many spans, and this is several of them in one: what stood between them may
    /// still be there.
    pub joined: bool,
}

/// What was removed of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The stream.
    pub stream: StreamId,
    /// By start; spans that follow one another without a long hole are one.
    pub spans: Vec<RemovedSpan>,
    /// Ed25519 over what [`Removed::message`] gives; zeros where there was no key.
    pub signature: [u8; 64],
}

impl RemovedSpan {
    /// Whether `named`, as a successor names it, is the end of this span, or within it: more than
    /// one segment may follow another, where a start did not know of all there was.
    fn ends_with(&self, named: &Predecessor) -> bool {
        let within = (self.first..self.last.segment).contains(&named.segment);
        reaches(&self.last, named) || within
    }

    /// Whether this says already that `other` went, and explains that to what followed it.
    fn holds(&self, other: &Self) -> bool {
        let in_time = self.from <= other.from && other.to <= self.to;
        in_time && self.first <= other.first && self.ends_with(&other.last)
    }

    /// Whether `next` followed this, with no long hole between.
    fn leads_to(&self, next: &Self) -> bool {
        let follows = next.after.is_some_and(|after| reaches(&self.last, &after));
        follows && next.from.micros_since(self.to) <= HOLE_MICROS_MAX
    }

    /// Takes over `next`, which follows it.
    fn extend(&mut self, next: Self) {
        self.last = next.last;
        self.to = self.to.max(next.to);
        self.segments += next.segments;
        self.removed = self.removed.max(next.removed);
        self.reasons.extend(next.reasons);
        self.reasons.sort();
        self.reasons.dedup();
        self.joined |= next.joined;
    }
}

impl Removed {
    /// Nothing was removed.
    pub const fn nothing(stream: StreamId) -> Self {
        Self { stream, spans: Vec::new(), signature: [0; 64] }
    }

    /// Adds what is about to be removed; said twice it is the same as once.
    pub fn add(&mut self, span: RemovedSpan) {
        if self.spans.iter().any(|known| known.holds(&span)) {
            return;
        }
        self.spans.push(span);
        self.spans.sort_by_key(|span| (span.from, span.first));
        let mut merged: Vec<RemovedSpan> = Vec::with_capacity(self.spans.len());
        for span in std::mem::take(&mut self.spans) {
            match merged.last_mut() {
                Some(before) if before.leads_to(&span) => before.extend(span),
                _ => merged.push(span),
            }
        }
        while merged.len() > limits::REMOVED_SPANS_MAX {
            let second = merged.remove(1);
            merged[0].extend(second);
            merged[0].joined = true;
        }
        self.spans = merged;
    }

    /// The removal that explains why the segment that a successor names is not there.
    pub fn explains(&self, named: &Predecessor) -> Option<&RemovedSpan> {
        self.spans.iter().find(|span| span.ends_with(named))
    }

    /// The removal that explains why what follows a segment does not name it: it holds what came
    /// right after commit `last` of `segment`.
    pub fn follows(&self, segment: SegmentId) -> Option<&RemovedSpan> {
        self.spans.iter().find(|span| span.after.is_some_and(|after| after.segment == segment))
    }

    /// Whether it was signed with the secret half of `public_key`.
    pub fn is_signed(&self, public_key: &[u8; 32]) -> bool {
        crate::key::is_signed(public_key, &self.message(), &self.signature)
    }

    /// [`Removed::is_signed`] with any of them.
    pub fn is_signed_by_any(&self, public_keys: impl IntoIterator<Item = [u8; 32]>) -> bool {
        let message = self.message();
        let signed = |key: &[u8; 32]| crate::key::is_signed(key, &message, &self.signature);
        public_keys.into_iter().any(|key| signed(&key))
    }

    /// What the signature signs, byte for byte as in `docs/format/volume.md`.
    pub fn message(&self) -> Vec<u8> {
        let mut message = b"HoldfastRemoved.".to_vec();
        message.extend_from_slice(self.stream.as_bytes());
        let put_link = |message: &mut Vec<u8>, link: Option<&Predecessor>| match link {
            None => message.extend_from_slice(&[0; 16 + 4 + 32]),
            Some(Predecessor { segment, commit: CommitRef { number, hash } }) => {
                message.extend_from_slice(segment.as_bytes());
                message.extend_from_slice(&number.to_be_bytes());
                message.extend_from_slice(hash);
            }
        };
        for span in &self.spans {
            put_link(&mut message, span.after.as_ref());
            message.extend_from_slice(span.first.as_bytes());
            put_link(&mut message, Some(&span.last));
            for time in [span.from, span.to, span.removed] {
                message.extend_from_slice(&time.as_micros().to_be_bytes());
            }
            message.extend_from_slice(&span.segments.to_be_bytes());
            let bits = span.reasons.iter().map(|reason| 1 << (*reason as u8));
            message.push(bits.fold(0, |all, bit: u8| all | bit));
            message.push(u8::from(span.joined));
        }
        message
    }
}

/// Whether a segment that holds commits up to `last` holds all that `named` counts of it.
fn reaches(last: &Predecessor, named: &Predecessor) -> bool {
    last.segment == named.segment
        && match named.commit.number.cmp(&last.commit.number) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => named.commit.hash == last.commit.hash,
            std::cmp::Ordering::Greater => false,
        }
}

#[cfg(test)]
mod tests;
