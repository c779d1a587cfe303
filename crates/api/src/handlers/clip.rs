//! `clip.mp4`: any range as one file, whole or in parts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base::{StreamId, WallTime};
use catalog::{Settled, UnreadSegment};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use playback::{ClipPlan, ClipRequest};

use super::cameras::{StreamNames, find_stream};
use crate::app::App;
use crate::content::{Content, whole_or_parts};
use crate::instant::Instant;
use crate::problem::{Problem, no_footage};
use crate::query::{Query, in_order};
use crate::render::Footage;

/// `GET …/clip.mp4`
pub(crate) async fn clip(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let from = query.instant("from")?;
    let from = from.ok_or_else(|| Problem::bad("from", "it is missing: where does it begin?"))?;
    let to = query.instant("to")?;
    let stream = find_stream(&app, &names)?.id;
    let planned = app.reading(move |app| plan(app, stream, from, to)).await?;
    let plan = match planned {
        Planned::Elsewhere(from, to) => return Ok(redirect(from, Some(to))),
        Planned::Clip(plan) => plan,
    };
    let name = file_name(&names, plan.shown().from);
    let mut answer = whole_or_parts(&app, &method, &headers, "video/mp4", &Content::Made(plan))?;
    // It is made of plain letters.
    if let Ok(name) = HeaderValue::try_from(format!("inline; filename=\"{name}\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

enum Planned {
    Clip(Arc<ClipPlan>),
    /// The range that is meant, which never changes.
    Elsewhere(WallTime, WallTime),
}

/// Plans the clip if both ends stand for ever; else says which do.
fn plan(
    app: &App,
    stream: StreamId,
    from: Instant,
    to: Option<Instant>,
) -> Result<Planned, Problem> {
    let now = app.clock().wall();
    let start = from.at(now);
    let end = to.map_or(WallTime::MAX, |to| to.at(now));
    in_order(start, end)?;
    let capped = durable_end(app, stream, start, to.is_some().then_some(end))?;
    let is_final = matches!((from, to), (Instant::Absolute(_), Some(Instant::Absolute(_))));
    if !is_final || capped < end {
        return Ok(Planned::Elsewhere(start, capped));
    }
    let plan = ClipPlan::new(&**app.source(), ClipRequest { stream, from: start, to: end })?;
    Ok(Planned::Clip(Arc::new(plan)))
}

/// Where what stands for ever of a range ends: at its own end, or before. An error where that is
/// nothing.
pub(crate) fn durable_end(
    app: &App,
    stream: StreamId,
    start: WallTime,
    to: Option<WallTime>,
) -> Result<WallTime, Problem> {
    let end = to.unwrap_or(WallTime::MAX);
    let durable_until = match app.catalog().settled(stream, start, end)? {
        Settled::Until(until) => until,
        Settled::NotYet => return Err(Problem::StillReading),
        Settled::Away(segment) => return Err(away(&segment)),
    };
    let capped = durable_until.map(|durable| end.min(durable));
    if let Some(capped) = capped.filter(|capped| *capped > start) {
        return Ok(capped);
    }
    let recorded = Footage::of(app, stream)?.recorded;
    let asked = match to {
        Some(_) => format!("no footage from {start} to {end}"),
        None => format!("no footage from {start} on"),
    };
    Err(Problem::NoFootage(no_footage(&asked, recorded), recorded))
}

/// Footage of the range is known to be on a volume that is not there.
fn away(segment: &UnreadSegment) -> Problem {
    let (id, volume) = (segment.id, segment.volume);
    let words = format!("cannot read segment {id}: volume {volume} is missing: mount its disk");
    Problem::Unavailable(words)
}

/// To the same path with absolute ends; relative, so that it holds behind every proxy.
pub(crate) fn redirect(from: WallTime, to: Option<WallTime>) -> Response {
    let to = to.map_or_else(String::new, |to| format!("&to={to}"));
    let location = format!("?from={from}{to}");
    let headers =
        [(header::LOCATION, location.as_str()), (header::CACHE_CONTROL, "private, no-store")];
    (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
}

/// What a browser saves it as: `front-door_main_2026-11-22T20-15-00Z.mp4`.
fn file_name(names: &StreamNames, from: WallTime) -> String {
    let second = WallTime::from_micros(from.as_micros().div_euclid(1_000_000) * 1_000_000);
    let at = second.to_string().replace(".000000", "").replace(':', "-");
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
    };
    format!("{}_{}_{at}.mp4", plain(&names.camera), plain(&names.stream))
}
