//! What was said to be durable is never taken back: by no kill, not while a start still reads what
//! was left, in no answer.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::http::Reply;
use crate::mounts::Frozen;
use crate::server::{Server, Setup};
use crate::tools::{mp4_files, pictures};

const MAIN: &str = "/cameras/door/streams/main";

fn time(value: &Value) -> Option<WallTime> {
    value.as_str().map(|text| text.parse().expect("is a time"))
}

/// The answer to a question for a clip.
async fn clip(server: &Server, range: &str) -> Reply {
    server.door().get(&format!("/api/v1{MAIN}/clip.mp4?{range}")).send().await
}

/// The seconds that `/metrics` gives; `None` where it gives none.
async fn lag(server: &Server) -> Option<f64> {
    let text = server.door().get("/metrics").send().await.text();
    let name = "holdfast_stream_durable_lag_seconds{camera=\"door\",stream=\"main\"} ";
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.parse().expect("is a number"))
}

/// The file that was written last.
fn newest(server: &Server) -> PathBuf {
    let written = |file: &PathBuf| {
        let of = std::fs::metadata(file).and_then(|of| of.modified());
        of.unwrap_or(SystemTime::UNIX_EPOCH)
    };
    mp4_files(&server.media()).into_iter().max_by_key(written).expect("there is a file")
}

/// A camera that was recorded for two segments and a part of a third.
async fn recorded(server: &Server) {
    let spans = |stream: &Value| {
        let from = time(&stream["recorded"]["from"])?;
        Some(time(&stream["durable_until"])?.micros_since(from))
    };
    server.wait_for("door", "footage", |s| spans(s) > Some(7_000_000)).await;
}

fn setup(url: String) -> Setup {
    let archive = "segment_duration = \"3s\"".to_owned();
    Setup { archive, ..Setup::with_cameras([("door", url)]) }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_durable_until_is_unknown_or_later_than_it_was() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::start(&setup(cam.url("door-sub;c=1"))).await;
    recorded(&server).await;
    for round in 0..4 {
        sleep(Duration::from_millis(400 * round)).await;
        let mut promised = server.durable_until("door").await.expect("it is known");
        server.kill();
        server.start_again().await;
        let began = Instant::now();
        let mut asked = 0;
        while began.elapsed() < Duration::from_secs(4) {
            let stream = server.stream("door").await;
            let timeline = server.json(&format!("{MAIN}/timeline")).await;
            for answer in [&stream, &timeline] {
                if let Some(until) = time(&answer["durable_until"]) {
                    let words = format!("round {round}: {until} after {promised}: {answer:#}");
                    assert!(until >= promised, "{words}");
                    promised = until;
                }
            }
            asked += 1;
        }
        assert!(asked > 20 && server.durable_until("door").await.is_some(), "{asked} answers");
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn footage_that_a_start_has_not_read_yet_is_waited_for_not_left_out() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::start(&setup(cam.url("door-sub;c=1"))).await;
    recorded(&server).await;
    let stream = server.stream("door").await;
    let oldest = time(&stream["recorded"]["from"]).expect("there is footage");
    let until = time(&stream["durable_until"]).expect("it is known");
    let (from, old) = (until.plus_micros(-2_000_000), oldest.plus_micros(1_500_000));
    let before = server.clip("door", from, until, "before.mp4").await;
    server.kill();
    // Recovery reads the file and cannot go on with it.
    let what = "footage that takes long to be read";
    let Some(frozen) = Frozen::new(&newest(&server), what) else { return };
    server.start_again().await;
    server.wait_for_log("not recovered").await;
    let started = WallTime::from_micros(crate::recording::now().as_micros());
    // Longer than it takes until something new is durable.
    for _ in 0..30 {
        let stream = server.stream("door").await;
        assert_eq!(stream["durable_until"], Value::Null, "{stream:#}");
        assert_eq!(time(&stream["recorded"]["from"]), Some(oldest), "{stream:#}");
        let timeline = server.json(&format!("{MAIN}/timeline")).await;
        assert_eq!(timeline["durable_until"], Value::Null, "{timeline:#}");
        assert_eq!(lag(&server).await, None);
        sleep(Duration::from_millis(100)).await;
    }
    for range in [format!("from={from}&to={until}"), format!("from={from}"), "from=-1h".into()] {
        let answer = clip(&server, &range).await;
        let told = (answer.status, answer.problem(), answer.header("retry-after").to_owned());
        assert_eq!(told, (503, "still-reading".into(), "1".into()), "{range}: {}", answer.text());
    }
    // What the file cannot belong to is there as ever.
    let well = clip(&server, &format!("from={oldest}&to={old}")).await;
    assert_eq!(well.status, 200, "{}", well.text());
    let new = clip(&server, &format!("from={}", started.plus_micros(500_000))).await;
    assert_eq!(new.status, 307, "{}", new.text());
    drop(frozen);
    let read = |s: &Value| time(&s["durable_until"]).is_some();
    let now = server.wait_for("door", "end of its footage", read).await;
    assert!(time(&now["durable_until"]) > Some(until), "{now:#}");
    assert!(lag(&server).await.is_some_and(|lag| lag < 3.0));
    let after = server.clip("door", from, until, "after.mp4").await;
    assert_eq!(pictures(&after), pictures(&before));
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
