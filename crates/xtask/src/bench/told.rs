//! Measurements whose results are of many kinds: each is told field by field, with what it was
//! before.

use anyhow::Result;
use serde_json::Value;

use super::disk::why_not;
use super::page::{IDENTITY, Page};
use super::{Arguments, Part, is_installed};
use crate::run::root;

const HEAD: [&str; 2] = ["what", "measured (before)"];
/// What an archive of a year is asked for, one after the other.
const ARCHIVE: [&[&str]; 7] = [
    &["make", "--cache", "--files"],
    &["ask"],
    &["clip"],
    &["writes"],
    &["start"],
    &["remove"],
    &["growth"],
];

/// Measures a part, and tells it on the page; what was printed.
pub(super) fn measure(
    part: Part,
    arguments: &Arguments,
    before: &[Value],
    page: &mut Page,
) -> Result<String> {
    let no_nginx = || (!is_installed("nginx")).then(|| "nginx is not installed".to_owned());
    let (asks, hindrance, below): (&[&[&str]], _, _) = match part {
        Part::Serving => (&[&["serve"]], no_nginx(), "bench-serving"),
        Part::Scrubbing => (&[&["scrub"]], why_not("ext4", "none"), "bench-scrubbing"),
        _ => (&ARCHIVE, None, "bench-archive"),
    };
    if let Some(why) = hindrance {
        println!("LEFT OUT: {}: {why}", asks.concat().join(" "));
        return Ok(String::new());
    }
    let dir = arguments.dir.join(below);
    let here = root().join(&dir);
    // What an earlier measurement left is of no use. Its name is one that nobody keeps footage in.
    let _ = std::fs::remove_dir_all(&here);
    let mut lines = String::new();
    page.head(&HEAD);
    for options in asks {
        println!("\n── {}", options.join(" "));
        lines += &page.measure(arguments, &dir, before, options, told)?;
    }
    let _ = std::fs::remove_dir_all(&here);
    Ok(lines)
}

fn told(result: &Value, before: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (mut name, mut fields) = (text(&result["what"]), Vec::new());
    for (field, value) in result.as_object().into_iter().flatten() {
        match field.as_str() {
            "what" | "date" | "machine" => {}
            own if IDENTITY.contains(&own) => name += &format!(", {own} {}", text(value)),
            own if before[own].is_null() => fields.push(format!("{own} {}", text(value))),
            own => fields.push(format!("{own} {} ({})", text(value), text(&before[own]))),
        }
    }
    format!("| {name} | {} |", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_before_is_of_the_same_measurement() {
        let of = |days: u64, ms: f64| json!({"what": "growth", "days": days, "calendar_ms": ms});
        let kept = [of(1, 0.02), of(3660, 4.7)];
        let now = of(1, 0.03);
        let line = told(&now, crate::bench::page::earlier(&kept, &now));
        assert_eq!(line, "| growth, days 1 | calendar_ms 0.03 (0.02) |");
    }

    #[test]
    fn a_result_is_told_with_what_it_was() {
        let before = json!({"what": "start of a clip", "hours": 24, "moov_ms": 80.5});
        let now = json!({
            "what": "start of a clip", "hours": 24, "machine": "quiet", "date": "2026-11-30",
            "moov_ms": 73.9, "first_byte_ms": 0.5,
        });
        assert_eq!(
            told(&now, &before),
            "| start of a clip, hours 24 | first_byte_ms 0.5, moov_ms 73.9 (80.5) |",
        );
    }
}
