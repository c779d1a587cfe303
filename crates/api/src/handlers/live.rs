//! Low-latency HLS of what is live: playlists that wait for what they are asked for, and the files
//! that they name. How they are made is `live`'s.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base::{AiringId, limits};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use live::{Awaited, LiveFile, Visit, Wanted};

use super::cameras::{StreamNames, find_stream};
use super::hls::PLAYLIST;
use crate::app::App;
use crate::file::{AtHand, serve};
use crate::problem::Problem;
use crate::query::Query;

/// `GET …/streams/{stream}/live.m3u8`
pub(crate) async fn playlist(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
) -> Result<Response, Problem> {
    let awaited = awaited(&query)?;
    let stream = find_stream(&app, &names)?.id;
    let visit = app.live().visit(stream)?;
    let text = settle(&app, visit, Wanted::Playlist(awaited)).await?;
    // The next one is another, and what it says is over in a few seconds.
    Ok(([(header::CONTENT_TYPE, PLAYLIST), (header::CACHE_CONTROL, "no-store")], text)
        .into_response())
}

/// What a playlist is to have before it is given.
fn awaited(query: &Query) -> Result<Option<Awaited>, Problem> {
    let segment = query.parsed::<u64>("_HLS_msn", "the number of a media segment")?;
    let part = query.parsed::<u64>("_HLS_part", "the number of a part")?;
    match (segment, part) {
        (Some(segment), part) => Ok(Some(Awaited { segment, part })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Problem::bad("_HLS_part", "of which media segment? add `_HLS_msn`")),
    }
}

/// Names in the path of a file.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct FileNames {
    camera: String,
    stream: String,
    airing: String,
    file: String,
}

/// `GET …/streams/{stream}/live/{airing}/{file}`
pub(crate) async fn file(
    State(app): State<App>,
    Path(names): Path<FileNames>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let FileNames { camera, stream, airing, file } = names;
    let stream = find_stream(&app, &StreamNames { camera, stream })?.id;
    let missing = || Problem::from(live::LiveFileError::Missing);
    let airing: AiringId = airing.parse().map_err(|_| missing())?;
    let wanted = Wanted::File(airing, live_file(&file).ok_or_else(missing)?);
    let visit = app.live().visit_again(stream).ok_or_else(missing)?;
    let bytes = settle(&app, visit, wanted).await?;
    let file = AtHand::named("video/mp4", bytes, &format!("{airing}-{file}"));
    serve(&app, &method, &headers, &file)
}

/// `init-0.mp4`, `segment-1795377600.m4s`, `part-12.m4s`
fn live_file(name: &str) -> Option<LiveFile> {
    let number = |text: &str| -> Option<u64> {
        let number = text.parse::<u64>().ok()?;
        // One file has one name.
        (number.to_string() == text).then_some(number)
    };
    if let Some(name) = name.strip_prefix("init-") {
        return number(name.strip_suffix(".mp4")?).map(LiveFile::Init);
    }
    let name = name.strip_suffix(".m4s")?;
    match name.strip_prefix("part-") {
        Some(part) => number(part).map(LiveFile::Part),
        None => number(name.strip_prefix("segment-")?).map(LiveFile::Segment),
    }
}

/// What is there, or comes soon. A wait ends with the server, and by itself after a while.
async fn settle(app: &App, mut visit: Visit, wanted: Wanted) -> Result<Bytes, Problem> {
    if let Some(bytes) = visit.look(wanted)? {
        return Ok(bytes);
    }
    let busy = |_| Problem::Busy("too many requests wait for live footage".into());
    let _place = app.waiting().try_acquire().map_err(busy)?;
    let stopping = app.shutdown().requested();
    let found = tokio::time::timeout(limits::LIVE_HLS_WAIT_MAX, visit.wait(wanted));
    tokio::select! {
        () = stopping => Err(Problem::NotLive("the server is stopping".into())),
        found = found => match found {
            Ok(found) => Ok(found?),
            Err(_) => Err(Problem::NotLive("nothing more has come from the camera for now".into())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name() {
        assert_eq!(live_file("init-0.mp4"), Some(LiveFile::Init(0)));
        assert_eq!(live_file("part-12.m4s"), Some(LiveFile::Part(12)));
        assert_eq!(live_file("segment-7.m4s"), Some(LiveFile::Segment(7)));
        for name in
            ["init-0.m4s", "part-.m4s", "part-+1.m4s", "part-01.m4s", "7.m4s", "part-1", "x-1.m4s"]
        {
            assert_eq!(live_file(name), None, "{name}");
        }
    }
}
