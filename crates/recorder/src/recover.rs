//! Recovery: what a crash, a power cut or a failed disk left becomes sealed segments with rows.
//!
//! [`survey`] looks at the ends of few files, so that recording can begin at once behind what is
//! there. [`finish`] then takes one file at a time, on a thread that may be slow.

mod claims;
mod finish;
mod hold;
mod retries;
mod survey;

pub use crate::unfinished::{Successor, Unfinished};
pub use claims::{Claims, StandingOf};
pub use finish::{FinishError, Finished, finish};
pub use hold::{Held, hold};
pub use retries::Retries;
pub use survey::{Older, Survey, SurveyError, orphans, survey};
pub(crate) use survey::{judge, of_row, stray};
