//! What the `moov`s of this project have in common: a segment's header and its end, the init
//! segment of live view, and clips.

use base::{Timescale, WallTime};

use super::boxes::{Boxes, FourCc};
use super::sample_entry;
use crate::params::{TrackParams, VideoParams};

/// Ticks a second of durations that belong to the movie: those of `mvhd`, `tkhd` and `elst`.
pub const MOVIE_TIMESCALE: u32 = 90_000;

/// One entry of an edit list (ISO/IEC 14496-12 clause 8.6.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    /// How long it lasts, in ticks of [`MOVIE_TIMESCALE`].
    pub duration: u64,
    /// Where in the track it begins, in the track's timescale; `None` shows nothing.
    pub media_time: Option<i64>,
}

/// What `trak` says beside its tables.
#[derive(Clone, Debug)]
pub struct TrackHead<'a> {
    /// From 1.
    pub id: u32,
    /// What a decoder must know.
    pub params: &'a TrackParams,
    /// When the first sample was presented.
    pub created: WallTime,
    /// Length with its edits, in ticks of [`MOVIE_TIMESCALE`].
    pub duration: u64,
    /// Sum of all sample durations, in the track's timescale.
    pub media_duration: u64,
    /// Its edit list; none where it is empty.
    pub edits: &'a [Edit],
    /// Whether players should play it: a track without samples they should not.
    pub enabled: bool,
}

/// Unity, 16.16 and 2.30 (clause 8.2.2).
const MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];
/// `und` in three times 5 bits.
const LANGUAGE: u16 = 0x55c4;
/// Sample flags of a sample that others need not be there for (clause 8.8.3.1).
pub(crate) const FLAGS_KEY: u32 = 0x0200_0000;
/// Sample flags of a sample that depends on others.
pub(crate) const FLAGS_DEPENDENT: u32 = 0x0101_0000;

/// Seconds since 1904, as the format counts.
fn since_1904(at: WallTime) -> u64 {
    const SECONDS_1904_TO_1970: i64 = 2_082_844_800;
    u64::try_from(at.as_micros().div_euclid(1_000_000) + SECONDS_1904_TO_1970).unwrap_or(0)
}

/// `ticks` of `timescale` in ticks of the movie, rounded up: an edit that ended before its last
/// sample would cost that sample.
pub fn movie_ticks(ticks: u64, timescale: u32) -> u64 {
    let ticks = u128::from(ticks) * u128::from(MOVIE_TIMESCALE);
    u64::try_from(ticks.div_ceil(u128::from(timescale.max(1)))).unwrap_or(u64::MAX)
}

/// Appends `mvhd`; `duration` is in ticks of [`MOVIE_TIMESCALE`], 0 while it is not known.
pub fn put_movie_header(b: &mut Boxes, created: WallTime, duration: u64, tracks: usize) {
    b.full(*b"mvhd", 1, 0, |b| {
        let created = since_1904(created);
        b.u64(created).u64(created).u32(MOVIE_TIMESCALE).u64(duration);
        b.u32(0x0001_0000).u16(0x0100).zeros(10); // rate 1, volume 1
        MATRIX.iter().for_each(|value| b.u32(*value).end());
        b.zeros(24).u32(u32::try_from(tracks + 1).unwrap_or(u32::MAX));
    });
}

/// Appends `trak`; `tables` writes what stands in `stbl` after `stsd`.
pub fn put_track(b: &mut Boxes, head: &TrackHead<'_>, tables: impl FnOnce(&mut Boxes)) {
    b.boxed(*b"trak", |b| {
        put_track_header(b, head);
        put_edits(b, head.edits);
        b.boxed(*b"mdia", |b| {
            put_media_header(b, head);
            put_handler(b, head.params);
            b.boxed(*b"minf", |b| {
                put_media_information(b, head.params);
                b.boxed(*b"stbl", |b| {
                    sample_entry::put_description(b, head.params);
                    tables(b);
                });
            });
        });
    });
}

/// Appends `tkhd`.
pub fn put_track_header(b: &mut Boxes, head: &TrackHead<'_>) {
    let flags = 2 | u32::from(head.enabled); // in the movie, enabled
    let (volume, size) = match head.params {
        TrackParams::Video(video) => (0, shown_size(video)),
        TrackParams::Audio(_) => (0x0100, (0, 0)),
    };
    b.full(*b"tkhd", 1, flags, |b| {
        let created = since_1904(head.created);
        b.u64(created).u64(created).u32(head.id).u32(0).u64(head.duration).zeros(12);
        b.u16(volume).zeros(2);
        MATRIX.iter().for_each(|value| b.u32(*value).end());
        b.u32(size.0).u32(size.1);
    });
}

/// Appends `tkhd` of a track of text in front of pictures (layer -1); `size` as it is shown, in
/// 16.16, `duration` in ticks of [`MOVIE_TIMESCALE`].
pub fn put_text_track_header(
    b: &mut Boxes,
    id: u32,
    created: WallTime,
    duration: u64,
    size: (u32, u32),
) {
    b.full(*b"tkhd", 1, 3, |b| {
        let created = since_1904(created);
        b.u64(created).u64(created).u32(id).u32(0).u64(duration).zeros(8);
        b.u16(u16::MAX).u16(0).u16(0).zeros(2);
        MATRIX.iter().for_each(|value| b.u32(*value).end());
        b.u32(size.0).u32(size.1);
    });
}

/// Width and height in 16.16, the width stretched by the sample aspect ratio.
pub fn shown_size(video: &VideoParams) -> (u32, u32) {
    let (across, down) = video.pixel_aspect;
    let width = (u64::from(video.width) << 16) * u64::from(across) / u64::from(down.max(1));
    (u32::try_from(width).unwrap_or(u32::MAX), u32::from(video.height) << 16)
}

/// Appends `edts`; nothing where there is no edit.
pub fn put_edits(b: &mut Boxes, edits: &[Edit]) {
    if edits.is_empty() {
        return;
    }
    b.boxed(*b"edts", |b| {
        b.full(*b"elst", 1, 0, |b| {
            b.u32(edits.len() as u32);
            for edit in edits {
                b.u64(edit.duration).i64(edit.media_time.unwrap_or(-1)).u32(0x0001_0000);
            }
        });
    });
}

/// Appends `mdhd`.
pub fn put_media_header(b: &mut Boxes, head: &TrackHead<'_>) {
    put_media_header_of(b, head.created, head.params.timescale(), head.media_duration);
}

/// Appends `mdhd` of any track; `duration` in ticks of `timescale`.
pub fn put_media_header_of(b: &mut Boxes, created: WallTime, timescale: Timescale, duration: u64) {
    b.full(*b"mdhd", 1, 0, |b| {
        let created = since_1904(created);
        b.u64(created).u64(created).u32(timescale.hertz()).u64(duration);
        b.u16(LANGUAGE).u16(0);
    });
}

/// Appends `hdlr`.
pub fn put_handler(b: &mut Boxes, params: &TrackParams) {
    let name = if params.is_video() { "video" } else { "audio" };
    put_handler_of(b, handler(params), name);
}

/// The handler type of a track (ISO/IEC 14496-12 clause 8.4.3).
pub const fn handler(params: &TrackParams) -> FourCc {
    if params.is_video() { *b"vide" } else { *b"soun" }
}

/// Appends `hdlr` of any track, with a name for people, in which no NUL may stand.
pub fn put_handler_of(b: &mut Boxes, kind: FourCc, name: &str) {
    b.full(*b"hdlr", 0, 0, |b| b.u32(0).bytes(&kind).zeros(12).bytes(name.as_bytes()).u8(0).end());
}

/// Appends what stands in `minf` before `stbl`.
pub fn put_media_information(b: &mut Boxes, params: &TrackParams) {
    if params.is_video() {
        b.full(*b"vmhd", 0, 1, |b| b.zeros(8).end());
    } else {
        b.full(*b"smhd", 0, 0, |b| b.zeros(4).end());
    }
    put_data_information(b);
}

/// Appends `dinf`: the media of a track is in this file.
pub fn put_data_information(b: &mut Boxes) {
    b.boxed(*b"dinf", |b| {
        b.full(*b"dref", 0, 0, |b| {
            b.u32(1).full(*b"url ", 0, 1, |_| {});
        });
    });
}

/// Appends the tables of a track whose samples stand in fragments.
pub(crate) fn put_empty_tables(b: &mut Boxes) {
    for kind in [b"stts", b"stsc"] {
        b.full(*kind, 0, 0, |b| b.u32(0).end());
    }
    b.full(*b"stsz", 0, 0, |b| b.u32(0).u32(0).end());
    b.full(*b"stco", 0, 0, |b| b.u32(0).end());
}

/// Appends `mvex` for tracks given with their ids: what follows comes in fragments.
pub(crate) fn put_fragments_follow<'a>(
    b: &mut Boxes,
    tracks: impl Iterator<Item = (u32, &'a TrackParams)>,
) {
    b.boxed(*b"mvex", |b| {
        for (id, params) in tracks {
            let flags = default_flags(params);
            b.full(*b"trex", 0, 0, |b| b.u32(id).u32(1).u32(0).u32(0).u32(flags).end());
        }
    });
}

/// The sample flags that `trex` declares for a track.
pub(crate) fn default_flags(params: &TrackParams) -> u32 {
    let stands_alone = !params.is_video() || params.is_intra_only();
    if stands_alone { FLAGS_KEY } else { FLAGS_DEPENDENT }
}
