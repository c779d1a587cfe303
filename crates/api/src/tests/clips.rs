//! `clip.mp4`: ranges of time, ranges of bytes, conditions.

use base::SegmentId;
use catalog::UnreadSegment;
use http::{Method, header};

use super::house::{Answer, As, House, MAIN, START, VOLUME};

const CLIP: &str = "/api/v1/cameras/front-door/streams/main/clip.mp4";

/// An absolute path of seconds after the start of the footage.
fn range(from: i64, to: i64) -> String {
    let at = |second: i64| START.plus_micros(second * 1_000_000);
    format!("{CLIP}?from={}&to={}", at(from), at(to).as_millis())
}

async fn with(house: &House, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    house.send(As::Viewer, Method::GET, path, headers, None).await
}

#[tokio::test]
async fn a_clip_comes_whole_with_its_length_and_a_strong_tag() {
    let house = House::new();
    let clip = house.get(As::Viewer, &range(2, 20)).await;
    assert_eq!(clip.status, 200);
    assert_eq!(clip.header(header::CONTENT_LENGTH), clip.bytes.len().to_string());
    assert_eq!(clip.header(header::CONTENT_TYPE), "video/mp4");
    assert_eq!(clip.header(header::ACCEPT_RANGES), "bytes");
    assert_eq!(clip.header(http::HeaderName::from_static("x-holdfast-parameters")), "1");
    assert!(clip.header(header::ETAG).starts_with('"'));
    assert_eq!(clip.bytes.get(4..8), Some(&b"ftyp"[..]));
    // 8 and 5 seconds of 25 frames of 5000 bytes, and tables.
    assert!((325 * 5000..325 * 5000 + 20_000).contains(&clip.bytes.len()));
    let named = clip.header(header::CONTENT_DISPOSITION);
    assert_eq!(named, "inline; filename=\"front-door_main_2026-11-22T20-00-02Z.mp4\"");
    let head = house.send(As::Viewer, Method::HEAD, &range(2, 20), &[], None).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    for name in [header::CONTENT_LENGTH, header::ETAG, header::CONTENT_TYPE] {
        assert_eq!(head.header(name.clone()), clip.header(name));
    }
}

#[tokio::test]
async fn parts_are_the_bytes_of_the_whole() {
    let house = House::new();
    let path = range(1, 24);
    let whole = house.get(As::Viewer, &path).await.bytes;
    let len = whole.len();
    let random = |n: usize| (n * 7919) % len;
    for n in 0..20 {
        let (a, b) = (random(n * 2), random(n * 2 + 1));
        let (first, last) = (a.min(b), a.max(b));
        let part = with(&house, &path, &[(header::RANGE, &format!("bytes={first}-{last}"))]).await;
        assert_eq!(part.status, 206);
        let expected = format!("bytes {first}-{last}/{len}");
        assert_eq!(part.header(header::CONTENT_RANGE), expected);
        assert_eq!(part.header(header::CONTENT_LENGTH), (last + 1 - first).to_string());
        assert!(part.bytes == whole[first..=last], "{expected}");
    }
    let tail = with(&house, &path, &[(header::RANGE, "bytes=-100")]).await;
    assert!(tail.bytes == whole[len - 100..]);
}

#[tokio::test]
async fn several_parts_come_as_multipart() {
    let house = House::new();
    let path = range(0, 10);
    let whole = house.get(As::Viewer, &path).await.bytes;
    let answer = with(&house, &path, &[(header::RANGE, "bytes=0-9,1000-1999,-5")]).await;
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header(header::CONTENT_LENGTH), answer.bytes.len().to_string());
    let media = answer.header(header::CONTENT_TYPE);
    let boundary = media.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let len = whole.len();
    let mut expected = Vec::new();
    for part in [0..10, 1000..2000, len - 5..len] {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: video/mp4\r\n\
             Content-Range: bytes {}-{}/{len}\r\n\r\n",
            part.start,
            part.end - 1
        );
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(&whole[part]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(answer.bytes == expected);
}

#[tokio::test]
async fn conditions_are_answered() {
    let house = House::new();
    let path = range(0, 10);
    let whole = house.get(As::Viewer, &path).await;
    let tag = whole.header(header::ETAG);
    let fresh = with(&house, &path, &[(header::IF_NONE_MATCH, tag)]).await;
    assert_eq!((fresh.status.as_u16(), fresh.bytes.len()), (304, 0));
    assert_eq!(fresh.header(header::ETAG), tag);
    let other = [(header::IF_MATCH, "\"other\"")];
    assert_eq!(with(&house, &path, &other).await.problem(), "412 precondition-failed");
    let first = (header::RANGE, "bytes=0-0");
    let part = with(&house, &path, &[first.clone(), (header::IF_RANGE, tag)]).await;
    assert_eq!(part.status, 206);
    let part = with(&house, &path, &[first, (header::IF_RANGE, "\"other\"")]).await;
    assert_eq!((part.status.as_u16(), part.bytes.len()), (200, whole.bytes.len()));
    let outside = with(&house, &path, &[(header::RANGE, "bytes=99999999-")]).await;
    assert_eq!(outside.problem(), "416 range-not-satisfiable");
    let expected = format!("bytes */{}", whole.bytes.len());
    assert_eq!(outside.header(header::CONTENT_RANGE), expected);
}

#[tokio::test]
async fn an_end_that_moves_is_answered_with_one_that_stands() {
    let house = House::new();
    let last = "2026-11-22T20:00:25.000000Z";
    for (query, from) in [
        ("from=2026-11-22T20:00:01Z", "2026-11-22T20:00:01.000000Z"),
        ("from=2026-11-22T20:00:01Z&to=", "2026-11-22T20:00:01.000000Z"),
        ("from=2026-11-22T20:00:01Z&to=now", "2026-11-22T20:00:01.000000Z"),
        ("from=2026-11-22T20:00:01Z&to=2099-01-01T00:00:00Z", "2026-11-22T20:00:01.000000Z"),
        ("from=2026-11-22T20:00:01Z&to=2026-11-22T20:30:00Z", "2026-11-22T20:00:01.000000Z"),
        ("from=-59m50s&to=2026-11-22T20:00:25Z", "2026-11-22T20:00:10.000000Z"),
        ("from=-59m50s&to=-10s", "2026-11-22T20:00:10.000000Z"),
    ] {
        let answer = house.get(As::Viewer, &format!("{CLIP}?{query}")).await;
        assert_eq!(answer.status, 307, "{query}");
        assert_eq!(answer.header(header::LOCATION), format!("?from={from}&to={last}"), "{query}");
        let followed = format!("{CLIP}{}", answer.header(header::LOCATION));
        assert_eq!(house.get(As::Viewer, &followed).await.status, 200);
    }
}

#[tokio::test]
async fn footage_that_was_not_read_since_the_start_is_waited_for() {
    let house = House::new();
    let tail = house.app.catalog().tail().clone();
    let start = START.plus_micros(25_000_000);
    let left =
        UnreadSegment { id: SegmentId::from_bytes([9; 16]), stream: MAIN, volume: VOLUME, start };
    tail.left(left);
    let stream = "/api/v1/cameras/front-door/streams/main";
    for path in [stream.to_owned(), format!("{stream}/timeline?from=-1h")] {
        let answer = house.get(As::Viewer, &path).await.json();
        assert_eq!(answer["durable_until"], serde_json::Value::Null, "{answer:#}");
        assert!(answer["recorded"].is_object(), "{answer:#}");
    }
    for path in [range(20, 30), format!("{CLIP}?from=-1h"), format!("{CLIP}?from=-1h&to=now")] {
        let answer = house.get(As::Viewer, &path).await;
        assert_eq!(answer.problem(), "503 still-reading", "{path}");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
        assert_eq!(answer.json()["retry_after_s"], 1);
    }
    assert_eq!(house.get(As::Viewer, &range(2, 25)).await.status, 200);
    tail.looked_at(VOLUME, false);
    let away = house.get(As::Viewer, &range(20, 30)).await;
    assert_eq!(away.problem(), "503 unavailable");
    let detail = away.json()["detail"].to_string();
    assert!(detail.contains("mount its disk"), "{detail}");
    tail.is_read(left.id);
    assert_eq!(house.get(As::Viewer, &range(20, 30)).await.status, 307);
    assert!(house.get(As::Viewer, stream).await.json()["durable_until"].is_string());
}

#[tokio::test]
async fn a_plus_may_arrive_as_a_space() {
    let house = House::new();
    let query = "from=2026-11-22T21:00:01+01:00&to=2026-11-22T21:00:02%2B01:00";
    let clip = house.get(As::Viewer, &format!("{CLIP}?{query}")).await;
    assert_eq!(clip.status, 200);
    let same = house.get(As::Viewer, &range(1, 2)).await;
    assert_eq!(clip.header(header::ETAG), same.header(header::ETAG));
}

#[tokio::test]
async fn nonsense_is_refused_by_the_name_of_its_field() {
    let house = House::new();
    for (query, field) in [
        ("", "from"),
        ("to=now", "from"),
        ("from=yesterday", "from"),
        ("from=1795377600000&to=99999999999999999999", "to"),
        ("from=2026-11-22T20:00:05Z&to=2026-11-22T20:00:05Z", "to"),
        ("from=2026-11-22T20:00:05Z&to=2026-11-22T20:00:01Z", "to"),
        ("from=-1s&to=-2s", "to"),
        ("from=-1h&too=now", "too"),
    ] {
        let answer = house.get(As::Viewer, &format!("{CLIP}?{query}")).await;
        assert_eq!(answer.problem(), "400 bad-input", "{query}");
        assert_eq!(answer.json()["field"], field, "{query}");
    }
}

#[tokio::test]
async fn where_there_is_no_footage_the_answer_tells_what_there_is() {
    let house = House::new();
    let recorded = serde_json::json!({
        "from": "2026-11-22T20:00:00.000000Z",
        "to": "2026-11-22T20:00:25.000000Z",
    });
    for path in [range(-100, -50), range(11, 14), range(1000, 2000), format!("{CLIP}?from=-1s")] {
        let answer = house.get(As::Viewer, &path).await;
        assert_eq!(answer.problem(), "404 no-footage", "{path}");
        assert_eq!(answer.json()["recorded"], recorded, "{path}");
    }
    let sub = range(0, 10).replace("/main/", "/sub/");
    let answer = house.get(As::Viewer, &sub).await;
    assert_eq!(answer.problem(), "404 no-footage");
    assert!(answer.json().get("recorded").is_none());
}

#[tokio::test]
async fn a_clip_that_cannot_be_read_to_its_end_does_not_look_whole() {
    let house = House::new();
    house.cut_files();
    let request = http::Request::get(range(0, 10)).body(axum::body::Body::empty()).unwrap();
    let answer = house.answer(As::Viewer, request).await;
    assert_eq!(answer.status(), 200);
    let read = http_body_util::BodyExt::collect(answer.into_body()).await;
    assert!(read.is_err());
}

#[tokio::test]
async fn a_disk_that_is_stuck_holds_up_clips_only() {
    let house = House::new();
    let all = base::limits::CLIP_READS_MAX as u32;
    let held = house.app.reads().clone().acquire_many_owned(all).await.unwrap();
    let path = range(0, 10);
    let short = std::time::Duration::from_millis(50);
    assert!(tokio::time::timeout(short, house.get(As::Viewer, &path)).await.is_err());
    assert_eq!(house.get(As::Viewer, "/api/v1/cameras").await.status, 200);
    drop(held);
    assert_eq!(house.get(As::Viewer, &path).await.status, 200);
}

#[tokio::test]
async fn timestamps_come_on_request() {
    let house = House::new();
    let without = house.get(As::Viewer, &range(2, 8)).await;
    let with = house.get(As::Viewer, &format!("{}&timestamps=true", range(2, 8))).await;
    assert!(without.status == 200 && with.status == 200);
    let has = |answer: &Answer, what: &[u8]| answer.bytes.windows(what.len()).any(|w| w == what);
    assert!(has(&with, b"2026-11-22 20:00:05 +00:00") && has(&with, b"tx3g"));
    assert!(!has(&without, b"tx3g"));
    assert_ne!(with.header(header::ETAG), without.header(header::ETAG));
    // What a browser or a player shows.
    assert!(has(&without, b"Front door main, 2026-11-22 20:00:02 +00:00 to "));
    let nonsense = house.get(As::Viewer, &format!("{}&timestamps=maybe", range(2, 8))).await;
    assert_eq!(nonsense.problem(), "400 bad-input");
    assert_eq!(nonsense.json()["field"], "timestamps");
}

#[tokio::test]
async fn an_end_that_moves_keeps_what_else_was_asked() {
    let house = House::new();
    let query = "timestamps=true&from=2026-11-22T20:00:01Z&to=now";
    let answer = house.get(As::Viewer, &format!("{CLIP}?{query}")).await;
    let (from, to) = ("2026-11-22T20:00:01.000000Z", "2026-11-22T20:00:25.000000Z");
    let expected = format!("?from={from}&to={to}&timestamps=true");
    assert_eq!(answer.header(header::LOCATION), expected);
}
