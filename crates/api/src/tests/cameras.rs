//! Adding, changing, removing and probing cameras, through the router.

use http::Method;
use serde_json::{Value, json};

use super::house::{As, House};

const CAMERAS: &str = "/api/v1/cameras";
const DOOR: &str = "/api/v1/cameras/front-door";
const PROBE: &str = "/api/v1/cameras/probe";

fn yard() -> Value {
    json!({ "name": "Yard", "username": "viewer", "password": "tulip-7",
        "streams": { "main": { "url": "rtsp://192.0.2.20/main" } } })
}

#[tokio::test]
async fn what_is_wrong_with_a_camera_is_named_and_nothing_secret_comes_back() {
    let house = House::new();
    let made = house.post(As::Admin, CAMERAS, yard()).await;
    assert_eq!(
        (made.status, made.header(http::header::LOCATION)),
        (http::StatusCode::CREATED, DOOR)
    );
    let settings = house.get(As::Admin, &format!("{DOOR}/settings")).await;
    assert_eq!(settings.json()["has_password"], true);
    let audit = house.get(As::Admin, "/api/v1/audit").await;
    assert_eq!(audit.json()["entries"][0]["what"], "camera-added");
    for answer in [&made, &settings, &audit] {
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("tulip-7"), "{answer:?}");
    }
    let mut wrong = yard();
    wrong["streams"]["main"]["url"] = "rtsp://a:tulip-7@192.0.2.20/".into();
    let refused = house.post(As::Admin, CAMERAS, wrong).await;
    assert_eq!(refused.json()["field"], "streams.main.url");
    assert!(!String::from_utf8_lossy(&refused.bytes).contains("tulip-7"), "{refused:?}");
    let merge = [(http::header::CONTENT_TYPE, "application/merge-patch+json")];
    let mut request = http::Request::new(axum::body::Body::from("{}"));
    (*request.method_mut(), *request.uri_mut()) = (Method::PATCH, DOOR.parse().unwrap());
    request.headers_mut().insert(merge[0].0.clone(), merge[0].1.parse().unwrap());
    let managed = house.raw(As::Admin, request).await;
    assert_eq!(managed.problem(), "409 managed-by-file");
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_from_no_place_for_one_more() {
    let house = House::new();
    for (name, slug, expected, field) in [
        ("Just added", None, "409 name-taken", json!("name")),
        ("Other", Some("just-added"), "409 name-taken", json!("slug")),
        ("One too many", None, "409 conflict", Value::Null),
    ] {
        let mut new = yard();
        (new["name"], new["slug"]) = (name.into(), slug.into());
        let refused = house.post(As::Admin, CAMERAS, new).await;
        assert_eq!((&*refused.problem(), &refused.json()["field"]), (expected, &field), "{name}");
    }
}

#[tokio::test]
async fn footage_goes_with_a_camera_for_those_only_who_may_delete_footage() {
    let house = House::new();
    let delete = |who, query: &'static str| house.send(who, Method::DELETE, query, &[], None);
    let with = "/api/v1/cameras/front-door?footage=delete";
    assert_eq!(delete(As::Admin, with).await.problem(), "409 in-use", "some is protected");
    assert_eq!(delete(As::CamerasToken, with).await.problem(), "403 forbidden");
    for who in [As::Admin, As::CamerasToken] {
        assert_eq!(delete(who, DOOR).await.status, 204);
    }
    let odd = delete(As::Admin, "/api/v1/cameras/front-door?footage=all").await;
    assert_eq!(odd.json()["field"], "footage");
}

#[tokio::test]
async fn limits_are_made_tighter_by_those_only_who_may_delete_footage() {
    let house = House::new();
    let mut limited = yard();
    limited["streams"]["main"]["keep"] = json!({ "max_days": 1 });
    let refused = house.post(As::CamerasToken, CAMERAS, limited.clone()).await;
    assert_eq!(refused.problem(), "403 forbidden");
    assert!(refused.json()["detail"].to_string().contains("manage-footage"), "{refused:?}");
    assert_eq!(refused.json()["field"], "streams.main.keep.max_days");
    assert_eq!(house.post(As::Admin, CAMERAS, limited).await.status, 201);
    assert_eq!(house.post(As::CamerasToken, CAMERAS, yard()).await.status, 201);
}

#[tokio::test]
async fn a_probe_shows_its_picture_to_those_only_who_may_look() {
    let house = House::new();
    let body = || json!({ "url": "rtsp://192.0.2.20/seen" });
    for (who, expected) in [(As::AdminToken, true), (As::CamerasToken, false)] {
        let seen = house.post(who, PROBE, body()).await.json();
        assert_eq!(seen["problem"], Value::Null, "{who:?}: {seen}");
        let kinds: Vec<_> =
            seen["advice"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
        assert_eq!(kinds, ["key-frames-few", "no-audio"], "{seen}");
        assert_eq!(seen.get("picture").is_some_and(Value::is_string), expected, "{who:?}: {seen}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_says_why_not_and_is_bounded_in_number_and_time() {
    let house = std::sync::Arc::new(House::new());
    let body = |path: &str| json!({ "url": format!("rtsp://192.0.2.20/{path}") });
    let refused = house.post(As::Admin, PROBE, body("main")).await.json();
    assert_eq!(
        (&refused["usable"], &refused["problem"]["kind"]),
        (&json!(false), &json!("refused"))
    );
    for (wrong, field) in [
        (json!({ "url": "http://192.0.2.20/" }), "url"),
        (json!({ "url": "rtsp://192.0.2.20/", "password": "x" }), "username"),
        (json!({ "url": "rtsp://192.0.2.20/", "username": "x", "camera": "front-door" }), "camera"),
    ] {
        let answer = house.post(As::Admin, PROBE, wrong).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)));
    }
    let asked: Vec<_> = (0..base::limits::PROBES_MAX)
        .map(|_| {
            let (house, body) = (house.clone(), body("never"));
            tokio::spawn(async move { house.post(As::Admin, PROBE, body).await })
        })
        .collect();
    while house.app.probing().available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.post(As::Admin, PROBE, body("main")).await.problem(), "503 busy");
    for answer in asked {
        assert_eq!(answer.await.unwrap().json()["problem"]["kind"], "silent");
    }
    assert_eq!(house.app.probing().available_permits(), base::limits::PROBES_MAX);
}

#[tokio::test]
async fn recording_is_asked_for_for_a_while_by_those_who_manage_cameras() {
    let house = House::new();
    let record = format!("{DOOR}/record");
    let begun = house.post(As::CamerasToken, &record, json!({ "for": "10m" })).await;
    let plan = json!({ "scheduled": false, "on_demand_until": "2026-11-22T20:10:00.000000Z" });
    assert_eq!(begun.json()["streams"][0]["recording_plan"], plan, "{begun:?}");
    assert_eq!(house.post(As::Viewer, &record, json!({ "for": "10m" })).await.status, 403);
    for wrong in ["25h", "500ms", "10", ""] {
        let refused = house.post(As::Admin, &record, json!({ "for": wrong })).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (400, &json!("for")));
    }
    let refused = house.post(As::Admin, &record, json!({ "for": "10m", "streams": ["sub"] })).await;
    assert_eq!(refused.problem(), "409 conflict");
    let nobody = json!({ "for": "10m", "streams": ["main", "naim"] });
    assert_eq!(house.post(As::Admin, &record, nobody).await.problem(), "404 not-found");
    for streams in [vec!["main"; 2], vec!["main"; 100_000]] {
        let too_many = json!({ "for": "10m", "streams": streams });
        let refused = house.post(As::Admin, &record, too_many).await;
        assert_eq!(refused.problem(), "400 bad-input");
    }
    let ended = house.send(As::Admin, Method::DELETE, &record, &[], None).await;
    assert_eq!(ended.json()["streams"][0]["recording_plan"], Value::Null);
}
