//! Cameras made, changed and removed over the API, while others are recorded.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::cams;
use crate::http::{Reply, Said};
use crate::server::{Server, Setup};
use crate::tools::{assert_whole, frames, mp4_files};

/// Sends a change of cameras.
pub async fn send(server: &Server, method: &str, path: &str, body: Option<Value>) -> Reply {
    let ask = server.door().ask(method, &format!("/api/v1{path}"));
    match body {
        Some(body) => ask.json(&body).send().await,
        None => ask.send().await,
    }
}

/// The same, which has to be done.
pub async fn done(server: &Server, method: &str, path: &str, body: Option<Value>) -> Value {
    let words = format!("{method} {path} {body:?}");
    let reply = send(server, method, path, body).await;
    assert!((200..300).contains(&reply.status), "{words}: {}; {}", reply.text(), server.log());
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// What is said of a refusal: status, type and field.
async fn refused(server: &Server, method: &str, path: &str, body: Value) -> String {
    let reply = send(server, method, path, Some(body)).await;
    let said = reply.json();
    let word = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", reply.status, word("type"), word("field")).trim_end().to_owned()
}

fn new(name: &str, url: &str) -> Value {
    json!({ "name": name, "streams": { "main": { "url": url } } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_is_added_changed_and_removed_and_no_answer_holds_its_password() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (cam, locked) =
        (cams::stamped(folder.path()).await, cams::locked(folder.path(), true).await);
    let setup = Setup::with_cameras([("filed", cam.url("door-sub;c=1"))]);
    let mut server = Server::start(&setup).await;
    let mut watcher = server.door().watch("/api/v1/changes").await;
    let main = json!({ "url": locked.url("garden-sub;c=2"), "keep": { "max_days": 9 } });
    let body = json!({ "name": "Back yard", "username": "viewer", "password": "tulip-7",
        "streams": { "main": main } });
    let made = send(&server, "POST", "/cameras", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.headers["location"], "/api/v1/cameras/back-yard");
    assert_eq!(
        (&made.json()["slug"], &made.json()["name"]),
        (&json!("back-yard"), &json!("Back yard"))
    );
    let of_cameras = |said: &Said| matches!(said, Said::Text(it) if it["type"] == "cameras");
    while !of_cameras(&watcher.next().await) {}
    server.wait_for("back-yard", "recording", |stream| stream["recording"] == "on").await;
    // A name, limits and a volume touch no connection.
    let path = "/cameras/back-yard";
    let change = json!({ "name": "Yard", "streams": { "main": {
        "volume": "disk1", "keep": { "max_days": null, "max_bytes": 200_000_000 } } } });
    assert_eq!(done(&server, "PATCH", path, Some(change)).await["name"], "Yard");
    let settings = server.json("/cameras/back-yard/settings").await;
    assert_eq!(
        (&settings["has_password"], &settings["username"]),
        (&json!(true), &json!("viewer"))
    );
    let main = &settings["streams"]["main"];
    assert_eq!(
        (&main["volume"], &main["keep"]),
        (&json!("disk1"), &json!({ "max_bytes": 200_000_000 }))
    );
    // Another stream beside it does not, either; a password does.
    let url = locked.url("drive-sub;c=3");
    let sub = json!({ "streams": { "sub": { "url": url, "record": false } } });
    let with_sub = done(&server, "PATCH", path, Some(sub)).await;
    assert_eq!(with_sub["streams"][1]["recording"], "off", "{with_sub:#}");
    let out = done(&server, "PATCH", path, Some(json!({ "streams": { "sub": null } }))).await;
    assert_eq!(out["streams"].as_array().map(Vec::len), Some(1), "it has no footage: {out:#}");
    for paused in [true, false] {
        let now = done(&server, "PATCH", path, Some(json!({ "paused": paused }))).await;
        assert_eq!(now["paused"], paused, "{now:#}");
    }
    server.wait_for("back-yard", "recording", |stream| stream["recording"] == "on").await;
    let wrong = json!({ "password": "rose" });
    done(&server, "PATCH", path, Some(wrong)).await;
    server.wait_for("back-yard", "refusal", |stream| stream["state"] == "denied").await;
    let audit = server.json("/audit").await.to_string();
    for word in ["camera-added", "name \\\"Back yard\\\" → \\\"Yard\\\"", "another password"] {
        assert!(audit.contains(word), "{word}: {audit}");
    }
    let seen = [audit, settings.to_string(), made.text(), out.to_string(), server.log()].concat();
    for secret in ["tulip-7", "rose"] {
        assert!(!seen.contains(secret), "{seen}");
    }
    what_cannot_be_is_refused(&server).await;
    done(&server, "DELETE", path, None).await;
    assert_eq!(send(&server, "GET", path, None).await.status, 404);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    let sessions = |number: u32| found.keys().filter(|(camera, _)| *camera == number).count();
    assert_eq!((sessions(1), sessions(2)), (1, 2), "{:?}: {}", found.keys(), server.log());
    found.values().for_each(|stamps| assert_whole(stamps, "each of them"));
}

async fn what_cannot_be_is_refused(server: &Server) {
    let at = "rtsp://192.0.2.1/";
    let twice = json!({ "name": "X", "slug": "filed", "streams": { "main": { "url": at } } });
    let long = json!({ "name": "X", "slug": "No slug", "streams": { "main": { "url": at } } });
    let main = |stream: Value| json!({ "streams": { "main": stream } });
    let cases = [
        ("POST", "/cameras", new("filed", at), "409 name-taken name"),
        ("POST", "/cameras", twice, "409 name-taken slug"),
        ("POST", "/cameras", long, "400 bad-input slug"),
        ("POST", "/cameras", new("X", "http://192.0.2.1/"), "400 bad-input streams.main.url"),
        ("POST", "/cameras", json!({ "name": "X", "streams": {} }), "400 bad-input streams"),
        ("POST", "/cameras", json!({ "name": "X", "naem": 1 }), "400 bad-input naem"),
        ("PATCH", "/cameras/filed", json!({ "name": "X" }), "409 managed-by-file"),
        ("DELETE", "/cameras/filed", Value::Null, "409 managed-by-file"),
        ("PATCH", "/cameras/nobody", json!({}), "404 not-found"),
        ("PATCH", "/cameras/back-yard", json!({ "name": "filed" }), "409 name-taken name"),
        ("PATCH", "/cameras/back-yard", json!({ "name": null }), "400 bad-input body"),
        ("PATCH", "/cameras/back-yard", json!({ "username": null }), "400 bad-input password"),
        (
            "PATCH",
            "/cameras/back-yard",
            main(json!({ "volume": "disk9" })),
            "400 bad-input streams.main.volume",
        ),
        (
            "PATCH",
            "/cameras/back-yard",
            json!({ "streams": { "low": { "record": true } } }),
            "400 bad-input streams.low.url",
        ),
    ];
    let before = server.json("/cameras/back-yard/settings").await;
    for (method, path, body, expected) in cases {
        let words = format!("{method} {path} {body}");
        assert_eq!(refused(server, method, path, body).await, expected, "{words}");
    }
    assert_eq!(server.json("/cameras/back-yard/settings").await, before);
    // Of two at once one has the name.
    let add = || send(server, "POST", "/cameras", Some(new("Twin", "rtsp://192.0.2.1/")));
    let (one, other) = tokio::join!(add(), add());
    let mut seen = [one.status, other.status];
    seen.sort_unstable();
    assert_eq!(seen, [201, 409], "{} {}", one.text(), other.text());
    let taken = if one.status == 409 { one } else { other }.json();
    assert_eq!((&taken["type"], &taken["field"]), (&json!("name-taken"), &json!("name")));
    done(server, "DELETE", "/cameras/twin", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_made_outlives_restarts_and_a_removed_camera_comes_back_with_its_footage() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let setup = Setup { archive: "segment_duration = \"2s\"".to_owned(), ..Setup::default() };
    let mut server = Server::start(&setup).await;
    let body = new("Door", &cam.url("door-sub;c=1"));
    let id = done(&server, "POST", "/cameras", Some(body.clone())).await["id"].clone();
    done(&server, "POST", "/cameras", Some(new("Yard", &cam.url("garden-sub;c=2")))).await;
    for camera in ["door", "yard"] {
        server.wait_for(camera, "footage", |stream| stream["durable_until"].is_string()).await;
    }
    done(&server, "PATCH", "/cameras/yard", Some(json!({ "paused": true }))).await;
    let text = send(&server, "GET", "/config", None).await.text();
    let exported = config::parse(&text).expect("it reads itself").cameras;
    let paused: Vec<_> = exported.iter().map(|camera| (&*camera.name, camera.paused)).collect();
    assert_eq!(paused, [("Door", false), ("Yard", true)], "{text}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    server.start_again().await;
    server.wait_for("door", "recording", |stream| stream["recording"] == "on").await;
    assert_eq!(server.json("/cameras/yard").await["paused"], true);
    // Removed, and added again.
    let from = server.stream("door").await["recorded"]["from"].clone();
    done(&server, "DELETE", "/cameras/door", None).await;
    let path = "/cameras/door/streams/main/timeline?from=-1h";
    assert_eq!(send(&server, "GET", path, None).await.status, 404, "nobody sees it");
    let again = done(&server, "POST", "/cameras", Some(body)).await;
    assert_eq!((&again["id"], &again["slug"]), (&id, &json!("door")), "{again:#}");
    assert_eq!(server.stream("door").await["recorded"]["from"], from);
    server.wait_for("door", "recording", |stream| stream["recording"] == "on").await;
    its_footage_goes(&mut server).await;
}

/// Footage is deleted with a camera, unless some of it is protected.
async fn its_footage_goes(server: &mut Server) {
    let span = "/cameras/door/streams/main/protected?from=-1h&to=now";
    done(server, "PUT", span, None).await;
    let kept = send(server, "DELETE", "/cameras/door?footage=delete", None).await;
    assert_eq!(kept.status, 409, "{}", kept.text());
    assert_eq!(server.stream("door").await["recording"], "on", "nothing was changed");
    done(server, "DELETE", "/cameras/door/streams/main/protected?from=-2h&to=now", None).await;
    done(server, "DELETE", "/cameras/door?footage=delete", None).await;
    assert_eq!(send(server, "GET", "/cameras/door", None).await.status, 404);
    let began = Instant::now();
    while frames(&mp4_files(&server.media())).keys().any(|(camera, _)| *camera == 1) {
        assert!(began.elapsed() < Duration::from_secs(60), "it stays: {}", server.log());
        sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    assert!(found.keys().any(|(camera, _)| *camera == 2), "that of others stays: {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_probed_before_a_camera_is_saved_and_a_stored_password_stays_at_home() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let locked = cams::locked(folder.path(), false).await;
    let mut server = Server::start(&Setup::default()).await;
    let ask = |body: Value| send(&server, "POST", "/cameras/probe", Some(body));
    let seen = ask(json!({ "url": cam.url("door-main") })).await.json();
    assert_eq!((&seen["usable"], &seen["problem"]), (&json!(true), &Value::Null), "{seen:#}");
    assert_eq!(seen["tracks"][0]["summary"], "H.264 1280×720", "{seen:#}");
    let (rate, every) = (seen["tracks"][0]["frame_rate"].as_f64(), &seen["key_frame_interval_ms"]);
    assert!(rate.is_some_and(|rate| (15.0..35.0).contains(&rate)), "{seen:#}");
    assert_eq!(*every, 2000, "{seen:#}");
    let picture = seen["picture"].as_str().unwrap_or_default();
    assert!(picture.starts_with("data:image/jpeg;base64,/9j/"), "{seen:#}");
    assert!(seen["clock_offset_ms"].as_f64().is_none_or(|by| by.abs() < 5_000.0), "{seen:#}");
    // The login, given or stored; the stored one goes to no other address.
    let url = locked.url("garden-sub");
    let login = json!({ "url": url, "username": "viewer", "password": "tulip-7" });
    let with_login = ask(login).await;
    assert_eq!(with_login.json()["usable"], true, "{}", with_login.text());
    let body = json!({ "name": "Yard", "username": "viewer", "password": "tulip-7", "paused": true,
        "streams": { "main": { "url": url } } });
    done(&server, "POST", "/cameras", Some(body)).await;
    let stored = ask(json!({ "url": locked.url("door-sub"), "camera": "yard" })).await;
    assert_eq!(stored.json()["usable"], true, "{}", stored.text());
    let elsewhere = ask(json!({ "url": cam.url("door-sub"), "camera": "yard" })).await;
    assert_eq!((elsewhere.status, elsewhere.json()["field"].as_str()), (400, Some("camera")));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let nobody = nobody.expect("there is a port");
    for (url, kind) in [
        (url, "denied"),
        (cam.url("nothing"), "refused"),
        (format!("rtsp://{nobody}/main"), "unreachable"),
    ] {
        let answer = ask(json!({ "url": url })).await;
        assert_eq!(answer.json()["problem"]["kind"], kind, "{url}: {}", answer.text());
    }
    let said = [with_login.text(), stored.text(), server.log()].concat();
    assert!(!said.contains("tulip-7"), "{said}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
