//! A whole system for tests: a catalog in memory, made-up footage, a clock that is set by hand.

use std::sync::{Arc, Mutex};

use access::{PasswordHash, Permission, Permissions, SecretToken, Session, Token, User};
use axum::body::Body;
use axum::response::Response;
use base::{ArchiveId, CameraId, Shutdown, StreamId, UserId, VolumeId, WallTime};
use catalog::{CameraRow, Catalog, Change, Options, SegmentRow, StreamRow, VolumeRow};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use live::LiveHub;
use logs::Log;
use media::{Activity, SegmentIndex, TrackParams};
use still::Program;
use tower::ServiceExt;
use world::sim::{SeededEntropy, SimClock};

use crate::app::{App, Parts, Settings};
use crate::caller::cookie_name;
use crate::peer::Peer;
use crate::stills::Drawing;

mod footage;
mod system;

pub(crate) use footage::video;
use footage::{Footage, segment};
use system::{System, camera, volume};

/// Where footage begins: 2026-11-22T20:00:00Z.
pub(crate) const START: WallTime = WallTime::from_micros(1_795_377_600_000_000);
pub(crate) const MAIN: StreamId = StreamId::from_bytes([11; 16]);
pub(crate) const SUB: StreamId = StreamId::from_bytes([12; 16]);
pub(super) const CAMERA: CameraId = CameraId::from_bytes([10; 16]);
pub(crate) const VOLUME: VolumeId = VolumeId::from_bytes([13; 16]);
const PASSWORD: &str = "correct horse battery";

/// The system, and what tests turn.
pub(crate) struct House {
    pub app: App,
    pub clock: SimClock,
    pub system: Arc<System>,
    pub shutdown: Shutdown,
    pub live: LiveHub,
    pub log: Log,
    router: axum::Router,
    footage: Arc<Footage>,
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
    /// One that may change cameras and look at nothing.
    CamerasToken,
    /// One that may change the system and delete nothing.
    SystemToken,
    /// A secret that nobody gave out.
    ForgedToken,
}

impl As {
    pub const ALL: [Self; 11] = [
        Self::Socket,
        Self::OtherUid,
        Self::Stranger,
        Self::Admin,
        Self::Viewer,
        Self::Expired,
        Self::AdminToken,
        Self::ViewerToken,
        Self::CamerasToken,
        Self::SystemToken,
        Self::ForgedToken,
    ];

    pub fn secret(self) -> SecretToken {
        SecretToken::new([self as u8; 32])
    }

    pub fn peer(self) -> Peer {
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
            Self::AdminToken
            | Self::ViewerToken
            | Self::CamerasToken
            | Self::SystemToken
            | Self::ForgedToken => (header::AUTHORIZATION, format!("Bearer {secret}")),
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
        let cameras = Permissions::NONE.with(Permission::ManageCameras);
        let system = Permissions::NONE.with(Permission::ManageSystem);
        house.put([
            Change::PutUser(admin),
            Change::PutUser(viewer),
            session(As::Admin, anna, 3600),
            session(As::Viewer, ben, 3600),
            session(As::Expired, anna, -1),
            token(As::AdminToken, "admin", anna, Permissions::ADMINISTRATOR),
            token(As::ViewerToken, "viewer", anna, Permissions::VIEWER),
            token(As::CamerasToken, "cameras", anna, cameras),
            token(As::SystemToken, "system", anna, system),
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
        Self::drawing(drawer(PICTURE))
    }

    /// The same as [`House::new`] with a worker of the shell.
    pub fn with_drawer(script: &str) -> Self {
        let house = Self::drawing(drawer(script));
        let viewer = user(2, "Ben", Permissions::VIEWER, None);
        let ben = viewer.id;
        house.put([Change::PutUser(viewer), session(As::Viewer, ben, 3600)]);
        house
    }

    fn drawing(arguments: Vec<std::ffi::OsString>) -> Self {
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
            readiness: Mutex::default(),
            alarms: Mutex::default(),
            writer: Mutex::new(writer),
            exporting: Mutex::new(crate::operations::Exporting {
                bytes_max: 5_000_000,
                ..Default::default()
            }),
            disk: world::sim::SimDisk::new(),
        });
        let clock = SimClock::new(START.plus_micros(3_600_000_000));
        let program = Program { file: "/bin/sh".into(), arguments };
        let (shutdown, entropy) = (Shutdown::new(), Arc::new(SeededEntropy::new(1)));
        let live = LiveHub::new(Arc::new(clock.clone()), entropy.clone());
        let log = Log::new(START);
        let app = App::new(Parts {
            catalog,
            source: footage.clone(),
            live: live.clone(),
            log: log.clone(),
            operations: system.clone(),
            clock: Arc::new(clock.clone()),
            drawing: Drawing { program, workers: 1 },
            entropy,
            settings: Settings::default(),
            shutdown: shutdown.clone(),
        });
        let router = crate::router(app.clone());
        let house = Self { app, clock, system, shutdown, live, log, router, footage };
        house.put(rows());
        // Ten seconds, a gap of five, ten seconds.
        for (number, second) in [(1, 0), (2, 15)] {
            house.record(MAIN, number, second);
        }
        house
    }

    /// Ten seconds of a stream, so many seconds after [`START`].
    pub fn record(&self, stream: StreamId, number: u8, second: i64) {
        self.put_segment(stream, segment(number, START.plus_micros(second * 1_000_000)));
    }

    /// The same, with larger pictures from the fourth second to the fifth.
    pub fn record_moving(&self, stream: StreamId, number: u8, second: i64) {
        let (row, mut index, bytes) = segment(number, START.plus_micros(second * 1_000_000));
        index.tracks[0].samples[75..125].iter_mut().for_each(|sample| sample.size = 20_000);
        self.put_segment(stream, (row, index, bytes));
    }

    pub fn put(&self, changes: impl Into<Vec<Change>>) {
        self.system.writer.lock().unwrap().apply(&changes.into()).unwrap();
    }

    /// The same, of pictures that are so wide.
    pub fn record_wide(&self, stream: StreamId, number: u8, second: i64, width: u16) {
        let start = START.plus_micros(second * 1_000_000);
        let (mut row, mut index, bytes) = segment(number, start);
        let TrackParams::Video(mut params) = video() else { unreachable!("it is video") };
        params.width = width;
        let params = Arc::new(TrackParams::Video(params));
        row.tracks[0].params = params.clone();
        index.tracks[0].params = params;
        self.put_segment(stream, (row, index, bytes));
    }

    fn put_segment(&self, stream: StreamId, segment: (SegmentRow, SegmentIndex, Arc<Vec<u8>>)) {
        let (mut row, index, bytes) = segment;
        row.stream = stream;
        let activity = Some(Activity::of(&index).pack());
        self.put([Change::SegmentSealed { row: row.clone(), index: None, activity }]);
        self.footage.files.lock().unwrap().insert(row.id, (Arc::new(index), bytes));
    }

    /// The files lose all but their first half.
    pub fn cut_files(&self) {
        for (_, bytes) in self.footage.files.lock().unwrap().values_mut() {
            *bytes = Arc::new(bytes[..bytes.len() / 2].to_vec());
        }
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
    pub async fn raw(&self, who: As, request: Request<Body>) -> Answer {
        let (head, body) = self.answer(who, request).await.into_parts();
        let bytes = body.collect().await.expect("the body comes whole").to_bytes().to_vec();
        Answer { status: head.status, headers: head.headers, bytes }
    }

    /// The same, with the answer's body still to be read.
    pub async fn answer(&self, who: As, mut request: Request<Body>) -> Response {
        let host = "127.0.0.1:8080".parse().unwrap();
        request.headers_mut().entry(header::HOST).or_insert(host);
        who.sign(&self.app, request.headers_mut());
        request.extensions_mut().insert(who.peer());
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn get(&self, who: As, path: &str) -> Answer {
        self.send(who, Method::GET, path, &[], None).await
    }

    pub async fn post(&self, who: As, path: &str, body: serde_json::Value) -> Answer {
        self.send(who, Method::POST, path, &[], Some(body)).await
    }
}

/// A worker that looks at nothing and draws an empty picture: a real one is in the tests of `still`
/// and of the binary.
const PICTURE: &str = r"cat >/dev/null; printf '\0\0\0\0\6\0\0\377\330\377\331'";

fn drawer(script: &str) -> Vec<std::ffi::OsString> {
    vec!["-c".into(), script.into()]
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
            schedule: None,
            record,
            paused: false,
            volume: None,
            keep: config::Keep::default(),
        })
    };
    vec![
        Change::PutVolume(VolumeRow {
            id: VOLUME,
            name: "disk1".into(),
            path: "/srv/holdfast".into(),
            keep_free: config::KeepFree::default(),
            r#use: config::VolumeUse::Record,
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

/// The administrator's name and password.
pub(crate) fn anna() -> serde_json::Value {
    serde_json::json!({ "username": "anna", "password": PASSWORD })
}
