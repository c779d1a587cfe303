//! The file of an export, as somebody takes it away.

use std::ops::Range;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use catalog::{ExportRow, ExportState};
use export::StoredFile;
use http::{HeaderMap, HeaderValue, Method, header};

use super::{audit, find};
use crate::app::App;
use crate::body::Piece;
use crate::caller::Identity;
use crate::file::{FootageFile, serve};
use crate::handlers::clip::file_time;
use crate::handlers::keeping::who;
use crate::path::Path;
use crate::problem::Problem;

/// `GET /exports/{export}/export.zip`
pub(crate) async fn file(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = find(&app, id).await?;
    let (file, hash) = stored(&app, &row).await?;
    let etag = format!("\"{}\"", hash.get(..32).unwrap_or(hash));
    let mut answer = serve(&app, &method, &headers, &Exported { file, etag })?;
    if answer.status().is_success() && method == Method::GET {
        note_download(&app, &identity, &row).await?;
    }
    if let Ok(value) =
        HeaderValue::try_from(format!("attachment; filename=\"{}\"", file_name(&row)))
    {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(answer)
}

/// `GET /exports/{export}/manifest.json`: it holds no footage, so that nobody takes any away by it.
pub(crate) async fn manifest(
    State(app): State<App>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = find(&app, id).await?;
    let (file, hash) = stored(&app, &row).await?;
    let (id, hash, looked_at) = (row.id, hash.to_owned(), file.clone());
    let etag = format!("\"{}\"", hash.get(..32).unwrap_or(&hash));
    // It is read again, in slices, as it is taken: many who take it slowly would hold many whole.
    let range = app
        .reading(move |_| {
            let (range, bytes) = looked_at.manifest().map_err(|error| {
                Problem::Unavailable(format!("the file of export {id} cannot be read: {error}"))
            })?;
            match blake3::hash(&bytes).to_hex().as_str() == hash {
                true => Ok(range),
                false => Err(Problem::Unavailable(format!("the file of export {id} was changed"))),
            }
        })
        .await?;
    serve(&app, &method, &headers, &Manifest { file, range, etag })
}

/// The file of one that is done, and the hash of its manifest.
async fn stored<'a>(app: &App, row: &'a ExportRow) -> Result<(StoredFile, &'a str), Problem> {
    let (ExportState::Done, Some(hash)) = (row.state, row.manifest_hash.as_deref()) else {
        return Err(Problem::Conflict("this export has no file: see its state".into()));
    };
    let file = app.operations().open_export(row.id).await?;
    if file.len() != row.bytes {
        let (is, was) = (file.len(), row.bytes);
        let words =
            format!("the file of export {} has {is} bytes, and was {was}: ask anew", row.id);
        return Err(Problem::Unavailable(words));
    }
    Ok((file, hash))
}

/// Who took it away is written down before the first byte goes, whichever byte that is.
async fn note_download(app: &App, identity: &Identity, row: &ExportRow) -> Result<(), Problem> {
    let (who, now) = (who(identity), app.clock().mono());
    if app.downloads().is_noted(&who, row.id, now) {
        return Ok(());
    }
    let audit = audit(app, identity, "export-downloaded", row);
    app.operations().commit(vec![audit]).await?;
    app.downloads().note(who, row.id, now);
    Ok(())
}

/// What a browser saves it as.
fn file_name(row: &ExportRow) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = row.name.chars().map(plain).take(60).collect();
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "export" } else { name };
    format!("{name}_{}.zip", file_time(row.from))
}

/// The manifest in an export's file.
struct Manifest {
    file: StoredFile,
    range: Range<u64>,
    etag: String,
}

impl FootageFile for Manifest {
    fn media(&self) -> &'static str {
        "application/json"
    }

    fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn piece(&self, _: &App, part: Range<u64>) -> Piece {
        let (start, end) = (self.range.start + part.start, self.range.start + part.end);
        Piece::Read(Box::new(self.file.read(start..end)))
    }
}

struct Exported {
    file: StoredFile,
    etag: String,
}

impl FootageFile for Exported {
    fn media(&self) -> &'static str {
        "application/zip"
    }

    fn len(&self) -> u64 {
        self.file.len()
    }

    fn etag(&self) -> &str {
        &self.etag
    }

    fn piece(&self, _: &App, range: Range<u64>) -> Piece {
        Piece::Read(Box::new(self.file.read(range)))
    }
}
