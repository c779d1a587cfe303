//! mp4box, which many web pages read MP4 with, finds in clips and HLS what is in them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base::WallTime;
use serde_json::Value;

use crate::recording::cameras;
use crate::server::{Server, Setup, camera};

const SCRIPT: &str = include_str!("mp4box.mjs");
const DOOR: &str = "/api/v1/cameras/door/streams/main";

/// Where `npm ci` has put it.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui")
}

/// Whether it is there; says loudly what is left out where it is not.
pub fn is_here() -> bool {
    let is_here = folder().join("node_modules/mp4box").exists();
    if !is_here {
        eprintln!("LEFT OUT: what mp4box makes of a file: run `npm ci` in ui");
    }
    is_here
}

/// What it makes of a file; an error when it complains.
pub fn read(file: &Path) -> Result<Value, String> {
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-e", SCRIPT]).arg(folder()).arg(file);
    let output = node.output().expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let bad = |why: &dyn std::fmt::Display| {
        format!("{why}: {said} {}", String::from_utf8_lossy(&output.stderr))
    };
    if !output.status.success() {
        return Err(bad(&output.status));
    }
    let found: Value = serde_json::from_str(&said).map_err(|why| bad(&why))?;
    let silent = found["complaints"].as_array().is_some_and(Vec::is_empty);
    if silent { Ok(found) } else { Err(bad(&"it complains")) }
}

/// Packets of each track, as ffprobe counts them.
fn packets(file: &Path) -> Vec<u64> {
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets"]);
    // What lies outside the edit list counts too.
    probe.args(["-ignore_editlist", "1", "-of", "csv=p=0"]).arg(file);
    let output = probe.output().expect("ffprobe is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    let number = |line: &str| line.trim_matches([',', ' ']).parse().expect("is a number");
    text.lines().map(number).collect()
}

async fn fetch(server: &Server, path: &str, name: &str) -> PathBuf {
    let reply = server.door().get(path).send().await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    let file = server.dir().join(name);
    std::fs::write(&file, &reply.body).expect("it is written");
    file
}

fn time(value: &Value) -> Option<WallTime> {
    value.as_str().and_then(|at| at.parse().ok())
}

/// Waits until `length` of a camera is durable after `since`, or after its start.
async fn recorded(server: &Server, camera: &str, since: Option<WallTime>, s: u64) -> WallTime {
    let begun = server.wait_for(camera, "footage", |s| s["recorded"]["from"].is_string()).await;
    let since = since.or(time(&begun["recorded"]["from"])).expect("it has begun");
    let enough = |of: &Value| time(&of["durable_until"]) > Some(since + Duration::from_secs(s));
    server.wait_for(camera, "enough", enough).await;
    since
}

#[tokio::test(flavor = "multi_thread")]
async fn it_finds_all_of_a_clip_of_two_cameras_one_of_which_changed() {
    if !is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cameras(folder.path()).await;
    let with = |scene: &str| Setup {
        archive: "segment_duration = \"2s\"".to_owned(),
        cameras: camera("door", &cams.url(scene), "", "")
            + &camera("garden", &cams.url("garden-sub"), "", ""),
        ..Setup::default()
    };
    let mut server = Server::start(&with("door-main")).await;
    let from = recorded(&server, "door", None, 3).await;
    recorded(&server, "garden", None, 3).await;
    let before = server.durable_until("door").await.expect("it is recorded");
    server.configure(&with("door-sub"));
    server.reload();
    recorded(&server, "door", Some(before), 5).await;
    let to = server.durable_until("door").await.expect("it is recorded");
    recorded(&server, "garden", Some(to), 0).await;

    let path = format!(
        "/api/v1/clip.mp4?stream=door/main&stream=garden/main&timestamps=true&from={from}&to={to}"
    );
    let clip = fetch(&server, &path, "both.mp4").await;
    let found = read(&clip).unwrap_or_else(|why| panic!("{why}"));
    let tracks = found["tracks"].as_array().expect("a list");
    let counts: Vec<u64> = tracks.iter().filter_map(|t| t["samples"].as_u64()).collect();
    assert_eq!(counts, packets(&clip), "{found:#}");
    let of = |kind: &str| tracks.iter().filter(|t| t["type"] == kind).collect::<Vec<_>>();
    let (video, text) = (of("video"), tracks.iter().filter(|t| t["entries"][0] == "tx3g"));
    assert_eq!(video.len(), 2, "{found:#}");
    assert_eq!(text.count(), 1, "{found:#}");
    assert_eq!(video[0]["entries"].as_array().map(Vec::len), Some(2), "{found:#}");
    assert_eq!(video[0]["used"], serde_json::json!([0, 1]), "both have samples: {found:#}");
    assert!(video.iter().all(|track| track["keys"].as_u64() > Some(1)), "{found:#}");

    let url = format!("{DOOR}/hls.m3u8?from={from}&to={to}");
    let playlist = server.door().get(&url).send().await.text().to_string();
    let init = playlist.lines().find_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\""));
    let init = init.expect("it has an init segment").trim_end_matches('"');
    let media = playlist.lines().find(|line| line.ends_with(".m4s")).expect("a media segment");
    let whole = |path: &str| match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{DOOR}/{path}"),
    };
    let both = fetch(&server, &whole(init), "init.mp4").await;
    let media_file = fetch(&server, &whole(media), "media.m4s").await;
    let mut bytes = std::fs::read(&both).expect("it is there");
    bytes.extend(std::fs::read(&media_file).expect("it is there"));
    std::fs::write(&both, bytes).expect("it is written");
    let found = read(&both).unwrap_or_else(|why| panic!("{why}"));
    let numbers = media.rsplit('/').next().and_then(|name| name.split('.').next());
    let mut ends = numbers.expect("it has a name").split('-').filter_map(|n| n.parse::<u64>().ok());
    let (first, end) = (ends.next().expect("a first"), ends.next().expect("an end"));
    let track = &found["tracks"][0];
    assert_eq!(track["samples"], end - first, "{found:#}\n{playlist}");
    // Decode times count from 1970, which take more than 32 bits.
    let began = track["first"].as_f64().expect("a number") - from.as_micros() as f64 / 1e6;
    assert!(began.abs() < 10.0, "{began} s: {found:#}");
}
