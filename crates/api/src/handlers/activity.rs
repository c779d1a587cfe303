//! Where something moved: searching one or several streams, newest first.

use axum::extract::State;
use base::{StreamId, WallTime};
use catalog::ActiveSpan;

use super::cameras::{StreamNames, find_stream, find_streams};
use crate::app::App;
use crate::json::Json;
use crate::path::Path;
use crate::problem::Problem;
use crate::query::{Query, in_order};
use crate::wire::footage as wire;

/// What counts as activity where nobody says: what is hardly to be seen is left out.
const AT_LEAST: u8 = 64;

/// `GET /cameras/{camera}/streams/{stream}/activity`
pub(crate) async fn of_stream(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
) -> Result<Json<wire::ActiveSpans>, Problem> {
    let id = find_stream(&app, &names)?.id;
    search(app, vec![(names, id)], &query).await
}

/// `GET /activity`
pub(crate) async fn of_several(
    State(app): State<App>,
    query: Query,
) -> Result<Json<wire::ActiveSpans>, Problem> {
    let streams = find_streams(&app, "stream", query.all("stream"))?;
    let streams = streams.into_iter().map(|(names, found)| (names, found.id)).collect();
    search(app, streams, &query).await
}

async fn search(
    app: App,
    streams: Vec<(StreamNames, StreamId)>,
    query: &Query,
) -> Result<Json<wire::ActiveSpans>, Problem> {
    let now = app.clock().wall();
    let from = query.time("from", now)?.unwrap_or(WallTime::EPOCH);
    let to = query.time("to", now)?.unwrap_or(WallTime::MAX);
    in_order(from, to)?;
    let what = "a whole number from 1 to 255";
    let at_least = query.parsed::<std::num::NonZeroU8>("at_least", what)?;
    let at_least = at_least.map_or(AT_LEAST, std::num::NonZeroU8::get);
    let limit = query.page()?;
    let until = match query.get("cursor") {
        Some(text) => cursor(text, streams.len(), to)?,
        None => vec![to; streams.len()],
    };
    app.blocking(move |app| {
        let mut all = Vec::new();
        for (place, ((_, stream), until)) in streams.iter().zip(&until).enumerate() {
            // One more says whether there is a page after this one.
            let found = match from < *until {
                true => app.catalog().active(*stream, (from, *until), at_least, limit + 1)?,
                false => Vec::new(),
            };
            all.extend(found.into_iter().map(|span| (place, span)));
        }
        Ok(Json(page(all, &streams, until, limit)))
    })
    .await
}

/// Until when each stream is still to be searched: `next` of the page before.
fn cursor(text: &str, streams: usize, to: WallTime) -> Result<Vec<WallTime>, Problem> {
    let bad = || {
        let what = "expected `next` of the page before, of the same streams";
        Problem::bad("cursor", format!("{text:?}: {what}"))
    };
    let until = text.split(',').map(|micros| match micros {
        "" => Ok(to),
        _ => Ok(WallTime::from_micros(micros.parse().map_err(|_| bad())?).min(to)),
    });
    let until: Vec<WallTime> = until.collect::<Result<_, Problem>>()?;
    if until.len() == streams { Ok(until) } else { Err(bad()) }
}

/// The newest spans of all streams, each with the place of its stream.
fn page(
    mut all: Vec<(usize, ActiveSpan)>,
    streams: &[(StreamNames, StreamId)],
    until: Vec<WallTime>,
    limit: usize,
) -> wire::ActiveSpans {
    all.sort_by_key(|(place, span)| (std::cmp::Reverse(span.from), *place));
    let more = all.len() > limit;
    all.truncate(limit);
    let mut next: Vec<String> = until
        .iter()
        .map(
            |until| {
                if *until < WallTime::MAX { until.as_micros().to_string() } else { String::new() }
            },
        )
        .collect();
    for (place, span) in &all {
        next[*place] = span.from.as_micros().to_string();
    }
    let spans = all.into_iter().map(|(place, span)| wire::ActiveSpan {
        camera: streams[place].0.camera.clone(),
        stream: streams[place].0.stream.clone(),
        from: span.from.into(),
        to: span.to.into(),
        peak: span.peak,
    });
    wire::ActiveSpans { spans: spans.collect(), next: more.then(|| next.join(",")) }
}
