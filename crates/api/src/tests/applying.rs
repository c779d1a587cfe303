//! What a configuration may say that comes from elsewhere.

use axum::body::Body;
use http::{Method, Request, header};

use super::house::{Answer, As, House};

async fn put(house: &House, who: As, text: &'static str) -> Answer {
    let mut request = Request::new(Body::from(text));
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = "/api/v1/config".parse().unwrap();
    let toml = "application/toml".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, toml);
    house.raw(who, request).await
}

const PLAIN: &str = "[[camera]]
name = \"Yard\"
username = \"me\"
password = \"tulip\"
[camera.stream.main]
url = \"rtsp://192.0.2.10/main\"
";
const FILE: &str = "[[camera]]
name = \"Yard\"
username = \"me\"
password = { file = \"/etc/shadow\" }
[camera.stream.main]
url = \"rtsp://192.0.2.10/main\"
";
const VOLUME: &str = "[[archive.volume]]
name = \"disk1\"
path = \"/srv/holdfast\"
";

#[tokio::test]
async fn files_and_folders_of_the_server_are_named_on_its_socket_only() {
    let house = House::new();
    for text in [PLAIN, FILE, VOLUME] {
        assert_eq!(config::parse_apply(text).map(drop), Ok(()));
        assert_eq!(put(&house, As::Socket, text).await.status, 200, "{text}");
    }
    let audit = house.get(As::Admin, "/api/v1/audit").await.json();
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "each is noted: {audit:#}");
    assert_eq!(entries[0]["what"], "configuration-applied");
    assert_eq!(entries[0]["who"], "the server's own account");
    for who in [As::Admin, As::AdminToken] {
        assert_eq!(put(&house, who, PLAIN).await.status, 200);
        for (text, field) in [(FILE, "camera.password.file"), (VOLUME, "archive.volume")] {
            let answer = put(&house, who, text).await;
            assert_eq!(answer.problem(), "400 bad-input");
            assert_eq!(answer.json()["field"], field);
            let detail = answer.json()["detail"].to_string();
            assert!(detail.contains("holdfast config apply"), "{detail}");
        }
    }
}
