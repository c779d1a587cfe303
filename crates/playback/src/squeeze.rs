//! Gaps taken out of a clip: what follows one comes right behind what is before it.

use std::collections::BTreeMap;
use std::ops::Range;

use base::{Ticks, Timescale};
use media::index::nearest_ticks;

use crate::error::PlanError;
use crate::gaps;
use crate::select::Selection;
use crate::source::Source;

/// Where samples of one lane end, or begin: in decode order and in presentation. Ticks of the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    decode: i64,
    shown: i64,
}

impl Edge {
    fn moved(self, ticks: i64) -> Self {
        Self { decode: self.decode + ticks, shown: self.shown + ticks }
    }
}

/// Of a lane in a stretch of footage, as far as they were asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    begin: Option<Edge>,
    end: Option<Edge>,
}

#[derive(Clone, Copy)]
enum Side {
    Begin,
    End,
}

impl Selection {
    /// Moves everything after each gap forward, all streams and tracks alike, until the first of
    /// them meets the last one before the gap. Reads the indexes beside gaps.
    pub fn squeeze(&mut self, source: &dyn Source) -> Result<(), PlanError> {
        let footage = gaps::footage(&self.parts);
        let mut ends: Vec<Option<Edge>> = vec![None; self.lanes.len()];
        let mut moved = 0;
        for (number, own) in footage.iter().enumerate() {
            let end = footage.get(number + 1).map_or(self.parts.len(), |next| next.part);
            let parts = own.part..end;
            let sides = (number > 0, number + 1 < footage.len());
            let edges = self.edges(source, parts.clone(), sides)?;
            if let Some(before) = number.checked_sub(1).map(|before| footage[before]) {
                // One instant of the clip is one instant of the wall's clock, for all tracks.
                let (mut first, mut last) = (own.from.as_micros(), before.to.as_micros() + moved);
                let mut least = i64::MIN;
                for (lane, end) in ends.iter().enumerate() {
                    let scale = self.lanes[lane].scale;
                    last = end.map_or(last, |end| last.max(micros_up(scale, end.shown)));
                    let Some(begin) = edges[lane].begin else { continue };
                    first = first.min(scale.to_micros(Ticks(begin.shown)));
                    let Some(end) = *end else { continue };
                    least = least.max(micros_up(scale, end.decode - begin.decode));
                }
                let next = least.max(last.saturating_sub(first));
                moved = next.min(moved);
                self.set_moved(parts.clone(), moved);
            }
            for (lane, end) in ends.iter_mut().enumerate() {
                let ticks = nearest_ticks(self.lanes[lane].scale, moved).0;
                *end = edges[lane].end.map(|edge| edge.moved(ticks)).or(*end);
            }
        }
        Ok(())
    }

    fn set_moved(&mut self, parts: Range<usize>, micros: i64) {
        for part in &mut self.parts[parts] {
            part.moved = micros;
            for take in &mut part.takes {
                take.moved = nearest_ticks(self.lanes[take.lane].scale, micros).0;
            }
        }
    }

    /// Where each lane begins and ends in some parts, not moved; of the sides only those that are
    /// asked for. Each index is read once, however many lanes have an edge there.
    fn edges(
        &mut self,
        source: &dyn Source,
        parts: Range<usize>,
        (begin, end): (bool, bool),
    ) -> Result<Vec<Edges>, PlanError> {
        let mut edges = vec![Edges::default(); self.lanes.len()];
        let mut wanted: BTreeMap<usize, Vec<(usize, Side)>> = BTreeMap::new();
        for lane in 0..self.lanes.len() {
            let mut own = parts.clone().filter(|part| self.take(*part, lane).is_some());
            let first = own.next();
            let last = own.next_back().or(first);
            let sides = [(first, Side::Begin, begin), (last, Side::End, end)];
            for (part, side, _) in sides.into_iter().filter(|(.., asked)| *asked) {
                if let Some(part) = part {
                    wanted.entry(part).or_default().push((lane, side));
                }
            }
        }
        for (part, asked) in wanted {
            self.load(source, part)?;
            for (lane, side) in asked {
                match side {
                    Side::Begin => edges[lane].begin = self.begin_of(part, lane),
                    Side::End => edges[lane].end = self.end_of(part, lane),
                }
            }
            self.release(part);
        }
        Ok(edges)
    }

    /// Where a lane begins in a part whose index is there, not moved.
    fn begin_of(&self, part: usize, lane: usize) -> Option<Edge> {
        let take = self.take(part, lane)?;
        let times = self.track(part, take)?.times();
        let own = times.skip(take.samples.start).take(take.samples.len());
        let decode = own.clone().next()?.grid_dts + take.shift;
        let shown = own.map(|time| time.grid_pts).min()?;
        Some(Edge { decode, shown })
    }

    /// Where a lane ends in a part whose index is there, not moved.
    fn end_of(&self, part: usize, lane: usize) -> Option<Edge> {
        let take = self.parts[part].takes.iter().rfind(|take| take.lane == lane)?;
        let track = self.track(part, take)?;
        let usual = i64::from(track.samples.get(take.samples.end - 1)?.duration);
        let own = track.times().skip(take.samples.start).take(take.samples.len());
        let last = own.clone().map(|time| time.grid_pts).max()?;
        let decode = own.last()?.grid_dts + take.shift + 1;
        Some(Edge { decode, shown: last + usual.max(1) })
    }
}

/// The least number of microseconds that is no less than so many ticks.
fn micros_up(scale: Timescale, ticks: i64) -> i64 {
    let hertz = i128::from(scale.hertz());
    let micros = -(-i128::from(ticks) * 1_000_000).div_euclid(hertz);
    i64::try_from(micros).unwrap_or(0)
}
