//! Moving footage off a volume, one sealed segment at a time, in an order that nothing can harm:
//! the copy is durable and was read back, then the row says where it is, durably, and then the old
//! file goes. A crash in between leaves a copy or an old file that counts for nothing. Which
//! segments are on their way is noted in the catalog, so that [`Settling`] finds what a crash has
//! left; no try writes over it.

pub mod elsewhere;
mod left;
pub(crate) mod whole;

use std::io;
use std::sync::Arc;

use archive::moving::CopyError;
use archive::{DayFolder, Volume};
use base::{SegmentId, VolumeId, WallTime};
use catalog::{Catalog, Change, DamageRow, MovingRow, ReadError, SegmentRow, SegmentState};

pub use left::{Settled, Settling};

use crate::bringing::Removals;
use crate::rows::place_of;

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 64;

/// Moves footage off one volume.
pub struct Drain {
    from: Arc<Volume>,
    catalog: Catalog,
    /// Everything before it was looked at in this pass.
    after: Option<SegmentId>,
}

/// Footage was not moved; it stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// It could not be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The volume cannot be read or changed.
    #[error("moving footage off volume {volume}: {source}")]
    Volume {
        /// The volume.
        id: VolumeId,
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
}

impl Drain {
    /// Footage of `from` is to move.
    pub fn new(from: Arc<Volume>, catalog: Catalog) -> Self {
        Self { from, catalog, after: None }
    }

    /// Goes on with the pass of an earlier one that had come to `after`.
    #[must_use]
    pub fn going_on(self, after: Option<SegmentId>) -> Self {
        Self { after, ..self }
    }

    /// The last segment that was looked at in this pass.
    pub const fn after(&self) -> Option<SegmentId> {
        self.after
    }

    /// The next sealed segment; `None` at the end of a pass, after which another one begins.
    pub fn next_sealed(&mut self) -> Result<Option<SegmentRow>, DrainError> {
        let id = self.from.identity().volume;
        loop {
            let rows = self.catalog.rows_on(id, self.after, ROWS_AT_ONCE)?;
            let sealed = rows.iter().find(|row| row.state == SegmentState::Sealed);
            self.after = sealed.or(rows.last()).map(|row| row.id);
            match sealed {
                Some(row) => return Ok(Some(row.clone())),
                None if rows.is_empty() => return Ok(None),
                None => {}
            }
        }
    }

    /// What tells the catalog, before a segment is copied, that it may lie on both volumes from now
    /// on; [`Change::SegmentSettled`] ends that.
    pub fn begins(&self, row: &SegmentRow, to: &Volume) -> Change {
        Change::SegmentMoving(self.move_of(row, to))
    }

    fn move_of(&self, row: &SegmentRow, to: &Volume) -> MovingRow {
        MovingRow {
            segment: row.id,
            camera_slug: row.camera_slug.to_string(),
            stream_name: row.stream_name.to_string(),
            start: row.start,
            source: self.from.identity().volume,
            target: to.identity().volume,
        }
    }

    /// Copies a segment to another volume; what tells the catalog: where it is, and what of it was
    /// damaged before, as of `now`. After that is durable, [`Drain::settle`] removes the file that
    /// counts no more.
    pub fn copy(
        &self,
        row: &SegmentRow,
        to: &Volume,
        now: WallTime,
        pace: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Vec<Change>, DrainError> {
        let copied = to.copy_from(&self.from, &place_of(row), row.last_commit, pace)?;
        let (segment, volume, allocated) = (row.id, to.identity().volume, copied.allocated);
        let damage = copied.problem.map(|problem| {
            let (name, words) = (problem.name().to_owned(), problem.to_string());
            Change::PutDamage(DamageRow { segment, name, words, found: now })
        });
        let moved = Change::SegmentMoved { segment, volume, allocated };
        Ok([moved].into_iter().chain(damage).collect())
    }

    /// What was removed of a segment's stream here. It is to be noted where the segment goes before
    /// that is said to the catalog, as is what is protected and deleted of the stream
    /// ([`crate::retain::KeptFiles::bring`]): so whoever has the target alone has these too. A disk
    /// that does not give the note is one that footage has to leave: `unread` hears of it.
    pub fn removals(
        &self,
        row: &SegmentRow,
        unread: &mut dyn FnMut(DrainError),
    ) -> Option<Removals> {
        Removals::read(&self.from, (&row.camera_slug, &row.stream_name)).unwrap_or_else(|source| {
            unread(failed(&self.from, source));
            None
        })
    }

    /// Removes what a segment that was copied to `to` has left, as its row says now: the old file
    /// where it has moved; the copy too where it was removed meanwhile, by a rule or a person, for
    /// the next start would take it in as footage that nobody knows. Where it was lost, or went
    /// with its volume, the copy is to be taken in. What tells the catalog after that.
    pub fn settle(&self, row: &SegmentRow, to: &Volume) -> Result<Change, DrainError> {
        self.remove_left(row, to)?;
        Ok(Change::SegmentSettled(self.move_of(row, to)))
    }

    fn remove_left(&self, row: &SegmentRow, to: &Volume) -> Result<(), DrainError> {
        let now = self.catalog.segment(row.id)?;
        let stands = |row: &SegmentRow| row.state != SegmentState::Garbage;
        if now.as_ref().is_some_and(stands) {
            return self.clear(row.id);
        }
        // What is lost is forgotten with its moves.
        if now.is_none() && !self.catalog.moves_of(row.id)?.contains(&self.move_of(row, to)) {
            return Ok(());
        }
        // What is garbage goes where its row says, with a note of it; what lies on a volume that
        // was taken out stays as it is.
        let by_its_row = now.map(|row| row.volume);
        let known = self.catalog.volumes()?;
        for volume in [to, &*self.from] {
            let id = volume.identity().volume;
            if by_its_row != Some(id) && known.iter().any(|known| known.id == id) {
                volume.remove(&place_of(row)).map_err(|source| failed(volume, source))?;
            }
        }
        Ok(())
    }

    /// Removes the old file of a segment whose row says that it is elsewhere, and no other.
    fn clear(&self, segment: SegmentId) -> Result<(), DrainError> {
        let row = self.catalog.segment(segment)?;
        let id = self.from.identity().volume;
        let Some(row) = row.filter(|row| row.volume != id && row.state == SegmentState::Sealed)
        else {
            return Ok(());
        };
        self.from.remove(&place_of(&row)).map_err(|source| failed(&self.from, source))
    }

    /// The folders that may hold files of segments that lie elsewhere.
    pub fn days(&self) -> Result<Vec<DayFolder>, DrainError> {
        self.from.days().map_err(|source| failed(&self.from, source))
    }

    /// What tells the catalog of files in `day` that their rows do not mean, and of which it does
    /// not know that they were moved: before moves were noted, or since the backup that it is.
    /// Which file counts is [`Settling`]'s to say, which reads them.
    pub fn left(&self, day: &DayFolder) -> Result<Vec<Change>, DrainError> {
        let source = self.from.identity().volume;
        let mut found = Vec::new();
        for place in self.from.segments(day).map_err(|source| failed(&self.from, source))? {
            let row = self.catalog.segment(place.id)?;
            let is_left =
                |row: &SegmentRow| row.volume != source && row.state == SegmentState::Sealed;
            let Some(row) = row.filter(is_left) else { continue };
            let moving = MovingRow { target: row.volume, ..self.move_of(&row, &self.from) };
            if !self.catalog.moves_of(row.id)?.contains(&moving) {
                found.push(Change::SegmentMoving(moving));
            }
        }
        Ok(found)
    }
}

fn failed(volume: &Volume, source: io::Error) -> DrainError {
    let (id, root) = (volume.identity().volume, volume.root());
    DrainError::Volume { id, volume: root.display().to_string(), source }
}
