//! What a clip says of itself in words: its title, its day, the names of its tracks.
//!
//! Players show what they find in `udta/meta/ilst` (`©nam`, `©day`), of a track the name in its
//! `hdlr` (ISO/IEC 14496-12 clause 8.4.3) or in its `udta/name`.

use base::{WallTime, limits};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use media::mp4::boxes::{Boxes, FourCc};
use media::mp4::movie;

use crate::part::{Lane, Part};
use crate::request::{ClipRequest, ClipStream};

/// The words of one clip.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By the number of the stream in the request.
    streams: Vec<String>,
    title: String,
    day: String,
}

impl Names {
    /// Of a clip that shows `shown`.
    pub fn new(
        request: &ClipRequest,
        parts: &[Part],
        lanes: &[Lane],
        shown: (WallTime, WallTime),
    ) -> Self {
        let name = |(number, stream): (usize, &ClipStream)| {
            let own = |part: &&Part| part.takes.iter().any(|t| lanes[t.lane].stream == number);
            let written = match (stream.name.is_empty(), parts.iter().find(own)) {
                (true, Some(part)) => format!("{} {}", part.row.camera_slug, part.row.stream_name),
                _ => stream.name.clone(),
            };
            plain(&written, limits::CLIP_NAME_BYTES_MAX)
        };
        let streams: Vec<String> = request.streams.iter().enumerate().map(name).collect();
        let seen = |number: usize| {
            let mut takes = parts.iter().flat_map(|part| &part.takes);
            takes.any(|take| lanes[take.lane].stream == number)
        };
        let seen: Vec<&str> =
            (0..streams.len()).filter(|at| seen(*at)).map(|at| streams[at].as_str()).collect();
        let [from, to] = [shown.0, shown.1].map(|at| local(at, &request.zone));
        let range = format!(", {from} to {to}");
        let room = limits::CLIP_TITLE_BYTES_MAX - range.len();
        let title = plain(&seen.join(", "), room) + &range;
        Self { streams, title, day: from.replacen(' ', "T", 1).replace(' ', "") }
    }

    pub fn of_stream(&self, number: usize) -> &str {
        self.streams.get(number).map_or("", String::as_str)
    }

    /// Appends `udta` of the movie.
    pub fn put_metadata(&self, b: &mut Boxes) {
        b.boxed(*b"udta", |b| {
            b.full(*b"meta", 0, 0, |b| {
                movie::put_handler_of(b, *b"mdir", "");
                b.boxed(*b"ilst", |b| {
                    put_text(b, *b"\xa9nam", &self.title);
                    put_text(b, *b"\xa9day", &self.day);
                });
            });
        });
    }
}

/// Appends `udta` of a track.
pub(crate) fn put_track_name(b: &mut Boxes, name: &str) {
    b.boxed(*b"udta", |b| b.boxed(*b"name", |b| b.bytes(name.as_bytes()).end()));
}

/// One item of `ilst`: text in UTF-8, which is type 1, of no country or language.
fn put_text(b: &mut Boxes, kind: FourCc, text: &str) {
    b.boxed(kind, |b| {
        b.boxed(*b"data", |b| b.u32(1).u32(0).bytes(text.as_bytes()).end());
    });
}

/// An instant as a clock on the wall shows it, to the second, with how far that is from UTC:
/// always 26 bytes, as `2026-11-22 21:00:02 +01:00`.
pub(crate) fn local(at: WallTime, zone: &TimeZone) -> String {
    let second = at.as_micros().div_euclid(1_000_000);
    // What is no time of this calendar is shown as the end of it that is nearer.
    let nearest = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let at = Timestamp::from_second(second).unwrap_or(nearest);
    let minutes = zone.to_offset(at).seconds() / 60;
    let there = jiff::tz::Offset::from_seconds(minutes * 60).unwrap_or(jiff::tz::Offset::UTC);
    let time = there.to_datetime(at);
    let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02} {sign}{:02}:{:02}",
        time.year().clamp(0, 9999),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        minutes / 60,
        minutes % 60,
    )
}

/// A name without what would do more than stand there: control characters, and marks that change
/// the direction of what follows; at most `max` bytes of it.
fn plain(text: &str, max: usize) -> String {
    let is_mark = |c: char| {
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
    };
    let mut plain = String::new();
    for letter in text.trim().chars().filter(|c| !c.is_control() && !is_mark(*c)) {
        if plain.len() + letter.len_utf8() > max {
            break;
        }
        plain.push(letter);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_and_nothing_else() {
        let hostile = " a\0b\nc\u{202e}d\u{7f}é🎥 ";
        assert_eq!(plain(hostile, 100), "abcdé🎥");
        assert_eq!(plain(hostile, 9), "abcdé", "no letter is cut");
        assert_eq!(plain(&"ä".repeat(500), 121).len(), 120);
    }

    #[test]
    fn a_time_is_always_as_long() {
        let berlin = TimeZone::get("Europe/Berlin").expect("is known");
        let at = |second: i64| WallTime::from_micros(second * 1_000_000 + 999_999);
        assert_eq!(local(at(1_795_377_602), &berlin), "2026-11-22 21:00:02 +01:00");
        // The hour that there is twice.
        assert_eq!(local(at(1_792_888_200), &berlin), "2026-10-25 02:30:00 +02:00");
        assert_eq!(local(at(1_792_891_800), &berlin), "2026-10-25 02:30:00 +01:00");
        let newfoundland = TimeZone::get("America/St_Johns").expect("is known");
        for second in [i64::MIN / 2_000_000, -1, 0, 253_402_300_799, i64::MAX / 2_000_000] {
            for zone in [&berlin, &newfoundland, &TimeZone::UTC] {
                assert_eq!(local(at(second), zone).len(), 26, "{second}");
            }
        }
    }
}
