//! Decode times for streams that carry presentation times only (RTP): with B-frames, access units
//! come in decode order and their presentation times jump.

use base::Ticks;

/// Gives each access unit its decode time, as soon as it comes.
#[derive(Clone, Debug)]
pub struct DecodeClock {
    depth: u8,
}

/// What [`DecodeClock::push`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The decode time; rises strictly.
    pub dts: Ticks,
    /// The reorder depth this access unit shows: how many earlier ones are presented after it.
    /// When it is more than the clock's own, a new epoch with this depth is due.
    pub depth_seen: u8,
}

impl DecodeClock {
    /// A clock for a stream of this `reorder_depth`; `frame_ticks` is the usual distance of two
    /// frames, 0 when unknown.
    pub fn new(reorder_depth: u8, _frame_ticks: u32) -> Self {
        Self { depth: reorder_depth }
    }

    /// The clock's own reorder depth.
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// The decode time of the next access unit in decode order, whose presentation time is `pts`.
    pub fn push(&mut self, _pts: Ticks) -> Decoded {
        todo!()
    }
}
