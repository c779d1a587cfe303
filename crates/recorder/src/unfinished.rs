//! A file that recovery has to finish.

use archive::SegmentPlace;
use base::WallTime;
use media::CommitRef;
use stream::EndCause;

/// A file that was cut off, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it lies.
    pub place: SegmentPlace,
    /// The commit that its successor builds on: what follows it does not count. `None` for the
    /// last that is whole.
    pub up_to: Option<CommitRef>,
    /// Why its run ended with it, where that is known.
    pub cause: Option<EndCause>,
    /// What follows it, where that is known.
    pub successor: Option<Successor>,
    /// Nothing of it was ever durable and its successor holds all of it: it is removed.
    pub superseded: bool,
}

impl Unfinished {
    /// Whether it is among what a start did not look at: nothing is known of it yet.
    pub(crate) fn is_stray(&self) -> bool {
        (self.up_to, self.cause, self.successor) == (None, None, None)
    }
}

/// The segment that follows one in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// When it begins.
    pub start: WallTime,
    /// Whether the run goes on in it without a hole.
    pub goes_on: bool,
}
