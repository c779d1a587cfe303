//! Where one run ends and another begins so soon that their samples may overlap.

use crate::error::PlanError;
use crate::select::{SKEW_MICROS, Selection};
use crate::source::Source;
use crate::tables;

impl Selection {
    /// Where another run begins so soon that its samples may overlap those before it: moves the
    /// decode times of video, and cuts audio that the later run has too.
    pub fn mend_seams(&mut self, source: &dyn Source) -> Result<(), PlanError> {
        for lane in 0..self.lanes.len() {
            let parts: Vec<usize> = self.takes(lane).map(|(part, _)| part).collect();
            let mut done: Vec<usize> = Vec::with_capacity(parts.len());
            for next in parts {
                while let Some(&before) = done.last() {
                    if self.mend_seam(source, lane, before, next)? {
                        break;
                    }
                    done.pop().into_iter().for_each(|part| self.release(part));
                }
                // Two runs at a time, however many a clip has.
                if let [.., settled, _] = done[..] {
                    self.release(settled);
                }
                done.push(next);
            }
            done.into_iter().for_each(|part| self.release(part));
        }
        for part in &mut self.parts {
            part.takes.retain(|take| !take.samples.is_empty());
        }
        self.parts.retain(|part| !part.takes.is_empty());
        Ok(())
    }

    /// Mends one seam; false when nothing is left of the lane in `before`.
    fn mend_seam(
        &mut self,
        source: &dyn Source,
        lane: usize,
        before: usize,
        next: usize,
    ) -> Result<bool, PlanError> {
        let gap = self.parts[next].row.start.micros_since(self.parts[before].row.end);
        let same_run = self.parts[before].row.run == self.parts[next].row.run;
        let shift = self.take(before, lane).map_or(0, |take| take.shift);
        if same_run || gap > 2 * SKEW_MICROS {
            if let Some(take) = self.take_mut(next, lane).filter(|_| same_run) {
                take.shift = shift;
            }
            return Ok(true);
        }
        self.load(source, before)?;
        self.load(source, next)?;
        let is_video = self.lanes[lane].is_video();
        let (Some(first), Some(take)) = (self.first_time(next, lane), self.take(before, lane))
        else {
            return Ok(true);
        };
        let Some(track) = self.track(before, take) else { return Ok(true) };
        let times = track.times().skip(take.samples.start).take(take.samples.len());
        if is_video {
            let last = times.last().map_or(i64::MIN, |time| time.grid_dts + shift);
            let shift = last.saturating_add(1).saturating_sub(first).max(0);
            self.take_mut(next, lane).into_iter().for_each(|take| take.shift = shift);
            return Ok(true);
        }
        let keep = times.take_while(|time| time.grid_dts < first).count();
        let Some(take) = self.take_mut(before, lane) else { return Ok(true) };
        take.samples.end = take.samples.start + keep;
        Ok(keep > 0)
    }

    /// Decode time of a lane's first sample in a part, where that is loaded.
    fn first_time(&self, part: usize, lane: usize) -> Option<i64> {
        let take = self.take(part, lane)?;
        let mut times = self.track(part, take)?.times();
        times.nth(take.samples.start).map(|time| time.grid_dts)
    }

    /// Lets go of an index that can be had again, and keeps the sums that it was needed for.
    pub fn release(&mut self, part: usize) {
        let part = &mut self.parts[part];
        let Some(index) = part.index.take_if(|_| part.whole) else { return };
        for take in &mut part.takes {
            take.sums = Some(tables::sums(&index.tracks[take.track], &take.samples));
        }
    }
}
