//! Key frames, stills and sheets of what the real process records, and the worker that draws them.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::http::{Door, Reply};
use crate::server::{Server, Setup, camera};
use crate::tools::mp4_files;

const MAIN: &str = "/api/v1/cameras/door/streams/main";
const PATIENCE: Duration = Duration::from_secs(20);

fn time(value: &Value) -> WallTime {
    value.as_str().and_then(|at| at.parse().ok()).unwrap_or_else(|| panic!("{value} is no time"))
}

/// A server that has recorded some seconds of the door, and where they begin.
async fn recorded(cam: &testcam::TestCam) -> (Server, WallTime) {
    let stream = format!("[camera.stream.sub]\nurl = \"{}\"", cam.url("door-sub;c=2"));
    let cameras = camera("door", &cam.url("door-main;c=1"), "", &stream);
    let archive = "segment_duration = \"2s\"".to_owned();
    let server = Server::start(&Setup { cameras, archive, ..Setup::default() }).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    let from = time(&server.stream("door").await["recorded"]["from"]);
    let began = Instant::now();
    while server.durable_until("door").await.is_none_or(|until| until < from + SECONDS) {
        assert!(began.elapsed() < PATIENCE, "nothing is recorded: {}", server.log());
        sleep(Duration::from_millis(100)).await;
    }
    (server, from)
}

const SECONDS: Duration = Duration::from_secs(6);

async fn get(door: &Door, path: &str) -> Reply {
    let reply = door.get(path).send().await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply
}

/// Instants and pictures of an answer of key frames.
fn key_frames(file: &[u8]) -> Vec<(WallTime, &[u8])> {
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
    assert_eq!(&file[..5], b"hfkf\x01");
    let mut rest = &file[16 + number(&file[12..16]) as usize..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let len = number(&rest[12..16]) as usize;
        let at = WallTime::from_micros(number(&rest[..8]) as i64);
        found.push((at, &rest[16..16 + len]));
        rest = &rest[16 + len..];
    }
    found
}

/// Width and height that a baseline JPEG says.
fn size(jpeg: &[u8]) -> (u64, u64) {
    let at = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).expect("is a baseline JPEG");
    let number = |at: usize| u64::from(jpeg[at]) << 8 | u64::from(jpeg[at + 1]);
    (number(at + 7), number(at + 5))
}

/// The first picture of a file, as small as a few numbers: the mean of each of 16 × 9 fields.
fn fields(file: &std::path::Path) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(file).args(["-frames:v", "1", "-vf"]);
    command.args(["scale=16:9:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
    let output = command.output().expect("ffmpeg is installed");
    assert!(output.status.success());
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn any_moment_has_a_picture() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (server, from) = recorded(&cam).await;
    let door = server.door();
    let range = format!("from={from}&to={}", from + SECONDS);
    let answer = get(&door, &format!("{MAIN}/keyframes?{range}")).await;
    let found = key_frames(&answer.body);
    assert!(found.len() >= 3, "{} key frames of six seconds", found.len());
    let files: Vec<Vec<u8>> =
        mp4_files(&server.media()).iter().map(|f| std::fs::read(f).expect("is there")).collect();
    for (_, picture) in &found {
        let holds = |file: &Vec<u8>| memfind(file, picture);
        assert!(files.iter().any(holds), "a picture is not as it was recorded");
    }
    let sub = get(&door, &format!("/api/v1/cameras/door/keyframes?{range}&width=640")).await;
    assert_eq!(sub.header("x-holdfast-stream"), "sub");

    let at = found[1].0;
    let path = format!("{MAIN}/still.jpg?at={}", at + Duration::from_millis(10));
    let still = get(&door, &path).await;
    assert_eq!(still.header("x-holdfast-time"), at.to_string());
    assert_eq!(size(&still.body), (1280, 720));
    let small = get(&door, &format!("{path}&width=321")).await;
    assert_eq!(size(&small.body), (321, 181));
    let clip = server.clip("door", at, at + Duration::from_millis(300), "moment.mp4").await;
    for (name, picture) in [("still.jpg", &still), ("small.jpg", &small)] {
        let file = server.dir().join(name);
        std::fs::write(&file, &picture.body).expect("the picture is written");
        let (one, other) = (fields(&file), fields(&clip));
        let worst = one.iter().zip(&other).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(255);
        assert!(one.len() == other.len() && worst < 24, "{name} differs by {worst}");
    }

    let query = format!("{range}&columns=2&rows=2&width=160");
    let sheet = get(&door, &format!("{MAIN}/sheet.jpg?{query}")).await;
    let times = get(&door, &format!("{MAIN}/sheet.json?{query}")).await;
    assert_eq!(sheet.header("etag"), times.header("etag"));
    let shown = times.json()["times"].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(size(&sheet.body), (320, 90 * shown.div_ceil(2)));
}

/// Whether `part` stands in `whole`.
fn memfind(whole: &[u8], part: &[u8]) -> bool {
    let begin = &part[..part.len().min(32)];
    let mut at = 0;
    while let Some(found) = whole[at..].windows(begin.len()).position(|some| some == begin) {
        if whole[at + found..].starts_with(part) {
            return true;
        }
        at += found + 1;
    }
    false
}

/// The worker of a server, if one is at work.
fn worker(server: u32) -> Option<i32> {
    let processes = std::fs::read_dir("/proc").expect("there is /proc").flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()).find(|id| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let parent = after.split_whitespace().nth(1).and_then(|id| id.parse::<u32>().ok());
        parent == Some(server)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_gives_an_error_and_the_next_one_draws() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from) = recorded(&cam).await;
    let (door, id) = (server.door(), server.id());
    let range = format!("from={from}&to={}", from + SECONDS);
    // It may have drawn before it is found: then another one is asked for.
    for width in 1000..1050 {
        let path = format!("{MAIN}/sheet.jpg?{range}&width={width}");
        let asked = tokio::spawn({
            let door = door.clone();
            async move { door.get(&path).send().await }
        });
        while !asked.is_finished() {
            if let Some(worker) = worker(id) {
                let kill = Command::new("kill").args(["-9", &worker.to_string()]).status();
                assert!(kill.is_ok());
            }
            sleep(Duration::from_micros(200)).await;
        }
        let reply = asked.await.expect("it is answered");
        if reply.status == 503 {
            assert!(reply.text().contains("signal 9"), "{}", reply.text());
            let next = get(&door, &format!("{MAIN}/still.jpg?at={}", from + SECONDS / 2)).await;
            assert_eq!(size(&next.body), (1280, 720));
            return;
        }
    }
    panic!("no worker was ever caught at work");
}

/// Ends what it holds, whatever happens.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_worker_is_confined_before_it_reads() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.arg("still-worker").stdin(Stdio::piped()).stdout(Stdio::piped());
    let held = Held(command.spawn().expect("it starts"));
    let of = |what: &str| {
        std::fs::read_to_string(format!("/proc/{}/{what}", held.0.id())).unwrap_or_default()
    };
    let began = Instant::now();
    while !of("status").contains("Seccomp:\t2") {
        assert!(began.elapsed() < PATIENCE, "it is not filtered: {}", of("status"));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(of("status").contains("NoNewPrivs:\t1"), "{}", of("status"));
    let stat = of("stat");
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    assert_eq!(after.split_whitespace().nth(16), Some("19"), "as low a priority as there is");
    for (limit, most) in [("Max open files", "0"), ("Max file size", "0"), ("Max processes", "0")] {
        let limits = of("limits");
        let line = limits.lines().find(|line| line.starts_with(limit)).unwrap_or_default();
        assert_eq!(line[limit.len()..].split_whitespace().next(), Some(most), "{limits}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_holdfast")).arg("--help").output();
    let help = String::from_utf8(help.expect("it runs").stdout).expect("is text");
    assert!(help.contains("backup") && !help.contains("still-worker"), "{help}");
}
