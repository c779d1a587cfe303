//! Recovery: what a crash, a power cut or a failed disk left becomes sealed segments with rows.

use archive::SegmentPlace;
use media::CommitRef;
use stream::EndCause;

/// A file that was cut off and is to be sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it lies.
    pub place: SegmentPlace,
    /// The commit that its successor builds on: what follows it does not count. `None` for the
    /// last that is whole.
    pub up_to: Option<CommitRef>,
    /// Why its run ended with it, where that is known.
    pub cause: Option<EndCause>,
}
