//! A new catalog from files alone: cameras, streams, segments, days, sums, and what
//! `holdfast-kept.json` says is protected or was deleted by hand. Files that were never sealed are
//! left to the next start, as after a power cut.

use std::io;

use archive::{SegmentPlace, Volume};
use catalog::{ApplyError, Catalog, Change, ProtectionRow, ReadError, SegmentRow, SegmentState};
use catalog::{MovingRow, SegmentTrack};
use media::{Activity, CommitRef, Identity, SegmentIndex};

use crate::known::{Known, Stranger};
use crate::repair::{Apply, place_of_identity};
use crate::rows::end_before;
use crate::unfinished::Successor;

/// Rows that are made durable at once.
const ROWS_AT_ONCE: usize = 256;
/// Words about files that are kept.
const NOTES_MAX: usize = 1000;

/// What a rebuild took in.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// Segments that have a row now.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that the next start finishes.
    pub unfinished: u64,
    /// Protected spans that were taken in.
    pub protected: u64,
    /// Files that were not taken in, in words; they are left as they are.
    pub left: Vec<String>,
    /// How many those are.
    pub left_count: u64,
}

/// A rebuild could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The volume cannot be listed.
    #[error("looking through volume {volume}: {source}")]
    Volume {
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The new catalog gives no answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new catalog does not take it.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// Takes all sealed segments of one volume into `catalog`, which knows the volume. Only the ends of
/// files are read. `progress` is told of each day's folder.
pub fn rebuild(
    volume: &Volume,
    catalog: &Catalog,
    apply: Apply<'_>,
    progress: &mut dyn FnMut(&Rebuilt),
) -> Result<Rebuilt, RebuildError> {
    let listing =
        |source| RebuildError::Volume { volume: volume.root().display().to_string(), source };
    let mut work = Rebuild {
        volume,
        catalog,
        known: Known::of(catalog)?,
        apply,
        done: Rebuilt::default(),
        waiting: Vec::new(),
        before: None,
    };
    let mut stream = None;
    for day in volume.days().map_err(listing)? {
        let this = (day.camera_slug.clone(), day.stream.clone());
        if stream.as_ref() != Some(&this) {
            work.finish_stream()?;
            stream = Some(this);
        }
        for place in volume.segments(&day).map_err(listing)? {
            work.take_in(&place)?;
        }
        progress(&work.done);
    }
    work.finish_stream()?;
    for (camera_slug, stream) in volume.stream_folders().map_err(listing)? {
        work.take_kept(&camera_slug, &stream)?;
    }
    Ok(work.done)
}

/// A segment that is taken in once it is known where it ends.
struct Before {
    row: SegmentRow,
    identity: Identity,
    /// Packed.
    activity: Vec<u8>,
}

struct Rebuild<'a> {
    volume: &'a Volume,
    catalog: &'a Catalog,
    known: Known,
    apply: Apply<'a>,
    done: Rebuilt,
    waiting: Vec<Change>,
    /// The stream's segment before, which ends where the next one says.
    before: Option<Before>,
}

impl Rebuild<'_> {
    fn leave(&mut self, file: &str, why: &dyn std::fmt::Display) {
        self.done.left_count += 1;
        if self.done.left.len() < NOTES_MAX {
            self.done.left.push(format!("{file}: {why}"));
        }
    }

    fn take_in(&mut self, place: &SegmentPlace) -> Result<(), RebuildError> {
        let file = place.relative();
        let (identity, index, last) = match self.volume.sealed(place) {
            Ok(sealed) if self.is_complete(place) => sealed,
            Ok(_) => {
                // Its header is not turned yet, and no row may say that it is sealed.
                self.done.unfinished += 1;
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                // Growing, cut off, or damaged: the next start looks into it.
                self.done.unfinished += 1;
                return Ok(());
            }
            Err(error) => {
                self.leave(&file, &error);
                return Ok(());
            }
        };
        if identity.archive != self.volume.identity().archive {
            self.leave(&file, &format!("it belongs to archive {}", identity.archive));
            return Ok(());
        }
        if place_of_identity(&identity).relative() != file {
            self.leave(&file, &"it is another segment than its name says");
            return Ok(());
        }
        match self.known.introduce(&identity) {
            Ok(changes) if changes.is_empty() => {}
            // Before the segments that need them.
            Ok(changes) => (self.apply)(changes)?,
            Err(Stranger(why)) => {
                self.leave(&file, &why);
                return Ok(());
            }
        }
        let usage = match self.volume.usage(place) {
            Ok(usage) => usage,
            Err(error) => {
                self.leave(&file, &error);
                return Ok(());
            }
        };
        let mut row = row_of(&identity, &index, last);
        row.volume = self.volume.identity().volume;
        (row.bytes, row.allocated) = (usage.len, usage.allocated);
        self.settle_before(Some(&row))?;
        let activity = Activity::of(&index).pack();
        self.before = Some(Before { row, identity, activity });
        Ok(())
    }

    /// Whether a file that has its seal needs nothing more.
    fn is_complete(&self, place: &SegmentPlace) -> bool {
        use archive::recover::{FileState, tail};
        // What else may be wrong with it is the business of a check.
        !tail(self.volume, place).is_ok_and(|tail| tail.state == FileState::Unturned)
    }

    /// The segment before is complete now that what follows it is known.
    fn settle_before(&mut self, next: Option<&SegmentRow>) -> Result<(), RebuildError> {
        let Some(Before { mut row, activity, .. }) = self.before.take() else { return Ok(()) };
        if let Some(next) = next {
            let goes_on =
                next.run == row.run && next.predecessor.is_some_and(|p| p.segment == row.id);
            row.end = end_before(&row, Successor { start: next.start, goes_on });
        }
        self.done.segments += 1;
        self.done.bytes += row.bytes;
        let twice = self.on_another_volume(&row)?;
        let activity = Some(activity);
        self.waiting.push(Change::SegmentSealed { row, index: None, activity });
        self.waiting.extend(twice);
        if self.waiting.len() >= ROWS_AT_ONCE {
            (self.apply)(std::mem::take(&mut self.waiting))?;
        }
        Ok(())
    }

    /// A move was cut short: a file of this segment lies on another volume too. Which of them is to
    /// go is settled once the recorder runs.
    fn on_another_volume(&self, row: &SegmentRow) -> Result<Option<Change>, RebuildError> {
        let known = self.catalog.rows_of(&[row.id])?.into_iter().next();
        let other = known.filter(|known| known.volume != row.volume);
        Ok(other.map(|other| {
            Change::SegmentMoving(MovingRow {
                segment: row.id,
                camera_slug: row.camera_slug.to_string(),
                stream_name: row.stream_name.to_string(),
                start: row.start,
                source: other.volume,
                target: row.volume,
            })
        }))
    }

    fn finish_stream(&mut self) -> Result<(), RebuildError> {
        let newest = self.before.as_ref().map(|before| before.identity.clone());
        self.settle_before(None)?;
        let renamed = newest.and_then(|identity| self.known.rename(&identity));
        self.waiting.extend(renamed);
        if !self.waiting.is_empty() {
            (self.apply)(std::mem::take(&mut self.waiting))?;
        }
        Ok(())
    }

    fn take_kept(&mut self, camera_slug: &str, stream_name: &str) -> Result<(), RebuildError> {
        let kept = match self.volume.read_kept(camera_slug, stream_name) {
            Ok(Some(kept)) => kept,
            Ok(None) => return Ok(()),
            Err(error) => {
                self.leave(&format!("{camera_slug}/{stream_name}"), &error);
                return Ok(());
            }
        };
        if !self.known.has(kept.stream) {
            let why = "what is protected there is of a stream that has no footage";
            self.leave(&format!("{camera_slug}/{stream_name}"), &why);
            return Ok(());
        }
        let stream = kept.stream;
        // Both volumes of a stream say the same, and what was protected after a part of it had been
        // deleted touches that part: neither may end a rebuild.
        let hide = kept.hidden.into_iter();
        let hide = hide.map(|span| Change::HideAgain { stream, from: span.from, to: span.to });
        let protect = kept.protected.into_iter().map(|span| {
            Change::Protect(ProtectionRow {
                stream,
                from: span.from,
                to: span.to,
                made: span.made,
                made_by: span.by,
                note: span.note,
            })
        });
        let whose = format!("{camera_slug}/{stream_name}");
        self.take_each(&whose, hide.collect())?;
        self.done.protected += self.take_each(&whose, protect.collect())?;
        Ok(())
    }

    /// Takes in what it can of `changes`; how many those are. What is refused is said.
    fn take_each(&mut self, whose: &str, changes: Vec<Change>) -> Result<u64, RebuildError> {
        let mut taken = 0;
        for change in changes {
            match (self.apply)(vec![change]) {
                Ok(()) => taken += 1,
                Err(ApplyError::Refused { why, .. }) => self.leave(whose, &why),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(taken)
    }
}

fn row_of(identity: &Identity, index: &SegmentIndex, last: CommitRef) -> SegmentRow {
    let end = index.span().map_or(identity.start, |(_, end)| end);
    let tracks = index.tracks.iter();
    let tracks = tracks.map(|t| SegmentTrack { params: t.params.clone(), totals: t.totals() });
    SegmentRow {
        id: identity.segment,
        stream: identity.stream,
        volume: identity.volume,
        run: identity.run,
        camera_slug: identity.camera_slug.as_str().into(),
        stream_name: identity.stream_name.as_str().into(),
        state: SegmentState::Sealed,
        start: identity.start,
        end: end.max(identity.start),
        bytes: 0,
        allocated: 0,
        tracks: tracks.collect(),
        predecessor: identity.predecessor,
        last_commit: Some(last),
        end_cause: None,
    }
}
