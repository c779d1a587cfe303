//! Why there is no export.

use std::path::PathBuf;

use playback::{PlanError, ReadError, SourceError};

/// An export cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Of no stream.
    #[error("no stream is named: of which cameras?")]
    NoStream,
    /// More streams or clips than an export may have.
    #[error("an export has at most {most} {what}: ask for parts of it")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// One of its clips cannot be made.
    #[error("{stream}: {why}")]
    Clip {
        /// Of which stream, as `camera/stream`; several by commas.
        stream: String,
        /// Why.
        #[source]
        why: PlanError,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// An error where there are more than there may be.
pub(crate) fn bounded(what: &'static str, number: usize, most: usize) -> Result<(), ExportError> {
    if number > most { Err(ExportError::TooMany { what, most }) } else { Ok(()) }
}

/// An export cannot be written to its end.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Retention or a person removed the footage meanwhile.
    #[error(
        "footage of {file} was removed while it was exported ({why}): ask for what is left, and \
         protect it first where it is about to age out"
    )]
    Removed {
        /// The clip.
        file: String,
        /// Which segment.
        why: SourceError,
    },
    /// A person deleted some of the footage meanwhile: nobody may see it any more.
    #[error("footage of {stream} was deleted by hand while it was exported: ask for it again")]
    Deleted {
        /// The stream, as `camera/stream`.
        stream: String,
    },
    /// Whether some of the footage was deleted meanwhile cannot be told.
    #[error("{stream}: {why}")]
    Plan {
        /// The stream, as `camera/stream`.
        stream: String,
        /// Why, and what to do.
        #[source]
        why: PlanError,
    },
    /// The footage cannot be read.
    #[error("{file}: {why}")]
    Footage {
        /// The clip.
        file: String,
        /// Why, and what to do.
        #[source]
        why: ReadError,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What was read is not as long as it was planned.
    #[error("{file} is not as long as its footage says: run holdfast check")]
    OtherLength {
        /// The clip.
        file: String,
    },
    /// The file cannot be written.
    #[error("{} {}: {error}{}", .doing, .path.display(), advice(.error))]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
}

/// What to do about a disk that takes no more.
fn advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            ": free space there, or write it to another disk"
        }
        _ => "",
    }
}
