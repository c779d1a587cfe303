//! Conditional and range requests (RFC 9110 sections 13 and 14) over one strong entity tag: pure.

use std::ops::Range;

use base::limits;
use http::{HeaderMap, Method, header};

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 with everything.
    Whole,
    /// 206 with these parts: in order asked for, not empty, inside the file, never overlapping.
    Parts(Vec<Range<u64>>),
    /// 304: the client has it.
    NotModified,
    /// 412: the client wants another version.
    PreconditionFailed,
    /// 416: no part asked for is inside.
    Unsatisfiable,
}

/// Decides over a file of `len` bytes whose strong entity tag is `etag` (with quotes).
pub fn decide(method: &Method, headers: &HeaderMap, len: u64, etag: &str) -> Answer {
    if let Some(wanted) = list(headers, header::IF_MATCH)
        && !names(&wanted, etag, false)
    {
        return Answer::PreconditionFailed;
    }
    if let Some(held) = list(headers, header::IF_NONE_MATCH)
        && names(&held, etag, true)
    {
        return Answer::NotModified;
    }
    // A Range says something about GET only (section 14.2).
    let range = headers.get(header::RANGE).filter(|_| *method == Method::GET);
    let Some(range) = range.and_then(|range| range.to_str().ok()) else { return Answer::Whole };
    if let Some(held) = headers.get(header::IF_RANGE)
        && held.as_bytes() != etag.as_bytes()
    {
        return Answer::Whole;
    }
    match parse(range, len) {
        None => Answer::Whole,
        Some(parts) if parts.is_empty() => Answer::Unsatisfiable,
        Some(parts) => Answer::Parts(parts),
    }
}

/// The values of a header that is a list, if it is there at all.
fn list(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Whether a list of entity tags has `etag`, or is `*`. Our tags have no comma inside.
fn names(list: &str, etag: &str, weak: bool) -> bool {
    list.split(',').map(str::trim).any(|tag| {
        let tag = if weak { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        tag == "*" || tag == etag
    })
}

/// The satisfiable parts of a `Range` header; `None` for one that is to be ignored: another unit,
/// bad syntax, or more parts than are served.
fn parse(text: &str, len: u64) -> Option<Vec<Range<u64>>> {
    let (unit, set) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut parts = Vec::new();
    let mut count = 0;
    for spec in set.split(',').map(str::trim).filter(|spec| !spec.is_empty()) {
        count += 1;
        if count > limits::HTTP_RANGES_MAX {
            return None;
        }
        let part = one(spec, len)?;
        if part.start < part.end {
            join(&mut parts, part);
        }
    }
    (count > 0).then_some(parts)
}

/// One `first-last`, `first-` or `-suffix`; empty when it is outside.
fn one(spec: &str, len: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    match (number(first)?, number(last)?) {
        (None, None) => None,
        (None, Some(suffix)) => Some(len.saturating_sub(suffix)..len),
        (Some(first), None) => Some(first.min(len)..len),
        (Some(first), Some(last)) if first <= last => {
            Some(first.min(len)..last.saturating_add(1).min(len))
        }
        (Some(_), Some(_)) => None,
    }
}

/// `Some(None)` for nothing, `None` for what is no number.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A number that does not fit is beyond every file.
    Some(Some(text.parse().unwrap_or(u64::MAX)))
}

/// Adds `part`; parts that overlap or touch become one, at the place of the first of them.
fn join(parts: &mut Vec<Range<u64>>, mut part: Range<u64>) {
    let mut at = None;
    let mut index = 0;
    parts.retain(|other| {
        let meets = other.start <= part.end && part.start <= other.end;
        if meets {
            part = other.start.min(part.start)..other.end.max(part.end);
            at.get_or_insert(index);
        } else {
            index += 1;
        }
        !meets
    });
    let end = parts.len();
    parts.insert(at.unwrap_or(end).min(end), part);
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const ETAG: &str = "\"tag\"";

    fn answer(headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).expect("tests use plain values"));
        }
        decide(&Method::GET, &map, 1000, ETAG)
    }

    fn range(value: &str) -> Answer {
        answer(&[(header::RANGE, value)])
    }

    #[test]
    fn ranges_are_cut_to_the_file() {
        for (text, expected) in [
            ("bytes=0-0", vec![0..1]),
            ("bytes=0-", vec![0..1000]),
            ("bytes=990-2000", vec![990..1000]),
            ("bytes=-1", vec![999..1000]),
            ("bytes=-5000", vec![0..1000]),
            ("Bytes= 1-2 , 5-6", vec![1..3, 5..7]),
            ("bytes=5-6,1-2", vec![5..7, 1..3]),
            ("bytes=0-9,5-19,20-29", vec![0..30]),
            ("bytes=0-1,998-,2000-3000", vec![0..2, 998..1000]),
            ("bytes=0-99999999999999999999999", vec![0..1000]),
        ] {
            assert_eq!(range(text), Answer::Parts(expected), "{text}");
        }
    }

    #[test]
    fn what_is_outside_is_unsatisfiable_and_what_is_nonsense_is_ignored() {
        for text in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=5000-,6000-"] {
            assert_eq!(range(text), Answer::Unsatisfiable, "{text}");
        }
        for text in ["bytes=", "bytes=-", "bytes=2-1", "bytes=a-b", "items=0-1", "0-1", "bytes=1"] {
            assert_eq!(range(text), Answer::Whole, "{text}");
        }
        let many: Vec<String> = (0..99).map(|n| format!("{}-{}", n * 10, n * 10)).collect();
        assert_eq!(range(&format!("bytes={}", many.join(","))), Answer::Whole);
    }

    #[test]
    fn conditions_come_before_ranges() {
        use header::{IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};
        let part = Answer::Parts(vec![0..1]);
        let first = (RANGE, "bytes=0-0");
        for (headers, expected) in [
            (vec![(IF_NONE_MATCH, ETAG), first.clone()], Answer::NotModified),
            (vec![(IF_NONE_MATCH, "\"other\", W/\"tag\"")], Answer::NotModified),
            (vec![(IF_NONE_MATCH, "*")], Answer::NotModified),
            (vec![(IF_NONE_MATCH, "\"other\""), first.clone()], part.clone()),
            (vec![(IF_MATCH, "\"other\"")], Answer::PreconditionFailed),
            (vec![(IF_MATCH, "W/\"tag\"")], Answer::PreconditionFailed),
            (vec![(IF_MATCH, ETAG), first.clone()], part.clone()),
            (vec![(IF_RANGE, ETAG), first.clone()], part.clone()),
            (vec![(IF_RANGE, "W/\"tag\""), first.clone()], Answer::Whole),
            (vec![(IF_RANGE, "Sun, 22 Nov 2026 20:15:00 GMT"), first], Answer::Whole),
        ] {
            assert_eq!(answer(&headers), expected, "{headers:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn parts_never_overlap_and_never_leave_the_file(
            specs in proptest::collection::vec((0u64..1200, 0u64..1200), 1..16),
        ) {
            let text: Vec<String> =
                specs.iter().map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))).collect();
            let Some(parts) = parse(&format!("bytes={}", text.join(",")), 1000) else {
                panic!("it is well-formed");
            };
            let covered = |at: u64| parts.iter().filter(|part| part.contains(&at)).count();
            for at in 0..1200 {
                let asked = specs.iter().any(|(a, b)| (*a.min(b)..=*a.max(b)).contains(&at));
                assert_eq!(covered(at), usize::from(asked && at < 1000));
            }
        }
    }
}
