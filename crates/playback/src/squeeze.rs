//! Gaps taken out of a clip: what follows one comes right behind what is before it.

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
            if let Some(before) = number.checked_sub(1).map(|before| footage[before]) {
                // One instant of the clip is one instant of the wall's clock, for all tracks.
                let (mut first, mut last) = (own.from.as_micros(), before.to.as_micros() + moved);
                let mut least = i64::MIN;
                for (lane, end) in ends.iter().enumerate() {
                    let scale = self.lanes[lane].scale;
                    last = end.map_or(last, |end| last.max(micros_up(scale, end.shown)));
                    let begin = self.first_edge(source, lane, parts.clone())?;
                    let Some(begin) = begin else { continue };
                    first = first.min(scale.to_micros(Ticks(begin.shown)));
                    let Some(end) = *end else { continue };
                    least = least.max(micros_up(scale, end.decode - begin.decode));
                }
                let next = least.max(last.saturating_sub(first));
                moved = next.min(moved);
                self.set_moved(parts.clone(), moved);
            }
            if number + 1 < footage.len() {
                for (lane, end) in ends.iter_mut().enumerate() {
                    *end = self.last_edge(source, lane, parts.clone())?.or(*end);
                }
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

    /// Where a lane begins in some parts, not moved.
    fn first_edge(
        &mut self,
        source: &dyn Source,
        lane: usize,
        mut parts: Range<usize>,
    ) -> Result<Option<Edge>, PlanError> {
        let has_lane = |part: &usize| self.take(*part, lane).is_some();
        let Some(part) = parts.find(has_lane) else { return Ok(None) };
        self.with_index(source, part, |all| {
            let take = all.take(part, lane)?;
            let times = all.track(part, take)?.times();
            let own = times.skip(take.samples.start).take(take.samples.len());
            let decode = own.clone().next()?.grid_dts + take.shift;
            let shown = own.map(|time| time.grid_pts).min()?;
            Some(Edge { decode, shown })
        })
    }

    /// Where a lane ends in some parts, in the clip.
    fn last_edge(
        &mut self,
        source: &dyn Source,
        lane: usize,
        parts: Range<usize>,
    ) -> Result<Option<Edge>, PlanError> {
        let has_lane = |part: &usize| self.take(*part, lane).is_some();
        let Some(part) = parts.rev().find(has_lane) else { return Ok(None) };
        self.with_index(source, part, |all| {
            let take = all.parts[part].takes.iter().rfind(|take| take.lane == lane)?;
            let track = all.track(part, take)?;
            let usual = i64::from(track.samples.get(take.samples.end - 1)?.duration);
            let own = track.times().skip(take.samples.start).take(take.samples.len());
            let last = own.clone().map(|time| time.grid_pts).max()?;
            let decode = own.last()?.grid_dts + take.shift + 1 + take.moved;
            Some(Edge { decode, shown: last + usual.max(1) + take.moved })
        })
    }

    /// Asks something for which the index of a part must be there, and lets go of it again.
    fn with_index<T>(
        &mut self,
        source: &dyn Source,
        part: usize,
        ask: impl FnOnce(&Self) -> T,
    ) -> Result<T, PlanError> {
        self.load(source, part)?;
        let answer = ask(self);
        self.release(part);
        Ok(answer)
    }
}

/// The least number of microseconds that is no less than so many ticks.
fn micros_up(scale: Timescale, ticks: i64) -> i64 {
    let hertz = i128::from(scale.hertz());
    let micros = -(-i128::from(ticks) * 1_000_000).div_euclid(hertz);
    i64::try_from(micros).unwrap_or(0)
}
