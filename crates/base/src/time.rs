//! Three clocks, three types: media time (the camera's, in a track's timescale), monotonic time,
//! and wall time (UTC).

use std::fmt;
use std::num::NonZeroU32;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Wall time: UTC, microseconds since the Unix epoch, leap seconds not counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WallTime(i64);

/// Monotonic time: microseconds since an arbitrary origin, never stepping back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct MonoTime(i64);

macro_rules! instant {
    ($name:ident) => {
        impl $name {
            /// The instant `micros` microseconds after the origin.
            pub const fn from_micros(micros: i64) -> Self {
                Self(micros)
            }

            /// Microseconds since the origin.
            pub const fn as_micros(self) -> i64 {
                self.0
            }

            /// This instant moved by `micros` (which may be negative), held at the type's ends.
            pub const fn plus_micros(self, micros: i64) -> Self {
                Self(self.0.saturating_add(micros))
            }

            /// Microseconds from `earlier` to this instant; negative when `earlier` is later.
            pub const fn micros_since(self, earlier: Self) -> i64 {
                self.0.saturating_sub(earlier.0)
            }

            /// Time from `earlier` to this instant; zero when `earlier` is later.
            pub fn since(self, earlier: Self) -> Duration {
                Duration::from_micros(u64::try_from(self.micros_since(earlier)).unwrap_or(0))
            }
        }

        impl Add<Duration> for $name {
            type Output = Self;

            fn add(self, by: Duration) -> Self {
                self.plus_micros(i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
            }
        }

        impl Sub<Duration> for $name {
            type Output = Self;

            fn sub(self, by: Duration) -> Self {
                self.plus_micros(-i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
            }
        }
    };
}

instant!(WallTime);
instant!(MonoTime);

impl WallTime {
    /// The furthest instant that RFC 3339 can spell (end of the year 9999).
    pub const MAX: Self = Self(253_402_207_200_000_000);
    /// The Unix epoch: nothing was recorded before it.
    pub const EPOCH: Self = Self(0);

    /// Milliseconds since the Unix epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl fmt::Display for WallTime {
    /// RFC 3339, UTC, six decimals: `2026-11-22T20:15:00.000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => write!(f, "{at:.6}"),
            Err(_) => write!(f, "{} µs since 1970", self.0),
        }
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for WallTime {
    type Err = BadTime;

    /// RFC 3339 with an offset; digits below a microsecond are cut.
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let at: jiff::Timestamp = text.parse().map_err(|_| BadTime)?;
        Ok(Self(at.as_microsecond()))
    }
}

impl Serialize for WallTime {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The text is not an RFC 3339 time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time: expected RFC 3339 such as 2026-11-22T20:15:00Z")]
pub struct BadTime;

/// Media time or a media duration, in the ticks of one track's [`Timescale`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Ticks(pub i64);

impl Add for Ticks {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Ticks {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Ticks {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// Ticks a second of one track: 90,000 for video, the sample rate for audio.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timescale(NonZeroU32);

impl Timescale {
    /// RTP's clock for video (RFC 3551 section 5).
    pub const VIDEO: Self = Self(NonZeroU32::new(90_000).expect("is not zero"));

    /// `None` when `hertz` is 0.
    pub const fn new(hertz: u32) -> Option<Self> {
        match NonZeroU32::new(hertz) {
            Some(hertz) => Some(Self(hertz)),
            None => None,
        }
    }

    /// Ticks a second.
    pub const fn hertz(self) -> u32 {
        self.0.get()
    }

    /// `ticks` in microseconds, rounded down (towards minus infinity).
    pub fn to_micros(self, ticks: Ticks) -> i64 {
        let micros = (i128::from(ticks.0) * 1_000_000).div_euclid(i128::from(self.hertz()));
        micros.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// `micros` in ticks, rounded down (towards minus infinity).
    pub fn from_micros(self, micros: i64) -> Ticks {
        let ticks = (i128::from(micros) * i128::from(self.hertz())).div_euclid(1_000_000);
        Ticks(ticks.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_is_written_and_read_as_rfc_3339() {
        let at = WallTime::from_micros(1_795_378_500_000_001);
        assert_eq!(at.to_string(), "2026-11-22T20:15:00.000001Z");
        assert_eq!(at.to_string().parse(), Ok(at));
        assert_eq!("2026-11-22T21:15:00.000001+01:00".parse(), Ok(at));
        assert_eq!("yesterday".parse::<WallTime>(), Err(BadTime));
        assert!(WallTime::MAX.to_string().parse::<WallTime>() == Ok(WallTime::MAX));
    }

    proptest::proptest! {
        #[test]
        fn ticks_survive_a_round_trip_through_microseconds(ticks in -1i64 << 40..1i64 << 40) {
            let scale = Timescale::VIDEO;
            let back = scale.from_micros(scale.to_micros(Ticks(ticks)));
            assert!((back.0 - ticks).abs() <= 1);
        }
    }
}
