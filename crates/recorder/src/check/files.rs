//! Looking through folders: files that have no row, lie in two places, or are a stranger's.

use std::collections::HashMap;
use std::io;

use archive::{DayFolder, Depth, SegmentPlace, verify};
use base::{SegmentId, WallTime};
use catalog::{SegmentRow, SegmentState};

use super::{CheckError, Checking, Damage, Finding, is_stranger, problems};
use crate::rows::place_of;

/// A file this young may be waiting for its row.
const BEING_BORN_MICROS: i64 = 120_000_000;

impl Checking<'_> {
    /// What lies above the days' folders and is not ours.
    pub(super) fn strangers(&self) -> Result<Vec<Finding>, CheckError> {
        let strangers = self.volume.strangers().map_err(|source| self.listing(source))?;
        Ok(strangers.into_iter().map(foreign).collect())
    }

    pub(super) fn look_through(
        &mut self,
        day: &DayFolder,
        now: WallTime,
    ) -> Result<(), CheckError> {
        let listed = self.volume.strangers_of(day).and_then(|strangers| {
            let places = self.volume.segments(day)?;
            Ok((strangers, places))
        });
        let (strangers, places) = match listed {
            Ok(listed) => listed,
            // One folder that the disk does not give says nothing of the others.
            Err(error) => {
                self.unreadable_folder(day, &error)?;
                return Ok(());
            }
        };
        self.report.findings.extend(strangers.into_iter().map(foreign));
        self.report.files += places.len() as u64;
        let ids: Vec<_> = places.iter().map(|place| place.id).collect();
        let rows = self.catalog.rows_of(&ids)?.into_iter();
        let rows: HashMap<SegmentId, SegmentRow> = rows.map(|row| (row.id, row)).collect();
        for place in places {
            match rows.get(&place.id) {
                Some(row) => self.compare_place(&place, row)?,
                None if self.is_orphan(&place, now)? => self.orphan(&place),
                None => {}
            }
        }
        Ok(())
    }

    fn unreadable_folder(&mut self, day: &DayFolder, error: &io::Error) -> Result<(), CheckError> {
        self.still_there()?;
        let (segment, file) = (None, day.relative());
        let damage = Damage::Unreadable(error.to_string());
        self.report.findings.push(Finding { segment, file, damage, known: None });
        Ok(())
    }

    /// Whether a file that had no row has none still, and was not just begun or removed.
    fn is_orphan(&self, place: &SegmentPlace, now: WallTime) -> Result<bool, CheckError> {
        let young = now.micros_since(place.start).abs() < BEING_BORN_MICROS;
        let gone = || self.volume.usage(place).is_err();
        Ok(!young && !gone() && !self.catalog.without_row(&[place.id])?.is_empty())
    }

    fn orphan(&mut self, place: &SegmentPlace) {
        let file = place.relative();
        let damage = match self.orphans.get(&place.id) {
            Some(other) => Damage::TwoFiles { other: other.clone() },
            None => Damage::NoRow,
        };
        self.report.findings.push(Finding::of(place.id, file.clone(), damage));
        let found = verify(self.volume, place, Depth::Ends);
        for problem in found.iter().flat_map(problems).filter(|it| is_stranger(it)) {
            let damage = Damage::File(problem.clone());
            self.report.findings.push(Finding::of(place.id, file.clone(), damage));
        }
        self.orphans.insert(place.id, file);
    }

    /// A file that has a row must lie where the row says.
    fn compare_place(&mut self, place: &SegmentPlace, row: &SegmentRow) -> Result<(), CheckError> {
        let (file, belongs) = (place.relative(), place_of(row));
        let here = row.volume == self.volume.identity().volume;
        if row.state == SegmentState::Garbage || (here && belongs.relative() == file) {
            return Ok(());
        }
        // It may have been moved to another volume, or removed, while this looked around.
        let again = self.catalog.segment(row.id)?;
        if again.is_none_or(|again| again.volume != row.volume || again.state != row.state)
            || self.volume.usage(place).is_err()
        {
            return Ok(());
        }
        let damage = match here {
            false => Damage::TwoFiles { other: format!("volume {}", row.volume) },
            true if self.volume.usage(&belongs).is_ok() => {
                Damage::TwoFiles { other: belongs.relative() }
            }
            true => Damage::Misplaced { belongs: belongs.relative() },
        };
        self.report.findings.push(Finding::of(place.id, file, damage));
        Ok(())
    }
}

fn foreign(file: String) -> Finding {
    Finding { segment: None, file, damage: Damage::Foreign, known: None }
}
