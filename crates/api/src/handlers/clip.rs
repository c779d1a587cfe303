//! `clip.mp4`: any range as one file, whole or in parts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base::{WallTime, limits};
use catalog::{Settled, UnreadSegment};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use playback::{ClipPlan, ClipRequest, ClipStream};
use url::form_urlencoded;

use super::cameras::{StreamNames, find_camera, find_stream};
use super::clip_body::render;
use crate::app::App;
use crate::instant::Instant;
use crate::operations::{Recording, StreamState};
use crate::problem::{Problem, no_footage};
use crate::query::{Query, in_order};
use crate::ranges::decide;
use crate::render::Footage;

/// `GET /cameras/{camera}/streams/{stream}/clip.mp4`
pub(crate) async fn clip(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = vec![Wanted::named(&app, names)?];
    answer(&app, wanted, &query, &method, &headers).await
}

/// `GET /clip.mp4`
pub(crate) async fn clip_of_several(
    State(app): State<App>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = Wanted::all(&app, &query)?;
    answer(&app, wanted, &query, &method, &headers).await
}

async fn answer(
    app: &App,
    wanted: Vec<Wanted>,
    query: &Query,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::read(query)?;
    let name = file_name(&wanted);
    let names: Vec<String> = wanted.iter().map(|wanted| wanted.path()).collect();
    let planned = app.reading(move |app| plan(app, wanted, asked)).await?;
    let plan = match planned {
        Planned::Elsewhere(from, to) => return Ok(redirect(from, to, query)),
        Planned::Clip(plan) => plan,
    };
    let mut answer = render(app, &plan, decide(method, headers, plan.len(), plan.etag()))?;
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
        // All of them are made of plain letters here.
        HeaderValue::try_from(value).map(|value| headers.insert(name, value)).ok();
    };
    let headers = answer.headers_mut();
    set(headers, header::ETAG, plan.etag());
    let name = format!("{name}_{}.mp4", file_time(plan.shown().from));
    set(headers, header::CONTENT_DISPOSITION, &format!("inline; filename=\"{name}\""));
    // Asked again each time, so that who may no longer see it does not.
    set(headers, header::CACHE_CONTROL, "private, no-cache");
    let parameters = HeaderName::from_static("x-holdfast-parameters");
    set(headers, parameters, &plan.parameters().to_string());
    let without: Vec<&str> = plan.without_footage().iter().map(|at| names[*at].as_str()).collect();
    if !without.is_empty() {
        let without_footage = HeaderName::from_static("x-holdfast-without-footage");
        set(headers, without_footage, &without.join(", "));
    }
    Ok(answer)
}

/// What a query asks of a clip, beside its streams.
#[derive(Clone, Copy)]
struct Asked {
    from: Instant,
    to: Option<Instant>,
    timestamps: bool,
    squeeze: bool,
    in_band: bool,
}

impl Asked {
    fn read(query: &Query) -> Result<Self, Problem> {
        let from = query.instant("from")?;
        let missing = || Problem::bad("from", "it is missing: where does it begin?");
        Ok(Self {
            from: from.ok_or_else(missing)?,
            to: query.instant("to")?,
            timestamps: query.parsed("timestamps", "true or false")?.unwrap_or(false),
            squeeze: either(query, "gaps", ["keep", "squeeze"])?,
            in_band: either(query, "parameters", ["apart", "in-band"])?,
        })
    }
}

/// Whether a parameter has the second one of two values; the first one counts where it is missing.
fn either(query: &Query, name: &str, [usual, other]: [&str; 2]) -> Result<bool, Problem> {
    match query.get(name) {
        None => Ok(false),
        Some(value) if value == usual || value == other => Ok(value == other),
        Some(value) => {
            let detail = format!("{value:?}: expected {usual} or {other}");
            Err(Problem::bad(name, detail))
        }
    }
}

/// A stream that is to be in the clip.
struct Wanted {
    names: StreamNames,
    stream: ClipStream,
    /// Whether footage of it that is not durable yet may come to stand in the past.
    grows: bool,
}

impl Wanted {
    /// One that the caller may see; any other is as one that there is not.
    fn named(app: &App, names: StreamNames) -> Result<Self, Problem> {
        let found = find_stream(app, &names)?;
        let camera = find_camera(app, &names.camera)?.name;
        let stream = ClipStream { id: found.id, name: format!("{camera} {}", found.name) };
        let is_recorded = found.recording != Recording::Off && found.state == StreamState::Playing;
        let grows = is_recorded || found.waiting_bytes > 0;
        Ok(Self { names, stream, grows })
    }

    /// All that a query names, each once.
    fn all(app: &App, query: &Query) -> Result<Vec<Self>, Problem> {
        let mut all: Vec<Self> = Vec::new();
        for text in query.all("stream") {
            if all.len() == limits::CLIP_STREAMS_MAX {
                let most = format!("a clip has at most {} streams", limits::CLIP_STREAMS_MAX);
                return Err(Problem::bad("stream", most));
            }
            let bad = || Problem::bad("stream", format!("{text:?} is not like camera/stream"));
            let (camera, stream) = text.split_once('/').ok_or_else(bad)?;
            let names = StreamNames { camera: camera.to_owned(), stream: stream.to_owned() };
            let wanted = Self::named(app, names)?;
            if all.iter().any(|other| other.stream.id == wanted.stream.id) {
                return Err(Problem::bad("stream", format!("{text:?} is there twice")));
            }
            all.push(wanted);
        }
        if all.is_empty() {
            return Err(Problem::bad("stream", "it is missing: of which streams?"));
        }
        Ok(all)
    }

    /// `camera/stream` in letters that a header may have.
    fn path(&self) -> String {
        let plain = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let (camera, stream): (String, String) =
            (plain(&self.names.camera), plain(&self.names.stream));
        format!("{camera}/{stream}")
    }
}

enum Planned {
    Clip(Arc<ClipPlan>),
    /// The range that is meant, which never changes.
    Elsewhere(WallTime, WallTime),
}

/// Plans the clip if both ends stand for ever; else says which do.
fn plan(app: &App, wanted: Vec<Wanted>, asked: Asked) -> Result<Planned, Problem> {
    let Asked { from, to, timestamps, squeeze, in_band } = asked;
    let now = app.clock().wall();
    let start = from.at(now);
    let end = to.map_or(WallTime::MAX, |to| to.at(now));
    in_order(start, end)?;
    let settled_until = settled_until(app, &wanted, start, end)?;
    let capped = settled_until.map_or(end, |until| end.min(until));
    if settled_until.is_none() || capped <= start {
        let recorded = recorded(app, &wanted)?;
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
    let (streams, zone) =
        (wanted.into_iter().map(|wanted| wanted.stream).collect(), app.catalog().time_zone());
    let request = ClipRequest { streams, from: start, to: end, zone, timestamps, squeeze, in_band };
    let plan = ClipPlan::new(&**app.source(), request)?;
    Ok(Planned::Clip(Arc::new(plan)))
}

/// Until when the footage of all streams stands for ever. A camera that is gone holds up no other
/// one: what it sends when it is back is later than what the others have by now.
fn settled_until(
    app: &App,
    wanted: &[Wanted],
    start: WallTime,
    end: WallTime,
) -> Result<Option<WallTime>, Problem> {
    let (mut newest, mut growing) = (None, None::<WallTime>);
    for Wanted { stream, grows, .. } in wanted {
        let until = match app.catalog().settled(stream.id, start, end)? {
            Settled::Until(until) => until.filter(|until| *until > start),
            Settled::NotYet => return Err(Problem::StillReading),
            Settled::Away(segment) => return Err(away(&segment)),
        };
        newest = newest.max(until);
        if let Some(until) = until.filter(|_| *grows) {
            growing = Some(growing.map_or(until, |least| least.min(until)));
        }
    }
    Ok(growing.or(newest).map(|until| newest.map_or(until, |newest| newest.min(until))))
}

/// From the oldest to the newest footage of any of the streams.
fn recorded(app: &App, wanted: &[Wanted]) -> Result<Option<(WallTime, WallTime)>, Problem> {
    let mut all: Option<(WallTime, WallTime)> = None;
    for Wanted { stream, .. } in wanted {
        let own = Footage::of(app, stream.id)?.recorded;
        let both = all.zip(own).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
        all = both.or(all).or(own);
    }
    Ok(all)
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

/// What a browser saves it as, before the time: `front-door_main`, or `front-door_main_and_2_more`.
fn file_name(wanted: &[Wanted]) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
    };
    let first = wanted.first().map(|first| &first.names);
    let first = first.map(|names| format!("{}_{}", plain(&names.camera), plain(&names.stream)));
    let first = first.unwrap_or_default();
    match wanted.len() {
        0 | 1 => first,
        all => format!("{first}_and_{}_more", all - 1),
    }
}

/// The second of an instant as file names have it: `2026-11-22T20-15-00Z`.
fn file_time(at: WallTime) -> String {
    let second = WallTime::from_micros(at.as_micros().div_euclid(1_000_000) * 1_000_000);
    second.to_string().replace(".000000", "").replace(':', "-")
}
