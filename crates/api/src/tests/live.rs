//! Live HLS: which address leads where, who waits for how long, what is kept by nobody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{UserId, limits};
use catalog::Change;
use http::{Method, header};
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec};
use stream::StreamWriter;

use crate::operations::{StreamState, StreamStatus};

use super::house::{Answer, As, CAMERA, House, MAIN, SUB};
use super::sockets::{camera, camera_as, send};

const STREAM: &str = "/api/v1/cameras/front-door/streams/main";
const PLAYLIST: &str = "/api/v1/cameras/front-door/streams/main/live.m3u8";
/// The camera's playlist, with its streams as variants.
const MASTER: &str = "/api/v1/cameras/front-door/live.m3u8";
/// The number of the first media segment: one hour after the footage begins.
const FIRST: u64 = 1_795_377_600 + 3600;

/// A house whose camera has been watched for three seconds and a bit, with a key frame each second.
async fn on_air() -> (House, StreamWriter) {
    let house = House::new();
    let mut writer = camera(&house);
    send(&mut writer, 0);
    assert!(house.live.visit(MAIN).is_ok());
    for second in 0..3 {
        (1..=25).for_each(|n| send(&mut writer, second * 25 + n));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (1..15).for_each(|n| send(&mut writer, 75 + n));
    (house, writer)
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    String::from_utf8(answer.bytes.clone()).unwrap()
}

/// The addresses of a playlist: of init segments, media segments and parts, and the hint.
fn addresses(text: &str) -> (Vec<String>, String) {
    let address = |line: &str| match line.split_once("URI=\"") {
        Some((_, rest)) => Some(rest.split('"').next().unwrap().to_owned()),
        None => Some(line.to_owned()).filter(|line| !line.starts_with('#')),
    };
    let named = text.lines().filter_map(address).map(|name| format!("{STREAM}/{name}"));
    let mut all: Vec<_> = named.collect();
    let hint = all.pop().unwrap();
    (all, hint)
}

#[tokio::test]
async fn a_live_playlist_leads_to_files_that_never_change() {
    let (house, _writer) = on_air().await;
    let answer = house.get(As::Viewer, PLAYLIST).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/vnd.apple.mpegurl");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let text = text(&answer);
    assert!(text.contains(&format!("#EXT-X-MEDIA-SEQUENCE:{FIRST}\n")), "{text}");
    let (files, _) = addresses(&text);
    assert!(files.iter().any(|file| file.contains("/part-")), "{text}");
    for file in &files {
        let whole = house.get(As::Viewer, file).await;
        assert_eq!(whole.status, 200, "{file}");
        assert_eq!(whole.header(header::CONTENT_TYPE), "video/mp4");
        assert_eq!(whole.header(header::CACHE_CONTROL), "private, no-cache");
        let held = [(header::IF_NONE_MATCH, whole.header(header::ETAG))];
        assert_eq!(house.send(As::Viewer, Method::GET, file, &held, None).await.status, 304);
        let range = [(header::RANGE, "bytes=4-7")];
        let part = house.send(As::Viewer, Method::GET, file, &range, None).await;
        assert_eq!((part.status.as_u16(), &part.bytes[..]), (206, &whole.bytes[4..8]));
        let secret = house.get(As::Stranger, file).await;
        assert_eq!(secret.problem(), "401 not-signed-in");
    }
    // They are one stream's only, and one airing's.
    let (file, (_writer, reader)) = (&files[1], stream::stream());
    house.live.add(CAMERA, SUB, reader);
    assert!(house.live.visit(SUB).is_ok());
    let other = file.replace("/main/", "/sub/");
    assert_eq!(house.get(As::Viewer, &other).await.problem(), "404 not-found");
    let (_, airing) = file.split_once("/live/").unwrap();
    let airing = airing.split('/').next().unwrap();
    let other = file.replace(airing, "0189b2f0-0000-7000-8000-000000000000");
    assert_eq!(house.get(As::Viewer, &other).await.problem(), "404 not-found");
    let other = file.replace(airing, "nonsense");
    assert_eq!(house.get(As::Viewer, &other).await.problem(), "404 not-found");
}

#[tokio::test]
async fn what_is_still_to_come_is_waited_for() {
    let (house, mut writer) = on_air().await;
    let now = text(&house.get(As::Viewer, PLAYLIST).await);
    let (files, hint) = addresses(&now);
    assert!(!files.contains(&hint));
    let house = Arc::new(house);
    let ask = |path: String| {
        let house = house.clone();
        tokio::spawn(async move { house.get(As::Viewer, &path).await })
    };
    let newest = FIRST + now.matches("#EXTINF:").count() as u64;
    let parts = now.rsplit("#EXTINF").next().unwrap().matches("#EXT-X-PART:").count();
    let waiting = [
        ask(format!("{PLAYLIST}?_HLS_msn={newest}&_HLS_part={parts}&_HLS_skip=YES")),
        ask(hint.clone()),
    ];
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    (0..20).for_each(|n| send(&mut writer, 90 + n));
    let [playlist, part] = waiting;
    let (playlist, part) = (playlist.await.unwrap(), part.await.unwrap());
    let name = hint.strip_prefix(STREAM).unwrap();
    assert!(text(&playlist).contains(&name[1..]), "{playlist:?}");
    assert_eq!(part.bytes.get(4..8), Some(&b"moof"[..]));
}

#[tokio::test]
async fn who_is_signed_out_while_they_wait_is_shown_nothing() {
    let (house, mut writer) = on_air().await;
    let now = text(&house.get(As::Viewer, PLAYLIST).await);
    let (_, hint) = addresses(&now);
    let newest = FIRST + now.matches("#EXTINF:").count() as u64;
    let house = Arc::new(house);
    let ask = |by: As, path: String| {
        let house = house.clone();
        tokio::spawn(async move { house.get(by, &path).await })
    };
    let playlist = ask(As::Viewer, format!("{PLAYLIST}?_HLS_msn={newest}"));
    let (part, other) = (ask(As::Viewer, hint.clone()), ask(As::ViewerToken, hint.clone()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!playlist.is_finished() && !part.is_finished() && !other.is_finished());
    house.put([Change::RemoveSessionsOf(UserId::from_bytes([2; 16]))]);
    for n in 0..60 {
        send(&mut writer, 90 + n);
    }
    assert_eq!(playlist.await.unwrap().problem(), "401 not-signed-in");
    assert_eq!(part.await.unwrap().problem(), "401 not-signed-in");
    assert_eq!(other.await.unwrap().status, 200, "who still may is shown it");
}

#[tokio::test]
async fn what_cannot_be_awaited_is_refused() {
    let (house, _writer) = on_air().await;
    text(&house.get(As::Viewer, PLAYLIST).await);
    for (query, expected) in [
        ("_HLS_part=0".to_owned(), "400 bad-input"),
        ("_HLS_msn=-1".to_owned(), "400 bad-input"),
        ("_HLS_msn=x".to_owned(), "400 bad-input"),
        (format!("_HLS_msn={FIRST}&_HLS_part=x"), "400 bad-input"),
        (format!("_HLS_msn={}", FIRST + 100), "400 bad-input"),
        (format!("_HLS_msn={}", u64::MAX), "400 bad-input"),
        ("from=-1h".to_owned(), "400 bad-input"),
    ] {
        let answer = house.get(As::Viewer, &format!("{PLAYLIST}?{query}")).await;
        assert_eq!(answer.problem(), expected, "{query}");
    }
    let old = format!("{PLAYLIST}?_HLS_msn=5&_HLS_part=7");
    assert_eq!(house.get(As::Viewer, &old).await.status, 200, "of an airing that is over");
    for name in ["part-99999.m4s", "segment-1.m4s", "init-9.mp4", "part-1.mp4", "x"] {
        let (files, _) = addresses(&text(&house.get(As::Viewer, PLAYLIST).await));
        let (folder, _) = files[0].rsplit_once('/').unwrap();
        let answer = house.get(As::Viewer, &format!("{folder}/{name}")).await;
        assert_eq!(answer.problem(), "404 not-found", "{name}");
    }
}

#[tokio::test]
async fn a_camera_that_is_not_there_is_said_to_be_so_at_once() {
    let house = House::new();
    assert_eq!(house.get(As::Viewer, PLAYLIST).await.problem(), "503 not-live");
    let (_writer, reader) = stream::stream();
    house.live.add(CAMERA, MAIN, reader);
    for query in ["", "?_HLS_msn=5"] {
        let answer = house.get(As::Viewer, &format!("{PLAYLIST}{query}")).await;
        assert_eq!(answer.problem(), "503 not-live", "{query}");
        assert_eq!(answer.header(header::RETRY_AFTER), "2");
    }
}

#[tokio::test]
async fn a_camera_that_sends_nothing_keeps_nobody_for_long() {
    let house = House::new();
    let _writer = camera(&house);
    let begun = Instant::now();
    let answer = house.get(As::Viewer, PLAYLIST).await;
    assert_eq!(answer.problem(), "503 not-live");
    let (took, most) = (begun.elapsed(), limits::LIVE_HLS_WAIT_MAX);
    assert!(took >= most && took < most + Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn only_so_many_wait_and_all_end_with_the_server() {
    let house = Arc::new(House::new());
    let _writer = camera(&house);
    let most = limits::LIVE_HLS_WAITING_MAX as u32;
    let places = house.app.waiting().clone().acquire_many_owned(most).await.unwrap();
    let answer = house.get(As::Viewer, PLAYLIST).await;
    assert_eq!(answer.problem(), "503 busy");
    drop(places);
    let asking = house.clone();
    let waiting = tokio::spawn(async move { asking.get(As::Viewer, PLAYLIST).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    let begun = Instant::now();
    house.shutdown.request();
    assert_eq!(waiting.await.unwrap().problem(), "503 not-live");
    assert!(begun.elapsed() < Duration::from_millis(250));
}

/// Attributes of each variant, and its address.
fn variants(master: &str) -> Vec<(&str, &str)> {
    let mut lines = master.lines();
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(attributes) = line.strip_prefix("#EXT-X-STREAM-INF:") {
            all.push((attributes, lines.next().unwrap()));
        }
    }
    all
}

#[tokio::test]
async fn a_camera_offers_its_streams_as_variants() {
    let (house, mut writer) = on_air().await;
    // Peaks are measured over two seconds.
    (90..130).for_each(|n| send(&mut writer, n));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let _sub = camera_as(&house, SUB);
    {
        let mut cameras = house.system.cameras.lock().unwrap();
        let sub = &mut cameras[0].streams[1];
        (sub.frame_rate, sub.bit_rate) = (Some(12.5), Some(200_000));
        let (codec, config) = (AudioCodec::Aac, [0x15, 0x88].to_vec().into());
        let sound = AudioParams { codec, sample_rate: 8000, channels: 1, config };
        sub.tracks.push(Arc::new(TrackParams::Audio(sound)));
    }
    let answer = house.get(As::Viewer, MASTER).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/vnd.apple.mpegurl");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let text = text(&answer);
    let expected = [
        (
            "BANDWIDTH=1000000,AVERAGE-BANDWIDTH=1000000,CODECS=\"avc1.42c01e\",\
             RESOLUTION=640x480,FRAME-RATE=25.000",
            "streams/main/live.m3u8",
        ),
        // Nobody watches it: its peak is not known.
        (
            "BANDWIDTH=300000,AVERAGE-BANDWIDTH=200000,CODECS=\"avc1.42c01e,mp4a.40.2\",\
             RESOLUTION=640x480,FRAME-RATE=12.500",
            "streams/sub/live.m3u8",
        ),
    ];
    assert_eq!(variants(&text), expected, "{text}");
    assert_eq!(house.live.viewers(SUB), 0, "what is offered is not encoded for that");
    assert_eq!(MASTER.replace("live.m3u8", variants(&text)[0].1), PLAYLIST);
    assert_eq!(house.get(As::Stranger, MASTER).await.problem(), "401 not-signed-in");
    let other = MASTER.replace("front-door", "back-door");
    assert_eq!(house.get(As::Viewer, &other).await.problem(), "404 not-found");
    let ranged = house.get(As::Viewer, &format!("{MASTER}?from=-1h")).await;
    assert_eq!(ranged.problem(), "400 bad-input", "that is hls.m3u8");
}

#[tokio::test]
async fn what_cannot_be_played_now_is_not_offered() {
    let (house, _writer) = on_air().await;
    let offered = async || {
        let text = text(&house.get(As::Viewer, MASTER).await);
        variants(&text).into_iter().map(|(_, address)| address.to_owned()).collect::<Vec<_>>()
    };
    let change = |of: usize, change: fn(&mut StreamStatus)| {
        change(&mut house.system.cameras.lock().unwrap()[0].streams[of]);
    };
    let (main, sub) = ("streams/main/live.m3u8", "streams/sub/live.m3u8");
    assert_eq!(offered().await, [main], "the other one is paused: nobody can watch it");
    let _sub = camera_as(&house, SUB);
    assert_eq!(offered().await, [main, sub]);
    change(0, |main| main.state = StreamState::Connecting);
    assert_eq!(offered().await, [sub]);
    change(0, |main| (main.state, main.bit_rate) = (StreamState::Playing, None));
    assert_eq!(offered().await, [sub], "nothing was measured yet");
    change(0, |main| {
        let TrackParams::Video(mut video) = (*main.tracks[0]).clone() else { panic!() };
        (video.codec, main.bit_rate) = (VideoCodec::Jpeg, Some(1_000_000));
        main.tracks = vec![Arc::new(TrackParams::Video(video))];
    });
    assert_eq!(offered().await, [sub]);
    let refusal = async || house.get(As::Viewer, MASTER).await;
    let away = "503 not-live";
    change(1, |sub| sub.state = StreamState::Waiting);
    assert_eq!(refusal().await.problem(), away, "one is only away");
    change(1, |sub| (sub.state, sub.bit_rate) = (StreamState::Playing, None));
    assert_eq!(refusal().await.problem(), away, "one is not measured yet");
    change(1, |sub| sub.state = StreamState::Paused);
    assert_eq!(refusal().await.problem(), "404 not-found", "there is no other");
    change(0, |main| main.state = StreamState::Denied);
    assert_eq!(refusal().await.problem(), away);
    assert_eq!(refusal().await.header(header::RETRY_AFTER), "2");
    change(0, |main| main.state = StreamState::Paused);
    assert_eq!(refusal().await.problem(), away, "all are paused");
}

#[tokio::test]
async fn a_playlist_tells_how_far_the_others_are_that_somebody_watches() {
    let (house, _writer) = on_air().await;
    let mut sub = camera_as(&house, SUB);
    send(&mut sub, 0);
    let reports = async || {
        let text = text(&house.get(As::Viewer, PLAYLIST).await);
        let lines = text.lines().skip_while(|line| !line.starts_with("#EXT-X-RENDITION-REPORT"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(reports().await, [""; 0], "nobody watches it");
    assert!(house.live.visit(SUB).is_ok());
    for second in 0..3 {
        (1..=25).for_each(|n| send(&mut sub, second * 25 + n));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let own = text(&house.get(As::Viewer, &PLAYLIST.replace("/main/", "/sub/")).await);
    let whole = own.matches("#EXTINF:").count() as u64;
    let parts = own.rsplit("#EXTINF").next().unwrap().matches("#EXT-X-PART:").count();
    let (segment, part) = (FIRST + whole, parts - 1);
    let expected = format!(
        "#EXT-X-RENDITION-REPORT:URI=\"../sub/live.m3u8\",LAST-MSN={segment},LAST-PART={part}"
    );
    assert_eq!(reports().await, [expected], "{own}");
    house.system.cameras.lock().unwrap()[0].streams[1].state = StreamState::Waiting;
    assert_eq!(reports().await, [""; 0], "it is not offered any more");
}
