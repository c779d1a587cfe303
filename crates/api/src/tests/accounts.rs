//! Signing in and out, accounts, tokens.

use access::{SecretToken, SetUpLink};
use base::WallTime;
use catalog::Change;
use http::{Method, header};
use serde_json::json;

use super::house::{Answer, As, House, START, anna};

/// Asks as whoever holds the cookie of `answer`.
async fn with_cookie(house: &House, answer: &Answer, path: &str) -> Answer {
    let cookie = answer.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
    let headers = [(header::COOKIE, cookie.as_str())];
    house.send(As::Stranger, Method::GET, path, &headers, None).await
}

fn link(house: &House, user: Option<base::UserId>, expires: WallTime) -> String {
    let secret = SecretToken::new([77; 32]);
    house.put([Change::PutSetUpLink(SetUpLink { secret: secret.hash(), user, expires })]);
    secret.expose()
}

#[tokio::test]
async fn signing_in_gives_a_cookie_that_only_this_site_sends() {
    let house = House::with_password();
    let answer = house.post(As::Stranger, "/api/v1/login", anna()).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header(header::SET_COOKIE);
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    let root = with_cookie(&house, &answer, "/api/v1/").await.json();
    assert_eq!(root["caller"], json!({ "kind": "user", "name": "Anna" }));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_guessing_slows_down() {
    let house = House::with_password();
    let wrong = json!({ "username": "anna", "password": "wrong" });
    let nobody = json!({ "username": "nobody", "password": "wrong" });
    let answer = house.post(As::Stranger, "/api/v1/login", nobody).await;
    assert_eq!(answer.problem(), "401 wrong-password");
    let mut last = house.post(As::Stranger, "/api/v1/login", wrong.clone()).await;
    for _ in 0..10 {
        if last.status == 429 {
            break;
        }
        assert_eq!(last.problem(), "401 wrong-password");
        last = house.post(As::Stranger, "/api/v1/login", wrong.clone()).await;
    }
    assert_eq!(last.problem(), "429 too-many-attempts");
    let seconds: u64 = last.header(header::RETRY_AFTER).parse().unwrap();
    assert_eq!(last.json()["retry_after_s"], seconds);
    // The right one has to wait too, and then opens.
    let answer = house.post(As::Stranger, "/api/v1/login", anna()).await;
    assert_eq!(answer.problem(), "429 too-many-attempts");
    house.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(house.post(As::Stranger, "/api/v1/login", anna()).await.status, 204);
}

#[tokio::test]
async fn a_stranger_elsewhere_keeps_nobody_out() {
    let house = House::with_password();
    for _ in 0..30 {
        let wrong = json!({ "username": "anna", "password": "wrong" });
        house.post(As::Stranger, "/api/v1/login", wrong).await;
    }
    house.clock.advance(std::time::Duration::from_secs(2));
    let answer = house.post(As::Stranger, "/api/v1/login", anna()).await;
    assert_eq!(answer.problem(), "429 too-many-attempts");
    assert_eq!(house.post(As::OtherUid, "/api/v1/login", anna()).await.status, 204);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let house = House::with_password();
    let answer = house.post(As::Stranger, "/api/v1/login", anna()).await;
    let cookie = answer.header(header::SET_COOKIE).split(';').next().unwrap();
    let headers = [(header::COOKIE, cookie)];
    let out = house.send(As::Stranger, Method::POST, "/api/v1/logout", &headers, None).await;
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"));
    let after = with_cookie(&house, &answer, "/api/v1/cameras").await;
    assert_eq!(after.problem(), "401 not-signed-in");
}

/// A session that has not been used for a day is prolonged at the next request: also at the one
/// that ends it.
#[tokio::test]
async fn a_session_that_was_due_to_be_prolonged_ends_all_the_same() {
    let house = House::with_password();
    let out = house.send(As::Admin, Method::POST, "/api/v1/logout", &[], None).await;
    assert_eq!(out.status, 204);
    // What was begun beside the request comes to its end.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let after = house.send(As::Admin, Method::GET, "/api/v1/cameras", &[], None).await;
    assert_eq!(after.problem(), "401 not-signed-in");
}

#[tokio::test]
async fn the_first_account_is_made_once_with_the_printed_link() {
    let house = House::without_account();
    let token = link(&house, None, START.plus_micros(7_200_000_000));
    let setup = |token: &str, password: &str| {
        let username = "Anna";
        json!({ "token": token, "username": username, "password": password })
    };
    let path = "/api/v1/setup";
    let good = "correct horse battery";
    let answer = house.post(As::Stranger, path, setup("nonsense", good)).await;
    assert_eq!((answer.problem(), answer.json()["field"].clone()), {
        ("400 bad-input".into(), "token".into())
    });
    let answer = house.post(As::Stranger, path, setup(&token, "short")).await;
    assert_eq!(answer.json()["field"], "password");
    let answer = house.post(As::Stranger, path, json!({ "token": token })).await;
    assert_eq!(answer.json()["field"], "username");
    let answer = house.post(As::Stranger, path, setup(&token, good)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(with_cookie(&house, &answer, "/api/v1/cameras").await.status, 200);
    let again = house.post(As::Stranger, path, setup(&token, good)).await;
    assert_eq!(again.json()["field"], "token");
}

#[tokio::test]
async fn a_link_of_an_account_signs_in_once() {
    let house = House::new();
    let anna = house.app.catalog().user_by_name("anna").unwrap().unwrap().id;
    let token = link(&house, Some(anna), START.plus_micros(7_200_000_000));
    let answer = house.post(As::Stranger, "/api/v1/setup", json!({ "token": token })).await;
    assert_eq!(answer.status, 204);
    assert_eq!(with_cookie(&house, &answer, "/api/v1/users").await.status, 200);
    let again = house.post(As::Stranger, "/api/v1/setup", json!({ "token": token })).await;
    assert_eq!(again.json()["field"], "token");
    let late = link(&house, Some(anna), START);
    let answer = house.post(As::Stranger, "/api/v1/setup", json!({ "token": late })).await;
    assert_eq!(answer.json()["field"], "token");
}

#[tokio::test]
async fn accounts_are_made_with_care() {
    let house = House::new();
    let new = |name: &str, word: &str| json!({ "username": name, "password": word });
    let path = "/api/v1/users";
    let good = "a long enough one";
    let made = house.post(As::Admin, path, new("Cara", good)).await;
    assert_eq!((made.status.as_u16(), made.json()["username"].clone()), (201, "Cara".into()));
    let taken = house.post(As::Admin, path, new("cara", good)).await;
    assert_eq!(taken.problem(), "409 name-taken");
    for (body, field) in [
        (new("", good), "username"),
        (new(" Dan", good), "username"),
        (new("Dan", "short"), "password"),
        (json!({ "username": "Dan" }), "password"),
        (json!({ "username": "Dan", "password": good, "role": "x" }), "role"),
    ] {
        let answer = house.post(As::Admin, path, body).await;
        assert_eq!(answer.problem(), "400 bad-input");
        assert_eq!(answer.json()["field"], field);
    }
    let users = house.get(As::Admin, path).await.json();
    let names = users["users"].as_array().unwrap().iter().map(|user| user["username"].clone());
    assert_eq!(names.collect::<Vec<_>>(), ["Anna", "Ben", "Cara"]);
    assert!(!users.to_string().contains("argon2"));
}

#[tokio::test]
async fn a_token_opens_what_it_says_until_it_is_revoked() {
    let house = House::new();
    let body = json!({ "name": "wall", "permissions": ["view-live"] });
    let made = house.post(As::Admin, "/api/v1/tokens", body.clone()).await;
    assert_eq!(made.status, 201);
    let bearer = format!("Bearer {}", made.json()["secret"].as_str().unwrap());
    let ask = async |path: &str| {
        let headers = [(header::AUTHORIZATION, bearer.as_str())];
        house.send(As::Stranger, Method::GET, path, &headers, None).await
    };
    assert_eq!(ask("/api/v1/cameras").await.status, 200);
    assert_eq!(ask("/api/v1/users").await.problem(), "403 forbidden");
    let again = house.post(As::Admin, "/api/v1/tokens", body.clone()).await;
    assert_eq!(again.problem(), "409 name-taken");
    let listed = house.get(As::Admin, "/api/v1/tokens").await;
    assert!(!String::from_utf8(listed.bytes).unwrap().contains("hf_"));
    let gone = house.send(As::Admin, Method::DELETE, "/api/v1/tokens/wall", &[], None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(ask("/api/v1/cameras").await.problem(), "401 not-signed-in");
    // On the socket nobody is meant unless named.
    let unnamed = house.post(As::Socket, "/api/v1/tokens", body).await;
    assert_eq!(unnamed.json()["field"], "username");
}

#[tokio::test]
async fn nobody_gives_away_what_they_do_not_have() {
    let house = House::new();
    let body = json!({
        "name": "half", "permissions": ["manage-system", "signed-in"],
    });
    let made = house.post(As::Admin, "/api/v1/tokens", body).await.json();
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let headers = [(header::AUTHORIZATION, bearer.as_str())];
    let user = json!({ "username": "Eve", "password": "a long enough one" });
    let path = "/api/v1/users";
    let answer = house.send(As::Stranger, Method::POST, path, &headers, Some(user)).await;
    assert_eq!(answer.problem(), "403 forbidden");
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let house = House::new();
    let own = house.get(As::Viewer, "/api/v1/sessions").await.json();
    assert_eq!(own["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(own["sessions"][0]["current"], true);
    let all = house.get(As::Admin, "/api/v1/sessions").await.json();
    let other = all["sessions"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/sessions/{other}");
    let answer = house.send(As::Viewer, Method::DELETE, &path, &[], None).await;
    assert_eq!(answer.problem(), "404 not-found");
    let mine = format!("/api/v1/sessions/{}", own["sessions"][0]["id"].as_str().unwrap());
    assert_eq!(house.send(As::Viewer, Method::DELETE, &mine, &[], None).await.status, 204);
    assert_eq!(house.get(As::Viewer, "/api/v1/cameras").await.problem(), "401 not-signed-in");
}
