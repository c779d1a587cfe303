//! Files of a stream that another volume's recorder has gone on with. They can only be finished by
//! whoever has them open: that one knows when nothing is written to them any more.

use std::sync::Arc;

use archive::SegmentPlace;
use base::MonoTime;

use crate::report::StepReport;
use crate::standing::Standing;
use crate::unfinished::{Successor, Unfinished};

/// What a lane left that was cut off or let go.
pub(crate) struct Ghost {
    pub(crate) standing: Arc<Standing>,
    pub(crate) files: Vec<Unfinished>,
    /// They are waited for no longer: where a segment ends is then what its frames say.
    pub(crate) until: MonoTime,
}

impl Ghost {
    /// Hands files over to recovery, once it is known where they end; whether any is left.
    pub(crate) fn advance(&mut self, now: MonoTime, report: &mut StepReport) -> bool {
        let standing = &self.standing;
        let next = |place: &SegmentPlace| {
            let start = standing.successor_of(place.id)?;
            Some(Successor { start, goes_on: true })
        };
        for file in std::mem::take(&mut self.files) {
            match next(&file.place) {
                None if now < self.until => self.files.push(file),
                successor => report.unfinished.push(Unfinished { successor, ..file }),
            }
        }
        !self.files.is_empty()
    }
}
