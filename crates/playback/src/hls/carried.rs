//! Which tracks of a segment HLS carries, and when what they hold is presented.

use std::ops::Range;
use std::sync::Arc;

use base::{Ticks, WallTime, limits};
use catalog::SegmentRow;
use media::{TrackIndex, TrackParams};

use crate::hidden::Run;

/// Segments of one run that are further apart do not follow one another: one between them was
/// removed, or frames were lost.
pub(crate) const BREAK_MICROS: i64 = 1_000_000;
/// Where nothing new is presented for longer is a gap. With what may lie between two segments it
/// is still no longer than a media segment may be.
pub(crate) const GAP_MICROS: i64 = limits::HLS_MEDIA_SEGMENT_MAX.as_micros() as i64 - BREAK_MICROS;
/// Pictures a second where nothing is known.
const USUAL_RATE: u32 = 30;

/// The tracks of a segment that media segments hold, as indexes of its tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The first video track, or the sound where there is no video.
    pub lead: usize,
    /// Sound beside pictures.
    pub sound: Option<usize>,
}

impl Carried {
    /// `None` where no track is one that HLS can carry (G.711 is none), or where there are pictures
    /// that it cannot carry (JPEG): who asks for those is not served with the sound alone.
    pub fn of<'a>(tracks: impl Iterator<Item = &'a TrackParams>) -> Option<Self> {
        let (mut video, mut sound, mut has_others) = (None, None, false);
        for (number, params) in tracks.enumerate() {
            match (params.is_video(), params.rfc6381().is_some()) {
                (true, true) => _ = video.get_or_insert(number),
                (true, false) => has_others = true,
                (false, true) => _ = sound.get_or_insert(number),
                (false, false) => {}
            }
        }
        match (video, sound) {
            (Some(lead), sound) => Some(Self { lead, sound }),
            (None, Some(lead)) if !has_others => Some(Self { lead, sound: None }),
            (None, _) => None,
        }
    }

    /// What the tracks of a segment that are carried need, in its order.
    pub fn params(row: &SegmentRow) -> Option<Vec<Arc<TrackParams>>> {
        let carried = Self::of(row.tracks.iter().map(|track| &*track.params))?;
        Some(carried.tracks().map(|track| row.tracks[track].params.clone()).collect())
    }

    /// In the order of the segment's tracks.
    pub fn tracks(self) -> impl Iterator<Item = usize> {
        let sound_first = self.sound.filter(|sound| *sound < self.lead);
        let sound_last = self.sound.filter(|sound| *sound > self.lead);
        sound_first.into_iter().chain([self.lead]).chain(sound_last)
    }
}

/// When the samples of a lead track are presented, in decode order.
#[derive(Debug)]
pub(crate) struct Timing {
    /// Of each sample.
    pub shown: Vec<WallTime>,
    /// When the presentation of a sample begins and of all that follow in its run. One more than
    /// there are samples: the end of the segment.
    pub begins: Vec<WallTime>,
}

impl Timing {
    /// Of a track whose segment ends at `end`, and of which `runs` may be shown.
    pub fn of(track: &TrackIndex, runs: &[Run], end: WallTime) -> Self {
        let shown: Vec<WallTime> = track.times().map(|time| time.wall).collect();
        let last = shown.iter().copied().max().unwrap_or(end);
        let mut begins = shown.clone();
        for run in runs {
            let mut least = WallTime::MAX;
            for begin in begins[run.samples.clone()].iter_mut().rev() {
                least = least.min(*begin);
                *begin = least;
            }
        }
        begins.push(end.max(last));
        Self { shown, begins }
    }

    /// Whether nothing that follows a sample in its run precedes it in presentation.
    pub fn is_clean(&self, sample: usize) -> bool {
        self.shown[sample] == self.begins[sample]
    }

    /// The end of samples of which the last lasts `usual` ticks.
    pub fn end_of(&self, samples: Range<usize>, track: &TrackIndex) -> WallTime {
        let usual = usual_ticks(track, samples.end.saturating_sub(1));
        let last = self.shown[samples].iter().copied().max().unwrap_or(WallTime::EPOCH);
        last.plus_micros(track.params.timescale().to_micros(Ticks(usual)))
    }
}

/// How long a sample is whose successor is not known or far away: as long as the one before it,
/// for that stays so whatever follows.
pub(crate) fn usual_ticks(track: &TrackIndex, sample: usize) -> i64 {
    let before = sample.checked_sub(1).and_then(|before| track.samples.get(before));
    let before = before.map(|before| i64::from(before.duration));
    let usual = i64::from((track.params.timescale().hertz() / USUAL_RATE).max(1));
    before.filter(|ticks| (1..=longest_ticks(track)).contains(ticks)).unwrap_or(usual)
}

/// A sample that would last longer has a gap behind it.
pub(crate) fn longest_ticks(track: &TrackIndex) -> i64 {
    track.params.timescale().from_micros(GAP_MICROS).0
}
