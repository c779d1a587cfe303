//! HTTP Live Streaming of recorded footage: playlists, and the files that they name.

use std::ops::Range;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base::{SegmentId, StreamId, WallTime};
use http::{HeaderMap, Method};
use playback::ClipPlan;
use playback::hls::{self, MediaSegmentRequest, Playlist, PlaylistRequest};
use url::form_urlencoded::byte_serialize;

use super::cameras::{StreamNames, find_camera, find_stream};
use crate::app::App;
use crate::file::{AtHand, serve};
use crate::instant::Instant;
use crate::path::Path;
use crate::problem::Problem;
use crate::query::{Query, in_order};
use crate::settle::{LATE_MICROS, durable_end, elsewhere};

pub(super) const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const MEDIA: &str = "video/mp4";

/// `GET …/streams/{stream}/hls.m3u8`
pub(crate) async fn playlist(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::of(&query)?;
    let stream = find_stream(&app, &names)?.id;
    let planned = app.reading(move |app| match asked.settle(app, stream)? {
        Settled::Elsewhere(from, to) => Ok(Err((from, to))),
        Settled::Here(request) => Ok(Ok(Playlist::new(&**app.source(), request)?.text())),
    });
    match planned.await? {
        Err((from, to)) => Ok(elsewhere(from, to, &[])),
        Ok(text) => serve(&app, &method, &headers, &AtHand::new(PLAYLIST, text)),
    }
}

/// `GET /cameras/{camera}/hls.m3u8`
pub(crate) async fn master(
    State(app): State<App>,
    Path(camera): Path<String>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::of(&query)?;
    let streams = find_camera(&app, &camera)?.streams;
    let streams: Vec<_> = streams.into_iter().map(|stream| (stream.name, stream.id)).collect();
    let planned = app.reading(move |app| match asked.fix(app, &streams)? {
        Some((from, to)) => Ok(Err((from, to))),
        None => variants(app, asked, &streams).map(Ok),
    });
    match planned.await? {
        Err((from, to)) => Ok(elsewhere(from, to, &[])),
        Ok(text) => serve(&app, &method, &headers, &AtHand::new(PLAYLIST, text)),
    }
}

/// Streams by name.
type Streams = [(String, StreamId)];

/// The multivariant playlist: of each stream that has footage in the range.
fn variants(app: &App, asked: Asked, streams: &Streams) -> Result<String, Problem> {
    let mut variants = Vec::new();
    let mut nothing = None;
    for (name, stream) in streams {
        let variant = asked.settle(app, *stream).and_then(|settled| {
            let (from, to, request) = match settled {
                Settled::Here(request) => (request.from, asked.end(app), request),
                Settled::Elsewhere(from, to) => {
                    let is_growing = to.is_none();
                    let end = durable_end(app, *stream, from, to)?;
                    let stream = *stream;
                    (from, to, PlaylistRequest { stream, from, to: end, is_growing })
                }
            };
            let variant = Playlist::new(&**app.source(), request)?.variant();
            let to = to.map_or_else(String::new, |to| format!("&to={to}"));
            let name: String = byte_serialize(name.as_bytes()).collect();
            Ok((format!("streams/{name}/hls.m3u8?from={from}{to}"), variant))
        });
        match variant {
            Ok(variant) => variants.push(variant),
            Err(why @ (Problem::NoFootage(..) | Problem::NotFound(_))) => {
                nothing.get_or_insert(why);
            }
            Err(why) => return Err(why),
        }
    }
    match nothing {
        Some(why) if variants.is_empty() => Err(why),
        _ => Ok(hls::master_playlist(&variants)),
    }
}

/// A range as it is asked for.
#[derive(Clone, Copy)]
struct Asked {
    from: Instant,
    to: Option<Instant>,
}

/// A range as it stands.
enum Settled {
    Here(PlaylistRequest),
    /// What is meant, which does not move.
    Elsewhere(WallTime, Option<WallTime>),
}

impl Asked {
    fn of(query: &Query) -> Result<Self, Problem> {
        let (from, to) = query.range()?;
        Ok(Self { from, to })
    }

    fn end(&self, app: &App) -> Option<WallTime> {
        self.to.map(|to| to.at(app.clock().wall()))
    }

    fn is_relative(at: Instant) -> bool {
        matches!(at, Instant::Ago(_))
    }

    /// The range for one stream. Its playlist grows while `to` is open or still to come.
    fn settle(self, app: &App, stream: StreamId) -> Result<Settled, Problem> {
        let now = app.clock().wall();
        let (from, end) = (self.from.at(now), self.to.map(|to| to.at(now)));
        in_order(from, end.unwrap_or(WallTime::MAX))?;
        let durable = durable_end(app, stream, from, end)?;
        let is_over = end.is_some_and(|end| end.plus_micros(LATE_MICROS) <= now);
        let capped = is_over || self.to.is_some_and(Self::is_relative);
        let to = if capped { Some(durable) } else { end };
        if Self::is_relative(self.from) || self.to.is_some_and(Self::is_relative) || to != end {
            return Ok(Settled::Elsewhere(from, to));
        }
        let is_growing = end.is_none_or(|end| durable < end);
        Ok(Settled::Here(PlaylistRequest { stream, from, to: durable, is_growing }))
    }

    /// Where a range that moves is fixed for all streams of a camera: it ends where all those are
    /// durable that still grow.
    fn fix(
        self,
        app: &App,
        streams: &Streams,
    ) -> Result<Option<(WallTime, Option<WallTime>)>, Problem> {
        let to_moves = self.to.is_some_and(Self::is_relative);
        if !to_moves && !Self::is_relative(self.from) {
            return Ok(None);
        }
        let now = app.clock().wall();
        let (from, end) = (self.from.at(now), self.to.map(|to| to.at(now)));
        in_order(from, end.unwrap_or(WallTime::MAX))?;
        let Some(end) = end.filter(|_| to_moves) else { return Ok(Some((from, end))) };
        let mut to = end;
        for (_, stream) in streams {
            let durable = match durable_end(app, *stream, from, Some(end)) {
                Ok(durable) => durable,
                Err(Problem::NoFootage(..)) => continue,
                Err(why) => return Err(why),
            };
            if durable.plus_micros(LATE_MICROS) > now {
                to = to.min(durable);
            }
        }
        Ok(Some((from, Some(to))))
    }
}

/// Names in the path of a file.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct FileNames {
    camera: String,
    stream: String,
    segment: String,
    file: String,
}

/// What playlists name.
enum File {
    Init(AtHand),
    Media(Arc<ClipPlan>),
}

/// `GET …/streams/{stream}/hls/{segment}/{file}`
pub(crate) async fn file(
    State(app): State<App>,
    Path(names): Path<FileNames>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let FileNames { camera, stream, segment, file } = names;
    let stream = find_stream(&app, &StreamNames { camera, stream })?.id;
    let missing = || {
        Problem::NotFound("there is no such footage, or no more: ask for the playlist again".into())
    };
    let segment: SegmentId = segment.parse().map_err(|_| missing())?;
    let found = app.reading(move |app| {
        let source = &**app.source();
        if file == "init.mp4" {
            let init = hls::init_segment(source, stream, segment)?;
            return Ok(File::Init(AtHand::new(MEDIA, init.ok_or_else(missing)?)));
        }
        let (samples, is_last) = samples(&file).ok_or_else(missing)?;
        let request = MediaSegmentRequest { stream, segment, samples, is_last };
        let plan = hls::media_segment(source, &request)?.ok_or_else(missing)?;
        Ok(File::Media(Arc::new(plan)))
    });
    match found.await? {
        File::Init(file) => serve(&app, &method, &headers, &file),
        File::Media(file) => serve(&app, &method, &headers, &file),
    }
}

/// `120-270.m4s`, `120-270-last.m4s`
fn samples(file: &str) -> Option<(Range<usize>, bool)> {
    let name = file.strip_suffix(".m4s")?;
    let (name, is_last) = match name.strip_suffix("-last") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (start, end) = name.split_once('-')?;
    let number = |text: &str| -> Option<usize> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    let (start, end) = (number(start)?, number(end)?);
    Some((start..end, is_last))
}
