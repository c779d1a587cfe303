//! Which of a camera's media are recorded, and what is set up to receive them.

use std::sync::Arc;

use bytes::Bytes;
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec};

use crate::depacketize::{Aac, AacFormat, Depacketizer, Jpeg, Video};
use crate::receive::{Described, Kind, Setup};
use crate::rtp::Sequence;
use crate::rtp::source::Source;
use crate::sdp::{self, Description, Medium};

/// A medium that a camera offers.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) media: String,
    pub(crate) encoding: String,
    /// Its track in the session; `None` when it is not fetched.
    pub(crate) track: Option<usize>,
}

/// One track's way from packets to frames.
#[derive(Debug)]
pub(crate) struct Feed {
    /// What it is controlled by, as the description gives it.
    pub(crate) control: String,
    /// Of its packets, as described.
    pub(crate) payload_type: Option<u8>,
    pub(crate) depacketizer: Depacketizer,
    pub(crate) source: Source,
    pub(crate) sequence: Sequence,
}

/// What a camera offers, and what of that is set up.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    pub(crate) offers: Vec<Offer>,
    pub(crate) described: Described,
    /// By track.
    pub(crate) feeds: Vec<Feed>,
}

impl Tracks {
    /// The first video track and the first audio track that can be recorded.
    pub(crate) fn of(description: &Description) -> Self {
        let mut tracks = Self::default();
        for medium in &description.media {
            tracks.add(medium);
        }
        tracks
    }

    fn add(&mut self, medium: &Medium) {
        let (media, encoding) = (medium.media.clone(), medium.encoding.clone());
        let read = self.feed(medium);
        let described = &mut self.described;
        let track = match read {
            Ok((setup, feed)) => {
                let track = self.feeds.len();
                if matches!(setup.kind, Kind::Video(_)) {
                    let sets = sdp::parameter_sets(medium.fmtp.as_deref().unwrap_or_default());
                    described.sets.extend(sets.into_iter().map(|set| (track, set)));
                }
                described.setups.push(setup);
                self.feeds.push(feed);
                Some(track)
            }
            Err(warning) => {
                // Metadata is not a track that anybody misses.
                if !media.starts_with("application") {
                    described.warnings.push(warning);
                }
                None
            }
        };
        self.offers.push(Offer { media, encoding, track });
    }

    /// How `medium` is received, or why it is not.
    fn feed(&self, medium: &Medium) -> Result<(Setup, Feed), String> {
        let Medium { media, encoding, fmtp, .. } = medium;
        let is_video = media == "video";
        let same = |setup: &Setup| matches!(setup.kind, Kind::Video(_)) == is_video;
        if matches!(&**media, "video" | "audio") && self.described.setups.iter().any(same) {
            return Err(format!("a second {media} track ({encoding}) is not recorded"));
        }
        let fmtp = fmtp.as_deref().unwrap_or_default();
        let (kind, depacketizer) = match (&**media, &**encoding) {
            ("video", "h264") => video(VideoCodec::H264, fmtp)?,
            ("video", "h265" | "hevc") => video(VideoCodec::H265, fmtp)?,
            ("video", "jpeg") => {
                (Kind::Video(VideoCodec::Jpeg), Depacketizer::Jpeg(Jpeg::new(medium.size())))
            }
            ("audio", "pcma") => g711(AudioCodec::Alaw, medium),
            ("audio", "pcmu") => g711(AudioCodec::Ulaw, medium),
            ("audio", "mpeg4-generic") => {
                aac(medium, fmtp).map_err(|why| format!("the AAC track is not recorded: {why}"))?
            }
            _ => {
                let codec = encoding.to_ascii_uppercase();
                return Err(format!(
                    "the {media} track is not recorded: its codec {codec} is not supported"
                ));
            }
        };
        let hertz = if is_video { 90_000 } else { medium.hertz };
        if medium.hertz == 0 {
            return Err(format!("the {media} track is not recorded: it names no clock rate"));
        }
        let control = medium.control.clone().unwrap_or_default();
        let payload_type = medium.payload_type.parse().ok();
        let (source, sequence) = (Source::default(), Sequence::default());
        let feed = Feed { control, payload_type, depacketizer, source, sequence };
        Ok((Setup { kind, hertz }, feed))
    }

    /// Goes on without `track`, which the camera does not let us have: whether there is anything
    /// worth going on with.
    pub(crate) fn leave_out(&mut self, track: usize, why: &str) -> bool {
        let is_sound = |setup: &Setup| matches!(setup.kind, Kind::Audio(_));
        let described = &mut self.described;
        if !described.setups.get(track).is_some_and(is_sound) || described.setups.len() == 1 {
            return false;
        }
        self.feeds.remove(track);
        described.leave_out(track);
        let after = |other: &mut usize| *other -= usize::from(*other > track);
        for offer in &mut self.offers {
            offer.track = offer.track.filter(|of| *of != track);
            offer.track.iter_mut().for_each(after);
        }
        described.warnings.push(format!("sound is not recorded: {why}"));
        true
    }

    /// Says that nothing of this can be recorded.
    pub(crate) fn nothing_usable(&self) -> String {
        let offered: Vec<_> =
            self.offers.iter().map(|o| format!("{} {}", o.media, o.encoding)).collect();
        format!(
            "the camera offers nothing that can be recorded ({}): set it to H.264, H.265 or MJPEG",
            offered.join(", ")
        )
    }
}

fn video(codec: VideoCodec, fmtp: &str) -> Result<(Kind, Depacketizer), String> {
    // RFC 6184 section 8.1, RFC 7798 section 7.1: NAL units out of decoding order.
    let given = |name| sdp::parameter(fmtp, name).and_then(|value| value.parse::<u32>().ok());
    let interleaved = given("packetization-mode") == Some(2)
        || given("sprop-max-don-diff").is_some_and(|difference| difference > 0);
    if interleaved {
        return Err("the video track is not recorded: its packets are interleaved".to_owned());
    }
    Ok((Kind::Video(codec), Depacketizer::Video(Video::new(codec))))
}

fn g711(codec: AudioCodec, medium: &Medium) -> (Kind, Depacketizer) {
    let (sample_rate, channels) = (medium.hertz, medium.channels);
    let params = AudioParams { codec, sample_rate, channels, config: Bytes::new() };
    let kind = Kind::Audio(Arc::new(TrackParams::Audio(params)));
    (kind, Depacketizer::G711 { channels })
}

fn aac(medium: &Medium, fmtp: &str) -> Result<(Kind, Depacketizer), String> {
    let config = sdp::audio_config(fmtp).ok_or("the camera does not describe it")?;
    let params = AudioParams::aac(&config).map_err(|why| why.to_string())?;
    let ticks = params.frame_ticks(0);
    // The clock of the packets need not be the one of the samples.
    let ticks = u64::from(ticks) * u64::from(medium.hertz) / u64::from(params.sample_rate.max(1));
    let ticks = u32::try_from(ticks).map_err(|_| "its clock makes no sense")?;
    let kind = Kind::Audio(Arc::new(TrackParams::Audio(params)));
    Ok((kind, Depacketizer::Aac(Aac::new(AacFormat::of(fmtp)?, ticks))))
}
