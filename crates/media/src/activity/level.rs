//! How large the pictures of a window are, and what of that is more than usual. Sizes are in
//! sixteenths of a byte: where nothing moves, pictures are of some ten bytes.

use std::ops::Range;

use super::Second;

const SIXTEENTHS: u64 = 16;
/// From so many pictures a second on the largest is left out: what an encoder refreshes now and
/// then, or a clock in the picture, is one picture in a second; what moves is in many.
const PICTURES_TRIMMED_MIN: u32 = 4;
/// Where the bit rate is held, pictures are at least such a part of a key frame.
const LARGE_PART_MIN: u64 = 64;
/// How far the key frame beside a picture may correct its size, either way.
const KEY_FACTOR_MAX: u64 = 4;

/// What is measured in each second of a window, and what is usual in it.
pub(super) struct Level {
    /// `None`: no picture is shown.
    sizes: Vec<Option<u64>>,
    /// What it is in the stillest seconds.
    usual: u64,
    /// Up to here nothing moves.
    quiet: u64,
    /// So much more than that gives half of the greatest value.
    half: u64,
}

impl Level {
    /// By the mean size of pictures that build on others; `key` is the usual key frame.
    pub fn by_sizes(seconds: &[Second], key: u64) -> Self {
        Self::new(seconds.iter().map(Second::mean).collect(), key)
    }

    /// The same, by what share of the key frame beside them they have: where the bit rate is held,
    /// pictures hardly grow when something moves, but key frames shrink.
    pub fn by_shares(seconds: &[Second], window: Range<usize>, key: u64) -> Self {
        let keys = smaller_keys(seconds);
        let share = |place: usize| {
            let mean = seconds[place].mean()?;
            let (least, most) = ((key / KEY_FACTOR_MAX).max(1), key * KEY_FACTOR_MAX);
            let beside = keys[place].map_or(key, |size| size.clamp(least, most.max(least)));
            Some(mean.saturating_mul(key) / beside.max(1))
        };
        Self::new(window.map(share).collect(), key)
    }

    /// By how far key frames are from their usual size, where there is nothing else.
    pub fn by_key_frames(seconds: &[Second], key: u64) -> Self {
        let apart = |second: &Second| Some(second.key_mean()?.abs_diff(key) * SIXTEENTHS);
        Self::new(seconds.iter().map(apart).collect(), key)
    }

    fn new(sizes: Vec<Option<u64>>, key: u64) -> Self {
        let mut sorted: Vec<u64> = sizes.iter().copied().flatten().collect();
        sorted.sort_unstable();
        let part = |percent: usize| sorted.get(sorted.len() * percent / 100).copied().unwrap_or(0);
        // What is usual is what the stillest quarter has; noise, how far those apart are that are
        // still even where something moves half of the time.
        let (usual, noise) = (part(25), part(40) - part(10));
        let key = key.saturating_mul(SIXTEENTHS);
        let quiet = usual
            .saturating_add(noise.saturating_mul(2))
            .saturating_add(usual / 8)
            .saturating_add(key / 512);
        Self { sizes, usual, quiet, half: usual.saturating_add(key / 32).max(1) }
    }

    /// Whether pictures usually are of a size as where the bit rate is held. Small ones say by
    /// themselves what moves, and key frames vary for reasons of their own.
    pub fn is_large(&self, key: u64) -> bool {
        self.usual.saturating_mul(LARGE_PART_MIN) >= key.saturating_mul(SIXTEENTHS)
    }

    /// The value of a second; `None` where no picture is shown.
    pub fn judge(&self, place: usize) -> Option<u8> {
        let more = self.sizes[place]?.saturating_sub(self.quiet);
        let value = more.saturating_mul(255) / more.saturating_add(self.half);
        Some(u8::try_from(value).unwrap_or(u8::MAX))
    }
}

impl Second {
    /// The mean size of its pictures that build on others.
    fn mean(&self) -> Option<u64> {
        let trimmed = self.pictures >= PICTURES_TRIMMED_MIN;
        let (bytes, pictures) = match trimmed {
            true => (self.bytes - u64::from(self.largest), self.pictures - 1),
            false => (self.bytes, self.pictures),
        };
        bytes.saturating_mul(SIXTEENTHS).checked_div(pictures.into())
    }
}

/// The smaller one of the key frames before and after each second.
fn smaller_keys(seconds: &[Second]) -> Vec<Option<u64>> {
    let mut keys = Vec::with_capacity(seconds.len());
    let mut last = None;
    for second in seconds {
        last = second.key_mean().or(last);
        keys.push(last);
    }
    let mut next = None;
    for (key, second) in keys.iter_mut().zip(seconds).rev() {
        *key = [*key, next].into_iter().flatten().min();
        next = second.key_mean().or(next);
    }
    keys
}
