//! Content under one strong entity tag: whole or in parts, where conditions hold.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use playback::{ClipPlan, ClipReader};

use crate::app::App;
use crate::body::{ClipBody, Piece};
use crate::problem::Problem;
use crate::ranges::{Answer, decide};

/// What is served.
pub(crate) enum Content {
    /// Bytes made of footage as they are sent.
    Made(Arc<ClipPlan>),
    /// Bytes at hand, and their entity tag.
    Bytes(Bytes, String),
}

impl Content {
    /// Bytes at hand, with a tag that follows from them.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let tag = playback::entity_tag(&bytes);
        Self::Bytes(bytes, tag)
    }

    fn len(&self) -> u64 {
        match self {
            Self::Made(plan) => plan.len(),
            Self::Bytes(bytes, _) => bytes.len() as u64,
        }
    }

    fn etag(&self) -> &str {
        match self {
            Self::Made(plan) => plan.etag(),
            Self::Bytes(_, tag) => tag,
        }
    }

    fn piece(&self, app: &App, range: Range<u64>) -> Piece {
        match self {
            Self::Made(plan) => {
                Piece::Clip(ClipReader::new(plan.clone(), app.source().clone(), range))
            }
            Self::Bytes(bytes, _) => {
                let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
                Piece::Bytes(bytes.slice(at(range.start)..at(range.end)))
            }
        }
    }
}

/// The answer to a request for content of a media type. A client asks again each time before it
/// uses what it has, so that who may no longer see it does not.
pub(crate) fn whole_or_parts(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    media: &str,
    content: &Content,
) -> Result<Response, Problem> {
    let decided = decide(method, headers, content.len(), content.etag());
    let mut answer = render(app, media, content, decided)?;
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
        // All of them are made of plain letters here.
        HeaderValue::try_from(value).map(|value| headers.insert(name, value)).ok();
    };
    set(answer.headers_mut(), header::ETAG, content.etag());
    set(answer.headers_mut(), header::CACHE_CONTROL, "private, no-cache");
    Ok(answer)
}

fn render(app: &App, media: &str, content: &Content, answer: Answer) -> Result<Response, Problem> {
    let len = content.len();
    let read = |range| content.piece(app, range);
    let body = |pieces: Vec<Piece>| ClipBody::new(pieces, app.reads().clone());
    let accept = (header::ACCEPT_RANGES, "bytes".to_owned());
    let of_type = |media: String| (header::CONTENT_TYPE, media);
    Ok(match answer {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::Unsatisfiable => return Err(Problem::RangeNotSatisfiable(len)),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole => {
            let headers = vec![accept, of_type(media.into())];
            with_body(StatusCode::OK, headers, body([read(0..len)].into()))
        }
        Answer::Parts(parts) if parts.len() == 1 => {
            let part = parts.into_iter().next().unwrap_or(0..0);
            let range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            let headers = vec![accept, of_type(media.into()), (header::CONTENT_RANGE, range)];
            with_body(StatusCode::PARTIAL_CONTENT, headers, body([read(part)].into()))
        }
        Answer::Parts(parts) => {
            let boundary = boundary(app);
            let mut pieces = Vec::new();
            for part in parts {
                let (first, last) = (part.start, part.end - 1);
                let head = format!(
                    "\r\n--{boundary}\r\nContent-Type: {media}\r\n\
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
