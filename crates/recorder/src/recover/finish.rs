//! One file that was cut off becomes a sealed segment with a row.

use std::io;

use archive::recover::{self, Recovered};
use archive::{ArchiveKey, RecoverError, SegmentPlace, Volume, WriteError};
use base::{StreamId, WallTime};
use catalog::{Catalog, Change, ReadError, SegmentRow, SegmentState};
use media::Identity;

use crate::rows::{end_before, seal_row};
use crate::unfinished::{Successor, Unfinished};

use super::survey;

/// What finishing one file led to.
#[derive(Debug, Default)]
pub struct Finished {
    /// For the catalog's writer.
    pub changes: Vec<Change>,
    /// The stream and where the segment ends, for [`crate::VolumeRecorder::footage_ends`].
    pub footage: Option<(StreamId, WallTime)>,
    /// What somebody should know, in words.
    pub notes: Vec<String>,
}

/// A file could not be finished. It may be tried again, and stays as it is until then.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// The file.
    #[error(transparent)]
    File(#[from] RecoverError),
    /// It could not be removed.
    #[error("removing segment {segment}, which holds nothing: {source}")]
    Remove {
        /// The file, below its volume.
        segment: String,
        /// Why.
        source: io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
    /// Not one commit is whole, though some were durable.
    #[error(
        "segment {segment} holds no commit, though commit {commit} of it was durable: footage is \
         lost; the file is left as it is"
    )]
    Lost {
        /// The file, below its volume.
        segment: String,
        /// The last commit that is known to have been durable.
        commit: u32,
    },
    /// Nobody knows whose footage it is.
    #[error("segment {segment} is of stream {stream}, which is not known: it is left as it is")]
    UnknownStream {
        /// The file, below its volume.
        segment: String,
        /// The stream that it names.
        stream: StreamId,
    },
}

impl FinishError {
    /// Whether a later try may succeed.
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::File(RecoverError::Io { .. } | RecoverError::Write(_))
                | Self::Remove { .. }
                | Self::Catalog(_)
        )
    }
}

impl FinishError {
    /// Whether the disk as a whole takes nothing now.
    pub(super) fn is_of_disk(&self) -> bool {
        let source = match self {
            Self::File(RecoverError::Io { source, .. }) => source,
            Self::File(RecoverError::Write(WriteError::Io { source, .. })) => source,
            Self::Remove { source, .. } => source,
            _ => return false,
        };
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(source.kind(), QuotaExceeded | ReadOnlyFilesystem | StorageFull)
    }
}

/// Reads one file, cuts off what does not count, seals it, and completes or makes its row.
pub fn finish(
    volume: &Volume,
    catalog: &Catalog,
    key: Option<&ArchiveKey>,
    job: &Unfinished,
) -> Result<Finished, FinishError> {
    let finished = finish_file(volume, catalog, key, job);
    let waits = match &finished {
        // Until its row is committed.
        Ok(finished) => finished.footage.is_some(),
        Err(error) => error.may_pass(),
    };
    if !waits {
        catalog.tail().is_read(job.place.id);
    }
    finished
}

fn finish_file(
    volume: &Volume,
    catalog: &Catalog,
    key: Option<&ArchiveKey>,
    job: &Unfinished,
) -> Result<Finished, FinishError> {
    // Not what the tail says: while it waited it may have been shown.
    let row = catalog.rows_of(&[job.place.id])?.into_iter().next();
    if row.as_ref().is_some_and(|row| row.state != SegmentState::Open) {
        return Ok(Finished::default());
    }
    // A repair has moved it out of the way while it waited to be tried again.
    if row.is_none() && !job.superseded && !volume.may_hold(&job.place) {
        return Ok(Finished::default());
    }
    let mut judged = None;
    if row.is_none() && job.is_stray() && !job.superseded {
        if let Some(recovered) = recover::sealed(volume, &job.place)? {
            return adopt(volume, catalog, job, None, recovered);
        }
        judged = Some(survey::judge(volume, catalog, job)?);
    }
    let job = judged.as_ref().unwrap_or(job);
    if job.superseded && row.is_none() {
        remove(volume, &job.place)?;
        let note = format!(
            "removed the file of segment {}, which does not count: its successor holds its frames, \
             or it was removed while it moved to another volume",
            job.place.id
        );
        // Where it was shown, it leaves the tail.
        let changes = vec![Change::SegmentGarbage(job.place.id)];
        return Ok(Finished { changes, notes: vec![note], ..Finished::default() });
    }
    let recovered = match recover::finish(volume, &job.place, key, job.up_to) {
        Ok(recovered) => recovered,
        Err(RecoverError::Nothing { segment }) => {
            let promised = row.as_ref().and_then(|row| row.last_commit).or(job.up_to);
            if let Some(commit) = promised {
                return Err(FinishError::Lost { segment, commit: commit.number });
            }
            return match row {
                // Its row is deleted once the file is: the garbage row sees to both.
                Some(row) => Ok(Finished {
                    changes: vec![Change::SegmentGarbage(row.id)],
                    notes: vec![format!("segment {segment} holds nothing that was ever durable")],
                    ..Finished::default()
                }),
                None => remove(volume, &job.place).map(|()| Finished::default()),
            };
        }
        Err(error) => return Err(error.into()),
    };
    adopt(volume, catalog, job, row, recovered)
}

/// The row of a segment that is sealed, where its stream is known.
fn adopt(
    volume: &Volume,
    catalog: &Catalog,
    job: &Unfinished,
    row: Option<SegmentRow>,
    recovered: Recovered,
) -> Result<Finished, FinishError> {
    let stream = recovered.identity.stream;
    if row.is_none() && !catalog.streams()?.iter().any(|known| known.id == stream) {
        return Err(FinishError::UnknownStream { segment: job.place.relative(), stream });
    }
    complete(volume, catalog, job, row, recovered)
}

/// The row of a segment that recovery has sealed.
fn complete(
    volume: &Volume,
    catalog: &Catalog,
    job: &Unfinished,
    row: Option<SegmentRow>,
    recovered: Recovered,
) -> Result<Finished, FinishError> {
    let Recovered { identity, index, sealed, missing, .. } = recovered;
    let mut notes = Vec::new();
    if let Some(commit) = missing {
        notes.push(format!(
            "segment {} ends before its commit {}, which was durable: footage is lost",
            job.place.relative(),
            commit.number
        ));
    }
    let (begins, ends) = index.span().unwrap_or((identity.start, identity.start));
    let cause = job.cause.map(|cause| cause.as_str().to_owned());
    let mut row = row.unwrap_or_else(|| row_of(volume, &identity));
    row.end_cause = row.end_cause.or(cause);
    row.end = ends.max(row.start).max(begins);
    let successor = match job.successor {
        Some(successor) => Some(successor),
        None => successor_of(catalog, &row)?,
    };
    if let Some(successor) = successor {
        row.end = end_before(&row, successor);
    }
    let footage = Some((row.stream, row.end));
    let trimmed = trim_before(catalog, &row)?;
    // It may have been known as one that could not be finished.
    let sound = Change::RemoveDamage(row.id);
    let changes = [seal_row(row, &index, sealed), sound].into_iter().chain(trimmed).collect();
    Ok(Finished { changes, footage, notes })
}

/// What a file says of itself, as the row of a segment that grows.
pub(super) fn row_of(volume: &Volume, identity: &Identity) -> SegmentRow {
    SegmentRow {
        id: identity.segment,
        stream: identity.stream,
        // Not that of the identity: it may have been moved.
        volume: volume.identity().volume,
        run: identity.run,
        camera_slug: identity.camera_slug.as_str().into(),
        stream_name: identity.stream_name.as_str().into(),
        state: SegmentState::Open,
        // The file's name is made from it.
        start: identity.start,
        end: identity.start,
        bytes: 0,
        allocated: 0,
        tracks: Vec::new(),
        predecessor: identity.predecessor,
        last_commit: None,
        end_cause: None,
    }
}

/// The segment before `row`, taken in when this one was not known, ends where this one begins.
fn trim_before(catalog: &Catalog, row: &SegmentRow) -> Result<Option<Change>, ReadError> {
    let before = catalog.segments_before(row.stream, row.start, 1)?.into_iter().next();
    let before = before.filter(|it| it.state == SegmentState::Sealed && it.id != row.id);
    let Some(before) = before else { return Ok(None) };
    let named = row.predecessor.is_some_and(|named| named.segment == before.id);
    let successor = Successor { start: row.start, goes_on: named && row.run == before.run };
    let end = end_before(&before, successor);
    Ok((end != before.end).then_some(Change::SegmentEnds { segment: before.id, end }))
}

fn successor_of(catalog: &Catalog, row: &SegmentRow) -> Result<Option<Successor>, ReadError> {
    let next = catalog.segment_after(row.stream, row.start.plus_micros(1))?;
    Ok(next.filter(|next| next.id != row.id).map(|next| Successor {
        start: next.start,
        goes_on: next.run == row.run && next.predecessor.is_some_and(|p| p.segment == row.id),
    }))
}

fn remove(volume: &Volume, place: &SegmentPlace) -> Result<(), FinishError> {
    let removed = volume.remove(place);
    removed.map_err(|source| FinishError::Remove { segment: place.relative(), source })
}
