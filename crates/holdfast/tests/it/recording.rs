//! Cameras are recorded whole, through rotation, a kill, sick neighbours and a slow disk.

use std::time::Duration;

use base::WallTime;
use testcam::{TestCam, TestCamOptions};
use tokio::time::sleep;

use crate::server::{Server, Setup};
use crate::tools::{assert_whole, clips, frames, have, mp4_files, shown};

/// Test cameras that play the demo's scenes with a stamp in every frame.
pub async fn cameras(folder: &std::path::Path) -> TestCam {
    let options = TestCamOptions { clips: clips(folder), stamp: true, ..Default::default() };
    testcam::serve(options).await.expect("the cameras start")
}

/// The system's clock: what a test compares the archive's with.
pub fn now() -> WallTime {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    WallTime::EPOCH + now.expect("it is later than 1970")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_is_recorded_once_and_clips_show_exactly_their_range() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let mut server = Server::start(&Setup::with_cameras([
        ("sound", cams.url("door-main;c=1")),
        ("bframes", cams.url("drive-main;c=2")),
        ("ulaw", cams.url("garden-sub;c=3")),
        ("hevc", cams.url("hevc;c=4")),
        ("mjpeg", cams.url("mjpeg;c=5")),
    ]))
    .await;
    sleep(Duration::from_secs(24)).await;
    let (from, to) = (now() - Duration::from_secs(18), now() - Duration::from_secs(4));
    let rates = [("sound", 25.0), ("bframes", 25.0), ("ulaw", 12.5), ("mjpeg", 25.0)];
    for (camera, rate) in rates {
        let clip = server.clip(camera, from, to, &format!("{camera}.mp4")).await;
        let times = shown(&clip, "v");
        let expected = 14.0 * rate;
        assert!((times.len() as f64 - expected).abs() <= 1.0, "{camera}: {} frames", times.len());
        assert!(times[0] <= 0.001, "{camera}: begins at {}", times[0]);
        let regular = times.windows(2).all(|t| (t[1] - t[0] - 1.0 / rate).abs() < 0.004);
        assert!(regular, "{camera}: {times:?}");
    }
    let sound = shown(&server.dir().join("sound.mp4"), "a");
    let last = sound.last().expect("there is sound");
    assert!((last - 14.0).abs() < 0.15, "sound ends at {last}");
    let stopped_at = now();
    let (took, status) = server.stop();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < Duration::from_millis(1500), "stopping took {took:?}");
    let files = mp4_files(&server.media());
    assert!(files.len() >= 8, "each stream is rotated: {files:?}");
    let found = frames(&files);
    assert_eq!(found.len(), 5, "one session for each camera: {:?}", found.keys());
    for ((camera, _), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}"));
        assert_eq!(stamps[0].frame, 0, "camera {camera} begins with its first frame");
        let last = WallTime::from_micros(stamps[stamps.len() - 1].sent_micros);
        assert!(stopped_at.micros_since(last) < 300_000, "camera {camera} ends at {last}");
    }
    files.iter().for_each(|file| assert!(!shown(file, "v").is_empty()));
    let check = server.command(&["check", "--hashes"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_nothing_that_was_promised_and_recording_is_back_at_once() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let names = ["one", "two", "three"];
    let urls = ["door-main;c=1", "drive-main;c=2", "hevc;c=3"];
    let setup = Setup::with_cameras(names.into_iter().zip(urls.map(|url| cams.url(url))));
    let mut server = Server::start(&setup).await;
    for round in 0..3u64 {
        sleep(Duration::from_millis(6000 + 700 * round)).await;
        let mut promised = Vec::new();
        for name in names {
            promised.push(server.durable_until(name).await.expect("something is durable"));
        }
        let killed = now();
        server.kill();
        server.start_again().await;
        sleep(Duration::from_millis(3500)).await;
        for (camera, (name, promised)) in (1..).zip(names.iter().zip(promised)) {
            let clip = server.clip(name, killed - Duration::from_secs(4), killed, "k.mp4").await;
            let found = frames(&[clip]);
            let before = found.values().flatten().filter(|s| s.sent_micros < killed.as_micros());
            let last = before.map(|stamp| stamp.sent_micros).max().expect("there is footage");
            let last = WallTime::from_micros(last);
            let lost = killed.micros_since(last);
            assert!(lost < 1_200_000, "round {round}, {name}: {lost} µs are gone");
            assert!(last.plus_micros(150_000) > promised, "{name}: {promised} promised, {last}");
            for ((number, _), stamps) in &found {
                assert_eq!(*number, camera);
                assert_whole(stamps, name);
            }
            let later = frames(&mp4_files(&server.media().join(name)));
            let back = later.values().flatten().map(|s| s.sent_micros);
            let back = back.filter(|at| *at > killed.as_micros()).min().expect("records again");
            assert!(back - killed.as_micros() < 2_500_000, "{name} is back too late");
        }
    }
    let check = server.command(&["check", "--hashes"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn sick_cameras_harm_nobody_and_stopping_keeps_its_deadline() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent_port = silent.local_addr().expect("has an address").port();
    let mut server = Server::start(&Setup::with_cameras([
        ("good", cams.url("door-main;c=1")),
        ("describe", cams.url("door-main;hang=describe")),
        ("setup", cams.url("door-main;hang=setup")),
        ("play", cams.url("door-main;hang=play")),
        ("teardown", cams.url("door-main;hang=teardown")),
        ("stall", cams.url("door-main;stall=3")),
        ("cut", cams.url("door-main;cut=3")),
        ("garbage", cams.url("door-main;garbage=3")),
        ("huge", cams.url("door-main;huge=3")),
        ("nokey", cams.url("door-main;nokey=1")),
        ("missing", cams.url("nothing-here")),
        ("refused", "rtsp://127.0.0.1:9/x".to_owned()),
        ("silent", format!("rtsp://127.0.0.1:{silent_port}/x")),
    ]))
    .await;
    sleep(Duration::from_secs(15)).await;
    for (camera, words) in
        [("missing", "404"), ("refused", "nothing listens"), ("silent", "answer")]
    {
        let stream = server.stream(camera).await;
        let error = stream["last_error"].as_str().unwrap_or_default().to_lowercase();
        assert!(error.contains(words), "{camera}: {stream:#}");
    }
    let stopped_at = now();
    let (took, status) = server.stop();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < Duration::from_millis(2000), "stopping took {took:?}");
    let found = frames(&mp4_files(&server.media().join("good")));
    assert_eq!(found.len(), 1, "one session: {:?}", found.keys());
    let stamps = found.values().next().expect("there is one");
    assert_whole(stamps, "the good camera");
    let last = stamps[stamps.len() - 1].sent_micros;
    assert!(stopped_at.as_micros() - last < 300_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_whose_syncs_take_two_seconds_loses_nothing() {
    if !have("strace", "--version", "the test of a slow disk") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let setup = Setup::with_cameras([
        ("one", cams.url("door-main;c=1")),
        ("two", cams.url("drive-main;c=2")),
    ]);
    let (server, stopped_at) = loop {
        let mut server = Server::start(&setup).await;
        sleep(Duration::from_secs(4)).await;
        let mut slow = server.slow_syncs(Duration::from_secs(2));
        sleep(Duration::from_secs(18)).await;
        // strace loses track of a thread now and then, and leaves it standing.
        if slow.ended_in_confusion() {
            eprintln!("strace failed; once more");
            continue;
        }
        let stopped_at = now();
        server.terminate();
        server.wait_end(Duration::from_secs(45));
        break (server, stopped_at);
    };
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.len(), 2, "{:?}; {}", found.keys(), server.log());
    for ((camera, _), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}"));
        let last = stamps[stamps.len() - 1].sent_micros;
        assert!(stopped_at.as_micros() - last < 500_000, "camera {camera}; {}", server.log());
    }
}
