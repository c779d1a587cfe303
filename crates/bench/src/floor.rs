//! The floor `depay-tick:100`: the least that a receiver of H.264 over RTSP and TCP can do. It
//! reads all sockets once in a tenth of a second, takes RTP out of the interleaving, puts access
//! units together and writes them once a GOP. It answers nothing, checks nothing, and keeps no
//! hash, no index and nothing durable; one thread, and no code of the recorder's in the path.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base::Shutdown;
use serde_json::Value;
use world::{Clock, SystemClock};

const TICK: Duration = Duration::from_millis(100);
const READ: usize = 256 << 10;
/// `$`, channel, length of two bytes (RFC 2326 section 10.12).
const INTERLEAVED: usize = 4;

/// Receives all of `urls` until it is killed; one file each in `dir`.
pub fn receive(dir: &Path, urls: &[String]) -> Result<Vec<Value>> {
    let cameras = urls.iter().enumerate().map(|(number, url)| {
        let file = File::create(dir.join(format!("{number}.h264")))?;
        Camera::open(url, file).with_context(|| format!("cannot play {url}"))
    });
    let mut cameras = cameras.collect::<Result<Vec<_>>>()?;
    let (clock, mut buffer) = (SystemClock::new(), vec![0; READ]);
    let mut due = clock.mono();
    loop {
        for camera in &mut cameras {
            camera.read(&mut buffer)?;
        }
        due = due.max(clock.mono() - TICK) + TICK;
        clock.wait(&Shutdown::new(), due);
    }
}

/// One session that plays.
struct Camera {
    socket: TcpStream,
    /// The part of an interleaved packet that has come.
    rest: Vec<u8>,
    units: Units,
}

impl Camera {
    fn open(url: &str, file: File) -> Result<Self> {
        let host = url.strip_prefix("rtsp://").and_then(|rest| rest.split('/').next());
        let mut socket = TcpStream::connect(host.context("no host")?)?;
        ask(&mut socket, "DESCRIBE", url, "CSeq: 1\r\nAccept: application/sdp\r\n")?;
        let track = format!("{url}/trackID=0");
        let transport = "CSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
        let answer = ask(&mut socket, "SETUP", &track, transport)?;
        let session = answer.lines().find_map(|line| line.strip_prefix("Session: "));
        let session = session.and_then(|line| line.split(';').next()).context("no session")?;
        ask(&mut socket, "PLAY", url, &format!("CSeq: 3\r\nSession: {session}\r\n"))?;
        socket.set_nonblocking(true)?;
        let units = Units { file, gop: Vec::new(), fragment: None };
        Ok(Self { socket, rest: Vec::new(), units })
    }

    /// All that has come.
    fn read(&mut self, buffer: &mut [u8]) -> Result<()> {
        loop {
            let kept = self.rest.len();
            buffer[..kept].copy_from_slice(&self.rest);
            let room = buffer.len() - kept;
            let len = match self.socket.read(&mut buffer[kept..]) {
                Ok(0) => bail!("the camera closed the connection"),
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let mut bytes = &buffer[..kept + len];
            while let [b'$', channel, high, low, ..] = *bytes {
                let end = INTERLEAVED + usize::from(u16::from_be_bytes([high, low]));
                let Some(packet) = bytes.get(INTERLEAVED..end) else { break };
                if channel == 0 {
                    self.units.packet(packet)?;
                }
                bytes = &bytes[end..];
            }
            ensure!(bytes.first().is_none_or(|first| *first == b'$'), "no interleaved data");
            self.rest.clear();
            self.rest.extend_from_slice(bytes);
            if len < room {
                return Ok(());
            }
        }
    }
}

/// The newest GOP, each NAL unit after its length.
struct Units {
    file: File,
    gop: Vec<u8>,
    /// Where a unit stands that comes in fragments.
    fragment: Option<usize>,
}

impl Units {
    /// One RTP packet without extension or padding (RFC 3550 section 5.1), its payload by RFC 6184.
    fn packet(&mut self, packet: &[u8]) -> Result<()> {
        let payload = packet.get(12..).filter(|payload| payload.len() > 2).context("no payload")?;
        match payload[0] & 0x1f {
            1..=23 => {
                self.begin(payload[0])?;
                self.gop.extend((payload.len() as u32).to_be_bytes());
                self.gop.extend_from_slice(payload);
            }
            28 => {
                let (indicator, header) = (payload[0], payload[1]);
                if header & 0x80 != 0 {
                    let first = (indicator & 0xe0) | (header & 0x1f);
                    self.begin(first)?;
                    self.fragment = Some(self.gop.len());
                    self.gop.extend([0, 0, 0, 0, first]);
                }
                self.gop.extend_from_slice(&payload[2..]);
                if header & 0x40 != 0 {
                    let at = self.fragment.take().context("a fragment without a beginning")?;
                    let len = (self.gop.len() - at - 4) as u32;
                    self.gop[at..at + 4].copy_from_slice(&len.to_be_bytes());
                }
            }
            kind => bail!("payloads of kind {kind} are not sent by the test camera"),
        }
        Ok(())
    }

    /// Before a sequence parameter set, which the test camera puts in front of each key frame, what
    /// came so far is written.
    fn begin(&mut self, first: u8) -> Result<()> {
        if first & 0x1f == 7 && !self.gop.is_empty() {
            self.file.write_all(&self.gop)?;
            self.gop.clear();
        }
        Ok(())
    }
}

/// A request and its answer, without a body.
fn ask(socket: &mut TcpStream, method: &str, url: &str, headers: &str) -> Result<String> {
    socket.write_all(format!("{method} {url} RTSP/1.0\r\n{headers}\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    // Byte by byte: what follows PLAY's answer is media.
    while !answer.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    let answer = String::from_utf8(answer)?;
    ensure!(answer.starts_with("RTSP/1.0 200"), "{method}: {answer}");
    let length = answer.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(Ok(0), str::parse)?];
    socket.read_exact(&mut body)?;
    Ok(answer)
}
