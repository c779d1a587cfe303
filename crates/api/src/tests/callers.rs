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
    assert!(root.get("version").is_none() && root.get("archive").is_none());
    assert_eq!(root["setup_needed"], false);
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
