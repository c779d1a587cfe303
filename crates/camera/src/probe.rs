//! Asks a camera once what it offers, for a person to read.

use std::sync::Arc;
use std::time::Duration;

use base::{MonoTime, Timescale, WallTime, limits};
use bytes::Bytes;
use media::{Frame, TrackParams};
use world::{Clock, Entropy};

use crate::clock::ClockStatus;
use crate::connection::{Connection, Farewell};
use crate::fault::Fault;
use crate::hint::{Hint, HintKind};
use crate::receive::{Now, Receiver, describe};
use crate::rtsp::{Item, Offer};
use crate::sink::{ClockEstimate, EndCause, Epoch, FrameSink};
use crate::source::StreamSource;
use crate::status::StatusHandle;

/// What a camera offers at an URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeReport {
    /// The software that it says it is, where it does.
    pub tool: Option<String>,
    /// All tracks, also those that cannot be recorded.
    pub tracks: Vec<ProbedTrack>,
    /// What works but not as it should.
    pub warnings: Vec<Hint>,
    /// From the first request to the first frame.
    pub first_frame: Duration,
    /// Time covered by what follows.
    pub watched: Duration,
    /// Distance of the last two key frames, where two were seen.
    pub key_frame_interval: Option<Duration>,
    /// How its clock stands to ours.
    pub clock: ClockStatus,
    /// The last key frame of its pictures, and what it is decoded with.
    pub key_frame: Option<(Arc<TrackParams>, Bytes)>,
}

/// One track of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbedTrack {
    /// `video`, `audio`, `application`.
    pub media: String,
    /// The encoding name of the camera's SDP, as in `h264`.
    pub encoding: String,
    /// What it is in words, as in `H.264 1920×1080`.
    pub summary: String,
    /// Its parameters; `None` when it cannot be recorded.
    pub params: Option<Arc<TrackParams>>,
    /// Frames seen.
    pub frames: u64,
    /// Bytes seen.
    pub bytes: u64,
}

/// Connects to `source`, watches it for `watch` and reports, or says what is wrong.
pub async fn probe(
    source: &StreamSource,
    clock: &Arc<dyn Clock>,
    watch: Duration,
) -> Result<ProbeReport, Fault> {
    let farewell = Farewell::default();
    let opened = clock.mono();
    let report = match Connection::open(source, limits::CAMERA_CALL_TIMEOUT, &farewell).await {
        Ok(connection) => observe(connection, clock, opened, watch).await,
        Err(fault) => Err(fault),
    };
    farewell.wait(limits::TEARDOWN_TIMEOUT).await;
    report
}

/// Counts what a connection delivers until `watch` has passed since its first frame.
async fn observe(
    mut connection: Connection,
    clock: &Arc<dyn Clock>,
    opened: MonoTime,
    watch: Duration,
) -> Result<ProbeReport, Fault> {
    let described = connection.described.clone();
    let status = StatusHandle::new();
    let mut receiver = Receiver::new(&described, Arc::new(NoEntropy), status.clone());
    let mut seen = Seen { tracks: vec![(0, 0); described.setups.len()], ..Seen::default() };
    let mut first: Option<MonoTime> = None;
    loop {
        let receiving = std::future::poll_fn(|cx| {
            connection.poll(cx, &mut |item| match item {
                Item::Frame(frame) => {
                    let now = Now { mono: clock.mono(), wall: clock.wall() };
                    first.get_or_insert(now.mono);
                    receiver.frame(frame, now, &mut seen);
                }
                Item::ParameterSet { track, unit } => receiver.absorb(track, unit),
                Item::Report { track, rtp, ntp } => {
                    let now = Now { mono: clock.mono(), wall: clock.wall() };
                    receiver.report(track, rtp, ntp, now);
                }
                _ => {}
            })
        });
        let heard = tokio::time::timeout(GLANCE, receiving).await;
        let now = clock.mono();
        match (heard, first) {
            (Ok(fault), None) => return Err(fault),
            (Ok(_), Some(_)) => break,
            (Err(_), None) if now.since(opened) > limits::CAMERA_SILENCE_MAX => {
                return Err(Fault::Silent(limits::CAMERA_SILENCE_MAX));
            }
            (Err(_), Some(first)) => {
                // Parameters may come with the first key frame only.
                let long = if receiver.epochs() > 0 { watch } else { watch.max(KEY_FRAME_WAIT) };
                if now.since(first) >= long {
                    break;
                }
            }
            (Err(_), None) => {}
        }
    }
    let now = Now { mono: clock.mono(), wall: clock.wall() };
    receiver.end(EndCause::Shutdown, now, &mut seen);
    let first = first.unwrap_or(opened);
    let report = seen.report(&connection, &receiver, first.since(opened), now.mono.since(first));
    Ok(ProbeReport { clock: status.snapshot().clock, ..report })
}

/// How often a probe looks at the time.
const GLANCE: Duration = Duration::from_millis(100);
/// A probe waits this long for a key frame.
const KEY_FRAME_WAIT: Duration = Duration::from_secs(20);

/// Counts what comes.
#[derive(Default)]
struct Seen {
    /// Frames and bytes by track.
    tracks: Vec<(u64, u64)>,
    lead: Option<(usize, Timescale)>,
    last_key: Option<i64>,
    key_frame_interval: Option<Duration>,
    key_frame: Option<(Arc<TrackParams>, Bytes)>,
    /// Of the current epoch.
    params: Vec<Arc<TrackParams>>,
}

impl Seen {
    fn report(
        &self,
        connection: &Connection,
        receiver: &Receiver,
        first_frame: Duration,
        watched: Duration,
    ) -> ProbeReport {
        let of = |offer: &Offer| {
            let params = offer.track.and_then(|track| receiver.params(track));
            let counts = offer.track.and_then(|track| self.tracks.get(track)).copied();
            let (frames, bytes) = counts.unwrap_or_default();
            let (media, encoding) = (offer.media.clone(), offer.encoding.clone());
            let summary = match &params {
                Some(params) => describe(params),
                None => format!("{} {}", media, encoding.to_ascii_uppercase()),
            };
            ProbedTrack { media, encoding, summary, params, frames, bytes }
        };
        let left_out = connection.described.warnings.iter();
        let mut warnings: Vec<_> =
            left_out.map(|why| Hint::new(HintKind::TrackLeftOut, why.clone())).collect();
        if receiver.epochs() == 0 {
            let words = Fault::NoKeyFrame(watched).to_string();
            warnings.push(Hint::new(HintKind::NoKeyFrame, words));
        }
        ProbeReport {
            tool: connection.tool.clone(),
            tracks: connection.offers.iter().map(of).collect(),
            warnings,
            first_frame,
            watched,
            key_frame_interval: self.key_frame_interval,
            clock: ClockStatus::default(),
            key_frame: self.key_frame.clone(),
        }
    }
}

impl FrameSink for Seen {
    fn begin_epoch(&mut self, epoch: Epoch) {
        let lead = media::params::lead_track(&epoch.tracks);
        self.lead = lead.map(|lead| (lead, epoch.tracks[lead].timescale()));
        self.params = epoch.tracks;
    }

    fn frame(&mut self, frame: Frame) {
        if let Some((frames, bytes)) = self.tracks.get_mut(frame.track) {
            *frames += 1;
            *bytes += frame.data.len() as u64;
        }
        if let Some((lead, scale)) = self.lead
            && lead == frame.track
            && frame.access.is_key()
        {
            let at = scale.to_micros(frame.pts);
            let params = self.params.get(frame.track).cloned();
            self.key_frame = params.map(|params| (params, frame.data));
            let since = self.last_key.replace(at).map(|last| u64::try_from(at - last));
            if let Some(Ok(since)) = since {
                self.key_frame_interval = Some(Duration::from_micros(since));
            }
        }
    }

    fn clock(&mut self, _: ClockEstimate) {}

    fn end_run(&mut self, _: EndCause, _: WallTime) {}
}

/// A probe's runs are seen by nobody, so their ids need not differ.
struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}
