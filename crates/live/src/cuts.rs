//! Where media segments and parts of HLS begin and end: decided frame by frame, before they are
//! encoded, so that a fragment never reaches over a cut.

use base::limits;

/// A media segment begins with the first key frame after so much time; the very first one, for
/// which players wait, after half of it. A little less than the two seconds that are meant.
const SEGMENT_MICROS_MIN: i64 = 1_900_000;
/// About so long is a part.
const PART_MICROS: i64 = 500_000;
/// By this much in a hundred the promised length of parts is longer than the frames that fit into
/// it: cameras are not that punctual.
const PART_SLACK_PERCENT: i64 = 10;
/// After so much time it is known how long frames last.
const LEARNING_MICROS: i64 = 300_000;
/// What is missing for longer is a break.
const GAP_MICROS: i64 = 1_000_000;
/// How long the first frame of all is taken to last.
const USUAL_MICROS: i64 = 33_333;

const SEGMENT_MICROS_MAX: i64 = limits::LIVE_HLS_SEGMENT_TIME_MAX.as_micros() as i64;
const TARGET_MICROS: i64 = limits::LIVE_HLS_TARGET.as_micros() as i64;

/// What begins with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Opens {
    #[default]
    Nothing,
    Part,
    Segment {
        /// Whether it follows what came before: nothing is missing between.
        follows: bool,
    },
}

/// How a fragment stands in HLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Cut {
    /// What begins with it.
    pub opens: Opens,
    /// Whether a part ends with it.
    pub closes: bool,
    /// Decode times of its leading track, in microseconds of media time; `None` if it has nothing
    /// of that.
    pub lead: Option<(i64, i64)>,
    /// The longest that a part is to be, in microseconds, once that is known; then for good.
    pub part_target: Option<i64>,
}

/// A frame of the leading track.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeadFrame {
    /// Its decode time, in microseconds of media time.
    pub at: i64,
    pub key: bool,
    pub bytes: usize,
}

/// What is decided of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub opens: Opens,
    /// Whether a part ends with it.
    pub closes: bool,
    /// Where it ends, as far as is known.
    pub to: i64,
}

/// Cuts one stream.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    parts: Option<Parts>,
    /// How long the longest frame so far lasts, until that is decided.
    longest: i64,
    /// Whether a media segment is whole.
    has_whole: bool,
    segment: Option<Segment>,
    /// Where the part under way begins; `None` when one begins with the next frame.
    part: Option<i64>,
    last: Option<i64>,
    /// How long frames last now.
    usual: Option<i64>,
}

/// How long parts are, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Parts {
    /// As a rule: whole frames.
    usual: i64,
    /// At most.
    max: i64,
}

#[derive(Debug)]
struct Segment {
    from: i64,
    /// Whether it begins with a key frame.
    key: bool,
    bytes: usize,
}

impl Cutter {
    /// The longest that a part is to be, once that is known.
    pub fn part_target(&self) -> Option<i64> {
        self.parts.map(|parts| parts.max)
    }

    /// Bytes of another track.
    pub fn pass(&mut self, bytes: usize) {
        if let Some(segment) = &mut self.segment {
            segment.bytes += bytes;
        }
    }

    /// The next frame does not follow what came before it.
    pub fn interrupt(&mut self) {
        self.last = None;
    }

    /// Takes the next frame.
    pub fn step(&mut self, frame: LeadFrame) -> Step {
        let usual = self.usual.unwrap_or(USUAL_MICROS);
        let distance = self.last.replace(frame.at).map(|last| frame.at - last);
        let near = 0..=GAP_MICROS + 2 * usual;
        let follows = distance.is_some_and(|distance| near.contains(&distance));
        let lasts_max = self.usual.map_or(i64::MAX, |usual| 2 * usual);
        self.usual = distance.filter(|distance| *distance > 0).or(self.usual);
        // A frame that came late does not last longer for that; nor does a gap.
        let lasts = distance.filter(|_| follows).map_or(usual, |it| it.min(lasts_max));
        let to = frame.at + lasts;
        if follows {
            self.learn(frame.at, lasts);
        }
        let opens = if !follows || self.segment_ends(frame, to) {
            self.open_segment(frame, follows);
            Opens::Segment { follows }
        } else if self.part_has(to, |parts| parts.max + 1) {
            self.part = None;
            Opens::Part
        } else {
            Opens::Nothing
        };
        self.pass(frame.bytes);
        self.part.get_or_insert(frame.at);
        // Whoever waits for a part is not to wait for the frame after it.
        let closes = self.part_has(to + lasts / 2, |parts| parts.usual);
        if closes {
            self.part = None;
        }
        Step { opens, closes, to }
    }

    /// Decides how long parts are, once enough frames were seen.
    fn learn(&mut self, at: i64, lasts: i64) {
        self.longest = self.longest.max(lasts);
        let begun = self.segment.as_ref().map(|segment| segment.from);
        let is_enough = begun.is_some_and(|from| at - from >= LEARNING_MICROS);
        if self.parts.is_none() && self.longest > 0 && is_enough {
            self.parts = Some(Parts::of(self.longest));
        }
    }

    /// Whether the part under way is so long when it reaches until `to`.
    fn part_has(&self, to: i64, length: impl FnOnce(Parts) -> i64) -> bool {
        self.part.zip(self.parts).is_some_and(|(from, parts)| to - from >= length(parts))
    }

    fn segment_ends(&self, frame: LeadFrame, to: i64) -> bool {
        let Some(segment) = &self.segment else { return true };
        let enough = SEGMENT_MICROS_MIN / if self.has_whole { 1 } else { 2 };
        // One that begins without a key frame ends with the group of pictures.
        (frame.key && (!segment.key || frame.at - segment.from >= enough))
            || to - segment.from > SEGMENT_MICROS_MAX
            || segment.bytes + frame.bytes > limits::LIVE_HLS_SEGMENT_BYTES_MAX
    }

    fn open_segment(&mut self, frame: LeadFrame, follows: bool) {
        self.has_whole |= follows;
        self.segment = Some(Segment { from: frame.at, key: frame.key, bytes: 0 });
        self.part = None;
    }
}

impl Parts {
    /// Those of a stream whose frames last so long: every part but the last of a media segment must
    /// have 85 % of what was promised.
    fn of(frame: i64) -> Self {
        let frames = (PART_MICROS + frame - 1) / frame;
        let usual = (frames * frame).min(TARGET_MICROS);
        Self { usual, max: (usual + usual * PART_SLACK_PERCENT / 100).min(TARGET_MICROS) }
    }
}

#[cfg(test)]
mod tests;
