//! Recorded footage: the timeline, and the list of recordings.

use axum::extract::State;
use base::WallTime;
use catalog::ActivityLane;
use playback::{Cursor, RecordingsPage, Timeline, TimelineRequest};

use super::cameras::{StreamNames, find_stream};
use crate::app::App;
use crate::json::Json;
use crate::path::Path;
use crate::problem::Problem;
use crate::query::{Query, in_order};
use crate::{instant, render, wire};

/// A timeline without `from` shows this much.
const TIMELINE_MICROS: i64 = 24 * 3600 * 1_000_000;
/// A timeline without `resolution` has about this many pixels.
const TIMELINE_PIXELS: i64 = 2000;

/// `GET …/timeline`
pub(crate) async fn timeline(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
) -> Result<Json<wire::footage::Timeline>, Problem> {
    let now = app.clock().wall();
    let to = query.time("to", now)?.unwrap_or(now);
    let from = query.time("from", now)?.unwrap_or(to.plus_micros(-TIMELINE_MICROS));
    in_order(from, to)?;
    let pixel = to.micros_since(from) / TIMELINE_PIXELS;
    let resolution_micros = resolution(&query)?.unwrap_or(pixel);
    let stream = find_stream(&app, &names)?.id;
    let request = TimelineRequest { stream, from, to, resolution_micros };
    app.blocking(move |app| {
        let timeline = Timeline::new(&**app.source(), request)?;
        let durable_until = app.catalog().durable_until(request.stream)?;
        let TimelineRequest { stream, from, to, resolution_micros } = request;
        let activity = app.catalog().activity(stream, from, to, resolution_micros)?;
        Ok(Json(render_timeline(request, timeline, durable_until, activity)))
    })
    .await
}

fn resolution(query: &Query) -> Result<Option<i64>, Problem> {
    let Some(text) = query.get("resolution") else { return Ok(None) };
    let plain = text.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1000));
    let micros = plain.or_else(|| instant::micros(text)).filter(|micros| *micros >= 0);
    let problem = || {
        let what = "expected a time such as 1500ms or 2s, or plain milliseconds";
        Problem::bad("resolution", format!("{text:?}: {what}"))
    };
    micros.map(Some).ok_or_else(problem)
}

fn render_timeline(
    request: TimelineRequest,
    timeline: Timeline,
    durable_until: Option<WallTime>,
    activity: ActivityLane,
) -> wire::footage::Timeline {
    let span = |span: playback::Span| render::span((span.from, span.to));
    let gap = |gap: playback::Gap| wire::footage::Gap {
        from: gap.span.from.into(),
        to: gap.span.to.into(),
        cause: gap.cause,
    };
    wire::footage::Timeline {
        from: request.from.into(),
        to: request.to.into(),
        resolution_ms: u64::try_from(timeline.resolution_micros).unwrap_or(0).div_ceil(1000),
        recorded: timeline.recorded.map(span),
        durable_until: durable_until.map(Into::into),
        footage: timeline.footage.into_iter().map(span).collect(),
        gaps: timeline.gaps.into_iter().map(gap).collect(),
        protected: timeline.protected.into_iter().map(span).collect(),
        activity: wire::footage::Activity {
            from: activity.from.into(),
            step_ms: u64::try_from(activity.step_micros / 1000).unwrap_or(0),
            values: activity.values,
        },
    }
}

/// `GET …/recordings`
pub(crate) async fn recordings(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
) -> Result<Json<wire::footage::Recordings>, Problem> {
    let now = app.clock().wall();
    let from = query.time("from", now)?.unwrap_or(WallTime::EPOCH);
    let to = query.time("to", now)?.unwrap_or(WallTime::MAX);
    in_order(from, to)?;
    let cursor = query.parsed::<Cursor>("cursor", "`next` of the page before")?;
    let limit = query.page()?;
    let stream = find_stream(&app, &names)?.id;
    app.blocking(move |app| {
        let page = RecordingsPage::new(&**app.source(), stream, from, to, cursor, limit)?;
        Ok(Json(wire::footage::Recordings {
            recordings: page.recordings.into_iter().map(render_recording).collect(),
            next: page.next.map(|cursor| cursor.to_string()),
        }))
    })
    .await
}

fn render_recording(recording: playback::Recording) -> wire::footage::Recording {
    wire::footage::Recording {
        id: recording.first.to_string(),
        run: recording.run.to_string(),
        from: recording.from.into(),
        to: recording.to.into(),
        segments: recording.segments,
        bytes: recording.bytes,
        frames: recording.frames,
        growing: recording.growing,
        end_cause: recording.end_cause,
        tracks: recording.tracks.iter().map(|params| render::track(params)).collect(),
    }
}
