//! One disk of two hangs: what is recorded elsewhere, the API and live view go on, and what was in
//! memory is written on the other disk, when a camera is reconfigured and when everything stops.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::WallTime;
use testcam::TestCam;
use tokio::time::sleep;

use crate::cams;
use crate::disks::recorded_on;
use crate::http::Said;
use crate::recording::now;
use crate::server::{Server, Setup, SlowSyncs, camera};
use crate::time::wait_for_causes;
use crate::tools::{assert_whole, frames, have};
use crate::volumes::assert_checked;

/// How long the disk does not answer.
const HANGS: Duration = Duration::from_secs(25);

/// `door` on the first of two disks, as that address, and `yard` on the second.
fn setup(cam: &TestCam, second: &Path, door: &str) -> Setup {
    Setup {
        archive: "segment_duration = \"4s\"".to_owned(),
        volume: format!(
            "keep_free = \"1 MB\"\n[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\n\
             keep_free = \"1 MB\"\n",
            second.display()
        ),
        cameras: [("door", door, "disk1"), ("yard", "garden-sub;c=2", "disk2")]
            .map(|(slug, at, disk)| camera(slug, &cam.url(at), "", &format!("volume = \"{disk}\"")))
            .concat(),
        ..Setup::default()
    }
}

/// A server that records both for some seconds, of whose first disk no sync returns then.
async fn with_a_disk_that_hangs(cam: &TestCam) -> (Server, PathBuf, WallTime, SlowSyncs) {
    loop {
        let mut server = Server::prepare(&Setup::default());
        let second = server.dir().join("second");
        server.configure(&setup(cam, &second, "door-sub;c=1"));
        server.start_again().await;
        recorded_on(&server, "door/main", "disk1").await;
        recorded_on(&server, "yard/main", "disk2").await;
        let footage = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
        let from = footage["recorded"]["from"].as_str().expect("there is footage");
        let from = from.parse().expect("is a time");
        sleep(Duration::from_secs(3)).await;
        let mut hanging = server.hang("disk1", HANGS);
        // What was under way has returned.
        sleep(Duration::from_millis(1500)).await;
        // strace loses track of a thread now and then, and leaves it standing.
        match hanging.ended_in_confusion() {
            true => eprintln!("strace failed; once more"),
            false => return (server, second, from, hanging),
        }
    }
}

/// How long ago a camera's footage was durable, in µs.
async fn age(server: &Server, camera: &str) -> i64 {
    let durable = server.durable_until(camera).await.expect("there is footage");
    now().micros_since(durable)
}

/// Waits until a camera's footage is durable up to `until`.
async fn durable_up_to(server: &Server, camera: &str, until: WallTime) {
    let began = Instant::now();
    while server.durable_until(camera).await.is_none_or(|durable| durable < until) {
        assert!(began.elapsed() < Duration::from_secs(20), "{camera}: {}", server.log());
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_reconfigured_while_its_disk_hangs_loses_nothing_and_nobody_else_notices()
{
    if !have("strace", "--version", "the test of a camera reconfigured while its disk hangs") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, second, from, hanging) = with_a_disk_that_hangs(&cam).await;
    let hung = Instant::now();
    let mut viewer = server.door().watch("/api/v1/cameras/door/streams/main/live").await;
    while !matches!(viewer.next().await, Said::Bytes(_)) {}
    drop(viewer);
    let behind = age(&server, "door").await;
    assert!(behind > 1_400_000, "its disk does not hang: {behind} µs; {}", server.log());
    // Another address of the same camera, after one that leads nowhere.
    let changed = now();
    server.configure(&setup(&cam, &second, "nothing-here"));
    server.reload();
    sleep(Duration::from_millis(1500)).await;
    server.configure(&setup(&cam, &second, "door-sub;c=3"));
    server.reload();
    recorded_on(&server, "door/main", "disk2").await;
    let moved = now();
    durable_up_to(&server, "door", moved).await;
    assert!(hung.elapsed() < HANGS - Duration::from_secs(5), "the disk hangs still");
    let (asked, others) = (Instant::now(), age(&server, "yard").await);
    assert!(asked.elapsed() < Duration::from_secs(1), "the API took {:?}", asked.elapsed());
    assert!(others < 2_500_000, "the other one is durable only since {others} µs");
    wait_for_causes(&server, "door", &["reconfigured"]).await;
    let clip = server.clip("door", from, moved, "over-the-change.mp4").await;
    let found = frames(&[clip]);
    assert_eq!(found.keys().map(|(camera, _)| *camera).collect::<Vec<_>>(), [1, 3]);
    for ((camera, _), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}"));
        assert_eq!(stamps[0].frame, 0, "camera {camera}");
    }
    let last = found.values().next().and_then(|stamps| stamps.last()).expect("it has frames");
    let missing = changed.as_micros() - last.sent_micros;
    assert!(missing < 400_000, "{missing} µs of the old session are missing; {}", server.log());
    drop(hanging);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_a_disk_hangs_writes_everything_on_the_other_one() {
    if !have("strace", "--version", "the test of a stop while a disk hangs") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, _, from, hanging) = with_a_disk_that_hangs(&cam).await;
    let stopped_at = now();
    let began = Instant::now();
    server.terminate();
    server.wait_for_log("stopped; all footage is committed").await;
    let took = began.elapsed();
    // What strace holds does not end before strace does.
    drop(hanging);
    let status = server.wait_end(Duration::from_secs(30));
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < Duration::from_secs(12), "it took {took:?}; {}", server.log());
    server.start_again().await;
    durable_up_to(&server, "door", now()).await;
    let clip = server.clip("door", from, now(), "over-the-stop.mp4").await;
    let found = frames(&[clip]);
    let stamps = found.values().next().expect("there is footage");
    assert_whole(stamps, "before the stop");
    assert_eq!(stamps[0].frame, 0);
    let missing = stopped_at.as_micros() - stamps[stamps.len() - 1].sent_micros;
    assert!(missing < 400_000, "{missing} µs are missing; {}", server.log());
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_checked(&server);
}
