//! The commit protocol: in which order things are written, synced, published and told.
//!
//! ```text
//! create   header and first batch written -> file and folder synced -> row "open"
//! append   all batches of the volume written -> all written out -> all synced, side by side
//!          -> durable_until
//! seal     final moov and seal -> synced -> header turned -> synced -> row "sealed" with totals
//! ```
//!
//! Nothing is published, acknowledged or told to the catalog before the sync that makes it true
//! has returned. A write or sync that fails is final for its file: the frames, which are still in
//! memory, go to a new one, and the old one stays up to its last durable commit.

mod streams;
mod syncing;

use archive::{Appended, Syncer, WriteError};
use base::{MonoTime, StreamId, limits};
use media::BatchError;
use stream::{EndCause, Lost};

use crate::Now;
use crate::batch::Prepared;
use crate::beat::{Beat, Rate};
use crate::cut::Rotation;
use crate::ghost::Ghost;
use crate::growing::{Closed, Segment, Synced};
use crate::lane::{Lane, Next};
use crate::parallel::Parallel;
use crate::report::{Alarm, DiskFault, FinishReport, LossCause, StepReport};
use crate::site::{Settings, Site};
use syncing::sync_all;

/// Records all streams of one volume. It is driven from outside: when [`VolumeRecorder::due`] has
/// come, [`VolumeRecorder::comes_due`] says whether it is time yet, and then
/// [`VolumeRecorder::step`] writes, syncs and publishes what came since.
pub struct VolumeRecorder {
    site: Site,
    settings: Settings,
    beat: Beat,
    lanes: Vec<Lane>,
    closed: Vec<Closed>,
    /// Files of streams that go on elsewhere.
    ghosts: Vec<Ghost>,
    rate: Rate,
    seen: Now,
}

/// A batch that is written and not yet durable.
struct Written {
    lane: usize,
    prepared: Box<Prepared>,
    appended: Appended,
}

/// What one round came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Idle,
    Worked,
}

impl VolumeRecorder {
    /// A recorder without streams.
    pub fn new(site: Site, settings: Settings, now: Now) -> Self {
        let beat = Beat::new(settings.sync_interval, now.mono);
        let rate = Rate::new(now.mono);
        let (lanes, closed, ghosts) = (Vec::new(), Vec::new(), Vec::new());
        Self { site, settings, beat, lanes, closed, ghosts, rate, seen: now }
    }

    /// Changes the settings from the next step on.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
        self.beat.set_interval(settings.sync_interval);
    }

    /// When the next step is due, at the earliest: see [`Self::comes_due`].
    pub fn due(&self) -> MonoTime {
        self.beat.due()
    }

    /// Whether a step is due by now. It is put off a little, once, when what waits has come so late
    /// since the last step that it can wait longer.
    pub fn comes_due(&mut self, now: MonoTime) -> bool {
        if self.beat.due() > now {
            return false;
        }
        let oldest = self.lanes.iter().filter_map(|lane| lane.job.reader.waits_since()).min();
        // Where nothing waits, there may be ends of streams to see to.
        if let Some(oldest) = oldest {
            self.beat.put_off(oldest);
        }
        self.beat.due() <= now
    }

    /// Bytes a second that are written, as of the last minutes.
    pub fn bytes_per_second(&self) -> u64 {
        self.rate.bytes_per_second()
    }

    /// Writes what came, syncs it, publishes it, and takes what is complete one stage further
    /// towards being sealed.
    pub fn step(&mut self, now: Now, parallel: &dyn Parallel) -> StepReport {
        let began = self.site.clock.mono();
        let mut report = StepReport::default();
        self.notice_clock_step(now);
        self.let_go(now.mono, &mut report);
        let mut more = false;
        for lane in &mut self.lanes {
            more |= lane.take_in(&mut report);
        }
        // One stage of sealing a step: its syncs then come at the same moment as all others.
        let mut round = self.round(true, now, parallel, &mut report);
        while round == Round::Worked {
            round = self.round(false, now, parallel, &mut report);
        }
        self.end_gone(now.mono, &mut report);
        self.lanes.iter_mut().for_each(|lane| lane.leave_open(now.mono));
        self.let_go(now.mono, &mut report);
        self.beat.round_done(began, self.site.clock.mono());
        // On a full disk nothing would come of it.
        if more && report.bytes > 0 {
            self.beat.hurry(now.mono);
        }
        if let Some(age) = self.beat.stretched() {
            report.alarms.push(Alarm::Slow { age });
        }
        report.dated_late.extend(self.lanes.iter().filter_map(Lane::dated_late));
        self.rate.add(report.bytes, now.mono);
        report.due = self.beat.due();
        report
    }

    /// Writes, syncs and seals everything now: for shutdown, after the cameras' runs have ended.
    /// It blocks as long as the disk does; whoever has a deadline calls it on a thread.
    /// What fails is tried once more at once, and then counted as uncommitted: it still waits in
    /// the streams' memory, for a recorder of another volume. May be called again after
    /// [`VolumeRecorder::add`], for what comes from other volumes.
    pub fn finish(&mut self, now: Now, parallel: &dyn Parallel) -> FinishReport {
        let mut report = StepReport::default();
        self.let_go(now.mono, &mut report);
        for lane in &mut self.lanes {
            lane.retry_now();
            lane.stay();
        }
        loop {
            for lane in &mut self.lanes {
                lane.leave_now(EndCause::Shutdown);
                lane.take_in(&mut report);
            }
            if self.round(true, now, parallel, &mut report) == Round::Idle {
                break;
            }
        }
        self.end_gone(now.mono, &mut report);
        self.let_go(now.mono, &mut report);
        for ghost in &mut self.ghosts {
            ghost.advance(ghost.until, &mut report);
        }
        let waits = |lane: &Lane| (lane.job.stream, lane.frames_waiting());
        let waits = self.lanes.iter().map(waits).filter(|(_, lost)| !lost.is_none());
        let uncommitted = waits.collect();
        let left = |lane: &Lane| lane.abandoned.len() + usize::from(lane.growing.is_some());
        let left: usize = self.lanes.iter().map(left).sum();
        let unsealed = self.closed.len() + report.unfinished.len() + left;
        FinishReport { step: report, uncommitted, unsealed }
    }

    /// First all writes, then all syncs side by side, then what they made true.
    fn round(
        &mut self,
        seal: bool,
        now: Now,
        parallel: &dyn Parallel,
        report: &mut StepReport,
    ) -> Round {
        let (mut batches, mut seals, mut syncers) = (Vec::new(), Vec::new(), Vec::new());
        // Who reads waits until the syncs are over.
        let _syncing = self.site.volume.gate().sync();
        for number in 0..self.lanes.len() {
            if let Some((written, syncer)) = self.write_batch(number, now, report) {
                batches.push(written);
                syncers.push(syncer);
            }
        }
        if seal {
            for mut closed in std::mem::take(&mut self.closed) {
                match closed.write(self.site.key.as_deref()) {
                    Ok(syncer) => {
                        seals.push(closed);
                        syncers.push(syncer);
                    }
                    Err(error) => {
                        report.alarms.push(disk_alarm(closed.row.stream, &error));
                        report.unfinished.push(closed.abandon());
                    }
                }
            }
        }
        if syncers.is_empty() {
            return Round::Idle;
        }
        let mut synced = sync_all(parallel, &syncers).into_iter();
        for (written, synced) in batches.into_iter().zip(&mut synced) {
            self.publish(written, synced, now, report);
        }
        for (closed, synced) in seals.into_iter().zip(&mut synced) {
            self.advance_seal(closed, synced, report);
        }
        Round::Worked
    }

    /// Writes the lane's next batch, if it has one, to its segment or to a new one.
    fn write_batch(
        &mut self,
        number: usize,
        now: Now,
        report: &mut StepReport,
    ) -> Option<(Written, Syncer)> {
        let stream = self.lanes[number].job.stream;
        let rotation = Rotation::new(self.settings.segment_duration, stream);
        loop {
            let prepared = match self.lanes[number].next(rotation, now, report) {
                Next::Nothing => return None,
                Next::Close(cause) => {
                    self.close(number, cause, report);
                    continue;
                }
                Next::Write(prepared) => prepared,
            };
            if prepared.begin {
                self.begin(number, &prepared, now, report)?;
            }
            let lane = &mut self.lanes[number];
            let segment = lane.growing.as_mut().expect("a batch has a segment by now");
            match segment.append(&prepared) {
                Ok((appended, left_out)) => {
                    let syncer = segment.syncer().expect("a segment with a batch has a file");
                    let lost = Lost { frames: left_out as u64, bytes: 0 };
                    lane.lost(lost, LossCause::Misplaced, report);
                    return Some((Written { lane: number, prepared, appended }, syncer));
                }
                Err(WriteError::Batch { source, .. }) => {
                    self.refuse_batch(number, &prepared, &source, report);
                }
                Err(error) => {
                    report.alarms.push(disk_alarm(stream, &error));
                    if fault_of(&error) == DiskFault::NoSpace && segment.as_predecessor().is_some()
                    {
                        // Nothing is wrong with the file: it waits for space.
                        lane.failed(now);
                        return None;
                    }
                    // What failed goes to a new file at once, but once only.
                    self.fail(number, now, report);
                }
            }
        }
    }

    /// Gives the lane a new segment that begins with `prepared`.
    fn begin(
        &mut self,
        number: usize,
        prepared: &Prepared,
        now: Now,
        report: &mut StepReport,
    ) -> Option<()> {
        let lane = &mut self.lanes[number];
        let before = lane.newest_before();
        match Segment::begin(&self.site, &lane.job, prepared, before, now) {
            Ok(segment) => {
                let start = segment.row.start;
                // The one before ends where this one begins: what it was last taken to last was
                // a guess. After a hole it may only have been too long a guess.
                let meets = |closed: &Closed| closed.goes_on_in(segment.row.run);
                let of_before =
                    |closed: &&mut Closed| Some(closed.row.id) == before.map(|b| b.segment);
                if let Some(closed) = self.closed.iter_mut().find(of_before)
                    && (meets(closed) || closed.row.end > start)
                {
                    closed.ends_at(start, self.site.catalog.tail());
                    lane.met = Some(start);
                    // Whoever takes over must not begin earlier either.
                    lane.settled(|_| ());
                }
                lane.growing = Some(segment);
                Some(())
            }
            Err(error) => {
                report.alarms.push(disk_alarm(lane.job.stream, &error));
                lane.failed(now);
                None
            }
        }
    }

    /// The sync of a batch returned: it is true now, or its file has failed.
    fn publish(
        &mut self,
        written: Written,
        synced: Result<(), String>,
        now: Now,
        report: &mut StepReport,
    ) {
        let Written { lane: number, prepared, appended } = written;
        let lane = &mut self.lanes[number];
        let stream = lane.job.stream;
        if let Err(error) = synced {
            report.alarms.push(Alarm::Disk { stream, error, fault: DiskFault::Other });
            self.fail(number, now, report);
            return;
        }
        let first = lane.growing.as_ref().is_some_and(|s| s.as_predecessor().is_none());
        let tail = self.site.catalog.tail();
        // Readers see it in the same instant in which it counts for whoever takes over.
        let settled = lane.settled(|lane| {
            let segment = lane.growing.as_mut().expect("it stays until its sync has returned");
            let opened = segment.publish(tail, &appended, &prepared);
            if let Some(opened) = opened {
                let start = segment.row.start;
                for file in &lane.abandoned {
                    tail.extend(file.place.id, |open| open.row.end = start.max(open.row.start));
                }
                lane.hand_over(Ok(start), report);
                report.changes.push(opened);
            }
            report.bytes +=
                prepared.frames.iter().map(|frame| frame.data.len() as u64).sum::<u64>();
            lane.written(*prepared);
            if let Some(until) = lane.durable_until() {
                tail.set_durable_until(stream, until);
                report.durable.push((stream, until));
            }
        });
        if settled && first {
            self.succeed(number);
        }
    }

    /// Tells those who were cut off from the segment before where it ends.
    fn succeed(&self, number: usize) {
        let lane = &self.lanes[number];
        let Some(segment) = &lane.growing else { return };
        let Some(before) = segment.row.predecessor else { return };
        let (start, run) = (segment.row.start, segment.row.run);
        if !lane.job.standing.succeeded(before.segment, start) {
            // Frames are missing between the two.
            return;
        }
        let meets = |open: &mut catalog::OpenSegment| {
            // It was written elsewhere, and goes on here.
            if open.row.volume != segment.row.volume && open.row.run == run {
                open.row.end = start.max(open.row.start);
            }
        };
        self.site.catalog.tail().extend(before.segment, meets);
    }

    fn advance_seal(
        &mut self,
        closed: Closed,
        synced: Result<(), String>,
        report: &mut StepReport,
    ) {
        let stream = closed.row.stream;
        if let Err(error) = synced {
            report.alarms.push(Alarm::Disk { stream, error, fault: DiskFault::Other });
            report.unfinished.push(closed.abandon());
            return;
        }
        match closed.synced(self.site.catalog.tail()) {
            Synced::Further(closed) => self.closed.push(*closed),
            Synced::Sealed(change) => report.changes.push(change),
            Synced::Failed(error, unfinished) => {
                report.alarms.push(disk_alarm(stream, &error));
                report.unfinished.push(unfinished);
            }
        }
    }

    /// The growing segment is complete: it will be sealed.
    fn close(&mut self, number: usize, cause: Option<EndCause>, report: &mut StepReport) {
        let lane = &mut self.lanes[number];
        let Some(segment) = lane.growing.take() else { return };
        let Some(last) = segment.as_predecessor() else {
            // Nothing of it is durable, nobody knows of it.
            report.unfinished.extend(segment.discard(&self.site.volume));
            return;
        };
        let mut segment = segment;
        // What follows tells where it ends, be it recorded here or elsewhere.
        if let (None, Some(next)) = (cause, lane.front_at(&segment.epoch)) {
            segment.row.end = next.max(segment.row.start);
            lane.said_end = Some(segment.row.end);
        }
        let (stream, start, end) = (lane.job.stream, segment.row.start, segment.row.end);
        lane.settled(|lane| {
            lane.before = Some((last, start));
            lane.ended = lane.ended.max(Some(end));
            lane.broken_off = cause.map(|cause| (last.segment, cause)).or(lane.broken_off);
        });
        if cause.is_some() {
            // No frame of this run follows, and the next run begins no earlier.
            self.site.catalog.tail().set_durable_until(stream, end);
            report.durable.push((stream, end));
        }
        let standing = lane.job.standing.clone();
        self.closed.push(segment.complete(cause, standing));
    }

    /// The growing segment's file has failed: its durable part stays, the rest goes to a new one.
    fn fail(&mut self, number: usize, now: Now, report: &mut StepReport) {
        let lane = &mut self.lanes[number];
        lane.failed(now);
        let Some(segment) = lane.growing.take() else { return };
        match (segment.as_predecessor(), segment.abandon()) {
            (Some(last), Some(unfinished)) => {
                lane.settled(|lane| {
                    lane.before = Some((last, segment.row.start));
                    lane.ended = lane.ended.max(Some(segment.row.end));
                    lane.resume = Some((segment.epoch.run, segment.epoch.number));
                });
                lane.abandoned.push(unfinished);
            }
            // Its successor names the same predecessor, which tells a start to drop it.
            _ => report.unfinished.extend(segment.discard(&self.site.volume)),
        }
    }

    /// The format refuses a batch: a full segment ends, frames that break its rules are given up.
    fn refuse_batch(
        &mut self,
        number: usize,
        prepared: &Prepared,
        why: &BatchError,
        report: &mut StepReport,
    ) {
        let lane = &mut self.lanes[number];
        let durable = lane.growing.as_ref().is_some_and(|s| s.as_predecessor().is_some());
        let (run, epoch) = (prepared.epoch.run, prepared.epoch.number);
        if matches!(why, BatchError::TooLarge { .. }) && durable {
            self.close(number, None, report);
            let lane = &mut self.lanes[number];
            lane.settled(|lane| lane.resume = Some((run, epoch)));
            return;
        }
        tracing::error!(camera = lane.job.camera_slug, error = %why, "frames cannot be recorded");
        let count = prepared.frames.len();
        match why {
            // The rest of the batch can stand without a track that goes with the picture.
            BatchError::DecodeTime { track, .. } if Some(*track) != prepared.epoch.lead_track() => {
                lane.skip_track(count, *track, report);
            }
            _ => lane.skip(count, LossCause::Misplaced, report),
        }
        if !durable {
            lane.growing = None;
        }
    }

    /// A wall clock that was set ends all runs: their mapping is to a clock that is no more.
    fn notice_clock_step(&mut self, now: Now) {
        let passed = now.wall.micros_since(self.seen.wall) - now.mono.micros_since(self.seen.mono);
        self.seen = now;
        if passed.abs() > limits::CLOCK_ERROR_MAX_MICROS {
            self.lanes.iter().for_each(|lane| lane.request_end(EndCause::Clock));
        }
    }
}

fn disk_alarm(stream: StreamId, error: &WriteError) -> Alarm {
    Alarm::Disk { stream, error: error.to_string(), fault: fault_of(error) }
}

fn fault_of(error: &WriteError) -> DiskFault {
    use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error {
        WriteError::Io { source, .. } => match source.kind() {
            StorageFull | QuotaExceeded => DiskFault::NoSpace,
            ReadOnlyFilesystem => DiskFault::ReadOnly,
            _ => DiskFault::Other,
        },
        _ => DiskFault::Other,
    }
}

#[cfg(test)]
mod tests;
