//! A question to a server on its Unix socket: HTTP/1.0, one connection each.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

/// The body of the answer to `GET path`; an error unless the answer is 200.
pub fn get(socket: &Path, path: &str) -> Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket).context("no server answers")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).with_context(|| format!("{path}: no answer"))?;
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let head = head.with_context(|| format!("{path}: the answer has no end of head"))?;
    let body = answer.split_off(head + 4);
    let status = String::from_utf8_lossy(&answer);
    let status = status.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("{path}: answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}

/// The same as JSON, below `/api/v1`.
pub fn json(socket: &Path, path: &str) -> Result<Value> {
    let body = get(socket, &format!("/api/v1{path}"))?;
    serde_json::from_slice(&body).with_context(|| format!("{path}: the answer is no JSON"))
}
