//! WebSockets and downloads over real sockets, and how they end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{MonoTime, RunId, StreamId, Ticks, WallTime};
use bytes::Bytes;
use futures_util::StreamExt;
use media::{Access, Frame};
use serde_json::{Value, json};
use stream::{ClockEstimate, Epoch, StreamWriter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::house::{As, CAMERA, House, MAIN, START, video};
use crate::serve::{Listener, serve};

const LIVE: &str = "/api/v1/cameras/front-door/streams/main/live";

/// A house that serves on a socket and a port.
struct Served {
    house: House,
    folder: tempfile::TempDir,
    port: u16,
    server: JoinHandle<usize>,
}

impl Served {
    async fn new() -> Self {
        let (house, folder) = (House::new(), tempfile::tempdir().unwrap());
        let tcp = Listener::bind(&config::Listen::Tcp(([127, 0, 0, 1], 0).into())).await.unwrap();
        let path = folder.path().join("s");
        let unix = Listener::bind(&config::Listen::Unix(path)).await.unwrap();
        let port = tcp.tcp_address().unwrap().port();
        let server = tokio::spawn(serve(vec![tcp, unix], house.app.clone()));
        Self { house, folder, port, server }
    }

    async fn unix(&self) -> UnixStream {
        UnixStream::connect(self.folder.path().join("s")).await.unwrap()
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// A WebSocket over the unix socket, where our own uid may do everything.
    async fn socket(&self, path: &str) -> WebSocketStream<UnixStream> {
        let request = format!("ws://nvr{path}").into_client_request().unwrap();
        tokio_tungstenite::client_async(request, self.unix().await).await.unwrap().0
    }

    /// Stops the server; how long that took, and how many connections it cut off.
    async fn stop(self) -> (Duration, usize) {
        let begun = Instant::now();
        self.house.shutdown.request();
        let cut = self.server.await.unwrap();
        (begun.elapsed(), cut)
    }
}

/// The next message, which is due: JSON, or `null` for binary.
async fn next(socket: &mut WebSocketStream<UnixStream>) -> (Value, Vec<u8>) {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(10), socket.next()).await;
        match message.expect("a message is due").expect("it is open").expect("it is sound") {
            Message::Text(text) => return (serde_json::from_str(&text).unwrap(), Vec::new()),
            Message::Binary(bytes) => return (Value::Null, bytes.to_vec()),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A stream that is watched, and sent to.
pub(super) fn camera(house: &House) -> StreamWriter {
    camera_as(house, MAIN)
}

/// The same as another of its streams.
pub(super) fn camera_as(house: &House, stream: StreamId) -> StreamWriter {
    let (mut writer, reader) = stream::stream();
    house.live.add(CAMERA, stream, reader);
    writer.begin_epoch(Arc::new(Epoch {
        run: RunId::from_bytes([1; 16]),
        number: 0,
        tracks: vec![Arc::new(video())],
        begun: START,
    }));
    let offsets = vec![Some(START.as_micros())];
    writer.set_clock(ClockEstimate { offsets, settled: true });
    writer
}

pub(super) fn send(writer: &mut StreamWriter, n: i64) {
    writer.push(Frame {
        track: 0,
        pts: Ticks(n * 3600),
        dts: Ticks(n * 3600),
        duration: 3600,
        access: if n % 25 == 0 { Access::Idr } else { Access::None },
        data: Bytes::from(vec![0, 0, 0, 2, 0x65, n as u8]),
        received: MonoTime::from_micros(n * 40_000),
        received_wall: WallTime::from_micros(START.as_micros() + n * 40_000),
    });
}

#[tokio::test]
async fn live_pictures_come_with_their_beginning_and_their_clock() {
    let served = Served::new().await;
    let mut writer = camera(&served.house);
    let mut socket = served.socket(LIVE).await;
    let (state, _) = next(&mut socket).await;
    assert_eq!(state, json!({ "type": "state", "state": "waiting-for-key-frame" }));
    (0..30).for_each(|n| send(&mut writer, n));
    let (state, _) = next(&mut socket).await;
    assert_eq!((&state["type"], &state["state"]), (&json!("state"), &json!("live")));
    let (init, _) = next(&mut socket).await;
    assert_eq!(init["mime"], "video/mp4; codecs=\"avc1.42c01e\"");
    assert_eq!(init["tracks"][0]["width"], 640);
    let (_, segment) = next(&mut socket).await;
    assert_eq!(segment.get(4..8), Some(&b"ftyp"[..]));
    let (clock, _) = next(&mut socket).await;
    let (_, fragment) = next(&mut socket).await;
    assert_eq!(fragment.get(4..8), Some(&b"moof"[..]));
    // The clock says when the first picture was, by its time in the fragment.
    let at = fragment.windows(4).position(|name| name == b"tfdt").unwrap() + 8;
    let ticks = u64::from_be_bytes(fragment[at..at + 8].try_into().unwrap());
    let media_s = ticks as f64 / 90_000.0;
    let expected =
        json!({ "type": "clock", "media_s": media_s, "wall": "2026-11-22T20:00:01.000000Z" });
    assert_eq!(clock, expected);
    let stream = served.house.get(As::Viewer, LIVE.trim_end_matches("/live")).await.json();
    assert_eq!(stream["viewers"], 1);
    drop(socket);
    while served.house.live.viewers(MAIN) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_stranger_or_a_foreign_page_gets_no_socket() {
    let served = Served::new().await;
    let _writer = camera(&served.house);
    for (origin, expected) in [(None, 401), (Some("http://evil.example.com"), 403)] {
        let address = format!("ws://127.0.0.1:{}{LIVE}", served.port);
        let mut request = address.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::client_async(request, served.tcp().await).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), expected),
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
}

#[tokio::test]
async fn changes_are_told_as_they_happen() {
    let served = Served::new().await;
    let mut socket = served.socket("/api/v1/changes").await;
    assert_eq!(next(&mut socket).await.0["type"], "reset");
    let tail = served.house.app.catalog().tail().clone();
    tail.set_durable_until(MAIN, START.plus_micros(60_000_000));
    let footage = json!({
        "type": "footage",
        "camera": "front-door",
        "stream": "main",
        "durable_until": "2026-11-22T20:01:00.000000Z",
    });
    assert_eq!(next(&mut socket).await.0, footage);
    {
        let mut cameras = served.house.system.cameras.lock().unwrap();
        cameras[0].streams[1].state = crate::operations::StreamState::Waiting;
        cameras[0].streams[1].last_error = Some("no route".into());
        cameras[0].name = "Back door".into();
    }
    assert_eq!(next(&mut socket).await.0["type"], "cameras");
    let state = json!({
        "type": "stream-state",
        "camera": "front-door",
        "stream": "sub",
        "state": "waiting",
        "last_error": "no route",
    });
    assert_eq!(next(&mut socket).await.0, state);
}

#[tokio::test]
async fn stopping_ends_idle_connections_and_sockets_at_once() {
    let served = Served::new().await;
    let _writer = camera(&served.house);
    let mut socket = served.socket(LIVE).await;
    next(&mut socket).await;
    let mut idle = served.tcp().await;
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let path = served.folder.path().join("s");
    let (took, cut) = served.stop().await;
    assert!(took < Duration::from_millis(250), "{took:?}");
    assert_eq!(cut, 0);
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => {
                assert_eq!(u16::from(frame.code), 1001);
                break;
            }
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(!path.exists());
}

#[tokio::test]
async fn stopping_waits_for_a_download_only_so_long() {
    let served = Served::new().await;
    let mut client = served.unix().await;
    let from = START.as_millis();
    let path = format!("/api/v1/cameras/front-door/streams/main/clip.mp4?from={from}&to=");
    let request = format!("GET {path}{} HTTP/1.1\r\nHost: nvr\r\n\r\n", from + 25_000);
    client.write_all(request.as_bytes()).await.unwrap();
    // It takes the head, and then no more.
    client.read_exact(&mut [0; 500]).await.unwrap();
    let (took, cut) = served.stop().await;
    assert_eq!(cut, 1);
    let deadline = base::limits::SHUTDOWN_DRAIN_TIMEOUT;
    assert!(took >= deadline && took < deadline + Duration::from_millis(500), "{took:?}");
}

#[tokio::test]
async fn a_clip_arrives_whole_over_a_real_socket() {
    let served = Served::new().await;
    let mut client = served.unix().await;
    let from = START.as_millis();
    let path = format!("/api/v1/cameras/front-door/streams/main/clip.mp4?from={from}&to=");
    let request =
        format!("GET {path}{} HTTP/1.1\r\nHost: nvr\r\nConnection: close\r\n\r\n", from + 20_000);
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..at].to_vec()).unwrap().to_lowercase();
    let body = answer.len() - at - 4;
    assert!(head.contains(&format!("content-length: {body}")), "{head}");
    assert!(!head.contains("transfer-encoding"));
}

#[tokio::test]
async fn a_socket_file_left_behind_is_replaced_and_one_in_use_is_not() {
    let served = Served::new().await;
    let place = config::Listen::Unix(served.folder.path().join("s"));
    let Err(error) = Listener::bind(&place).await else { panic!("it is in use") };
    assert!(error.to_string().contains("is another one running there?"), "{error}");
    let left = config::Listen::Unix(served.folder.path().join("left"));
    drop(std::os::unix::net::UnixListener::bind(served.folder.path().join("left")).unwrap());
    assert!(Listener::bind(&left).await.is_ok());
}
