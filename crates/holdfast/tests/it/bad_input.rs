//! Whatever a camera or a person gets wrong is told in words, and costs nobody else anything.

use std::path::Path;
use std::time::Duration;

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::recording::now;
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files, pictures, shown};

/// A time of the API.
fn time(value: &Value) -> WallTime {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{value} is no time"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_cameras_are_named_and_cost_nobody_else_a_frame() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (cam, locked) =
        (cams::stamped(folder.path()).await, cams::locked(folder.path(), true).await);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent_at = silent.local_addr().expect("has an address");
    let login = "username = \"viewer\"\npassword = \"wrong-word\"";
    let mut setup = Setup::with_cameras([
        ("good", cam.url("door-main;c=1")),
        ("no-login", locked.url("door-sub;c=2")),
        ("missing", cam.url("no-such-stream")),
        ("silent", format!("rtsp://{silent_at}/x")),
        ("no-key", cam.url("door-sub;nokey=1")),
        ("cut", cam.url("door-sub;cut=3;c=3")),
        ("change", cam.url("door-main;change=3.99;to=door-sub;c=4")),
        ("twice", cam.url("drive-sub;duplicate=5;c=5")),
        ("back", cam.url("drive-sub;backward=5;c=6")),
        ("unknown", cam.url("door-sub;unknown=1;c=7")),
    ]);
    setup.cameras += &camera("refused", &locked.url("door-sub;c=8"), login, "");
    let no_file = "username = \"viewer\"\npassword = { file = \"/no/such/secret\" }";
    setup.cameras += &camera("no-secret", &locked.url("door-sub;c=9"), no_file, "");
    let began = now();
    let mut server = Server::start(&setup).await;
    denied(&server).await;
    let said = |stream: &Value| text(&stream["last_error"]).contains("/no/such/secret");
    let stream = server.wait_for("no-secret", "problem", said).await;
    assert_eq!((&stream["state"], &stream["recording"]), (&"waiting".into(), &"stalled".into()));
    for (camera, words) in [
        ("missing", "no stream at /no-such-stream (404)"),
        ("silent", "did not answer DESCRIBE"),
        ("cut", "sent nothing for 10 s"),
        ("no-key", "no key frame within 20 s"),
    ] {
        let said = |stream: &Value| text(&stream["last_error"]).contains(words);
        let stream = server.wait_for(camera, words, said).await;
        let (state, retries) = (text(&stream["state"]), stream["retry_at"].is_string());
        let waits = if camera == "no-key" { ("connecting", false) } else { ("waiting", true) };
        assert_eq!((state, retries), waits, "{camera}: {stream:#}");
        assert_eq!(stream["recording"], "stalled", "{camera}: {stream:#}");
    }
    // The second session with the camera that was cut off.
    server.wait_for("cut", "frames again", |s| s["reconnects"].as_u64() >= Some(1)).await;
    changed(&server, began, folder.path()).await;
    gap_is_explained(&server, began).await;
    let stream = server.stream("unknown").await;
    assert!(text(&stream["warnings"][0]).contains("X-NOBODY is not supported"), "{stream:#}");
    assert_eq!(stream["tracks"].as_array().map(Vec::len), Some(1), "the rest is recorded");
    for camera in ["twice", "back"] {
        let to = server.durable_until(camera).await.expect("something is durable");
        let clip = server.clip(camera, to - Duration::from_secs(8), to, "t.mp4").await;
        let times = shown(&clip, "v");
        assert!(times.is_sorted() && (90..=110).contains(&times.len()), "{camera}: {times:?}");
    }
    assert!(!server.log().contains("wrong-word"), "a password is never logged");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    // The one that is cut off comes back each time, on a slow machine more than once.
    let sessions = |of: u32| found.keys().filter(|(camera, _)| *camera == of).count();
    assert!(sessions(3) >= 2, "{:?}", found.keys());
    let others: Vec<u32> = found.keys().map(|(camera, _)| *camera).filter(|c| *c != 3).collect();
    assert_eq!(others, [1, 4, 5, 6, 7], "one session each");
    for ((camera, session), stamps) in &found {
        assert_whole(stamps, &format!("camera {camera}, session {session}"));
        assert_eq!(stamps[0].frame, 0, "camera {camera} begins with its first frame");
    }
}

/// A refused password is told from a missing one, and tried so rarely that no account is locked.
async fn denied(server: &Server) {
    for (camera, words) in [
        ("refused", "refused the user name or the password"),
        ("no-login", "wants a user name and a password"),
    ] {
        let stream = server.wait_for(camera, "denial", |s| s["state"] == "denied").await;
        assert!(text(&stream["last_error"]).contains(words), "{stream:#}");
        let wait = time(&stream["retry_at"]).micros_since(time(&stream["since"]));
        assert!(wait >= 30_000_000, "{camera} is tried again after {wait} µs");
    }
}

/// Parameters that change in the middle: both halves are kept, in one run, and a clip over the
/// change shows every frame.
async fn changed(server: &Server, began: WallTime, scenes: &Path) {
    let scene = |name: &str| scenes.join(format!("{name}.mp4"));
    let stream = server.stream("change").await;
    assert_eq!(stream["tracks"][0]["width"], 640, "what it sends now: {stream:#}");
    let path = format!("/cameras/change/streams/main/recordings?from={began}");
    let list = server.json(&path).await;
    let runs: Vec<_> = list["recordings"].as_array().into_iter().flatten().collect();
    assert!(!runs.is_empty() && runs.iter().all(|r| r["run"] == runs[0]["run"]), "{list:#}");
    let from = time(&stream["recorded"]["from"]);
    let (a, b) = (from + Duration::from_secs(1), from + Duration::from_secs(7));
    let clip = server.clip("change", a, b, "change.mp4").await;
    let shown = pictures(&clip);
    let (old, new) = (pictures(&scene("door-main")), pictures(&scene("door-sub")));
    let sent: Vec<_> = old[..100].iter().chain(&new[100..]).collect();
    let first = sent.iter().position(|picture| **picture == shown[0]).expect("it was sent");
    assert!((24..=26).contains(&first), "the clip begins with frame {first}");
    assert!((149..=151).contains(&shown.len()), "{} frames", shown.len());
    let same = shown.iter().eq(sent[first..first + shown.len()].iter().copied());
    assert!(same, "every picture is the camera's");
}

/// The hole that a silent camera leaves has its cause.
async fn gap_is_explained(server: &Server, began: WallTime) {
    for _ in 0..100 {
        let path = format!("/cameras/cut/streams/main/timeline?from={began}&resolution=1ms");
        let timeline = server.json(&path).await;
        let gap = &timeline["gaps"][0];
        if gap["cause"].is_string() {
            assert_eq!(gap["cause"], "silent", "{timeline:#}");
            let length = time(&gap["to"]).micros_since(time(&gap["from"]));
            assert!((9_000_000..16_000_000).contains(&length), "{timeline:#}");
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("no gap is explained: {}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_what_a_camera_sends_and_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (cam, locked) =
        (cams::stamped(folder.path()).await, cams::locked(folder.path(), false).await);
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "tulip-7\n").expect("it is written");
    let secret = secret.display().to_string();
    let server = Server::prepare(&Setup::default());
    let probe = |url: String, words: &[&str]| {
        let output =
            server.command(&[&["camera", "probe", &url, "--seconds", "3"], words].concat());
        let both = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&both).into_owned())
    };
    let sends = ["H.264 1280×720", "AAC 16 kHz mono", " frames/s", "a key frame every 2.0 s"];
    for (url, words, code, says) in [
        (cam.url("door-main"), &[][..], 0, &sends[..]),
        (cam.url("door-sub;unknown=1"), &[], 0, &["X-NOBODY is not supported"]),
        (cam.url("nothing"), &[], 1, &["(404)"]),
        (locked.url("door-sub"), &[], 1, &["wants a user name"]),
        (locked.url("door-sub"), &["--username", "viewer"], 1, &["refused the user name"]),
        (
            locked.url("door-sub"),
            &["--username", "viewer", "--password-file", &secret],
            0,
            &["H.264 640×360"],
        ),
    ] {
        let (got, said) = probe(url, words);
        assert_eq!(got, Some(code), "{said}");
        says.iter().for_each(|word| assert!(said.contains(word), "no {word:?} in {said}"));
        assert!(!said.contains("tulip-7"), "{said}");
    }
    let (code, json) = probe(cam.url("door-main"), &["--json"]);
    let report: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!((code, &report["tracks"][0]["recordable"]), (Some(0), &true.into()), "{report:#}");
}

#[test]
fn mistyped_configuration_is_told_by_line_and_column_and_nothing_starts() {
    let server = Server::prepare(&Setup::default());
    let text = std::fs::read_to_string(server.config()).expect("it was written");
    let wrong = text.replace("segment_duration", "segment_duratoin")
        + "[[camera]]\nname = \"Door\"\n[camera.stream.main]\nulr = \"rtsp://192.0.2.1/\"\n\
           url = \"http://192.0.2.1/\"\nrecord = \"maybe\"\n";
    std::fs::write(server.config(), &wrong).expect("it is written");
    let line_of = |word: &str| {
        let at = wrong.lines().position(|line| line.starts_with(word)).expect("is there");
        at + 1
    };
    let file = server.config().display().to_string();
    let problems = [
        (
            line_of("segment_duratoin"),
            "1: unknown key \"segment_duratoin\"; did you mean \"segment_duration\"?",
        ),
        (line_of("ulr"), "1: unknown key \"ulr\"; did you mean \"url\"?"),
        (line_of("url"), "7: cameras are reached by rtsp, not by http"),
        (line_of("record"), "10: wrong type: found string \"maybe\", expected a boolean"),
    ];
    for words in [&["config", "check"][..], &["run"], &["check"]] {
        let output = server.command(words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        for (line, problem) in &problems {
            let expected = format!("{file}:{line}:{problem}");
            assert!(said.contains(&expected), "{words:?} does not say {expected:?}: {said}");
        }
    }
    let started = server.dir().join("catalog").exists() || server.media().exists();
    assert!(!started, "nothing was made");
    assert_eq!(server.command(&["cheque"]).status.code(), Some(2), "wrong usage");
}
