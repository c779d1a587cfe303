//! A camera that sends JPEG pictures: recorded, killed, given back as clips, pictures and exports,
//! and refused in plain words where nothing can show it.

use std::process::Command;
use std::time::Duration;

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::http::{Door, Reply};
use crate::recording::{cameras, now};
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files, pictures, shown};

const CAMERA: &str = "/api/v1/cameras/gate";
const MAIN: &str = "/api/v1/cameras/gate/streams/main";

/// A server that records JPEG as `main` and H.264 as `sub`.
async fn recording(cams: &testcam::TestCam) -> Server {
    let sub = format!("[camera.stream.sub]\nurl = \"{}\"", cams.url("door-sub;c=2"));
    let cameras = camera("gate", &cams.url("mjpeg;c=1"), "", &sub);
    let archive = "segment_duration = \"3s\"".to_owned();
    Server::start(&Setup { cameras, archive, ..Setup::default() }).await
}

/// Waits until `length` after the start of the footage is durable; gives the start.
async fn recorded(server: &Server, length: Duration) -> WallTime {
    let time = |value: &Value| value.as_str().and_then(|at| at.parse::<WallTime>().ok());
    let begun = server.wait_for("gate", "footage", |s| s["recorded"]["from"].is_string()).await;
    let from = time(&begun["recorded"]["from"]).expect("is a time");
    let enough = |stream: &Value| time(&stream["durable_until"]) > Some(from + length);
    server.wait_for("gate", "end of the range", enough).await;
    from
}

async fn get(door: &Door, path: &str) -> Reply {
    let reply = door.get(path).send().await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply
}

/// How many boxes of a kind stand in a file.
fn count(file: &std::path::Path, kind: &[u8]) -> usize {
    let bytes = std::fs::read(file).expect("the file can be read");
    bytes.windows(kind.len()).filter(|some| *some == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_show_the_pictures_that_were_sent_and_a_kill_loses_none() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let mut server = recording(&cams).await;
    let length = Duration::from_secs(8);
    let from = recorded(&server, length).await + Duration::from_millis(520);
    let to = from + Duration::from_secs(6);
    let clip = server.clip("gate", from, to, "clip.mp4").await;
    let times = shown(&clip, "v");
    assert!((times.len() as i64 - 150).abs() <= 1, "{} pictures", times.len());
    assert!(times.windows(2).all(|t| (t[1] - t[0] - 0.04).abs() < 0.004), "{times:?}");
    assert!(shown(&clip, "a").len() > 50);
    let sent = pictures(&folder.path().join("mjpeg.mp4"));
    let seen = pictures(&clip);
    let first = sent.iter().position(|picture| *picture == seen[0]).expect("it was sent");
    for (number, picture) in seen.iter().enumerate() {
        assert_eq!(*picture, sent[(first + number) % sent.len()], "picture {number}");
    }
    let probe = "ffprobe -v error -select_streams v -show_entries stream=codec_name -of csv=p=0";
    let mut words = probe.split(' ');
    let probed = Command::new(words.next().expect("is there")).args(words).arg(&clip).output();
    let probed = probed.expect("ffprobe is installed");
    assert_eq!(String::from_utf8_lossy(&probed.stdout).trim(), "mjpeg");

    let promised = server.durable_until("gate").await.expect("something is durable");
    let killed = now();
    server.kill();
    server.start_again().await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let files = mp4_files(&server.media().join("gate").join("main"));
    let sessions = frames(&files);
    assert_eq!(sessions.len(), 2, "{:?}", sessions.keys());
    sessions.values().for_each(|stamps| assert_whole(stamps, "the gate"));
    let before = sessions.values().flatten().map(|stamp| stamp.sent_micros);
    let last = before.filter(|at| *at < killed.as_micros()).max().expect("there is footage");
    assert!(last + 150_000 > promised.as_micros(), "{promised} promised, {last}");
    for file in &files {
        assert!(!shown(file, "v").is_empty());
        assert_eq!(count(file, b"moof"), count(file, b"HoldfastCommit.."), "a fragment a batch");
    }
    for words in [&["check", "--hashes"][..], &["rebuild", "--replace"], &["check", "--hashes"]] {
        let output = server.command(words);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {said} {}", server.log());
    }
    server.start_again().await;
    let again = server.clip("gate", from, to, "again.mp4").await;
    assert_eq!(pictures(&again), seen, "the same after the catalog was made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_stills_and_exports_and_plain_words_where_nothing_can_show_it() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let server = recording(&cams).await;
    let length = Duration::from_secs(4);
    let from = recorded(&server, length).await;
    let (door, range) = (server.door(), format!("from={from}&to={}", from + length));
    let stream = server.stream("gate").await;
    let track = &stream["tracks"][0];
    assert_eq!((&track["codec"], &track["codec_string"]), (&"MJPEG".into(), &Value::Null));

    let still = get(&door, &format!("{MAIN}/still.jpg?at={}&width=320", from + length / 2)).await;
    let size = media::jpeg::size(&still.body);
    assert_eq!(size, Some((320, 180)));
    let sheet = get(&door, &format!("{MAIN}/sheet.jpg?{range}&columns=2&rows=2&width=160")).await;
    assert_eq!(sheet.header("x-holdfast-missing"), "");
    let frames = get(&door, &format!("{MAIN}/keyframes?{range}&max=4")).await;
    assert_eq!(frames.body[16..21], *b"\x04jpeg");

    let refused = door.get(&format!("{MAIN}/hls.m3u8?{range}")).send().await;
    assert_eq!((refused.status, refused.problem().as_str()), (404, "not-found"));
    assert!(refused.text().contains("clip.mp4"), "{}", refused.text());
    let master = get(&door, &format!("{CAMERA}/hls.m3u8?{range}")).await.text().to_string();
    assert!(master.contains("streams/sub/") && !master.contains("streams/main/"), "{master}");
    let live = get(&door, &format!("{CAMERA}/live.m3u8")).await.text().to_string();
    assert!(live.contains("streams/sub/") && !live.contains("streams/main/"), "{live}");
    let live = door.get(&format!("{MAIN}/live.m3u8")).send().await;
    assert_eq!((live.status, live.problem().as_str()), (404, "not-found"));

    let zip = server.dir().join("gate.zip");
    let (start, end) = (from.to_string(), (from + length).to_string());
    let words = ["export", "--camera", "gate", "--from", &start, "--to", &end, "-o"];
    let output = server.command(&[&words[..], &[zip.to_str().expect("is text")]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let verify = server.command(&["verify", zip.to_str().expect("is text")]);
    assert_eq!(verify.status.code(), Some(0), "{}", String::from_utf8_lossy(&verify.stdout));
}
