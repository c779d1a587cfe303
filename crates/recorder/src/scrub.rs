//! The background check: reads the sealed segments of a volume, those first that were checked
//! longest ago, at no more than a given rate, so that a disk that rots is known before its footage
//! is needed. It marks what is damaged, takes back the mark of what is not, and never repairs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use archive::{Depth, PIECE_BYTES, Verified, Volume};
use base::{MonoTime, SegmentId, VolumeId, WallTime};
use catalog::{Catalog, Change, DamageRow, ReadError, ScrubRow, SegmentRow, SegmentState};
use media::Activity;

use crate::Now;
use crate::check::{Damage, Finding, GAP, Look, Looked};
use crate::rows::place_of;

/// A pass begins no sooner than this after the one before began: what was read a week ago is fine.
const PASS_MICROS: i64 = 7 * 24 * 3600 * 1_000_000;
/// What was written within this is passed over until the next pass: much of it would be read from
/// memory, which says nothing of the disk.
const FRESH_MICROS: i64 = 24 * 3600 * 1_000_000;
/// How often progress is written down: what a crash forgets is read again.
const NOTE_EVERY: Duration = Duration::from_secs(600);
/// How long to wait when there is nothing to read.
const IDLE: Duration = Duration::from_secs(60);
/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 64;

/// What a step came to.
#[derive(Debug, Default)]
pub struct Scrubbed {
    /// For the catalog's writer: progress, and damage that is known from now on.
    pub changes: Vec<Change>,
    /// What is wrong with the segment that was read.
    pub findings: Vec<Finding>,
    /// Bytes that were read.
    pub read: u64,
}

/// The background check of one volume.
pub struct Scrub {
    volume: Arc<Volume>,
    catalog: Catalog,
    /// Bytes a second; 0: off.
    rate: u64,
    due: MonoTime,
    noted: MonoTime,
    pass: Option<ScrubRow>,
    rows: VecDeque<SegmentRow>,
    look: Option<Look>,
    /// What moves in segments of which that was not known.
    looked: Vec<Change>,
}

impl Scrub {
    /// A check of `volume` at `rate` bytes a second (0: none), which goes on where the last one
    /// stopped.
    pub fn new(volume: Arc<Volume>, catalog: Catalog, rate: u64, now: MonoTime) -> Self {
        let (rows, look, looked) = (VecDeque::new(), None, Vec::new());
        let due = now + IDLE;
        Self { volume, catalog, rate, due, noted: now, pass: None, rows, look, looked }
    }

    /// From now on it reads at this rate.
    pub fn set_rate(&mut self, rate: u64) {
        self.rate = rate;
    }

    /// When [`Scrub::step`] is due; `None`: never.
    pub fn due(&self) -> Option<MonoTime> {
        (self.rate > 0).then_some(self.due)
    }

    /// Reads one piece, if it is due.
    pub fn step(&mut self, now: Now) -> Result<Scrubbed, ReadError> {
        let mut done = Scrubbed::default();
        if self.due().is_none_or(|due| due > now.mono) {
            return Ok(done);
        }
        // Whatever fails is tried again later, not at once.
        self.due = now.mono + IDLE;
        if self.volume.is_there().is_err() {
            return Ok(done);
        }
        let look = match self.look.take() {
            Some(look) => Some(look),
            None => self.next(now, &mut done)?,
        };
        let Some(mut look) = look else { return Ok(done) };
        match look.step(&self.volume, &self.catalog)? {
            Looked::Read(bytes) => {
                done.read = bytes;
                self.look = Some(look);
            }
            Looked::Done(damages, found) => {
                // The ends are read once more: about a piece.
                done.read = PIECE_BYTES;
                if damages.is_empty() {
                    self.look_for_activity(&look.row, found.as_deref(), &mut done);
                }
                self.judged(&look.row, damages, now, &mut done)?;
            }
        }
        if let Some(pass) = &mut self.pass {
            pass.bytes += done.read;
        }
        let micros = done.read.saturating_mul(1_000_000) / self.rate.max(1);
        self.due = now.mono + Duration::from_micros(micros);
        Ok(done)
    }

    fn id(&self) -> VolumeId {
        self.volume.identity().volume
    }

    /// The next segment to read; `None` while there is none.
    fn next(&mut self, now: Now, done: &mut Scrubbed) -> Result<Option<Look>, ReadError> {
        let mut pass = match self.pass {
            Some(pass) => pass,
            None => match self.catalog.scrub(self.id())? {
                Some(pass) => pass,
                None => self.begin(now.wall),
            },
        };
        if pass.finished.is_some() {
            let since = now.wall.micros_since(pass.began);
            // One that found nothing that was old enough looks again once something is.
            let every = if pass.bytes == 0 { FRESH_MICROS } else { PASS_MICROS };
            // A clock that went back must not keep it from ever beginning again.
            if (0..every).contains(&since) {
                self.pass = Some(pass);
                return Ok(None);
            }
            pass = self.begin(now.wall);
        }
        if self.rows.is_empty() {
            self.rows = self.catalog.rows_on(self.id(), pass.after, ROWS_AT_ONCE)?.into();
        }
        while let Some(row) = self.rows.pop_front() {
            let age = now.wall.micros_since(row.end);
            // What a clock once dated ahead is no fresher for it.
            let fresh = (0..FRESH_MICROS).contains(&age);
            if !fresh && row.state == SegmentState::Sealed && self.stands(&row)? {
                self.pass = Some(pass);
                return Ok(Some(Look::begin(&self.volume, row, Depth::Everything)));
            }
            pass.after = Some(row.id);
        }
        let more = !self.catalog.rows_on(self.id(), pass.after, 1)?.is_empty();
        if !more {
            pass = ScrubRow { after: None, finished: Some(now.wall), ..pass };
            self.note(pass, now.mono, done);
        }
        self.pass = Some(pass);
        if more {
            self.due = now.mono;
        }
        Ok(None)
    }

    fn begin(&self, now: WallTime) -> ScrubRow {
        ScrubRow { volume: self.id(), after: None, began: now, finished: None, bytes: 0 }
    }

    /// Whether a row that was read before is as it was.
    fn stands(&self, row: &SegmentRow) -> Result<bool, ReadError> {
        Ok(self.catalog.segment(row.id)?.is_some_and(|again| again == *row))
    }

    fn judged(
        &mut self,
        row: &SegmentRow,
        damages: Vec<Damage>,
        now: Now,
        done: &mut Scrubbed,
    ) -> Result<(), ReadError> {
        if damages.is_empty() {
            self.healed(row, done)?;
        } else if self.stands(row)? {
            let file = place_of(row).relative();
            let mark = DamageRow {
                segment: row.id,
                name: damages[0].name().to_owned(),
                words: damages[0].to_string(),
                found: now.wall,
            };
            done.changes.push(Change::PutDamage(mark));
            let finding = |damage| Finding::of(row.id, file.clone(), damage);
            done.findings = damages.into_iter().map(finding).collect();
        }
        self.checked(row.id, now.mono, done);
        Ok(())
    }

    /// What moves in a segment of which that is not known: it was sealed before that was looked at.
    /// What was found of several is written at once: their rows are neighbours.
    fn look_for_activity(
        &mut self,
        row: &SegmentRow,
        found: Option<&Verified>,
        done: &mut Scrubbed,
    ) {
        let Some(index) = found.and_then(|found| found.index.as_ref()) else { return };
        let activity = Activity::of(index);
        // Where the catalog cannot be read the next pass finds it; the verdict must not be lost.
        let known = || self.catalog.activity_of(row.id).is_ok_and(|known| known.is_still());
        if !activity.is_still() && known() {
            let activity = activity.pack();
            self.looked.push(Change::PutActivity { segment: row.id, activity });
        }
        if self.looked.len() >= ROWS_AT_ONCE {
            done.changes.append(&mut self.looked);
        }
    }

    /// All of its bytes are as they were written: what a disk in trouble once said of it is past.
    /// A gap before it is no matter of its bytes.
    fn healed(&self, row: &SegmentRow, done: &mut Scrubbed) -> Result<(), ReadError> {
        let known = self.catalog.damaged(self.id())?;
        let known = known.iter().find(|known| known.segment == row.id && known.name != GAP);
        done.changes.extend(known.map(|known| Change::RemoveDamage(known.segment)));
        Ok(())
    }

    fn checked(&mut self, id: SegmentId, now: MonoTime, done: &mut Scrubbed) {
        let Some(mut pass) = self.pass else { return };
        pass.after = Some(id);
        self.pass = Some(pass);
        if now.since(self.noted) >= NOTE_EVERY {
            self.note(pass, now, done);
        }
    }

    fn note(&mut self, pass: ScrubRow, now: MonoTime, done: &mut Scrubbed) {
        self.noted = now;
        done.changes.append(&mut self.looked);
        done.changes.push(Change::PutScrub(pass));
    }
}
