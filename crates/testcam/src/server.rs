//! The listener: one task per connection.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::auth::{self, Login};
use crate::clip::Clip;
use crate::faults::Faults;
use crate::player::{Next, Player};
use crate::request::Request;
use crate::sdp;

/// What to serve.
#[derive(Clone, Debug, Default)]
pub struct TestCamOptions {
    /// Where to listen; `None` for a free port of 127.0.0.1.
    pub listen: Option<SocketAddr>,
    /// First part of the URL's path → MP4 file. Several paths may play the same file.
    pub clips: Vec<(String, PathBuf)>,
    /// Who may watch; `None` for everybody.
    pub login: Option<Login>,
    /// Puts a stamp into every video access unit, so that frames can be told apart.
    pub stamp: bool,
    /// All sessions show what a real camera would at that moment: they begin at the key frame
    /// after the server's own time in the loop. Otherwise each begins at the start of its clip.
    pub live: bool,
}

/// Why a camera cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The clip cannot be read.
    #[error("cannot read the clip {path}: {why}")]
    Clip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The port cannot be had.
    #[error("cannot listen on {at}: {source}")]
    Listen {
        /// The address.
        at: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// A camera at work; it stops, and closes all connections, when dropped.
pub struct TestCam {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: tokio::task::JoinHandle<()>,
}

struct Shared {
    clips: Vec<(String, Arc<Clip>)>,
    login: Option<Login>,
    stamp: bool,
    live: bool,
    started: Instant,
    sessions: AtomicU32,
    /// Sessions that are playing now.
    playing: AtomicU32,
    teardowns: AtomicU32,
    random: AtomicU64,
}

impl TestCam {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, with faults, as in `url("door;stall=2")`.
    pub fn url(&self, path: &str) -> String {
        format!("rtsp://{}/{path}", self.address)
    }

    /// Sessions that are playing now.
    pub fn playing(&self) -> u32 {
        self.shared.playing.load(Ordering::Relaxed)
    }

    /// TEARDOWN requests that it got.
    pub fn teardowns(&self) -> u32 {
        self.shared.teardowns.load(Ordering::Relaxed)
    }
}

impl Drop for TestCam {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Reads the clips and serves them on the current tokio runtime until the answer is dropped.
pub async fn serve(options: TestCamOptions) -> Result<TestCam, ServeError> {
    let mut clips: Vec<(String, Arc<Clip>)> = Vec::new();
    let mut read: Vec<(PathBuf, Arc<Clip>)> = Vec::new();
    for (name, path) in options.clips {
        let known = read.iter().find(|(of, _)| *of == path).map(|(_, clip)| clip.clone());
        let clip = match known {
            Some(clip) => clip,
            None => match Clip::load(&path) {
                Ok(clip) => Arc::new(clip),
                Err(why) => return Err(ServeError::Clip { path, why }),
            },
        };
        read.push((path, clip.clone()));
        clips.push((name, clip));
    }
    let at = options.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let bound = TcpListener::bind(at).await.and_then(|l| l.local_addr().map(|at| (l, at)));
    let (listener, address) = bound.map_err(|source| ServeError::Listen { at, source })?;
    let shared = Arc::new(Shared {
        clips,
        login: options.login,
        stamp: options.stamp,
        live: options.live,
        started: Instant::now(),
        sessions: AtomicU32::new(0),
        playing: AtomicU32::new(0),
        teardowns: AtomicU32::new(0),
        random: AtomicU64::new(RandomState::new().hash_one(address)),
    });
    let listener = tokio::spawn(accept(listener, shared.clone()));
    Ok(TestCam { address, shared, listener })
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((socket, _)) => {
                let session = shared.sessions.fetch_add(1, Ordering::Relaxed);
                connections.spawn(converse(socket, shared.clone(), session));
            }
            Err(why) => {
                tracing::warn!(%why, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(socket: TcpStream, shared: Arc<Shared>, session: u32) {
    let _ = socket.set_nodelay(true);
    let mut connection = Connection { shared, session, setup: Vec::new(), player: None };
    let (reader, mut writer) = socket.into_split();
    let (ask, mut requests) = mpsc::channel(REQUESTS_MAX);
    // A read that is given up half-way loses what it has read, so it has a task of its own; the
    // set ends it with the connection.
    let mut listening = JoinSet::new();
    listening.spawn(listen(BufReader::new(reader), ask));
    if let Err(why) = connection.serve(&mut requests, &mut writer).await {
        tracing::debug!(%why, session, "a connection ended");
    }
}

/// Requests that may wait for their answers.
const REQUESTS_MAX: usize = 16;

async fn listen<R: AsyncBufRead + Unpin>(mut reader: R, ask: mpsc::Sender<Request>) {
    while let Ok(Some(request)) = Request::read(&mut reader).await {
        if ask.send(request).await.is_err() {
            return;
        }
    }
}

struct Connection {
    shared: Arc<Shared>,
    session: u32,
    /// Tracks that were set up, and their channels.
    setup: Vec<(usize, u8)>,
    player: Option<(Player, Instant, Guard)>,
}

/// Counts a playing session for as long as it lives.
struct Guard(Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.playing.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer: status and reason, further headers, body.
struct Answer(String, String, String);

impl Connection {
    async fn serve<W: AsyncWrite + Unpin>(
        &mut self,
        requests: &mut mpsc::Receiver<Request>,
        writer: &mut W,
    ) -> std::io::Result<()> {
        let mut out = Vec::new();
        loop {
            let due = self.player.as_ref().map(|(player, began, _)| {
                *began + Duration::try_from_secs_f64(player.due()).unwrap_or(FOREVER)
            });
            let due = due.unwrap_or_else(|| Instant::now() + FOREVER);
            let request = tokio::select! {
                biased;
                () = tokio::time::sleep_until(due) => None,
                request = requests.recv() => Some(request),
            };
            match request {
                None => {
                    out.clear();
                    let Some((player, began, _)) = &mut self.player else { continue };
                    let next = player.step(&mut out);
                    writer.write_all(&out).await?;
                    match next {
                        Next::Send => {}
                        Next::Stall => *began += FOREVER,
                        Next::Close => return Ok(()),
                    }
                }
                Some(None) => return Ok(()),
                Some(Some(request)) => match self.answer_in_time(&request).await {
                    Some(Answer(status, headers, body)) => {
                        let sequence = request.header("cseq").unwrap_or("0");
                        let text = format!(
                            "RTSP/1.0 {status}\r\nCSeq: {sequence}\r\nServer: testcam\r\n{headers}\
                             Content-Length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        writer.write_all(text.as_bytes()).await?;
                        if request.method == "TEARDOWN" {
                            return Ok(());
                        }
                    }
                    None => std::future::pending().await,
                },
            }
        }
    }

    /// [`Self::answer`], of which TEARDOWN may take a while.
    async fn answer_in_time(&mut self, request: &Request) -> Option<Answer> {
        let (path, _) = request.path();
        let faults = path.split_once(';').map(|(_, faults)| Faults::parse(faults));
        let parts = faults.and_then(|faults| faults.ok()?.parts);
        if let Some(parts) = parts.filter(|_| request.method == "TEARDOWN") {
            tokio::time::sleep(Duration::try_from_secs_f64(parts).unwrap_or_default()).await;
        }
        self.answer(request)
    }

    /// The answer to a request; `None` to hang.
    fn answer(&mut self, request: &Request) -> Option<Answer> {
        let (path, track) = request.path();
        let (name, faults) = path.split_once(';').unwrap_or((path, ""));
        let faults = match Faults::parse(faults) {
            Ok(faults) => faults,
            Err(why) => return Some(Answer(format!("400 {why}"), String::new(), String::new())),
        };
        let method = &*request.method;
        if faults.hang.as_deref() == Some(method) {
            return None;
        }
        let plain = |status: &str| Answer(status.to_owned(), String::new(), String::new());
        if let Some(login) = &self.shared.login
            && method != "OPTIONS"
            && !auth::admits(login, method, request.header("authorization"))
        {
            return Some(Answer("401 Unauthorized".into(), auth::challenge(login), String::new()));
        }
        let find = |name: &str| {
            let found = self.shared.clips.iter().find(|(of, _)| of == name);
            found.map(|(_, clip)| clip.clone())
        };
        let session = format!("Session: {:08};timeout=60\r\n", self.session);
        Some(match (method, find(name)) {
            ("OPTIONS", _) => {
                let methods = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN";
                Answer("200 OK".into(), format!("Public: {methods}\r\n"), String::new())
            }
            (_, None) => plain("404 Not Found"),
            ("DESCRIBE", Some(clip)) => describe(&clip, &faults, &request.url),
            ("SETUP", Some(_)) => self.set_up(request, &faults, track.unwrap_or(0), &session),
            ("PLAY", Some(clip)) if !self.setup.is_empty() && self.player.is_none() => {
                let other = faults.to.as_deref().and_then(find);
                self.play(clip, other, faults, &request.url, &session)
            }
            ("TEARDOWN", Some(_)) => {
                self.shared.teardowns.fetch_add(1, Ordering::Relaxed);
                self.player = None;
                Answer("200 OK".into(), session, String::new())
            }
            ("GET_PARAMETER", Some(_)) => Answer("200 OK".into(), session, String::new()),
            _ => plain("405 Method Not Allowed"),
        })
    }

    fn set_up(
        &mut self,
        request: &Request,
        faults: &Faults,
        track: usize,
        session: &str,
    ) -> Answer {
        if let Some(status) = faults.setup_status {
            return Answer(format!("{status} As told"), String::new(), String::new());
        }
        if faults.nosound && track > 0 {
            let status = "453 Not Enough Bandwidth".to_owned();
            return Answer(status, String::new(), String::new());
        }
        let transport = request.header("transport").unwrap_or_default();
        if !transport.contains("TCP") {
            return Answer("461 Unsupported Transport".into(), String::new(), String::new());
        }
        let wanted =
            transport.split([';', ',']).find_map(|f| f.trim().strip_prefix("interleaved="));
        let channel = wanted.and_then(|range| range.split('-').next()?.parse::<u8>().ok());
        let channel = channel.unwrap_or(2 * self.setup.len() as u8);
        self.setup.push((track, channel));
        let transport = format!("RTP/AVP/TCP;unicast;interleaved={channel}-{}", channel + 1);
        Answer("200 OK".into(), format!("Transport: {transport}\r\n{session}"), String::new())
    }

    fn play(
        &mut self,
        clip: Arc<Clip>,
        other: Option<Arc<Clip>>,
        faults: Faults,
        url: &str,
        session: &str,
    ) -> Answer {
        let now = Instant::now();
        let start = match self.shared.live {
            true => (now - self.shared.started).as_secs_f64() % clip.seconds().max(0.001),
            false => 0.0,
        };
        let marks = (self.shared.stamp, self.session);
        let random = || self.shared.random();
        let player = Player::new(clip, other, faults, marks, &self.setup, start, random);
        let url = url.trim_end_matches('/');
        let info = player.info().map(|(track, sequence, rtp)| {
            format!("url={url}/trackID={track};seq={sequence};rtptime={rtp}")
        });
        let info: Vec<_> = info.collect();
        self.shared.playing.fetch_add(1, Ordering::Relaxed);
        self.player = Some((player, now, Guard(self.shared.clone())));
        let headers = format!("{session}Range: npt=now-\r\nRTP-Info: {}\r\n", info.join(","));
        Answer("200 OK".into(), headers, String::new())
    }
}

/// Longer than anything waits.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

impl Shared {
    /// Splitmix64.
    fn random(&self) -> u64 {
        let step = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.random.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn describe(clip: &Clip, faults: &Faults, url: &str) -> Answer {
    if let Some(status) = faults.status {
        return Answer(format!("{status} As told"), String::new(), String::new());
    }
    let base = url.trim_end_matches('/');
    let headers = format!("Content-Base: {base}/\r\nContent-Type: application/sdp\r\n");
    Answer("200 OK".into(), headers, sdp::describe(clip, faults))
}
