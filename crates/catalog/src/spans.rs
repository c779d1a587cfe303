//! What retention weighs: segments as spans of bytes, without what a reader needs of them.

use base::{SegmentId, StreamId, VolumeId, WallTime};
use rusqlite::Row;

use crate::catalog::Catalog;
use crate::columns::{count, instant, stored};
use crate::error::ReadError;
use crate::rows::SegmentRow;
use crate::summary::Totals;

/// A sealed segment, as retention sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentSpan {
    /// The segment.
    pub id: SegmentId,
    /// Whose footage it is.
    pub stream: StreamId,
    /// Where its file is.
    pub volume: VolumeId,
    /// Its first instant.
    pub start: WallTime,
    /// The first instant after it.
    pub end: WallTime,
    /// Bytes that its file takes on the disk.
    pub allocated: u64,
}

impl Catalog {
    /// Up to `limit` of the oldest sealed segments of a stream that `wanted` picks, oldest first:
    /// on one volume, or on all.
    pub fn oldest_spans(
        &self,
        stream: StreamId,
        volume: Option<VolumeId>,
        limit: usize,
        mut wanted: impl FnMut(&SegmentSpan) -> bool,
    ) -> Result<Vec<SegmentSpan>, ReadError> {
        self.readers.read("segments", |snapshot| {
            let on = volume.map(|id| *id.as_bytes());
            let mut any = snapshot.db.prepare_cached(
                "SELECT 1 FROM total WHERE stream = (SELECT row FROM stream WHERE id = ?1)
                   AND volume = (SELECT row FROM volume WHERE id = ?2)",
            )?;
            if on.is_some() && !any.exists((stream.as_bytes(), on))? {
                return Ok(Vec::new());
            }
            let mut read = snapshot.db.prepare_cached(
                "SELECT segment.id, volume.id AS on_volume, start_us, end_us, allocated
                 FROM segment CROSS JOIN volume ON volume.row = segment.volume
                 WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND state = 1
                   AND (?2 IS NULL OR segment.volume = (SELECT row FROM volume WHERE id = ?2))
                   AND start_us >= coalesce((SELECT min(start_us) FROM segment
                     WHERE volume = (SELECT row FROM volume WHERE id = ?2) AND state = 1), ?3)
                 ORDER BY start_us",
            )?;
            // A stream that has been moved here has older footage elsewhere: it is passed over.
            let mut rows = read.query((stream.as_bytes(), on, i64::MIN))?;
            let mut found = Vec::new();
            while found.len() < limit {
                let Some(row) = rows.next()? else { break };
                let span = span(stream, row)?;
                if wanted(&span) {
                    found.push(span);
                }
            }
            Ok(found)
        })
    }

    /// The sealed segments of a stream that touch [from, to), oldest first.
    pub fn spans(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentSpan>, ReadError> {
        self.readers.read("segments", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT segment.id, volume.id AS on_volume, start_us, end_us, allocated
                 FROM segment CROSS JOIN volume ON volume.row = segment.volume
                 WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND state = 1
                   AND start_us < ?3 AND end_us > ?2
                   AND start_us >= coalesce((SELECT max(start_us) FROM segment
                     WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND state = 1
                       AND start_us <= ?2), ?2)
                 ORDER BY start_us",
            )?;
            let range = (stream.as_bytes(), from.as_micros(), to.as_micros());
            read.query_map(range, |row| span(stream, row))?.collect()
        })
    }

    /// The sealed footage on a volume, summed up by stream; first and last instants are left out.
    pub fn totals_on(&self, volume: VolumeId) -> Result<Vec<(StreamId, Totals)>, ReadError> {
        self.readers.read("totals", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT stream.id, segments, bytes, allocated, recorded_us
                 FROM total JOIN stream ON stream.row = total.stream
                 WHERE total.volume = (SELECT row FROM volume WHERE id = ?1)
                 ORDER BY stream.row",
            )?;
            let totals = read.query_map([volume.as_bytes()], |row| {
                let totals = Totals {
                    segments: count(row, "segments")?,
                    bytes: count(row, "bytes")?,
                    allocated: count(row, "allocated")?,
                    recorded_micros: row.get("recorded_us")?,
                    ..Totals::default()
                };
                Ok((StreamId::from_bytes(row.get(0)?), totals))
            })?;
            totals.collect()
        })
    }

    /// Bytes that the files of garbage on a volume still take.
    pub fn garbage_bytes_on(&self, volume: VolumeId) -> Result<u64, ReadError> {
        self.readers.read("segments", |snapshot| {
            let mut sum = snapshot.db.prepare_cached(
                "SELECT coalesce(sum(allocated), 0) AS allocated FROM segment
                 WHERE state <> 1 AND state = 2
                   AND volume = (SELECT row FROM volume WHERE id = ?1)",
            )?;
            sum.query_row([volume.as_bytes()], |row| count(row, "allocated"))
        })
    }

    /// Up to `limit` rows of garbage on a volume, oldest first: their files may still be there.
    pub fn garbage_on(&self, volume: VolumeId, limit: usize) -> Result<Vec<SegmentRow>, ReadError> {
        self.readers.read("segments", |snapshot| {
            let chosen = "SELECT row FROM segment
                          WHERE state <> 1 AND state = 2
                            AND volume = (SELECT row FROM volume WHERE id = ?1)
                          ORDER BY start_us LIMIT ?2";
            snapshot.segments(chosen, (volume.as_bytes(), stored(limit as u64)))
        })
    }
}

fn span(stream: StreamId, row: &Row<'_>) -> rusqlite::Result<SegmentSpan> {
    Ok(SegmentSpan {
        id: SegmentId::from_bytes(row.get("id")?),
        stream,
        volume: VolumeId::from_bytes(row.get("on_volume")?),
        start: instant(row, "start_us")?,
        end: instant(row, "end_us")?,
        allocated: count(row, "allocated")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::{STREAM, VOLUME, at, catalog, id, sealed, segment};

    #[test]
    fn the_oldest_come_first_without_those_that_are_not_wanted() {
        let (catalog, mut writer) = catalog();
        let start = |n: u32| at("2026-11-22T10:00:00Z").plus_micros(i64::from(n) * 300_000_000);
        let rows = (0..6).map(|n| sealed(segment(n, start(n), start(n + 1))));
        writer.apply(&rows.collect::<Vec<_>>()).unwrap();
        writer.apply(&[Change::SegmentGarbage(id(0))]).unwrap();
        let ids = |spans: Vec<SegmentSpan>| -> Vec<SegmentId> {
            spans.into_iter().map(|span| span.id).collect()
        };
        let found = catalog.oldest_spans(STREAM, Some(VOLUME), 2, |span| span.id != id(2));
        assert_eq!(ids(found.unwrap()), [id(1), id(3)]);
        let elsewhere = VolumeId::from_bytes([99; 16]);
        assert_eq!(catalog.oldest_spans(STREAM, Some(elsewhere), 9, |_| true).unwrap(), []);
        assert_eq!(ids(catalog.oldest_spans(STREAM, None, 9, |_| true).unwrap()).len(), 5);
        let (from, to) = (start(2).plus_micros(1), start(4));
        assert_eq!(ids(catalog.spans(STREAM, from, to).unwrap()), [id(2), id(3)]);
        let all = catalog.totals_on(VOLUME).unwrap();
        assert_eq!((all.len(), all[0].0, all[0].1.segments), (1, STREAM, 5));
        assert_eq!(catalog.garbage_bytes_on(VOLUME).unwrap(), 300_024);
        assert_eq!(catalog.garbage_on(VOLUME, 9).unwrap()[0].id, id(0));
        assert_eq!(catalog.garbage_on(elsewhere, 9).unwrap(), []);
    }
}
