//! `clip.mp4`: any range as one file, whole or in parts.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base::{StreamId, WallTime};
use catalog::{Settled, UnreadSegment};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use playback::{ClipPlan, ClipReader, ClipRequest};

use super::cameras::{StreamNames, find_stream};
use crate::app::App;
use crate::body::{ClipBody, Piece};
use crate::instant::Instant;
use crate::problem::{Problem, no_footage};
use crate::query::{Query, in_order};
use crate::ranges::{Answer, decide};
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
        Planned::Elsewhere(from, to) => return Ok(redirect(from, to)),
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
    let durable_until = match app.catalog().settled(stream, start, end)? {
        Settled::Until(until) => until,
        Settled::NotYet => return Err(Problem::StillReading),
        Settled::Away(segment) => return Err(away(&segment)),
    };
    let capped = durable_until.map_or(end, |durable| end.min(durable));
    if durable_until.is_none() || capped <= start {
        let recorded = Footage::of(app, stream)?.recorded;
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
    let plan = ClipPlan::new(&**app.source(), ClipRequest { stream, from: start, to: end })?;
    Ok(Planned::Clip(Arc::new(plan)))
}

/// Footage of the range is known to be on a volume that is not there.
fn away(segment: &UnreadSegment) -> Problem {
    let (id, volume) = (segment.id, segment.volume);
    let words = format!("cannot read segment {id}: volume {volume} is missing: mount its disk");
    Problem::Unavailable(words)
}

/// To the same path with both ends absolute; relative, so that it holds behind every proxy.
fn redirect(from: WallTime, to: WallTime) -> Response {
    let location = format!("?from={from}&to={to}");
    let headers =
        [(header::LOCATION, location.as_str()), (header::CACHE_CONTROL, "private, no-store")];
    (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
}

fn render(app: &App, plan: &Arc<ClipPlan>, answer: Answer) -> Result<Response, Problem> {
    const VIDEO: &str = "video/mp4";
    let len = plan.len();
    let read = |range| Piece::Clip(ClipReader::new(plan.clone(), app.source().clone(), range));
    let body = |pieces: Vec<Piece>| ClipBody::new(pieces, app.reads().clone());
    let accept = (header::ACCEPT_RANGES, "bytes".to_owned());
    let of_type = |media: String| (header::CONTENT_TYPE, media);
    Ok(match answer {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::Unsatisfiable => return Err(Problem::RangeNotSatisfiable(len)),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole => {
            let headers = vec![accept, of_type(VIDEO.into())];
            with_body(StatusCode::OK, headers, body([read(0..len)].into()))
        }
        Answer::Parts(parts) if parts.len() == 1 => {
            let part = parts.into_iter().next().unwrap_or(0..0);
            let range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            let headers = vec![accept, of_type(VIDEO.into()), (header::CONTENT_RANGE, range)];
            with_body(StatusCode::PARTIAL_CONTENT, headers, body([read(part)].into()))
        }
        Answer::Parts(parts) => {
            let boundary = boundary(app);
            let mut pieces = Vec::new();
            for part in parts {
                let (first, last) = (part.start, part.end - 1);
                let head = format!(
                    "\r\n--{boundary}\r\nContent-Type: {VIDEO}\r\n\
                     Content-Range: bytes {first}-{last}/{len}\r\n\r\n"
                );
                pieces.extend([Piece::Bytes(head.into()), read(part)]);
            }
            pieces.push(Piece::Bytes(format!("\r\n--{boundary}--\r\n").into()));
            let media = format!("multipart/byteranges; boundary={boundary}");
            let headers = vec![accept, of_type(media)];
            with_body(StatusCode::PARTIAL_CONTENT, headers, body(pieces))
        }
    })
}

fn with_body(status: StatusCode, headers: Vec<(HeaderName, String)>, body: ClipBody) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    for (name, value) in headers {
        HeaderValue::try_from(value).map(|value| answer.headers_mut().insert(name, value)).ok();
    }
    answer.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    *answer.body_mut() = Body::new(body);
    answer
}

/// What separates the parts: it must not occur in them, so nobody can know it beforehand.
fn boundary(app: &App) -> String {
    let random = app.entropy().id_bytes();
    random.iter().fold("holdfast".to_owned(), |text, byte| format!("{text}{byte:02x}"))
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
