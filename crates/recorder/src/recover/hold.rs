//! A file that cannot be finished yet is shown as if it still grew: its footage is durable.

use std::sync::Arc;

use archive::{FileState, Volume, recover};
use catalog::{Catalog, OpenSegment, SegmentState};

use super::finish::row_of;
use super::{FinishError, Unfinished};

/// What a file has come to that waits for a volume which was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is shown from now on.
    Shown,
    /// It was shown already, or cannot be.
    Before,
    /// It need not wait: it was sealed long ago.
    Sealed,
}

/// Puts what is whole of a file into the catalog's tail, unless it is there. It leaves the tail
/// once it is finished. Of a stream that is not known nothing can be shown: only the ends of its
/// file are read.
pub fn hold(volume: &Volume, catalog: &Catalog, job: &Unfinished) -> Result<Held, FinishError> {
    let (id, tail) = (job.place.id, catalog.tail());
    let known = catalog.rows_of(&[id])?.into_iter().next();
    let is_open = known.as_ref().is_none_or(|row| row.state == SegmentState::Open);
    if !is_open || tail.segment(id).is_some() {
        return Ok(Held::Before);
    }
    let mut row = match known {
        Some(row) => row,
        None => {
            let tail = recover::tail(volume, &job.place)?;
            if job.is_stray() && tail.state == FileState::Sealed {
                return Ok(Held::Sealed);
            }
            row_of(volume, &tail.identity)
        }
    };
    if !catalog.streams()?.iter().any(|stream| stream.id == row.stream) {
        // It is asked again and again, for as long as the other volume is away.
        tail.is_read(id);
        return Ok(Held::Before);
    }
    let read = recover::read(volume, &job.place)?;
    let end = read.index.span().map(|(_, end)| end);
    if let Some(end) = end {
        row.end = end.max(row.start);
        row.bytes = read.end;
        row.last_commit = Some(read.last);
        row.end_cause = job.cause.map(|cause| cause.as_str().to_owned());
        tail.set_durable_until(row.stream, row.end);
        tail.open(OpenSegment { row, index: Arc::new(read.index) });
    }
    // However long the other volume is away: nobody waits for this one any more.
    tail.is_read(id);
    Ok(if end.is_some() { Held::Shown } else { Held::Before })
}
