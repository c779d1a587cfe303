//! Two disks: one vanishes, one is emptied, and every frame is there.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::mounts::Mount;
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files};
use crate::volumes::{Disk, assert_checked, ready, text};

/// The API's words on the volume of that name.
pub async fn volume_named(server: &Server, name: &str) -> Value {
    let volumes = server.json("/volumes").await;
    let all = volumes["volumes"].as_array().into_iter().flatten();
    let mut all = all;
    all.find(|volume| volume["name"] == name).cloned().unwrap_or_default()
}

/// Waits until a stream is recorded on that volume.
pub async fn recorded_on(server: &Server, stream: &str, volume: &str) {
    let began = Instant::now();
    loop {
        let there = volume_named(server, volume).await["streams"].clone();
        if there.as_array().into_iter().flatten().any(|name| name == stream) {
            return;
        }
        let late = began.elapsed() > Duration::from_secs(30);
        assert!(!late, "{stream} is not on {volume}: {there}; {}", server.log());
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_disk_vanishes_the_other_one_goes_on_without_a_missing_frame() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let archive = "segment_duration = \"2s\"".to_owned();
    let mut setup = Setup { archive, ..Setup::default() };
    let mut server = Server::prepare(&setup);
    let (media, own) = (server.media(), server.dir().join("disk"));
    let second = server.dir().join("second");
    let what = "a disk that vanishes while another one is there";
    let memory = Mount::memory(&own, "size=300m", what);
    let mut disk = match &memory {
        Some(_) => Disk::Mounted(media.clone(), own.clone(), Mount::bind(&own, &media, what)),
        None => Disk::Renamed(media.clone(), own.clone()),
    };
    setup.volume = format!(
        "keep_free = \"1 MB\"\n[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\n\
         keep_free = \"1 MB\"\n",
        second.display()
    );
    setup.cameras = [("door", "door-sub;c=1"), ("yard", "garden-sub;c=2")]
        .map(|(slug, path)| camera(slug, &cam.url(path), "", "volume = \"disk1\""))
        .concat();
    server.configure(&setup);
    server.start_again().await;
    recorded_on(&server, "door/main", "disk1").await;
    recorded_on(&server, "yard/main", "disk1").await;
    let first = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(3)).await;
    disk.take_away();
    recorded_on(&server, "door/main", "disk2").await;
    recorded_on(&server, "yard/main", "disk2").await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    server.wait_for("yard", "recording", |s| s["recording"] == "on").await;
    let state = volume_named(&server, "disk1").await;
    assert_ne!(state["state"], "ok", "{state:#}");
    let (status, degraded) = ready(&server).await;
    assert!(status == 200 && degraded.contains("volume disk1: "), "{status}: {degraded}");
    sleep(Duration::from_secs(3)).await;
    disk.bring_back();
    let began = Instant::now();
    while volume_named(&server, "disk1").await["state"] != "ok" {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
        sleep(Duration::from_millis(200)).await;
    }
    sleep(Duration::from_secs(3)).await;
    // One clip over both disks has every frame.
    let from: WallTime = text(&first["recorded"]["from"]).parse().expect("is a time");
    let to = server.durable_until("door").await.expect("there is footage");
    let clip = server.clip("door", from, to, "both.mp4").await;
    let found = frames(&[clip]);
    let ((camera, session), stamps) = found.iter().next().expect("there are frames");
    assert_whole(stamps, &format!("clip of camera {camera}, session {session}"));
    assert!(stamps.len() > 100, "only {} frames", stamps.len());
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let files = [mp4_files(&server.media()), mp4_files(&second)].concat();
    let found = frames(&files);
    assert_eq!(found.len(), 2, "{:?}: {}", found.keys(), server.log());
    for ((camera, session), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}, session {session}"));
        assert_eq!(stamps[0].frame, 0, "camera {camera}, session {session}: {}", server.log());
    }
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_volume_is_empty_in_the_end_and_can_be_taken_out() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    setup.archive = "segment_duration = \"2s\"".to_owned();
    setup.volume = "keep_free = \"1 MB\"\n".to_owned();
    let mut server = Server::start(&setup).await;
    let first = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(5)).await;
    let from: WallTime = text(&first["recorded"]["from"]).parse().expect("is a time");
    let path = "/api/v1/cameras/door/streams/main/protected";
    let protect = format!("{path}?from={from}&to={}&note=why", from + Duration::from_secs(1));
    let made = server.door().ask("PUT", &protect).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let second = drained_onto_a_second(&mut server, &mut setup).await;
    let kept = std::fs::read_to_string(second.join("door/main/holdfast-kept.json"));
    assert!(kept.is_ok_and(|kept| kept.contains("\"note\": \"why\"")), "{}", server.log());
    let to = server.durable_until("door").await.expect("there is footage");
    let found = frames(&[server.clip("door", from, to, "moved.mp4").await]);
    let (_, stamps) = found.iter().next().expect("there are frames");
    assert_whole(stamps, "the clip of what has moved");
    let refused = server.door().ask("DELETE", "/api/v1/volumes/disk1").send().await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&second));
    for stamps in found.values() {
        assert_whole(stamps, "what has moved");
        assert_eq!(stamps[0].frame, 0);
    }
    assert_checked(&server);
}

/// A second disk comes while `server` runs, and what is on the first moves there; its folder.
async fn drained_onto_a_second(server: &mut Server, setup: &mut Setup) -> PathBuf {
    let second = server.dir().join("second");
    setup.volume += &format!(
        "use = \"drain\"\n[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\n\
         keep_free = \"1 MB\"\n",
        second.display()
    );
    server.configure(setup);
    server.reload();
    recorded_on(server, "door/main", "disk2").await;
    let began = Instant::now();
    while !mp4_files(&server.media()).is_empty() {
        let late = began.elapsed() > Duration::from_secs(40);
        assert!(!late, "{:?}; {}", mp4_files(&server.media()), server.log());
        sleep(Duration::from_millis(200)).await;
    }
    second
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_does_not_give_its_note_is_drained_all_the_same_and_that_is_said_once() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    setup.archive = "segment_duration = \"1s\"".to_owned();
    setup.volume = "keep_free = \"1 MB\"\n".to_owned();
    let mut server = Server::start(&setup).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(4)).await;
    // Opened it can be, and not read.
    let note = server.media().join("door/main/holdfast-removed.json");
    std::fs::create_dir(note).expect("nothing was removed yet");
    let second = drained_onto_a_second(&mut server, &mut setup).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let said = server.log().matches("what was removed is not noted").count();
    assert_eq!(said, 1, "{}", server.log());
    for stamps in frames(&mp4_files(&second)).values() {
        assert_whole(stamps, "what has moved");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_no_file_names_is_changed_and_taken_out_and_a_typing_error_costs_nothing() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    setup.archive = "segment_duration = \"1s\"".to_owned();
    let named = |server: &Server| {
        format!(
            "[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\nuse = \"keep\"\n\
             keep_free = \"1 MB\"\n",
            server.dir().join("second").display()
        )
    };
    let mut server = Server::start(&setup).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let second = async |server: &Server, by_file: bool| {
        for _ in 0..400 {
            let volume = server.json("/volumes").await["volumes"][1].clone();
            if volume["state"] == "ok" && volume["managed_by_file"] == by_file {
                return volume;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{:#}; {}", server.json("/volumes").await, server.log());
    };
    // A file names it, and then no more.
    setup.volume = named(&server);
    setup.volume.insert_str(0, "keep_free = \"10 MB\"\n");
    server.configure(&setup);
    server.reload();
    second(&server, true).await;
    let disk2 = "/api/v1/volumes/disk2";
    assert_eq!(server.door().ask("DELETE", disk2).send().await.status, 409);
    // … and what is to stay free on the first one is mistyped.
    setup.volume = "keep_free = \"9000 TB\"\n".to_owned();
    server.configure(&setup);
    server.reload();
    second(&server, false).await;
    let mistyped = serde_json::json!({ "keep_free": "9000 TB" });
    let reply = server.door().ask("PATCH", disk2).json(&mistyped).send().await;
    assert_eq!((reply.status, &*reply.problem()), (400, "bad-input"), "{}", reply.text());
    assert_eq!(second(&server, false).await["keep_free_bytes"], 1_000_000);
    let gone = server.door().ask("DELETE", disk2).send().await;
    assert_eq!(gone.status, 200, "{}; {}", gone.text(), server.log());
    let audit = server.json("/audit").await;
    assert_eq!(audit["entries"][0]["what"], "volume-removed", "{audit:#}");
    assert_eq!(server.json("/volumes").await["volumes"].as_array().map(Vec::len), Some(1));
    // Longer than it takes retention to look.
    let before = mp4_files(&server.media());
    sleep(Duration::from_secs(7)).await;
    let after = mp4_files(&server.media());
    assert!(before.iter().all(|file| after.contains(file)), "nothing goes: {}", server.log());
    let alarms = server.json("/alarms?active=true").await;
    let kinds = alarms["alarms"].as_array().cloned().unwrap_or_default();
    let wrong = |alarm: &serde_json::Value| alarm["kind"] == "keep-free-too-large";
    assert!(kinds.iter().any(wrong), "{alarms:#}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
