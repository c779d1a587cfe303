//! One playing session: what is sent when. It keeps no clock of its own: it says when the next
//! piece is due and makes its bytes.

use std::sync::Arc;

use crate::clip::{Clip, Codec, units};
use crate::faults::Faults;
use crate::pps;
use crate::rtp::Sender;
use crate::stamp;

/// Seconds between sender reports.
const REPORT_EVERY: f64 = 5.0;

/// A session that plays.
pub(crate) struct Player {
    clip: Arc<Clip>,
    /// The clip that `change` goes over to.
    other: Option<Arc<Clip>>,
    faults: Faults,
    stamps: bool,
    session: u32,
    tracks: Vec<Playing>,
    next_report: f64,
    /// The fragments of an endless access unit that were sent.
    endless: u64,
}

/// One track of it.
struct Playing {
    /// Number in the clip; `None` for the track of unknown codec.
    track: Option<usize>,
    sender: Sender,
    /// First RTP timestamp.
    base: u32,
    /// The next sample, and seconds of media before the loop that it is in.
    next: usize,
    looped: f64,
    /// Seconds of media at which the session began.
    begun: f64,
    /// Samples sent.
    sent: u64,
    /// The timestamp sent last.
    last: u32,
}

/// What is to be done next.
pub(crate) enum Next {
    /// Send these bytes.
    Send,
    /// Send these bytes, then nothing more, but keep the connection.
    Stall,
    /// Send these bytes, then close.
    Close,
}

impl Player {
    /// Plays `tracks` (number, channel) of the clip from `start` seconds on.
    pub(crate) fn new(
        clip: Arc<Clip>,
        other: Option<Arc<Clip>>,
        faults: Faults,
        (stamps, session): (bool, u32),
        tracks: &[(usize, u8)],
        start: f64,
        mut random: impl FnMut() -> u64,
    ) -> Self {
        let mut first = 0;
        let mut begun = start;
        if let Some(video) = clip.tracks.first() {
            let at = start * f64::from(video.timescale);
            let from = video.samples.iter().position(|s| s.dts as f64 >= at).unwrap_or(0);
            first = video.key_from(from);
            begun = video.samples[first].dts as f64 / f64::from(video.timescale);
            first = if faults.late { (first + 5) % video.samples.len() } else { first };
        }
        let of = |(number, channel): &(usize, u8)| {
            let track = clip.tracks.get(*number);
            let payload =
                track.map_or(120, |track| crate::sdp::payload_type(&track.codec, *number));
            let base = random() as u32;
            let next = match (number, track) {
                (0, _) | (_, None) => first,
                (_, Some(track)) => {
                    let at = begun * f64::from(track.timescale);
                    track.samples.iter().position(|s| s.dts as f64 >= at).unwrap_or(0)
                }
            };
            Playing {
                track: track.map(|_| *number),
                sender: Sender::new(*channel, payload, random(), faults.lose),
                base,
                next: if track.is_some() { next } else { 0 },
                looped: 0.0,
                begun,
                sent: 0,
                last: base,
            }
        };
        let sends = |(number, _): &&(usize, u8)| !faults.mute || *number == 0;
        let tracks = tracks.iter().filter(sends).map(of).collect();
        let (next_report, endless) = (0.5, 0);
        Self { clip, other, faults, stamps, session, tracks, next_report, endless }
    }

    /// Number, sequence number and RTP timestamp of the first packet of each track, for RTP-Info.
    pub(crate) fn info(&self) -> impl Iterator<Item = (usize, u16, u32)> {
        let of = |track: &Playing| (track.track.unwrap_or(9), track.sender.sequence, track.base);
        self.tracks.iter().map(of)
    }

    /// Seconds after PLAY at which the next piece is due.
    pub(crate) fn due(&self) -> f64 {
        let media = self.next_track().map_or(f64::MAX, |i| self.media(i));
        let burst = self.faults.burst.unwrap_or(0.0);
        let media = if media < burst { 0.0 } else { media - burst };
        media / (1.0 + self.faults.skew.unwrap_or(0.0) / 1e6)
    }

    /// Appends the next piece to `out`.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>) -> Next {
        let Some(i) = self.next_track() else { return Next::Stall };
        let media = self.media(i);
        let past = |at: Option<f64>| at.is_some_and(|at| media >= at);
        if past(self.faults.stall) {
            return Next::Stall;
        }
        if past(self.faults.bye) {
            self.tracks.iter().for_each(|track| track.sender.goodbye(out));
            return Next::Stall;
        }
        if past(self.faults.close) {
            return Next::Close;
        }
        if past(self.faults.garbage) {
            out.extend_from_slice(b"\x00\x01 what is this? \r\n\r\n\xff\xfe");
            return Next::Stall;
        }
        if past(self.faults.huge) {
            let (codec, playing) = (self.codec(0), &mut self.tracks[0]);
            playing.sender.endless(&codec, playing.last, self.endless == 0, out);
            self.endless += 1;
            return Next::Send;
        }
        if media >= self.next_report && !self.faults.nosr {
            self.next_report = media + REPORT_EVERY;
            for i in 0..self.tracks.len() {
                let rtp = self.timestamp(i, media);
                self.tracks[i].sender.report(rtp, out);
            }
        }
        let cut = past(self.faults.cut) && self.codec(i).is_video();
        self.sample(i, media, out);
        if cut {
            out.truncate(out.len() / 2);
            return Next::Stall;
        }
        Next::Send
    }

    /// Appends the next sample of track `i`.
    fn sample(&mut self, i: usize, media: f64, out: &mut Vec<u8>) {
        let codec = self.codec(i);
        // Sound goes on as it was: the other clip may have none.
        let clip = if codec.is_video() { self.playing_clip(media) } else { self.clip.clone() };
        let Some(track) = self.tracks[i].track else {
            let rtp = self.timestamp(i, media);
            let playing = &mut self.tracks[i];
            playing.sender.unknown(rtp, out);
            playing.sent += 1;
            return;
        };
        let samples = &clip.tracks[track].samples;
        // Another clip may be shorter.
        let sample = &samples[self.tracks[i].next % samples.len()];
        let composition =
            (sample.pts - sample.dts) as f64 / f64::from(clip.tracks[track].timescale);
        let rtp = self.timestamp(i, media + composition);
        let rtp = self.spoiled(
            i,
            rtp,
            f64::from(sample.duration) / f64::from(clip.tracks[track].timescale),
        );
        let left_out = codec.is_video() && sample.key && self.faults.nokey;
        let number = self.tracks[i].sent;
        let playing = &mut self.tracks[i];
        playing.last = rtp;
        let (stamps, camera) = (self.stamps, self.faults.c.unwrap_or(0));
        if !left_out && codec.is_video() {
            let codec = &clip.tracks[track].codec;
            let stamp = stamps.then(|| stamp::unit(codec, camera, self.session, number));
            if let Codec::Jpeg { .. } = codec {
                playing.sender.picture(rtp, &sample.data, &stamp.unwrap_or_default(), out);
            } else {
                let (key, data) = (sample.key, &sample.data);
                let units = access_unit(codec, &self.faults, key, data, stamp, number);
                let last = units.len().saturating_sub(1);
                for (k, unit) in units.iter().enumerate() {
                    playing.sender.unit(codec, rtp, k == last, unit, out);
                }
            }
        } else if !left_out {
            playing.sender.audio(&codec, rtp, &sample.data, out);
        }
        let (count, seconds) =
            (self.clip.tracks[track].samples.len(), self.clip.tracks[track].seconds());
        playing.sent += 1;
        playing.next += 1;
        if playing.next == count {
            playing.next = 0;
            playing.looped += seconds;
        }
    }

    /// What the faults make of a timestamp.
    fn spoiled(&self, i: usize, rtp: u32, duration: f64) -> u32 {
        let (playing, faults) = (&self.tracks[i], &self.faults);
        let every = |n: Option<u64>| n.is_some_and(|n| playing.sent % n == n - 1);
        if faults.still || faults.zeros.is_some_and(|n| playing.sent < n) {
            playing.base
        } else if every(faults.duplicate) {
            playing.last
        } else if every(faults.backward) {
            let back = (1.5 * duration * f64::from(self.codec(i).hertz())) as u32;
            rtp.wrapping_sub(back)
        } else {
            rtp
        }
    }

    /// The RTP timestamp of `media` seconds after PLAY.
    fn timestamp(&self, i: usize, media: f64) -> u32 {
        let jump = self.faults.jump.filter(|at| media >= *at);
        let by = jump.map_or(0.0, |_| self.faults.by.unwrap_or(1000.0));
        let ticks = ((media + by) * f64::from(self.codec(i).hertz())).round() as i64;
        self.tracks[i].base.wrapping_add(ticks as u32)
    }

    /// The track whose next sample is due first.
    fn next_track(&self) -> Option<usize> {
        (0..self.tracks.len()).min_by(|a, b| self.media(*a).total_cmp(&self.media(*b)))
    }

    /// Seconds after PLAY of the next sample of track `i`, by its decode time.
    fn media(&self, i: usize) -> f64 {
        let playing = &self.tracks[i];
        match playing.track {
            Some(number) => {
                let track = &self.clip.tracks[number];
                let at = track.samples[playing.next].dts as f64 / f64::from(track.timescale);
                (at + playing.looped - playing.begun).max(0.0)
            }
            None => playing.sent as f64 * 0.02,
        }
    }

    fn playing_clip(&self, media: f64) -> Arc<Clip> {
        let changed = self.faults.change.is_some_and(|at| media >= at);
        self.other.as_ref().filter(|_| changed).unwrap_or(&self.clip).clone()
    }

    fn codec(&self, i: usize) -> Codec {
        let unknown = Codec::Ulaw { rate: 48_000, channels: 2 };
        self.tracks[i].track.map_or(unknown, |track| self.clip.tracks[track].codec.clone())
    }
}

/// The NAL units to send for one access unit: parameter sets, stamp, the rest.
fn access_unit(
    codec: &Codec,
    faults: &Faults,
    key: bool,
    sample: &[u8],
    stamp: Option<Vec<u8>>,
    number: u64,
) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    if key && !faults.outofband {
        out.extend(codec.sets().iter().cloned());
    }
    if key && faults.twopps {
        out.extend(codec.sets().iter().filter_map(|s| pps::second(s).filter(|_| s[0] & 0x1f == 8)));
    }
    out.extend(stamp);
    for unit in units(sample) {
        let set = match codec {
            Codec::H264 { .. } => matches!(unit[0] & 0x1f, 7 | 8),
            _ => matches!((unit[0] >> 1) & 0x3f, 32..=34),
        };
        let moved = (faults.twopps && number % 2 == 1).then(|| pps::moved(unit)).flatten();
        if !set {
            out.push(moved.unwrap_or_else(|| unit.to_vec()));
        }
    }
    out
}
