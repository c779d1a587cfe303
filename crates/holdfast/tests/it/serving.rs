//! What is asked of footage and live pictures, and what is answered: every number that a player, a
//! script or a proxy relies on.

use std::path::PathBuf;
use std::time::Duration;

use base::WallTime;
use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::http::{Door, Reply, Said};
use crate::recording::now;
use crate::server::{Server, Setup, camera};
use crate::tools::{frames, mp4_files, shown};

const MAIN: &str = "/api/v1/cameras/door/streams/main";

fn time(value: &Value) -> WallTime {
    value.as_str().and_then(|at| at.parse().ok()).unwrap_or_else(|| panic!("{value} is no time"))
}

async fn get(door: &Door, path: &str, headers: &[(&str, &str)]) -> Reply {
    let ask = headers.iter().fold(door.get(path), |ask, (name, value)| ask.with(name, *value));
    ask.send().await
}

/// A server that has recorded two cameras for some seconds, over several segments.
async fn recorded(cam: &testcam::TestCam, seconds: u64) -> Server {
    let mut setup = Setup::with_cameras([("door", cam.url("door-main;c=1"))]);
    setup.cameras += &camera("bell", &cam.url("door-sub;c=2"), "", "record = false");
    setup.archive = "segment_duration = \"2s\"".to_owned();
    let server = Server::start(&setup).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(seconds)).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_are_served_whole_in_parts_and_conditionally() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let server = recorded(&cam, 7).await;
    let door = server.door();
    let stream = server.stream("door").await;
    let from = time(&stream["recorded"]["from"]) + Duration::from_secs(1);
    let to = from + Duration::from_secs(5);
    let url = format!("{MAIN}/clip.mp4?from={from}&to={to}");
    let whole = get(&door, &url, &[]).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    let (bytes, len, etag) = (&whole.body, whole.body.len(), whole.header("etag").to_owned());
    let of = |reply: &Reply| {
        (reply.status, reply.header("etag").to_owned(), reply.header("content-length").to_owned())
    };
    assert_eq!(of(&whole), (200, etag.clone(), len.to_string()));
    assert!(etag.starts_with('"') && etag.len() > 10, "{etag} is a strong tag");
    assert_eq!(
        (whole.header("content-type"), whole.header("accept-ranges")),
        ("video/mp4", "bytes")
    );
    let head = door.ask("HEAD", &url).send().await;
    assert_eq!((of(&head), head.body.len()), (of(&whole), 0));
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=100-4099", 100..4100),
        ("bytes=65536-", 65536..len),
        ("bytes=-1000", len - 1000..len),
        (&format!("bytes={}-{}", len - 10, len + 500), len - 10..len),
        (&format!("bytes={}-{}", len / 3, 2 * len / 3), len / 3..2 * len / 3 + 1),
    ] {
        let part = get(&door, &url, &[("range", range)]).await;
        assert_eq!(part.status, 206, "{range}");
        let stands = format!("bytes {}-{}/{len}", expected.start, expected.end - 1);
        assert_eq!(part.header("content-range"), stands);
        assert_eq!(part.body, bytes.slice(expected), "{range}");
    }
    let several = get(&door, &url, &[("range", "bytes=0-99,5000-5999,-50")]).await;
    assert_eq!(several.status, 206);
    let parts = parts(&several);
    let expected = [0..100, 5000..6000, len - 50..len].map(|range| bytes.slice(range).to_vec());
    assert_eq!(parts, expected);
    for nowhere in [format!("bytes={len}-"), "bytes=-0".to_owned()] {
        let reply = get(&door, &url, &[("range", &nowhere)]).await;
        assert_eq!((reply.status, &*reply.problem()), (416, "range-not-satisfiable"), "{nowhere}");
        assert_eq!(reply.header("content-range"), format!("bytes */{len}"));
    }
    for (name, value, range, status) in [
        ("if-none-match", &*etag, "", 304),
        ("if-none-match", "\"other\"", "", 200),
        ("if-match", "\"other\"", "", 412),
        ("if-range", &etag, "bytes=0-9", 206),
        ("if-range", "\"other\"", "bytes=0-9", 200),
    ] {
        let mut headers = vec![(name, value)];
        headers.extend((!range.is_empty()).then_some(("range", range)));
        assert_eq!(get(&door, &url, &headers).await.status, status, "{name}: {value}");
    }
    // What is committed never changes: the same later, over sealed segments.
    sleep(Duration::from_secs(3)).await;
    let again = get(&door, &url, &[]).await;
    assert_eq!((again.header("etag"), &again.body), (&*etag, bytes));
    let file = server.dir().join("clip.mp4");
    std::fs::write(&file, bytes).expect("it is written");
    let times = shown(&file, "v");
    assert!((124..=126).contains(&times.len()), "{} frames in 5 s", times.len());
}

/// The bodies of a multipart/byteranges answer, each after its own `Content-Range`.
fn parts(reply: &Reply) -> Vec<Vec<u8>> {
    let media = reply.header("content-type");
    let boundary = media.strip_prefix("multipart/byteranges; boundary=").expect("it has parts");
    let mark = format!("\r\n--{boundary}").into_bytes();
    let mut rest: &[u8] = &reply.body;
    let mut found = Vec::new();
    let position = |bytes: &[u8], of: &[u8]| bytes.windows(of.len()).position(|w| w == of);
    while let Some(at) = position(rest, &mark) {
        rest = &rest[at + mark.len()..];
        let Some(body) = position(rest, b"\r\n\r\n").filter(|_| !rest.starts_with(b"--")) else {
            break;
        };
        let end = position(&rest[body..], &mark).expect("a part ends") + body;
        found.push(rest[body + 4..end].to_vec());
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn times_and_ranges_are_read_exactly_or_refused_by_name() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let server = recorded(&cam, 4).await;
    let door = server.door();
    let stream = server.stream("door").await;
    let (from, durable) = (time(&stream["recorded"]["from"]), time(&stream["durable_until"]));
    nonsense_is_refused(&door, from).await;
    for (range, span) in [
        ("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z", true),
        ("from=2098-01-01T00:00:00Z&to=2098-01-02T00:00:00Z", true),
    ] {
        let reply = get(&door, &format!("{MAIN}/clip.mp4?{range}"), &[]).await;
        assert_eq!((reply.status, &*reply.problem()), (404, "no-footage"), "{}", reply.text());
        let recorded = &reply.json()["recorded"];
        assert_eq!(recorded["from"].is_string() && time(&recorded["from"]) == from, span);
        assert!(reply.json()["detail"].as_str().is_some_and(|d| d.contains(&from.to_string())));
    }
    let bell = "/api/v1/cameras/bell/streams/main/clip.mp4?from=-60s&to=now";
    let reply = get(&door, bell, &[]).await;
    assert_eq!(reply.status, 404);
    assert!(reply.json()["detail"].as_str().is_some_and(|d| d.contains("nothing of this stream")));
    // Open, relative and future ends lead to one address with both ends absolute.
    let future = now() + Duration::from_secs(3600);
    for query in [
        format!("from={from}"),
        format!("from={from}&to=now"),
        format!("from={from}&to={future}"),
        "from=-3s&to=-1s".to_owned(),
        "from=-3s".to_owned(),
    ] {
        let reply = get(&door, &format!("{MAIN}/clip.mp4?{query}"), &[]).await;
        assert_eq!(reply.status, 307, "{query}: {}", reply.text());
        let location = reply.header("location").to_owned();
        let (a, b) = ends(&location);
        assert!(a < b && b <= now() && b > durable - Duration::from_secs(4), "{location}");
        let there = get(&door, &format!("{MAIN}/clip.mp4{location}"), &[]).await;
        assert_eq!(there.status, 200, "{location} is final");
    }
    // The same instant in every form gives the same bytes.
    let to = WallTime::from_micros((from.as_micros() / 1000 + 2500) * 1000);
    let forms = [
        format!("from={from}&to={to}"),
        format!("from={from}&to={}", to.as_micros() / 1000),
        format!("from={from}&to={}", to.to_string().replace('Z', "+00:00")),
        format!("from={from}&to={}", to.to_string().replace('Z', "%2B00:00")),
    ];
    let mut tags = Vec::new();
    for form in forms {
        let reply = get(&door, &format!("{MAIN}/clip.mp4?{form}"), &[]).await;
        assert_eq!(reply.status, 200, "{form}: {}", reply.text());
        tags.push(reply.header("etag").to_owned());
    }
    assert!(tags.windows(2).all(|pair| pair[0] == pair[1]), "{tags:?}");
}

/// Both ends in a `Location` of a clip.
fn ends(location: &str) -> (WallTime, WallTime) {
    let query = location.strip_prefix("?from=").expect("it is a query");
    let (from, to) = query.split_once("&to=").expect("it has two ends");
    (from.parse().expect("is a time"), to.parse().expect("is a time"))
}

async fn nonsense_is_refused(door: &Door, from: WallTime) {
    let earlier = from - Duration::from_secs(60);
    for (query, field) in [
        ("from=yesterday&to=now".to_owned(), "from"),
        (String::new(), "from"),
        (format!("from={from}&to=2026-13-41T99:00:00Z"), "to"),
        (format!("from={from}&to={earlier}"), "to"),
        (format!("from={from}&to={from}"), "to"),
        (format!("from={from}&to=now&quality=best"), "quality"),
        (format!("from={from}&from={from}&to=now"), "from"),
        ("from=99999999999999999999&to=now".to_owned(), "from"),
        ("from=-99999999999h&to=now".to_owned(), "from"),
    ] {
        let reply = get(door, &format!("{MAIN}/clip.mp4?{query}"), &[]).await;
        assert_eq!(
            (reply.status, &*reply.problem()),
            (400, "bad-input"),
            "{query}: {}",
            reply.text()
        );
        assert_eq!(reply.json()["field"], field, "{query}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
    for path in [
        "timeline?from=now&to=-1h",
        "recordings?limit=0",
        "recordings?cursor=x",
        "timeline?resolution=fine",
    ] {
        let reply = get(door, &format!("{MAIN}/{path}"), &[]).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "bad-input"), "{path}");
    }
    for path in ["/api/v1/cameras/nobody", "/api/v1/cameras/door/streams/third", "/api/v1/what"] {
        let reply = get(door, path, &[]).await;
        assert_eq!((reply.status, &*reply.problem()), (404, "not-found"), "{path}");
    }
    let reply = door.ask("DELETE", &format!("{MAIN}/clip.mp4")).send().await;
    assert_eq!((reply.status, reply.header("allow")), (405, "GET,HEAD"));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_and_live_pictures_begin_at_a_key_frame() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;close=2.5;c=1"))]);
    setup.cameras += &camera("bell", &cam.url("door-main;c=2"), "", "record = false");
    let server = Server::start(&setup).await;
    live(&server).await;
    let (door, mut all) = (server.door(), Vec::new());
    for _ in 0..200 {
        all = pages(&door, 100).await;
        if all.len() >= 3 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert!(all.len() >= 3, "three sessions with the camera are three recordings: {all:#?}");
    let starts: Vec<_> = all.iter().map(|row| time(&row["from"])).collect();
    assert!(starts.is_sorted_by(|a, b| a > b), "newest first: {starts:?}");
    let runs: std::collections::BTreeSet<_> = all.iter().map(|r| r["run"].to_string()).collect();
    assert_eq!(runs.len(), all.len());
    assert_eq!(all[all.len() - 1]["end_cause"], "camera-gone", "{all:#?}");
    let oldest =
        |rows: &[Value]| rows.iter().rev().take(2).map(|r| r["id"].clone()).collect::<Vec<_>>();
    assert_eq!(oldest(&pages(&door, 1).await), oldest(&all), "page by page it is the same list");
    for spans in [1, 3] {
        let resolution = if spans == 1 { "1h" } else { "1ms" };
        let path = format!("{MAIN}/timeline?from=-1h&resolution={resolution}");
        let timeline = get(&door, &path, &[]).await.json();
        let footage = timeline["footage"].as_array().map_or(0, Vec::len);
        let as_asked = if spans == 1 { footage == 1 } else { footage >= 3 };
        assert!(as_asked, "{resolution}: {timeline:#}");
    }
    let stream = server.stream("bell").await;
    assert_eq!((&stream["recording"], &stream["durable_until"]), (&"off".into(), &Value::Null));
    assert!(mp4_files(&server.media().join("bell")).is_empty(), "it is not recorded");
    for (path, words) in [
        ("/livez", "ok"),
        ("/readyz", "\"ready\":true"),
        ("/metrics", "holdfast_"),
        ("/api/v1/openapi.json", "\"openapi\":\"3.1"),
    ] {
        let reply = get(&door, path, &[]).await;
        assert!(reply.status == 200 && reply.text().contains(words), "{path}: {}", reply.text());
    }
    let metrics = get(&door, "/metrics", &[]).await.text();
    for line in ["camera=\"door\"", "camera=\"bell\"", "volume=\"disk1\""] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

/// All pages of recordings, `limit` rows each.
async fn pages(door: &Door, limit: usize) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    for _ in 0..100 {
        let path = format!("{MAIN}/recordings?limit={limit}{cursor}");
        let page = get(door, &path, &[]).await.json();
        let some = page["recordings"].as_array().cloned().unwrap_or_default();
        assert!(some.len() <= limit, "{page:#}");
        rows.extend(some);
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
    panic!("there is no last page");
}

/// State, initialisation segment, fragments: what a browser needs, of a stream that is not
/// recorded.
async fn live(server: &Server) {
    server.wait_for("bell", "pictures", |s| s["state"] == "playing").await;
    let mut viewer = server.door().watch("/api/v1/cameras/bell/streams/main/live").await;
    let mut kinds = Vec::new();
    let mut media: Vec<u8> = Vec::new();
    let (mut fragments, mut mime) = (0, String::new());
    while fragments < 75 {
        match viewer.next().await {
            Said::Text(message) => {
                let kind = message["type"].as_str().expect("it has a type").to_owned();
                if kind == "init" {
                    mime = message["mime"].as_str().expect("it has a type of media").to_owned();
                }
                kinds.push(kind);
            }
            Said::Bytes(bytes) => {
                fragments += usize::from(!media.is_empty());
                media.extend(bytes);
            }
        }
    }
    let init = kinds.iter().position(|kind| kind == "init").expect("there is one");
    assert!(init > 0 && kinds[..init].iter().all(|kind| kind == "state"), "{kinds:?}");
    assert!(kinds.contains(&"clock".to_owned()), "{kinds:?}");
    assert!(
        mime.starts_with("video/mp4") && mime.contains("avc1.") && mime.contains("mp4a"),
        "{mime}"
    );
    let file = server.dir().join("live.mp4");
    std::fs::write(&file, media).expect("it is written");
    // ffmpeg complains where decoding does not begin with a key frame, or anything is missing.
    assert!(shown(&file, "v").len() >= 25);
    let stamps = frames(&[file]).into_values().next().expect("it has stamps");
    assert!(stamps.windows(2).all(|pair| pair[0].frame + 1 == pair[1].frame), "{stamps:?}");
    let viewers = server.stream("bell").await["viewers"].as_u64();
    assert_eq!(viewers, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_are_the_same_with_the_server_up_and_down_and_check_finds_damage() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = recorded(&cam, 7).await;
    let from = time(&server.stream("door").await["recorded"]["from"]);
    let (a, b) = (from + Duration::from_millis(700), from + Duration::from_millis(5300));
    let (a, b) = (a.to_string(), b.to_string());
    let export = |server: &Server, name: &str| {
        let file = server.dir().join(name).display().to_string();
        let words = ["export", "--camera", "door", "--from", &a, "--to", &b, "-o", &file];
        let output = server.command(&words);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(file).expect("it was written")
    };
    let up = export(&server, "up.mp4");
    assert_eq!(server.command(&["check"]).status.code(), Some(0), "clean while recording");
    let stopped = server.stop();
    assert_eq!(stopped.1.code(), Some(0), "{}", server.log());
    let down = export(&server, "down.mp4");
    assert!(up == down, "{} bytes with the server, {} without", up.len(), down.len());
    assert!((114..=116).contains(&shown(&server.dir().join("down.mp4"), "v").len()));
    let nothing = server.dir().join("nothing.mp4").display().to_string();
    let words = [
        "export",
        "--camera",
        "door",
        "--from",
        "2020-01-01 00:00",
        "--to",
        "2020-01-02 00:00",
        "-o",
        &nothing,
    ];
    let output = server.command(&words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains(&from.to_string()), "{said}");
    assert!(!std::path::Path::new(&nothing).exists());
    assert_eq!(server.command(&["check", "--hashes"]).status.code(), Some(0));
    damage(&mut server).await;
}

/// Damages files in every way that `check` knows of, one after another; a file whose row is gone is
/// adopted again.
async fn damage(server: &mut Server) {
    let files = mp4_files(&server.media());
    assert!(files.len() >= 3, "{files:?}");
    let found = |server: &Server, hashes: bool| {
        let words: &[&str] =
            if hashes { &["check", "--json", "--hashes"] } else { &["check", "--json"] };
        let output = server.command(words);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let problem = |line: &str| {
            let finding: Value = serde_json::from_str(line).expect("each line is JSON");
            (
                finding["problem"].as_str().expect("is named").to_owned(),
                PathBuf::from(finding["file"].as_str().expect("has a file")),
            )
        };
        (output.status.code(), text.lines().map(problem).collect::<Vec<_>>())
    };
    let name = |file: &PathBuf| file.strip_prefix(server.media()).expect("lies there").to_owned();
    let whole = std::fs::read(&files[1]).expect("it can be read");
    // Cut short.
    std::fs::write(&files[1], &whole[..whole.len() / 2]).expect("it is written");
    assert_eq!(found(server, false), (Some(1), vec![("truncated".to_owned(), name(&files[1]))]));
    // One bit of a picture turned.
    let mut turned = whole.clone();
    turned[whole.len() / 2] ^= 1;
    std::fs::write(&files[1], &turned).expect("it is written");
    let (code, problems) = found(server, true);
    assert_eq!((code, &problems[0].1), (Some(1), &name(&files[1])), "{problems:?}");
    // Gone.
    std::fs::remove_file(&files[1]).expect("it is removed");
    assert_eq!(found(server, false), (Some(1), vec![("missing".to_owned(), name(&files[1]))]));
    std::fs::write(&files[1], &whole).expect("it is written");
    assert_eq!(found(server, true), (Some(0), vec![]), "as it was");
    // A copy of one under another name, as if of another time.
    let (day, last) = (files[0].parent().expect("has a folder"), &files[2]);
    let id = "00000000-0000-7000-8000-000000000001";
    let copy = day.join(format!("00-00-00.000Z_{id}.mp4"));
    std::fs::copy(last, &copy).expect("it is copied");
    let (code, problems) = found(server, false);
    assert_eq!(code, Some(1));
    assert!(problems.contains(&("no-row".to_owned(), name(&copy))), "{problems:?}");
    std::fs::remove_file(&copy).expect("it is removed");
    // A stranger's file is named, and nobody's business.
    let notes = day.join("notes.txt");
    std::fs::write(&notes, "dear").expect("it is written");
    assert_eq!(found(server, true), (Some(0), vec![("foreign-file".to_owned(), name(&notes))]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_catalog_finds_its_footage_again() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    setup.archive = "segment_duration = \"2s\"".to_owned();
    let mut server = Server::start(&setup).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    // An older copy of the catalog, as from a backup: what came later has no rows.
    let (catalog, backup) = (server.dir().join("catalog"), server.dir().join("backup"));
    copy(&catalog, &backup);
    server.start_again().await;
    sleep(Duration::from_secs(6)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let all = frames(&mp4_files(&server.media()));
    std::fs::remove_dir_all(&catalog).expect("it is removed");
    copy(&backup, &catalog);
    server.start_again().await;
    // Until the volume was looked at, nobody is told how far footage reaches.
    let is_read = |s: &Value| s["recording"] == "on" && s["durable_until"].is_string();
    let stream = server.wait_for("door", "recording", is_read).await;
    let from = time(&stream["recorded"]["from"]);
    // Adopted beside recording.
    let mut found = 0;
    let sent: usize = all.values().map(Vec::len).sum();
    for _ in 0..100 {
        let clip = server.clip("door", from, now(), "all.mp4").await;
        let stamps = frames(&[clip]);
        found = all.keys().map(|key| stamps.get(key).map_or(0, Vec::len)).sum();
        if found == sent {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found, sent, "{}", server.log());
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let check = server.command(&["check", "--hashes"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

/// Copies the files of a folder.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).expect("it is made");
    for entry in std::fs::read_dir(from).expect("it is there").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("it is copied");
        }
    }
}
