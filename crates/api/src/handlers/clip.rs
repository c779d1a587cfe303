//! `clip.mp4`: any range as one file, whole or in parts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use base::{StreamId, WallTime};
use http::{HeaderMap, HeaderValue, Method, header};
use playback::{ClipPlan, ClipReader, ClipRequest};

use super::cameras::{StreamNames, find_stream};
use crate::app::App;
use crate::body::Piece;
use crate::file::{FootageFile, serve};
use crate::instant::Instant;
use crate::problem::Problem;
use crate::query::Query;
use crate::settle::{Range, elsewhere, settled};

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
        Range::Elsewhere(from, to) => return Ok(elsewhere(from, Some(to), &[])),
        Range::Final(plan) => plan,
    };
    let name = file_name(&names, plan.shown().from);
    let mut answer = serve(&app, &method, &headers, &plan)?;
    // It is made of plain letters here.
    if let Ok(name) = HeaderValue::try_from(format!("inline; filename=\"{name}\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

/// Plans the clip if both ends stand for ever; else says which do.
fn plan(
    app: &App,
    stream: StreamId,
    from: Instant,
    to: Option<Instant>,
) -> Result<Range<Arc<ClipPlan>>, Problem> {
    settled(app, stream, from, to)?.when_final(|from, to| {
        let plan = ClipPlan::new(&**app.source(), ClipRequest { stream, from, to })?;
        Ok(Arc::new(plan))
    })
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

/// What a browser saves it as: `front-door_main_2026-11-22T20-15-00Z.mp4`.
fn file_name(names: &StreamNames, from: WallTime) -> String {
    let second = WallTime::from_micros(from.as_micros().div_euclid(1_000_000) * 1_000_000);
    let at = second.to_string().replace(".000000", "").replace(':', "-");
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
    };
    format!("{}_{}_{at}.mp4", plain(&names.camera), plain(&names.stream))
}
