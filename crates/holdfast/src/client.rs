//! Speaking with a server that runs on this machine, over its Unix socket.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use config::{Listen, Settings};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

/// The socket that a server makes beside its catalog, whatever else it listens on.
pub const SOCKET: &str = "holdfast.sock";

/// The longest error text that is read.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// A server that answers on a Unix socket.
pub struct Client {
    socket: PathBuf,
}

impl Client {
    /// The server on this socket, whether it answers or not.
    pub fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// The server that runs with these settings, if one answers.
    pub async fn find(settings: &Settings) -> Option<Self> {
        let listed = settings.server.listen.iter().filter_map(|listen| match listen {
            Listen::Unix(path) => Some(path.clone()),
            Listen::Tcp(_) => None,
        });
        let own = settings.archive.catalog.join(SOCKET);
        for socket in std::iter::once(own).chain(listed) {
            if tokio::net::UnixStream::connect(&socket).await.is_ok() {
                return Some(Self { socket });
            }
        }
        None
    }

    /// The answer to a request whose path begins with `/`; redirects are followed.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<Response<Incoming>> {
        let mut path = path.to_owned();
        for _ in 0..4 {
            let answer = self.send_once(&method, &path, body.clone()).await?;
            if !answer.status().is_redirection() {
                return refusal_to_error(answer).await;
            }
            let to = answer.headers().get(hyper::header::LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).context("the server led nowhere")?;
            path = resolved(&path, to);
        }
        bail!("the server sent us round in a circle")
    }

    async fn send_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<Response<Incoming>> {
        let connection = connect(&self.socket).await?;
        let io = TokioIo::new(connection);
        let (mut sender, driver) = hyper::client::conn::http1::handshake(io).await?;
        // It ends with the connection, which ends with the answer.
        tokio::spawn(driver);
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        if let Some((kind, _)) = &body {
            request = request.header("content-type", *kind);
        }
        let body = Full::new(Bytes::from(body.map(|(_, text)| text).unwrap_or_default()));
        Ok(sender.send_request(request.body(body)?).await?)
    }

    /// The whole body of a successful answer, as text.
    pub async fn text(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Result<String> {
        let answer = self.send(method, path, body).await?;
        let bytes = answer.into_body().collect().await?.to_bytes();
        String::from_utf8(bytes.into()).context("the server answered with something else than text")
    }
}

/// Where a `Location` leads from `path` (RFC 3986 section 5): another query, or another path.
fn resolved(path: &str, to: &str) -> String {
    match to.starts_with('?') {
        true => format!("{}{to}", path.split('?').next().unwrap_or_default()),
        false => to.to_owned(),
    }
}

async fn connect(socket: &Path) -> Result<tokio::net::UnixStream> {
    let connection = tokio::net::UnixStream::connect(socket).await;
    connection.with_context(|| format!("no server answers on {}", socket.display()))
}

/// What the server says in words when it refuses (RFC 9457).
async fn refusal_to_error(answer: Response<Incoming>) -> Result<Response<Incoming>> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = http_body_util::Limited::new(answer.into_body(), ERROR_BYTES_MAX).collect().await;
    let bytes = body.map(|body| body.to_bytes()).unwrap_or_default();
    let problem: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let word = |key: &str| problem.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    Err(anyhow!(word("detail").or(word("title")).unwrap_or_else(|| words_of(status))))
}

fn words_of(status: StatusCode) -> String {
    format!("the server refused: {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_may_name_a_query_alone() {
        assert_eq!(
            resolved("/a/clip.mp4?from=1&to=now", "?from=1&to=2"),
            "/a/clip.mp4?from=1&to=2"
        );
        assert_eq!(resolved("/a/clip.mp4?from=1", "/b?x=1"), "/b?x=1");
    }
}
