//! Files that are made of footage while they are read: whole or in parts, under conditions.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::app::App;
use crate::body::{FileBody, Piece, Reader};
use crate::problem::Problem;
use crate::ranges::{Answer, decide};

/// Asked again each time, so that who may no longer see it does not.
pub(crate) const CACHED: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A file that is planned, and never changes.
pub(crate) trait FootageFile {
    /// Its media type.
    const MEDIA: &'static str;

    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Its strong entity tag, with quotes.
    fn etag(&self) -> &str;

    /// A reader of a part of it.
    fn read(&self, app: &App, range: std::ops::Range<u64>) -> Reader;
}

/// Answers with the file, or with what of it a client has not.
pub(crate) fn serve<F: FootageFile>(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    file: &F,
) -> Result<Response, Problem> {
    let mut answer = render(app, file, decide(method, headers, file.len(), file.etag()))?;
    if let Ok(etag) = HeaderValue::try_from(file.etag()) {
        answer.headers_mut().insert(header::ETAG, etag);
    }
    answer.headers_mut().insert(header::CACHE_CONTROL, CACHED);
    Ok(answer)
}

fn render<F: FootageFile>(app: &App, file: &F, answer: Answer) -> Result<Response, Problem> {
    let len = file.len();
    let read = |range| Piece::Read(file.read(app, range));
    let body = |pieces: Vec<Piece>| FileBody::new(pieces, app.reads().clone());
    let accept = (header::ACCEPT_RANGES, "bytes".to_owned());
    let of_type = |media: String| (header::CONTENT_TYPE, media);
    Ok(match answer {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::Unsatisfiable => return Err(Problem::RangeNotSatisfiable(len)),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole => {
            let headers = vec![accept, of_type(F::MEDIA.into())];
            with_body(StatusCode::OK, headers, body([read(0..len)].into()))
        }
        Answer::Parts(parts) if parts.len() == 1 => {
            let part = parts.into_iter().next().unwrap_or(0..0);
            let range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            let headers = vec![accept, of_type(F::MEDIA.into()), (header::CONTENT_RANGE, range)];
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
                    F::MEDIA
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
    *answer.body_mut() = Body::new(body);
    answer
}

/// What separates the parts: it must not occur in them, so nobody can know it beforehand.
fn boundary(app: &App) -> String {
    let random = app.entropy().id_bytes();
    random.iter().fold("holdfast".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
