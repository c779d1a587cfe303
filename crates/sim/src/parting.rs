//! Sessions with cameras that are at their end.

use base::{MonoTime, StreamId};
use stream::EndCause;

use crate::camera::FakeCamera;

/// A session that was told to end: it sends until it hears of that, and then takes its leave.
pub(crate) struct Parting {
    pub(crate) fake: FakeCamera,
    pub(crate) stream: StreamId,
    pub(crate) cause: EndCause,
    pub(crate) ends: MonoTime,
    pub(crate) leaves: MonoTime,
}

impl Parting {
    pub(crate) fn due(&self) -> MonoTime {
        match self.fake.run() {
            Some(_) => self.fake.due().map_or(self.ends, |due| due.min(self.ends)),
            None => self.leaves,
        }
    }
}
