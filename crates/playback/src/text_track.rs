//! The boxes of the track of timestamps: 3GPP timed text (3GPP TS 26.245 clause 5.16), which
//! players show as subtitles.

use base::WallTime;
use media::VideoParams;
use media::mp4::boxes::Boxes;
use media::mp4::movie::{self, Edit};

use crate::assembly::{Assembly, Lazy, TooLarge};
use crate::boxes::{MOVIE, unsigned};
use crate::texts::{SCALE, Texts};
use crate::track::Instant;

/// What the track is called.
const NAME: &str = "Time";
/// Where there is no picture that it could stand in front of.
const SIZE: (u32, u32) = (640 << 16, 64 << 16);

/// Appends `trak`. `parts` is how many parts the clip has, `video` what it is shown with.
pub(crate) fn put(
    moov: &mut Assembly,
    id: u32,
    texts: &Texts,
    parts: usize,
    (created, shown): (WallTime, (Instant, Instant)),
    video: Option<&VideoParams>,
) -> Result<(), TooLarge> {
    let (zero, end) = shown;
    let duration = unsigned(end.since(zero, MOVIE)).max(1);
    let size = video.map_or(SIZE, movie::shown_size);
    let durations = texts.durations();
    let media_duration = durations.iter().map(|(count, ticks)| *count as i64 * ticks).sum();
    moov.boxed(*b"trak", |trak| {
        trak.boxes(|b| {
            movie::put_text_track_header(b, id, created, duration, size);
            movie::put_edits(b, &[Edit { duration, media_time: Some(0) }]);
        });
        trak.boxed(*b"mdia", |mdia| {
            mdia.boxes(|b| {
                movie::put_media_header_of(b, created, SCALE, unsigned(media_duration));
                movie::put_handler_of(b, *b"sbtl", NAME);
            });
            mdia.boxed(*b"minf", |minf| {
                minf.boxes(|b| {
                    b.full(*b"nmhd", 0, 0, |_| {});
                    movie::put_data_information(b);
                });
                minf.boxed(*b"stbl", |stbl| put_tables(stbl, texts, &durations, parts, size))
            })
        })
    })
}

fn put_tables(
    stbl: &mut Assembly,
    texts: &Texts,
    durations: &[(u64, i64)],
    parts: usize,
    size: (u32, u32),
) -> Result<(), TooLarge> {
    let count = u32::try_from(texts.count()).map_err(|_| TooLarge)?;
    let fits = |value: i64| i32::try_from(value).map(|value| value as u32).map_err(|_| TooLarge);
    let runs: Result<Vec<u32>, TooLarge> =
        durations.iter().map(|(_, ticks)| fits(*ticks)).collect();
    let runs = runs?;
    stbl.boxes(|b| {
        put_description(b, size);
        b.full(*b"stts", 0, 0, |b| {
            b.u32(runs.len() as u32);
            for ((count, _), ticks) in durations.iter().zip(runs) {
                b.u32(*count as u32).u32(ticks);
            }
        });
        // One sample in every chunk: each stands where its second is.
        b.full(*b"stsc", 0, 0, |b| b.u32(1).u32(1).u32(1).u32(1).end());
    });
    stbl.boxed(*b"stsz", |stsz| {
        stsz.boxes(|b| b.u32(0).u32(0).u32(count).end());
        stsz.lazy(u64::from(count) * 4, Lazy::TextSizes);
        Ok(())
    })?;
    stbl.boxed(*b"co64", |co64| {
        co64.boxes(|b| b.u32(0).u32(count).end());
        for part in 0..parts {
            let own = texts.of_part(part);
            co64.lazy((own.end - own.start) * 8, Lazy::TextPlaces { part });
        }
        Ok(())
    })
}

/// Appends `stsd`: white on black that is half seen through, in the middle of the lower edge.
fn put_description(b: &mut Boxes, size: (u32, u32)) {
    let [width, height] = [size.0, size.1].map(|side| (side >> 16).min(i16::MAX as u32) as u16);
    let font_size = (height / 20).clamp(8, 72) as u8;
    b.full(*b"stsd", 0, 0, |b| {
        b.u32(1).boxed(*b"tx3g", |b| {
            b.zeros(6).u16(1).u32(0); // data reference, display flags
            b.bytes(&[1, 0xff]).bytes(&[0, 0, 0, 0x80]); // centred, at the bottom; background
            b.u16(0).u16(0).u16(height).u16(width);
            b.u16(0).u16(0).u16(1).bytes(&[0, font_size]).u32(u32::MAX); // all letters
            b.boxed(*b"ftab", |b| b.u16(1).u16(1).u8(10).bytes(b"Sans-Serif").end());
        });
    });
}
