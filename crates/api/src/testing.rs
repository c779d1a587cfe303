//! A whole system for tests: a catalog in memory, made-up footage, a clock that is set by hand.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use access::{PasswordHash, Permissions, SecretToken, Session, Token, User};
use axum::body::Body;
use axum::response::Response;
use base::{
    ArchiveId, CameraId, RunId, SegmentId, Shutdown, StreamId, Ticks, UserId, VolumeId, WallTime,
};
use catalog::{
    CameraRow, Catalog, Change, Options, SegmentRow, SegmentState, SegmentTrack, StreamRow,
    TimelineSpans, VolumeRow, Writer,
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use live::LiveHub;
use media::{
    Anchor, Chunk, Sample, SegmentIndex, TrackIndex, TrackParams, VideoCodec, VideoParams,
};
use playback::{SegmentFile, Source, SourceError};
use tower::ServiceExt;
use world::sim::{SeededEntropy, SimClock};

use crate::app::{App, Parts, Settings};
use crate::caller::{Peer, cookie_name};
use crate::operations::*;

/// Where footage begins: 2026-11-22T20:00:00Z.
pub(crate) const START: WallTime = WallTime::from_micros(1_795_377_600_000_000);
pub(crate) const MAIN: StreamId = StreamId::from_bytes([11; 16]);
pub(crate) const SUB: StreamId = StreamId::from_bytes([12; 16]);
const CAMERA: CameraId = CameraId::from_bytes([10; 16]);
const VOLUME: VolumeId = VolumeId::from_bytes([13; 16]);
const PASSWORD: &str = "correct horse battery";

/// The system, and what tests turn.
pub(crate) struct House {
    pub app: App,
    pub clock: SimClock,
    pub system: Arc<System>,
    pub shutdown: Shutdown,
    pub live: LiveHub,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    /// The server's own uid on the socket.
    Socket,
    /// Another uid there.
    OtherUid,
    /// Nobody known, over TCP.
    Stranger,
    /// Sessions of accounts.
    Admin,
    Viewer,
    /// A session that has run out.
    Expired,
    /// Tokens of the administrator.
    AdminToken,
    ViewerToken,
    /// A secret that nobody gave out.
    ForgedToken,
}

impl As {
    pub const ALL: [Self; 9] = [
        Self::Socket,
        Self::OtherUid,
        Self::Stranger,
        Self::Admin,
        Self::Viewer,
        Self::Expired,
        Self::AdminToken,
        Self::ViewerToken,
        Self::ForgedToken,
    ];

    fn secret(self) -> SecretToken {
        SecretToken::new([self as u8; 32])
    }

    fn peer(self) -> Peer {
        let uid = rustix::process::getuid().as_raw();
        match self {
            Self::Socket => Peer::Unix(Some(uid)),
            Self::OtherUid => Peer::Unix(Some(uid + 1)),
            _ => Peer::Tcp(([192, 0, 2, 7], 4711).into()),
        }
    }

    fn sign(self, app: &App, headers: &mut HeaderMap) {
        let secret = self.secret().expose();
        let (name, value) = match self {
            Self::Socket | Self::OtherUid | Self::Stranger => return,
            Self::Admin | Self::Viewer | Self::Expired => {
                (header::COOKIE, format!("other=1; {}={secret}", cookie_name(app)))
            }
            Self::AdminToken | Self::ViewerToken | Self::ForgedToken => {
                (header::AUTHORIZATION, format!("Bearer {secret}"))
            }
        };
        headers.insert(name, value.parse().unwrap());
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(300)]);
        write!(f, "{} {:?} {text}", self.status, self.headers)
    }
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and type of a problem: `404 no-footage`.
    pub fn problem(&self) -> String {
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json", "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        format!("{} {}", self.status.as_u16(), json["type"].as_str().unwrap())
    }
}

impl House {
    /// Accounts, cameras and footage; it is one hour after the footage began.
    pub fn new() -> Self {
        let house = Self::without_account();
        let admin = user(1, "Anna", Permissions::ADMINISTRATOR, None);
        let viewer = user(2, "Ben", Permissions::VIEWER, None);
        let (anna, ben) = (admin.id, viewer.id);
        house.put([
            Change::PutUser(admin),
            Change::PutUser(viewer),
            session(As::Admin, anna, 3600),
            session(As::Viewer, ben, 3600),
            session(As::Expired, anna, -1),
            token(As::AdminToken, "admin", anna, Permissions::ADMINISTRATOR),
            token(As::ViewerToken, "viewer", anna, Permissions::VIEWER),
        ]);
        house
    }

    /// The same, and the administrator has a password: see [`anna`].
    pub fn with_password() -> Self {
        let house = Self::new();
        let password = PasswordHash::make(PASSWORD, [1; 16]).unwrap();
        let admin = user(1, "Anna", Permissions::ADMINISTRATOR, Some(password));
        house.put([Change::PutUser(admin)]);
        house
    }

    pub fn without_account() -> Self {
        let options = Options {
            time_zone: jiff_utc(),
            index_cache_bytes: 0,
            new_archive: ArchiveId::from_bytes([14; 16]),
            note: "test".into(),
        };
        let (catalog, writer) = Catalog::memory(&options).unwrap();
        let footage = Arc::new(Footage { catalog: catalog.clone(), files: Mutex::default() });
        let system = Arc::new(System {
            cameras: Mutex::new(vec![camera()]),
            volumes: Mutex::new(vec![volume()]),
            problems: Mutex::default(),
            writer: Mutex::new(writer),
        });
        let clock = SimClock::new(START.plus_micros(3_600_000_000));
        let (shutdown, live) = (Shutdown::new(), LiveHub::new());
        let app = App::new(Parts {
            catalog,
            source: footage.clone(),
            live: live.clone(),
            operations: system.clone(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(1)),
            settings: Settings::default(),
            shutdown: shutdown.clone(),
        });
        let house = Self { app, clock, system, shutdown, live };
        house.put(rows());
        // Ten seconds, a gap of five, ten seconds.
        for (number, second) in [(1, 0), (2, 15)] {
            let (row, index, bytes) = segment(number, START.plus_micros(second * 1_000_000));
            house.put([Change::SegmentSealed { row: row.clone(), index: None }]);
            footage.files.lock().unwrap().insert(row.id, (Arc::new(index), bytes));
        }
        house
    }

    pub fn put(&self, changes: impl Into<Vec<Change>>) {
        self.system.writer.lock().unwrap().apply(&changes.into()).unwrap();
    }

    /// Sends a request with more headers, and a JSON body where there is one.
    pub async fn send(
        &self,
        who: As,
        method: Method,
        path: &str,
        more: &[(header::HeaderName, &str)],
        body: Option<serde_json::Value>,
    ) -> Answer {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        if let Some(body) = body {
            *request.body_mut() = Body::from(body.to_string());
            let json = "application/json".parse().unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, json);
        }
        for (name, value) in more {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        self.raw(who, request).await
    }

    /// Sends a request as it is, signed by `who`.
    pub async fn raw(&self, who: As, mut request: Request<Body>) -> Answer {
        let host = "127.0.0.1:8080".parse().unwrap();
        request.headers_mut().entry(header::HOST).or_insert(host);
        who.sign(&self.app, request.headers_mut());
        request.extensions_mut().insert(who.peer());
        let answer = crate::router(self.app.clone()).oneshot(request).await.unwrap();
        read(answer).await
    }

    pub async fn get(&self, who: As, path: &str) -> Answer {
        self.send(who, Method::GET, path, &[], None).await
    }

    pub async fn post(&self, who: As, path: &str, body: serde_json::Value) -> Answer {
        self.send(who, Method::POST, path, &[], Some(body)).await
    }
}

async fn read(answer: Response) -> Answer {
    let (head, body) = answer.into_parts();
    let bytes = body.collect().await.expect("the body comes whole").to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, bytes }
}

fn jiff_utc() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::UTC
}

fn user(id: u8, name: &str, permissions: Permissions, password: Option<PasswordHash>) -> User {
    let id = UserId::from_bytes([id; 16]);
    User { id, name: name.into(), password, permissions, disabled: false, created: START }
}

fn session(who: As, user: UserId, seconds: i64) -> Change {
    let expires = START.plus_micros((3600 + seconds) * 1_000_000);
    let secret = who.secret().hash();
    Change::PutSession(Session { secret, user, created: START, expires, agent: "test".into() })
}

fn token(who: As, name: &str, user: UserId, permissions: Permissions) -> Change {
    let secret = who.secret().hash();
    let name = name.into();
    Change::PutToken(Token { secret, name, user, permissions, created: START, expires: None })
}

fn rows() -> Vec<Change> {
    let stream = |id, name: &str, record| {
        Change::PutStream(StreamRow {
            id,
            camera: CAMERA,
            name: name.into(),
            url: "rtsp://192.0.2.10/main".into(),
            transport: config::Transport::Auto,
            record,
            paused: false,
            keep: config::Keep::default(),
        })
    };
    vec![
        Change::PutVolume(VolumeRow {
            id: VOLUME,
            name: "disk1".into(),
            path: "/srv/holdfast".into(),
            keep_free: config::KeepFree::default(),
            managed_by_file: true,
        }),
        Change::PutCamera(CameraRow {
            id: CAMERA,
            slug: "front-door".into(),
            name: "Front door".into(),
            managed_by_file: true,
            paused: false,
            removed: false,
            username: None,
            password: None,
        }),
        stream(MAIN, "main", true),
        stream(SUB, "sub", false),
    ]
}

pub(crate) fn video() -> TrackParams {
    let config = [1, 0x42, 0xc0, 30, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 30, 1, 0, 2, 0x68, 0xce];
    TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 640,
        height: 480,
        pixel_aspect: (1, 1),
        config: config.to_vec().into(),
        reorder_depth: 0,
    })
}

/// Ten seconds of 25 frames a second, a key frame a second, 5000 bytes each.
fn segment(number: u8, start: WallTime) -> (SegmentRow, SegmentIndex, Arc<Vec<u8>>) {
    let mut track = TrackIndex::new(Arc::new(video()));
    track.chunks.push(Chunk { first_sample: 0, offset: 100 });
    track.anchors.push(Anchor { first_sample: 0, media: Ticks(0), wall: start });
    for n in 0..250 {
        let key = n % 25 == 0;
        track.samples.push(Sample { size: 5000, duration: 3600, composition_offset: 0, key });
    }
    let bytes: Vec<u8> = (0..100 + 250 * 5000u32).map(|at| (at % 251) as u8 ^ number).collect();
    let index = SegmentIndex { tracks: vec![track] };
    let track = &index.tracks[0];
    let row = SegmentRow {
        id: SegmentId::from_bytes([number; 16]),
        stream: MAIN,
        volume: VOLUME,
        run: RunId::from_bytes([number; 16]),
        camera_slug: "front-door".into(),
        stream_name: "main".into(),
        state: SegmentState::Sealed,
        start,
        end: start.plus_micros(10_000_000),
        bytes: bytes.len() as u64,
        allocated: bytes.len() as u64,
        tracks: vec![SegmentTrack { params: track.params.clone(), totals: track.totals() }],
        predecessor: None,
        last_commit: None,
        end_cause: (number == 1).then(|| "camera-gone".to_owned()),
    };
    (row, index, Arc::new(bytes))
}

type File = (Arc<SegmentIndex>, Arc<Vec<u8>>);

struct Footage {
    catalog: Catalog,
    files: Mutex<HashMap<SegmentId, File>>,
}

impl Source for Footage {
    fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        Ok(self.catalog.segments(stream, from, to)?)
    }

    fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        Ok(self.catalog.segments_before(stream, before, limit)?)
    }

    fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.catalog.segment_after(stream, at)?)
    }

    fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, SourceError> {
        Ok(self.catalog.timeline(stream, from, to, resolution_micros)?)
    }

    fn index(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        Ok(self.files.lock().unwrap()[&segment.id].0.clone())
    }

    fn open(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        let bytes = self.files.lock().unwrap()[&segment.id].1.clone();
        Ok(Arc::new(Bytes(bytes)))
    }
}

struct Bytes(Arc<Vec<u8>>);

impl SegmentFile for Bytes {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let range = offset as usize..offset as usize + buffer.len();
        let found = self.0.get(range).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }
}

/// What `control` would be.
pub(crate) struct System {
    pub cameras: Mutex<Vec<CameraStatus>>,
    pub volumes: Mutex<Vec<VolumeStatus>>,
    pub problems: Mutex<Vec<String>>,
    pub writer: Mutex<Writer>,
}

impl Operations for System {
    fn cameras(&self) -> Vec<CameraStatus> {
        self.cameras.lock().unwrap().clone()
    }

    fn volumes(&self) -> Vec<VolumeStatus> {
        self.volumes.lock().unwrap().clone()
    }

    fn process(&self) -> ProcessStatus {
        ProcessStatus { started: START, cpu_seconds: 1.5, resident_bytes: 30_000_000 }
    }

    fn apply(&self, text: String) -> BoxFuture<'_, Result<Applied, ApplyError>> {
        Box::pin(async move {
            match text.as_str() {
                "good" => Ok(Applied { added: vec!["camera yard".into()], ..Applied::default() }),
                "theirs" => Err(ApplyError::ManagedByFile("camera front-door".into())),
                _ => Err(ApplyError::Invalid("line 1, column 1: no".into())),
            }
        })
    }

    fn export(&self) -> BoxFuture<'_, Result<String, OperationError>> {
        Box::pin(async { Ok("[[camera]]\n".into()) })
    }

    fn commit(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        let done = self.writer.lock().unwrap().apply(&changes);
        Box::pin(async move {
            done.map_err(|error| match error {
                catalog::ApplyError::Refused { why, .. } => why.into(),
                catalog::ApplyError::Database(why) => OperationError(why).into(),
            })
        })
    }

    fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap().clone()
    }
}

fn camera() -> CameraStatus {
    CameraStatus {
        id: CAMERA,
        slug: "front-door".into(),
        name: "Front door".into(),
        managed_by_file: true,
        paused: false,
        streams: vec![stream(MAIN, "main", Recording::On), stream(SUB, "sub", Recording::Off)],
    }
}

fn stream(id: StreamId, name: &str, recording: Recording) -> StreamStatus {
    StreamStatus {
        id,
        name: name.into(),
        state: StreamState::Playing,
        since: Some(START),
        retry_at: None,
        last_error: None,
        warnings: Vec::new(),
        recording,
        recording_problem: None,
        tracks: vec![Arc::new(video())],
        frame_rate: Some(25.0),
        bit_rate: Some(1_000_000),
        frames: 90_000,
        received_bytes: 450_000_000,
        lost_frames: 0,
        lost_packets: 0,
        reconnects: 1,
        waiting_bytes: 100_000,
    }
}

fn volume() -> VolumeStatus {
    VolumeStatus {
        id: Some(VOLUME),
        name: "disk1".into(),
        state: VolumeState::Ok,
        problem: None,
        total_bytes: 1_000_000_000_000,
        free_bytes: 500_000_000_000,
        keep_free_bytes: 50_000_000_000,
        footage_bytes: 2_500_200,
        oldest: Some(START),
        sync_seconds: Some(0.025),
        syncs: 3600,
        sync_failures: 0,
    }
}

/// The administrator's name and password.
pub(crate) fn anna() -> serde_json::Value {
    serde_json::json!({ "username": "anna", "password": PASSWORD })
}
