//! What placement remembers, and what it tells the recording threads of volumes.

use std::collections::BTreeSet;

use base::{MonoTime, StreamId};
use control::Guests;
use control::guests::{self, Ending};

/// Where streams are recorded.
pub(crate) struct Placing {
    pub(crate) guests: Guests,
    /// Once everything ends.
    pub(crate) ending: Option<Ending>,
    pub(crate) due: MonoTime,
}

/// What the recording thread of a volume is told.
pub(crate) enum Command {
    /// What placement says of a stream.
    Stream(guests::Command),
    /// Write everything.
    Finish,
}

/// What is remembered of a volume from look to look.
#[derive(Default)]
pub(crate) struct Watch {
    /// Its recording thread is held up in the middle of a round.
    pub(crate) held_since: Option<MonoTime>,
    /// It was told to write everything.
    pub(crate) finishing: bool,
    pub(crate) failing: BTreeSet<StreamId>,
    pub(crate) bad_since: Option<MonoTime>,
    pub(crate) bad_last: Option<MonoTime>,
    /// Its disk has not shown since that it is well.
    pub(crate) suspect: bool,
}

impl Placing {
    pub(crate) fn new(now: MonoTime) -> Self {
        Self { guests: Guests::default(), ending: None, due: now }
    }

    pub(crate) fn due(&self) -> MonoTime {
        self.due
    }
}
