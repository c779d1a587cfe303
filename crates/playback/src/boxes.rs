//! The boxes of a clip that are known before a byte is read (ISO/IEC 14496-12), as far as clips
//! have them to themselves. Times are 64 bits wide, for a clip may last longer than 13 hours.

use base::{Ticks, Timescale, WallTime};
use media::TrackParams;
use media::mp4::boxes::Boxes;
use media::mp4::movie::{self, Edit, MOVIE_TIMESCALE, TrackHead};

use crate::track::{Instant, Track};

/// Ticks a second of movie and edit durations.
pub(crate) const MOVIE: Timescale = Timescale::new(MOVIE_TIMESCALE).expect("is not zero");

pub(crate) fn file_type(b: &mut Boxes) {
    b.boxed(*b"ftyp", |b| b.bytes(b"iso6").u32(0).bytes(b"iso6isommp42").end());
}

/// The header of the box that holds all samples, with a 64-bit length.
pub(crate) fn media_data_header(b: &mut Boxes, len: u64) {
    b.u32(1).bytes(b"mdat").u64(len + 16);
}

pub(crate) fn movie_header(
    b: &mut Boxes,
    created: WallTime,
    shown: (Instant, Instant),
    tracks: usize,
) {
    let duration = unsigned(shown.1.since(shown.0, MOVIE));
    movie::put_movie_header(b, created, duration, tracks);
}

/// What `trak` says, with the edits given to `put`.
pub(crate) fn with_head(
    id: u32,
    params: &TrackParams,
    track: &Track,
    (zero, created): (Instant, WallTime),
    put: impl FnOnce(&TrackHead<'_>),
) {
    let times = &track.times;
    put(&TrackHead {
        id,
        params,
        created,
        duration: unsigned(track.end().since(zero, MOVIE)),
        media_duration: unsigned(times.end.max(times.decode_end) - times.decode),
        edits: &edits(track, zero),
        enabled: true,
    });
}

/// An empty edit up to the first sample where that comes later than clip time 0, then the part of
/// the track that is shown: lead-in and what is presented after the end are outside.
fn edits(track: &Track, zero: Instant) -> Vec<Edit> {
    let late = unsigned(track.first().since(zero, MOVIE));
    // Not 0, which would be an edit without end.
    let duration = unsigned(track.end().since(zero, MOVIE)).saturating_sub(late).max(1);
    let decode = Instant { ticks: track.times.decode, scale: track.lane.scale };
    let begin = if late > 0 { track.first() } else { zero };
    let media_time = Some(begin.since(decode, track.lane.scale).max(0));
    let mut edits = vec![Edit { duration, media_time }];
    if late > 0 {
        edits.insert(0, Edit { duration: late, media_time: None });
    }
    edits
}

/// The wall time of an instant.
pub(crate) fn wall(at: Instant) -> WallTime {
    WallTime::from_micros(at.scale.to_micros(Ticks(at.ticks)))
}

pub(crate) fn unsigned(ticks: i64) -> u64 {
    u64::try_from(ticks).unwrap_or(0)
}
