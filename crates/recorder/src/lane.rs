//! One stream on its way to disk: what waits, which clock its run has, which segment grows.
//!
//! A lane decides and prepares; what is written, synced and published in which order stands in
//! [`crate::commit`]. Entries stay here and in the stream's memory until they are durable, so a
//! failed write costs nothing but time. Where it stands it says in [`Standing`]: a recorder of
//! another volume can go on from there at any instant, and then this lane is cut off.

mod sharing;

use std::sync::Arc;
use std::time::Duration;

use base::{MonoTime, RunId, SegmentId, StreamId, Ticks, VolumeId, WallTime, limits};
use catalog::Change;
use media::{Frame, Predecessor};
use stream::{ClockEstimate, EndCause, Epoch, Lost};

use crate::Now;
use crate::batch::{Committed, Prepared, fill_durations, gaps, scales};
use crate::clock::{RunClock, SLEW_MICROS_MAX, Verdict};
use crate::cut::{self, Growing, Item, Rotation, Step};
use crate::growing::Segment;
use crate::report::{Alarm, LossCause, StepReport};
use crate::site::StreamJob;
use crate::standing::{Run, Taken};
use crate::unfinished::{Successor, Unfinished};
use crate::waiting::{TakeEnd, Waiting};

/// The first wait after a file failed; doubled each time.
const RETRY_MIN: Duration = Duration::from_secs(1);
/// The longest wait between two tries.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// How long a lane that is told to leave waits for the last frames of its camera, which takes leave
/// meanwhile.
const LEAVE_WITHIN: Duration = limits::TEARDOWN_TIMEOUT.saturating_mul(3);

/// One stream that is recorded.
pub(crate) struct Lane {
    pub(crate) job: StreamJob,
    /// Its right to record the stream.
    owner: u64,
    /// Another recorder has taken the stream over: nothing of this lane is published any more.
    cut_off: bool,
    /// The stream is to be recorded elsewhere from the next key frame on.
    moving: bool,
    waiting: Waiting,
    estimate: Option<(RunId, ClockEstimate)>,
    newest_run: Option<RunId>,
    /// The run that was said to end because its times do not fit any more.
    misfit: Option<RunId>,
    run: Option<Run>,
    pub(crate) growing: Option<Segment>,
    /// Run and epoch of a segment whose file failed, or that another recorder wrote: its frames go
    /// on in a new file at once.
    pub(crate) resume: Option<(RunId, u32)>,
    /// The last durable commit of the segment before, and that segment's start.
    pub(crate) before: Option<(Predecessor, WallTime)>,
    /// Its file: recovery gets it once its successor's start tells where it ends.
    pub(crate) abandoned: Vec<Unfinished>,
    /// Where the footage so far ends, as far as can be told.
    pub(crate) ended: Option<WallTime>,
    /// Where the last segment was said to end, for that is where its successor begins. It must
    /// then not begin earlier, even if its first file fails.
    pub(crate) met: Option<WallTime>,
    /// Where the segment that was closed last was said to end.
    pub(crate) said_end: Option<WallTime>,
    /// The last segment after which nothing followed in its run, and why.
    pub(crate) broken_off: Option<(SegmentId, EndCause)>,
    failures: u32,
    retry_at: MonoTime,
    leaving: Option<Leaving>,
    /// Whether everything was taken in after the stream's writer had gone.
    drained: bool,
}

/// That a lane is to leave.
#[derive(Clone, Copy)]
struct Leaving {
    cause: EndCause,
    /// It waits no longer for its stream to end.
    by: MonoTime,
}

impl Leaving {
    /// Whether nothing is waited for: everything ends.
    fn at_once(&self) -> bool {
        self.by == MonoTime::default()
    }
}

/// What a lane wants next.
pub(crate) enum Next {
    /// Nothing to write now.
    Nothing,
    /// The growing segment is complete; its run ended with it where there is a cause.
    Close(Option<EndCause>),
    /// A batch.
    Write(Box<Prepared>),
}

impl Lane {
    /// Takes the stream over for a recorder of `volume`, from where it stands; `None` where that
    /// one is not to record it.
    pub(crate) fn new(job: StreamJob, volume: VolumeId) -> Option<Self> {
        let Taken { cursor, owner, stand } = job.standing.take(&job.reader, volume)?;
        Some(Self {
            owner,
            cut_off: false,
            moving: false,
            waiting: Waiting::new(cursor),
            estimate: None,
            newest_run: None,
            misfit: None,
            run: stand.run,
            growing: None,
            resume: stand.resume,
            abandoned: Vec::new(),
            before: stand.before,
            ended: stand.ended,
            met: stand.met,
            said_end: None,
            broken_off: stand.broken_off,
            failures: 0,
            retry_at: MonoTime::default(),
            leaving: None,
            drained: false,
            job,
        })
    }

    /// Takes what came since, unless much waits already; whether more is there.
    pub(crate) fn take_in(&mut self, report: &mut StepReport) -> bool {
        let closed = self.job.reader.is_closed();
        let taken = self.waiting.take_in();
        self.lost(taken.lost, LossCause::Overload, report);
        self.newest_run = taken.run.or(self.newest_run);
        self.estimate = taken.clock.or(self.estimate.take());
        self.drained = closed && taken.end == TakeEnd::Empty;
        taken.end == TakeEnd::Full
    }

    /// What is to be done next; passes over what cannot be recorded.
    pub(crate) fn next(&mut self, rotation: Rotation, now: Now, report: &mut StepReport) -> Next {
        if now.mono < self.retry_at {
            return Next::Nothing;
        }
        loop {
            if self.cut_off || (self.moving && self.growing.is_none()) {
                return Next::Nothing;
            }
            match self.decide(rotation) {
                Step::Idle => {
                    let closes = self.leaving.filter(|_| self.growing.is_some());
                    let closes = closes.filter(|leaving| self.drained || leaving.at_once());
                    return closes
                        .map_or(Next::Nothing, |leaving| Next::Close(Some(leaving.cause)));
                }
                Step::Skip(count) => self.skip(count, LossCause::BeforeKey, report),
                Step::Rotate => return Next::Close(None),
                Step::Gap => {
                    if !self.pass_over(Self::pass_gap, report) {
                        continue;
                    }
                    // A file that failed is why memory was used up.
                    self.hand_over(Err(EndCause::Disk), report);
                    if self.growing.is_some() {
                        return Next::Close(Some(EndCause::Overload));
                    }
                }
                Step::End(cause) => {
                    if !self.pass_over(|lane| lane.pass_end(cause), report) {
                        continue;
                    }
                    self.hand_over(Err(cause), report);
                    if self.growing.is_some() {
                        return Next::Close(Some(cause));
                    }
                }
                Step::Write { begin, frames } => {
                    let Some((epoch, _)) = self.waiting.items().front().and_then(Item::frame)
                    else {
                        return Next::Nothing;
                    };
                    let epoch = epoch.clone();
                    if self.run.as_ref().is_none_or(|run| run.id != epoch.run) {
                        if !self.settle(&epoch, report) {
                            return Next::Nothing;
                        }
                        // Times are known now, and with them where the segment ends.
                        continue;
                    }
                    if begin && !self.leads(&epoch, frames) {
                        // The rest of a run whose file failed, and only sound: no segment can
                        // stand on it. More may come, or nothing that could belong to it.
                        let all = frames == self.waiting.items().len();
                        if all && self.leaving.is_none() && !self.waiting.is_full() {
                            return Next::Nothing;
                        }
                        self.skip(frames, LossCause::Misplaced, report);
                        continue;
                    }
                    return self.prepare(epoch, begin, frames, report);
                }
            }
        }
    }

    /// The first of `prepared` at the front are durable with its mapping.
    pub(crate) fn written(&mut self, prepared: Prepared) {
        self.pass(prepared.frames.len());
        if let Some(run) = &mut self.run {
            run.clock = prepared.clock;
            run.last = Some(prepared.committed);
        }
        self.resume = None;
        self.failures = 0;
        self.retry_at = MonoTime::default();
    }

    fn pass(&mut self, count: usize) {
        self.waiting.pass(count);
    }

    /// Passes over missing frames: whatever comes next is no continuation.
    fn pass_gap(&mut self) -> Option<Change> {
        // A file that failed is why memory was used up.
        let failed = !self.abandoned.is_empty();
        let told = self.break_off(if failed { EndCause::Disk } else { EndCause::Overload });
        self.pass(1);
        self.resume = None;
        told
    }

    /// Passes over the end of a run.
    fn pass_end(&mut self, cause: EndCause) -> Option<Change> {
        let told = self.break_off(cause);
        self.pass(1);
        self.run = None;
        self.resume = None;
        told
    }

    /// Everything before this instant is durable, as far as the run that grows is concerned: no
    /// frame that comes later can stand before it.
    pub(crate) fn durable_until(&self) -> Option<WallTime> {
        let run = self.run.as_ref()?;
        let lead = self.growing.as_ref()?.lead;
        let committed = run.last.as_ref()?;
        let (lead_dts, _) = (*committed.tracks.get(lead)?)?;
        let lead_until = run.clock.wall(lead, lead_dts);
        let others = committed.tracks.iter().enumerate().filter(|(track, _)| *track != lead);
        let others = others.filter_map(|(track, last)| {
            let (dts, length) = (*last)?;
            let next = run.clock.wall(track, dts + Ticks(length.into()));
            // The next commit may move the track back by so much.
            Some(next.plus_micros(-SLEW_MICROS_MAX))
        });
        // What lags behind by more is not waited for.
        let near = others.filter(|until| *until + limits::AUDIO_SKEW_MAX > lead_until);
        Some(near.fold(lead_until, WallTime::min))
    }

    /// By how much the run's footage is dated late, where that is more than a clock may err.
    pub(crate) fn dated_late(&self) -> Option<(StreamId, Duration)> {
        let micros = self.run.as_ref()?.clock.held_micros();
        let late = micros > limits::CLOCK_ERROR_MAX_MICROS;
        late.then(|| (self.job.stream, Duration::from_micros(micros.unsigned_abs())))
    }

    /// The next try is due at once.
    pub(crate) fn retry_now(&mut self) {
        self.retry_at = MonoTime::default();
        self.failures = 0;
    }

    /// It is to be recorded here, now and from now on, whatever was said before.
    pub(crate) fn renew(&mut self, job: StreamJob) {
        self.job = job;
        self.leaving = None;
        self.stay();
    }

    /// It has left: its stream is nobody's.
    pub(crate) fn end(mut self, report: &mut StepReport) {
        let cause = self.leaving.map_or(EndCause::Disk, |leaving| leaving.cause);
        self.hand_over(Err(cause), report);
        self.waiting.end();
        self.job.standing.release(self.owner);
    }

    /// When the frame at the front is presented, where it goes on in `epoch`.
    pub(crate) fn front_at(&self, epoch: &Epoch) -> Option<WallTime> {
        let (of, frame) = self.waiting.items().front()?.frame()?;
        let run = self.run.as_ref().filter(|run| run.id == epoch.run && cut::same(of, epoch))?;
        Some(run.clock.wall(frame.track, frame.pts))
    }

    /// Hands files that failed over to recovery, now that what follows them begins at `next`, or
    /// that nothing follows in their run, for that cause.
    pub(crate) fn hand_over(&mut self, next: Result<WallTime, EndCause>, report: &mut StepReport) {
        let successor = next.ok().map(|start| Successor { start, goes_on: true });
        let files = self.abandoned.drain(..);
        let files = files.map(|file| Unfinished { successor, cause: next.err(), ..file });
        report.unfinished.extend(files);
    }

    /// A file failed: its frames wait, and the next try waits longer each time but the first.
    pub(crate) fn failed(&mut self, now: Now) {
        let doubled = RETRY_MIN * 2u32.saturating_pow(self.failures.saturating_sub(1).min(16));
        let wait = if self.failures == 0 { Duration::ZERO } else { doubled.min(RETRY_MAX) };
        self.failures += 1;
        self.retry_at = now.mono + wait;
    }

    /// Gives up the `count` frames at the front.
    pub(crate) fn skip(&mut self, count: usize, cause: LossCause, report: &mut StepReport) {
        let mut lost = Lost::default();
        self.settled(|lane| lost = lane.waiting.pass(count));
        self.lost(lost, cause, report);
    }

    /// Gives up those of the `count` frames at the front that are of `track`.
    pub(crate) fn skip_track(&mut self, count: usize, track: usize, report: &mut StepReport) {
        let mut lost = Lost::default();
        self.settled(|lane| lost = lane.waiting.pass_track(count, track));
        self.lost(lost, LossCause::Misplaced, report);
    }

    pub(crate) fn lost(&self, lost: Lost, cause: LossCause, report: &mut StepReport) {
        if !lost.is_none() {
            report.alarms.push(Alarm::Lost { stream: self.job.stream, lost, cause });
        }
    }

    /// Records what waits, and what its camera still sends before it ends, and then no more; it
    /// does that here, even if it was to move.
    pub(crate) fn leave_soon(&mut self, cause: EndCause, now: MonoTime) {
        self.stay();
        self.leaving.get_or_insert(Leaving { cause, by: now + LEAVE_WITHIN });
    }

    /// Records what waits and then no more.
    pub(crate) fn leave_now(&mut self, cause: EndCause) {
        let cause = self.leaving.map_or(cause, |leaving| leaving.cause);
        self.leaving = Some(Leaving { cause, by: MonoTime::default() });
    }

    /// Whether it was to leave and nothing of it remains.
    pub(crate) fn is_gone(&self, now: MonoTime) -> bool {
        self.leaving.is_some_and(|leaving| self.is_over(&leaving, now))
            && self.waiting.is_empty()
            && self.growing.is_none()
    }

    /// Whether nothing of its stream is waited for.
    fn is_over(&self, leaving: &Leaving, now: MonoTime) -> bool {
        self.drained || now >= leaving.by
    }

    /// The frames that wait here.
    pub(crate) fn frames_waiting(&self) -> Lost {
        self.waiting.frames()
    }

    /// Asks the camera's side for a new run.
    pub(crate) fn request_end(&self, cause: EndCause) {
        // One that rests may go on in the same run.
        let goes_on = self.run.is_some() || self.job.reader.rests();
        if let Some(newest) = self.newest_run.filter(|_| goes_on) {
            self.waiting.request_end(newest, cause);
        }
    }

    /// Whether a frame of the lead track is among the first `count`.
    fn leads(&self, epoch: &Epoch, count: usize) -> bool {
        let mut frames = self.waiting.items().iter().take(count).filter_map(Item::frame);
        frames.any(|(_, frame)| Some(frame.track) == epoch.lead_track())
    }

    fn decide(&self, rotation: Rotation) -> Step {
        let growing = self.growing.as_ref();
        let growing = growing.map(|s| Growing { epoch: &s.epoch, start: s.row.start });
        let wall = |frame: &Frame| match &self.run {
            Some(run) => run.clock.wall(frame.track, frame.pts),
            None => frame.received_wall,
        };
        let rotation = if self.moving { Rotation::at_once() } else { rotation };
        cut::next(self.waiting.items(), growing, self.resume, rotation, wall)
    }

    /// Fixes the mapping of the run that `epoch` begins; `false` while it is too early.
    fn settle(&mut self, epoch: &Epoch, report: &mut StepReport) -> bool {
        let Some(lead) = epoch.lead_track() else { return false };
        let of_run = |item: &&Item| item.frame().is_some_and(|(of, _)| of.run == epoch.run);
        let count = self.waiting.items().iter().take_while(of_run).count();
        let frames =
            || self.waiting.items().iter().take(count).filter_map(|i| i.frame().map(|f| f.1));
        if !frames().any(|frame| frame.track == lead) {
            return false;
        }
        let estimate = self.estimate.as_ref().filter(|(run, _)| *run == epoch.run).map(|e| &e.1);
        let received = |frame: Option<&Frame>| frame.map(|f| f.received).unwrap_or_default();
        let span = received(frames().last()).since(received(frames().next()));
        let complete = count < self.waiting.items().len() || self.leaving.is_some();
        // Where no more is taken in, waiting would never end.
        let complete = complete || self.waiting.is_full();
        let settled = estimate.is_some_and(|estimate| estimate.settled);
        if !complete && !settled && span < limits::CLOCK_SETTLE {
            return false;
        }
        let ended = self.ended.max(self.job.standing.ended());
        let clock = RunClock::settle(scales(&epoch.tracks), lead, estimate, frames(), ended);
        if clock.held_micros() > 0 {
            let (stream, micros) = (self.job.stream, clock.held_micros());
            report.alarms.push(Alarm::Held { stream, micros });
        }
        self.run = Some(Run { id: epoch.run, clock, last: None });
        true
    }

    /// The batch of the first `count` frames, with the mapping as it is slewed for them.
    fn prepare(
        &mut self,
        epoch: Arc<Epoch>,
        begin: bool,
        count: usize,
        report: &mut StepReport,
    ) -> Next {
        let (Some(run), Some(lead)) = (&self.run, epoch.lead_track()) else {
            return Next::Nothing;
        };
        let frames =
            self.waiting.items().iter().take(count).filter_map(|item| Some(item.frame()?.1));
        let mut frames: Vec<Frame> = frames.cloned().collect();
        let mut clock = run.clock.clone();
        clock.fit(scales(&epoch.tracks), lead);
        let last = run.last.clone();
        let mut committed =
            last.clone().unwrap_or(Committed { received: MonoTime::default(), tracks: Vec::new() });
        committed.tracks.resize(epoch.tracks.len(), None);
        let gaps = gaps(&epoch.tracks, &committed, &frames);
        fill_durations(&epoch.tracks, &mut committed, &mut frames);
        let newest = frames.iter().map(|frame| frame.received).max().unwrap_or_default();
        let estimate = self.estimate.as_ref().filter(|(of, _)| *of == run.id).map(|e| &e.1);
        clock.complete(estimate, frames.iter());
        if let (Some(last), Some(estimate)) = (last, estimate) {
            let elapsed = newest.micros_since(last.received);
            if let Verdict::Wrong(error_micros) = clock.slew(estimate, elapsed, &gaps) {
                // Until its camera's side has ended it, its frames come with the same error.
                self.waiting.request_end(run.id, EndCause::Clock);
                if self.misfit.replace(run.id) != Some(run.id) {
                    report.alarms.push(Alarm::Clock { stream: self.job.stream, error_micros });
                }
            }
        }
        if let (true, Some(met)) = (begin, self.met) {
            let first = frames.iter().find(|frame| frame.track == lead);
            let start = first.map_or(met, |frame| clock.wall(lead, frame.pts));
            clock.hold(met.micros_since(start));
        }
        committed.received = newest;
        Next::Write(Box::new(Prepared { epoch, begin, frames, clock, committed }))
    }
}

#[cfg(test)]
mod tests;
