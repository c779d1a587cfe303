//! Protecting, deleting by hand, the audit, forecasts.

use base::WallTime;
use http::Method;
use serde_json::json;

use super::house::{As, House, START};

const MAIN: &str = "/api/v1/cameras/front-door/streams/main";

/// The address of a leaf of the main stream for seconds after the footage begins.
fn at(leaf: &str, from: i64, to: i64) -> String {
    let second = |n: i64| START.plus_micros(n * 1_000_000);
    format!("{MAIN}/{leaf}?from={}&to={}", second(from), second(to))
}

fn time(second: i64) -> String {
    START.plus_micros(second * 1_000_000).to_string()
}

#[tokio::test]
async fn what_is_protected_holds_whole_segments_and_is_not_deleted() {
    let house = House::new();
    let path = format!("{}&note=a%20parcel", at("protected", 3, 4));
    let made = house.send(As::Admin, Method::PUT, &path, &[], None).await;
    assert_eq!(made.status, 200, "{made:?}");
    let made = made.json();
    assert_eq!((&made["by"], &made["note"]), (&json!("Anna"), &json!("a parcel")));
    assert_eq!(made["held"], json!({ "from": time(0), "to": time(10) }), "the whole segment");
    assert_eq!(made["segments"], 1);
    let list = house.get(As::Viewer, &format!("{MAIN}/protected")).await.json();
    assert_eq!(list["protected"], json!([made]));
    let timeline = house.get(As::Viewer, &at("timeline", 0, 60)).await.json();
    assert_eq!(timeline["protected"], json!([{ "from": time(3), "to": time(4) }]));

    let refused = house.send(As::Admin, Method::DELETE, &at("footage", 7, 9), &[], None).await;
    assert_eq!(refused.problem(), "409 conflict", "it lies in the segment that is held");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("is protected"), "{detail}");

    let gone = house.send(As::Admin, Method::DELETE, &at("protected", 0, 60), &[], None).await;
    assert_eq!(gone.status, 204);
    let list = house.get(As::Viewer, &format!("{MAIN}/protected")).await.json();
    assert_eq!(list["protected"], json!([]));
    let audit = house.get(As::Admin, "/api/v1/audit?limit=1").await.json();
    assert_eq!(audit["entries"][0]["what"], "footage-unprotected");
    assert_eq!(audit["entries"][0]["subject"], "front-door/main");
    let next = audit["next"].as_str().unwrap();
    let rest = house.get(As::Admin, &format!("/api/v1/audit?cursor={next}")).await.json();
    assert_eq!(rest["entries"][0]["what"], "footage-protected");
    assert!(rest["next"].is_null());
}

#[tokio::test]
async fn what_is_deleted_by_hand_is_shown_to_nobody() {
    let house = House::new();
    let before = house.get(As::Viewer, &at("clip.mp4", 0, 25)).await;
    let deleted = house.send(As::Admin, Method::DELETE, &at("footage", 5, 30), &[], None).await;
    assert_eq!(deleted.status, 200, "{deleted:?}");
    let deleted = deleted.json();
    assert_eq!(deleted["segments"], 1, "the second segment goes as a whole");
    assert_eq!(deleted["hidden"], json!([{ "from": time(5), "to": time(10) }]));
    let after = house.get(As::Viewer, &at("clip.mp4", 0, 25)).await;
    assert_eq!((before.status, after.status), (200.try_into().unwrap(), 200.try_into().unwrap()));
    assert!(after.bytes.len() < before.bytes.len() / 2 + 2000);
    assert_ne!(before.header(http::header::ETAG), after.header(http::header::ETAG));
    let nothing = house.get(As::Viewer, &at("clip.mp4", 6, 9)).await;
    assert_eq!(nothing.problem(), "404 no-footage");
    let timeline = house.get(As::Viewer, &at("timeline", 0, 25)).await.json();
    assert_eq!(timeline["footage"], json!([{ "from": time(0), "to": time(5) }]));
    let recordings = house.get(As::Viewer, &format!("{MAIN}/recordings")).await.json();
    assert_eq!(recordings["recordings"].as_array().unwrap().len(), 1);
    assert_eq!(recordings["recordings"][0]["to"], time(5));
    assert_eq!(recordings["recordings"][0]["end_cause"], "deleted");
    let audit = house.get(As::Admin, "/api/v1/audit").await.json();
    assert_eq!(audit["entries"][0]["what"], "footage-deleted");
    assert_eq!(audit["entries"][0]["who"], "Anna");
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_has_dated_can_be_deleted() {
    let house = House::new();
    // Footage of the first 10 s, and from second 15 on, which is yet to come.
    house.clock.step_wall(12_000_000 - 3_600_000_000);
    let path = format!("{MAIN}/footage?from=now&to=2099-01-01T00:00:00Z");
    let deleted = house.send(As::Admin, Method::DELETE, &path, &[], None).await;
    assert_eq!(deleted.status, 200, "{deleted:?}");
    let deleted = deleted.json();
    assert_eq!((&deleted["segments"], &deleted["to"]), (&json!(1), &json!(time(25))));
    let hidden =
        house.app.catalog().hidden(super::house::MAIN, WallTime::EPOCH, WallTime::MAX).unwrap();
    let at = |second: i64| START.plus_micros(second * 1_000_000);
    assert_eq!(hidden, [(at(15), at(25))], "nothing of the time until then");
    let again = house.send(As::Admin, Method::DELETE, &path, &[], None).await;
    assert_eq!(again.status, 200, "until retention has removed it");
    let both = self::at("footage", 0, 9000);
    let deleted = house.send(As::Admin, Method::DELETE, &both, &[], None).await.json();
    assert_eq!(deleted["segments"], 2, "{deleted:#}");
    let hidden =
        house.app.catalog().hidden(super::house::MAIN, WallTime::EPOCH, WallTime::MAX).unwrap();
    assert_eq!(hidden, [(at(0), at(12)), (at(15), at(25))]);
}

#[tokio::test]
async fn protection_does_not_claim_what_was_deleted_before() {
    let house = House::new();
    let deleted = house.send(As::Admin, Method::DELETE, &at("footage", 5, 30), &[], None).await;
    assert_eq!(deleted.json()["segments"], 1, "the second segment goes as a whole");
    let made = house.send(As::Admin, Method::PUT, &at("protected", 0, 30), &[], None).await.json();
    assert_eq!(made["held"], json!({ "from": time(0), "to": time(10) }), "{made:#}");
    assert_eq!(made["segments"], 1);
}

#[tokio::test]
async fn ranges_that_make_no_sense_change_nothing() {
    let house = House::new();
    for (method, path, expected) in [
        (Method::DELETE, format!("{MAIN}/footage"), "400 bad-input"),
        (Method::DELETE, at("footage", 5, 5), "400 bad-input"),
        (Method::DELETE, at("footage", -60, -50), "404 no-footage"),
        (Method::DELETE, at("footage", 9000, 9010), "404 no-footage"),
        (Method::PUT, at("protected", 7, 3), "400 bad-input"),
        (
            Method::PUT,
            format!("{}&note={}", at("protected", 1, 2), "x".repeat(600)),
            "400 bad-input",
        ),
        (Method::PUT, at("protected", 1, 2).replace("main", "none"), "404 not-found"),
    ] {
        let said = house.send(As::Admin, method.clone(), &path, &[], None).await;
        assert_eq!(said.problem(), expected, "{method} {path}");
    }
    assert_eq!(house.get(As::Admin, "/api/v1/audit").await.json()["entries"], json!([]));
}

#[tokio::test]
async fn limits_that_are_thought_of_are_told_what_they_would_remove() {
    let house = House::new();
    let ask = |keep: serde_json::Value| {
        let one = json!({ "camera": "front-door", "stream": "main", "keep": keep });
        json!({ "streams": [one] })
    };
    let path = "/api/v1/forecast";
    let told = house.post(As::Admin, path, ask(json!({ "max_days": 7 }))).await.json();
    let one = &told["streams"][0];
    assert_eq!((&one["camera"], &one["stream"]), (&json!("front-door"), &json!("main")));
    assert_eq!(one["forecast"]["reaches_back_s"], 7 * 24 * 3600);
    assert_eq!(one["removed"]["segments"], 1);
    for wrong in [json!({ "max_days": 0 }), json!({ "max_bytes": 500 }), json!({ "days": 1 })] {
        let said = house.post(As::Admin, path, ask(wrong)).await;
        assert_eq!(said.problem(), "400 bad-input");
    }
    let wrong = json!({ "max_days": 3, "min_days": 4 });
    assert_eq!(house.post(As::Admin, path, ask(wrong)).await.json()["field"], "min_days");
    let free = |free: &str, volume: &str| {
        let streams = json!([{ "camera": "front-door", "stream": "main", "keep": {} }]);
        json!({ "streams": streams, "volumes": [{ "volume": volume, "keep_free": free }] })
    };
    let told = house.post(As::Admin, path, free("20%", "disk1")).await.json();
    assert_eq!(told["streams"][0]["forecast"]["reaches_back_s"], 29 * 24 * 3600);
    for too_much in ["95%", "99999 TB"] {
        let wrong = house.post(As::Admin, path, free(too_much, "disk1")).await;
        assert_eq!(wrong.problem(), "400 bad-input");
        assert_eq!(wrong.json()["field"], "keep_free");
    }
    assert_eq!(house.post(As::Admin, path, free("5%", "disk9")).await.problem(), "404 not-found");
    let camera = house.get(As::Viewer, MAIN).await.json();
    assert_eq!(camera["forecast"]["reaches_back_s"], 30 * 24 * 3600);
}
