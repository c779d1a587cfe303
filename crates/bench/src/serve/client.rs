//! A client that does as little as it can: one request a connection, bytes into one buffer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use world::{Clock, SystemClock};

/// How long a read may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// An answer's head is no longer.
const HEAD_MAX: usize = 16 << 10;
const BUFFER: usize = 1 << 20;

/// Of one server on this machine.
#[derive(Clone, Copy)]
pub struct Client(SocketAddr);

/// How much of an answer is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Until {
    FirstByte,
    /// The end of the `moov` that follows the first box.
    Moov,
    All,
}

/// What came, and when, counted from the request.
pub struct Answer {
    pub first: Duration,
    pub all: Duration,
    /// What the head says.
    pub len: u64,
    /// Bytes that were read of it.
    pub body: u64,
    /// Length of the `moov`; 0 where it was not asked for.
    pub moov: u64,
}

/// A connection whose answer is not read.
pub struct Stalled {
    _stream: TcpStream,
    /// Whether bytes of the file have come.
    pub answered: bool,
}

impl Client {
    pub fn new(port: u16) -> Self {
        Self(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// Whether somebody listens.
    pub fn answers(self) -> bool {
        TcpStream::connect(self.0).is_ok()
    }

    /// Reads a file, or a part of it.
    pub fn get(self, path: &str, range: Option<Range<u64>>, until: Until) -> Result<Answer> {
        let clock = SystemClock::new();
        let mut stream = self.connect()?;
        let began = clock.mono();
        ask(&mut stream, path, range)?;
        let (len, mut start) = head(&mut stream, path)?;
        let mut buffer = vec![0; BUFFER];
        let mut body = start.len() as u64;
        if body == 0 {
            let read = stream.read(&mut buffer)?;
            body = read as u64;
            start.extend_from_slice(&buffer[..read]);
        }
        let first = clock.mono().since(began);
        let mut moov = None;
        loop {
            if until == Until::Moov && moov.is_none() {
                moov = tables(&start);
            }
            let wanted = match until {
                Until::FirstByte => 1,
                Until::All => len,
                Until::Moov => moov.map_or(len, |(end, _)| end),
            };
            if body >= wanted {
                break;
            }
            match stream.read(&mut buffer)? {
                0 => break,
                read => {
                    if start.len() < HEAD_MAX {
                        start.extend_from_slice(&buffer[..read.min(HEAD_MAX)]);
                    }
                    body += read as u64;
                }
            }
        }
        let moov = moov.map_or(0, |(_, len)| len);
        Ok(Answer { first, all: clock.mono().since(began), len, body, moov })
    }

    /// Writes a whole file to `to`.
    pub fn save(self, path: &str, to: &Path) -> Result<()> {
        let mut stream = self.connect()?;
        ask(&mut stream, path, None)?;
        let (len, start) = head(&mut stream, path)?;
        let mut file = std::fs::File::create(to)?;
        file.write_all(&start)?;
        let copied = std::io::copy(&mut stream.take(len - start.len() as u64), &mut file)?;
        if start.len() as u64 + copied != len {
            bail!("{path} was broken off");
        }
        Ok(())
    }

    /// Asks for a file, and reads only what comes first.
    pub fn stall(self, path: &str) -> Result<Stalled> {
        let mut stream = self.connect()?;
        ask(&mut stream, path, None)?;
        let answered = head(&mut stream, path).is_ok();
        Ok(Stalled { _stream: stream, answered })
    }

    fn connect(self) -> Result<TcpStream> {
        let stream = TcpStream::connect(self.0)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

fn ask(stream: &mut TcpStream, path: &str, range: Option<Range<u64>>) -> Result<()> {
    let range = range.map(|range| format!("Range: bytes={}-{}\r\n", range.start, range.end - 1));
    let range = range.unwrap_or_default();
    let text =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{range}\r\n");
    Ok(stream.write_all(text.as_bytes())?)
}

/// Reads the head of an answer: the length that it names, and what came with it of the body.
fn head(stream: &mut TcpStream, path: &str) -> Result<(u64, Vec<u8>)> {
    let mut read = Vec::new();
    let mut buffer = vec![0; HEAD_MAX];
    let end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut buffer)? {
            0 => bail!("{path}: no answer"),
            _ if read.len() > HEAD_MAX => bail!("{path}: the answer's head does not end"),
            more => read.extend_from_slice(&buffer[..more]),
        }
    };
    let rest = read.split_off(end + 4);
    let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
    let status = text.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("{path}: {status}");
    }
    let len = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let len = len.with_context(|| format!("{path}: the answer has no length"))?.trim().parse()?;
    Ok((len, rest))
}

/// Where the box after the first one ends, and its length, once both heads are there.
fn tables(start: &[u8]) -> Option<(u64, u64)> {
    let size = |at: usize| {
        let four = start.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    let first = size(0)?;
    let at = usize::try_from(first).ok()?;
    let len = size(at)?;
    (start.get(at + 4..at + 8)? == b"moov")
        .then_some((u64::from(first) + u64::from(len), len.into()))
}
