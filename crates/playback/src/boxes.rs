//! The boxes of a clip that are known before a byte is read (ISO/IEC 14496-12). Times are 64 bits
//! wide, for a clip may last longer than 13 hours.

use std::sync::Arc;

use base::Timescale;
use media::TrackParams;
use media::mp4::boxes::Boxes;

use crate::layout::{Instant, Track};

/// Ticks a second of movie and edit durations.
pub(crate) const MOVIE: Timescale = Timescale::VIDEO;
/// The scale of wall times.
pub(crate) const MICROS: Timescale = Timescale::new(1_000_000).expect("is not zero");
/// Seconds from 1904, where MP4 counts from, to 1970.
const SECONDS_FROM_1904: u64 = 2_082_844_800;
const UNITY_MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
/// "und", packed as ISO 639-2/T.
const UNDETERMINED: u16 = 0x55c4;

pub(crate) fn file_type(b: &mut Boxes) {
    b.boxed(*b"ftyp", |b| {
        b.bytes(b"iso6").u32(0).bytes(b"iso6isommp42");
    });
}

/// The header of the box that holds all samples, with a 64-bit length.
pub(crate) fn media_data_header(b: &mut Boxes, len: u64) {
    b.u32(1).bytes(b"mdat").u64(len + 16);
}

pub(crate) fn movie_header(b: &mut Boxes, zero: Instant, end: Instant, tracks: u32) {
    b.full(*b"mvhd", 1, 0, |b| {
        times_of_creation(b, zero);
        b.u32(MOVIE.hertz()).i64(end.since(zero, MOVIE));
        b.u32(0x1_0000).u16(0x100).zeros(10);
        UNITY_MATRIX.into_iter().for_each(|value| _ = b.u32(value));
        b.zeros(24).u32(tracks + 1);
    });
}

pub(crate) fn track_header(
    b: &mut Boxes,
    id: u32,
    params: &TrackParams,
    track: &Track,
    zero: Instant,
) {
    let (width, height, volume) = match params {
        TrackParams::Video(video) => {
            let (wide, high) = match video.pixel_aspect {
                (0, _) | (_, 0) => (1, 1),
                (wide, high) => (u64::from(wide), u64::from(high)),
            };
            let width = (u64::from(video.width) << 16) * wide / high;
            (u32::try_from(width).unwrap_or(u32::MAX), u32::from(video.height) << 16, 0)
        }
        TrackParams::Audio(_) => (0, 0, 0x100),
    };
    // Enabled, and in the movie.
    b.full(*b"tkhd", 1, 3, |b| {
        times_of_creation(b, zero);
        b.u32(id).u32(0).i64(track.end().since(zero, MOVIE)).zeros(12).u16(volume).u16(0);
        UNITY_MATRIX.into_iter().for_each(|value| _ = b.u32(value));
        b.u32(width).u32(height);
    });
}

/// An empty edit up to the first sample where that comes later than clip time 0, then the part of
/// the track that is shown: lead-in and what is presented after the end are outside.
pub(crate) fn edits(b: &mut Boxes, track: &Track, zero: Instant) {
    let late = track.first().since(zero, MOVIE).max(0);
    let shown = track.end().since(zero, MOVIE) - late;
    let decode = Instant { ticks: track.times.decode, scale: track.lane.scale };
    let begin = if late > 0 { track.first() } else { zero };
    let media_time = begin.since(decode, track.lane.scale).max(0);
    b.boxed(*b"edts", |b| {
        b.full(*b"elst", 1, 0, |b| {
            b.u32(1 + u32::from(late > 0));
            if late > 0 {
                b.i64(late).i64(-1).u16(1).u16(0);
            }
            b.i64(shown).i64(media_time).u16(1).u16(0);
        });
    });
}

pub(crate) fn media_header(b: &mut Boxes, track: &Track) {
    let begin = Instant { ticks: track.times.decode, scale: track.lane.scale };
    let duration = track.times.end.max(track.times.decode_end) - track.times.decode;
    b.full(*b"mdhd", 1, 0, |b| {
        times_of_creation(b, begin);
        b.u32(track.lane.scale.hertz()).i64(duration).u16(UNDETERMINED).u16(0);
    });
    let (handler, name): (_, &[u8]) =
        if track.lane.is_video() { (b"vide", b"Video\0") } else { (b"soun", b"Audio\0") };
    b.full(*b"hdlr", 0, 0, |b| {
        b.u32(0).bytes(handler).zeros(12).bytes(name);
    });
}

pub(crate) fn media_information(b: &mut Boxes, is_video: bool) {
    if is_video {
        b.full(*b"vmhd", 0, 1, |b| _ = b.zeros(8));
    } else {
        b.full(*b"smhd", 0, 0, |b| _ = b.zeros(4));
    }
    b.boxed(*b"dinf", |b| {
        b.full(*b"dref", 0, 0, |b| {
            b.u32(1);
            b.full(*b"url ", 0, 1, |_| ());
        });
    });
}

pub(crate) fn sample_description(b: &mut Boxes, entries: &[Arc<TrackParams>]) {
    b.full(*b"stsd", 0, 0, |b| {
        b.u32(entries.len() as u32);
        entries.iter().for_each(|params| crate::entry::sample_entry(b, params));
    });
}

fn times_of_creation(b: &mut Boxes, at: Instant) {
    let seconds = at.ticks.div_euclid(at.scale.hertz().into());
    let seconds = u64::try_from(seconds).unwrap_or(0) + SECONDS_FROM_1904;
    b.u64(seconds).u64(seconds);
}
