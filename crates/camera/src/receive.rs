//! From what a session delivers to what a sink takes: places frames on one clock, finds key frames
//! and parameter changes, opens epochs, closes runs. Pure but for ids; it never blocks.

mod decode;
mod track;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base::{MonoTime, RunId, Ticks, WallTime, limits};
use bytes::Bytes;
use media::{AudioParams, Frame, TrackParams, VideoCodec, VideoParams};
use world::Entropy;

use self::decode::Decode;
use self::track::Track;
use crate::clock::ClockMeasure;
use crate::offset::Offsets;
use crate::sink::{EndCause, Epoch, FrameSink};
use crate::status::StatusHandle;
use crate::timeline::{How, Timeline};

/// Frames of a stream with several tracks wait this long at its start, so that the least delayed
/// of them set the tracks to one another.
const ALIGN: Duration = Duration::from_millis(500);
/// A track that has sent nothing for this long is not waited for.
const ALIGN_MAX: Duration = Duration::from_secs(1);
/// How often the sink is told of the clock.
const CLOCK_EVERY: Duration = Duration::from_secs(1);
/// In which `limits::EPOCHS_PER_MINUTE_MAX` may begin.
const MINUTE: Duration = Duration::from_secs(60);

/// What one track of a session carries.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Video(VideoCodec),
    Audio(Arc<TrackParams>),
}

/// One track of a session.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) kind: Kind,
    /// Of the RTP clock.
    pub(crate) hertz: u32,
}

/// What of a camera's description is received, and what is not and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    /// By track.
    pub(crate) setups: Vec<Setup>,
    /// Parameter sets, each with its track.
    pub(crate) sets: Vec<(usize, Bytes)>,
    pub(crate) warnings: Vec<String>,
}

impl Described {
    /// Goes on without `track`.
    pub(crate) fn leave_out(&mut self, track: usize) {
        self.setups.remove(track);
        self.sets.retain(|(of, _)| *of != track);
        self.sets.iter_mut().for_each(|(of, _)| *of -= usize::from(*of > track));
    }
}

/// One access unit or audio frame, as it came out of its packets.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) track: usize,
    pub(crate) rtp: u32,
    pub(crate) data: Bytes,
    /// Audio: how long it lasts on the RTP clock; 0 for video.
    pub(crate) ticks: u32,
}

/// The same instant on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) mono: MonoTime,
    pub(crate) wall: WallTime,
}

/// Turns frames into runs and epochs.
pub(crate) struct Receiver {
    tracks: Vec<Track>,
    lead: usize,
    entropy: Arc<dyn Entropy>,
    status: StatusHandle,
    run: Run,
    epochs: u64,
    /// When the last of them began, the oldest first.
    begun: VecDeque<MonoTime>,
    /// More began in a minute than may: nothing is taken any more.
    erratic: bool,
    clock: ClockMeasure,
    /// Why the run is to end at the next key frame.
    ending: Option<EndCause>,
}

/// What begins anew with every run.
struct Run {
    lines: Vec<Timeline>,
    offsets: Offsets,
    /// By track: µs by which its line lies after the run's; set once it is aligned.
    shifts: Vec<Option<i64>>,
    /// Monotonic µs of the run's media time 0.
    origin: Option<i64>,
    /// When its first frame came.
    first: Option<MonoTime>,
    held: VecDeque<Placed>,
    held_bytes: usize,
    epoch: Option<Epoch>,
    decode: Decode,
    /// The last audio frame's time: they rise, as decode times do.
    sound: Option<Ticks>,
    told: Option<(MonoTime, bool)>,
}

/// A frame on its track's line.
struct Placed {
    incoming: Incoming,
    position: i64,
    step: i64,
    params: Option<Arc<TrackParams>>,
    now: Now,
}

impl Receiver {
    /// For a session that was described so.
    pub(crate) fn new(
        described: &Described,
        entropy: Arc<dyn Entropy>,
        status: StatusHandle,
    ) -> Self {
        let tracks: Vec<Track> = described.setups.iter().cloned().map(Track::new).collect();
        let lead = tracks.iter().position(|t| matches!(t.kind, Kind::Video(_))).unwrap_or(0);
        let run = Run::new(&tracks, lead);
        let clock = ClockMeasure::going_on(status.snapshot().clock);
        let begun = VecDeque::new();
        let mut receiver = Self {
            tracks,
            lead,
            entropy,
            status,
            run,
            epochs: 0,
            begun,
            erratic: false,
            clock,
            ending: None,
        };
        described.sets.iter().for_each(|(track, set)| receiver.absorb(*track, set));
        receiver
    }

    /// A NAL unit of a video track that may be a parameter set.
    pub(crate) fn absorb(&mut self, track: usize, unit: &[u8]) {
        let track = &mut self.tracks[track];
        if let Kind::Video(codec) = track.kind
            && track.sets.absorb(codec, unit)
        {
            track.stale = true;
        }
    }

    /// The next frame in the order of arrival.
    pub(crate) fn frame(&mut self, incoming: Incoming, now: Now, sink: &mut dyn FrameSink) {
        if let Some(cause) = self.ending
            && incoming.track == self.lead
            && self.tracks[self.lead].access(&incoming.data).is_key()
        {
            self.end(cause, now, sink);
        }
        let of = &mut self.tracks[incoming.track];
        of.refresh(&incoming.data);
        let run = &mut self.run;
        if run.first.is_none() {
            self.clock.begin(now.wall);
        }
        run.lines[incoming.track].set_order(of.order());
        let place = run.lines[incoming.track].push(incoming.rtp, now.mono);
        match place.how {
            How::Timestamp => {}
            How::Moved(ticks) => {
                run.offsets.moved(incoming.track);
                if incoming.track == self.lead {
                    self.clock.jumped(of.micros(ticks));
                }
            }
            How::Repeated | How::Arrival => self.status.count_bad_timestamp(),
        }
        if place.how != How::Arrival {
            let end = of.micros(place.position + i64::from(incoming.ticks));
            run.offsets.arrived(incoming.track, end, now.mono);
            if incoming.track == self.lead {
                self.clock.arrived(end, now.mono);
            }
        }
        let first = *run.first.get_or_insert(now.mono);
        // Frames may be tiny, and many.
        run.held_bytes += size_of::<Placed>() + incoming.data.len();
        let (position, params) = (place.position, of.params.clone());
        let step = run.lines[incoming.track].step();
        run.held.push_back(Placed { incoming, position, step, params, now });
        if run.origin.is_some() || self.is_aligned(now.mono.since(first)) {
            self.release(sink);
        }
        self.tell_clock(now, sink);
    }

    /// A sender report: `rtp` was `ntp` (64 bits, RFC 3550 section 4) by the camera's clock.
    pub(crate) fn report(&mut self, track: usize, rtp: u32, ntp: u64, now: Now) {
        let Some(position) = self.run.lines[track].at(rtp) else { return };
        let fraction = (u64::from(ntp as u32) * 1_000_000) >> 32;
        let ntp_micros = (ntp >> 32).cast_signed() * 1_000_000 + fraction.cast_signed();
        let media = self.tracks[track].micros(position);
        self.run.offsets.reported(track, media, ntp_micros);
        if let Some(offset) = self.run.offsets.offset(track).filter(|_| track == self.lead) {
            let ago = now.mono.as_micros() - (offset + media);
            self.clock.reported(ntp_micros, now.wall.plus_micros(-ago));
        }
    }

    /// Whether nothing has come of the pictures that could be recorded.
    pub(crate) fn is_without_pictures(&self) -> bool {
        let lead = &self.tracks[self.lead];
        matches!(lead.kind, Kind::Video(_)) && lead.params.is_none()
    }

    /// The track that leads.
    pub(crate) fn lead(&self) -> usize {
        self.lead
    }

    /// Whether the camera changes what it sends more often than can be recorded.
    pub(crate) fn is_erratic(&self) -> bool {
        self.erratic
    }

    /// How many epochs have begun, of all runs.
    pub(crate) fn epochs(&self) -> u64 {
        self.epochs
    }

    /// What the camera sends, in words, by track.
    pub(crate) fn summary(&self) -> Vec<String> {
        let of = |track: &Track| match (&track.params, &track.kind) {
            (Some(params), _) => describe(params),
            (None, Kind::Video(codec)) => codec.name().to_owned(),
            (None, Kind::Audio(params)) => describe(params),
        };
        self.tracks.iter().map(of).collect()
    }

    /// Parameters by track, as far as they are known.
    pub(crate) fn params(&self, track: usize) -> Option<Arc<TrackParams>> {
        self.tracks[track].params.clone()
    }

    /// The run is to end where another can begin without a frame lost: at the next key frame.
    pub(crate) fn end_soon(&mut self, cause: EndCause) {
        if self.run.epoch.is_some() {
            self.ending = Some(cause);
        }
    }

    /// Ends the run, if one is under way; the next key frame begins another.
    pub(crate) fn end(&mut self, cause: EndCause, now: Now, sink: &mut dyn FrameSink) {
        self.release(sink);
        if self.run.epoch.is_some() {
            sink.end_run(cause, now.wall);
        }
        self.ending = None;
        self.run = Run::new(&self.tracks, self.lead);
    }

    /// Whether the tracks can be set to one another.
    fn is_aligned(&self, age: Duration) -> bool {
        let seen = |track| self.run.offsets.offset(track).is_some();
        let all_seen = (0..self.tracks.len()).all(seen);
        self.tracks.len() == 1
            || (all_seen && age >= ALIGN)
            || age >= ALIGN_MAX
            || self.run.held_bytes > limits::SESSION_BUFFER_BYTES_MAX
    }

    /// Delivers all held frames.
    fn release(&mut self, sink: &mut dyn FrameSink) {
        let run = &mut self.run;
        let unset = (0..self.tracks.len()).filter(|track| run.shifts[*track].is_none());
        for track in unset.collect::<Vec<_>>() {
            let offsets = (0..self.tracks.len()).filter_map(|track| run.offsets.offset(track));
            let Some(offset) = run.offsets.offset(track) else { continue };
            let origin = *run.origin.get_or_insert(offsets.min().unwrap_or(offset));
            run.shifts[track] = Some(offset - origin);
        }
        while let Some(placed) = self.run.held.pop_front() {
            self.run.held_bytes -= size_of::<Placed>() + placed.incoming.data.len();
            self.deliver(placed, sink);
        }
    }

    fn deliver(&mut self, placed: Placed, sink: &mut dyn FrameSink) {
        let track = placed.incoming.track;
        let of = &self.tracks[track];
        let shift = of.scale.from_micros(self.run.shifts[track].unwrap_or(0));
        let mut pts = Ticks(of.ticks(placed.position)) + shift;
        let access = of.access(&placed.incoming.data);
        if track == self.lead && access.is_key() {
            self.open_epoch(placed.params.as_ref(), placed.now, sink);
        }
        if self.run.epoch.is_none() || self.erratic {
            self.status.count_before_key();
            return;
        }
        let of = &self.tracks[track];
        let (dts, ticks) = match of.kind {
            Kind::Video(_) => {
                let (dts, step) = self.run.decode.push(pts);
                (dts, step.map_or(of.ticks(placed.step), |step| step.0))
            }
            Kind::Audio(_) => {
                // Two positions of a faster RTP clock may fall on one tick of the track's.
                let after = self.run.sound.map_or(i64::MIN, |last| last.0 + 1);
                pts = Ticks(pts.0.max(after));
                self.run.sound = Some(pts);
                (pts, of.ticks(i64::from(placed.incoming.ticks)))
            }
        };
        let duration = u32::try_from(ticks).unwrap_or(0);
        self.status.count_frame(placed.incoming.data.len(), placed.now.wall);
        sink.frame(Frame {
            track,
            pts,
            dts,
            duration,
            access,
            data: placed.incoming.data,
            received: placed.now.mono,
            received_wall: placed.now.wall,
        });
    }

    /// At a key frame of the lead track: begins an epoch where none is open or it no longer fits.
    fn open_epoch(
        &mut self,
        params: Option<&Arc<TrackParams>>,
        now: Now,
        sink: &mut dyn FrameSink,
    ) {
        let (run, lead) = (&mut self.run, self.lead);
        let Some(mut params) = params.cloned() else { return };
        if let TrackParams::Video(video) = &*params
            && video.reorder_depth < run.decode.depth_seen
        {
            let reorder_depth = run.decode.depth_seen;
            let deeper = VideoParams { reorder_depth, ..video.clone() };
            params = Arc::new(TrackParams::Video(deeper));
        }
        if run.epoch.as_ref().is_some_and(|open| open.tracks[lead] == params) {
            return;
        }
        if let TrackParams::Video(video) = &*params {
            run.decode.fit(video);
        }
        let of = |(track, of): (usize, &Track)| match track == lead {
            true => Some(params.clone()),
            false => of.params.clone(),
        };
        let Some(tracks) = self.tracks.iter().enumerate().map(of).collect() else { return };
        self.begun.retain(|begun| now.mono.since(*begun) < MINUTE);
        self.erratic |= self.begun.len() >= limits::EPOCHS_PER_MINUTE_MAX;
        if self.erratic {
            return;
        }
        self.begun.push_back(now.mono);
        let (run_id, number) = match &run.epoch {
            Some(open) => (open.run, open.number + 1),
            None => (RunId::new(now.wall, self.entropy.id_bytes()), 0),
        };
        let epoch = Epoch { run: run_id, number, tracks, begun: now.wall };
        self.epochs += 1;
        run.epoch = Some(epoch.clone());
        sink.begin_epoch(epoch);
    }

    fn tell_clock(&mut self, now: Now, sink: &mut dyn FrameSink) {
        let run = &mut self.run;
        if run.epoch.is_none() {
            return;
        }
        let settled = run.offsets.is_settled(now.mono);
        let due =
            run.told.is_none_or(|(at, was)| was != settled || now.mono.since(at) >= CLOCK_EVERY);
        if due {
            run.told = Some((now.mono, settled));
            self.status.set_clock(self.clock.status());
            sink.clock(run.offsets.estimate(now.mono, now.wall, &run.shifts));
        }
    }
}

impl Run {
    fn new(tracks: &[Track], lead: usize) -> Self {
        let line = |track: &Track| Timeline::new(track.hertz, track.order());
        Self {
            lines: tracks.iter().map(line).collect(),
            offsets: Offsets::new(tracks.len(), lead),
            shifts: vec![None; tracks.len()],
            origin: None,
            first: None,
            held: VecDeque::new(),
            held_bytes: 0,
            epoch: None,
            decode: Decode::default(),
            sound: None,
            told: None,
        }
    }
}

/// A track in words.
pub(crate) fn describe(params: &TrackParams) -> String {
    match params {
        TrackParams::Video(video) => {
            format!("{} {}×{}", video.codec.name(), video.width, video.height)
        }
        TrackParams::Audio(AudioParams { codec, sample_rate, channels, .. }) => {
            let codec = match codec {
                media::AudioCodec::Aac => "AAC",
                media::AudioCodec::Alaw => "G.711 A-law",
                media::AudioCodec::Ulaw => "G.711 µ-law",
            };
            let kilohertz = f64::from(*sample_rate) / 1000.0;
            let channels = match channels {
                1 => "mono".to_owned(),
                2 => "stereo".to_owned(),
                more => format!("{more} channels"),
            };
            format!("{codec} {kilohertz} kHz {channels}")
        }
    }
}

#[cfg(test)]
mod tests;
