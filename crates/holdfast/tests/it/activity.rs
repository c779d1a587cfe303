//! What moves, told from the sizes of pictures: of a still scene through which something passes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup, camera};
use crate::tools::mp4_files;

/// The clip lasts so long, and from its fifth second on something moves for two.
const ROUND_SECONDS: i64 = 12;

/// A grey wall with some noise, and a box that passes before it.
fn passing(folder: &Path) -> Vec<(String, PathBuf)> {
    let path = folder.join("passing.mp4");
    let wall = "color=gray:s=320x240:r=10:d=12,noise=alls=4:allf=t";
    let box_at = "[0][1]overlay=x='20+100*(t-5)':y=80:enable='between(t,5,6.9)'";
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "lavfi", "-i", wall]);
    command.args(["-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=12", "-filter_complex", box_at]);
    command.args(["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-g", "20"]).arg(&path);
    assert!(command.status().expect("ffmpeg is installed").success());
    vec![("passing".to_owned(), path)]
}

/// The seconds of [from, to) in which something moves, since `from`.
async fn moving(server: &Server, from: WallTime, to: WallTime) -> Vec<i64> {
    let path = format!("/cameras/door/streams/main/timeline?from={from}&to={to}&resolution=1ms");
    let activity = server.json(&path).await["activity"].clone();
    assert_eq!(activity["step_ms"], 1000, "{activity:#}");
    let first: WallTime = time(&activity["from"]);
    let values = activity["values"].as_array().expect("there are values").iter();
    let values = values.map(|value| value.as_u64().expect("a number"));
    let all = (0..).zip(values).filter(|(_, value)| *value >= 64);
    all.map(|(place, _)| place + first.micros_since(from).div_euclid(1_000_000)).collect()
}

fn time(value: &Value) -> WallTime {
    value.as_str().and_then(|text| text.parse().ok()).expect("a time")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_found_and_a_rebuild_brings_it_back() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::play(passing(folder.path()), None, false).await;
    let setup = Setup {
        archive: "segment_duration = \"12s\"".to_owned(),
        cameras: camera("door", &cam.url("passing"), "", ""),
        ..Setup::default()
    };
    let mut server = Server::start(&setup).await;
    while mp4_files(&server.media()).len() < 4 {
        sleep(Duration::from_millis(200)).await;
    }
    let timeline = server.json("/cameras/door/streams/main/timeline").await;
    // What grows still is told better once more of it is known: of the three that are full.
    let from = time(&timeline["footage"][0]["from"]);
    let to = WallTime::from_micros(from.as_micros() + 3 * ROUND_SECONDS * 1_000_000);
    let shown = moving(&server, from, to).await;
    // Each round has it once, for two seconds that touch three, and a fourth where an edge of the
    // file is judged together with the second beside it.
    let rounds: Vec<&[i64]> = shown.chunk_by(|one, next| next - one < 3).collect();
    assert!(rounds.len() >= 2, "{shown:?}");
    assert!(rounds.iter().all(|round| (1..=4).contains(&round.len())), "{shown:?}");
    for pair in rounds.windows(2) {
        let apart = pair[1][0] - pair[0][0];
        assert!((ROUND_SECONDS - 1..=ROUND_SECONDS + 1).contains(&apart), "{shown:?}");
    }
    let found = format!("/cameras/door/streams/main/activity?limit=1&to={to}");
    let found = server.json(&found).await;
    let last = time(&found["spans"][0]["to"]).micros_since(from).div_euclid(1_000_000);
    assert!(shown.last().is_some_and(|second| (0..=2).contains(&(last - second))), "{found:#}");

    // All of it is sealed, and then made again from the files.
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    server.start_again().await;
    let sealed = moving(&server, from, to).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert!(sealed.len() + 3 >= shown.len() && sealed.len() >= 2, "{sealed:?}, before {shown:?}");
    let check = server.command(&["check"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
    let rebuilt = server.command(&["rebuild", "--replace"]);
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stdout));
    server.start_again().await;
    assert_eq!(moving(&server, from, to).await, sealed);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
