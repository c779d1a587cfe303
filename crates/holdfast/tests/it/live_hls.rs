//! Low-latency HLS of a real server: as a player waits for it, and as ffmpeg reads it.

use std::path::Path;
use std::time::{Duration, Instant};

use base::WallTime;

use crate::http::Door;
use crate::recording::{cameras, now};
use crate::server::{Server, Setup, camera};
use crate::tools::shown_for;

fn path(camera: &str) -> String {
    format!("/api/v1/cameras/{camera}/streams/main/live.m3u8")
}

async fn server(cameras: Vec<(&str, String)>) -> Server {
    let mut setup = Setup::with_cameras(cameras);
    setup.server = "allow_unauthenticated = true".to_owned();
    Server::start(&setup).await
}

/// The playlist, as soon as there is one.
async fn playlist(server: &Server, camera: &str) -> String {
    let begun = Instant::now();
    loop {
        let reply = server.door().get(&path(camera)).send().await;
        if reply.status == 200 {
            return reply.text();
        }
        assert_eq!((reply.status, &*reply.problem()), (503, "not-live"), "{}", reply.text());
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", reply.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn number(playlist: &str, tag: &str) -> u64 {
    let value = playlist.lines().find_map(|line| line.strip_prefix(tag));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{tag} in {playlist}"))
}

/// Number of the media segment that is not whole, and how many parts it has.
fn place(playlist: &str) -> (u64, usize) {
    let whole = playlist.matches("#EXTINF:").count() as u64;
    let open = playlist.rsplit("#EXTINF").next().unwrap_or_default();
    (number(playlist, "#EXT-X-MEDIA-SEQUENCE:") + whole, open.matches("#EXT-X-PART:").count())
}

/// The end of a playlist: its last date, and what follows it.
fn end(playlist: &str) -> WallTime {
    let mut at = WallTime::EPOCH;
    for line in playlist.lines() {
        if let Some(date) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
            at = date.parse().expect("it is a date");
        }
        if let Some(part) = line.strip_prefix("#EXT-X-PART:DURATION=") {
            let seconds = part.split(',').next().and_then(|text| text.parse().ok());
            at = at + Duration::from_secs_f64(seconds.expect("it is a number"));
        }
    }
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_blocks_until_its_part_is_there_and_that_is_the_newest() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let server = server(vec![("door", cams.url("door-main;c=1"))]).await;
    let mut text = playlist(&server, "door").await;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let (segment, part) = place(&text);
        let path = format!("{}?_HLS_msn={segment}&_HLS_part={part}", path("door"));
        let begun = Instant::now();
        let reply = server.door().get(&path).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        waits.push(begun.elapsed());
        text = reply.text();
        assert!(place(&text) > (segment, part), "{text}");
        let late = now().micros_since(end(&text));
        assert!(late < 1_500_000, "what is newest is {late} µs old: {text}");
    }
    let all: Duration = waits.iter().sum();
    // A part is half a second.
    assert!(all > Duration::from_secs(4) && all < Duration::from_secs(10), "{waits:?}");
    assert!(waits.iter().max() < Some(&Duration::from_secs(2)), "{waits:?}");
    let far = format!("{}?_HLS_msn={}", path("door"), place(&text).0 + 3);
    assert_eq!(server.door().get(&far).send().await.problem(), "bad-input");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_who_waits_at_once() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let mut server = server(vec![("door", cams.url("door-main;c=1"))]).await;
    let (segment, _) = place(&playlist(&server, "door").await);
    // A media segment that will not be whole for some seconds.
    let path = format!("{}?_HLS_msn={}", path("door"), segment + 1);
    let (door, begun) = (server.door(), Instant::now());
    let waiting = tokio::spawn(async move { door.get(&path).send().await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let (took, status) = server.stop();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < Duration::from_millis(1500), "stopping took {took:?}");
    let reply = waiting.await.expect("it is answered");
    assert_eq!(reply.problem(), "not-live");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_go_on_over_a_restart_and_old_addresses_are_gone() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let mut server = server(vec![("door", cams.url("door-main;c=1"))]).await;
    let before = playlist(&server, "door").await;
    let file = before.lines().rfind(|line| !line.starts_with('#')).expect("a media segment");
    let file = path("door").replace("live.m3u8", file);
    assert_eq!(server.door().get(&file).send().await.status, 200);
    // Numbers grow with the time.
    tokio::time::sleep(Duration::from_secs(4)).await;
    server.kill();
    server.start_again().await;
    let after = playlist(&server, "door").await;
    assert!(place(&after).0 > place(&before).0, "{before}\n{after}");
    let breaks = "#EXT-X-DISCONTINUITY-SEQUENCE:";
    // hls.js finds its place by it, where its playlist has become old.
    assert_eq!(number(&after, breaks), number(&before, breaks), "{before}\n{after}");
    assert_eq!(server.door().get(&file).send().await.problem(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_does_not_answer_is_said_to_be_gone() {
    let server = server(vec![("gone", "rtsp://127.0.0.1:1/".to_owned())]).await;
    let begun = Instant::now();
    let reply = server.door().get(&path("gone")).send().await;
    assert_eq!(reply.problem(), "not-live");
    assert_eq!(reply.header("retry-after"), "2");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn ffmpeg_shows_every_picture_and_all_sound() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let clips = [("sound", "door-main;c=1"), ("bframes", "drive-main;c=2"), ("hevc", "hevc;c=3")];
    let streams = clips.iter().map(|(slug, clip)| (*slug, cams.url(clip))).collect();
    let server = server(streams).await;
    let Door::Tcp(at) = server.port() else { panic!("players come over TCP") };
    for (camera, _) in clips {
        playlist(&server, camera).await;
        let url = format!("http://{at}{}", path(camera));
        let times = shown_for(Path::new(&url), "v", 6);
        let steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let longest = steps.iter().copied().fold(0.0, f64::max);
        assert!(longest < 0.13, "{camera}: {longest} s between two pictures");
        let length = times[times.len() - 1] - times[0];
        assert!(length > 5.5, "{camera}: {length} s");
    }
    let url = format!("http://{at}{}", path("sound"));
    let sound = shown_for(Path::new(&url), "a", 4);
    let longest = sound.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(longest < 0.1 && sound.len() > 30, "{longest} s between two of {}", sound.len());
}

/// When the media time of a stream is zero, in microseconds of wall time: by the first media
/// segment of its playlist.
async fn zero(server: &Server, playlist_path: &str, playlist: &str) -> i64 {
    let date = playlist.lines().find_map(|line| line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:"));
    let date: WallTime = date.and_then(|date| date.parse().ok()).expect("it has a date");
    let name = playlist.lines().find(|line| !line.starts_with('#')).expect("a media segment");
    let file = playlist_path.replace("live.m3u8", name);
    let bytes = server.door().get(&file).send().await.body;
    let at = bytes.windows(4).position(|four| four == b"tfdt").expect("it has a time") + 8;
    let ticks = i64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    date.as_micros() - ticks * 100 / 9
}

#[tokio::test(flavor = "multi_thread")]
async fn ffmpeg_plays_a_camera_with_its_streams_on_one_scale() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let sub = format!("[camera.stream.sub]\nurl = \"{}\"", cams.url("door-sub;c=2"));
    let setup = Setup {
        cameras: camera("door", &cams.url("door-main;c=1"), "", &sub),
        server: "allow_unauthenticated = true".to_owned(),
        ..Setup::default()
    };
    let server = Server::start(&setup).await;
    let main = path("door");
    let first = playlist(&server, "door").await;
    assert!(!first.contains("RENDITION-REPORT"), "nobody watches the other one: {first}");
    // Begun some seconds after the other.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let sub = main.replace("/main/", "/sub/");
    let second = server.door().get(&sub).send().await.text();
    let apart = zero(&server, &main, &first).await - zero(&server, &sub, &second).await;
    assert!(apart.abs() < 500_000, "{apart} µs apart: {first}\n{second}");
    let breaks = "#EXT-X-DISCONTINUITY-SEQUENCE:";
    assert_eq!(number(&first, breaks), number(&second, breaks));
    assert!(second.contains("#EXT-X-RENDITION-REPORT:URI=\"../main/live.m3u8\""), "{second}");

    let master = "/api/v1/cameras/door/live.m3u8";
    let begun = Instant::now();
    // Rates are measured over some seconds.
    let text = loop {
        let reply = server.door().get(master).send().await;
        if reply.status == 200 && reply.text().matches("#EXT-X-STREAM-INF:").count() == 2 {
            break reply.text();
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", reply.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let places = ["streams/main/", "streams/sub/"].map(|address| text.find(address));
    assert!(places[0] < places[1], "the best one first: {text}");
    let Door::Tcp(at) = server.port() else { panic!("players come over TCP") };
    let url = format!("http://{at}{master}");
    let times = shown_for(Path::new(&url), "v", 6);
    let steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let longest = steps.iter().copied().fold(0.0, f64::max);
    assert!(longest < 0.13, "{longest} s between two pictures");
    assert!(times[times.len() - 1] - times[0] > 5.5, "{times:?}");
}
