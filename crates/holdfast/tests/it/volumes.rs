//! Disks that are not there, not ours, not writable or full: said in the log and the API, and
//! nothing is lost by them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::http::Said;
use crate::mounts::{Frozen, Mount};
use crate::recording::now;
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files};

/// Its text; empty where it is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The one volume as the API tells it, once `holds`.
pub async fn volume(server: &Server, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let volume = server.json("/volumes").await["volumes"][0].clone();
        if holds(&volume) {
            return volume;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the volume is not {what}: {}; {}", server.json("/volumes").await, server.log());
}

/// `/readyz` with its problems, or with what is degraded.
pub async fn ready(server: &Server) -> (u16, String) {
    let reply = server.door().get("/readyz").send().await;
    let told = reply.json();
    assert_eq!(told["ready"], reply.status == 200, "{told}");
    let reasons = if reply.status == 200 { "degraded_reasons" } else { "problems" };
    let words: Vec<&str> = told[reasons].as_array().into_iter().flatten().map(text).collect();
    (reply.status, words.join("; "))
}

/// Everything that was recorded of each camera is whole, from its first frame of each session on.
fn assert_all_whole(server: &Server, sessions: usize) {
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.len(), sessions, "{:?}: {}", found.keys(), server.log());
    for ((camera, session), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}, session {session}"));
        assert_eq!(stamps[0].frame, 0, "camera {camera}, session {session}: {}", server.log());
    }
}

/// A check of every byte finds nothing.
pub fn assert_checked(server: &Server) {
    let check = server.command(&["check", "--hashes"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_not_mounted_is_waited_for_and_then_recorded_on() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::start(&Setup::with_cameras([("door", cam.url("door-sub;c=1"))])).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let (media, away) = (server.media(), server.dir().join("away"));
    std::fs::rename(&media, &away).expect("it is moved");
    std::fs::create_dir(&media).expect("it is made");
    server.start_again().await;
    let missing = volume(&server, "missing", |v| v["state"] == "missing").await;
    let words = "is missing (no holdfast-volume.json there): mount its disk";
    server.wait_for_log(words).await;
    assert!(text(&missing["problem"]).contains(words), "{missing:#}");
    let (status, problems) = ready(&server).await;
    assert!(status == 503 && problems.contains("mount its disk"), "{status}: {problems}");
    let stream = server.wait_for("door", "pictures", |s| s["state"] == "playing").await;
    assert_eq!(stream["recording"], "stalled", "{stream:#}");
    assert!(text(&stream["recording_problem"]).contains("mount its disk"), "{stream:#}");
    // Watching goes on without a disk.
    let mut viewer = server.door().watch("/api/v1/cameras/door/streams/main/live").await;
    while !matches!(viewer.next().await, Said::Bytes(_)) {}
    // Longer than it takes to look again.
    sleep(Duration::from_secs(6)).await;
    assert!(is_empty(&media), "it is never made anew");
    std::fs::remove_dir(&media).expect("it is empty");
    std::fs::rename(&away, &media).expect("it is moved back");
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    volume(&server, "well", |v| v["state"] == "ok").await;
    assert_eq!(ready(&server).await.0, 200);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_all_whole(&server, 2);
    assert_checked(&server);
}

/// A volume whose disk can be taken away while files on it are open.
pub enum Disk {
    /// A file system that keeps existing elsewhere: as after `umount -l`.
    Mounted(PathBuf, PathBuf, Option<Mount>),
    /// The folder is renamed.
    Renamed(PathBuf, PathBuf),
}

impl Disk {
    pub fn take_away(&mut self) {
        match self {
            Self::Mounted(_, _, mount) => *mount = None,
            Self::Renamed(media, away) => {
                std::fs::rename(&media, away).expect("it is moved");
                std::fs::create_dir(media).expect("it is made");
            }
        }
    }

    pub fn bring_back(&mut self) {
        match self {
            Self::Mounted(media, disk, mount) => *mount = Mount::bind(disk, media, ""),
            Self::Renamed(media, away) => {
                std::fs::remove_dir(&media).expect("nothing was put there");
                std::fs::rename(away, media).expect("it is moved back");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_vanishes_while_it_is_recorded_on_loses_nothing() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([
        ("door", cam.url("door-sub;c=1")),
        ("yard", cam.url("garden-sub;c=2")),
    ]);
    setup.archive = "segment_duration = \"2s\"".to_owned();
    // More than is free on the disk below, most likely: what is gone must not be measured there.
    setup.volume = "keep_free = \"80%\"".to_owned();
    let mut server = Server::prepare(&setup);
    let (media, own) = (server.media(), server.dir().join("disk"));
    let what = "retention while a disk is gone";
    let memory = Mount::memory(&own, "size=300m", what);
    let mut disk = match &memory {
        Some(_) => Disk::Mounted(media.clone(), own.clone(), Mount::bind(&own, &media, what)),
        None => {
            setup.volume = "keep_free = \"1 MB\"".to_owned();
            server.configure(&setup);
            Disk::Renamed(media.clone(), own.clone())
        }
    };
    server.start_again().await;
    let first = server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(5)).await;
    disk.take_away();
    let troubled = |s: &Value| text(&s["recording_problem"]).contains("mount its disk");
    server.wait_for("door", "trouble", troubled).await;
    // Retention looks every five seconds.
    sleep(Duration::from_secs(6)).await;
    let names: Vec<_> = std::fs::read_dir(&media).expect("it is there").collect();
    assert!(names.is_empty(), "nothing is put where the disk was: {names:?}");
    let problem = volume(&server, "failing", |v| v["state"] != "ok").await;
    assert!(text(&problem["problem"]).contains("mount its disk"), "{problem:#}");
    assert_eq!(ready(&server).await.0, 503);
    let stream = server.stream("door").await;
    assert_eq!(stream["recorded"]["from"], first["recorded"]["from"], "no row is taken away");
    disk.bring_back();
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    server.wait_for("yard", "recording", |s| s["recording"] == "on").await;
    volume(&server, "well", |v| v["state"] == "ok").await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_all_whole(&server, 2);
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn volumes_that_cannot_be_used_say_why_and_the_good_one_records() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut other = Server::start(&Setup::default()).await;
    assert_eq!(other.stop().1.code(), Some(0));
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    let mut server = Server::prepare(&setup);
    let full = server.dir().join("full");
    std::fs::create_dir(&full).expect("it is made");
    std::fs::write(full.join("letters.txt"), "dear").expect("it is written");
    let (locked, seen) = (server.dir().join("locked"), server.dir().join("seen"));
    std::fs::create_dir(&locked).expect("it is made");
    let read_only = Mount::bind(&locked, &seen, "a new volume on a read-only disk");
    let mut bad = vec![
        ("full", full.clone(), "is not empty (it holds \"letters.txt\")", "foreign"),
        ("theirs", other.media(), "belongs to archive", "foreign"),
    ];
    if let Some(mount) = &read_only {
        mount.remount("ro");
        bad.push(("locked", seen, "is read-only", "read-only"));
    }
    let table = |name: &str, path: &Path| {
        format!("\n[[archive.volume]]\nname = \"{name}\"\npath = \"{}\"\n", path.display())
    };
    let tables: String = bad.iter().map(|(name, path, ..)| table(name, path)).collect();
    setup.volume += &tables;
    server.configure(&setup);
    server.start_again().await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    let volumes = server.json("/volumes").await;
    let (log, (status, problems)) = (server.log(), ready(&server).await);
    assert_eq!((volumes["volumes"][0]["state"].as_str(), status), (Some("ok"), 200), "{volumes:#}");
    for ((name, _, words, state), volume) in
        bad.iter().zip(volumes["volumes"].as_array().into_iter().flatten().skip(1))
    {
        assert_eq!((&volume["name"], &volume["state"]), (&(*name).into(), &(*state).into()));
        assert!(text(&volume["problem"]).contains(words), "{volume:#}");
        assert!(log.contains(words) && problems.contains(words), "{words}: {problems}; {log}");
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_all_whole(&server, 1);
    assert!(!full.join("holdfast-volume.json").exists());
    other.start_again().await;
    // Theirs is as it was.
    volume(&other, "well", |v| v["state"] == "ok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_with_less_space_than_it_should_have_is_degraded_and_ready() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    setup.volume = "keep_free = \"89%\"".to_owned();
    let mut server = Server::start(&setup).await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    let short = volume(&server, "short of space", |v| v["state"] == "degraded").await;
    assert!(text(&short["problem"]).contains("what is to stay free"), "{short:#}");
    let (status, degraded) = ready(&server).await;
    assert!(status == 200 && degraded.contains("what is to stay free"), "{status}: {degraded}");
    let metrics = server.door().get("/metrics").send().await.text();
    assert!(metrics.contains("\nholdfast_ready 1\n"), "{metrics}");
    assert!(metrics.contains("\nholdfast_degraded 1\n"), "{metrics}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_usable_volume_the_stream_says_so_and_a_reload_mends_it() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::prepare(&Setup::with_cameras([("door", cam.url("door-sub;c=1"))]));
    std::fs::create_dir(server.media()).expect("it is made");
    let letters = server.media().join("letters.txt");
    std::fs::write(&letters, "dear").expect("it is written");
    server.start_again().await;
    let stream = server.wait_for("door", "pictures", |s| s["state"] == "playing").await;
    let problem = text(&stream["recording_problem"]);
    assert!(stream["recording"] == "stalled" && problem.contains("is not empty"), "{stream:#}");
    assert!(letters.exists());
    std::fs::remove_file(&letters).expect("it is removed");
    server.reload();
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    assert_eq!(ready(&server).await.0, 200);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_became_read_only_is_waited_for() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::start(&Setup::with_cameras([("door", cam.url("door-sub;c=1"))])).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let media = server.media();
    let Some(mount) = Mount::bind(&media, &media, "a read-only volume") else { return };
    mount.remount("ro");
    server.start_again().await;
    let locked = volume(&server, "read-only", |v| v["state"] == "read-only").await;
    assert!(text(&locked["problem"]).contains("is read-only"), "{locked:#}");
    server.wait_for_log("is read-only").await;
    let problem = |s: &Value| text(&s["recording_problem"]).contains("is read-only");
    server.wait_for("door", "problem", problem).await;
    assert!(ready(&server).await.1.contains("is read-only"));
    mount.remount("rw");
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_all_whole(&server, 2);
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cameras_folder_that_cannot_be_written_costs_no_frame_of_any() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([
        ("door", cam.url("door-sub;c=1")),
        ("yard", cam.url("garden-sub;c=2")),
    ]);
    setup.archive = "segment_duration = \"2s\"".to_owned();
    let mut server = Server::start(&setup).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let files = mp4_files(&server.media().join("door"));
    let day = files[0].parent().expect("it lies in a folder");
    let Some(frozen) = Frozen::new(day, "a folder that cannot be written") else { return };
    let troubled = |s: &Value| text(&s["recording_problem"]).contains("creating segment door/main");
    let stream = server.wait_for("door", "trouble", troubled).await;
    assert_eq!(stream["recording"], "stalled", "{stream:#}");
    server.wait_for_log("creating segment door/main").await;
    sleep(Duration::from_secs(4)).await;
    let stuck = server.stream("door").await;
    assert_eq!(stuck["recording"], "stalled", "it says so for as long as it lasts: {stuck:#}");
    assert_eq!(ready(&server).await.0, 503, "{}", server.log());
    let well = server.stream("yard").await;
    assert_eq!((&well["recording"], &well["recording_problem"]), (&"on".into(), &Value::Null));
    drop(frozen);
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_all_whole(&server, 2);
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_somebody_fills_up_is_waited_for() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-main;c=1"))]);
    setup.volume = "keep_free = \"4 MB\"".to_owned();
    let mut server = Server::prepare(&setup);
    let what = "a disk that is full";
    let Some(_mount) = Mount::memory(&server.media(), "size=40m", what) else { return };
    server.start_again().await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let strange = server.media().join("film.bin");
    let full = |s: &Value| text(&s["recording_problem"]).contains("No space left");
    let mut since = None;
    // What Holdfast had reserved becomes free: the film goes on into that.
    while since.is_none_or(|since: Instant| since.elapsed() < Duration::from_secs(4)) {
        let film = std::fs::File::options().create(true).append(true).open(&strange);
        let mut film = film.expect("it can be written");
        std::io::copy(&mut std::io::repeat(1), &mut film).expect_err("the disk is full");
        let stream = server.stream("door").await;
        let stalled = full(&stream) && stream["recording"] == "stalled";
        since = since.filter(|_| stalled).or(stalled.then(Instant::now));
        sleep(Duration::from_millis(100)).await;
    }
    let bad = volume(&server, "failing", |v| v["state"] == "failing").await;
    assert!(text(&bad["problem"]).contains("No space left"), "{bad:#}");
    std::fs::remove_file(&strange).expect("it is removed");
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    volume(&server, "well", |v| v["state"] == "ok").await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    // Retention gave the oldest away for it; what came meanwhile is all there.
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.len(), 1, "{:?}", found.keys());
    assert_whole(found.values().next().expect("there is one"), "the camera");
    assert_checked(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_takes_the_oldest_first_and_the_disk_is_never_full() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::play(cams::noise(folder.path()), None, true).await;
    let mut setup = Setup {
        archive: "segment_duration = \"1s\"".to_owned(),
        volume: "keep_free = \"8 MB\"".to_owned(),
        ..Setup::default()
    };
    let keep = "keep = { max_bytes = \"4 MB\" }";
    setup.cameras = camera("little", &cam.url("noise;c=1"), "", keep);
    setup.cameras += &camera("much", &cam.url("noise;c=2"), "", "");
    let mut server = Server::prepare(&setup);
    let what = "retention on a small disk";
    let Some(_mount) = Mount::memory(&server.media(), "size=24m", what) else { return };
    server.start_again().await;
    let (began, mut least) = (now(), u64::MAX);
    let has_aged = |stream: Value| {
        let from = stream["recorded"]["from"].as_str().and_then(|at| at.parse::<WallTime>().ok());
        from.is_some_and(|from| from.micros_since(began) > 4_000_000)
    };
    while !has_aged(server.stream("little").await) || !has_aged(server.stream("much").await) {
        sleep(Duration::from_millis(250)).await;
        let volumes = server.json("/volumes").await;
        let only = &volumes["volumes"][0];
        // On a busy machine it may be slow, and says so.
        let is_slow = || only["state"] == "degraded" && text(&only["problem"]).contains("is slow");
        assert!(only["state"] == "ok" || is_slow(), "{volumes:#}");
        least = least.min(free(&server.media()));
        let late = now().micros_since(began) > 60_000_000;
        assert!(!late, "nothing goes: {volumes:#}; {}", server.log());
    }
    assert!(least > 1_000_000, "only {least} bytes were free");
    let bytes = server.stream("little").await["bytes"].as_u64().expect("it has bytes");
    // Retention looks every five seconds; meanwhile more comes, and space is reserved ahead.
    assert!((1_000_000..12_000_000).contains(&bytes), "{bytes} bytes of the little one");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.len(), 2, "{:?}", found.keys());
    for ((camera, _), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}"));
        assert!(stamps[0].frame > 75, "camera {camera}: the oldest went");
    }
    assert_checked(&server);
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

/// Bytes that are free on the file system of `path`.
fn free(path: &Path) -> u64 {
    let of = rustix::fs::statvfs(path).expect("it can be asked");
    of.f_bavail * of.f_frsize
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_archive_ends_and_names_the_first() {
    let setup = Setup::default();
    let mut first = Server::start(&setup).await;
    let second = first.command(&["run"]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    let name = format!("process {} (holdfast)", first.id());
    assert!(said.contains(&name), "{said} does not say {name}");
    assert_eq!(first.door().get("/livez").send().await.status, 200, "the first goes on");
    // Another catalog, the same volume: it is another archive's.
    let third = Server::prepare(&setup);
    let text = std::fs::read_to_string(third.config()).expect("it was written");
    let theirs =
        text.replace(&third.media().display().to_string(), &first.media().display().to_string());
    std::fs::write(third.config(), theirs).expect("it is written");
    let mut third = third;
    third.start_again().await;
    let volumes = third.json("/volumes").await;
    assert_eq!(volumes["volumes"][0]["state"], "foreign", "{volumes:#}");
    assert_eq!(third.stop().1.code(), Some(0));
    // The same catalog in another place, as after a copy: the volume is locked.
    let mut fourth = Server::prepare(&setup);
    let copy = fourth.dir().join("catalog");
    std::fs::create_dir(&copy).expect("it is made");
    for entry in std::fs::read_dir(first.dir().join("catalog")).expect("it is there").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            std::fs::copy(entry.path(), copy.join(entry.file_name())).expect("it is copied");
        }
    }
    let text = std::fs::read_to_string(fourth.config()).expect("it was written");
    let same =
        text.replace(&fourth.media().display().to_string(), &first.media().display().to_string());
    std::fs::write(fourth.config(), same).expect("it is written");
    fourth.start_again().await;
    let locked = volume(&fourth, "locked", |v| text_has(v, &name)).await;
    assert_eq!(locked["state"], "failing", "{locked:#}");
    assert_eq!(fourth.stop().1.code(), Some(0));
    assert_eq!(first.stop().1.code(), Some(0), "{}", first.log());
}

fn text_has(volume: &Value, words: &str) -> bool {
    text(&volume["problem"]).contains(words)
}
