//! Questions about segments: rows of the database and of the tail, merged.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::{RunId, SegmentId, StreamId, VolumeId, WallTime};
use media::{CommitRef, Predecessor, SegmentIndex, TrackParams, TrackTotals};
use rusqlite::{OptionalExtension, Params, Row};

use crate::columns::{count, damaged, instant, stored};
use crate::error::ReadError;
use crate::open::Catalog;
use crate::readers::Snapshot;
use crate::rows::{SegmentRow, SegmentState, SegmentTrack};

/// Rows of a stream that are sealed.
const SEALED: &str = "stream = (SELECT row FROM stream WHERE id = ?1) AND state = 1";

impl Catalog {
    /// The readable segments of a stream (sealed, or growing) that touch [from, to), by start.
    pub fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, ReadError> {
        // The tail first: what is sealed between the two is then in both, never in neither.
        let growing = self.tail().segments(stream);
        // Segments of a stream do not overlap: none before the last that starts by `from` can
        // reach into the range.
        let chosen = format!(
            "SELECT row FROM segment WHERE {SEALED} AND start_us < ?3 AND end_us > ?2
               AND start_us >= coalesce((SELECT max(start_us) FROM segment
                 WHERE {SEALED} AND start_us <= ?2), ?2)"
        );
        self.readers.read("segments", |snapshot| {
            let range = (stream.as_bytes(), from.as_micros(), to.as_micros());
            let mut rows = snapshot.segments(&chosen, range)?;
            let touching = |row: &SegmentRow| row.start < to && row.end > from;
            snapshot.add_growing(&mut rows, growing, touching)?;
            rows.sort_by_key(|row| row.start);
            Ok(rows)
        })
    }

    /// Up to `limit` readable segments of a stream that start before `before`, newest first.
    pub fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, ReadError> {
        let growing = self.tail().segments(stream);
        let chosen = format!(
            "SELECT row FROM segment WHERE {SEALED} AND start_us < ?2
             ORDER BY start_us DESC LIMIT ?3"
        );
        self.readers.read("segments", |snapshot| {
            let range = (stream.as_bytes(), before.as_micros(), stored(limit as u64));
            let mut rows = snapshot.segments(&chosen, range)?;
            snapshot.add_growing(&mut rows, growing, |row| row.start < before)?;
            rows.sort_by_key(|row| std::cmp::Reverse(row.start));
            rows.truncate(limit);
            Ok(rows)
        })
    }

    /// The first readable segment of a stream that starts at `at` or later.
    pub fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, ReadError> {
        let growing = self.tail().segments(stream);
        let chosen = format!(
            "SELECT row FROM segment WHERE {SEALED} AND start_us >= ?2 ORDER BY start_us LIMIT 1"
        );
        self.readers.read("segments", |snapshot| {
            let mut rows = snapshot.segments(&chosen, (stream.as_bytes(), at.as_micros()))?;
            snapshot.add_growing(&mut rows, growing, |row| row.start >= at)?;
            Ok(rows.into_iter().min_by_key(|row| row.start))
        })
    }

    /// One segment, in whatever state; a growing one as far as it is durable.
    pub fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, ReadError> {
        let growing = self.tail().segment(id);
        let row = self.readers.read("segments", |snapshot| {
            snapshot.segments("SELECT row FROM segment WHERE id = ?1", [id.as_bytes()])
        })?;
        let row = row.into_iter().next();
        let is_open = row.as_ref().is_none_or(|row| row.state == SegmentState::Open);
        Ok(growing.filter(|_| is_open).map(|growing| growing.row).or(row))
    }

    /// The index of a growing segment, or of a sealed one that is in the cache. `None`: read it
    /// from the file, and give it back as [`crate::Change::PutIndex`].
    pub fn index(&self, id: SegmentId) -> Result<Option<Arc<SegmentIndex>>, ReadError> {
        if let Some(growing) = self.tail().index(id) {
            return Ok(Some(growing));
        }
        self.readers.read("segment indexes", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT segment, packed FROM segment_index
                 WHERE segment = (SELECT row FROM segment WHERE id = ?1)",
            )?;
            let cached: Option<(i64, Vec<u8>)> =
                read.query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((number, packed)) = cached else { return Ok(None) };
            let mut tracks = snapshot.db.prepare_cached(
                "SELECT params FROM segment_track WHERE segment = ?1 ORDER BY track",
            )?;
            let numbers: Vec<i64> =
                tracks.query_map([number], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let tracks: Vec<Arc<TrackParams>> = numbers
                .into_iter()
                .map(|number| snapshot.params.get(snapshot.db, number))
                .collect::<Result<_, _>>()?;
            // What cannot be unpacked is of another version: the file has it too.
            Ok(SegmentIndex::unpack(&packed, &tracks).map(Arc::new))
        })
    }

    /// Everything of a stream before this is durable; `None` when there is no footage of it.
    pub fn durable_until(&self, stream: StreamId) -> Result<Option<WallTime>, ReadError> {
        if let Some(until) = self.tail().durable_until(stream) {
            return Ok(Some(until));
        }
        self.readers.read("segments", |snapshot| {
            let find =
                format!("SELECT end_us FROM segment WHERE {SEALED} ORDER BY start_us DESC LIMIT 1");
            let mut find = snapshot.db.prepare_cached(&find)?;
            find.query_row([stream.as_bytes()], |row| instant(row, "end_us")).optional()
        })
    }

    /// Up to `limit` of the oldest sealed segments of a stream, oldest first: for retention.
    pub fn oldest(&self, stream: StreamId, limit: usize) -> Result<Vec<SegmentRow>, ReadError> {
        let chosen = format!("SELECT row FROM segment WHERE {SEALED} ORDER BY start_us LIMIT ?2");
        self.readers.read("segments", |snapshot| {
            snapshot.segments(&chosen, (stream.as_bytes(), stored(limit as u64)))
        })
    }

    /// Up to `limit` of the oldest sealed segments on a volume, oldest first: for retention.
    pub fn oldest_on(&self, volume: VolumeId, limit: usize) -> Result<Vec<SegmentRow>, ReadError> {
        let chosen = "SELECT row FROM segment
                      WHERE volume = (SELECT row FROM volume WHERE id = ?1) AND state = 1
                      ORDER BY start_us LIMIT ?2";
        self.readers.read("segments", |snapshot| {
            snapshot.segments(chosen, (volume.as_bytes(), stored(limit as u64)))
        })
    }

    /// All rows that are open, growing or not: at a start, those to recover.
    pub fn open_rows(&self) -> Result<Vec<SegmentRow>, ReadError> {
        self.readers.read("segments", |snapshot| {
            snapshot.segments("SELECT row FROM segment WHERE state <> 1 AND state = 0", [])
        })
    }

    /// All rows that are garbage: at a start, those whose files may still be there.
    pub fn garbage_rows(&self) -> Result<Vec<SegmentRow>, ReadError> {
        self.readers.read("segments", |snapshot| {
            snapshot.segments("SELECT row FROM segment WHERE state <> 1 AND state = 2", [])
        })
    }

    /// Those of `ids` that have no row: files to adopt.
    pub fn without_row(&self, ids: &[SegmentId]) -> Result<Vec<SegmentId>, ReadError> {
        self.readers.read("segments", |snapshot| {
            let mut find = snapshot.db.prepare_cached("SELECT 1 FROM segment WHERE id = ?1")?;
            let mut missing = Vec::new();
            for id in ids {
                if !find.exists([id.as_bytes()])? {
                    missing.push(*id);
                }
            }
            Ok(missing)
        })
    }

    /// Up to `limit` rows on a volume (any state) whose id follows `after`, by id: for a check of
    /// everything.
    pub fn rows_on(
        &self,
        volume: VolumeId,
        after: Option<SegmentId>,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, ReadError> {
        let chosen = "SELECT row FROM segment
                      WHERE volume = (SELECT row FROM volume WHERE id = ?1) AND id > ?2
                      ORDER BY id LIMIT ?3";
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        self.readers.read("segments", |snapshot| {
            let range = (volume.as_bytes(), after, stored(limit as u64));
            let mut rows = snapshot.segments(chosen, range)?;
            rows.sort_by_key(|row| row.id);
            Ok(rows)
        })
    }
}

impl Snapshot<'_> {
    /// The segments whose row numbers the query `chosen` gives, by start.
    fn segments(&self, chosen: &str, values: impl Params) -> rusqlite::Result<Vec<SegmentRow>> {
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

    /// Adds those growing segments that `wanted` picks, unless the database knows better: sealed
    /// or removed since the tail was read.
    fn add_growing(
        &self,
        rows: &mut Vec<SegmentRow>,
        growing: Vec<crate::OpenSegment>,
        wanted: impl Fn(&SegmentRow) -> bool,
    ) -> rusqlite::Result<()> {
        let known: HashSet<SegmentId> = rows.iter().map(|row| row.id).collect();
        let mut gone =
            self.db.prepare_cached("SELECT 1 FROM segment WHERE id = ?1 AND state > 0")?;
        for segment in growing.into_iter().map(|growing| growing.row).filter(wanted) {
            if !known.contains(&segment.id) && !gone.exists([segment.id.as_bytes()])? {
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
