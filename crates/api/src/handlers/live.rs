//! Low-latency HLS of what is live: playlists that wait for what they are asked for, and the files
//! that they name. How they are made is `live`'s.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base::{AiringId, StreamId, limits};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use live::{Awaited, LiveFile, Visit, Wanted, with_reports};
use media::TrackParams;
use playback::hls::{Variant, master_playlist};
use url::form_urlencoded::byte_serialize;

use super::cameras::{StreamNames, find_camera, find_stream};
use super::hls::PLAYLIST;
use crate::app::App;
use crate::caller::Credentials;
use crate::file::{AtHand, serve};
use crate::operations::{StreamState, StreamStatus};
use crate::path::Path;
use crate::problem::Problem;
use crate::query::Query;

/// A measured rate that says nothing of its peaks yet is taken for so much less than those.
const PEAK_PERCENT: u64 = 150;

/// What all of this asks for.
const MAY: access::Permission = access::Permission::ViewLive;

/// `GET …/streams/{stream}/live.m3u8`
pub(crate) async fn playlist(
    State(app): State<App>,
    Extension(credentials): Extension<Credentials>,
    Path(names): Path<StreamNames>,
    query: Query,
) -> Result<Response, Problem> {
    let awaited = awaited(&query)?;
    let stream = find_stream(&app, &names)?.id;
    let visit = app.live().visit(stream)?;
    let text = settle(&app, &credentials, visit, Wanted::Playlist(awaited)).await?;
    Ok(fleeting(with_reports(text, &others(&app, &names, stream)?)))
}

/// A playlist: the next one is another, and what it says is over in a few seconds.
fn fleeting(text: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, PLAYLIST), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// How far the other streams of the camera are, with their addresses from that of this one: of
/// those that somebody watches, for nothing is encoded for this.
fn others(
    app: &App,
    names: &StreamNames,
    stream: StreamId,
) -> Result<Vec<(String, Awaited)>, Problem> {
    let streams = find_camera(app, &names.camera)?.streams.into_iter();
    let others = streams.filter(|other| other.id != stream && is_offered(app, other));
    let newest = |other: StreamStatus| {
        let newest = app.live().on_air(other.id)?.newest?;
        Some((format!("../{}/live.m3u8", in_path(&other.name)), newest))
    };
    Ok(others.filter_map(newest).collect())
}

/// `GET /cameras/{camera}/live.m3u8`
pub(crate) async fn master(
    State(app): State<App>,
    Path(camera): Path<String>,
) -> Result<Response, Problem> {
    let streams = find_camera(&app, &camera)?.streams;
    let variants: Vec<_> = streams.iter().filter_map(|it| variant(&app, it)).collect();
    if variants.is_empty() {
        // One that is only away, or not measured yet, may be there the next time.
        let mut wanted = streams.iter().filter(|it| it.state != StreamState::Paused).peekable();
        let is_unplayable = wanted.peek().is_some() && wanted.all(|it| is_unplayable(&app, it));
        return Err(match is_unplayable {
            true => live::LiveFileError::Unplayable.into(),
            false => Problem::NotLive("nothing comes from the camera for now".into()),
        });
    }
    Ok(fleeting(master_playlist(&variants)))
}

/// Whether players are offered a stream: it is not paused, comes, and HLS has a name for it.
fn is_offered(app: &App, stream: &StreamStatus) -> bool {
    plays(app, stream) && lead(stream).is_some_and(|track| track.rfc6381().is_some())
}

/// Whether a stream comes that HLS has no name for.
fn is_unplayable(app: &App, stream: &StreamStatus) -> bool {
    plays(app, stream) && lead(stream).is_some_and(|track| track.rfc6381().is_none())
}

fn plays(app: &App, stream: &StreamStatus) -> bool {
    stream.state == StreamState::Playing && app.live().has(stream.id)
}

/// The track that players have to play, once it is known.
fn lead(stream: &StreamStatus) -> Option<&TrackParams> {
    let video = stream.tracks.iter().find(|track| track.is_video());
    video.or(stream.tracks.first()).map(|track| &**track)
}

/// A stream as a variant, with its address from that of the camera's playlist; `None` where it is
/// not offered, or where nobody knows yet how much it is.
fn variant(app: &App, stream: &StreamStatus) -> Option<(String, Variant)> {
    let mean_bits = stream.bit_rate.filter(|_| is_offered(app, stream))?;
    let measured = app.live().on_air(stream.id).and_then(|on_air| on_air.peak_bits);
    let peak_bits = measured.unwrap_or(mean_bits.saturating_mul(PEAK_PERCENT) / 100);
    let size = stream.tracks.iter().find_map(|track| match &**track {
        TrackParams::Video(video) => Some((video.width, video.height)),
        TrackParams::Audio(_) => None,
    });
    let mut codecs: Vec<String> = Vec::new();
    for codec in stream.tracks.iter().filter_map(|track| track.rfc6381()) {
        if !codecs.contains(&codec) {
            codecs.push(codec);
        }
    }
    let variant = Variant {
        peak_bits: peak_bits.max(mean_bits),
        mean_bits,
        codecs,
        size,
        frame_rate: stream.frame_rate.filter(|_| size.is_some()),
    };
    Some((format!("streams/{}/live.m3u8", in_path(&stream.name)), variant))
}

/// A name as a part of an address.
fn in_path(name: &str) -> String {
    byte_serialize(name.as_bytes()).collect()
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
    Extension(credentials): Extension<Credentials>,
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
    let bytes = settle(&app, &credentials, visit, wanted).await?;
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

/// What is there, or comes soon. A wait ends with the server, and by itself after a while; what
/// came of it is for those who may see it then.
async fn settle(
    app: &App,
    credentials: &Credentials,
    mut visit: Visit,
    wanted: Wanted,
) -> Result<Bytes, Problem> {
    if let Some(bytes) = visit.look(wanted)? {
        return Ok(bytes);
    }
    let busy = |_| Problem::Busy("too many requests wait for live footage".into());
    let _place = app.waiting().try_acquire().map_err(busy)?;
    let stopping = app.shutdown().requested();
    let found = tokio::time::timeout(limits::LIVE_HLS_WAIT_MAX, visit.wait(wanted));
    let found = tokio::select! {
        () = stopping => return Err(Problem::NotLive("the server is stopping".into())),
        found = found => found,
    };
    still_may(app, credentials.clone()).await?;
    match found {
        Ok(found) => Ok(found?),
        Err(_) => Err(Problem::NotLive("nothing more has come from the camera for now".into())),
    }
}

/// An error where the caller was signed out, or may not see it any more.
async fn still_may(app: &App, credentials: Credentials) -> Result<(), Problem> {
    let asked = app.blocking(move |app| {
        let identity = credentials.identify(app)?;
        Ok(access::decide(&identity.caller, MAY, identity.rules)?)
    });
    asked.await
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
