//! What could be set better on a camera.

use std::time::Duration;

use media::{TrackParams, VideoCodec};

use crate::hint::{Hint, HintKind};
use crate::probe::ProbeReport;

/// Key frames further apart make seeking and the beginning of the live view slow.
const KEY_FRAMES_APART_MAX: Duration = Duration::from_secs(4);

impl ProbeReport {
    /// What could be set better on the camera.
    pub fn advice(&self) -> Vec<Hint> {
        let mut advice = Vec::new();
        advice.extend(self.of_key_frames());
        let params = self.tracks.iter().filter_map(|track| track.params.as_deref());
        advice.extend(params.filter_map(of_codec));
        if !self.tracks.iter().any(|track| track.media == "audio") {
            advice.push(Hint::new(HintKind::NoAudio, "there is no audio track"));
        }
        advice
    }

    fn of_key_frames(&self) -> Option<Hint> {
        match self.key_frame_interval {
            Some(interval) if interval > KEY_FRAMES_APART_MAX => Some(Hint::new(
                HintKind::KeyFramesRare,
                format!(
                    "key frames are {:.0} s apart: 1 to 2 s make seeking and live view start \
                     faster (\"I-frame interval\", \"GOP\"; turn \"smart codec\" off)",
                    interval.as_secs_f64()
                ),
            )),
            // That none came at all is a warning already.
            None if self.warnings.iter().any(|hint| hint.kind == HintKind::NoKeyFrame) => None,
            None => Some(Hint::new(
                HintKind::KeyFramesFew,
                format!(
                    "fewer than two key frames came in {:.0} s: watch longer, or set a shorter \
                     key frame interval on the camera",
                    self.watched.as_secs_f64()
                ),
            )),
            Some(_) => None,
        }
    }
}

fn of_codec(params: &TrackParams) -> Option<Hint> {
    match params {
        TrackParams::Video(video) => match video.codec {
            VideoCodec::H265 => Some(Hint::new(
                HintKind::H265,
                "H.265 is recorded as it comes, and not every browser shows it: a sub-stream of \
                 H.264 beside it is shown by all",
            )),
            VideoCodec::Jpeg => Some(Hint::new(
                HintKind::Mjpeg,
                "MJPEG takes some ten times the space, and the live view shows a picture of it \
                 every two seconds: set H.264 where the camera can",
            )),
            VideoCodec::H264 => None,
        },
        TrackParams::Audio(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use media::VideoParams;

    use super::*;
    use crate::probe::ProbedTrack;

    #[test]
    fn of_mjpeg_it_is_told_what_is_seen_live() {
        let params = TrackParams::Video(VideoParams {
            codec: VideoCodec::Jpeg,
            width: 640,
            height: 360,
            pixel_aspect: (1, 1),
            config: bytes::Bytes::new(),
            reorder_depth: 0,
        });
        let track = ProbedTrack {
            media: "video".to_owned(),
            encoding: "jpeg".to_owned(),
            summary: "MJPEG 640×360".to_owned(),
            params: Some(Arc::new(params)),
            frames: 1,
            bytes: 1,
        };
        let advice = ProbeReport { tracks: vec![track], ..ProbeReport::default() }.advice();
        let words = "the live view shows a picture of it every two seconds";
        let told = |it: &Hint| it.kind == HintKind::Mjpeg && it.words.contains(words);
        assert!(advice.iter().any(told), "{advice:?}");
    }

    #[test]
    fn key_frames_that_are_too_rare_are_told() {
        let report = |interval| ProbeReport {
            watched: Duration::from_secs(5),
            key_frame_interval: interval,
            ..ProbeReport::default()
        };
        let first = |interval| report(interval).advice().swap_remove(0);
        let rare = first(Some(Duration::from_secs(10)));
        assert_eq!(rare.kind, HintKind::KeyFramesRare);
        assert!(rare.words.contains("10 s apart"), "{rare}");
        let few = first(None);
        assert_eq!(few.kind, HintKind::KeyFramesFew);
        assert!(few.words.contains("fewer than two key frames came in 5 s"), "{few}");
        // Where none came at all, a warning says so: once is enough.
        let mut began_not = report(None);
        began_not.warnings.push(Hint::new(HintKind::NoKeyFrame, "no key frame came"));
        assert!(began_not.advice().iter().all(|hint| hint.kind != HintKind::KeyFramesFew));
        let none = report(Some(Duration::from_secs(2))).advice();
        assert_eq!(none, [Hint::new(HintKind::NoAudio, "there is no audio track")]);
    }
}
