//! Times as people and programs write them in an address.

use base::WallTime;

/// A time in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instant {
    /// The same whenever it is asked for.
    Absolute(WallTime),
    /// Before now: `-90s`, `-2h`, `now`; in microseconds.
    Ago(i64),
}

impl Instant {
    /// The instant it means when it is asked for at `now`.
    pub fn at(self, now: WallTime) -> WallTime {
        match self {
            Self::Absolute(at) => at,
            Self::Ago(micros) => now.plus_micros(-micros),
        }
    }
}

/// What is not understood, and what would be.
pub const EXPECTED: &str = "expected RFC 3339 such as 2026-11-22T20:15:00Z, Unix milliseconds, \
                            `now`, or a time ago such as -90s or -2h";

/// Reads RFC 3339 (also with its `+` arrived as a space), Unix milliseconds, or a time ago.
pub fn parse(text: &str) -> Option<Instant> {
    if text == "now" {
        return Some(Instant::Ago(0));
    }
    if let Some(span) = text.strip_prefix('-') {
        return Some(Instant::Ago(micros(span)?));
    }
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let at = match all_digits {
        true => WallTime::from_micros(text.parse::<i64>().ok()?.checked_mul(1000)?),
        false => rfc3339(text)?,
    };
    (WallTime::EPOCH..=WallTime::MAX).contains(&at).then_some(Instant::Absolute(at))
}

fn rfc3339(text: &str) -> Option<WallTime> {
    // In a query a `+` stands for a space; only an offset has one near the end.
    let restored = match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains(['T', 't', ':']) => format!("{time}+{offset}"),
        _ => text.to_owned(),
    };
    let has_time = restored.len() > 10 && restored.is_char_boundary(10);
    if !has_time { None } else { restored.parse().ok() }
}

/// Reads a length of time (`1500ms`, `90s`, `1h30m`, `2d`), in microseconds.
pub fn micros(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let unit: i64 = match unit {
            "ms" => 1000,
            "s" => 1_000_000,
            "m" | "min" => 60_000_000,
            "h" => 3_600_000_000,
            "d" => 86_400_000_000,
            "w" => 604_800_000_000,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER_PAST: Instant = Instant::Absolute(WallTime::from_micros(1_795_378_500_000_000));

    #[test]
    fn times_are_understood_as_they_are_written() {
        for text in [
            "2026-11-22T20:15:00Z",
            "2026-11-22T21:15:00+01:00",
            "2026-11-22T21:15:00 01:00",
            "2026-11-22T20:15:00.000000Z",
            "1795378500000",
        ] {
            assert_eq!(parse(text), Some(QUARTER_PAST), "{text}");
        }
        assert_eq!(parse("-90s"), Some(Instant::Ago(90_000_000)));
        assert_eq!(parse("-1h30m"), Some(Instant::Ago(5_400_000_000)));
        assert_eq!(parse("now"), Some(Instant::Ago(0)));
    }

    #[test]
    fn nonsense_is_not_a_time() {
        for text in [
            "",
            " ",
            "yesterday",
            "2026-11-22",
            "2026-13-22T20:15:00Z",
            "1e9",
            "-",
            "-90",
            "-s",
            "+90s",
            "99999999999999999999",
            "9999999999999999",
            "0x10",
            "-99999999999999999d",
            "2026-11-22T20:15:00",
            "NaN",
            "1.5",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,40}") {
            let _ = (parse(&text), micros(&text));
        }
    }
}
