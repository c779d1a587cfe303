//! Who may what: strangers before and after the first account, cookies, tokens, the socket.

use serde_json::json;

use crate::http::{Door, Reply};
use crate::server::{Server, Setup};

const PASSWORD: &str = "seven-blue-tulips";

/// Routes that everybody may ask: method and path.
const PUBLIC: [(&str, &str); 7] = [
    ("GET", "/api/v1/"),
    ("GET", "/api/v1/openapi.json"),
    ("POST", "/api/v1/login"),
    ("POST", "/api/v1/logout"),
    ("POST", "/api/v1/setup"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
];

/// A server with one camera that is known and cannot be reached.
async fn server(keys: &str) -> Server {
    let mut setup = Setup::with_cameras([("door", "rtsp://127.0.0.1:9/x".to_owned())]);
    setup.server = keys.to_owned();
    Server::start(&setup).await
}

/// Asks all that is not public, as a stranger: every answer is this status and problem.
async fn all_refused(server: &Server, status: u16, problem: &str) {
    let document = server.door().get("/api/v1/openapi.json").send().await.json();
    let paths = document["paths"].as_object().expect("the document has paths");
    let mut asked = 0;
    for (path, methods) in paths {
        for method in methods.as_object().expect("a path has methods").keys() {
            let (method, plain) = (method.to_uppercase(), path.replace("{camera}", "door"));
            if PUBLIC.contains(&(&*method, &**path)) {
                continue;
            }
            let plain = plain.replace("{stream}", "main").replace(['{', '}'], "");
            let mut ask = server.port().ask(&method, &plain);
            if method != "GET" && method != "DELETE" {
                ask = ask.json(&json!({}));
            }
            let reply = ask.send().await;
            assert_eq!(reply.status, status, "{method} {plain}: {}", reply.text());
            assert_eq!(reply.problem(), problem, "{method} {plain}");
            assert!(!reply.text().contains("127.0.0.1"), "nothing is given away");
            asked += 1;
        }
    }
    assert!(asked >= 15, "only {asked} routes were asked");
}

/// The token of the set-up link in the log.
fn link(server: &Server) -> String {
    let log = server.log();
    let after = log.split("/setup#token=").nth(1).expect("the log has a link");
    after.split_whitespace().next().expect("there is a token").to_owned()
}

async fn set_up(port: &Door, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "username": "anna", "password": password });
    port.ask("POST", "/api/v1/setup").json(&body).send().await
}

async fn sign_in(port: &Door, name: &str, password: &str) -> Reply {
    let body = json!({ "username": name, "password": password });
    port.ask("POST", "/api/v1/login").json(&body).send().await
}

/// The cookie that a reply sets, checked to be one that no script reads and no other site sends.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie");
    let mut parts = set.split("; ");
    let pair = parts.next().expect("there is a first part");
    let flags: Vec<&str> = parts.collect();
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(flags.contains(&flag), "{set} has no {flag}");
    }
    assert!(!set.contains("Domain") && !flags.contains(&"Secure"), "{set}");
    let (_, value) = pair.split_once('=').expect("it has a value");
    assert!(value.len() >= 40, "{value} can be guessed");
    pair.to_owned()
}

async fn status(port: &Door, path: &str, header: &str, value: &str) -> u16 {
    port.get(path).with(header, value).send().await.status
}

fn file(server: &Server, text: &str) -> String {
    let path = server.dir().join("password");
    std::fs::write(&path, text).expect("it is written");
    path.display().to_string()
}

/// Standard output of a command that must succeed.
fn run(server: &Server, words: &[&str]) -> String {
    let output = server.command(words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_the_set_up_first_and_nothing_after_it() {
    let server = server("").await;
    let port = server.port();
    all_refused(&server, 403, "not-set-up").await;
    let root = port.get("/api/v1/").send().await.json();
    assert_eq!(
        (&root["setup_needed"], &root["caller"]["kind"]),
        (&json!(true), &json!("anonymous"))
    );
    assert!(root["version"].is_null() && root["archive"].is_null(), "{root:#}");
    assert_eq!(sign_in(&port, "anna", PASSWORD).await.problem(), "not-set-up");
    assert_eq!(port.get("/livez").send().await.status, 200);
    let wrong = "0".repeat(link(&server).len());
    assert_eq!(set_up(&port, &wrong, PASSWORD).await.json()["field"], "token");
    assert_eq!(set_up(&port, &link(&server), "short").await.json()["field"], "password");
    let made = set_up(&port, &link(&server), PASSWORD).await;
    assert_eq!(made.status, 204, "{}", made.text());
    let first = cookie(&made);
    assert_eq!(set_up(&port, &link(&server), PASSWORD).await.status, 400, "a link works once");
    assert_eq!(status(&port, "/api/v1/cameras", "cookie", &first).await, 200);
    all_refused(&server, 401, "not-signed-in").await;
    let wrong = sign_in(&port, "anna", "seven-blue-roses").await;
    assert_eq!((wrong.status, &*wrong.problem()), (401, "wrong-password"));
    assert_eq!(sign_in(&port, "nobody", PASSWORD).await.problem(), "wrong-password");
    let second = cookie(&sign_in(&port, "anna", PASSWORD).await);
    assert_ne!(first, second);
    let out = port.ask("POST", "/api/v1/logout").with("cookie", &*second).send().await;
    assert_eq!((out.status, out.header("set-cookie").contains("Max-Age=0")), (204, true));
    assert_eq!(status(&port, "/api/v1/cameras", "cookie", &second).await, 401);
    assert_eq!(status(&port, "/api/v1/cameras", "cookie", &first).await, 200);
    strangers_names(&server, &first).await;
    guessing_is_slowed(&port).await;
}

/// Pages of other sites, and names that lead other sites' pages here.
async fn strangers_names(server: &Server, cookie: &str) {
    let port = server.port();
    for (host, expected) in [("evil.example.com", 421), ("nvr.local", 200), ("[::1]:80", 200)] {
        let reply = port.get("/api/v1/cameras").with("cookie", cookie).with("host", host);
        assert_eq!(reply.send().await.status, expected, "{host}");
    }
    let logout = || port.ask("POST", "/api/v1/logout").with("origin", "https://evil.example.com");
    assert_eq!(logout().with("cookie", cookie).send().await.problem(), "foreign-origin");
    let upgrade = port.get("/api/v1/cameras/door/streams/main/live");
    let upgrade = upgrade.with("upgrade", "websocket").with("connection", "upgrade");
    let upgrade = upgrade.with("origin", "https://evil.example.com").with("cookie", cookie);
    assert_eq!(upgrade.send().await.problem(), "foreign-origin");
    assert_eq!(status(&port, "/api/v1/cameras", "cookie", cookie).await, 200, "still signed in");
}

async fn guessing_is_slowed(port: &Door) {
    let mut last = 401;
    for _ in 0..8 {
        let reply = sign_in(port, "anna", "seven-blue-roses").await;
        last = reply.status;
        if last == 429 {
            assert!(reply.header("retry-after").parse::<u64>().is_ok_and(|s| s >= 1));
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_tokens_are_made_with_the_server_up_and_down() {
    let mut server = server("hosts = [\"nvr.example.org\"]").await;
    let secret = file(&server, "seven-blue-tulips\n");
    let early = server.command(&["token", "create", "backup"]);
    assert_eq!(early.status.code(), Some(1), "a token needs an account");
    run(&server, &["user", "add", "anna", "--password-file", &secret]);
    let again = server.command(&["user", "add", "anna", "--password-file", &secret]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("anna"));
    let up = run(&server, &["token", "create", "home assistant"]);
    let port = server.port();
    let bearer = |token: &str| format!("Bearer {token}");
    for path in ["/metrics", "/api/v1/cameras", "/api/v1/volumes"] {
        assert_eq!(status(&port, path, "authorization", &bearer(&up)).await, 200, "{path}");
    }
    let mut wrong = up.clone().into_bytes();
    wrong[10] = if wrong[10] == b'x' { b'y' } else { b'x' };
    let wrong = String::from_utf8(wrong).expect("it is text");
    assert_eq!(status(&port, "/metrics", "authorization", &bearer(&wrong)).await, 401);
    let root = port.get("/api/v1/").with("authorization", bearer(&up)).send().await.json();
    assert_eq!(root["caller"], json!({ "kind": "token", "name": "home assistant" }));
    let host = port.get("/api/v1/cameras").with("authorization", bearer(&up));
    assert_eq!(host.with("host", "NVR.example.org").send().await.status, 200);
    run(&server, &["token", "create", "tv up", "--may", "view-live,view-footage"]);
    assert_eq!(server.stop().1.code(), Some(0));
    // Down: the same commands write the catalog themselves.
    run(&server, &["user", "add", "bert", "--password-file", &secret]);
    assert_eq!(run(&server, &["user", "list"]), "anna\nbert");
    let down = run(&server, &["token", "create", "backup", "--days", "1", "--user", "bert"]);
    run(&server, &["token", "create", "tv down", "--may", "view-live,view-footage"]);
    let nobody = server.command(&["token", "create", "x", "--user", "zoe"]);
    assert_eq!(nobody.status.code(), Some(1));
    let weak = file(&server, "short");
    let refused = server.command(&["user", "add", "carl", "--password-file", &weak]);
    assert_eq!(refused.status.code(), Some(1), "a weak password is refused");
    server.start_again().await;
    let port = server.port();
    for token in [&up, &down] {
        assert_eq!(status(&port, "/api/v1/cameras", "authorization", &bearer(token)).await, 200);
    }
    assert_eq!(sign_in(&port, "bert", PASSWORD).await.status, 204);
    let tokens = server.json("/tokens").await;
    let may = |name: &str| {
        let mut tokens = tokens["tokens"].as_array().into_iter().flatten();
        tokens.find(|it| it["name"] == name).map(|it| it["permissions"].clone())
    };
    assert_eq!(may("home assistant"), may("backup"), "the same, up and down: {tokens:#}");
    let looks = Some(json!(["view-live", "view-footage"]));
    assert_eq!((may("tv up"), may("tv down")), (looks.clone(), looks), "{tokens:#}");
    let users = server.json("/users").await;
    assert_eq!(users["users"].as_array().map(Vec::len), Some(2), "{users:#}");
    assert!(!users.to_string().contains("argon2"), "no hash is shown");
    let log = server.log();
    assert_eq!(log.matches("/setup#token=").count(), 1, "no link once there is an account: {log}");
    for told in [&up, &down, PASSWORD] {
        assert!(!log.contains(told), "no secret is logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_network_may_do_without_accounts_until_there_is_one() {
    let server = server("allow_unauthenticated = true").await;
    let (port, door) = (server.port(), server.door());
    for path in ["/api/v1/cameras", "/api/v1/volumes", "/api/v1/config", "/metrics"] {
        assert_eq!(port.get(path).send().await.status, 200, "{path}");
        assert_eq!(door.get(path).send().await.status, 200, "{path}");
    }
    let rebound = port.get("/api/v1/cameras").with("host", "evil.example.com").send().await;
    assert_eq!(rebound.status, 421);
    let secret = file(&server, PASSWORD);
    run(&server, &["user", "add", "anna", "--password-file", &secret]);
    all_refused(&server, 401, "not-signed-in").await;
    assert_eq!(door.get("/api/v1/config").send().await.status, 200, "the socket stays open");
}
