//! `keyframes`: pictures to scrub over, for a page that decodes them itself.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base::limits;
use http::{HeaderMap, HeaderValue, Method};
use playback::{KeyFrameFile, KeyFrameReader, KeyFrames, KeyFramesRequest};

use super::suffices::{PictureNames, STREAM, choose};
use crate::app::App;
use crate::body::Piece;
use crate::file::{FootageFile, serve};
use crate::path::Path;
use crate::problem::Problem;
use crate::query::Query;
use crate::settle::{Range, elsewhere, settled};

/// Key frames of an answer without `max`.
const KEY_FRAMES: usize = 120;

/// `GET …/keyframes`, of a stream or of a camera
pub(crate) async fn keyframes(
    State(app): State<App>,
    Path(names): Path<PictureNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (from, to) = query.range()?;
    let max = query.count("max", limits::KEY_FRAMES_MAX)?.unwrap_or(KEY_FRAMES);
    let width = query.count("width", usize::from(u16::MAX))?;
    let planned = app.reading(move |app| {
        let now = app.clock().wall();
        let stream = choose(app, &names, from.at(now), to.map(|to| to.at(now)), width)?;
        let file = settled(app, stream.id, from, to)?.when_final(|from, to| {
            let request = KeyFramesRequest { stream: stream.id, from, to, max };
            let chosen = KeyFrames::new(&**app.source(), request)?;
            Ok(Arc::new(KeyFrameFile::new(chosen)))
        });
        Ok((file?, stream.name))
    });
    let (file, stream) = match planned.await? {
        (Range::Elsewhere(from, to), _) => {
            return Ok(elsewhere(from, Some(to), &query.others(&["from", "to"])));
        }
        (Range::Final(file), stream) => (file, stream),
    };
    let mut answer = serve(&app, &method, &headers, &file)?;
    if let Ok(stream) = HeaderValue::try_from(stream) {
        answer.headers_mut().insert(STREAM, stream);
    }
    Ok(answer)
}

impl FootageFile for Arc<KeyFrameFile> {
    fn media(&self) -> &'static str {
        "application/vnd.holdfast.keyframes"
    }

    fn len(&self) -> u64 {
        KeyFrameFile::len(self)
    }

    fn etag(&self) -> &str {
        KeyFrameFile::etag(self)
    }

    fn piece(&self, app: &App, range: std::ops::Range<u64>) -> Piece {
        Piece::Read(Box::new(KeyFrameReader::new(self.clone(), app.source().clone(), range)))
    }
}
