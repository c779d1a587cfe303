//! Comparing catalog and files, reading only. It is clean while recording goes on: whatever looks
//! wrong is looked at again before it is said. It goes in steps, so that a driver can go easy on
//! the disk, stop at any time, and go on later: see [`Checking::progress`].

mod damage;
mod files;
mod gap;
mod look;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use archive::{DayFolder, Depth, Volume};
use base::{SegmentId, WallTime, limits};
use catalog::{Catalog, DamageRow, ReadError, SegmentRow, SegmentState};

pub use damage::{Damage, Finding};
pub(crate) use damage::{GAP, NOT_RECOVERED};
pub(crate) use gap::Notes;
pub(crate) use look::{LOST, Look, Looked, is_good, is_stranger, problems};

use crate::rows::place_of;

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;
/// Overlaps of a stream that are told.
pub(crate) const OVERLAPS_MAX: usize = 1000;

/// What a check saw.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// What is wrong, in no order that matters.
    pub findings: Vec<Finding>,
    /// Rows that were compared.
    pub rows: u64,
    /// Files that were seen.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl CheckReport {
    /// Whether nothing is wrong that is not known.
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(Finding::is_settled)
    }
}

/// A check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The volume cannot be listed.
    #[error("looking through volume {volume}: {source}")]
    Volume {
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
}

/// Compares the rows and files of one volume, and the sums of all streams. With
/// [`Depth::Everything`] every byte is read and the hash chain verified, also from segment to
/// segment. `all` are the volumes that are open, this one too; `progress` is told of each file.
pub fn check(
    volume: &Volume,
    all: &[Arc<Volume>],
    catalog: &Catalog,
    depth: Depth,
    now: WallTime,
    progress: &mut dyn FnMut(&CheckReport),
) -> Result<CheckReport, CheckError> {
    let mut checking = Checking::begin(volume, all, catalog, depth, None)?;
    while !checking.is_done() {
        checking.step(now)?;
        progress(checking.report());
    }
    let mut report = checking.into_report();
    report.findings.extend(check_sums(catalog)?);
    Ok(report)
}

/// Sums of streams that are not what their segments add up to.
pub fn check_sums(catalog: &Catalog) -> Result<Vec<Finding>, ReadError> {
    let cameras = catalog.cameras()?;
    let mut findings = Vec::new();
    for stream in catalog.streams()? {
        let camera = cameras.iter().find(|camera| camera.id == stream.camera);
        let slug = camera.map_or("", |camera| camera.slug.as_str());
        for what in catalog.wrong_sums(stream.id)? {
            let file = format!("{slug}/{}", stream.name);
            let damage = Damage::WrongSums { what };
            findings.push(Finding { segment: None, file, damage, known: None });
        }
    }
    Ok(findings)
}

/// A check of one volume under way.
pub struct Checking<'a> {
    volume: &'a Volume,
    catalog: &'a Catalog,
    depth: Depth,
    report: CheckReport,
    known: HashMap<SegmentId, DamageRow>,
    phase: Phase,
    /// The last row that was compared.
    after: Option<SegmentId>,
    waiting: VecDeque<SegmentRow>,
    /// Predecessors of the waiting rows that have no row.
    gone: BTreeSet<SegmentId>,
    look: Option<Look>,
    notes: Notes<'a>,
    /// Files without a row that were seen.
    orphans: BTreeMap<SegmentId, String>,
}

enum Phase {
    Rows,
    Days(VecDeque<DayFolder>),
    Done,
}

impl<'a> Checking<'a> {
    /// Begins a check, or goes on with one that had come to the row `after`. `all` are the volumes
    /// that are open, this one too: what was removed may be noted on another.
    pub fn begin(
        volume: &'a Volume,
        all: &'a [Arc<Volume>],
        catalog: &'a Catalog,
        depth: Depth,
        after: Option<SegmentId>,
    ) -> Result<Self, CheckError> {
        let known = catalog.damaged(volume.identity().volume)?.into_iter();
        Ok(Self {
            volume,
            catalog,
            depth,
            report: CheckReport::default(),
            known: known.map(|row| (row.segment, row)).collect(),
            phase: Phase::Rows,
            after,
            waiting: VecDeque::new(),
            gone: BTreeSet::new(),
            look: None,
            notes: Notes::on(all),
            orphans: BTreeMap::new(),
        })
    }

    /// The last row that was compared, to go on from; rows come by id.
    pub const fn progress(&self) -> Option<SegmentId> {
        self.after
    }

    /// Whether all was compared.
    pub const fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// What was seen so far.
    pub const fn report(&self) -> &CheckReport {
        &self.report
    }

    /// Takes what was found since this was last called.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.report.findings)
    }

    /// What was seen.
    pub fn into_report(self) -> CheckReport {
        self.report
    }

    /// Reads one piece, compares one row, or looks through one folder; bytes that were read.
    pub fn step(&mut self, now: WallTime) -> Result<u64, CheckError> {
        if let Some(look) = &mut self.look {
            return Ok(match look.step(self.volume, self.catalog)? {
                Looked::Read(bytes) => bytes,
                Looked::Done(damages, found) => {
                    self.report.bytes += found.map_or(0, |found| found.len);
                    if let Some(look) = self.look.take() {
                        self.compared(&look.row, damages)?;
                    }
                    0
                }
            });
        }
        match &mut self.phase {
            Phase::Rows => self.next_row()?,
            Phase::Days(days) => match days.pop_front() {
                Some(day) => self.look_through(&day, now)?,
                None => {
                    self.overlaps()?;
                    self.phase = Phase::Done;
                }
            },
            Phase::Done => {}
        }
        Ok(0)
    }

    fn next_row(&mut self) -> Result<(), CheckError> {
        if self.waiting.is_empty() {
            let id = self.volume.identity().volume;
            let rows = self.catalog.rows_on(id, self.after, ROWS_AT_ONCE)?;
            if rows.is_empty() {
                self.report.findings.extend(self.strangers()?);
                let days = self.volume.days().map_err(|source| self.listing(source))?;
                self.phase = Phase::Days(days.into());
                return Ok(());
            }
            let named = rows.iter().filter_map(|row| Some(row.predecessor?.segment));
            let named: Vec<SegmentId> = named.collect();
            self.gone = self.catalog.without_row(&named)?.into_iter().collect();
            self.waiting = rows.into();
        }
        let Some(row) = self.waiting.pop_front() else { return Ok(()) };
        match row.state {
            SegmentState::Garbage => self.after = Some(row.id),
            _ => self.look = Some(Look::begin(self.volume, row, self.depth)),
        }
        Ok(())
    }

    /// A row was compared. What is wrong may be because it was sealed or removed meanwhile.
    fn compared(&mut self, row: &SegmentRow, damages: Vec<Damage>) -> Result<(), CheckError> {
        self.after = Some(row.id);
        self.report.rows += 1;
        if damages.contains(&Damage::Missing) {
            self.still_there()?;
        }
        let gap = self.gap(row)?.or_else(|| self.not_recovered(row));
        let healed = if damages.is_empty() && gap.is_none() { self.healed(row) } else { None };
        let damages: Vec<Damage> = damages.into_iter().chain(gap).chain(healed).collect();
        if damages.is_empty() {
            return Ok(());
        }
        let again = self.catalog.segment(row.id)?;
        if again.is_none_or(|again| again.state != row.state) {
            return Ok(());
        }
        let file = place_of(row).relative();
        for damage in damages {
            let mut finding = Finding::of(row.id, file.clone(), damage);
            let known = self.known.get(&row.id);
            let is_known = |name: &String| match &finding.damage {
                Damage::Healed { was } => was == name,
                damage => damage.name() == name,
            };
            let known = known.filter(|known| is_known(&known.name));
            finding.known = known.map(|known| known.found);
            self.report.findings.push(finding);
        }
        Ok(())
    }

    /// Whether a row with which nothing is wrong is marked as damaged, as far as this check can
    /// tell: only one that reads every byte may take back what reading every byte found.
    fn healed(&self, row: &SegmentRow) -> Option<Damage> {
        let was = &self.known.get(&row.id)?.name;
        let sure = self.depth == Depth::Everything || was == GAP;
        sure.then(|| Damage::Healed { was: was.clone() })
    }

    /// Whether recovery has given an open segment up.
    fn not_recovered(&self, row: &SegmentRow) -> Option<Damage> {
        let known = self.known.get(&row.id).filter(|_| row.state == SegmentState::Open)?;
        (known.name == NOT_RECOVERED).then(|| Damage::NotRecovered(known.words.clone()))
    }

    /// Whether what a row follows is gone; asked of the catalog only where it was a moment ago.
    fn gap(&mut self, row: &SegmentRow) -> Result<Option<Damage>, ReadError> {
        match row.predecessor {
            Some(named) if self.gone.contains(&named.segment) => self.notes.gap(self.catalog, row),
            _ => Ok(None),
        }
    }

    fn overlaps(&mut self) -> Result<(), CheckError> {
        let id = self.volume.identity().volume;
        for stream in self.catalog.streams()? {
            let micros = limits::CLOCK_ERROR_MAX_MICROS;
            for overlap in self.catalog.overlaps(stream.id, micros, OVERLAPS_MAX)? {
                let rows = self.catalog.rows_of(&[overlap.segment])?;
                let Some(row) = rows.first().filter(|_| overlap.volume == id) else { continue };
                let damage = Damage::Overlaps { other: overlap.next, micros: overlap.micros };
                let file = place_of(row).relative();
                self.report.findings.push(Finding::of(row.id, file, damage));
            }
        }
        Ok(())
    }

    /// Where the volume itself is gone, nothing is wrong with its files.
    fn still_there(&self) -> Result<(), CheckError> {
        self.volume.is_there().map_err(|error| self.listing(io::Error::other(error)))
    }

    fn listing(&self, source: io::Error) -> CheckError {
        CheckError::Volume { volume: self.volume.root().display().to_string(), source }
    }
}
