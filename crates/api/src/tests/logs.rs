//! The log: who may read it, in which pages, and that it holds no secret.

use base::WallTime;
use logs::{Keeping, Level, Line};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use super::house::{As, House, START};

const FIRST: u64 = START.as_micros() as u64;

fn say(house: &House, level: Level, message: &str, fields: &[(&'static str, &str)]) {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    house.log.say(Line {
        at: START,
        level,
        target: "test".into(),
        message: message.into(),
        fields,
    });
}

async fn ask(house: &House, query: &str) -> Value {
    let answer = house.get(As::Admin, &format!("/api/v1/logs?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn words(page: &Value) -> Vec<&str> {
    let lines = page["lines"].as_array().unwrap().iter();
    lines.map(|line| line["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn only_who_manages_the_system_reads_the_log() {
    let house = House::new();
    say(&house, Level::Info, "stopping", &[]);
    for who in As::ALL {
        let answer = house.get(who, "/api/v1/logs").await;
        let may = [As::Socket, As::Admin, As::AdminToken, As::SystemToken].contains(&who);
        assert_eq!(answer.status == 200, may, "{who:?}");
        assert_eq!(String::from_utf8_lossy(&answer.bytes).contains("stopping"), may, "{who:?}");
    }
    let setting_up = House::without_account();
    assert_eq!(setting_up.get(As::Stranger, "/api/v1/logs").await.problem(), "403 not-set-up");
}

#[tokio::test]
async fn a_line_says_what_it_is_about() {
    let house = House::new();
    let fields = [("alarm", "camera-lost"), ("subject", "front-door/main")];
    say(&house, Level::Error, "no picture since 20:15", &fields);
    let page = ask(&house, "").await;
    let line = json!({
        "number": FIRST,
        "at": "2026-11-22T20:00:00.000000Z",
        "level": "error",
        "target": "test",
        "message": "no picture since 20:15",
        "fields": { "alarm": "camera-lost", "subject": "front-door/main" },
        "camera": "front-door",
    });
    let whole = json!({
        "lines": [line], "next": FIRST, "more": false, "lost": 0, "restarted": false
    });
    assert_eq!(page, whole);
}

#[tokio::test]
async fn lines_are_resumed_by_number_and_losses_are_told() {
    let house = House::new();
    for number in 0..base::limits::LOG_LINES_MAX + 10 {
        say(&house, Level::Info, &format!("line {number}"), &[]);
    }
    let newest = ask(&house, "limit=2").await;
    assert_eq!(words(&newest), ["line 5008", "line 5009"]);
    let older = ask(&house, &format!("limit=2&before={}", newest["earlier"])).await;
    assert_eq!(words(&older), ["line 5006", "line 5007"]);
    assert_eq!(ask(&house, &format!("after={}", newest["next"])).await["lines"], json!([]));

    let behind = ask(&house, &format!("after={}&limit=500", FIRST + 3)).await;
    assert_eq!((&behind["lost"], &behind["more"]), (&json!(6), &json!(true)));
    assert_eq!(words(&behind).first(), Some(&"line 10"));
    let then = ask(&house, &format!("after={}&limit=1", behind["next"])).await;
    assert_eq!((words(&then), &then["lost"]), (vec!["line 510"], &json!(0)));

    let of_before = ask(&house, "after=17&limit=1").await;
    assert_eq!((&of_before["restarted"], words(&of_before)), (&json!(true), vec!["line 10"]));
    assert_eq!(words(&ask(&house, "").await).len(), 100);
}

#[tokio::test]
async fn lines_are_chosen() {
    let house = House::new();
    say(&house, Level::Debug, "A packet", &[("stream", "front-door/main")]);
    say(&house, Level::Warn, "gone", &[("camera", "removed-one")]);
    say(&house, Level::Error, "full", &[("volume", "disk1")]);
    let id = house.get(As::Admin, "/api/v1/cameras/front-door").await.json()["id"].clone();
    for (query, expected) in [
        ("level=warn", vec!["gone", "full"]),
        ("level=error", vec!["full"]),
        ("camera=front-door", vec!["A packet"]),
        (&*format!("camera={}", id.as_str().unwrap()), vec!["A packet"]),
        ("camera=removed-one", vec!["gone"]),
        ("camera=nobody", vec![]),
        ("text=a%20PACK", vec!["A packet"]),
        ("text=DISK1&level=error", vec!["full"]),
        ("text=&level=&camera=", vec!["A packet", "gone", "full"]),
    ] {
        assert_eq!(words(&ask(&house, query).await), expected, "{query}");
    }
    let long = |name: &str| format!("{name}={}", "x".repeat(201));
    for (query, field) in [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=1&before=2", "before"),
        ("level=loud", "level"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        (&*long("text"), "text"),
        (&*long("camera"), "camera"),
        ("from=now", "from"),
    ] {
        let answer = house.get(As::Admin, &format!("/api/v1/logs?{query}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)));
    }
}

#[tokio::test]
async fn a_link_or_token_that_was_logged_is_told_to_nobody() {
    let house = House::new();
    let secret = As::ForgedToken.secret().expose();
    let layer = Keeping::new(house.log.clone(), || WallTime::EPOCH);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::info!("make the first one at http://127.0.0.1:80/setup#token={secret} (once)");
        tracing::warn!(secret, address = "rtsp://viewer:tulip7@192.0.2.1/?pwd=tulip7", "odd");
    });
    for who in [As::Socket, As::Admin] {
        let answer = house.get(who, "/api/v1/logs").await;
        let text = String::from_utf8(answer.bytes).unwrap();
        assert!(text.contains("/setup#token=(hidden)"), "{text}");
        for shown in [&secret[..], &secret[3..20], "tulip7", "viewer"] {
            assert!(!text.contains(shown), "{shown}: {text}");
        }
        // Nor is it found by guessing.
        let found = ask(&house, &format!("text={}", &secret[..9])).await;
        assert_eq!(found["lines"], json!([]));
    }
}
