//! Streams that come, leave, or go on on another volume.

use std::time::Duration;

use base::{MonoTime, StreamId, WallTime};
use stream::EndCause;

use super::VolumeRecorder;
use crate::lane::Lane;
use crate::report::StepReport;
use crate::site::StreamJob;

/// How long files of a stream that goes on elsewhere wait to hear where they end.
const GHOST_TIME: Duration = Duration::from_secs(60);

impl VolumeRecorder {
    /// Records another stream: from where it stands, whoever recorded it so far. One that is
    /// recorded here already stays, even if it was to leave. A stream has one memory for as long
    /// as anything waits in it: see [`stream::StreamReader::writer`]. Nothing happens where the
    /// stream is not to be recorded here any more: see [`crate::Standing::is_for`].
    pub fn add(&mut self, job: StreamJob) {
        let now = self.site.clock.mono();
        if let Some(at) = self.lanes.iter().position(|lane| lane.job.stream == job.stream) {
            let lane = &mut self.lanes[at];
            if !lane.is_cut_off() && lane.job.reader.is_same(&job.reader) {
                return lane.renew(job);
            }
            let lane = self.lanes.remove(at);
            self.ghosts.push(lane.into_ghost(now + GHOST_TIME, &self.site.volume));
        }
        self.lanes.extend(Lane::new(job, self.site.volume.identity().volume));
    }

    /// Ends the stream's segment here before its next key frame, for it is to be recorded
    /// elsewhere from there on: then a report names it as released. `false` where it is not
    /// recorded here.
    pub fn release(&mut self, stream: StreamId) -> bool {
        let found = self.lanes.iter_mut().find(|lane| lane.job.stream == stream);
        let Some(lane) = found else { return false };
        lane.move_away();
        !lane.is_cut_off()
    }

    /// Ends a stream's recording: the next steps write and seal what it has and what comes until
    /// its writer is gone. Where that takes longer than three seconds the stream is let go of as it
    /// is, for its run may go on: a report names it as cut off.
    pub fn remove(&mut self, stream: StreamId, cause: EndCause) {
        let now = self.site.clock.mono();
        let lanes = self.lanes.iter_mut().filter(|lane| lane.job.stream == stream);
        lanes.for_each(|lane| lane.leave_soon(cause, now));
    }

    /// Whether the stream is (still) recorded here.
    pub fn has(&self, stream: StreamId) -> bool {
        self.lanes.iter().any(|lane| lane.job.stream == stream)
    }

    /// Recovery found that the stream's older footage ends at `end`: what is recorded from now on
    /// does not begin before it, unless its run has begun.
    pub fn footage_ends(&mut self, stream: StreamId, end: WallTime) {
        let lanes = self.lanes.iter_mut().filter(|lane| lane.job.stream == stream);
        lanes.for_each(|lane| lane.ended = lane.ended.max(Some(end)));
    }

    /// Ends lanes that have left.
    pub(super) fn end_gone(&mut self, now: MonoTime, report: &mut StepReport) {
        let gone = self.lanes.extract_if(.., |lane| lane.is_gone(now));
        gone.for_each(|lane| lane.end(report));
    }

    /// Lets go of lanes whose streams are recorded elsewhere from now on, or may be, and of their
    /// files.
    pub(super) fn let_go(&mut self, now: MonoTime, report: &mut StepReport) {
        let mut at = 0;
        while let Some(lane) = self.lanes.get_mut(at) {
            let stream = lane.job.stream;
            if lane.is_cut_off() {
                report.cut_off.push(stream);
            } else if lane.release() {
                report.released.push(stream);
            } else {
                at += 1;
                continue;
            }
            let lane = self.lanes.remove(at);
            self.ghosts.push(lane.into_ghost(now + GHOST_TIME, &self.site.volume));
        }
        self.ghosts.retain_mut(|ghost| ghost.advance(now, report));
    }
}
