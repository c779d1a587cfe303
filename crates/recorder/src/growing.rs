//! A segment that grows, and one that is being sealed: the file's writer with the row that the
//! catalog will get.

use std::sync::Arc;

use archive::{Appended, ArchiveKey, Sealing, SegmentWriter, Syncer};
use archive::{Volume, WriteError};
use base::{RunId, SegmentId, Ticks, WallTime};
use catalog::{Change, OpenSegment, SegmentRow, SegmentState, SegmentTrack, Tail};
use media::{Batch, Identity, Predecessor, SegmentIndex, SegmentScale, TrackTotals};
use stream::{EndCause, Epoch};

use crate::Now;
use crate::batch::Prepared;
use crate::rows::{place_of, seal_row};
use crate::site::{Site, StreamJob};
use crate::standing::{Next, Standing};
use crate::unfinished::{Successor, Unfinished};

/// A segment that grows.
pub(crate) struct Segment {
    pub(crate) epoch: Arc<Epoch>,
    pub(crate) lead: usize,
    /// As far as it is durable.
    pub(crate) row: SegmentRow,
    writer: SegmentWriter,
    scale: SegmentScale,
}

impl Segment {
    /// A new segment that begins with `prepared`. Nothing is on disk yet.
    pub(crate) fn begin(
        site: &Site,
        job: &StreamJob,
        prepared: &Prepared,
        predecessor: Option<Predecessor>,
        now: Now,
    ) -> Result<Self, WriteError> {
        let (epoch, clock) = (prepared.epoch.clone(), &prepared.clock);
        let lead = epoch.lead_track().unwrap_or(0);
        let of = |track: usize| prepared.frames.iter().filter(move |f| f.track == track);
        let first = of(lead).next().map(|frame| frame.pts).unwrap_or_default();
        let start = clock.wall(lead, first);
        let zeros: Vec<_> = (0..epoch.tracks.len()).map(|t| clock.wall(t, Ticks(0))).collect();
        let first_decode: Vec<_> =
            (0..epoch.tracks.len()).map(|track| of(track).next().map(|f| f.dts)).collect();
        let volume = site.volume.identity();
        let id = SegmentId::new(now.wall, site.entropy.id_bytes());
        let identity = Identity {
            archive: volume.archive,
            volume: volume.volume,
            camera: job.camera,
            stream: job.stream,
            run: epoch.run,
            segment: id,
            epoch: 0,
            start,
            predecessor,
            public_key: site.key.as_ref().map(|key| key.public_key()),
            camera_slug: job.camera_slug.clone(),
            camera_name: job.camera_name.clone(),
            stream_name: job.stream_name.clone(),
        };
        let tracks = epoch
            .tracks
            .iter()
            .map(|params| SegmentTrack { params: params.clone(), totals: TrackTotals::default() });
        let row = SegmentRow {
            id,
            stream: job.stream,
            volume: volume.volume,
            run: epoch.run,
            camera_slug: job.camera_slug.as_str().into(),
            stream_name: job.stream_name.as_str().into(),
            state: SegmentState::Open,
            start,
            end: start,
            bytes: 0,
            allocated: 0,
            tracks: tracks.collect(),
            predecessor,
            last_commit: None,
            end_cause: None,
        };
        let writer = site.volume.create(&place_of(&row), identity, epoch.tracks.clone())?;
        let scale = SegmentScale::new(&epoch.tracks, &zeros, &first_decode);
        Ok(Self { epoch, lead, row, writer, scale })
    }

    /// Writes `prepared`; how many of its frames cannot stand in this segment.
    pub(crate) fn append(&mut self, prepared: &Prepared) -> Result<(Appended, usize), WriteError> {
        let wall_of = |track, ticks| prepared.clock.wall(track, ticks);
        let tracks = &self.epoch.tracks;
        let (batch, left_out) = Batch::assemble(tracks, &self.scale, &prepared.frames, wall_of);
        Ok((self.writer.append(&batch)?, left_out))
    }

    pub(crate) fn syncer(&self) -> Option<Syncer> {
        self.writer.syncer()
    }

    /// What was appended is durable: publishes it to readers; the change that tells the catalog
    /// of a new segment.
    pub(crate) fn publish(
        &mut self,
        tail: &Tail,
        appended: &Appended,
        prepared: &Prepared,
    ) -> Option<Change> {
        let scale = self.epoch.tracks[self.lead].timescale();
        let ends = prepared.frames.iter().filter(|frame| frame.track == self.lead).map(|frame| {
            let length = scale.to_micros(Ticks(frame.duration.into()));
            prepared.clock.wall(self.lead, frame.pts).plus_micros(length)
        });
        let first = self.row.last_commit.is_none();
        self.row.end = ends.fold(self.row.end, WallTime::max);
        self.row.bytes = appended.end;
        // A disk that reserves nothing, or does not say what the file takes, takes its length.
        self.row.allocated = self.writer.allocated().max(appended.end);
        self.row.last_commit = Some(appended.commit);
        if first {
            let mut index = SegmentIndex::new(&self.epoch.tracks);
            index.extend(&appended.added);
            tail.open(OpenSegment { row: self.row.clone(), index: Arc::new(index) });
            return Some(Change::SegmentOpened(self.row.clone()));
        }
        let (end, bytes, last_commit) = (self.row.end, self.row.bytes, self.row.last_commit);
        let allocated = self.row.allocated;
        tail.extend(self.row.id, |open| {
            Arc::make_mut(&mut open.index).extend(&appended.added);
            open.row.end = end;
            open.row.bytes = bytes;
            open.row.allocated = allocated;
            open.row.last_commit = last_commit;
        });
        None
    }

    /// Its last durable commit, for its successor to name.
    pub(crate) fn as_predecessor(&self) -> Option<Predecessor> {
        let commit = self.row.last_commit?;
        Some(Predecessor { segment: self.row.id, commit })
    }

    /// Its file failed: what recovery has to finish, where any of it is durable.
    pub(crate) fn abandon(&self) -> Option<Unfinished> {
        self.row.last_commit.map(|_| unfinished(&self.row, None))
    }

    /// Removes a file that nothing durable stands in: what follows it holds all of it. Where it
    /// cannot be removed now, what recovery has to do once that is possible.
    pub(crate) fn discard(&self, volume: &Volume) -> Option<Unfinished> {
        let place = place_of(&self.row);
        let remains = || volume.remove(&place).is_err() && volume.may_hold(&place);
        (self.writer.has_begun() && remains())
            .then(|| Unfinished { superseded: true, ..unfinished(&self.row, None) })
    }

    /// It is complete; its run ended with it where there is a cause. `standing` is its stream's.
    pub(crate) fn complete(self, cause: Option<EndCause>, standing: Arc<Standing>) -> Closed {
        let mut row = self.row;
        row.end_cause = cause.map(|cause| cause.as_str().to_owned());
        Closed {
            row,
            writer: self.writer,
            stage: Stage::Complete,
            cause,
            rotated: cause.is_none(),
            met: false,
            standing,
        }
    }
}

/// A complete segment on its way to being sealed. Each stage is durable before the next begins;
/// one that fails leaves the rest to recovery.
pub(crate) struct Closed {
    pub(crate) row: SegmentRow,
    writer: SegmentWriter,
    stage: Stage,
    cause: Option<EndCause>,
    /// Its run goes on in its successor.
    rotated: bool,
    /// It ends where its successor begins.
    met: bool,
    standing: Arc<Standing>,
}

enum Stage {
    /// All batches are durable.
    Complete,
    /// Final `moov` and seal are written.
    Tail(Sealing),
    /// The header is turned.
    Turned(Sealing),
}

impl Closed {
    /// Writes the next stage; what makes it durable.
    pub(crate) fn write(&mut self, key: Option<&ArchiveKey>) -> Result<Syncer, WriteError> {
        let sealing = match std::mem::replace(&mut self.stage, Stage::Complete) {
            Stage::Complete => {
                let sealing = self.writer.seal(key)?;
                let syncer = sealing.syncer();
                self.stage = Stage::Tail(sealing);
                return Ok(syncer);
            }
            Stage::Tail(sealing) => {
                sealing.turn()?;
                sealing
            }
            Stage::Turned(sealing) => sealing,
        };
        let syncer = sealing.syncer();
        self.stage = Stage::Turned(sealing);
        Ok(syncer)
    }

    /// The stage that was written is durable. After the last one: what tells the catalog.
    pub(crate) fn synced(mut self, tail: &Tail) -> Synced {
        self.meet_elsewhere(tail);
        let unfinished = self.abandon();
        match self.stage {
            Stage::Turned(sealing) => match sealing.finish() {
                Ok(info) => Synced::Sealed(seal_row(self.row, self.writer.index(), info)),
                Err(error) => Synced::Failed(error, unfinished),
            },
            stage => Synced::Further(Box::new(Self { stage, ..self })),
        }
    }

    /// Whether what follows it is of `run`, with nothing missing in between.
    pub(crate) fn goes_on_in(&self, run: RunId) -> bool {
        let broken_off = matches!(self.standing.next_of(self.row.id), Some(Next::Nothing(_)));
        self.rotated && self.row.run == run && !broken_off
    }

    /// What follows it may be recorded on another volume by now.
    fn meet_elsewhere(&mut self, tail: &Tail) {
        let next = self.standing.next_of(self.row.id).filter(|_| self.rotated && !self.met);
        match next {
            Some(Next::GoesOn(start)) => self.ends_at(start, tail),
            Some(Next::Nothing(cause)) => {
                (self.rotated, self.cause) = (false, Some(cause));
                self.row.end_cause = Some(cause.as_str().to_owned());
            }
            None => {}
        }
    }

    /// Its successor shows where it ends.
    pub(crate) fn ends_at(&mut self, end: WallTime, tail: &Tail) {
        self.row.end = end.max(self.row.start);
        self.met = true;
        let end = self.row.end;
        tail.extend(self.row.id, |open| open.row.end = end);
    }

    /// What recovery has to finish.
    pub(crate) fn abandon(&self) -> Unfinished {
        let start = self.row.end;
        let successor = self.met.then_some(Successor { start, goes_on: self.rotated });
        Unfinished { successor, ..unfinished(&self.row, self.cause) }
    }
}

/// What a durable stage of sealing led to.
pub(crate) enum Synced {
    /// There is another stage.
    Further(Box<Closed>),
    /// The segment is sealed.
    Sealed(Change),
    /// The rest is recovery's.
    Failed(WriteError, Unfinished),
}

fn unfinished(row: &SegmentRow, cause: Option<EndCause>) -> Unfinished {
    let (place, up_to) = (place_of(row), row.last_commit);
    Unfinished { place, up_to, cause, successor: None, superseded: false }
}
