//! A clip as an answer: whole, or the parts of it that were asked for.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use playback::{ClipPlan, ClipReader};

use crate::app::App;
use crate::body::{ClipBody, Piece};
use crate::problem::Problem;
use crate::ranges::Answer;

/// Status, headers of ranges, and body.
pub(super) fn render(app: &App, plan: &Arc<ClipPlan>, answer: Answer) -> Result<Response, Problem> {
    const VIDEO: &str = "video/mp4";
    let len = plan.len();
    let read = |range| Piece::Clip(ClipReader::new(plan.clone(), app.source().clone(), range));
    let body = |pieces: Vec<Piece>| ClipBody::new(pieces, app.reads().clone());
    let accept = (header::ACCEPT_RANGES, "bytes".to_owned());
    let of_type = |media: String| (header::CONTENT_TYPE, media);
    Ok(match answer {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::Unsatisfiable => return Err(Problem::RangeNotSatisfiable(len)),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole => {
            let headers = vec![accept, of_type(VIDEO.into())];
            with_body(StatusCode::OK, headers, body([read(0..len)].into()))
        }
        Answer::Parts(parts) if parts.len() == 1 => {
            let part = parts.into_iter().next().unwrap_or(0..0);
            let range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
            let headers = vec![accept, of_type(VIDEO.into()), (header::CONTENT_RANGE, range)];
            with_body(StatusCode::PARTIAL_CONTENT, headers, body([read(part)].into()))
        }
        Answer::Parts(parts) => {
            let boundary = boundary(app);
            let mut pieces = Vec::new();
            for part in parts {
                let (first, last) = (part.start, part.end - 1);
                let head = format!(
                    "\r\n--{boundary}\r\nContent-Type: {VIDEO}\r\n\
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
