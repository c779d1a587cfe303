//! Two disks, of which one fills up or becomes read-only while it is recorded on: the streams go
//! on on the other one, no frame is missing, and what the first one holds is kept.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::disks::{recorded_on, volume_named};
use crate::mounts::{Ext4, Mount};
use crate::server::{Server, Setup, camera};
use crate::time::lasting;
use crate::tools::{assert_whole, frames, mp4_files};
use crate::volumes::{Disk, assert_checked, text};

/// How soon a stream goes on on another disk; the machine may be busy.
const SECONDS_MAX: u64 = 20;

/// A disk1 at the usual place and a disk2 beside it, and a camera that wants disk1.
fn two_disks(server: &Server, setup: &mut Setup, url: &str, use_of_second: &str) -> PathBuf {
    let second = server.dir().join("second");
    setup.volume = format!(
        "keep_free = \"4 MB\"\n[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\n\
         keep_free = \"1 MB\"\nuse = \"{use_of_second}\"\n",
        second.display()
    );
    setup.cameras = camera("door", url, "", "volume = \"disk1\"");
    server.configure(setup);
    second
}

/// Waits until a volume is well.
async fn well(server: &Server, name: &str) {
    let began = Instant::now();
    while volume_named(server, name).await["state"] != "ok" {
        assert!(began.elapsed() < Duration::from_secs(30), "{name}: {}", server.log());
        sleep(Duration::from_millis(200)).await;
    }
}

/// Every frame is in one clip, and every frame is in the files, once.
async fn assert_all_there(server: &mut Server, from: WallTime, second: &Path) {
    let to = server.durable_until("door").await.expect("there is footage");
    let clip = server.clip("door", from, to, "both.mp4").await;
    for ((_, session), stamps) in &frames(&[clip]) {
        assert_whole(stamps, &format!("the clip of session {session}"));
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&[mp4_files(&server.media()), mp4_files(second)].concat());
    for ((_, session), stamps) in &found {
        assert_whole(stamps, &format!("session {session}"));
        assert_eq!(stamps[0].frame, 0, "session {session}: {}", server.log());
    }
    assert_checked(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_disk_is_full_of_what_may_not_go_the_other_one_goes_on() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup { archive: "segment_duration = \"2s\"".to_owned(), ..Setup::default() };
    let mut server = Server::prepare(&setup);
    let what = "a full disk beside another one";
    let Some(_mount) = Mount::memory(&server.media(), "size=40m", what) else { return };
    let second = two_disks(&server, &mut setup, &cam.url("door-main;c=1"), "record");
    server.start_again().await;
    recorded_on(&server, "door/main", "disk1").await;
    let first = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let from: WallTime = text(&first["recorded"]["from"]).parse().expect("is a time");
    let path = "/api/v1/cameras/door/streams/main/protected";
    let protect = format!("{path}?from={from}&to={}", from + Duration::from_secs(3600));
    let made = server.door().ask("PUT", &protect).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    sleep(Duration::from_secs(3)).await;
    // Somebody takes all the space there is, and what comes free.
    let (film, began) = (server.media().join("film.bin"), Instant::now());
    loop {
        let file = std::fs::File::options().create(true).append(true).open(&film);
        let mut file = file.expect("it can be written");
        std::io::copy(&mut std::io::repeat(1), &mut file).expect_err("the disk is full");
        let there = volume_named(&server, "disk2").await["streams"].clone();
        if there.as_array().is_some_and(|all| all.iter().any(|name| name == "door/main")) {
            break;
        }
        let late = began.elapsed() > Duration::from_secs(SECONDS_MAX);
        assert!(!late, "it stays on the full disk: {}", server.log());
        sleep(Duration::from_millis(100)).await;
    }
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    let told =
        |all: &[String]| all.iter().any(|a| a == "disk-full disk1" || a == "space-short disk1");
    while !told(&lasting(&server).await) {
        let late = began.elapsed() > Duration::from_secs(SECONDS_MAX);
        assert!(!late, "nobody is told: {:?}", lasting(&server).await);
        sleep(Duration::from_millis(200)).await;
    }
    sleep(Duration::from_secs(3)).await;
    std::fs::remove_file(&film).expect("it is removed");
    well(&server, "disk1").await;
    // It takes footage again, here at once, for the other one takes none any more.
    two_disks(&server, &mut setup, &cam.url("door-main;c=1"), "keep");
    server.reload();
    recorded_on(&server, "door/main", "disk1").await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    sleep(Duration::from_secs(3)).await;
    assert_all_there(&mut server, from, &second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_disk_becomes_read_only_the_other_one_goes_on() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup { archive: "segment_duration = \"2s\"".to_owned(), ..Setup::default() };
    let mut server = Server::prepare(&setup);
    let image = server.dir().join("image");
    let what = "a disk that becomes read-only beside another one";
    let Some(mut disk) = Ext4::new(&image, &server.media(), 200 << 20, what) else { return };
    let second = two_disks(&server, &mut setup, &cam.url("door-sub;c=1"), "record");
    server.start_again().await;
    recorded_on(&server, "door/main", "disk1").await;
    let first = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let from: WallTime = text(&first["recorded"]["from"]).parse().expect("is a time");
    sleep(Duration::from_secs(3)).await;
    disk.fail();
    let began = Instant::now();
    recorded_on(&server, "door/main", "disk2").await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    assert!(began.elapsed() < Duration::from_secs(SECONDS_MAX), "{:?}", began.elapsed());
    while !lasting(&server).await.iter().any(|alarm| alarm == "disk-read-only disk1") {
        let late = began.elapsed() > Duration::from_secs(SECONDS_MAX);
        assert!(!late, "nobody is told: {:?}", lasting(&server).await);
        sleep(Duration::from_millis(200)).await;
    }
    sleep(Duration::from_secs(3)).await;
    let to = server.durable_until("door").await.expect("there is footage");
    // What it holds is shown meanwhile.
    let found = frames(&[server.clip("door", from, to, "meanwhile.mp4").await]);
    assert_whole(found.values().next().expect("there are frames"), "the clip meanwhile");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    disk.repair();
    server.start_again().await;
    recorded_on(&server, "door/main", "disk1").await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    well(&server, "disk1").await;
    sleep(Duration::from_secs(3)).await;
    assert_all_there(&mut server, from, &second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn footage_that_went_with_its_volume_is_a_gap_that_says_so() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup { archive: "segment_duration = \"1s\"".to_owned(), ..Setup::default() };
    let mut server = Server::prepare(&setup);
    let second = server.dir().join("second");
    let door = camera("door", &cam.url("door-sub;c=1"), "", "");
    let volumes = |first: &str, second_use: Option<&str>| {
        let path = second.display();
        let disk2 = second_use.map(|it| {
            format!(
                "\n[[archive.volume]]\nname = \"disk2\"\npath = \"{path}\"\n\
                 keep_free = \"1 MB\"\nuse = \"{it}\"\n"
            )
        });
        format!("keep_free = \"1 MB\"\nuse = \"{first}\"\n{}", disk2.unwrap_or_default())
    };
    setup.cameras = door;
    setup.volume = volumes("record", Some("keep"));
    server.configure(&setup);
    server.start_again().await;
    recorded_on(&server, "door/main", "disk1").await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(2)).await;
    setup.volume = volumes("keep", Some("record"));
    server.configure(&setup);
    server.reload();
    recorded_on(&server, "door/main", "disk2").await;
    sleep(Duration::from_secs(3)).await;
    setup.volume = volumes("record", None);
    server.configure(&setup);
    server.reload();
    // No file names it any more; somebody takes it out with what is on it.
    let began = Instant::now();
    loop {
        let path = "/api/v1/volumes/disk2?forget_footage=true";
        let out = server.door().ask("DELETE", path).send().await;
        if out.status == 200 {
            break;
        }
        let late = began.elapsed() > Duration::from_secs(20);
        assert!(!late, "{}: {}", out.status, out.text());
        sleep(Duration::from_millis(200)).await;
    }
    recorded_on(&server, "door/main", "disk1").await;
    let path = "/cameras/door/streams/main/timeline?resolution=1ms";
    let causes = |page: &Value| {
        let gaps = page["gaps"].as_array().cloned().unwrap_or_default();
        gaps.iter().map(|gap| text(&gap["cause"]).to_owned()).collect::<Vec<_>>()
    };
    let began = Instant::now();
    let mut page = server.json(path).await;
    while causes(&page) != ["volume-removed"] {
        let late = began.elapsed() > Duration::from_secs(20);
        assert!(!late, "{page}; {}", server.log());
        sleep(Duration::from_millis(200)).await;
        page = server.json(path).await;
    }
    assert!(!mp4_files(&second).is_empty(), "nothing is removed from the disk itself");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_checked(&server);
    // The hole in the chain is explained to whoever has the files alone.
    let media = server.media().display().to_string();
    let key = format!("{media}/holdfast-volume.json");
    let proof = server.command(&["verify", &media, "--public-key", &key]);
    let words = String::from_utf8_lossy(&proof.stdout);
    let explained = words.contains("was removed by the recorder (deleted)");
    assert!(proof.status.code() == Some(0) && explained, "{words}; {}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_off_is_shown_and_sealed_once_all_volumes_are_there() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::default();
    let mut server = Server::prepare(&setup);
    let second = two_disks(&server, &mut setup, &cam.url("door-sub;c=1"), "record");
    server.start_again().await;
    recorded_on(&server, "door/main", "disk1").await;
    let first = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let from: WallTime = text(&first["recorded"]["from"]).parse().expect("is a time");
    well(&server, "disk2").await;
    sleep(Duration::from_secs(3)).await;
    let until = server.durable_until("door").await.expect("there is footage");
    server.kill();
    // Nobody can tell whether the stream had gone on there.
    let mut disk = Disk::Renamed(second.clone(), server.dir().join("away"));
    disk.take_away();
    server.start_again().await;
    server.wait_for_log("not sealed before all volumes are there").await;
    let found = frames(&[server.clip("door", from, until, "held.mp4").await]);
    let stamps = found.values().next().expect("what waits is shown");
    assert_whole(stamps, "what waits");
    assert_eq!(stamps[0].frame, 0);
    let cut_off = mp4_files(&server.media())[0].clone();
    let verify = |server: &Server| {
        let file = cut_off.display().to_string();
        let proof = server.command(&["verify", &file]);
        String::from_utf8_lossy(&proof.stdout).into_owned()
    };
    assert!(!verify(&server).contains("all is as it was recorded"), "it is not sealed");
    disk.bring_back();
    let began = Instant::now();
    while !verify(&server).contains("all is as it was recorded") {
        let late = began.elapsed() > Duration::from_secs(30);
        assert!(!late, "it is not sealed: {}; {}", verify(&server), server.log());
        sleep(Duration::from_millis(200)).await;
    }
    assert_all_there(&mut server, from, &second).await;
}
