//! A media playlist as text (RFC 8216 section 4).

use std::fmt::Write as _;

use base::{WallTime, limits};

use super::entry::Entry;
use super::playlist::Playlist;

impl Playlist {
    /// The playlist. Its addresses are relative to `hls.m3u8` of the stream.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(400 + self.entries.len() * 90);
        self.put_head(&mut text);
        let mut last: Option<&Entry> = None;
        let mut left_out = self.left_out.iter().peekable();
        for (number, entry) in self.entries.iter().enumerate() {
            while let Some((_, from)) = left_out.next_if(|(before, _)| *before <= number) {
                put_left_out(&mut text, *from);
            }
            self.put_entry(&mut text, entry, last);
            last = Some(entry);
        }
        // One that grows may not show yet what is before it.
        let end = self.entries.len();
        left_out
            .take_while(|(before, _)| *before <= end)
            .for_each(|(_, from)| put_left_out(&mut text, *from));
        if !self.request.is_growing {
            text.push_str("#EXT-X-ENDLIST\n");
        }
        text
    }

    fn put_head(&self, text: &mut String) {
        let kind = if self.request.is_growing { "EVENT" } else { "VOD" };
        let target = self.target_seconds();
        text.push_str("#EXTM3U\n#EXT-X-VERSION:7\n");
        line(text, format_args!("#EXT-X-TARGETDURATION:{target}"));
        line(text, format_args!("#EXT-X-PLAYLIST-TYPE:{kind}"));
        let alone = self.entries.iter().all(|entry| entry.cut.is_independent);
        // What will follow in one that grows, nobody knows.
        if alone && !self.request.is_growing {
            text.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
        }
        if let Some(first) = self.entries.first() {
            let late = self.request.from.micros_since(first.cut.from).max(0);
            let late = Seconds(late);
            line(text, format_args!("#EXT-X-START:TIME-OFFSET={late},PRECISE=YES"));
        }
        text.push_str("#EXT-X-MEDIA-SEQUENCE:0\n");
    }

    fn put_entry(&self, text: &mut String, entry: &Entry, last: Option<&Entry>) {
        if last.is_some() && !entry.continues {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        if last.is_none_or(|last| last.init != entry.init) {
            let segment = self.inits[entry.init].segment;
            line(text, format_args!("#EXT-X-MAP:URI=\"hls/{segment}/init.mp4\""));
        }
        let cut = &entry.cut;
        if !entry.continues || last.is_none_or(|last| last.segment != entry.segment) {
            line(text, format_args!("#EXT-X-PROGRAM-DATE-TIME:{}", cut.from));
        }
        let (segment, start, end) = (entry.segment, cut.samples.start, cut.samples.end);
        let last = if entry.is_last { "-last" } else { "" };
        line(text, format_args!("#EXTINF:{},", Seconds(cut.to.micros_since(cut.from))));
        line(text, format_args!("hls/{segment}/{start}-{end}{last}.m4s"));
    }

    /// No media segment is longer, rounded to whole seconds. Of a playlist that grows it never
    /// changes (RFC 8216 section 6.2.1).
    pub(crate) fn target_seconds(&self) -> i64 {
        if self.request.is_growing {
            return limits::HLS_MEDIA_SEGMENT_MAX.as_secs() as i64;
        }
        let lengths = self.entries.iter().map(|entry| entry.cut.to.micros_since(entry.cut.from));
        ((lengths.max().unwrap_or(0) + 500_000) / 1_000_000).max(1)
    }
}

/// A comment (section 4.1): players pass it over; who reads the playlist knows why there is less.
fn put_left_out(text: &mut String, from: WallTime) {
    line(
        text,
        format_args!(
            "## From {from} on the camera sent what HLS does not carry (MJPEG, or sound of G.711 \
             alone): clip.mp4 has it"
        ),
    );
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
