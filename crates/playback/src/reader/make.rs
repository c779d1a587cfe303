//! The pieces of tables that a reader comes to, and those that it makes ahead.

use std::ops::{Deref, Range};
use std::sync::Arc;

use media::SegmentColumns;

use crate::ahead::{Ahead, Place};
use crate::error::{Disagrees, ReadError};
use crate::pieces;
use crate::reader::ClipReader;
use crate::tables::{self, Table, Writer};

impl ClipReader {
    /// What a member of a track adds to one of its tables: `len` bytes.
    pub(super) fn table(&mut self, place: Place, len: u64) -> Result<&[u8], ReadError> {
        if self.last != Some(place) {
            self.last = None;
            let mut piece = std::mem::take(&mut self.last_bytes);
            let fits = if self.ahead.take(place, &mut piece) {
                true
            } else {
                let made = self.make(place, &mut piece);
                made.and_then(|fits| self.look_ahead(place).map(|()| fits))?
            };
            if !fits || piece.len() as u64 != len {
                let (track, _, member) = place;
                let part = self.plan.layout.tracks[track].members[member].part;
                return Err(Disagrees { segment: self.plan.layout.parts[part].row.id }.into());
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
                piece = pieces::text_places(&held.pieces, self.plan.layout.media[part].0);
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
                    if !due || !self.ahead.wants(place) {
                        continue;
                    }
                    if later == Table::Stsz {
                        if let Some(sizes) = self.sizes(place)? {
                            self.ahead.put_sizes(place, &sizes);
                        }
                    } else if self.make(place, &mut piece)? {
                        self.ahead.put(place, &piece);
                    }
                }
            }
        }
        if layout.texts.is_some() && self.ahead.wants(Ahead::texts(part)) {
            let held = self.held(part)?;
            let places = pieces::text_places(&held.pieces, layout.media[part].0);
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
            let Some(sizes) = self.sizes(place)? else { return Ok(false) };
            tables::put_sizes(&sizes, out);
            return Ok(true);
        }
        let held = self.held(own.part)?;
        let part = &layout.parts[own.part];
        let disagrees = Disagrees { segment: part.row.id };
        let take = &part.takes[own.take];
        let next = match layout.tracks[track].members.get(member + 1) {
            Some(next) if table == Table::Stts => {
                let take = &layout.parts[next.part].takes[next.take];
                let held = self.held(next.part)?;
                let (track, first) = (&held.columns.tracks[take.track], take.samples.start);
                let first = track.strides(first..first + 1).next().ok_or(disagrees)?;
                first.grid_dts + take.shift + take.moved
            }
            _ => layout.tracks[track].times.decode_end,
        };
        let writer = Writer {
            track: &held.columns.tracks[take.track],
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

    /// The sizes of the samples of a member; none where their sum is another one than was planned.
    /// They need nothing but the index: where room is short, they are all that it is read for.
    fn sizes(&mut self, place: Place) -> Result<Option<Sizes>, ReadError> {
        let (track, _, member) = place;
        let plan = self.plan.clone();
        let own = &plan.layout.tracks[track].members[member];
        let part = &plan.layout.parts[own.part];
        let take = &part.takes[own.take];
        let of = match take.sets_len() == 0 && self.needs_only_sizes(place, own.part) {
            true => Column::Alone(self.sizes_alone(place, own.part)?),
            false => Column::OfIndex(self.columns(own.part)?),
        };
        let sizes = match of {
            Column::OfIndex(columns) if take.sets_len() > 0 => {
                let sizes = tables::sizes(&columns.tracks[take.track], take);
                Sizes {
                    samples: 0..sizes.len(),
                    of: Column::Alone(Arc::new(vec![sizes])),
                    track: 0,
                }
            }
            of => Sizes { of, track: take.track, samples: take.samples.clone() },
        };
        if sizes.len() != take.samples.len() {
            return Err(Disagrees { segment: part.row.id }.into());
        }
        let sum: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
        Ok((sum == own.sums.bytes).then_some(sizes))
    }

    /// Whether the sizes are to be read alone: the index of the part is not at hand, and was
    /// before, for its chunks are kept. What else of it found no room is made when it is due.
    fn needs_only_sizes(&self, (track, _, member): Place, part: usize) -> bool {
        self.ahead.keeps((track, Table::Co64, member))
            && self.at_hand(part).is_none()
            && self.planned(part).is_none()
    }

    /// The sizes of a part that are due at a place, and those of its other tracks that there is
    /// room for.
    fn sizes_alone(
        &mut self,
        (track, _, member): Place,
        part: usize,
    ) -> Result<Arc<Vec<Vec<u32>>>, ReadError> {
        let layout = &self.plan.layout;
        let takes = &layout.parts[part].takes;
        let due = takes[layout.tracks[track].members[member].take].track;
        if let Some((read, (has, sizes))) = &self.sizes
            && *read == part
            && has[due]
        {
            return Ok(sizes.clone());
        }
        let own = &layout.parts[part];
        let mut wanted = vec![false; own.row.tracks.len()];
        wanted[due] = true;
        for (number, later) in layout.tracks.iter().enumerate().skip(track + 1) {
            let first = later.members.partition_point(|member| member.part < part);
            let members = later.members.iter().enumerate().skip(first);
            for (member, of) in members.take_while(|(_, of)| of.part == part) {
                wanted[takes[of.take].track] |= self.ahead.wants((number, Table::Stsz, member));
            }
        }
        let sizes = self.source.sizes(&own.row, &wanted)?;
        tables::agrees_in_number(own, &sizes, &wanted)?;
        self.sizes = Some((part, (wanted, sizes.clone())));
        Ok(sizes)
    }
}

/// The sizes of some samples, wherever they are.
struct Sizes {
    of: Column,
    /// Of which of its tracks.
    track: usize,
    samples: Range<usize>,
}

enum Column {
    OfIndex(Arc<SegmentColumns>),
    Alone(Arc<Vec<Vec<u32>>>),
}

impl Deref for Sizes {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        let all = match &self.of {
            Column::OfIndex(columns) => columns.tracks.get(self.track).map(|track| &track.sizes),
            Column::Alone(sizes) => sizes.get(self.track),
        };
        all.and_then(|all| all.get(self.samples.clone())).unwrap_or_default()
    }
}
