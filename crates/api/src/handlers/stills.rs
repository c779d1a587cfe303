//! `still.jpg`: the picture that shows an instant.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::{StreamId, WallTime, limits};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use media::VideoParams;
use playback::{KeyFrame, KeyFrames};
use still::{Cell, DrawError, Drawn, Job};

use super::suffices::{PictureNames, STREAM, choose};
use crate::app::App;
use crate::file::mark;
use crate::instant::Instant;
use crate::operations::StreamStatus;
use crate::path::Path;
use crate::problem::{Problem, no_footage};
use crate::query::Query;
use crate::ranges::{Answer, decide};
use crate::render::Footage;
use crate::settle::{append, durable_until, redirect};
use crate::stills::Ticket;

/// The instant that is shown.
const TIME: HeaderName = HeaderName::from_static("x-holdfast-time");
/// Cells of a sheet that could not be decoded, from 0.
const MISSING: HeaderName = HeaderName::from_static("x-holdfast-missing");
/// Part of every entity tag: counts up whenever the same footage would give other bytes.
const FORMAT: u8 = 1;

/// `GET …/still.jpg`, of a stream or of a camera
pub(crate) async fn still(
    State(app): State<App>,
    Path(names): Path<PictureNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let at = query.instant("at")?;
    let at = at.ok_or_else(|| Problem::bad("at", "it is missing: which instant?"))?;
    let width = query.count("width", usize::from(u16::MAX))?;
    let planned = app.reading(move |app| plan(app, &names, at, width)).await?;
    let (chosen, stream) = match planned {
        Planned::Elsewhere(at) => {
            let mut location = format!("?at={at}");
            append(&mut location, &query.others(&["at"]));
            return Ok(redirect(&location));
        }
        Planned::Still(chosen, stream) => (chosen, stream),
    };
    let Some(frame) = chosen.frames().first().cloned() else {
        return Err(Problem::Internal("a still was planned without a picture".into()));
    };
    let size = fit(frame.params(), width.unwrap_or(usize::MAX), usize::MAX);
    let etag = tag(&chosen, &[size.0, size.1]);
    let answer = jpeg(&app, &method, &headers, &etag, chosen, move |frames| Job {
        columns: 1,
        cell: size,
        cells: cells(frames, |_| size),
    });
    let mut answer = answer.await?;
    for (name, value) in [(TIME, frame.at.to_string()), (STREAM, stream)] {
        HeaderValue::try_from(value).map(|value| answer.headers_mut().insert(name, value)).ok();
    }
    Ok(answer)
}

enum Planned {
    Still(KeyFrames, String),
    /// The instant that is meant, which never shows anything else.
    Elsewhere(WallTime),
}

fn plan(
    app: &App,
    names: &PictureNames,
    asked: Instant,
    width: Option<usize>,
) -> Result<Planned, Problem> {
    let at = asked.at(app.clock().wall());
    let oldest = at.plus_micros(-(limits::STILL_LOOK_BACK.as_micros() as i64));
    let next = at.plus_micros(1);
    let around = choose(app, names, oldest, Some(next), width);
    let stream = match around {
        Err(Problem::NoFootage(..)) => choose(app, names, at, None, width)?,
        around => around?,
    };
    let StreamStatus { id, name, .. } = stream;
    let Some(until) = durable_until(app, id, oldest, next)? else {
        return Err(nothing_at(app, id, at)?);
    };
    if !matches!(asked, Instant::Absolute(_)) || at >= until {
        return Ok(Planned::Elsewhere(at.min(until.plus_micros(-1))));
    }
    let chosen = KeyFrames::nearest(&**app.source(), id, at)?;
    let Some(frame) = chosen.frames().first() else { return Err(nothing_at(app, id, at)?) };
    if frame.at > at {
        // What was not read yet may hold an earlier one.
        durable_until(app, id, at, frame.at)?;
    }
    Ok(Planned::Still(chosen, name))
}

fn nothing_at(app: &App, stream: StreamId, at: WallTime) -> Result<Problem, Problem> {
    let recorded = Footage::of(app, stream)?.recorded;
    let asked = format!("no picture of {at} or later");
    Ok(Problem::NoFootage(no_footage(&asked, recorded), recorded))
}

/// The entity tag, with quotes, of a picture of these frames that is drawn in this way.
pub(crate) fn tag(chosen: &KeyFrames, way: &[u16]) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(b"holdfast still").update(&[FORMAT]);
    for number in way {
        hash.update(&number.to_be_bytes());
    }
    chosen.identify(&mut hash);
    format!("\"{}\"", &hash.finalize().to_hex()[..32])
}

/// Answers with the picture, unless the client has it.
pub(crate) async fn jpeg(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    etag: &str,
    chosen: KeyFrames,
    job: impl FnOnce(Vec<(KeyFrame, bytes::Bytes)>) -> Job + Send + 'static,
) -> Result<Response, Problem> {
    let mut answer = match decide(method, headers, 0, etag) {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole | Answer::Parts(_) | Answer::Unsatisfiable => {
            let bytes = chosen.frames().iter().map(|frame| u64::from(frame.size)).sum();
            let ticket = app.stills().enter(bytes)?;
            // The ticket goes along: whoever leaves meanwhile has not taken the bytes away.
            let read = app.reading(move |app| {
                let read =
                    |frame: &KeyFrame| Ok((frame.clone(), chosen.read(&**app.source(), frame)?));
                let frames = chosen.frames().iter().map(read).collect::<Result<_, Problem>>()?;
                Ok((ticket, job(frames)))
            });
            let (ticket, job) = read.await?;
            let drawn = draw(app, ticket, job).await?;
            let jpeg = HeaderValue::from_static("image/jpeg");
            let missing: Vec<String> = drawn.missing.iter().map(u16::to_string).collect();
            let mut answer = ([(header::CONTENT_TYPE, jpeg)], drawn.jpeg).into_response();
            if let (false, Ok(cells)) = (missing.is_empty(), missing.join(",").try_into()) {
                answer.headers_mut().insert(MISSING, cells);
            }
            answer
        }
    };
    mark(&mut answer, etag);
    Ok(answer)
}

/// Draws a job when its turn comes, or gives what was drawn of the same bytes before.
pub(crate) async fn draw(app: &App, ticket: Ticket, job: Job) -> Result<Drawn, Problem> {
    let stills = app.stills().clone();
    let (key, job) = app.blocking(move |_| Ok((job.key(), job))).await?;
    if let Some(known) = stills.known(&key) {
        return Ok(known);
    }
    let place = tokio::select! {
        place = stills.places().clone().acquire_owned() => place,
        () = app.shutdown().requested() => return Err(DrawError::Stopping.into()),
    };
    // Somebody may have asked for the same meanwhile.
    if let Some(known) = stills.known(&key) {
        return Ok(known);
    }
    let drawn = app.blocking(move |app| {
        let _place = (place, ticket);
        let drawn = app.stills().program().draw(&job, app.clock(), app.shutdown());
        app.stills().count(&drawn);
        let drawn = drawn?;
        // Here, for whoever asked may have left.
        app.stills().keep(key, drawn.clone());
        Ok(drawn)
    });
    drawn.await
}

/// The cells of a job, each of the size that `size` says.
pub(crate) fn cells(
    frames: Vec<(KeyFrame, bytes::Bytes)>,
    size: impl Fn(&VideoParams) -> (u16, u16),
) -> Vec<Cell> {
    let cell = |(frame, data): (KeyFrame, bytes::Bytes)| {
        let params = frame.params();
        let (codec, config, size) = (params.codec, params.config.clone(), size(params));
        Cell { codec, config, size, data }
    };
    frames.into_iter().map(cell).collect()
}

/// The size of a picture, with square pixels and no larger than it was recorded, that fits.
pub(crate) fn fit(params: &VideoParams, width: usize, height: usize) -> (u16, u16) {
    let (across, down) = params.pixel_aspect;
    let shape = f64::from(across.max(1)) / f64::from(down.max(1));
    let (own_width, own_height) = (f64::from(params.width) * shape, f64::from(params.height));
    let shrink = (width as f64 / own_width).min(height as f64 / own_height).min(1.0);
    let pixels = |own: f64| (own * shrink).round().clamp(1.0, f64::from(u16::MAX)) as u16;
    (pixels(own_width), pixels(own_height))
}
