//! Rows of segments, read from one snapshot.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::{RunId, SegmentId, StreamId, VolumeId};
use media::{CommitRef, Predecessor, TrackTotals};
use rusqlite::{Params, Row};

use crate::columns::{count, damaged, instant};
use crate::readers::Snapshot;
use crate::rows::{SegmentRow, SegmentState, SegmentTrack};

impl Snapshot<'_> {
    /// The segments whose row numbers the query `chosen` gives, by start.
    pub(crate) fn segments(
        &self,
        chosen: &str,
        values: impl Params,
    ) -> rusqlite::Result<Vec<SegmentRow>> {
        let mut read = self.db.prepare_cached(&format!(
            "SELECT segment.*, track.params, track.samples, track.bytes AS track_bytes,
               track.key_frames, track.duration_runs, track.composition_runs, track.chunks
             FROM segment LEFT JOIN segment_track AS track ON track.segment = segment.row
             WHERE segment.row IN ({chosen})
             ORDER BY segment.start_us, segment.row, track.track"
        ))?;
        let mut rows = read.query(values)?;
        let mut names = Names::default();
        let mut segments: Vec<SegmentRow> = Vec::new();
        let mut last = None;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get("row")?;
            if last != Some(number) {
                segments.push(self.segment(row, &mut names)?);
                last = Some(number);
            }
            if let Some(params) = row.get("params")? {
                let track = SegmentTrack {
                    params: self.params.get(self.db, params)?,
                    totals: totals(row)?,
                };
                segments.last_mut().expect("was just pushed").tracks.push(track);
            }
        }
        Ok(segments)
    }

    fn segment(&self, row: &Row<'_>, names: &mut Names) -> rusqlite::Result<SegmentRow> {
        let state: i64 = row.get("state")?;
        let (stream, camera_slug, stream_name) = names.stream(self, row.get("stream")?)?;
        let predecessor: Option<[u8; 16]> = row.get("predecessor")?;
        let before = commit(row, "predecessor_commit", "predecessor_hash")?;
        Ok(SegmentRow {
            id: SegmentId::from_bytes(row.get("id")?),
            stream,
            volume: names.volume(self, row.get("volume")?)?,
            run: RunId::from_bytes(row.get("run")?),
            camera_slug,
            stream_name,
            state: SegmentState::of_code(state).ok_or_else(|| damaged("state", &state))?,
            start: instant(row, "start_us")?,
            end: instant(row, "end_us")?,
            bytes: count(row, "bytes")?,
            allocated: count(row, "allocated")?,
            tracks: Vec::new(),
            predecessor: predecessor.zip(before).map(|(segment, commit)| Predecessor {
                segment: SegmentId::from_bytes(segment),
                commit,
            }),
            last_commit: commit(row, "last_commit", "last_hash")?,
            end_cause: row.get("end_cause")?,
        })
    }

    /// Whether a segment of the tail was sealed or removed since that was read.
    pub(crate) fn knows_better(&self, segment: SegmentId) -> rusqlite::Result<bool> {
        let known = "SELECT 1 FROM segment WHERE id = ?1 AND state > 0";
        self.db.prepare_cached(known)?.exists([segment.as_bytes()])
    }

    /// Adds those growing segments that `wanted` picks, unless the database knows better: sealed
    /// or removed since the tail was read.
    pub(crate) fn add_growing(
        &self,
        rows: &mut Vec<SegmentRow>,
        growing: Vec<crate::OpenSegment>,
        wanted: impl Fn(&SegmentRow) -> bool,
    ) -> rusqlite::Result<()> {
        let known: HashSet<SegmentId> = rows.iter().map(|row| row.id).collect();
        for segment in growing.into_iter().map(|growing| growing.row).filter(wanted) {
            if !known.contains(&segment.id) && !self.knows_better(segment.id)? {
                rows.push(segment);
            }
        }
        Ok(())
    }
}

fn totals(row: &Row<'_>) -> rusqlite::Result<TrackTotals> {
    Ok(TrackTotals {
        samples: row.get("samples")?,
        bytes: count(row, "track_bytes")?,
        key_frames: row.get("key_frames")?,
        duration_runs: row.get("duration_runs")?,
        composition_runs: row.get("composition_runs")?,
        chunks: row.get("chunks")?,
    })
}

fn commit(row: &Row<'_>, number: &str, hash: &str) -> rusqlite::Result<Option<CommitRef>> {
    let number: Option<u32> = row.get(number)?;
    let hash: Option<[u8; 32]> = row.get(hash)?;
    Ok(number.zip(hash).map(|(number, hash)| CommitRef { number, hash }))
}

/// Ids and names of streams and volumes by row number, read once per question.
#[derive(Default)]
struct Names {
    streams: HashMap<i64, (StreamId, Arc<str>, Arc<str>)>,
    volumes: HashMap<i64, VolumeId>,
}

impl Names {
    fn stream(
        &mut self,
        snapshot: &Snapshot<'_>,
        number: i64,
    ) -> rusqlite::Result<(StreamId, Arc<str>, Arc<str>)> {
        if let Some(known) = self.streams.get(&number) {
            return Ok(known.clone());
        }
        let mut read = snapshot.db.prepare_cached(
            "SELECT stream.id, camera.slug, stream.name
             FROM stream JOIN camera ON camera.row = stream.camera WHERE stream.row = ?1",
        )?;
        let found = read.query_row([number], |row| {
            Ok((StreamId::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?))
        })?;
        self.streams.insert(number, found.clone());
        Ok(found)
    }

    fn volume(&mut self, snapshot: &Snapshot<'_>, number: i64) -> rusqlite::Result<VolumeId> {
        if let Some(known) = self.volumes.get(&number) {
            return Ok(*known);
        }
        let mut read = snapshot.db.prepare_cached("SELECT id FROM volume WHERE row = ?1")?;
        let id = read.query_row([number], |row| Ok(VolumeId::from_bytes(row.get(0)?)))?;
        self.volumes.insert(number, id);
        Ok(id)
    }
}
