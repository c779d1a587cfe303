//! `clip.mp4`: any range as one file, whole or in parts.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base::{StreamId, WallTime};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use playback::{ClipPlan, ClipReader, ClipRequest, ClipStream};
use url::form_urlencoded;

use super::cameras::{StreamNames, find_camera, find_stream, find_streams};
use crate::app::App;
use crate::body::Piece;
use crate::file::{FootageFile, serve};
use crate::instant::Instant;
use crate::operations::{Recording, StreamState};
use crate::path::Path;
use crate::problem::Problem;
use crate::query::{Query, in_order};
use crate::render::Footage;
use crate::settle::{LATE_MICROS, Range, durable_until, elsewhere, none_of};

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
    let wanted = Wanted::all(&app, "stream", query.all("stream"))?;
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
        Range::Elsewhere(from, to) => {
            return Ok(elsewhere(from, Some(to), &query.others(&["from", "to"])));
        }
        Range::Final(plan) => plan,
    };
    let mut answer = serve(app, method, headers, &plan)?;
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
        // All of them are made of plain letters here.
        HeaderValue::try_from(value).map(|value| headers.insert(name, value)).ok();
    };
    let headers = answer.headers_mut();
    let name = format!("{name}_{}.mp4", file_time(plan.shown().from));
    set(headers, header::CONTENT_DISPOSITION, &format!("inline; filename=\"{name}\""));
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
        let (from, to) = query.range()?;
        Ok(Self {
            from,
            to,
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
pub(crate) struct Wanted {
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

    /// All that `field` names, each once.
    pub fn all<'a>(
        app: &App,
        field: &str,
        named: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Self>, Problem> {
        let all = find_streams(app, field, named)?;
        all.into_iter().map(|(names, _)| Self::named(app, names)).collect()
    }

    /// Which.
    pub fn id(&self) -> StreamId {
        self.stream.id
    }

    /// How it was named.
    pub fn names(&self) -> &StreamNames {
        &self.names
    }

    /// `camera/stream` in letters that a header may have.
    fn path(&self) -> String {
        let plain = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let (camera, stream): (String, String) =
            (plain(&self.names.camera), plain(&self.names.stream));
        format!("{camera}/{stream}")
    }
}

impl FootageFile for Arc<ClipPlan> {
    fn media(&self) -> &'static str {
        "video/mp4"
    }

    fn len(&self) -> u64 {
        ClipPlan::len(self)
    }

    fn etag(&self) -> &str {
        ClipPlan::etag(self)
    }

    fn piece(&self, app: &App, range: std::ops::Range<u64>) -> Piece {
        Piece::Read(Box::new(ClipReader::new(self.clone(), app.source().clone(), range)))
    }
}

/// Plans the clip if both ends stand for ever; else says which do.
fn plan(app: &App, wanted: Vec<Wanted>, asked: Asked) -> Result<Range<Arc<ClipPlan>>, Problem> {
    let Asked { from, to, timestamps, squeeze, in_band } = asked;
    let now = app.clock().wall();
    let start = from.at(now);
    let end = to.map_or(WallTime::MAX, |to| to.at(now));
    in_order(start, end)?;
    let capped = standing_until(app, &wanted, now, (start, to.is_some().then_some(end)))?;
    let is_final = matches!((from, to), (Instant::Absolute(_), Some(Instant::Absolute(_))));
    if !is_final || capped < end {
        return Ok(Range::Elsewhere(start, capped));
    }
    let (streams, zone) =
        (wanted.into_iter().map(|wanted| wanted.stream).collect(), app.catalog().time_zone());
    let request = ClipRequest { streams, from: start, to: end, zone, timestamps, squeeze, in_band };
    Ok(Range::Final(app.plan(request)?))
}

/// Where what stands for ever of a range ends: at its own end, or before. An error where that is
/// nothing.
pub(crate) fn standing_until(
    app: &App,
    wanted: &[Wanted],
    now: WallTime,
    (start, to): (WallTime, Option<WallTime>),
) -> Result<WallTime, Problem> {
    let end = to.unwrap_or(WallTime::MAX);
    let settled = settled_until(app, wanted, now, (start, end))?.map(|until| end.min(until));
    match settled.filter(|until| *until > start) {
        Some(until) => Ok(until),
        None => Err(none_of(start, to, recorded(app, wanted)?)),
    }
}

/// Until when the footage of all streams stands for ever. A camera that is gone holds up no other
/// one: what it sends when it is back is later than what the others have by now. One that has just
/// come may have sent frames of the range that are not durable yet.
fn settled_until(
    app: &App,
    wanted: &[Wanted],
    now: WallTime,
    (start, end): (WallTime, WallTime),
) -> Result<Option<WallTime>, Problem> {
    let (mut newest, mut growing) = (None, None::<WallTime>);
    for Wanted { stream, grows, .. } in wanted {
        let until = durable_until(app, stream.id, start, end)?.filter(|until| *until > start);
        newest = newest.max(until);
        if *grows {
            let until = until.unwrap_or_else(|| now.plus_micros(-LATE_MICROS));
            growing = Some(growing.map_or(until, |least| least.min(until)));
        }
    }
    if newest.is_some() && growing.is_some_and(|until| until <= start) {
        return Err(Problem::StillReading);
    }
    Ok(newest.map(|newest| growing.map_or(newest, |until| until.min(newest))))
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
pub(crate) fn file_time(at: WallTime) -> String {
    let second = WallTime::from_micros(at.as_micros().div_euclid(1_000_000) * 1_000_000);
    second.to_string().replace(".000000", "").replace(':', "-")
}
