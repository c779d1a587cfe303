//! Reads live playlists as a player does, and says what the draft does not allow in them.

use std::collections::HashMap;

/// A playlist as it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    pub target_s: i64,
    pub part_target: i64,
    pub first: u64,
    pub segments: Vec<JudgedSegment>,
    /// The last one, where it has parts and is not whole.
    pub open: Option<JudgedSegment>,
    pub hint: String,
    /// Address, and the newest media segment and part there.
    pub reports: Vec<(String, u64, u64)>,
    /// Parts that are longer than promised, or have less than 85 % of that and are not the last of
    /// their media segment.
    pub odd: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JudgedSegment {
    pub number: u64,
    /// Number of the span without a break that it lies in.
    pub span: u64,
    pub map: String,
    pub date: String,
    /// Length in microseconds, address, whether decoding can start there.
    pub parts: Vec<(i64, String, bool)>,
    /// Length in microseconds; 0 while it is not whole.
    pub length: i64,
    pub address: String,
}

fn attributes(text: &str) -> HashMap<&str, &str> {
    let pairs = text.split(',').map(|pair| pair.split_once('=').expect("a name and a value"));
    pairs.map(|(name, value)| (name, value.trim_matches('"'))).collect()
}

fn micros(text: &str) -> i64 {
    let seconds: f64 = text.parse().expect("a number of seconds");
    (seconds * 1e6).round() as i64
}

/// Address, newest media segment and part of another stream.
fn report(value: &str) -> (String, u64, u64) {
    let report = attributes(value);
    let address = report["URI"];
    // Section 4.4.5.4: relative to this playlist.
    assert!(!address.contains("://") && !address.starts_with('/'), "{address}");
    let number = |name: &str| report[name].parse().expect("a number");
    (address.to_owned(), number("LAST-MSN"), number("LAST-PART"))
}

/// Reads a playlist. Panics over what section 4 of the draft does not allow.
pub(crate) fn read(text: &str) -> Judged {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("#EXTM3U"), "{text}");
    let (mut all, mut now) = (Judged::default(), JudgedSegment::default());
    let mut breaks = None;
    for line in lines {
        let (tag, value) = line.split_once(':').unwrap_or((line, ""));
        let is_report = tag == "#EXT-X-RENDITION-REPORT";
        assert!(all.hint.is_empty() || is_report, "only reports come after the hint: {text}");
        assert!(all.reports.is_empty() || is_report, "reports come last: {text}");
        match tag {
            "#EXT-X-VERSION" => assert!(value.parse::<u32>().expect("a number") >= 6),
            "#EXT-X-TARGETDURATION" => all.target_s = value.parse().expect("a number"),
            "#EXT-X-SERVER-CONTROL" => {
                let control = attributes(value);
                assert_eq!(control["CAN-BLOCK-RELOAD"], "YES");
                assert!(micros(control["HOLD-BACK"]) >= 3_000_000 * all.target_s);
                all.part_target = micros(control["PART-HOLD-BACK"]);
            }
            "#EXT-X-PART-INF" => {
                let (held, target) = (all.part_target, micros(attributes(value)["PART-TARGET"]));
                assert!(held >= 3 * target, "{text}");
                all.part_target = target;
            }
            "#EXT-X-MEDIA-SEQUENCE" => {
                all.first = value.parse().expect("a number");
                now.number = all.first;
            }
            "#EXT-X-DISCONTINUITY-SEQUENCE" => {
                now.span = value.parse().expect("a number");
                breaks = Some(now.span);
            }
            "#EXT-X-DISCONTINUITY" => {
                now.span += 1;
                now.map.clear();
            }
            "#EXT-X-MAP" => now.map = attributes(value)["URI"].to_owned(),
            "#EXT-X-PROGRAM-DATE-TIME" => now.date = value.to_owned(),
            "#EXT-X-PART" => {
                let part = attributes(value);
                let independent = part.get("INDEPENDENT") == Some(&"YES");
                now.parts.push((micros(part["DURATION"]), part["URI"].to_owned(), independent));
            }
            "#EXTINF" => now.length = micros(value.trim_end_matches(',')),
            "#EXT-X-PRELOAD-HINT" => {
                let hint = attributes(value);
                assert_eq!(hint["TYPE"], "PART");
                all.hint = hint["URI"].to_owned();
            }
            "#EXT-X-RENDITION-REPORT" => {
                all.reports.push(report(value));
            }
            address if !address.starts_with('#') => {
                now.address = address.to_owned();
                let (number, span, map) = (now.number + 1, now.span, now.map.clone());
                all.segments.push(now);
                now = JudgedSegment { number, span, map, ..JudgedSegment::default() };
            }
            other => panic!("{other} is unknown: {text}"),
        }
    }
    assert!(breaks.is_some(), "{text}");
    all.open = Some(now).filter(|now| !now.parts.is_empty());
    all.check(text);
    all
}

impl Judged {
    fn check(&mut self, text: &str) {
        let all: Vec<_> = self.segments.iter().chain(&self.open).cloned().collect();
        for segment in all {
            assert!(!segment.map.is_empty() && !segment.date.is_empty(), "{segment:?} of {text}");
            let seconds = (segment.length + 500_000) / 1_000_000;
            assert!(seconds <= self.target_s, "{segment:?} of {text}");
            for (place, (length, ..)) in segment.parts.iter().enumerate() {
                assert!(*length > 0, "{segment:?} of {text}");
                let is_last = place + 1 == segment.parts.len() && segment.length > 0;
                let is_short = !is_last && length * 100 < self.part_target * 85;
                self.odd += usize::from(is_short || *length > self.part_target);
            }
        }
        assert!(self.segments.iter().all(|segment| segment.length > 0), "{text}");
    }

    /// Length of all that is whole, in microseconds.
    pub fn length(&self) -> i64 {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    /// Panics where `later` is not what this playlist may become (section 6.2).
    pub fn becomes(&self, later: &Self) {
        assert_eq!((self.target_s, self.part_target), (later.target_s, later.part_target));
        assert!(later.first >= self.first, "{} before {}", later.first, self.first);
        let all = |of: &Self| of.segments.iter().chain(&of.open).cloned().collect::<Vec<_>>();
        for (old, new) in all(self)
            .iter()
            .flat_map(|old| all(later).into_iter().map(move |new| (old.clone(), new)))
        {
            if old.number != new.number {
                continue;
            }
            assert_eq!((old.span, &old.map, &old.date), (new.span, &new.map, &new.date));
            assert!(old.length == 0 || (old.length, &old.address) == (new.length, &new.address));
            // Parts may be left out together once they are old.
            assert!(new.parts.is_empty() || new.parts.starts_with(&old.parts), "{old:?} {new:?}");
        }
        if later.first > self.first {
            assert!(later.length() >= 3_000_000 * self.target_s, "{later:?}");
        }
    }
}
