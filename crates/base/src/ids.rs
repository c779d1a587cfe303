//! Identity: archive, volume, camera, stream, run, segment and user are named by UUIDv7
//! (RFC 9562 section 5.7), in files, rows and the API alike.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::WallTime;

macro_rules! id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// An id made at `now` with 10 random bytes, under the bits of version and variant.
            pub fn new(now: WallTime, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The id whose 16 bytes are `bytes`, as they stand in files and rows.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// When it was made, to the millisecond, by the clock of that moment.
            pub fn made_at(&self) -> WallTime {
                let [a, b, c, d, e, f, ..] = *self.as_bytes();
                let millis = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
                WallTime::from_micros(i64::try_from(millis).unwrap_or(0).saturating_mul(1000))
            }

            /// The 16 bytes, in network order.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::try_parse(text).map(Self).map_err(|_| BadId)
            }
        }
    )*};
}

id! {
    /// One archive: everything that one catalog describes.
    ArchiveId
    /// One volume: a folder on one disk that holds segment files.
    VolumeId
    /// One camera.
    CameraId
    /// One stream of a camera: `main`, `sub`, …
    StreamId
    /// One uninterrupted session with a camera, on one clock mapping.
    RunId
    /// One segment file.
    SegmentId
    /// One airing: a stretch of time in which a stream is watched over HLS.
    AiringId
    /// One person with an account.
    UserId
    /// One time that something went wrong.
    AlarmId
    /// Footage that somebody took away, or will.
    ExportId
}

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected 32 hexadecimal digits in five groups")]
pub struct BadId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let early = SegmentId::new(WallTime::from_micros(1_000_000_000), [0xff; 10]);
        let late = SegmentId::new(WallTime::from_micros(1_000_001_000), [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_bytes()[6] >> 4, 7);
        assert_eq!(late.made_at(), WallTime::from_micros(1_000_001_000));
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!("front-door".parse::<SegmentId>(), Err(BadId));
    }
}
