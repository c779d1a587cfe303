//! What moved: in the timeline, and searched.

use catalog::Change;
use serde_json::Value;

use super::house::{As, House, MAIN, START, SUB};

const STREAM: &str = "/api/v1/cameras/front-door/streams/main";

fn at(second: i64) -> base::WallTime {
    START.plus_micros(second * 1_000_000)
}

/// Begin and end in seconds, and stream, of each span of an answer.
fn spans(answer: &Value) -> Vec<(i64, i64, String)> {
    let second = |at: &Value| {
        let at: base::WallTime = at.as_str().unwrap().parse().unwrap();
        at.micros_since(START) / 1_000_000
    };
    let spans = answer["spans"].as_array().unwrap().iter();
    spans
        .map(|span| {
            assert!(span["camera"] == "front-door" && span["peak"].as_u64() > Some(100), "{span}");
            (
                second(&span["from"]),
                second(&span["to"]),
                span["stream"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[tokio::test]
async fn the_timeline_tells_what_moves_as_coarse_as_it_is_asked() {
    let house = House::new();
    house.record_moving(MAIN, 5, 60);
    let activity = async |from: i64, to: i64, resolution: &str| {
        let path = format!("{STREAM}/timeline?from={}&to={}&{resolution}", at(from), at(to));
        house.get(As::Viewer, &path).await.json()["activity"].clone()
    };
    let fine = activity(60, 70, "resolution=1ms").await;
    assert_eq!((&fine["step_ms"], &fine["from"]), (&1000.into(), &at(60).to_string().into()));
    let values: Vec<u64> =
        fine["values"].as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect();
    let (still, moves): (Vec<u64>, Vec<u64>) = values.iter().partition(|value| **value == 0);
    assert_eq!((values.len(), still.len(), moves.len()), (10, 8, 2));
    assert!(values[3] > 100 && values[4] == values[3], "{values:?}");
    let coarse = activity(0, 7200, "resolution=1h").await;
    assert_eq!((&coarse["step_ms"], &coarse["values"][0]), (&3_600_000.into(), &values[3].into()));
    let day = activity(0, 24 * 3600, "").await;
    assert_eq!((&day["step_ms"], &day["values"][1]), (&60_000.into(), &values[3].into()));
    assert_eq!(day["values"].as_array().unwrap().len(), 1440);
    let (from, to) = (at(63), at(64));
    house.put([Change::Hide { stream: MAIN, from, to }]);
    let fine = activity(60, 70, "resolution=1ms").await;
    assert_eq!((&fine["values"][3], &fine["values"][4]), (&0.into(), &values[4].into()));
}

#[tokio::test]
async fn spans_of_one_and_several_streams_come_in_pages_newest_first() {
    let house = House::new();
    for (stream, number, second) in [(MAIN, 5, 60), (MAIN, 6, 100), (SUB, 7, 80), (SUB, 8, 99)] {
        house.record_moving(stream, number, second);
    }
    let get = async |path: &str| house.get(As::Viewer, path).await.json();
    let one = get(&format!("{STREAM}/activity")).await;
    assert_eq!(spans(&one), [(103, 105, "main".into()), (63, 65, "main".into())]);
    assert!(one["next"].is_null());
    let both = "/api/v1/activity?stream=front-door/main&stream=front-door/sub&from=1&to=now";
    let all = spans(&get(both).await);
    let begins: Vec<i64> = all.iter().map(|span| span.0).collect();
    assert_eq!(begins, [103, 102, 83, 63]);
    let (mut pages, mut next) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("{both}&limit=1{next}")).await;
        pages.extend(spans(&page));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(pages, all);
    let none = get(&format!("{STREAM}/activity?at_least=255")).await;
    assert_eq!(spans(&none), []);
    let early = get(&format!("{STREAM}/activity?to={}", at(100))).await;
    assert_eq!(spans(&early), [(63, 65, "main".into())]);
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_refused() {
    let house = House::new();
    for (query, field) in [
        ("at_least=0", "at_least"),
        ("at_least=256", "at_least"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=1,2", "cursor"),
        ("from=5&to=5", "to"),
    ] {
        let answer = house.get(As::Viewer, &format!("{STREAM}/activity?{query}")).await;
        assert_eq!(answer.problem(), "400 bad-input", "{query}");
        assert_eq!(answer.json()["field"], field, "{query}");
    }
    assert_eq!(house.get(As::Viewer, "/api/v1/activity").await.json()["field"], "stream");
    let nobody = "/api/v1/cameras/nobody/streams/main/activity";
    assert_eq!(house.get(As::Viewer, nobody).await.status, 404);
    assert_eq!(house.get(As::Stranger, &format!("{STREAM}/activity")).await.status, 401);
}
