//! What an airing has for a request: now, later, or never.

use bytes::Bytes;

use super::airing::{Airing, TARGET_MICROS};
use super::part::Part;
use super::{Awaited, LiveFile};

/// What there is for a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Bytes(Bytes),
    /// It is still to come.
    Later,
    /// It lies further ahead than may be asked for.
    TooFar,
    /// It does not exist, or no more.
    Missing,
}

impl Airing {
    /// Whether there is anything that a playlist could show. One without a media segment is an
    /// error to players, however many parts it has.
    pub fn has_playlist(&self) -> bool {
        self.part_target.is_some() && !self.whole.is_empty()
    }

    /// The playlist, once it has what is awaited.
    pub fn playlist(&mut self, awaited: Option<Awaited>) -> Found {
        let Some(target) = self.part_target.filter(|_| self.has_playlist()) else {
            return Found::Later;
        };
        match awaited.map_or(Due::Now, |awaited| self.due(awaited, target)) {
            Due::Later => return Found::Later,
            Due::Never => return Found::TooFar,
            Due::Now => {}
        }
        let text = self.text.take().unwrap_or_else(|| self.text(target).into());
        Found::Bytes(self.text.insert(text).clone())
    }

    fn due(&self, Awaited { segment, part }: Awaited, target: i64) -> Due {
        let next = self.next_segment;
        // A part after the last one of a whole media segment is the first one of the next.
        let newest = self.whole.back().filter(|newest| newest.is_parted());
        let is_after = |part: u64| newest.is_some_and(|newest| part >= newest.parts.len() as u64);
        let (segment, part) = match part {
            Some(part) if segment.checked_add(1) == Some(next) && is_after(part) => (next, Some(0)),
            part => (segment, part),
        };
        if segment < next {
            return Due::Now;
        }
        if segment > next + 1 {
            return Due::Never;
        }
        let Some(part) = part else { return Due::Later };
        let begun = self.open.iter().filter(|_| segment == next);
        let parts = begun.map(|open| open.listed as u64).sum::<u64>();
        if part < parts {
            return Due::Now;
        }
        let micros = u64::try_from(target).unwrap_or(1).max(1);
        let ahead = if micros < 1_000_000 { 3 } else { 3_000_000_u64.div_ceil(micros) };
        if part >= parts + ahead { Due::Never } else { Due::Later }
    }

    /// The newest that its playlist shows: a media segment, and a part of that.
    pub fn newest(&self) -> Option<Awaited> {
        let shown = self.open.iter().chain(self.whole.back()).find(|segment| segment.listed > 0)?;
        let part = Some(shown.listed as u64 - 1);
        self.has_playlist().then_some(Awaited { segment: shown.number, part })
    }

    /// Bits a second of what has most of what is kept, over half a target duration to one and a
    /// half: a media segment, or neighbours (RFC 8216 section 4.1). A run may end just after a key
    /// frame, and a picture's time alone says nothing. `None` while there is less.
    pub fn peak_bits(&self) -> Option<u64> {
        let (least, most) = (TARGET_MICROS / 2, TARGET_MICROS / 2 * 3);
        let from = |first: usize| {
            let sums = self.whole.iter().skip(first).scan((0, 0), |(bytes, micros), segment| {
                *bytes += segment.bytes.len() as u64;
                *micros += segment.length();
                Some((*bytes, *micros))
            });
            let in_reach = sums.take_while(move |(_, micros)| *micros <= most);
            in_reach.filter(move |(_, micros)| *micros >= least)
        };
        let bits = |(bytes, micros): (u64, i64)| {
            bytes.saturating_mul(8_000_000) / u64::try_from(micros).unwrap_or(1).max(1)
        };
        (0..self.whole.len()).flat_map(from).map(bits).max()
    }

    /// A file that a playlist names, or names as the next one.
    pub fn file(&self, file: LiveFile) -> Found {
        let all = || self.whole.iter().chain(&self.open);
        let found = match file {
            LiveFile::Init(number) => {
                let mut inits = all().map(|segment| &segment.init);
                inits.find(|(of, _)| *of == number).map(|(_, init)| init.bytes.clone())
            }
            LiveFile::Segment(number) => {
                let mut whole = self.whole.iter();
                whole.find(|segment| segment.number == number).map(|it| it.bytes.clone())
            }
            LiveFile::Part(number) if number == self.next_part => return Found::Later,
            LiveFile::Part(number) => {
                let mut parts = all().flat_map(|segment| &segment.parts);
                parts.find(|part| part.number == number).map(|part: &Part| part.bytes.clone())
            }
        };
        found.map_or(Found::Missing, Found::Bytes)
    }
}

enum Due {
    Now,
    Later,
    Never,
}
