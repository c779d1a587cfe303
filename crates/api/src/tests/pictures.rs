//! Key frames, stills and sheets: ranges, tags, streams that suffice, workers that fail.

use base::limits;
use http::{HeaderName, Method, header};

use super::house::{Answer, As, House, MAIN, START, SUB};

const CAMERA: &str = "/api/v1/cameras/front-door";
const STREAM: &str = "/api/v1/cameras/front-door/streams/main";
const TIME: HeaderName = HeaderName::from_static("x-holdfast-time");
const OF: HeaderName = HeaderName::from_static("x-holdfast-stream");

/// `from` and `to` in seconds after the start of the footage.
fn range(from: i64, to: i64) -> String {
    let at = |second: i64| START.plus_micros(second * 1_000_000);
    format!("from={}&to={}", at(from), at(to).as_millis())
}

fn at(micros: i64) -> String {
    format!("at={}", START.plus_micros(micros))
}

async fn get(house: &House, path: &str) -> Answer {
    house.get(As::Viewer, path).await
}

/// The instants in an answer of key frames, in seconds after the start of the footage.
fn seconds(answer: &Answer) -> Vec<i64> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |all, byte| all << 8 | u64::from(*byte));
    let bytes = &answer.bytes;
    let mut rest = &bytes[16 + number(&bytes[12..16]) as usize..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let micros = number(&rest[..8]) as i64 - START.as_micros();
        let len = number(&rest[12..16]) as usize;
        assert_eq!((micros % 1_000_000, len), (0, 5000));
        found.push(micros / 1_000_000);
        rest = &rest[16 + len..];
    }
    assert_eq!(found.len() as u64, number(&bytes[8..12]));
    found
}

#[tokio::test]
async fn key_frames_come_evenly_spaced_under_a_strong_tag() {
    let house = House::new();
    let path = |max: &str| format!("{STREAM}/keyframes?{}{max}", range(0, 25));
    let all = get(&house, &path("")).await;
    assert_eq!(seconds(&all), (0..10).chain(15..25).collect::<Vec<_>>());
    assert_eq!(all.header(header::CONTENT_TYPE), "application/vnd.holdfast.keyframes");
    assert_eq!(all.header(header::CONTENT_LENGTH), all.bytes.len().to_string());
    assert_eq!(all.header(header::CACHE_CONTROL), "private, no-cache");
    let five = get(&house, &path("&max=5")).await;
    assert_eq!(seconds(&five), [0, 5, 15, 20], "the slot from 10 to 15 s is a gap");
    let etag = five.header(header::ETAG);
    assert!(etag.starts_with('"') && etag != all.header(header::ETAG));
    let known = [(header::IF_NONE_MATCH, etag)];
    let same = house.send(As::Viewer, Method::GET, &path("&max=5"), &known, None).await;
    assert_eq!((same.status.as_u16(), same.bytes.len()), (304, 0));
    let part = [(header::RANGE, "bytes=5000-5099")];
    let part = house.send(As::Viewer, Method::GET, &path("&max=5"), &part, None).await;
    assert!(part.status == 206 && part.bytes == five.bytes[5000..5100]);
}

#[tokio::test]
async fn open_ends_lead_to_the_range_that_is_meant() {
    let house = House::new();
    let asked = format!("{STREAM}/keyframes?from=-2h&max=5");
    let answer = get(&house, &asked).await;
    assert_eq!(answer.status, 307);
    let location = answer.header(header::LOCATION);
    let expected = "?from=2026-11-22T19:00:00.000000Z&to=2026-11-22T20:00:25.000000Z&max=5";
    assert_eq!(location, expected);
    let followed = get(&house, &format!("{STREAM}/keyframes{location}")).await;
    assert_eq!(seconds(&followed).len(), 1, "one slot of five has footage");
    let now = get(&house, &format!("{STREAM}/still.jpg?at=now&width=100")).await;
    assert_eq!(now.status, 307);
    assert_eq!(now.header(header::LOCATION), "?at=2026-11-22T20:00:24.999999Z&width=100");
    let sheet = get(&house, &format!("{STREAM}/sheet.jpg?from=-2h&columns=2")).await;
    assert_eq!(sheet.status, 307);
    assert!(sheet.header(header::LOCATION).ends_with("&columns=2"), "{sheet:?}");
}

#[tokio::test]
async fn a_camera_gives_the_smallest_stream_that_suffices() {
    let house = House::new();
    house.record_wide(SUB, 3, 0, 320);
    house.record_wide(SUB, 4, 15, 320);
    let chosen = async |range: String, more: &str| {
        let answer = get(&house, &format!("{CAMERA}/keyframes?{range}{more}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header(OF).to_owned()
    };
    assert_eq!(chosen(range(0, 25), "").await, "sub");
    assert_eq!(chosen(range(0, 25), "&width=320").await, "sub");
    assert_eq!(chosen(range(0, 25), "&width=321").await, "main");
    assert_eq!(chosen(range(0, 25), "&width=4000").await, "main", "the widest there is");
    house.record_wide(MAIN, 5, 30, 640);
    assert_eq!(chosen(range(30, 40), "").await, "main", "sub has nothing then");
    assert_eq!(chosen(range(0, 40), "").await, "main", "sub lacks a third of it");
    let still = get(&house, &format!("{CAMERA}/still.jpg?{}", at(3_500_000))).await;
    assert_eq!((still.status.as_u16(), still.header(OF)), (200, "sub"));
    let still = get(&house, &format!("{CAMERA}/still.jpg?{}&width=640", at(3_500_000))).await;
    assert_eq!((still.status.as_u16(), still.header(OF)), (200, "main"));
}

#[tokio::test]
async fn a_still_says_which_instant_it_shows() {
    let house = House::new();
    for (asked, shown) in [
        (3_000_000, "2026-11-22T20:00:03.000000Z"),
        (3_999_999, "2026-11-22T20:00:03.000000Z"),
        (12_000_000, "2026-11-22T20:00:09.000000Z"),
        (-500_000_000, "2026-11-22T20:00:00.000000Z"),
    ] {
        let still = get(&house, &format!("{STREAM}/still.jpg?{}", at(asked))).await;
        assert_eq!(still.status, 200, "{still:?}");
        assert_eq!(still.header(TIME), shown);
        assert_eq!(still.header(header::CONTENT_TYPE), "image/jpeg");
        assert!(still.bytes.starts_with(&[0xff, 0xd8]));
        let known = [(header::IF_NONE_MATCH, still.header(header::ETAG))];
        let path = format!("{STREAM}/still.jpg?{}", at(asked));
        let same = house.send(As::Viewer, Method::GET, &path, &known, None).await;
        assert_eq!((same.status.as_u16(), same.header(TIME)), (304, shown));
    }
    let metrics = house.get(As::Admin, "/metrics").await;
    let metrics = String::from_utf8_lossy(&metrics.bytes).into_owned();
    for line in ["{outcome=\"drawn\"} 3", "{outcome=\"repeated\"} 1"] {
        assert!(metrics.contains(&format!("holdfast_stills_total{line}\n")), "{line}: {metrics}");
    }
    assert!(metrics.contains("holdfast_stills_waiting 0\n"));
    let missing = get(&house, &format!("{STREAM}/still.jpg")).await;
    assert_eq!(missing.problem(), "400 bad-input");
    let never = house.get(As::Viewer, &format!("{CAMERA}/streams/sub/still.jpg?{}", at(0))).await;
    assert_eq!(never.problem(), "404 no-footage");
    let stranger = house.get(As::Stranger, &format!("{STREAM}/still.jpg?{}", at(0))).await;
    assert_eq!(stranger.problem(), "401 not-signed-in", "though it was drawn before");
}

#[tokio::test]
async fn a_sheet_and_its_times_belong_together() {
    let house = House::new();
    let query = format!("{}&columns=3&rows=2&width=160", range(0, 25));
    let picture = get(&house, &format!("{STREAM}/sheet.jpg?{query}")).await;
    assert_eq!((picture.status.as_u16(), picture.header(OF)), (200, "main"), "{picture:?}");
    let times = get(&house, &format!("{STREAM}/sheet.json?{query}")).await;
    assert_eq!(times.header(header::ETAG), picture.header(header::ETAG));
    let json = times.json();
    // Slots of 25/6 s, of which the third is a gap but for none of its key frames.
    let shown: Vec<&str> =
        json["times"].as_array().unwrap().iter().map(|time| time.as_str().unwrap()).collect();
    assert_eq!(shown.len(), 6, "{shown:?}");
    assert!(shown.is_sorted() && shown[0].starts_with("2026-11-22T20:00:00"));
    assert_eq!((&json["columns"], &json["cell_width"]), (&3.into(), &160.into()));
    assert_eq!(json["cell_height"], 120);
    for (more, field) in [
        ("columns=11&rows=10", "rows"),
        ("columns=0", "columns"),
        ("width=70000", "width"),
        ("rows=x", "rows"),
    ] {
        let refused = get(&house, &format!("{STREAM}/sheet.jpg?{}&{more}", range(0, 25))).await;
        assert_eq!(refused.problem(), "400 bad-input", "{more}");
        assert_eq!(refused.json()["field"], field);
    }
    let gap = get(&house, &format!("{STREAM}/sheet.jpg?{}", range(11, 14))).await;
    assert_eq!(gap.problem(), "404 no-footage");
}

#[tokio::test]
async fn a_worker_that_fails_gives_a_problem_with_words() {
    let died = House::with_drawer("kill -9 $$");
    let answer = get(&died, &format!("{STREAM}/still.jpg?{}", at(0))).await;
    assert_eq!(answer.problem(), "503 unavailable");
    assert!(answer.json()["detail"].as_str().unwrap().contains("signal 9"), "{answer:?}");
    let refuses = r"cat >/dev/null; printf '\1\0\0\0\4torn'";
    let answer = get(&House::with_drawer(refuses), &format!("{STREAM}/still.jpg?{}", at(0))).await;
    assert_eq!(answer.problem(), "422 undecodable");
    assert_eq!(answer.json()["detail"], "torn");
    let hangs = House::with_drawer("cat >/dev/null; sleep 100");
    let clock = hangs.clock.clone();
    let ahead = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        clock.advance(limits::STILL_TIMEOUT);
    });
    let answer = get(&hangs, &format!("{STREAM}/still.jpg?{}", at(0))).await;
    assert_eq!(answer.problem(), "503 unavailable", "and not never");
    ahead.await.unwrap();
}

#[tokio::test]
async fn a_sheet_names_the_cells_that_are_missing() {
    let house =
        House::with_drawer(r"cat >/dev/null; printf '\0\0\0\0\12\0\2\0\0\0\2\377\330\377\331'");
    let sheet = get(&house, &format!("{STREAM}/sheet.jpg?{}&columns=3&rows=1", range(0, 9))).await;
    assert_eq!(sheet.status, 200, "{sheet:?}");
    assert_eq!(sheet.header(HeaderName::from_static("x-holdfast-missing")), "0,2");
}

#[tokio::test]
async fn more_pictures_than_may_wait_are_refused_at_once() {
    let house = House::new();
    let line = house.app.stills().clone();
    let held: Vec<_> = std::iter::from_fn(|| line.enter(0).ok()).collect();
    assert_eq!(held.len(), limits::STILLS_WAITING_MAX);
    let answer = get(&house, &format!("{STREAM}/still.jpg?{}", at(0))).await;
    assert_eq!(answer.problem(), "503 busy");
    drop(held);
    assert_eq!(get(&house, &format!("{STREAM}/still.jpg?{}", at(0))).await.status, 200);
}

#[tokio::test]
async fn files_that_cannot_be_read_give_no_picture() {
    let house = House::new();
    house.cut_files();
    let late = get(&house, &format!("{STREAM}/still.jpg?{}", at(9_000_000))).await;
    assert_eq!(late.problem(), "503 unavailable");
    let early = get(&house, &format!("{STREAM}/still.jpg?{}", at(1_000_000))).await;
    assert_eq!(early.status, 200);
}
