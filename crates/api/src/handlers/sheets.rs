//! `sheet.jpg` and `sheet.json`: evenly spaced pictures of a range in one, and their times.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::limits;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use playback::{KeyFrames, KeyFramesRequest};
use still::Job;

use super::stills::{cells, fit, jpeg, tag};
use super::suffices::{PictureNames, STREAM, choose};
use crate::app::App;
use crate::file::mark;
use crate::json::Json;
use crate::path::Path;
use crate::problem::{Problem, no_footage};
use crate::query::Query;
use crate::ranges::{Answer, decide};
use crate::render::Footage;
use crate::settle::{Range, elsewhere, settled};
use crate::wire;

/// A sheet without `columns` and `rows`.
const COLUMNS: usize = 5;
const ROWS: usize = 4;
/// A sheet without `width` has pictures so wide.
const WIDTH: usize = 320;

/// A sheet that is planned.
struct Sheet {
    chosen: KeyFrames,
    stream: String,
    columns: u16,
    cell: (u16, u16),
    etag: String,
}

/// `GET …/sheet.jpg`, of a stream or of a camera
pub(crate) async fn picture(
    State(app): State<App>,
    Path(names): Path<PictureNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Sheet { chosen, stream, columns, cell, etag } = match plan(&app, names, &query).await? {
        Planned::Sheet(sheet) => sheet,
        Planned::Elsewhere(elsewhere) => return Ok(elsewhere),
    };
    let (width, height) = (usize::from(cell.0), usize::from(cell.1));
    let answer = jpeg(&app, &method, &headers, &etag, chosen, move |frames| Job {
        columns,
        cell,
        cells: cells(frames, |params| fit(params, width, height)),
    });
    let mut answer = answer.await?;
    if let Ok(stream) = HeaderValue::try_from(stream) {
        answer.headers_mut().insert(STREAM, stream);
    }
    Ok(answer)
}

/// `GET …/sheet.json`, of a stream or of a camera
pub(crate) async fn times(
    State(app): State<App>,
    Path(names): Path<PictureNames>,
    query: Query,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sheet = match plan(&app, names, &query).await? {
        Planned::Sheet(sheet) => sheet,
        Planned::Elsewhere(elsewhere) => return Ok(elsewhere),
    };
    let times = sheet.chosen.frames().iter().map(|frame| frame.at.into());
    let mut answer = match decide(&method, &headers, 0, &sheet.etag) {
        Answer::PreconditionFailed => return Err(Problem::PreconditionFailed),
        Answer::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Answer::Whole | Answer::Parts(_) | Answer::Unsatisfiable => Json(wire::footage::Sheet {
            stream: sheet.stream,
            columns: sheet.columns,
            cell_width: sheet.cell.0,
            cell_height: sheet.cell.1,
            times: times.collect(),
        })
        .into_response(),
    };
    mark(&mut answer, &sheet.etag);
    Ok(answer)
}

enum Planned {
    Sheet(Sheet),
    Elsewhere(Response),
}

async fn plan(app: &App, names: PictureNames, query: &Query) -> Result<Planned, Problem> {
    let (from, to) = query.range()?;
    let columns = query.count("columns", limits::SHEET_CELLS_MAX)?.unwrap_or(COLUMNS);
    let rows = query.count("rows", limits::SHEET_CELLS_MAX)?.unwrap_or(ROWS);
    let width = query.count("width", usize::from(u16::MAX))?.unwrap_or(WIDTH);
    if columns * rows > limits::SHEET_CELLS_MAX {
        let most = limits::SHEET_CELLS_MAX;
        let words = format!("{columns} × {rows} pictures: a sheet has at most {most}");
        return Err(Problem::bad("rows", words));
    }
    let planned = app.reading(move |app| {
        let now = app.clock().wall();
        let stream = choose(app, &names, from.at(now), to.map(|to| to.at(now)), Some(width))?;
        settled(app, stream.id, from, to)?.when_final(|from, to| {
            let request = KeyFramesRequest { stream: stream.id, from, to, max: columns * rows };
            let chosen = KeyFrames::new(&**app.source(), request)?;
            if chosen.frames().is_empty() {
                let recorded = Footage::of(app, stream.id)?.recorded;
                let asked = format!("no key frame from {from} to {to}");
                return Err(Problem::NoFootage(no_footage(&asked, recorded), recorded));
            }
            lay_out(chosen, stream.name, columns, width)
        })
    });
    Ok(match planned.await? {
        Range::Final(sheet) => Planned::Sheet(sheet),
        Range::Elsewhere(from, to) => {
            Planned::Elsewhere(elsewhere(from, Some(to), &query.others(&["from", "to"])))
        }
    })
}

/// Cells are as the first picture is; others are fitted in. There are no more columns and rows
/// than there are pictures for.
fn lay_out(
    chosen: KeyFrames,
    stream: String,
    columns: usize,
    width: usize,
) -> Result<Sheet, Problem> {
    let frames = chosen.frames();
    let bytes: u64 = frames.iter().map(|frame| u64::from(frame.size)).sum();
    if bytes > limits::SHEET_BYTES_MAX {
        let words = "the pictures are too large for one sheet: ask for fewer";
        return Err(Problem::bad("rows", words));
    }
    let cell = frames.first().map_or((1, 1), |first| fit(first.params(), width, usize::MAX));
    let columns = columns.min(frames.len());
    let rows = frames.len().div_ceil(columns.max(1));
    let (wide, high) = (columns * usize::from(cell.0), rows * usize::from(cell.1));
    let fits = u16::try_from(wide).is_ok() && u16::try_from(high).is_ok();
    if !fits || wide * high > limits::STILL_PIXELS_MAX {
        let words =
            format!("a sheet of {wide} × {high} pixels is not drawn: ask for a smaller one");
        return Err(Problem::bad("width", words));
    }
    // At most `limits::SHEET_CELLS_MAX`.
    let columns = columns as u16;
    let etag = tag(&chosen, &[columns, cell.0, cell.1]);
    Ok(Sheet { chosen, stream, columns, cell, etag })
}
