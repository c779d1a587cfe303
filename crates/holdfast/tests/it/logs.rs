//! The log over the API: what the process says, without the link that makes the first account.

use crate::server::{Server, Setup};

/// What follows `token=` in the log that the system keeps.
fn secret(server: &Server) -> String {
    let log = server.log();
    let after = log.split("/setup#token=").nth(1).expect("the log has a link");
    after.split_whitespace().next().expect("there is a token").to_owned()
}

#[tokio::test]
async fn the_log_is_read_over_the_api_and_has_no_link_in_it() {
    // Served to everybody: a stranger could make the first account with the link.
    let url = "rtsp://127.0.0.1:9/x?password=tulip7".to_owned();
    let mut setup = Setup::with_cameras([("door", url)]);
    setup.server = "allow_unauthenticated = true".to_owned();
    let mut server = Server::start(&setup).await;
    server.wait_for_log("/setup#token=").await;
    let secret = secret(&server);
    let logs = |server: &Server, query: &str| {
        let (port, path) = (server.port(), format!("/api/v1/logs?limit=500{query}"));
        async move { port.get(&path).send().await }
    };
    server.wait_for_log("stream=\"door/main\"").await;
    let text = logs(&server, "").await.text();
    assert!(text.contains("the page is at http://127.0.0.1"), "{text}");
    assert!(text.contains("/setup#token=(hidden)"), "{text}");
    for hidden in [&*secret, &secret[3..20], "tulip7"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    // The camera that cannot be reached is told of, and found by its name.
    let of_door = loop {
        let page = logs(&server, "&camera=door&level=warn").await.json();
        if page["lines"].as_array().is_some_and(|lines| !lines.is_empty()) {
            break page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(of_door["lines"][0]["fields"]["stream"], "door/main");
    assert_eq!(of_door["lines"][0]["camera"], "door");
    let next = of_door["next"].as_u64().expect("a number");
    assert_eq!(logs(&server, &format!("&after={next}")).await.json()["restarted"], false);

    server.stop();
    server.start_again().await;
    let anew = logs(&server, &format!("&after={next}")).await.json();
    assert_eq!(anew["restarted"], true);
    assert!(anew["next"].as_u64() > Some(next), "{anew}");
    assert!(anew.to_string().contains("how the process ended before"), "{anew}");
}
