//! Who may call what: every route as every caller, made from the table.

use http::{Method, header};

use super::house::{As, House};
use crate::app::Settings;
use crate::route::Method as RouteMethod;
use crate::routes::table;

/// `yes`, or the problem that the guard answers with.
async fn verdict(house: &House, who: As, method: RouteMethod, path: &str) -> String {
    let path = path
        .replace("{camera}", "front-door")
        .replace("{stream}", "main")
        .replace("{session}", "none")
        .replace("{token}", "none");
    let method: Method = method.as_str().to_uppercase().parse().unwrap();
    let answer = house.send(who, method, &path, &[], None).await;
    if answer.header(header::CONTENT_TYPE) != "application/problem+json" {
        return "yes".into();
    }
    match answer.problem() {
        no if ["401 not-signed-in", "403 forbidden", "403 not-set-up"].contains(&&*no) => no,
        _ => "yes".into(),
    }
}

async fn matrix() -> String {
    let (mut text, mut house) = (String::new(), House::new());
    for route in table() {
        let (method, path) = (route.method.as_str().to_uppercase(), route.path);
        text += &format!("{method} {path} ({})\n", route.permission);
        for who in As::ALL {
            let verdict = verdict(&house, who, route.method, route.path).await;
            text += &format!("    {who:?}: {verdict}\n");
        }
        if route.path.ends_with("/logout") {
            house = House::new();
        }
    }
    text
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should_and_nobody_else() {
    insta::assert_snapshot!(matrix().await);
}

#[tokio::test]
async fn without_an_account_only_setting_up_is_served() {
    let house = House::without_account();
    for route in table() {
        let is_public = route.permission == access::Permission::Public;
        for who in [As::Stranger, As::OtherUid, As::Admin, As::AdminToken] {
            let verdict = verdict(&house, who, route.method, route.path).await;
            let expected = if is_public { "yes" } else { "403 not-set-up" };
            // Signing in makes no sense yet, and says so itself.
            if route.path != "/api/v1/login" {
                assert_eq!(verdict, expected, "{} as {who:?}", route.path);
            }
        }
        assert_eq!(verdict(&house, As::Socket, route.method, route.path).await, "yes");
    }
    let root = house.get(As::Stranger, "/api/v1/").await.json();
    assert_eq!(root["setup_needed"], true);
    assert_eq!(root["permissions"], serde_json::json!(["public", "set-up"]));
}

#[tokio::test]
async fn allow_unauthenticated_counts_until_there_is_an_account() {
    for (house, expected) in [(House::without_account(), 200), (House::new(), 401)] {
        let settings = Settings { allow_unauthenticated: true, ..Settings::default() };
        house.app.set_settings(settings);
        let answer = house.get(As::Stranger, "/api/v1/cameras").await;
        assert_eq!(answer.status, expected);
    }
}

#[tokio::test]
async fn a_stranger_is_told_little() {
    let root = House::new().get(As::Stranger, "/api/v1/").await.json();
    assert_eq!(root["caller"], serde_json::json!({ "kind": "anonymous" }));
    for part in ["version", "archive", "public_key", "started"] {
        assert!(root.get(part).is_none(), "{part}");
    }
    assert_eq!(root["setup_needed"], false);
}

#[tokio::test]
async fn who_is_known_is_told_by_which_key_exports_are_proven() {
    let house = House::new();
    let root = house.get(As::Viewer, "/api/v1/").await.json();
    let key = house.app.operations().exporting().public_key;
    let told = root["public_key"].as_str().unwrap();
    assert_eq!(told.len(), 64);
    assert_eq!(u8::from_str_radix(&told[..2], 16).unwrap(), key[0]);
    assert!(root["started"].is_string());
}

#[tokio::test]
async fn a_wrong_token_is_not_made_good_by_a_cookie() {
    let house = House::new();
    let forged = [(header::AUTHORIZATION, "Bearer nonsense")];
    let answer = house.send(As::Admin, Method::GET, "/api/v1/cameras", &forged, None).await;
    assert_eq!(answer.problem(), "401 not-signed-in");
    assert!(answer.header(header::WWW_AUTHENTICATE).starts_with("Bearer"));
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_whoever_asks() {
    let house = House::new();
    let host = [(header::HOST, "evil.example.com")];
    let path = "/api/v1/cameras";
    for path in [path, "/", "/livez", "/api/v1/login"] {
        let answer = house.send(As::Admin, Method::GET, path, &host, None).await;
        assert_eq!(answer.problem(), "421 unknown-host", "{path}");
    }
    let settings = Settings { hosts: vec!["evil.example.com".into()], ..Settings::default() };
    house.app.set_settings(settings);
    assert_eq!(house.send(As::Admin, Method::GET, path, &host, None).await.status, 200);

    let origin = [(header::ORIGIN, "http://127.0.0.1:9999")];
    let answer = house.send(As::Admin, Method::POST, "/api/v1/logout", &origin, None).await;
    assert_eq!(answer.problem(), "403 foreign-origin");
    let upgrade = [(header::ORIGIN, "http://127.0.0.1:9999"), (header::UPGRADE, "websocket")];
    let answer = house.send(As::Admin, Method::GET, "/api/v1/changes", &upgrade, None).await;
    assert_eq!(answer.problem(), "403 foreign-origin");
    let own = [(header::ORIGIN, "http://127.0.0.1:8080")];
    let answer = house.send(As::Admin, Method::POST, "/api/v1/logout", &own, None).await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn what_does_not_exist_is_said_in_the_same_way() {
    let house = House::new();
    for (method, path, expected) in [
        (Method::GET, "/api/v1/cameras/nobody", "404 not-found"),
        (Method::GET, "/api/v1/cameras/front-door/streams/nothing", "404 not-found"),
        (Method::GET, "/api/v2/", "404 not-found"),
        (Method::GET, "/api", "404 not-found"),
        (Method::DELETE, "/api/v1/cameras", "405 method-not-allowed"),
        (Method::POST, "/anything", "405 method-not-allowed"),
        (Method::GET, "/assets/gone.js", "404 not-found"),
    ] {
        let answer = house.send(As::Admin, method.clone(), path, &[], None).await;
        assert_eq!(answer.problem(), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_said_in_the_same_way() {
    let house = House::new();
    let mut asked = 0;
    for route in table().into_iter().filter(|route| route.path.contains('{')) {
        let parts = route.path.split('/');
        let parts = parts.map(|part| if part.starts_with('{') { "%FF" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        let method: Method = route.method.as_str().to_uppercase().parse().unwrap();
        let body = route.body.map(|_| serde_json::json!({}));
        let answer = house.send(As::Admin, method, &path, &[], body).await;
        assert_eq!(answer.problem(), "400 bad-input", "{path}");
        asked += 1;
    }
    assert!(asked > 30);
}

#[tokio::test]
async fn every_answer_says_what_a_page_may_load() {
    let house = House::new();
    for path in ["/", "/some/page", "/api/v1/", "/api/v1/nothing", "/livez"] {
        let answer = house.get(As::Stranger, path).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let page = house.get(As::Stranger, "/some/page").await;
    assert_eq!(page.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
}

/// `Basic` with a name and a password.
fn basic(name: &str, password: &str) -> String {
    use base64::Engine;
    let pair = format!("{name}:{password}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

#[tokio::test]
async fn a_token_may_stand_in_an_address_to_read_and_for_nothing_else() {
    let house = House::new();
    let status = async |method: Method, path: &str, value: &str| {
        let shown = [(header::AUTHORIZATION, value)];
        house.send(As::Stranger, method, path, &shown, None).await.status
    };
    let (cameras, users) = ("/api/v1/cameras", "/api/v1/users");
    let viewer = basic("player", &As::ViewerToken.secret().expose());
    let admin = basic("", &As::AdminToken.secret().expose());
    assert_eq!(status(Method::GET, cameras, &viewer).await, 200);
    assert_eq!(status(Method::HEAD, cameras, &viewer).await, 200);
    assert_eq!(status(Method::GET, users, &viewer).await, 403, "it may no more than the token");
    for path in [users, "/api/v1/config", "/api/v1/cameras/front-door/settings"] {
        assert_eq!(status(Method::GET, path, &admin).await, 403, "{path}: addresses are kept");
        let bearer = format!("Bearer {}", As::AdminToken.secret().expose());
        assert_ne!(status(Method::GET, path, &bearer).await, 403, "{path}");
    }
    assert_eq!(status(Method::GET, cameras, &admin).await, 200);
    let session = "/api/v1/sessions/none";
    assert_eq!(status(Method::DELETE, session, &admin).await, 401, "a browser would send it");
    for wrong in [
        basic("player", &As::ForgedToken.secret().expose()),
        basic(&As::AdminToken.secret().expose(), ""),
        basic("anna", "tulip-7"),
        "Basic".to_owned(),
        "Basic !".to_owned(),
        "Basic eA==".to_owned(),
    ] {
        assert_eq!(status(Method::GET, cameras, &wrong).await, 401, "{wrong}");
    }
}

#[tokio::test]
async fn a_login_at_a_proxy_in_front_locks_out_nobody_who_is_signed_in() {
    let house = House::new();
    let status = async |who: As, value: &str| {
        let shown = [(header::AUTHORIZATION, value)];
        house.send(who, Method::GET, "/api/v1/users", &shown, None).await.status
    };
    for foreign in [&basic("anna", "tulip-7"), "Basic", "Basic !", "Basic eA=="] {
        assert_eq!(status(As::Admin, foreign).await, 200, "{foreign}");
        assert_eq!(status(As::Stranger, foreign).await, 401, "{foreign}");
    }
    let forged = basic("player", &As::ForgedToken.secret().expose());
    assert_eq!(status(As::Admin, &forged).await, 401, "it is a token, and a wrong one");
}

#[tokio::test]
async fn players_are_asked_for_what_stands_in_an_address_and_browsers_are_not() {
    let house = House::new();
    let challenges = async |agent: &str| {
        let agent = [(header::USER_AGENT, agent)];
        let answer = house.send(As::Stranger, Method::GET, "/api/v1/cameras", &agent, None).await;
        assert_eq!(answer.status, 401);
        answer.headers.get_all(header::WWW_AUTHENTICATE).iter().count()
    };
    assert_eq!(challenges("VLC/3.0.20 LibVLC/3.0.20").await, 2);
    assert_eq!(challenges("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101").await, 1);
}
