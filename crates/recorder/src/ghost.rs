//! Files of a stream that another volume's recorder has gone on with. They can only be finished by
//! whoever has them open: that one knows when nothing is written to them any more.

use std::sync::Arc;

use base::MonoTime;

use crate::report::StepReport;
use crate::standing::{Next, Standing};
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
        for file in std::mem::take(&mut self.files) {
            let (successor, cause) = match self.standing.next_of(file.place.id) {
                None if now < self.until && !file.superseded => {
                    self.files.push(file);
                    continue;
                }
                None => (None, file.cause),
                Some(Next::GoesOn(start)) => (Some(Successor { start, goes_on: true }), file.cause),
                Some(Next::Nothing(cause)) => (None, Some(cause)),
            };
            report.unfinished.push(Unfinished { successor, cause, ..file });
        }
        !self.files.is_empty()
    }
}
