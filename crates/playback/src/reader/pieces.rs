//! The pieces of tables that a reader comes to, and those that it makes ahead.

use std::sync::Arc;

use crate::ahead::{Ahead, Place};
use crate::error::{Disagrees, ReadError};
use crate::reader::ClipReader;
use crate::tables::{self, Table, Writer};
use crate::track::Member;

impl ClipReader {
    /// What a member of a track adds to one of its tables: `len` bytes.
    pub(super) fn table(&mut self, place: Place, len: u64) -> Result<&[u8], ReadError> {
        if self.last != Some(place) {
            self.last = None;
            let mut piece = std::mem::take(&mut self.last_bytes);
            if !self.ahead.take(place, &mut piece) {
                let made = self.make(place, &mut piece);
                let made = made.and_then(|fits| self.look_ahead(place).map(|()| fits))?;
                let (track, _, member) = place;
                let part = self.plan.layout.tracks[track].members[member].part;
                let disagrees = Disagrees { segment: self.plan.layout.parts[part].row.id };
                if !made || piece.len() as u64 != len {
                    return Err(disagrees.into());
                }
            }
            (self.last, self.last_bytes) = (Some(place), piece);
        }
        Ok(&self.last_bytes)
    }

    /// Where the timestamps of a part begin in the clip, 8 bytes for each.
    pub(super) fn text_places(&mut self, part: usize) -> Result<&[u8], ReadError> {
        let place = Ahead::texts(part);
        if self.last != Some(place) {
            self.last = None;
            let mut piece = std::mem::take(&mut self.last_bytes);
            if !self.ahead.take(place, &mut piece) {
                let held = self.held(part)?;
                piece = tables::text_places(&held.pieces, self.plan.layout.media[part].0);
            }
            (self.last, self.last_bytes) = (Some(place), piece);
        }
        Ok(&self.last_bytes)
    }

    /// Makes what the same part adds to tables that come later, while its index is held.
    fn look_ahead(&mut self, (track, table, member): Place) -> Result<(), ReadError> {
        let plan = self.plan.clone();
        let layout = &plan.layout;
        // Who asks for a few bytes of the tables gets no more.
        if layout.media.first().is_none_or(|(media, _)| self.rest.end <= *media) {
            return Ok(());
        }
        let part = layout.tracks[track].members[member].part;
        let mut piece = Vec::new();
        for (number, of) in layout.tracks.iter().enumerate().skip(track) {
            let first = of.members.partition_point(|member| member.part < part);
            let own = of.members.iter().enumerate().skip(first);
            for (member, _) in own.take_while(|(_, member)| member.part == part) {
                for later in Table::ALL {
                    let place = (number, later, member);
                    let due = (number, later) > (track, table) && later.is_of(of.lane.is_video());
                    if due && self.ahead.wants(place) && self.make(place, &mut piece)? {
                        self.ahead.put(place, &piece);
                    }
                }
            }
        }
        if layout.texts.is_some() && self.ahead.wants(Ahead::texts(part)) {
            let held = self.held(part)?;
            let places = tables::text_places(&held.pieces, layout.media[part].0);
            self.ahead.put(Ahead::texts(part), &places);
        }
        Ok(())
    }

    /// Puts the entries that a member of a track adds to one of its tables into `out`, in the place
    /// of what that holds; false where one does not fit its field.
    fn make(&mut self, place: Place, out: &mut Vec<u8>) -> Result<bool, ReadError> {
        let (track, table, member) = place;
        let plan = self.plan.clone();
        let layout = &plan.layout;
        let own = &layout.tracks[track].members[member];
        if table == Table::Stsz {
            return self.make_sizes(place, own, out);
        }
        let held = self.held(own.part)?;
        let part = &layout.parts[own.part];
        let disagrees = Disagrees { segment: part.row.id };
        let take = &part.takes[own.take];
        let next = match layout.tracks[track].members.get(member + 1) {
            Some(next) if table == Table::Stts => {
                let take = &layout.parts[next.part].takes[next.take];
                let held = self.held(next.part)?;
                let mut times = held.index.tracks[take.track].times();
                let first = times.nth(take.samples.start).map(|time| time.grid_dts);
                first.ok_or(disagrees)? + take.shift + take.moved
            }
            _ => layout.tracks[track].times.decode_end,
        };
        let writer = Writer {
            track: &held.index.tracks[take.track],
            take,
            number: own.take,
            before: own.before,
            description: own.description,
            pieces: &held.pieces,
            media_start: layout.media[own.part].0,
            next,
        };
        out.clear();
        Ok(writer.write(table, out))
    }

    /// Puts the sizes of the samples of a member into `out`; false where their sum is another one
    /// than was planned. They need nothing but the index: where room is short, they are all that
    /// it is read for.
    fn make_sizes(
        &mut self,
        place: Place,
        own: &Member,
        out: &mut Vec<u8>,
    ) -> Result<bool, ReadError> {
        let plan = self.plan.clone();
        let part = &plan.layout.parts[own.part];
        let take = &part.takes[own.take];
        out.clear();
        let bytes = if take.sets_len() == 0 && self.needs_only_sizes(place, own.part) {
            let sizes = self.sizes(own.part)?;
            let own = sizes.get(take.track).and_then(|all| all.get(take.samples.clone()));
            let own = own.ok_or(Disagrees { segment: part.row.id })?;
            tables::put_sizes(own.iter().copied(), out)
        } else {
            let index = self.index(own.part)?;
            tables::sizes(&index.tracks[take.track], take, out)
        };
        Ok(bytes == own.sums.bytes)
    }

    /// Whether the sizes are to be read alone: the index of the part is not at hand, and was
    /// before, for its chunks are kept. What else of it found no room is made when it is due.
    fn needs_only_sizes(&self, (track, _, member): Place, part: usize) -> bool {
        self.ahead.keeps((track, Table::Co64, member)) && self.index_at_hand(part).is_none()
    }

    fn sizes(&mut self, part: usize) -> Result<Arc<Vec<Vec<u32>>>, ReadError> {
        if let Some((_, sizes)) = self.sizes.as_ref().filter(|(read, _)| *read == part) {
            return Ok(sizes.clone());
        }
        let own = &self.plan.layout.parts[part];
        let sizes = self.source.sizes(&own.row)?;
        tables::agrees_in_number(own, &sizes)?;
        self.sizes = Some((part, sizes.clone()));
        Ok(sizes)
    }
}
