//! `clip.mp4` of several streams.

use http::{HeaderName, Method, header};

use super::house::{Answer, As, House, MAIN, START, SUB};

const WITHOUT: HeaderName = HeaderName::from_static("x-holdfast-without-footage");
const BOTH: &str = "stream=front-door/main&stream=front-door/sub";

fn path(streams: &str, from: i64, to: i64) -> String {
    let at = |second: i64| START.plus_micros(second * 1_000_000);
    format!("/api/v1/clip.mp4?{streams}&from={}&to={}", at(from), at(to))
}

fn count(answer: &Answer, what: &[u8]) -> usize {
    answer.bytes.windows(what.len()).filter(|window| *window == what).count()
}

#[tokio::test]
async fn streams_come_side_by_side_in_one_file() {
    let house = House::new();
    house.record(SUB, 3, 5);
    let clip = house.get(As::Viewer, &path(BOTH, 2, 15)).await;
    assert_eq!(clip.status, 200);
    assert_eq!(count(&clip, b"vide"), 2);
    // In the handler and in `udta` of each track; the title names both.
    assert_eq!(count(&clip, b"Front door main"), 3);
    assert_eq!(count(&clip, b"Front door main, Front door sub, 2026-11-22 20:00:02"), 1);
    assert_eq!(clip.header(WITHOUT), "");
    let named = clip.header(header::CONTENT_DISPOSITION);
    let expected = "inline; filename=\"front-door_main_and_1_more_2026-11-22T20-00-02Z.mp4\"";
    assert_eq!(named, expected);
    let part = [(header::RANGE, "bytes=500-1499")];
    let part = house.send(As::Viewer, Method::GET, &path(BOTH, 2, 15), &part, None).await;
    assert!(part.status == 206 && part.bytes == clip.bytes[500..1500]);
    // One alone is the same with either address.
    let alone = house.get(As::Viewer, &path("stream=front-door/main", 2, 15)).await;
    let other = path("", 2, 15).replace("v1/clip", "v1/cameras/front-door/streams/main/clip");
    let other = house.get(As::Viewer, &other.replace("?&", "?")).await;
    assert_eq!(alone.header(header::ETAG), other.header(header::ETAG));
}

#[tokio::test]
async fn a_stream_without_footage_is_named_and_left_out() {
    let house = House::new();
    let clip = house.get(As::Viewer, &path(BOTH, 2, 8)).await;
    assert_eq!((clip.status.as_u16(), count(&clip, b"vide")), (200, 1));
    assert_eq!(clip.header(WITHOUT), "front-door/sub");
    house.record(SUB, 3, 40);
    let nothing = house.get(As::Viewer, &path(BOTH, 11, 14)).await;
    assert_eq!(nothing.problem(), "404 no-footage");
    let recorded = serde_json::json!({
        "from": "2026-11-22T20:00:00.000000Z",
        "to": "2026-11-22T20:00:50.000000Z",
    });
    assert_eq!(nothing.json()["recorded"], recorded);
}

#[tokio::test]
async fn one_that_there_is_not_is_said_as_elsewhere() {
    let house = House::new();
    for (streams, problem) in [
        ("stream=front-door/main&stream=front-door/attic", "404 not-found"),
        ("stream=nobody/main&stream=front-door/main", "404 not-found"),
        ("stream=front-door/main&stream=front-door/main", "400 bad-input"),
        ("stream=front-door", "400 bad-input"),
        ("", "400 bad-input"),
    ] {
        let answer = house.get(As::Viewer, &path(streams, 2, 8).replace("?&", "?")).await;
        assert_eq!(answer.problem(), problem, "{streams}");
    }
    let twice = format!("{}&from=-1h", path(BOTH, 2, 8));
    assert_eq!(house.get(As::Viewer, &twice).await.problem(), "400 bad-input");
    let one = "stream=front-door/main&".repeat(base::limits::CLIP_STREAMS_MAX + 1);
    assert_eq!(house.get(As::Viewer, &path(&one, 2, 8)).await.problem(), "400 bad-input");
    assert_eq!(house.get(As::Stranger, &path(BOTH, 2, 8)).await.problem(), "401 not-signed-in");
}

#[tokio::test]
async fn a_camera_that_is_gone_cuts_no_other_one() {
    let house = House::new();
    house.record(SUB, 3, 5);
    let address = format!("/api/v1/clip.mp4?{BOTH}&from=-1h&to=now");
    let to = async |second: u8| {
        let moving = house.get(As::Viewer, &address).await;
        let (from, to) = ("2026-11-22T20:00:00", format!("2026-11-22T20:00:{second}"));
        let streams = "stream=front-door%2Fmain&stream=front-door%2Fsub";
        let expected = format!("?from={from}.000000Z&to={to}.000000Z&{streams}");
        assert_eq!((moving.status.as_u16(), moving.header(header::LOCATION)), (307, &*expected));
        moving
    };
    // What it sent after 15 s is not durable yet.
    to(15).await;
    // There is no more to come.
    house.system.cameras.lock().unwrap()[0].streams[1].waiting_bytes = 0;
    let moving = to(25).await;
    let followed = format!("/api/v1/clip.mp4{}", moving.header(header::LOCATION));
    assert_eq!(house.get(As::Viewer, &followed).await.status, 200);
}

#[tokio::test]
async fn what_a_camera_that_has_just_come_may_have_sent_is_waited_for() {
    // It is 21:00:00. The first frames of the other stream are on their way to the disk.
    let house = House::new();
    house.record(MAIN, 4, 3585);
    let ask = async |from: &str| {
        house.get(As::Viewer, &format!("/api/v1/clip.mp4?{BOTH}&from={from}&to=now")).await
    };
    let moving = ask("-30m").await;
    let location = moving.header(header::LOCATION);
    assert!(location.contains("&to=2026-11-22T20:59:00.000000Z&"), "{location}");
    assert_eq!(ask("-50s").await.problem(), "503 still-reading");
    house.record(SUB, 5, 3580);
    let moving = ask("-50s").await;
    let location = moving.header(header::LOCATION);
    assert!(location.contains("&to=2026-11-22T20:59:50.000000Z&"), "{location}");
}

#[tokio::test]
async fn gaps_are_squeezed_on_request() {
    let house = House::new();
    let main = "stream=front-door/main&timestamps=true";
    let kept = house.get(As::Viewer, &path(main, 0, 25)).await;
    let squeezed = house.get(As::Viewer, &format!("{}&gaps=squeeze", path(main, 0, 25))).await;
    assert!(kept.status == 200 && squeezed.status == 200);
    assert_ne!(kept.header(header::ETAG), squeezed.header(header::ETAG));
    // The empty text over the gap is gone: 2 bytes, and its entries in three tables.
    assert!(squeezed.bytes.len() < kept.bytes.len());
    let same = house.get(As::Viewer, &format!("{}&gaps=keep", path(main, 0, 25))).await;
    assert_eq!(same.header(header::ETAG), kept.header(header::ETAG));
    let other = house.get(As::Viewer, &format!("{}&gaps=close", path(main, 0, 25))).await;
    assert_eq!(other.json()["field"], "gaps");
    let other = house.get(As::Viewer, &format!("{}&parameters=none", path(main, 0, 25))).await;
    assert_eq!(other.json()["field"], "parameters");
    let same = house.get(As::Viewer, &format!("{}&parameters=in-band", path(main, 0, 25))).await;
    assert!(same.bytes == kept.bytes, "they do not change");
}
