//! Changing volumes and taking them out, through the router.

use http::Method;
use serde_json::json;

use super::house::{As, House};

const DISK1: &str = "/api/v1/volumes/disk1";

#[tokio::test]
async fn a_volume_with_footage_is_taken_out_only_when_that_is_said_and_it_is_audited() {
    let house = House::new();
    let refused = house.send(As::Admin, Method::DELETE, DISK1, &[], None).await;
    assert_eq!(refused.problem(), "409 in-use");
    let path = format!("{DISK1}?forget_footage=true");
    let gone = house.send(As::Admin, Method::DELETE, &path, &[], None).await;
    assert_eq!(gone.status, 200);
    assert_eq!(gone.json(), json!({ "forgotten_segments": 7 }));
    let audit = house.get(As::Admin, "/api/v1/audit?limit=1").await.json();
    let entry = &audit["entries"][0];
    assert_eq!((&entry["what"], &entry["subject"]), (&json!("volume-removed"), &json!("disk1")));
    assert_eq!(entry["who"], "Anna");
    let other = "/api/v1/volumes/disk9";
    let unknown = house.send(As::Admin, Method::DELETE, other, &[], None).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_volume_is_changed_unless_a_file_manages_it() {
    let house = House::new();
    for (body, expected) in [
        (json!({ "use": "drain", "keep_free": "20 GB" }), 204),
        (json!({ "use": "keep" }), 409),
        (json!({ "use": "lend" }), 400),
        (json!({ "keep_free": "all" }), 400),
        (json!({ "path": "/srv" }), 400),
    ] {
        let words = body.to_string();
        let answer = house.send(As::Admin, Method::PATCH, DISK1, &[], Some(body)).await;
        assert_eq!(answer.status, expected, "{words}");
    }
    let audit = house.get(As::Admin, "/api/v1/audit").await.json();
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "what was refused is not noted: {audit:#}");
    let detail = entries[0]["detail"].as_str().unwrap();
    assert!(detail.contains("20 GB"), "{detail}");
}
