//! Files of footage under one strong entity tag: whole or in parts, where conditions hold.

use std::ops::Range;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::app::App;
use crate::body::{FileBody, Piece};
use crate::problem::Problem;
use crate::ranges::{Answer, decide};

/// Asked again each time, so that who may no longer see it does not.
const CACHED: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A file that is planned, and never changes under its tag.
pub(crate) trait FootageFile {
    /// Its media type.
    fn media(&self) -> &'static str;

    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Its strong entity tag, with quotes.
    fn etag(&self) -> &str;

    /// A part of it.
    fn piece(&self, app: &App, range: Range<u64>) -> Piece;
}

/// Bytes at hand.
pub(crate) struct AtHand {
    media: &'static str,
    bytes: Bytes,
    tag: String,
}

impl AtHand {
    /// Of this media type, with a tag that follows from them.
    pub fn new(media: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let tag = playback::entity_tag(&bytes);
        Self { media, bytes, tag }
    }

    /// Bytes of an address that never leads to others: `name` says which.
    pub fn named(media: &'static str, bytes: Bytes, name: &str) -> Self {
        Self { media, bytes, tag: format!("\"{name}\"") }
    }
}

impl FootageFile for AtHand {
    fn media(&self) -> &'static str {
        self.media
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn etag(&self) -> &str {
        &self.tag
    }

    fn piece(&self, _app: &App, range: Range<u64>) -> Piece {
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(self.bytes.len());
        Piece::Bytes(self.bytes.slice(at(range.start)..at(range.end)))
    }
}

/// Answers with the file, or with what of it a client has not.
pub(crate) fn serve<F: FootageFile>(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    file: &F,
) -> Result<Response, Problem> {
    let mut answer = render(app, file, decide(method, headers, file.len(), file.etag()))?;
    mark(&mut answer, file.etag());
    Ok(answer)
}

/// Says under which tag an answer may be kept, and that it is asked for again each time.
pub(crate) fn mark(answer: &mut Response, etag: &str) {
    if let Ok(etag) = HeaderValue::try_from(etag) {
        answer.headers_mut().insert(header::ETAG, etag);
    }
    answer.headers_mut().insert(header::CACHE_CONTROL, CACHED);
}

fn render<F: FootageFile>(app: &App, file: &F, answer: Answer) -> Result<Response, Problem> {
    let len = file.len();
    let read = |range| file.piece(app, range);
    let body = |pieces: Vec<Piece>| FileBody::new(pieces, app.body_reads().clone());
    let accept = (header::ACCEPT_RANGES, "bytes".to_owned());
    let of_type = |media: String| (header::CONTENT_TYPE, media);
    Ok(match answer {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::Unsatisfiable => return Err(Problem::RangeNotSatisfiable(len)),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole => {
            let headers = vec![accept, of_type(file.media().into())];
            with_body(StatusCode::OK, headers, body([read(0..len)].into()))
        }
        Answer::Parts(parts) if parts.len() == 1 => {
            let part = parts.into_iter().next().unwrap_or(0..0);
            let range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            let headers =
                vec![accept, of_type(file.media().into()), (header::CONTENT_RANGE, range)];
            with_body(StatusCode::PARTIAL_CONTENT, headers, body([read(part)].into()))
        }
        Answer::Parts(parts) => {
            let boundary = boundary(app);
            let mut pieces = Vec::new();
            for part in parts {
                let (first, last) = (part.start, part.end - 1);
                let head = format!(
                    "\r\n--{boundary}\r\nContent-Type: {}\r\n\
                     Content-Range: bytes {first}-{last}/{len}\r\n\r\n",
                    file.media()
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

fn with_body(status: StatusCode, headers: Vec<(HeaderName, String)>, body: FileBody) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    for (name, value) in headers {
        HeaderValue::try_from(value).map(|value| answer.headers_mut().insert(name, value)).ok();
    }
    answer.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    answer.extensions_mut().insert(body.room());
    *answer.body_mut() = Body::new(body);
    answer
}

/// What separates the parts: it must not occur in them, so nobody can know it beforehand.
fn boundary(app: &App) -> String {
    let random = app.entropy().id_bytes();
    random.iter().fold("holdfast".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
