//! Questions about segments: rows of the database and of the tail, merged.

use std::sync::Arc;

use base::{SegmentId, StreamId, VolumeId, WallTime};
use media::{SegmentColumns, SegmentIndex, TrackParams};

use crate::catalog::Catalog;
use crate::columns::stored;
use crate::error::ReadError;
use crate::index_cache;
use crate::rows::{SegmentRow, SegmentState};

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
        self.unpacked("segment indexes", id, SegmentIndex::unpack)
    }

    /// The same index by columns, of a sealed segment whose index is in the cache.
    pub fn columns(&self, id: SegmentId) -> Result<Option<Arc<SegmentColumns>>, ReadError> {
        self.unpacked("columns of indexes", id, SegmentColumns::unpack)
    }

    /// What is made of an index in the cache and of the parameters of its tracks.
    fn unpacked<T>(
        &self,
        what: &'static str,
        id: SegmentId,
        unpack: impl Fn(&[u8], &[Arc<TrackParams>]) -> Option<T>,
    ) -> Result<Option<Arc<T>>, ReadError> {
        self.readers.read(what, |snapshot| {
            let Some((number, packed)) = index_cache::get(snapshot.db, id)? else {
                return Ok(None);
            };
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
            Ok(unpack(&packed, &tracks).map(Arc::new))
        })
    }

    /// The sizes of all samples of a sealed segment whose index is in the cache, of the tracks that
    /// are `wanted`; see [`SegmentIndex::unpack_sizes`].
    pub fn sizes(
        &self,
        id: SegmentId,
        wanted: &[bool],
    ) -> Result<Option<Vec<Vec<u32>>>, ReadError> {
        self.readers.read("sizes of samples", |snapshot| {
            let cached = index_cache::get(snapshot.db, id)?;
            Ok(cached.and_then(|(_, packed)| SegmentIndex::unpack_sizes(&packed, wanted)))
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
        // Along the ids, passing over those of other volumes: the index by volume knows no ids, and
        // each page would sort all rows of the volume. Where there is none, nothing is passed over.
        let chosen = "SELECT row FROM segment
                      WHERE +volume = (SELECT row FROM volume WHERE id = ?1) AND id > ?2
                        AND EXISTS (SELECT 1 FROM segment AS one
                          WHERE one.volume = (SELECT row FROM volume WHERE id = ?1))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{STREAM, VOLUME, catalog, growing, id, index, sealed, segment};
    use crate::{Change, Writer};

    fn minute(minute: i64) -> WallTime {
        WallTime::from_micros(minute * 60_000_000)
    }

    /// Sealed segments 0..8 of five minutes each with a hole for each multiple of 4, and 8 growing.
    fn filled() -> (Catalog, Writer) {
        let (catalog, mut writer) = catalog();
        let rows = (0..8).filter(|number| number % 4 != 0);
        let rows = rows.map(|number| (number, minute(5 * i64::from(number))));
        let changes: Vec<Change> = rows
            .map(|(number, start)| {
                let row = segment(number, start, start.plus_micros(300_000_000));
                let index = Some(index(start).pack());
                Change::SegmentSealed { row, index, activity: None }
            })
            .collect();
        writer.apply(&changes).unwrap();
        catalog.tail().open(growing(segment(8, minute(40), minute(42))));
        (catalog, writer)
    }

    fn numbers(rows: impl IntoIterator<Item = SegmentRow>) -> Vec<u8> {
        rows.into_iter().map(|row| row.id.as_bytes()[15]).collect()
    }

    #[test]
    fn a_range_gives_what_touches_it_growing_too() {
        let (catalog, _writer) = filled();
        let found = |from, to| numbers(catalog.segments(STREAM, from, to).unwrap());
        assert_eq!(found(minute(0), minute(99)), [1, 2, 3, 5, 6, 7, 8]);
        assert_eq!(found(minute(7), minute(11)), [1, 2]);
        assert_eq!(found(minute(10), minute(15)), [2]);
        assert_eq!(found(minute(21), minute(25)), [0u8; 0]);
        assert_eq!(found(minute(19), minute(26)), [3, 5]);
        assert_eq!(found(minute(41), minute(99)), [8]);
        assert_eq!(found(minute(42), minute(99)), [0u8; 0]);
        assert_eq!(found(minute(12), minute(12)), [2], "an instant lies in one segment");
    }

    #[test]
    fn pages_go_back_in_time() {
        let (catalog, _writer) = filled();
        let before = |at, limit| numbers(catalog.segments_before(STREAM, at, limit).unwrap());
        assert_eq!(before(WallTime::MAX, 3), [8, 7, 6]);
        assert_eq!(before(minute(30), 9), [5, 3, 2, 1]);
        assert_eq!(before(minute(5), 9), [0u8; 0]);
        let after = |at| numbers(catalog.segment_after(STREAM, at).unwrap());
        assert_eq!(
            (after(minute(0)), after(minute(16)), after(minute(36))),
            (vec![1], vec![5], vec![8])
        );
        assert_eq!(after(minute(41)), [0u8; 0]);
    }

    #[test]
    fn retention_sees_the_oldest_sealed_first() {
        let (catalog, _writer) = filled();
        assert_eq!(numbers(catalog.oldest(STREAM, 2).unwrap()), [1, 2]);
        assert_eq!(numbers(catalog.oldest_on(VOLUME, 99).unwrap()), [1, 2, 3, 5, 6, 7]);
        assert_eq!(numbers(catalog.rows_on(VOLUME, Some(id(2)), 2).unwrap()), [3, 5]);
        assert_eq!(numbers(catalog.rows_on(VOLUME, None, 2).unwrap()), [1, 2]);
    }

    #[test]
    fn durable_until_is_what_was_published_or_else_the_newest_end() {
        let (catalog, _writer) = filled();
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(40)));
        catalog.tail().set_durable_until(STREAM, minute(42));
        catalog.tail().set_durable_until(STREAM, minute(41));
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(42)));
        assert_eq!(catalog.durable_until(StreamId::from_bytes([9; 16])).unwrap(), None);
    }

    #[test]
    fn what_is_not_durable_is_gone_after_a_restart_and_the_rest_is_there() {
        let (_catalog, writer) = filled();
        let saved = writer.save().unwrap();
        drop(writer);
        let (catalog, _writer) = Catalog::restore(&saved, &crate::testing::options()).unwrap();
        let found = catalog.segments(STREAM, minute(0), minute(99)).unwrap();
        assert_eq!(numbers(found), [1, 2, 3, 5, 6, 7]);
    }

    #[test]
    fn many_threads_ask_at_once() {
        let (catalog, mut writer) = filled();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let found = catalog.segments(STREAM, minute(0), minute(99)).unwrap();
                        assert!(found.len() >= 7, "sealing hides nothing");
                    }
                });
            }
            writer.apply(&[sealed(segment(8, minute(40), minute(45)))]).unwrap();
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_range_gives_the_same_as_looking_at_every_row(
            spans in proptest::collection::vec((0i64..50, 1i64..50), 1..30),
            from in 0i64..1500,
            len in 1i64..500,
        ) {
            let (catalog, mut writer) = catalog();
            let mut end = 0;
            let rows: Vec<SegmentRow> = spans.iter().enumerate().map(|(number, (gap, len))| {
                let start = end + gap;
                end = start + len;
                segment(u32::try_from(number).unwrap(), minute(start), minute(end))
            }).collect();
            let changes: Vec<Change> = rows.iter().cloned().map(sealed).collect();
            writer.apply(&changes).unwrap();
            let (from, to) = (minute(from), minute(from + len));
            let expected: Vec<SegmentRow> =
                rows.into_iter().filter(|row| row.start < to && row.end > from).collect();
            prop_assert_eq!(catalog.segments(STREAM, from, to).unwrap(), expected);
        }
    }
}
