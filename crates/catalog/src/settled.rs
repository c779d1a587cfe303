//! How far a stream is durable, and which ranges of it stand for ever.

use base::{SegmentId, StreamId, VolumeId, WallTime};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::catalog::Catalog;
use crate::columns::instant;
use crate::error::ReadError;
use crate::unread::{Reach, UnreadSegment};

/// Whether a range of a stream stands for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// What of it lies before this; `None` when there is no footage of the stream.
    Until(Option<WallTime>),
    /// Footage that was not read yet may belong to it: soon it is known.
    NotYet,
    /// This segment, which was not read yet, may belong to it, and its volume is not there.
    Away(UnreadSegment),
}

impl Catalog {
    /// Everything of a stream before this is durable. `None` when there is no footage of it, and
    /// after a start as long as that is not known: it never goes back.
    pub fn durable_until(&self, stream: StreamId) -> Result<Option<WallTime>, ReadError> {
        match self.tail().reach(stream) {
            Reach::Unknown => Ok(None),
            Reach::Until(until) => Ok(Some(until)),
            Reach::Sealed => self.sealed_until(stream),
        }
    }

    /// What of [from, to) of a stream stands for ever.
    pub fn settled(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Settled, ReadError> {
        let unread = self.tail().unread(stream);
        for segment in unread.iter().filter(|segment| segment.start < to) {
            if self.successor(&unread, segment)?.is_none_or(|next| from < next) {
                let away = self.tail().is_away(segment.volume);
                return Ok(if away { Settled::Away(*segment) } else { Settled::NotYet });
            }
        }
        if let Some(published) = self.tail().published(stream) {
            return Ok(Settled::Until(Some(published)));
        }
        let sealed = self.sealed_until(stream)?;
        if self.tail().awaits_volumes() && sealed.is_none_or(|sealed| sealed < to) {
            return Ok(Settled::NotYet);
        }
        // Between what is sealed and what was not read there is nothing.
        Ok(Settled::Until(sealed.max(unread.last().map(|segment| segment.start))))
    }

    /// Where the segment after an unread one begins.
    fn successor(
        &self,
        unread: &[UnreadSegment],
        of: &UnreadSegment,
    ) -> Result<Option<WallTime>, ReadError> {
        let after = of.start.plus_micros(1);
        let known = self.segment_after(of.stream, after)?.map(|row| row.start);
        let others = unread.iter().map(|segment| segment.start).filter(|start| *start >= after);
        Ok(known.into_iter().chain(others).min())
    }

    /// The end of the newest sealed segment of a stream.
    fn sealed_until(&self, stream: StreamId) -> Result<Option<WallTime>, ReadError> {
        self.readers.read("segments", |snapshot| newest_end(snapshot.db, stream))
    }
}

fn newest_end(db: &Connection, stream: StreamId) -> rusqlite::Result<Option<WallTime>> {
    let mut find = db.prepare_cached(
        "SELECT end_us FROM segment
         WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND state = 1
         ORDER BY start_us DESC LIMIT 1",
    )?;
    find.query_row([stream.as_bytes()], |row| instant(row, "end_us")).optional()
}

/// Segments whose rows are open before anything was recorded: what a process before left.
pub(crate) fn left_open(db: &Connection) -> rusqlite::Result<Vec<UnreadSegment>> {
    let mut find = db.prepare(
        "SELECT segment.id, stream.id, volume.id, start_us FROM segment
         JOIN stream ON stream.row = segment.stream
         JOIN volume ON volume.row = segment.volume
         WHERE state <> 1 AND state = 0",
    )?;
    let segment = |row: &Row<'_>| {
        Ok(UnreadSegment {
            id: SegmentId::from_bytes(row.get(0)?),
            stream: StreamId::from_bytes(row.get(1)?),
            volume: VolumeId::from_bytes(row.get(2)?),
            start: instant(row, "start_us")?,
        })
    };
    find.query_map([], segment)?.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{STREAM, VOLUME, catalog, growing, id, options, sealed, segment};
    use crate::{Change, Writer};

    fn minute(minute: i64) -> WallTime {
        WallTime::from_micros(minute * 60_000_000)
    }

    /// Two sealed segments, up to minute 10, and one that grew from there on; as the next process
    /// finds it.
    fn left() -> (Catalog, Writer) {
        let (_, mut writer) = catalog();
        let rows = [(1, 0, 5), (2, 5, 10)];
        let rows = rows.map(|(number, from, to)| segment(number, minute(from), minute(to)));
        writer.apply(&rows.map(sealed)).unwrap();
        let open = segment(3, minute(10), minute(10));
        writer.apply(&[Change::SegmentOpened(open)]).unwrap();
        Catalog::restore(&writer.save().unwrap(), &options()).unwrap()
    }

    fn settled(catalog: &Catalog, from: i64, to: i64) -> Settled {
        catalog.settled(STREAM, minute(from), minute(to)).unwrap()
    }

    #[test]
    fn durable_until_never_goes_back_while_what_was_left_is_read() {
        let (catalog, mut writer) = left();
        // It was said to be durable up to minute 13, before the kill.
        assert_eq!(catalog.durable_until(STREAM).unwrap(), None);
        assert_eq!(catalog.shown(STREAM).unwrap().last, Some(minute(10)));
        catalog.tail().set_durable_until(STREAM, minute(15));
        assert_eq!(catalog.durable_until(STREAM).unwrap(), None, "there is a hole in that");
        assert_eq!(catalog.tail().durable_until(STREAM), None);
        assert_eq!(catalog.tail().published(STREAM), Some(minute(15)));
        writer.apply(&[sealed(segment(3, minute(10), minute(13)))]).unwrap();
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(15)));
        assert_eq!(catalog.durable_until(StreamId::from_bytes([9; 16])).unwrap(), None);
    }

    #[test]
    fn what_was_left_is_told_of_before_anything_new_is_durable() {
        let (catalog, mut writer) = left();
        writer.apply(&[sealed(segment(3, minute(10), minute(13)))]).unwrap();
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(13)));
        let (catalog, _writer) = left();
        catalog.tail().is_read(id(3));
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(10)), "it is damaged");
    }

    #[test]
    fn only_ranges_that_unread_footage_belongs_to_wait_for_it() {
        let (catalog, mut writer) = left();
        assert_eq!(settled(&catalog, 2, 10), Settled::Until(Some(minute(10))));
        assert_eq!(settled(&catalog, 2, 11), Settled::NotYet);
        assert_eq!(settled(&catalog, 30, 31), Settled::NotYet, "nobody knows where it ends");
        let new = segment(4, minute(20), minute(21));
        catalog.tail().open(growing(new));
        catalog.tail().set_durable_until(STREAM, minute(21));
        assert_eq!(settled(&catalog, 20, 25), Settled::Until(Some(minute(21))));
        assert_eq!(settled(&catalog, 19, 25), Settled::NotYet);
        writer.apply(&[sealed(segment(3, minute(10), minute(13)))]).unwrap();
        assert_eq!(settled(&catalog, 2, 25), Settled::Until(Some(minute(21))));
    }

    #[test]
    fn a_volume_that_is_not_there_is_not_waited_for() {
        let (catalog, _writer) = left();
        catalog.tail().looked_at(VOLUME, false);
        assert_eq!(catalog.durable_until(STREAM).unwrap(), None, "it was more than is sealed");
        assert_eq!(settled(&catalog, 2, 10), Settled::Until(Some(minute(10))));
        assert!(matches!(settled(&catalog, 2, 11), Settled::Away(of) if of.id == id(3)));
        catalog.tail().open(growing(segment(4, minute(20), minute(21))));
        catalog.tail().set_durable_until(STREAM, minute(21));
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(21)));
        assert!(matches!(settled(&catalog, 19, 20), Settled::Away(_)));
        catalog.tail().looked_at(VOLUME, true);
        assert_eq!(catalog.durable_until(STREAM).unwrap(), None);
    }

    #[test]
    fn what_lies_on_a_volume_without_a_row_is_waited_for_until_it_was_looked_at() {
        let (catalog, _writer) = left();
        catalog.tail().is_read(id(3));
        catalog.tail().await_volume(VOLUME);
        assert_eq!(catalog.durable_until(STREAM).unwrap(), None);
        assert_eq!(settled(&catalog, 2, 10), Settled::Until(Some(minute(10))));
        assert_eq!(settled(&catalog, 2, 11), Settled::NotYet);
        let found = UnreadSegment { id: id(5), stream: STREAM, volume: VOLUME, start: minute(10) };
        catalog.tail().left(found);
        catalog.tail().looked_at(VOLUME, true);
        assert_eq!(settled(&catalog, 2, 11), Settled::NotYet);
        catalog.tail().is_read(id(5));
        assert_eq!(catalog.durable_until(STREAM).unwrap(), Some(minute(10)));
        // What grows here is no stranger.
        catalog.tail().open(growing(segment(6, minute(20), minute(21))));
        catalog.tail().left(UnreadSegment { id: id(6), ..found });
        assert_eq!(catalog.tail().unread(STREAM), []);
    }
}
