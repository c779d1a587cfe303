//! Configuration that changes while everything runs: only what changed is touched.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files};

/// What stands in the file of one machine only.
const ONE_MACHINE: &str = "[server]\nlisten = [\"127.0.0.1:8080\"]\n";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

async fn recording(server: &Server, camera: &str) {
    let on = |s: &Value| s["recording"] == "on" && s["durable_until"].is_string();
    server.wait_for(camera, "recording", on).await;
}

/// Sends SIGHUP, and waits until the files were read again.
async fn reload(server: &mut Server) {
    let read = |server: &Server| server.log().matches("read the configuration again").count();
    let before = read(server);
    server.reload();
    for _ in 0..600 {
        if read(server) > before {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing was read: {}", server.log());
}

/// Output of a command that must succeed.
fn run(server: &Server, words: &[&str]) -> String {
    let output = server.command(words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{words:?}: {said}; {}", server.log());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Slugs of all cameras, with whether each is paused and managed by a file.
async fn cameras(server: &Server) -> Vec<(String, bool, bool)> {
    let list = server.json("/cameras").await;
    let row = |camera: &Value| {
        let is = |key: &str| camera[key] == true;
        (text(&camera["slug"]).to_owned(), is("paused"), is("managed_by_file"))
    };
    list["cameras"].as_array().into_iter().flatten().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_touches_what_changed_and_costs_no_other_camera_a_frame() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([
        ("stays", cam.url("door-main;c=1")),
        ("moves", cam.url("door-sub;c=2")),
        ("leaves", cam.url("drive-sub;c=3")),
    ]);
    setup.archive = "segment_duration = \"4s\"".to_owned();
    let mut server = Server::start(&setup).await;
    for camera in ["stays", "moves", "leaves"] {
        recording(&server, camera).await;
    }
    // Added, changed, gone; and the one that stays gets another name and a limit.
    setup.cameras = camera("stays", &cam.url("door-main;c=1"), "", "keep = { max_days = 30 }")
        .replace("name = \"stays\"", "name = \"Front door\"");
    setup.cameras += &camera("moves", &cam.url("drive-sub;c=4"), "", "");
    setup.cameras += &camera("new", &cam.url("garden-sub;c=5"), "", "");
    server.configure(&setup);
    reload(&mut server).await;
    recording(&server, "new").await;
    let renamed = server.json("/cameras/stays").await;
    assert_eq!(renamed["name"], "Front door", "{renamed:#}");
    let expected = [("stays", false), ("leaves", true), ("moves", false), ("new", false)];
    let found = cameras(&server).await;
    let found: Vec<_> = found.iter().map(|(slug, paused, _)| (&**slug, *paused)).collect();
    assert_eq!(found, expected, "by name; what left the file is paused");
    let left = server.stream("leaves").await;
    assert_eq!((&left["state"], &left["recording"]), (&"paused".into(), &"off".into()));
    assert!(left["durable_until"].is_string(), "its footage stays");
    // A file with a mistake changes nothing.
    let good = std::fs::read_to_string(server.config()).expect("it was written");
    std::fs::write(server.config(), good.replace("segment_duration", "segment_duratoin"))
        .expect("is written");
    server.reload();
    server.wait_for_log("did you mean \"segment_duration\"?").await;
    assert_eq!(server.stream("new").await["state"], "playing");
    // And back again: the camera that left is the same as before.
    let id = server.json("/cameras/leaves").await["id"].clone();
    std::fs::write(server.config(), good + &camera("leaves", &cam.url("drive-sub;c=3"), "", ""))
        .expect("is written");
    reload(&mut server).await;
    recording(&server, "leaves").await;
    assert_eq!(server.json("/cameras/leaves").await["id"], id);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    let sessions = |number: u32| found.keys().filter(|(camera, _)| *camera == number).count();
    let counts: Vec<_> = (1..=5).map(sessions).collect();
    assert_eq!(counts, [1, 1, 2, 1, 1], "sessions by camera: {:?}", found.keys());
    for ((camera, session), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}, session {session}"));
        assert_eq!(stamps[0].frame, 0, "camera {camera}, session {session}");
    }
    let last = found.iter().find(|((camera, _), _)| *camera == 1).expect("it was recorded").1;
    assert!(last.len() > 100, "the one that stays was recorded all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_applied_with_the_server_up_and_down_and_what_a_file_names_is_left_to_it() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    let mut server = Server::start(&setup).await;
    recording(&server, "door").await;
    let file = server.dir().join("more.toml");
    let path = file.display().to_string();
    let write = |text: &str| std::fs::write(&file, text).expect("it is written");
    let limits = "keep = { max_days = 9 }\n";
    write(&camera("yard", &cam.url("garden-sub;c=2"), "", limits));
    let applied = run(&server, &["config", "apply", &path]);
    assert!(applied.contains("camera yard"), "{applied}");
    recording(&server, "yard").await;
    assert_eq!(
        cameras(&server).await,
        [("door".into(), false, true), ("yard".into(), false, false)]
    );
    let again = run(&server, &["config", "apply", &path]);
    assert!(!again.contains("yard"), "nothing changed: {again}");
    write(&camera("yard", &cam.url("garden-sub;c=2"), "", ""));
    run(&server, &["config", "apply", &path]);
    let audit = server.json("/audit").await;
    let details =
        ["yard/main without limits (was max_days 9)", "no camera", "yard/main max_days 9"];
    for (number, detail) in details.into_iter().enumerate() {
        let entry = &audit["entries"][number];
        assert_eq!(entry["what"], "configuration-applied", "{audit:#}");
        assert!(text(&entry["detail"]).contains(detail), "{detail}: {audit:#}");
    }
    // What a file names is changed there.
    let takes_over = camera("door", &cam.url("drive-sub;c=9"), "", "");
    let reply = server.door().ask("PUT", "/api/v1/config").body("application/toml", &takes_over);
    let reply = reply.send().await;
    assert_eq!((reply.status, &*reply.problem()), (409, "managed-by-file"), "{}", reply.text());
    write(&takes_over);
    let refused = server.command(&["config", "apply", &path]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && said.contains("managed by"), "{said}");
    write("[[camera]]\nname = \"x\"\n[camera.stream.main]\nulr = \"rtsp://192.0.2.1/\"\n");
    let mistyped = server.command(&["config", "apply", &path]);
    let said = String::from_utf8_lossy(&mistyped.stderr).into_owned();
    assert!(said.contains(&format!("{path}:4:1: unknown key \"ulr\"")), "{said}");
    let reply = server.door().ask("PUT", "/api/v1/config").body("application/toml", ONE_MACHINE);
    assert_eq!(reply.send().await.status, 400, "what belongs to one machine is not applied");
    // What was applied stays over a restart; the same commands work without a server.
    let up = exported(&server);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_eq!(exported(&server), up, "the same text without the server");
    let mut moved = camera("yard", &cam.url("drive-sub;c=3"), "", "");
    moved += &camera("gate", &cam.url("door-sub;c=4"), "", "");
    write(&moved);
    let applied = run(&server, &["config", "apply", &path]);
    assert!(applied.contains("camera gate") && applied.contains("stream yard/main"), "{applied}");
    server.start_again().await;
    for camera in ["door", "yard", "gate"] {
        recording(&server, camera).await;
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    let numbers: Vec<_> = found.keys().map(|(camera, _)| *camera).collect();
    assert_eq!(numbers, [1, 1, 2, 3, 4], "sessions by camera");
    found.values().for_each(|stamps| assert_whole(stamps, "each of them"));
}

/// What `config export` writes, proved to be a configuration that is right and that exports the
/// same.
fn exported(server: &Server) -> String {
    let file = server.dir().join("exported.toml").display().to_string();
    run(server, &["config", "export", &file]);
    let said = run(server, &["config", "check", &file]);
    assert!(said.contains("is right: 2 cameras, 2 streams"), "{said}");
    let text = std::fs::read_to_string(&file).expect("it was written");
    assert_eq!(run(server, &["config", "export"]), text, "on standard output too");
    for line in ["slug = \"door\"", "slug = \"yard\"", "name = \"disk1\"", "[camera.stream.main]"] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_volumes_and_doors_change_while_running() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    let mut server = Server::start(&setup).await;
    recording(&server, "door").await;
    let port = server.port();
    let ask = |host: &str| port.get("/livez").with("host", host).send();
    assert_eq!(ask("nvr.example.org").await.status, 421);
    setup.server = "hosts = [\"nvr.example.org\"]".to_owned();
    setup.volume = "keep_free = \"20 MB\"".to_owned();
    setup.archive = "segment_duration = \"2s\"\nsync_interval = \"500ms\"".to_owned();
    server.configure(&setup);
    reload(&mut server).await;
    assert_eq!(ask("nvr.example.org").await.status, 200);
    let volumes = server.json("/volumes").await;
    assert_eq!(volumes["volumes"][0]["keep_free_bytes"], json!(20_000_000), "{volumes:#}");
    assert_eq!(volumes["volumes"][0]["keep_free"], json!("20 MB"), "{volumes:#}");
    for _ in 0..200 {
        if mp4_files(&server.media()).len() >= 3 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert!(mp4_files(&server.media()).len() >= 3, "segments are shorter now: {}", server.log());
    // A second volume is taken in, and one that was renamed stays the same.
    let second = server.dir().join("second");
    setup.volume += &format!(
        "\n[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\nkeep_free = \"20 MB\"",
        second.display()
    );
    server.configure(&setup);
    reload(&mut server).await;
    for _ in 0..200 {
        if server.json("/volumes").await["volumes"][1]["state"] == "ok" {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let volumes = server.json("/volumes").await;
    assert_eq!(volumes["volumes"][1]["state"], "ok", "{volumes:#}; {}", server.log());
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.len(), 1, "one session: {:?}", found.keys());
    assert_whole(found.values().next().expect("there is one"), "the camera");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_cut_in_another_zone_after_a_start_with_one() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let cameras = camera("door", &cam.url("door-sub;c=1"), "", "");
    let zoned = |zone: &str| Setup {
        archive: format!("segment_duration = \"10s\"\ntime_zone = \"{zone}\""),
        cameras: cameras.clone(),
        ..Setup::default()
    };
    // Their days never have the same date.
    let (east, west) = ("Pacific/Kiritimati", "Pacific/Pago_Pago");
    let mut server = Server::start(&zoned(east)).await;
    recording(&server, "door").await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    server.configure(&zoned(west));
    server.start_again().await;
    recording(&server, "door").await;
    for _ in 0..200 {
        if server.json("/").await["time_zone"] == west {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.json("/").await["time_zone"], west, "{}", server.log());
    // It is drawn from the sums of days.
    let from = crate::recording::now().plus_micros(-30 * 86_400_000_000);
    let month = format!("/cameras/door/streams/main/timeline?from={from}&resolution=86400");
    let drawn = server.json(&month).await;
    assert_eq!(drawn["footage"].as_array().map(Vec::len), Some(1), "{drawn:#}");
}
