//! Clients that stop reading, over real sockets.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use base::Shutdown;
use http_body_util::StreamBody;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

use super::*;
use crate::peer::Peer;
use crate::serve::run;

const ALL: usize = 16 << 20;

/// What was made of a body, and what of that somebody still holds.
#[derive(Clone, Default)]
struct Made {
    bytes: Arc<AtomicUsize>,
    held: Arc<AtomicUsize>,
    room: Room,
}

struct Part(Vec<u8>, Made);

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.1.held.fetch_sub(self.0.len(), Relaxed);
    }
}

/// The byte at a place of the body.
fn byte(at: usize) -> u8 {
    (at % 251) as u8
}

/// A body whose parts are as long as there is room.
fn body(made: Made) -> Body {
    let parts = futures_util::stream::unfold(0, move |from| {
        let made = made.clone();
        async move {
            let part: Vec<u8> = (from..ALL).take(made.room.bytes()).map(byte).collect();
            let to = from + part.len();
            made.bytes.store(to, Relaxed);
            made.held.fetch_add(part.len(), Relaxed);
            let part = Bytes::from_owner(Part(part, made));
            (to > from).then(|| (Ok::<_, std::convert::Infallible>(Frame::data(part)), to))
        }
    });
    Body::new(StreamBody::new(parts))
}

/// Serves that body on one connection. The client asks, reads nothing until nothing more is made,
/// and then all. What was made and held when it stopped, and how long a part could have been.
async fn stalled(socket: Socket, mut client: impl AsyncRead + AsyncWrite + Unpin) -> [usize; 3] {
    let made = Made::default();
    let of = made.clone();
    let answer = move || async move {
        let length =
            [(http::header::CONTENT_LENGTH, ALL)].map(|(name, all)| (name, all.to_string()));
        (axum::Extension(of.room.clone()), length, body(of))
    };
    let router = Router::new().route("/", get(answer));
    tokio::spawn(run(Outlet::new(socket), Peer::Unix(None), router, Shutdown::new()));
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut seen, mut quiet) = (0, 0);
    while seen == 0 || quiet < 20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let bytes = made.bytes.load(Relaxed);
        quiet = if bytes == seen { quiet + 1 } else { 0 };
        seen = bytes;
    }
    let held = made.held.load(Relaxed);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    let file = answer.split_off(answer.len() - ALL);
    assert!(file.iter().enumerate().all(|(at, read)| *read == byte(at)));
    assert_eq!(made.held.load(Relaxed), 0);
    [seen, held, made.room.bytes()]
}

async fn pair(receives: Option<u32>) -> (Socket, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(bytes) = receives {
        socket.set_recv_buffer_size(bytes).unwrap();
    }
    let client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
    (Socket::Tcp(listener.accept().await.unwrap().0), client)
}

#[tokio::test]
async fn a_connection_whose_client_stops_reading_holds_nothing_of_the_answer() {
    let (socket, client) = pair(None).await;
    let [_, held, _] = stalled(socket, client).await;
    assert_eq!(held, 0);
    let (socket, client) = UnixStream::pair().unwrap();
    let [_, held, _] = stalled(Socket::Unix(socket), client).await;
    assert_eq!(held, 0);
}

#[tokio::test]
async fn the_system_keeps_little_of_an_answer_for_a_client_that_stops_reading() {
    let window = 64 << 10;
    let (socket, client) = pair(Some(window)).await;
    let [bytes, held, _] = stalled(socket, client).await;
    // It doubles what was asked for, for its own needs.
    let bound = 2 * window as usize + limits::HTTP_UNSENT_BYTES_MAX;
    assert!(held == 0 && bytes <= bound, "{bytes} bytes were taken, and {held} held");
}

#[tokio::test]
async fn slices_are_long_where_the_client_is_fast_and_short_where_the_system_keeps_little() {
    let (socket, client) = pair(None).await;
    let [_, _, room] = stalled(socket, client).await;
    assert_eq!(room, limits::BODY_SLICE_BYTES_MAX);
    let (socket, client) = pair(Some(8 << 10)).await;
    if let Socket::Tcp(socket) = &socket {
        socket2::SockRef::from(socket).set_send_buffer_size(40 << 10).unwrap();
    }
    let [_, held, room] = stalled(socket, client).await;
    assert_eq!((held, room), (0, 20 << 10));
}
