//! The playlist of an airing as text (draft-pantos-hls-rfc8216bis section 4).

use std::fmt::Write as _;

use base::limits;

use super::airing::{Airing, LISTED_MICROS_MIN};
use super::part::{Part, Segment};

impl Airing {
    /// The playlist. Its addresses are relative to `live.m3u8` of the stream.
    pub(super) fn text(&self, target: i64) -> String {
        let listed = self.listed();
        let mut text = String::with_capacity(4096);
        self.put_head(&mut text, listed, target);
        let whole: i64 = self.whole.iter().skip(listed).map(Segment::length).sum();
        // How long the playlist is from here on.
        let mut rest = whole + self.open.as_ref().map_or(0, Segment::length);
        let mut init = None;
        for segment in self.whole.iter().skip(listed) {
            self.put_begin(&mut text, segment, &mut init);
            if rest <= LISTED_MICROS_MIN {
                self.put_parts(&mut text, segment);
            }
            let (length, number) = (Seconds(segment.length()), segment.number);
            line(&mut text, format_args!("#EXTINF:{length},"));
            line(&mut text, format_args!("live/{}/segment-{number}.m4s", self.id));
            rest -= segment.length();
        }
        if let Some(open) = self.open.iter().find(|open| open.listed > 0) {
            self.put_begin(&mut text, open, &mut init);
            self.put_parts(&mut text, open);
        }
        if self.is_hinted() {
            let (id, next) = (self.id, self.next_part);
            line(
                &mut text,
                format_args!("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"live/{id}/part-{next}.m4s\""),
            );
        }
        text
    }

    /// Whether the next part will be named, as far as is known: not while they are too long.
    fn is_hinted(&self) -> bool {
        self.keeps_promise && self.open.as_ref().is_none_or(|open| open.listed == open.parts.len())
    }

    /// The place of the first media segment that is listed.
    fn listed(&self) -> usize {
        let mut length = 0;
        let place = self.whole.iter().rposition(|segment| {
            length += segment.length();
            length >= LISTED_MICROS_MIN
        });
        place.unwrap_or(0)
    }

    fn put_head(&self, text: &mut String, listed: usize, target: i64) {
        let number = self.whole.get(listed).map_or(self.next_segment, |segment| segment.number);
        let breaks = self.whole.iter().take(listed).filter(|segment| !segment.follows).count();
        let breaks = self.breaks + breaks as u64;
        let longest = limits::LIVE_HLS_TARGET.as_secs();
        let (hold, part_hold) = (3 * longest, Seconds(3 * target));
        text.push_str("#EXTM3U\n#EXT-X-VERSION:9\n");
        line(text, format_args!("#EXT-X-TARGETDURATION:{longest}"));
        line(
            text,
            format_args!(
                "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK={hold}.0,\
                 PART-HOLD-BACK={part_hold}"
            ),
        );
        line(text, format_args!("#EXT-X-PART-INF:PART-TARGET={}", Seconds(target)));
        line(text, format_args!("#EXT-X-MEDIA-SEQUENCE:{number}"));
        line(text, format_args!("#EXT-X-DISCONTINUITY-SEQUENCE:{breaks}"));
    }

    /// What stands before a media segment. `init` is the number of the one that holds so far.
    fn put_begin(&self, text: &mut String, segment: &Segment, init: &mut Option<u64>) {
        if !segment.follows {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        let number = segment.init.0;
        if init.replace(number) != Some(number) || !segment.follows {
            line(text, format_args!("#EXT-X-MAP:URI=\"live/{}/init-{number}.mp4\"", self.id));
        }
        line(text, format_args!("#EXT-X-PROGRAM-DATE-TIME:{}", segment.wall));
    }

    fn put_parts(&self, text: &mut String, segment: &Segment) {
        for part in segment.parts.iter().take(segment.listed) {
            let Part { number, from, to, .. } = part;
            let independent = if part.is_independent { ",INDEPENDENT=YES" } else { "" };
            let (length, id) = (Seconds(to - from), self.id);
            line(
                text,
                format_args!(
                    "#EXT-X-PART:DURATION={length},URI=\"live/{id}/part-{number}.m4s\"{independent}"
                ),
            );
        }
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Text in memory takes whatever is written.
    let _ = writeln!(text, "{words}");
}

/// Microseconds, written as seconds.
struct Seconds(i64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.max(0);
        write!(f, "{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}
