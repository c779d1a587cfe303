//! Where a clip has footage and where it has gaps, over all of its streams.

use base::WallTime;

use crate::part::Part;
use crate::select::SKEW_MICROS;

/// A break longer than this is a gap; where a shorter one is, the sound of both sides may meet.
const BREAK_MICROS_MAX: i64 = 2 * SKEW_MICROS;

/// Footage without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footage {
    /// Index of the first part in it.
    pub part: usize,
    pub from: WallTime,
    pub to: WallTime,
}

/// Footage between gaps, in order, of parts in order of time. A gap is where no stream has any.
pub(crate) fn footage(parts: &[Part]) -> Vec<Footage> {
    let mut all: Vec<Footage> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let (from, to) = part.span;
        match all.last_mut() {
            Some(last) if from.micros_since(last.to) <= BREAK_MICROS_MAX => {
                last.to = last.to.max(to);
            }
            _ => all.push(Footage { part: number, from, to }),
        }
    }
    all
}
