//! Which ranges of footage stand for ever: only those have an entity tag, and all others lead
//! there.

use axum::response::{IntoResponse, Response};
use base::{StreamId, WallTime};
use catalog::{Settled, UnreadSegment};
use http::{StatusCode, header};

use crate::app::App;
use crate::instant::Instant;
use crate::problem::{Problem, no_footage};
use crate::query::in_order;
use crate::render::Footage;

/// What is not durable so long after it happened will not come.
pub(crate) const LATE_MICROS: i64 = 60_000_000;

/// What an asked range comes to.
pub(crate) enum Range<T> {
    /// It stands for ever.
    Final(T),
    /// The range that is meant, which does.
    Elsewhere(WallTime, WallTime),
}

impl Range<(WallTime, WallTime)> {
    /// What is made of a range that stands for ever.
    pub fn when_final<T>(
        self,
        make: impl FnOnce(WallTime, WallTime) -> Result<T, Problem>,
    ) -> Result<Range<T>, Problem> {
        match self {
            Self::Final((from, to)) => make(from, to).map(Range::Final),
            Self::Elsewhere(from, to) => Ok(Range::Elsewhere(from, to)),
        }
    }
}

/// Whether both ends of a range stand for ever; else which do. Without `to` it ends with what is
/// durable. Reads the catalog: may block.
pub(crate) fn settled(
    app: &App,
    stream: StreamId,
    from: Instant,
    to: Option<Instant>,
) -> Result<Range<(WallTime, WallTime)>, Problem> {
    let now = app.clock().wall();
    let start = from.at(now);
    let end = to.map_or(WallTime::MAX, |to| to.at(now));
    in_order(start, end)?;
    let capped = durable_end(app, stream, start, to.is_some().then_some(end))?;
    let is_final = matches!((from, to), (Instant::Absolute(_), Some(Instant::Absolute(_))));
    if !is_final || capped < end {
        return Ok(Range::Elsewhere(start, capped));
    }
    Ok(Range::Final((start, end)))
}

/// Where what stands for ever of a range ends: at its own end, or before. An error where that is
/// nothing. Reads the catalog: may block.
pub(crate) fn durable_end(
    app: &App,
    stream: StreamId,
    start: WallTime,
    to: Option<WallTime>,
) -> Result<WallTime, Problem> {
    let end = to.unwrap_or(WallTime::MAX);
    let capped = durable_until(app, stream, start, end)?.map(|durable| end.min(durable));
    if let Some(capped) = capped.filter(|capped| *capped > start) {
        return Ok(capped);
    }
    Err(none_of(start, to, Footage::of(app, stream)?.recorded))
}

/// That nothing is recorded of a range; and what is.
pub(crate) fn none_of(
    start: WallTime,
    to: Option<WallTime>,
    recorded: Option<(WallTime, WallTime)>,
) -> Problem {
    let asked = match to {
        Some(end) => format!("no footage from {start} to {end}"),
        None => format!("no footage from {start} on"),
    };
    Problem::NoFootage(no_footage(&asked, recorded), recorded)
}

/// What of [from, to) lies before this stands for ever; `None` without footage of the stream.
pub(crate) fn durable_until(
    app: &App,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<Option<WallTime>, Problem> {
    match app.catalog().settled(stream, from, to)? {
        Settled::Until(until) => Ok(until),
        Settled::NotYet => Err(Problem::StillReading),
        Settled::Away(segment) => Err(away(&segment)),
    }
}

/// Footage of the range is known to be on a volume that is not there.
fn away(segment: &UnreadSegment) -> Problem {
    let (id, volume) = (segment.id, segment.volume);
    let words = format!("cannot read segment {id}: volume {volume} is missing: mount its disk");
    Problem::Unavailable(words)
}

/// To the same path with absolute ends, and `more` parameters as they were.
pub(crate) fn elsewhere(from: WallTime, to: Option<WallTime>, more: &[(&str, &str)]) -> Response {
    let to = to.map_or_else(String::new, |to| format!("&to={to}"));
    let mut location = format!("?from={from}{to}");
    append(&mut location, more);
    redirect(&location)
}

/// Appends parameters to an address.
pub(crate) fn append(location: &mut String, params: &[(&str, &str)]) {
    for (name, value) in params {
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        location.push_str(&format!("&{name}={value}"));
    }
}

/// Relative, so that it holds behind every proxy.
pub(crate) fn redirect(location: &str) -> Response {
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, "private, no-store")];
    (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
}
