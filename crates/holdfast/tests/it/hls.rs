//! HLS of a real server, as ffmpeg and GStreamer read it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base::WallTime;
use serde_json::Value;

use crate::http::Door;
use crate::recording::cameras;
use crate::server::{Server, Setup};
use crate::tools::{have, pictures, shown};

const KINDS: [(&str, &str); 3] = [
    ("door-main", "avc1."),
    // With B-frames.
    ("drive-main", "avc1."),
    ("hevc", "hvc1."),
];

fn time(value: &Value) -> WallTime {
    value.as_str().and_then(|at| at.parse().ok()).unwrap_or_else(|| panic!("{value} is no time"))
}

/// The address of a path for players, who come over TCP.
fn address(server: &Server, path: &str) -> String {
    let Door::Tcp(at) = server.port() else { panic!("players come over TCP") };
    format!("http://{at}{path}")
}

async fn text(server: &Server, path: &str) -> String {
    let reply = server.door().get(path).send().await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    assert_eq!(reply.header("content-type"), "application/vnd.apple.mpegurl");
    reply.text().to_string()
}

/// The first instant of a playlist.
fn first(playlist: &str) -> WallTime {
    let date = |line: &str| line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:")?.parse().ok();
    playlist.lines().find_map(date).expect("the first media segment has a date")
}

/// Waits until `length` after the start of a stream's footage is durable; gives the start.
async fn recorded(server: &Server, camera: &str, length: Duration) -> WallTime {
    let begun = server.wait_for(camera, "footage", |s| s["recorded"]["from"].is_string()).await;
    let from = time(&begun["recorded"]["from"]);
    let enough = |stream: &Value| {
        stream["durable_until"].is_string() && time(&stream["durable_until"]) > from + length
    };
    server.wait_for(camera, "end of the range", enough).await;
    from
}

/// Prints how many pictures a player shows.
const GSTREAMER: &str = r#"
import sys, gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
player = Gst.parse_launch("playbin video-sink=fakesink audio-sink=fakesink")
player.set_property("uri", sys.argv[1])
pictures = []
video = player.get_property("video-sink")
video.set_property("signal-handoffs", True)
video.connect("handoff", lambda sink, buffer, pad: pictures.append(buffer.pts))
player.set_state(Gst.State.PLAYING)
ends = Gst.MessageType.EOS | Gst.MessageType.ERROR
end = player.get_bus().timed_pop_filtered(60 * Gst.SECOND, ends)
if end is None or end.type == Gst.MessageType.ERROR:
    sys.exit(str(end and end.parse_error()))
print(len(pictures))
player.set_state(Gst.State.NULL)
"#;

/// How many pictures GStreamer shows; `None` where it is not there, which is said loudly.
fn gstreamer(url: &str) -> Option<usize> {
    if !have("gst-inspect-1.0", "hlsdemux2", "what GStreamer makes of HLS") {
        return None;
    }
    let output = Command::new("/usr/bin/python3").args(["-c", GSTREAMER, url]).output();
    let output = output.expect("python runs");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{url}: {said} {complaints}");
    Some(said.parse().unwrap_or_else(|_| panic!("{said} {complaints}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn players_show_of_hls_what_the_clip_shows() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let mut setup = Setup::with_cameras(KINDS.map(|(clip, _)| (clip, cams.url(clip))));
    setup.archive = "segment_duration = \"5s\"".to_owned();
    setup.server = "allow_unauthenticated = true".to_owned();
    let server = Server::start(&setup).await;
    for (name, codec) in KINDS {
        let length = Duration::from_secs(12);
        let begun = recorded(&server, name, length).await;
        let (from, to) = (begun + Duration::from_millis(2520), begun + length);
        let path = format!("/api/v1/cameras/{name}/streams/main/hls.m3u8?from={from}&to={to}");
        let playlist = text(&server, &path).await;
        assert!(playlist.contains("#EXT-X-INDEPENDENT-SEGMENTS"), "{playlist}");
        assert!(!playlist.contains("#EXT-X-DISCONTINUITY"), "{playlist}");
        let start = first(&playlist);
        assert!(start <= from, "{playlist}");
        let clip = server.clip(name, start, to, &format!("{name}.mp4")).await;
        let url = address(&server, &path);
        let url = Path::new(&url);
        // A picture that B-frames need is shown, though it is presented after the end.
        let (seen, expected) = (pictures(url), pictures(&clip));
        let more = seen.len().checked_sub(expected.len());
        assert!(more.is_some_and(|more| more <= 2), "{name}: {more:?} pictures more: {playlist}");
        assert!(seen.starts_with(&expected), "{name}: other pictures: {playlist}");
        let count = seen.len();
        let (times, expected) = (shown(url, "v"), shown(&clip, "v"));
        for (at, clip_at) in times.iter().zip(&expected) {
            let off = (at - times[0]) - (clip_at - expected[0]);
            assert!(off.abs() < 0.001, "{name}: a picture at {at} s is {off} s off");
        }
        let master = format!("/api/v1/cameras/{name}/hls.m3u8?from={from}&to={to}");
        let variants = text(&server, &master).await;
        assert!(variants.contains(&format!("CODECS=\"{codec}")), "{variants}");
        let url = address(&server, &master);
        assert_eq!(pictures(Path::new(&url)).len(), count, "{name}: {variants}");
        if let Some(shown) = gstreamer(&url) {
            assert_eq!(shown, count, "{name}: what GStreamer shows of {playlist}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_that_grows_goes_on_over_a_break() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cams.url("door-main;c=1"))]);
    setup.archive = "segment_duration = \"4s\"".to_owned();
    setup.server = "allow_unauthenticated = true".to_owned();
    let mut server = Server::start(&setup).await;
    let from = recorded(&server, "door", Duration::from_secs(9)).await;
    let path = format!("/api/v1/cameras/door/streams/main/hls.m3u8?from={from}");
    let begun = text(&server, &path).await;
    assert!(begun.contains("#EXT-X-PLAYLIST-TYPE:EVENT\n"), "{begun}");
    assert!(begun.matches("#EXTINF:").count() >= 1, "{begun}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    server.start_again().await;
    let again = server.door().get(&path).send().await;
    assert!([200, 503].contains(&again.status), "{}", again.text());
    let ended = server.wait_for("door", "its end", |s| s["durable_until"].is_string()).await;
    let length = time(&ended["durable_until"]).since(from) + Duration::from_secs(9);
    recorded(&server, "door", length).await;
    let grown = text(&server, &path).await;
    assert!(grown.starts_with(&begun), "{grown}\ndoes not begin with\n{begun}");
    assert!(grown.matches("#EXTINF:").count() > begun.matches("#EXTINF:").count(), "{grown}");
    assert_eq!(grown.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{grown}");
    assert_eq!(grown.matches("#EXT-X-MAP:").count(), 1, "{grown}");
    // The same once it is over: as many pictures as the clip has, and the same ones.
    let to = from + length;
    let path = format!("{path}&to={to}");
    let over = text(&server, &path).await;
    assert!(over.ends_with("#EXT-X-ENDLIST\n"), "{over}");
    let clip = server.clip("door", from, to, "over.mp4").await;
    let url = address(&server, &path);
    assert_eq!(pictures(Path::new(&url)), pictures(&clip), "{over}");
    assert!(shown(Path::new(&url), "a").len() + 2 >= shown(&clip, "a").len(), "with its sound");
}
