//! Fragmented MP4 for viewers: an init segment and fragments of a few access units, as Media
//! Source Extensions take them.

use std::sync::Arc;

use base::WallTime;
use bytes::Bytes;

use crate::batch::{Batch, SegmentScale};
use crate::fragment;
use crate::fragmented;
use crate::frame::Frame;
use crate::mp4::boxes::Boxes;
use crate::params::{TrackParams, lead_track};

/// Makes the init segment and the fragments of one epoch for viewers. Times are the true
/// presentation times on the given scale: there is no edit list.
#[derive(Debug, Clone)]
pub struct LiveMuxer {
    tracks: Vec<Arc<TrackParams>>,
    scale: SegmentScale,
    next_fragment: u32,
}

impl LiveMuxer {
    /// `scale` takes the run's times to those that viewers see. Tracks that no browser plays
    /// (G.711) are left out; where those are the pictures (JPEG), the sound is too: it would seem
    /// that there are none.
    pub fn new(tracks: &[Arc<TrackParams>], scale: SegmentScale) -> Self {
        Self { tracks: tracks.to_vec(), scale, next_fragment: 1 }
    }

    /// Codec names of the tracks that viewers get, with their ids.
    fn playable(&self) -> impl Iterator<Item = (u32, &Arc<TrackParams>, String)> {
        let lead = lead_track(&self.tracks).and_then(|lead| self.tracks.get(lead));
        let hides_pictures = lead.is_some_and(|it| it.is_video() && it.rfc6381().is_none());
        let tracks = (1..).zip(&self.tracks).filter(move |_| !hides_pictures);
        tracks.filter_map(|(id, params)| Some((id, params, params.rfc6381()?)))
    }

    /// Whether viewers get this track.
    fn plays(&self, track: usize) -> bool {
        self.playable().any(|(id, ..)| id as usize == track + 1)
    }

    /// `ftyp` and `moov`; `None` when no track is left.
    pub fn init(&self) -> Option<Bytes> {
        let tracks: Vec<_> = self.playable().map(|(id, params, _)| (id, &**params)).collect();
        (!tracks.is_empty()).then(|| fragmented::init_segment(&tracks).into())
    }

    /// `video/mp4; codecs="…"` for `MediaSource.isTypeSupported` and `addSourceBuffer`.
    pub fn mime(&self) -> String {
        let kind = if self.playable().any(|(_, params, _)| params.is_video()) {
            "video/mp4"
        } else {
            "audio/mp4"
        };
        let codecs: Vec<_> = self.playable().map(|(.., codec)| codec).collect();
        format!("{kind}; codecs=\"{}\"", codecs.join(", "))
    }

    /// `moof` and `mdat` of `frames` (in the stream's order), a pair for each key frame among
    /// them and one before; `None` when no frame of them is of a track that viewers get.
    pub fn fragment(&mut self, frames: &[Frame]) -> Option<Bytes> {
        let frames = frames.iter().filter(|frame| self.plays(frame.track)).cloned();
        let frames: Vec<Frame> = frames.map(with_duration).collect();
        let (batch, _) =
            Batch::assemble(&self.tracks, &self.scale, &frames, |_, _| WallTime::EPOCH);
        let mut b = Boxes::new();
        for fragment in &batch.fragments {
            fragment::put_moof(&mut b, self.next_fragment, &self.tracks, &fragment.runs)?;
            self.next_fragment = self.next_fragment.wrapping_add(1);
            let samples = fragment.runs.iter().flat_map(|run| &run.samples);
            samples.for_each(|sample| b.bytes(&sample.data).end());
        }
        (!b.is_empty()).then(|| b.into_bytes().into())
    }
}

/// A frame whose duration is not known yet lasts 1/30 second: a browser would drop it otherwise.
fn with_duration(mut frame: Frame) -> Frame {
    const USUAL_FRAME_TICKS: u32 = 3000;
    if frame.duration == 0 {
        frame.duration = USUAL_FRAME_TICKS;
    }
    frame
}
