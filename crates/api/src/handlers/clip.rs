//! `clip.mp4`: any range as one file, whole or in parts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base::WallTime;
use catalog::{Settled, UnreadSegment};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use playback::{ClipPlan, ClipRequest, ClipStream};

use super::cameras::{StreamNames, find_camera, find_stream};
use super::clip_body::render;
use crate::app::App;
use crate::instant::Instant;
use crate::problem::{Problem, no_footage};
use crate::query::{Query, in_order};
use crate::ranges::decide;
use crate::render::Footage;

/// `GET …/clip.mp4`
pub(crate) async fn clip(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::read(&query)?;
    let stream = named(&app, &names)?;
    let planned = app.reading(move |app| plan(app, stream, asked)).await?;
    let plan = match planned {
        Planned::Elsewhere(from, to) => return Ok(redirect(from, to, &query)),
        Planned::Clip(plan) => plan,
    };
    let answer = decide(&method, &headers, plan.len(), plan.etag());
    let mut answer = render(&app, &plan, answer)?;
    let name = file_name(&names, plan.shown().from);
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
        // All of them are made of plain letters here.
        HeaderValue::try_from(value).map(|value| headers.insert(name, value)).ok();
    };
    let headers = answer.headers_mut();
    set(headers, header::ETAG, plan.etag());
    set(headers, header::CONTENT_DISPOSITION, &format!("inline; filename=\"{name}\""));
    // Asked again each time, so that who may no longer see it does not.
    set(headers, header::CACHE_CONTROL, "private, no-cache");
    Ok(answer)
}

/// What a query asks of a clip, beside its streams.
#[derive(Clone, Copy)]
struct Asked {
    from: Instant,
    to: Option<Instant>,
    timestamps: bool,
}

impl Asked {
    fn read(query: &Query) -> Result<Self, Problem> {
        let from = query.instant("from")?;
        let missing = || Problem::bad("from", "it is missing: where does it begin?");
        Ok(Self {
            from: from.ok_or_else(missing)?,
            to: query.instant("to")?,
            timestamps: query.parsed("timestamps", "true or false")?.unwrap_or(false),
        })
    }
}

/// A stream by its names, with what people call it.
fn named(app: &App, names: &StreamNames) -> Result<ClipStream, Problem> {
    let id = find_stream(app, names)?.id;
    let camera = find_camera(app, &names.camera)?.name;
    Ok(ClipStream { id, name: format!("{camera} {}", names.stream) })
}

enum Planned {
    Clip(Arc<ClipPlan>),
    /// The range that is meant, which never changes.
    Elsewhere(WallTime, WallTime),
}

/// Plans the clip if both ends stand for ever; else says which do.
fn plan(app: &App, stream: ClipStream, asked: Asked) -> Result<Planned, Problem> {
    let Asked { from, to, timestamps } = asked;
    let now = app.clock().wall();
    let start = from.at(now);
    let end = to.map_or(WallTime::MAX, |to| to.at(now));
    in_order(start, end)?;
    let durable_until = match app.catalog().settled(stream.id, start, end)? {
        Settled::Until(until) => until,
        Settled::NotYet => return Err(Problem::StillReading),
        Settled::Away(segment) => return Err(away(&segment)),
    };
    let capped = durable_until.map_or(end, |durable| end.min(durable));
    if durable_until.is_none() || capped <= start {
        let recorded = Footage::of(app, stream.id)?.recorded;
        let asked = match to {
            Some(_) => format!("no footage from {start} to {end}"),
            None => format!("no footage from {start} on"),
        };
        return Err(Problem::NoFootage(no_footage(&asked, recorded), recorded));
    }
    let is_final = matches!((from, to), (Instant::Absolute(_), Some(Instant::Absolute(_))));
    if !is_final || capped < end {
        return Ok(Planned::Elsewhere(start, capped));
    }
    let (streams, zone) = (vec![stream], app.catalog().time_zone());
    let request = ClipRequest { streams, from: start, to: end, zone, timestamps };
    let plan = ClipPlan::new(&**app.source(), request)?;
    Ok(Planned::Clip(Arc::new(plan)))
}

/// Footage of the range is known to be on a volume that is not there.
fn away(segment: &UnreadSegment) -> Problem {
    let (id, volume) = (segment.id, segment.volume);
    let words = format!("cannot read segment {id}: volume {volume} is missing: mount its disk");
    Problem::Unavailable(words)
}

/// To the same path with both ends absolute, and everything else as it was asked; relative, so that
/// it holds behind every proxy.
fn redirect(from: WallTime, to: WallTime, query: &Query) -> Response {
    let rest = query.but(&["from", "to"]);
    let location = format!("?from={from}&to={to}{rest}");
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
