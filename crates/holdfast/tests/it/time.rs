//! What is known of gaps and of what is wrong: how the process ended before, why nothing is
//! recorded, and the list of alarms.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup};

/// The causes of the gaps of a camera's last minutes, oldest first.
async fn causes(server: &Server, camera: &str) -> Vec<String> {
    let path = format!("/cameras/{camera}/streams/main/timeline?from=-10m&resolution=1ms");
    let timeline = server.json(&path).await;
    let gaps = timeline["gaps"].as_array().expect("a list").iter();
    gaps.map(|gap| gap["cause"].as_str().unwrap_or("nobody knows").to_owned()).collect()
}

/// Waits until the camera's gaps have these causes.
pub async fn wait_for_causes(server: &Server, camera: &str, wanted: &[&str]) {
    let mut found = Vec::new();
    for _ in 0..100 {
        found = causes(server, camera).await;
        if found == wanted {
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("{camera}: gaps by {found:?}, not {wanted:?}; {}", server.log());
}

/// The kinds and subjects of the alarms that last.
pub async fn lasting(server: &Server) -> Vec<String> {
    let page = server.json("/alarms?active=true").await;
    let alarms = page["alarms"].as_array().expect("a list").iter();
    let word = |alarm: &Value, key: &str| alarm[key].as_str().expect("a word").to_owned();
    alarms.map(|alarm| format!("{} {}", word(alarm, "kind"), word(alarm, "subject"))).collect()
}

async fn wait_for_alarm(server: &Server, wanted: &str, lasts: bool) {
    for _ in 0..150 {
        if lasting(server).await.iter().any(|alarm| alarm == wanted) == lasts {
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("{wanted} {lasts}: {:?}; {}", lasting(server).await, server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_tell_a_crash_from_a_stop_and_a_pause_from_a_change() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cams::stamped(folder.path()).await;
    let one = ("one", cams.url("door-main;c=1"));
    let two = ("two", cams.url("drive-main;c=2"));
    let both = Setup::with_cameras([one.clone(), two]);
    let mut server = Server::start(&both).await;
    sleep(Duration::from_secs(5)).await;
    server.kill();
    sleep(Duration::from_secs(1)).await;
    server.start_again().await;
    wait_for_causes(&server, "one", &["crash"]).await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    sleep(Duration::from_secs(1)).await;
    server.start_again().await;
    wait_for_causes(&server, "one", &["crash", "shutdown"]).await;
    // A camera that leaves the file is paused, and comes back with it.
    sleep(Duration::from_secs(2)).await;
    server.configure(&Setup::with_cameras([one]));
    server.reload();
    sleep(Duration::from_secs(3)).await;
    server.configure(&both);
    server.reload();
    wait_for_causes(&server, "two", &["crash", "shutdown", "paused"]).await;
    assert_eq!(causes(&server, "one").await, ["crash", "shutdown"]);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_listed_measured_and_logged_once_until_it_is_over() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cams = cams::locked(folder.path(), true).await;
    let setup = Setup::with_cameras([("locked", cams.url("door-main;c=1"))]);
    let mut server = Server::start(&setup).await;
    wait_for_alarm(&server, "camera-denied locked/main", true).await;
    let metrics = server.client().text(hyper::Method::GET, "/metrics", None).await;
    let metrics = metrics.expect("metrics are served");
    let line = "holdfast_alarm_active{kind=\"camera-denied\",subject=\"locked/main\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    sleep(Duration::from_secs(5)).await;
    let said = |server: &Server| server.log().matches("camera-denied").count();
    assert_eq!(said(&server), 1, "once: {}", server.log());
    let page = server.json("/alarms").await;
    let began = page["alarms"][0]["began"].clone();
    // It lasts over a restart, as the same alarm.
    server.kill();
    server.start_again().await;
    wait_for_alarm(&server, "camera-denied locked/main", true).await;
    let page = server.json("/alarms").await;
    assert_eq!(page["alarms"][0]["began"], began, "{page:#}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
