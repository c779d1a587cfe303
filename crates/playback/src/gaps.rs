//! Where a clip has footage and where it has gaps, over all of its streams.

use base::{WallTime, limits};

use crate::part::Part;

/// A break longer than this is a gap; where a shorter one is, the sound of both sides may meet.
const BREAK_MICROS_MAX: i64 = 2 * limits::AUDIO_SKEW_MAX.as_micros() as i64;

/// Footage without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footage {
    /// Index of the first part in it.
    pub part: usize,
    pub from: WallTime,
    pub to: WallTime,
}

/// Whether there is a gap between the end of some footage and the start of what follows it.
pub(crate) fn is_gap(end: WallTime, start: WallTime) -> bool {
    start.micros_since(end) > BREAK_MICROS_MAX
}

/// Footage between gaps, in order, of parts in order of time. A gap is where no stream has any.
pub(crate) fn footage(parts: &[Part]) -> Vec<Footage> {
    let mut all: Vec<Footage> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let (from, to) = part.span;
        match all.last_mut() {
            Some(last) if !is_gap(last.to, from) => {
                last.to = last.to.max(to);
            }
            _ => all.push(Footage { part: number, from, to }),
        }
    }
    all
}
