//! Comparing catalog and files, reading only. It is clean while recording goes on: whatever looks
//! wrong is looked at again before it is said. It goes in steps, so that a driver can go easy on
//! the disk, stop at any time, and go on later: see [`Checking::progress`].

mod damage;
mod files;
mod look;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io;

use archive::{DayFolder, Depth, Removed, Volume};
use base::{SegmentId, WallTime, limits};
use catalog::{Catalog, ReadError, SegmentRow, SegmentState};

pub use damage::{Damage, Finding};
pub(crate) use look::{LOST, Look, Looked, is_good, is_stranger, problems};

use crate::rows::place_of;

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;
/// Overlaps of a stream that are told.
const OVERLAPS_MAX: usize = 1000;

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
/// segment. `progress` is told of each file.
pub fn check(
    volume: &Volume,
    catalog: &Catalog,
    depth: Depth,
    now: WallTime,
    progress: &mut dyn FnMut(&CheckReport),
) -> Result<CheckReport, CheckError> {
    let mut checking = Checking::begin(volume, catalog, depth, None)?;
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
    known: HashMap<SegmentId, (String, WallTime)>,
    phase: Phase,
    /// The last row that was compared.
    after: Option<SegmentId>,
    waiting: VecDeque<SegmentRow>,
    /// Predecessors of the waiting rows that have no row.
    gone: BTreeSet<SegmentId>,
    look: Option<Look>,
    notes: BTreeMap<(String, String), Option<Removed>>,
    /// Files without a row that were seen.
    orphans: BTreeMap<SegmentId, String>,
}

enum Phase {
    Rows,
    Days(VecDeque<DayFolder>),
    Done,
}

impl<'a> Checking<'a> {
    /// Begins a check, or goes on with one that had come to the row `after`.
    pub fn begin(
        volume: &'a Volume,
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
            known: known.map(|row| (row.segment, (row.name, row.found))).collect(),
            phase: Phase::Rows,
            after,
            waiting: VecDeque::new(),
            gone: BTreeSet::new(),
            look: None,
            notes: BTreeMap::new(),
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
        let gap = self.gap(row)?;
        if damages.is_empty() && gap.is_none() {
            return Ok(());
        }
        let again = self.catalog.segment(row.id)?;
        if again.is_none_or(|again| again.state != row.state) {
            return Ok(());
        }
        let file = place_of(row).relative();
        for damage in damages.into_iter().chain(gap) {
            let mut finding = Finding::of(row.id, file.clone(), damage);
            let known = self.known.get(&row.id);
            let known = known.filter(|(name, _)| name == finding.damage.name());
            finding.known = known.map(|(_, found)| *found);
            self.report.findings.push(finding);
        }
        Ok(())
    }

    /// Whether what a sealed segment follows is gone, and nothing explains that.
    fn gap(&mut self, row: &SegmentRow) -> Result<Option<Damage>, CheckError> {
        let Some(named) = row.predecessor else { return Ok(None) };
        if row.state != SegmentState::Sealed || !self.gone.contains(&named.segment) {
            return Ok(None);
        }
        let before = self.catalog.segments_before(row.stream, row.start, 1)?;
        // It is known as lost, and shown so.
        if before.first().is_some_and(|before| before.end_cause.as_deref() == Some(LOST)) {
            return Ok(None);
        }
        let note = self.note(row);
        let explained = note.is_some_and(|note| note.explains(&named).is_some());
        // Footage that aged out before there were notes was the oldest.
        let unsaid = before.is_empty() && note.is_none();
        let again = || self.catalog.without_row(&[named.segment]);
        let is_gap = !explained && !unsaid && !again()?.is_empty();
        Ok(is_gap.then_some(Damage::Gap { predecessor: named.segment }))
    }

    /// What was removed of a row's stream, where a signature of this archive says so.
    fn note(&mut self, row: &SegmentRow) -> Option<&Removed> {
        let key = (row.camera_slug.to_string(), row.stream_name.to_string());
        let volume = self.volume;
        let note = self.notes.entry(key).or_insert_with_key(|(slug, stream)| {
            let note = volume.read_removed(slug, stream).ok().flatten()?;
            note.is_signed(&volume.identity().public_key).then_some(note)
        });
        note.as_ref()
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

    fn listing(&self, source: io::Error) -> CheckError {
        CheckError::Volume { volume: self.volume.root().display().to_string(), source }
    }
}
