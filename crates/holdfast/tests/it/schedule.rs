//! Streams that are recorded by a weekly schedule, and on demand.

use std::time::Duration;

use base::WallTime;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::cameras::{done, send};
use crate::cams;
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files};

/// A minute that is twelve hours away, as a key of a stream.
fn not_now() -> String {
    let at = |minutes: i64| {
        let minute = (now().as_micros() / 60_000_000 + 12 * 60 + minutes) % (24 * 60);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    format!("schedule = [\"{}-{}\"]", at(0), at(1))
}

fn setup(cam: &testcam::TestCam, schedule: &str) -> Setup {
    let archive = "segment_duration = \"10s\"\ntime_zone = \"UTC\"".to_owned();
    let cameras = [
        camera("office", &cam.url("door-sub;c=1"), "", schedule),
        camera("yard", &cam.url("garden-sub;c=2"), "", ""),
        camera("hall", &cam.url("drive-sub;c=3"), "", "record = false"),
    ];
    Setup { archive, cameras: cameras.concat(), ..Setup::default() }
}

fn now() -> WallTime {
    WallTime::from_micros(Timestamp::now().as_microsecond())
}

fn time(said: &Value) -> WallTime {
    let text = said.as_str().unwrap_or_else(|| panic!("{said} is no time"));
    let at: Timestamp = text.parse().expect("it is RFC 3339");
    WallTime::from_micros(at.as_microsecond())
}

/// Records a camera for some seconds, waits until it has ended, and says when it was asked for.
async fn record(server: &Server, camera: &str, seconds: i64) -> (WallTime, i64) {
    let asked = now();
    let body = json!({ "for": format!("{seconds}s") });
    let said = done(server, "POST", &format!("/cameras/{camera}/record"), Some(body)).await;
    let until = time(&said["streams"][0]["recording_plan"]["on_demand_until"]);
    let answered = now().micros_since(asked);
    let late = until.micros_since(asked) - seconds * 1_000_000;
    assert!((0..=answered).contains(&late), "{said:#}");
    server.wait_for(camera, "recording", |stream| stream["recording"] == "on").await;
    server.wait_for(camera, "the end", |stream| stream["recording"] == "off").await;
    (asked, answered)
}

/// It begins with the GOP at hand and ends with the one in which its time is over.
async fn assert_recorded_on_demand(server: &Server, camera: &str) {
    let (seconds, gop) = (8, 2_500_000);
    let (asked, answered) = record(server, camera, seconds).await;
    let longer = |to: &Value| time(to).micros_since(asked) - seconds * 1_000_000;
    let is_all_there = |stream: &Value| {
        stream["recorded"]["to"].is_string() && longer(&stream["recorded"]["to"]) >= -200_000
    };
    server.wait_for(camera, "its last pictures", is_all_there).await;
    sleep(Duration::from_secs(3)).await;
    let recorded = server.stream(camera).await["recorded"].clone();
    let early = asked.micros_since(time(&recorded["from"]));
    assert!((-200_000 - answered..gop).contains(&early), "{camera}: {early} µs early, {recorded}");
    let longer = longer(&recorded["to"]);
    let most = gop + 2_000_000 + answered;
    assert!((-200_000..most).contains(&longer), "{camera}: {longer} µs longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_its_schedule_a_stream_is_live_and_recorded_on_demand_only() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::start(&setup(&cam, &not_now())).await;
    server.wait_for("yard", "recording", |stream| stream["recording"] == "on").await;
    for camera in ["office", "hall"] {
        server.wait_for(camera, "pictures", |stream| stream["state"] == "playing").await;
    }
    sleep(Duration::from_secs(3)).await;
    for camera in ["office", "hall"] {
        let stream = server.stream(camera).await;
        assert_eq!((&stream["recording"], &stream["recorded"]), (&json!("off"), &Value::Null));
    }
    let plan = &server.stream("office").await["recording_plan"];
    assert!(plan["scheduled"] == true && time(&plan["schedule_turns"]) > now(), "{plan:#}");
    let alarms = server.json("/alarms?active=true").await;
    assert_eq!(alarms["alarms"], json!([]), "outside the schedule nothing is wrong");

    for camera in ["office", "hall"] {
        assert_recorded_on_demand(&server, camera).await;
    }
    let reconnects = server.stream("office").await["reconnects"].clone();
    assert_eq!(reconnects, 0, "it was one session: {}", server.log());

    // What is asked for outlasts a crash, and is ended by hand.
    let body = json!({ "for": "10m" });
    done(&server, "POST", "/cameras/hall/record", Some(body)).await;
    server.wait_for("hall", "recording", |stream| stream["recording"] == "on").await;
    server.kill();
    server.start_again().await;
    server.wait_for("hall", "recording again", |stream| stream["recording"] == "on").await;
    done(&server, "DELETE", "/cameras/hall/record", None).await;
    server.wait_for("hall", "the end", |stream| stream["recording"] == "off").await;
    let plan = &server.stream("hall").await["recording_plan"];
    assert_eq!(plan, &Value::Null);

    // Without its schedule it is recorded at once, by the same session.
    server.wait_for("office", "pictures", |stream| stream["state"] == "playing").await;
    server.configure(&setup(&cam, ""));
    server.reload();
    server.wait_for("office", "recording", |stream| stream["recording"] == "on").await;
    sleep(Duration::from_secs(2)).await;
    let stream = server.stream("office").await;
    assert_eq!(stream["reconnects"], 0);
    let from = time(&stream["recorded"]["from"]).to_string();
    let path = format!("/cameras/office/streams/main/timeline?from={from}&to={}", now());
    let gaps = server.json(&path).await["gaps"].clone();
    assert_eq!(gaps[0]["cause"], "not-scheduled", "{gaps:#}");
    let refused = send(&server, "POST", "/cameras/office/record", Some(json!({ "for": "2d" })));
    assert_eq!(refused.await.status, 400);
    let audit = server.json("/audit").await.to_string();
    assert!(audit.contains("recording-demanded") && audit.contains("main for 10m"), "{audit}");

    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    let yard: Vec<_> = found.iter().filter(|((camera, _), _)| *camera == 2).collect();
    assert_eq!(yard.len(), 2, "one session before the crash and one after it");
    yard.iter().for_each(|(_, stamps)| assert_whole(stamps, "a camera beside them"));
}
