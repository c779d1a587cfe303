//! Times as people write them on the command line.

use anyhow::{Context, Result, bail};
use base::WallTime;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads RFC 3339, Unix milliseconds, a time relative to `now` (`-90s`, `-2h`, `now`), or a local
/// date and time in `zone` (`2026-11-22 20:15`).
pub fn parse(text: &str, now: WallTime, zone: &TimeZone) -> Result<WallTime> {
    let text = text.trim();
    if text == "now" {
        return Ok(now);
    }
    if let Ok(at) = text.parse::<WallTime>() {
        return Ok(at);
    }
    if let Some(rest) = text.strip_prefix('-')
        && let Some(seconds) = relative(rest)
    {
        return Ok(now.plus_micros(-seconds * 1_000_000));
    }
    if let Ok(millis) = text.parse::<i64>()
        && millis > 0
    {
        return Ok(WallTime::from_micros(millis.saturating_mul(1000)));
    }
    let Ok(local) = text.parse::<DateTime>() else {
        bail!("{text:?} is no time; write 2026-11-22T20:15:00Z, -90s, -2h or \"2026-11-22 20:15\"");
    };
    let at = zone.to_timestamp(local).with_context(|| format!("{text:?} does not exist"))?;
    Ok(wall(at))
}

/// What `at` is on our wall clock.
fn wall(at: Timestamp) -> WallTime {
    WallTime::from_micros(at.as_microsecond())
}

/// Seconds of `90s`, `15m`, `2h`, `3d`.
fn relative(text: &str) -> Option<i64> {
    let split = text.len().checked_sub(1)?;
    if !text.is_char_boundary(split) {
        return None;
    }
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok().map(|number| i64::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood_and_nonsense_is_refused_in_words() {
        let now: WallTime = "2026-11-22T20:15:00Z".parse().expect("is a time");
        let zone = TimeZone::get("Europe/Berlin").expect("is known");
        let read = |text| parse(text, now, &zone).map(|at| at.to_string());
        for (text, expected) in [
            ("2026-11-22T21:15:00+01:00", "2026-11-22T20:15:00.000000Z"),
            ("-90s", "2026-11-22T20:13:30.000000Z"),
            ("-2h", "2026-11-22T18:15:00.000000Z"),
            ("2026-11-22 20:15", "2026-11-22T19:15:00.000000Z"),
            ("1795378500000", "2026-11-22T20:15:00.000000Z"),
            ("now", "2026-11-22T20:15:00.000000Z"),
        ] {
            assert_eq!(read(text).expect("is understood"), expected, "{text}");
        }
        for text in ["yesterday", "-2x", "-ß", "", "2026-13-01 10:00"] {
            assert!(read(text).expect_err("is nonsense").to_string().contains("is no time"));
        }
    }
}
