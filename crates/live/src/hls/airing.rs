//! One airing: the newest media segments and parts of a stream, from the first request on.

use std::collections::VecDeque;
use std::sync::Arc;

use base::{AiringId, MonoTime, WallTime, limits};
use bytes::Bytes;

use super::Share;
use super::kin::Kin;
use super::part::{Growing, Segment};
use crate::cuts::Opens;
use crate::encoder::Encoded;

pub(super) const TARGET_MICROS: i64 = limits::LIVE_HLS_TARGET.as_micros() as i64;
/// A playlist has at least so much, once there is so much (section 6.2.2).
pub(super) const LISTED_MICROS_MIN: i64 = 3 * TARGET_MICROS;
/// What is not listed any more stays for as long as the longest playlist and itself are, where
/// there is memory for it (section 6.2.2).
const KEPT_MICROS: i64 = LISTED_MICROS_MIN + 5 * TARGET_MICROS;

/// The newest media segments of a stream, from the first request until a while after the last.
#[derive(Debug)]
pub(crate) struct Airing {
    pub(super) id: AiringId,
    /// Whole media segments, the oldest first.
    pub(super) whole: VecDeque<Segment>,
    /// The one that has begun.
    pub(super) open: Option<Segment>,
    growing: Growing,
    /// Number of the media segment that is not whole yet.
    pub(super) next_segment: u64,
    /// Number of the part that comes next.
    pub(super) next_part: u64,
    next_init: u64,
    /// Breaks before what is kept, counted from the number that the airing began with.
    pub(super) breaks: u64,
    /// Breaks before what is newest.
    breaks_all: u64,
    /// Those of the camera's other streams.
    kin: Kin,
    /// The longest that a part is, in microseconds, once that is known.
    pub(super) part_target: Option<i64>,
    /// Whether the last part was no longer than that.
    pub(super) keeps_promise: bool,
    /// The playlist, until it changes.
    pub(super) text: Option<Bytes>,
    /// What it holds of the memory for all.
    share: Share,
    asked: MonoTime,
    /// The first time that somebody asked after the camera's run had ended.
    silent: Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silent {
    No,
    Unnoticed,
    Since(MonoTime),
}

impl Airing {
    /// An airing that begins at `wall`, beside those of `kin` where there are any. Its media
    /// sequence goes on above that of any one before it, also over a restart, as long as that clock
    /// is not set back: a player that goes on with the same address must not see it go back.
    pub fn new(
        id: AiringId,
        wall: WallTime,
        now: MonoTime,
        share: Share,
        kin: Option<Kin>,
    ) -> Self {
        let base = u64::try_from(wall.as_micros() / 1_000_000).unwrap_or(0);
        let kin = kin.unwrap_or_default();
        Self {
            id,
            whole: VecDeque::new(),
            open: None,
            growing: Growing::default(),
            next_segment: base,
            next_part: 0,
            next_init: 0,
            breaks: kin.newest(),
            breaks_all: kin.newest(),
            kin,
            part_target: None,
            keeps_promise: true,
            text: None,
            share,
            asked: now,
            silent: Silent::No,
        }
    }

    pub fn id(&self) -> AiringId {
        self.id
    }

    /// What those of the camera's other streams share with it.
    pub fn kin(&self) -> Kin {
        self.kin.clone()
    }

    /// Somebody asks.
    pub fn touch(&mut self, now: MonoTime) {
        self.asked = now;
        if self.silent == Silent::Unnoticed {
            self.silent = Silent::Since(now);
        }
    }

    /// Whether nobody has asked for so long that it ends.
    pub fn is_over(&self, now: MonoTime) -> bool {
        now.since(self.asked) >= limits::LIVE_HLS_GRACE
    }

    /// Whether nothing has come for so long that it is not worth showing.
    pub fn is_stale(&self, now: MonoTime) -> bool {
        matches!(self.silent, Silent::Since(at) if now.since(at) >= limits::LIVE_HLS_SILENCE_MAX)
    }

    /// Takes the next fragment; whether a playlist or a file has come of it.
    pub fn push(&mut self, encoded: &Encoded) -> bool {
        self.silent = Silent::No;
        self.part_target = self.part_target.or(encoded.cut.part_target);
        let before = (self.next_part, self.next_segment);
        let opens = match encoded.cut.opens {
            // It begins in the middle.
            Opens::Nothing | Opens::Part if self.open.is_none() => Opens::Segment { follows: true },
            opens => opens,
        };
        match opens {
            _ if encoded.cut.lead.is_none() => {}
            Opens::Segment { follows } => self.open_segment(encoded, follows),
            Opens::Part => self.close_part(encoded.cut.lead.map(|(from, _)| from)),
            Opens::Nothing => {}
        }
        if self.open.is_none() {
            // Sound before the first picture.
            return false;
        }
        self.growing.push(encoded);
        if encoded.cut.closes {
            self.close_part(None);
        }
        self.make_room();
        self.changed_since(before)
    }

    /// The camera's run is over: what has begun is whole.
    pub fn end(&mut self) -> bool {
        if self.silent == Silent::No {
            self.silent = Silent::Unnoticed;
        }
        let before = (self.next_part, self.next_segment);
        self.close_segment(None);
        self.make_room();
        self.changed_since(before)
    }

    /// Lets go of what it has shown: that is not live any more, and may have been deleted since.
    pub fn forget(&mut self) {
        let shown = self.whole.drain(..);
        self.breaks += shown.map(|old| u64::from(!old.follows)).sum::<u64>();
        self.text = None;
        self.share.set(self.bytes());
    }

    fn changed_since(&mut self, before: (u64, u64)) -> bool {
        let changed = before != (self.next_part, self.next_segment);
        if changed {
            self.text = None;
        }
        changed
    }

    fn open_segment(&mut self, encoded: &Encoded, follows: bool) {
        let (Some((from, _)), clock) = (encoded.cut.lead, encoded.clock) else { return };
        self.close_segment(follows.then_some(from));
        if !follows {
            // Sound after the last picture before a break.
            self.growing = Growing::default();
        }
        // Before the first one there is nothing.
        let is_first = self.whole.is_empty() && self.next_part == 0;
        if is_first {
            self.begin_count(encoded.is_apart);
        }
        // Where one of its kin had a break it has one too, at a key frame.
        let joins = encoded.fragment.key && self.breaks_all < self.kin.newest();
        let follows = is_first || (follows && !joins);
        if !follows {
            self.breaks_all += 1;
            self.kin.raise(self.breaks_all);
        }
        let last = self.whole.back();
        let init = match last.map(|last| &last.init) {
            Some((number, init)) if Arc::ptr_eq(init, &encoded.init) => (*number, init.clone()),
            _ => {
                self.next_init += 1;
                (self.next_init - 1, encoded.init.clone())
            }
        };
        let late = encoded.fragment.start_micros.saturating_sub(clock.media_micros);
        self.open = Some(Segment {
            number: self.next_segment,
            follows,
            init,
            wall: clock.wall.plus_micros(late),
            from,
            to: from,
            parts: Vec::new(),
            listed: 0,
            bytes: Bytes::new(),
        });
    }

    /// Breaks count from those of its kin until now; where its times are of another kind than those
    /// that an airing before it may have had, from one more.
    fn begin_count(&mut self, is_apart: bool) {
        self.breaks = self.kin.newest() + u64::from(is_apart);
        self.breaks_all = self.breaks;
        self.kin.raise(self.breaks);
    }

    /// What has come of a part is one, where it has pictures; sound alone waits for the next. It
    /// ends at `to`, where that is known.
    fn close_part(&mut self, to: Option<i64>) {
        let Some(open) = &mut self.open else { return };
        if let Some(mut part) = self.growing.close(self.next_part) {
            let latest = self.part_target.map_or(i64::MAX, |target| part.from + target);
            part.to = to.map_or(part.to, |to| to.min(latest));
            self.next_part += 1;
            // A part that is longer than promised is not named, nor what follows it in there.
            let is_kept = self.part_target.is_some_and(|target| part.to - part.from <= target);
            open.listed += usize::from(is_kept && open.listed == open.parts.len());
            self.keeps_promise = is_kept || self.part_target.is_none();
            open.to = part.to;
            open.parts.push(part);
        }
    }

    fn close_segment(&mut self, to: Option<i64>) {
        self.close_part(to);
        let Some(mut segment) = self.open.take() else { return };
        if segment.parts.is_empty() {
            return;
        }
        segment.close(to);
        self.next_segment += 1;
        self.whole.push_back(segment);
    }

    /// Lets go of the oldest media segments: of what no playlist needs any more, and of more where
    /// there is no memory for all airings; but for the newest, without which there is no playlist.
    fn make_room(&mut self) {
        self.share.set(self.bytes());
        while self.has_too_much() {
            let Some(old) = self.whole.pop_front() else { return };
            self.breaks += u64::from(!old.follows);
            self.share.set(self.bytes());
        }
    }

    fn has_too_much(&self) -> bool {
        let rest: i64 = self.whole.iter().skip(1).map(Segment::length).sum();
        rest >= KEPT_MICROS || (self.whole.len() > 1 && self.share.gives_way())
    }

    /// Bytes that it cannot let go of.
    pub fn bytes_least(&self) -> usize {
        let newest = self.whole.back().map_or(0, |segment| segment.bytes.len());
        newest + self.bytes_open()
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        let whole: usize = self.whole.iter().map(|segment| segment.bytes.len()).sum();
        whole + self.bytes_open()
    }

    fn bytes_open(&self) -> usize {
        let parts = self.open.iter().flat_map(|open| &open.parts);
        parts.map(|part| part.bytes.len()).sum::<usize>() + self.growing.bytes()
    }
}
