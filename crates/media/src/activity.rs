//! How much moves in a stream, second by second, told from the sizes of its pictures alone:
//! nothing is decoded. `docs/design/activity.md` says why it is done so, and what it cannot see.
//!
//! A segment is judged by itself, so that the same file gives the same values whenever and by
//! whomever it is read.

mod level;
mod pack;

use base::WallTime;
use base::limits::ACTIVITY_SECONDS_MAX;

use crate::index::{SegmentIndex, TrackIndex};

use level::Level;

pub use pack::{pack as pack_values, unpack as unpack_values};

const SECOND_MICROS: i64 = 1_000_000;
/// What is usual is worked out anew about so often: after a step of the bit rate, such as at
/// nightfall, so long may pass until the new one is the usual one.
const WINDOW_SECONDS: usize = 300;
/// A picture stands for no more seconds than this.
const CARRIED_SECONDS_MAX: usize = 10;

/// What moves in a segment: one byte a second of wall time, 0 where it is as still as usual, up to
/// 255.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Activity {
    /// The first second, since 1970.
    first: i64,
    seconds: Vec<u8>,
}

/// The pictures that are shown in one second.
#[derive(Clone, Copy, Default)]
struct Second {
    /// Bytes of those that build on others.
    bytes: u64,
    /// The largest of them.
    largest: u32,
    /// How many those are.
    pictures: u32,
    /// Bytes of key frames.
    key_bytes: u64,
    /// How many those are.
    keys: u32,
}

/// The second that holds an instant, since 1970.
pub const fn second_of(at: WallTime) -> i64 {
    at.as_micros().div_euclid(SECOND_MICROS)
}

impl Activity {
    /// What moves in a segment; nothing where it has no pictures. Of one that grows: as far as it
    /// is known, to be told better once more of it is.
    pub fn of(index: &SegmentIndex) -> Self {
        let track = index.lead().filter(|track| track.params.is_video());
        let Some((track, (start, _))) = track.and_then(|track| Some((track, track.span()?))) else {
            return Self::default();
        };
        let first = second_of(start);
        let seconds = seconds_of(track, first);
        let mut values = Vec::with_capacity(seconds.len());
        let windows = ((seconds.len() + WINDOW_SECONDS / 2) / WINDOW_SECONDS).max(1);
        let whole = key_size(&seconds);
        for window in 0..windows {
            let from = seconds.len() * window / windows;
            let to = seconds.len() * (window + 1) / windows;
            judge(&seconds, from..to, whole, &mut values);
        }
        // As it is when it comes back from its packed form.
        values.truncate(values.iter().rposition(|value| *value > 0).map_or(0, |last| last + 1));
        Self { first, seconds: values }
    }

    /// The seconds that it knows, with their values, by time.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u8)> + '_ {
        (self.first..).zip(self.seconds.iter().copied())
    }

    /// The value of a second since 1970; 0 where it knows nothing of it.
    pub fn at(&self, second: i64) -> u8 {
        let place = usize::try_from(second.saturating_sub(self.first)).ok();
        place.and_then(|place| self.seconds.get(place)).copied().unwrap_or(0)
    }

    /// Whether nothing moves.
    pub fn is_still(&self) -> bool {
        self.seconds.iter().all(|value| *value == 0)
    }

    /// It in bytes: a few where little moves.
    pub fn pack(&self) -> Vec<u8> {
        pack::pack(&self.seconds)
    }

    /// Reads what [`Activity::pack`] wrote of a segment that starts at `start`. `None` when the
    /// bytes are damaged or of another version.
    pub fn unpack(bytes: &[u8], start: WallTime) -> Option<Self> {
        Some(Self { first: second_of(start), seconds: pack::unpack(bytes)? })
    }
}

/// The pictures of a track by the second in which they are shown.
fn seconds_of(track: &TrackIndex, first: i64) -> Vec<Second> {
    let mut seconds: Vec<Second> = Vec::new();
    for (sample, time) in track.samples.iter().zip(track.times()) {
        // Pictures before the first one in presentation count to its second.
        let place = usize::try_from(second_of(time.wall).saturating_sub(first)).unwrap_or(0);
        if place >= ACTIVITY_SECONDS_MAX {
            continue;
        }
        if place >= seconds.len() {
            seconds.resize(place + 1, Second::default());
        }
        let second = &mut seconds[place];
        if sample.key {
            second.key_bytes += u64::from(sample.size);
            second.keys += 1;
        } else {
            second.bytes += u64::from(sample.size);
            second.largest = second.largest.max(sample.size);
            second.pictures += 1;
        }
    }
    fill_up_edges(&mut seconds);
    seconds
}

/// Judges the first and the last second together with the one beside them, where the segment holds
/// no more than half of them: what follows a key frame is larger than what follows that, so a few
/// pictures behind one would look like something that moves, at every edge of a segment.
fn fill_up_edges(seconds: &mut [Second]) {
    if let [first, second, ..] = seconds {
        first.fill_up(*second);
    }
    if let [.., second, last] = seconds {
        last.fill_up(*second);
    }
}

/// The usual size of a key frame: the median; 0 where there is none.
fn key_size(seconds: &[Second]) -> u64 {
    let mut sizes: Vec<u64> = seconds.iter().filter_map(|second| second.key_mean()).collect();
    let middle = sizes.len() / 2;
    if sizes.is_empty() { 0 } else { *sizes.select_nth_unstable(middle).1 }
}

/// Appends the values of one window; `whole` is the usual key frame of all of them.
fn judge(seconds: &[Second], window: std::ops::Range<usize>, whole: u64, values: &mut Vec<u8>) {
    let here = &seconds[window.clone()];
    let key = Some(key_size(here)).filter(|size| *size > 0).unwrap_or(whole);
    let shown = here.iter().filter(|second| second.pictures + second.keys > 0).count();
    let built = here.iter().filter(|second| second.pictures > 0).count();
    let levels = match built * 2 < shown {
        // Every picture stands by itself, or nearly: all that there is to go by.
        true => vec![Level::by_key_frames(here, key)],
        false => {
            let plain = Level::by_sizes(here, key);
            let shares = plain.is_large(key).then(|| Level::by_shares(seconds, window, key));
            std::iter::once(plain).chain(shares).collect()
        }
    };
    let mut since = CARRIED_SECONDS_MAX;
    for place in 0..here.len() {
        let value = levels.iter().filter_map(|level| level.judge(place)).max();
        since = if value.is_some() { 0 } else { since.saturating_add(1) };
        // A picture that lasts stands for the seconds in which no other comes.
        let carried = values.last().copied().filter(|_| since < CARRIED_SECONDS_MAX);
        values.push(value.or(carried).unwrap_or(0));
    }
}

impl Second {
    /// Takes the pictures of the second beside it too, where it has no more than half as many.
    fn fill_up(&mut self, beside: Self) {
        if self.pictures > 0 && self.pictures * 2 <= beside.pictures {
            self.bytes += beside.bytes;
            self.largest = self.largest.max(beside.largest);
            self.pictures += beside.pictures;
        }
    }

    fn key_mean(&self) -> Option<u64> {
        self.key_bytes.checked_div(self.keys.into())
    }
}

#[cfg(test)]
mod tests;
