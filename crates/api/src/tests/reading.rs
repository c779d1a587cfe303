//! What the system says of itself.

use http::header;

use super::house::{As, House};

const STREAM: &str = "/api/v1/cameras/front-door/streams/main";

#[tokio::test]
async fn cameras_are_shown_with_what_is_recorded() {
    let house = House::new();
    insta::assert_json_snapshot!(house.get(As::Viewer, "/api/v1/cameras").await.json());
    let by_slug = house.get(As::Viewer, "/api/v1/cameras/front-door").await.json();
    let id = by_slug["id"].as_str().unwrap();
    let by_id = house.get(As::Viewer, &format!("/api/v1/cameras/{id}")).await.json();
    assert_eq!(by_slug, by_id);
    assert_eq!(house.get(As::Viewer, STREAM).await.json(), by_slug["streams"][0]);
}

#[tokio::test]
async fn the_timeline_shows_footage_and_gaps() {
    let house = House::new();
    let path = format!("{STREAM}/timeline?from=-61m&to=-59m&resolution=1ms");
    insta::assert_json_snapshot!(house.get(As::Viewer, &path).await.json());
    for (query, field) in
        [("resolution=x", "resolution"), ("from=1&to=1", "to"), ("from=?", "from"), ("x=1", "x")]
    {
        let answer = house.get(As::Viewer, &format!("{STREAM}/timeline?{query}")).await;
        assert_eq!(answer.problem(), "400 bad-input");
        assert_eq!(answer.json()["field"], field);
    }
    assert_eq!(house.get(As::Viewer, &format!("{STREAM}/timeline")).await.status, 200);
}

#[tokio::test]
async fn recordings_come_in_pages_newest_first() {
    let house = House::new();
    let first = house.get(As::Viewer, &format!("{STREAM}/recordings?limit=1")).await.json();
    insta::assert_json_snapshot!(first);
    let cursor = first["next"].as_str().unwrap();
    let path = format!("{STREAM}/recordings?limit=1&cursor={cursor}");
    let second = house.get(As::Viewer, &path).await.json();
    assert_eq!(second["recordings"][0]["from"], "2026-11-22T20:00:00.000000Z");
    assert_eq!(second["recordings"][0]["end_cause"], "camera-gone");
    for (query, field) in [("limit=0", "limit"), ("limit=many", "limit"), ("cursor=x", "cursor")] {
        let answer = house.get(As::Viewer, &format!("{STREAM}/recordings?{query}")).await;
        assert_eq!(answer.json()["field"], field, "{query}");
    }
}

#[tokio::test]
async fn volumes_are_shown_to_who_manages_them() {
    let house = House::new();
    insta::assert_json_snapshot!(house.get(As::Admin, "/api/v1/volumes").await.json());
}

#[tokio::test]
async fn a_configuration_is_applied_or_refused_with_the_reason() {
    let house = House::new();
    let put_as = |who: As, text: &'static str, media: &'static str| {
        let mut request = http::Request::new(axum::body::Body::from(text));
        *request.method_mut() = http::Method::PUT;
        *request.uri_mut() = "/api/v1/config".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, media.parse().unwrap());
        house.raw(who, request)
    };
    let put = |text, media| put_as(As::Socket, text, media);
    let toml = "application/toml";
    let refused = put_as(As::SystemToken, "tighter", toml).await;
    assert_eq!(refused.problem(), "403 forbidden");
    assert!(refused.json()["detail"].to_string().contains("manage-footage"), "{refused:?}");
    assert!(refused.json()["detail"].to_string().contains("max_days"), "{refused:?}");
    assert_eq!(refused.json()["field"], "body");
    assert_eq!(put_as(As::SystemToken, "good", toml).await.status, 200);
    assert_eq!(put("good", toml).await.json()["added"][0], "camera yard");
    assert_eq!(put("theirs", toml).await.problem(), "409 managed-by-file");
    let wrong = put("bad", toml).await;
    assert_eq!(wrong.problem(), "400 bad-input");
    assert_eq!(wrong.json()["detail"], "line 1, column 1: no");
    assert_eq!(put("good", "text/plain").await.problem(), "415 unsupported-media-type");
    let text = house.get(As::Socket, "/api/v1/config").await;
    assert_eq!(text.bytes, b"[[camera]]\n");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let house = House::new();
    let large = serde_json::json!({ "username": "a", "password": "x".repeat(2 << 20) });
    let answer = house.post(As::Stranger, "/api/v1/login", large).await;
    assert_eq!(answer.problem(), "413 too-large");
}

#[tokio::test]
async fn readiness_follows_the_system_and_tells_reasons_to_the_known() {
    let house = House::new();
    assert_eq!(house.get(As::Stranger, "/readyz").await.status, 200);
    house.system.readiness.lock().unwrap().degraded.push("volume disk2 is slow".into());
    let known = house.get(As::Viewer, "/readyz").await;
    assert_eq!(known.status, 200, "it records and serves");
    let told = (known.json()["degraded"].clone(), known.json()["degraded_reasons"][0].clone());
    assert_eq!(told, (true.into(), "volume disk2 is slow".into()));
    house.system.readiness.lock().unwrap().problems.push("volume disk1 is missing".into());
    let known = house.get(As::Viewer, "/readyz").await;
    assert_eq!(known.status, 503);
    assert_eq!(known.json()["problems"][0], "volume disk1 is missing");
    let stranger = house.get(As::Stranger, "/readyz").await;
    assert_eq!(stranger.status, 503);
    let told = serde_json::json!({
        "ready": false, "degraded": true, "problems": [], "degraded_reasons": []
    });
    assert_eq!(stranger.json(), told, "reasons are for those who may watch");
    assert_eq!(house.get(As::Stranger, "/livez").await.status, 200);
}

#[tokio::test]
async fn metrics_are_in_prometheus_form() {
    let house = House::new();
    let now = super::house::START.plus_micros(3_599_100_000);
    house.app.catalog().tail().set_durable_until(super::house::MAIN, now);
    let answer = house.get(As::Socket, "/metrics").await;
    insta::assert_snapshot!(String::from_utf8(answer.bytes).unwrap());
}

#[tokio::test]
async fn more_requests_than_can_be_served_are_told_so() {
    let house = House::new();
    let peer = As::Stranger.peer();
    let held: Vec<_> = std::iter::from_fn(|| house.app.load().admit(&peer)).collect();
    assert_eq!(house.get(As::Socket, "/livez").await.status, 200);
    let answer = house.get(As::Stranger, "/livez").await;
    assert_eq!(answer.problem(), "503 busy");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    drop(held);
    assert_eq!(house.get(As::Stranger, "/livez").await.status, 200);
}

#[tokio::test]
async fn the_root_is_found_without_its_slash() {
    let answer = House::new().get(As::Stranger, "/api/v1").await;
    assert_eq!((answer.status.as_u16(), answer.header(header::LOCATION)), (308, "v1/"));
}

#[tokio::test]
async fn alarms_come_in_pages_newest_first_and_what_lasts_is_known_without_the_catalog() {
    use base::AlarmId;
    use catalog::{AlarmRow, Change};
    let house = House::new();
    let row = |number: u8, second: i64, ended: Option<i64>| {
        let at = |second: i64| super::house::START.plus_micros(second * 1_000_000);
        AlarmRow {
            id: AlarmId::from_bytes([number; 16]),
            kind: "disk-stuck".into(),
            subject: "disk1".into(),
            began: at(second),
            ended: ended.map(at),
            words: "the disk has not answered for 6 s".into(),
        }
    };
    let rows = [row(1, 10, Some(20)), row(2, 30, Some(40)), row(3, 50, None)];
    house.put(rows.clone().map(Change::PutAlarm));
    // The catalog did not take the last one yet, and the words of another are newer.
    let newer = AlarmRow { words: "the disk has not answered for 9 s".into(), ..rows[2].clone() };
    *house.system.alarms.lock().unwrap() = vec![row(4, 60, None), newer];
    let first = house.get(As::Viewer, "/api/v1/alarms?limit=3").await.json();
    insta::assert_json_snapshot!(first);
    let path = format!("/api/v1/alarms?limit=3&cursor={}", first["next"].as_str().unwrap());
    let second = house.get(As::Viewer, &path).await.json();
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let alarms = page["alarms"].as_array().unwrap().iter();
        alarms.map(|alarm| alarm["id"].as_str().unwrap()[..2].to_owned()).collect()
    };
    assert_eq!(ids(&second), ["01"]);
    assert!(second.get("next").is_none());
    let lasting = house.get(As::Viewer, "/api/v1/alarms?active=true").await.json();
    assert_eq!(ids(&lasting), ["04", "03"]);
    let over = house.get(As::Viewer, "/api/v1/alarms?active=false").await.json();
    assert_eq!(ids(&over), ["02", "01"]);
    for (query, field) in [("active=x", "active"), ("limit=0", "limit"), ("cursor=1", "cursor")] {
        let answer = house.get(As::Viewer, &format!("/api/v1/alarms?{query}")).await;
        assert_eq!(answer.json()["field"], field, "{query}");
    }
    let metrics = house.get(As::Admin, "/metrics").await;
    let text = String::from_utf8(metrics.bytes).unwrap();
    assert!(text.contains("holdfast_alarm_active{kind=\"disk-stuck\",subject=\"disk1\"} 1"));
}
