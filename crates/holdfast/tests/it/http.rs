//! HTTP as a stranger speaks it: over TCP or the socket, one request a connection, with exactly the
//! headers that a test gives, and no redirect followed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Nothing that a test asks for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A way in.
#[derive(Clone, Debug)]
pub enum Door {
    /// As anybody on the network.
    Tcp(SocketAddr),
    /// As a program of the same user.
    Unix(PathBuf),
}

/// A request that is being put together.
pub struct Ask {
    door: Door,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Door {
    /// A GET of a path that begins with `/`.
    pub fn get(&self, path: &str) -> Ask {
        self.ask("GET", path)
    }

    /// Any request.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        let (method, path) = (method.to_owned(), path.to_owned());
        Ask { door: self.clone(), method, path, headers: Vec::new(), body: String::new() }
    }

    /// A WebSocket, and what it says.
    pub async fn watch(&self, path: &str) -> Watcher {
        let Self::Unix(socket) = self else { panic!("tests watch over the socket") };
        let stream = UnixStream::connect(socket).await.expect("the server listens");
        let request = format!("ws://localhost{path}").into_client_request().expect("is a URL");
        let opened = tokio_tungstenite::client_async(request, stream).await;
        Watcher(opened.expect("a WebSocket is opened").0)
    }
}

impl Ask {
    /// With a header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With a JSON body.
    pub fn json(self, value: &Value) -> Self {
        Self { body: value.to_string(), ..self.with("content-type", "application/json") }
    }

    /// With a body of this type.
    pub fn body(self, media: &str, text: &str) -> Self {
        Self { body: text.to_owned(), ..self.with("content-type", media) }
    }

    /// The answer.
    pub async fn send(self) -> Reply {
        let what = format!("{} {}", self.method, self.path);
        let answer = tokio::time::timeout(PATIENCE, self.sent()).await;
        answer.unwrap_or_else(|_| panic!("{what}: no answer in {PATIENCE:?}"))
    }

    async fn sent(self) -> Reply {
        match self.door.clone() {
            Door::Tcp(at) => {
                let stream = TcpStream::connect(at).await.expect("the server listens");
                self.over(stream, &at.to_string()).await
            }
            Door::Unix(path) => {
                let stream = UnixStream::connect(path).await.expect("the server listens");
                self.over(stream, "localhost").await
            }
        }
    }

    async fn over(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        host: &str,
    ) -> Reply {
        let io = TokioIo::new(stream);
        let opened = hyper::client::conn::http1::handshake(io).await;
        let (mut sender, driver) = opened.expect("HTTP is spoken");
        // It ends with the connection.
        tokio::spawn(driver);
        let mut request = Request::builder().method(&*self.method).uri(&self.path);
        if !self.headers.iter().any(|(name, _)| name == "host") {
            request = request.header("host", host);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(self.body))).expect("is a request");
        let answer = sender.send_request(request).await.expect("there is an answer");
        let (head, body) = answer.into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        Reply { status: head.status.as_u16(), headers: head.headers, body }
    }
}

impl Reply {
    /// A header's text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are text"))
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The stable name of the problem that it reports.
    pub fn problem(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }
}

/// A WebSocket that is listened to.
pub struct Watcher(WebSocketStream<UnixStream>);

/// What a WebSocket says.
#[derive(Debug)]
pub enum Said {
    /// A text message.
    Text(Value),
    /// A binary one.
    Bytes(Vec<u8>),
}

impl Watcher {
    /// The next message.
    pub async fn next(&mut self) -> Said {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
            let message = message.expect("a message is due").expect("it is open");
            match message.expect("it is sound") {
                Message::Text(text) => {
                    return Said::Text(serde_json::from_str(&text).expect("is JSON"));
                }
                Message::Binary(bytes) => return Said::Bytes(bytes.to_vec()),
                _ => {}
            }
        }
    }
}
