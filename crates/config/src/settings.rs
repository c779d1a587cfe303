//! What the settings mean, after validation: plain values that the rest of the system takes.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::schedule::Schedule;

use crate::quantity::KeepFree;
use crate::secret::Password;

/// Everything that a configuration file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `[server]`
    pub server: Server,
    /// `[archive]`
    pub archive: Archive,
    /// `[exports]`
    pub exports: Exports,
    /// `[[camera]]`, in the order of the file.
    pub cameras: Vec<Camera>,
}

/// What an `--apply` file says: cameras and volumes, and nothing of one machine.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Applied {
    /// `[[archive.volume]]`, in the order of the file.
    pub volumes: Vec<Volume>,
    /// `[[camera]]`, in the order of the file.
    pub cameras: Vec<Camera>,
}

/// `[server]`: who is served where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where connections are accepted.
    pub listen: Vec<Listen>,
    /// Names beside IP addresses and `localhost` under which browsers reach this server (the
    /// `Host` header is checked against them).
    pub hosts: Vec<String>,
    /// Whether TCP serves everything while there is no account.
    pub allow_unauthenticated: bool,
}

/// One place to accept connections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listen {
    /// An IP address and port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

/// `[archive]`: where footage goes, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// The folder of the catalog.
    pub catalog: PathBuf,
    /// Where days are cut; `None`: the system's.
    pub time_zone: Option<TimeZone>,
    /// The greatest age of a frame that is not yet on the platter.
    pub sync_interval: Duration,
    /// About how much time one segment file holds.
    pub segment_duration: Duration,
    /// Frames not yet written, all streams together, in bytes.
    pub memory_max: u64,
    /// Cap of the catalog's cache of segment indexes, in bytes.
    pub index_cache: u64,
    /// Bytes of old footage that are read again each second on each volume; 0: none.
    pub scrub_rate: u64,
    /// `[[archive.volume]]`, in the order of the file.
    pub volumes: Vec<Volume>,
}

/// `[exports]`: where exports lie, and how much space they take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exports {
    /// The folder; `None`: `exports` beside the catalog.
    pub path: Option<PathBuf>,
    /// Bytes that all of them may take.
    pub max_bytes: u64,
}

impl Settings {
    /// The folder that exports lie in.
    pub fn exports_folder(&self) -> PathBuf {
        self.exports.path.clone().unwrap_or_else(|| self.archive.catalog.join("exports"))
    }
}

/// `[[archive.volume]]`: one folder on one disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name, unique in the archive.
    pub name: String,
    /// The folder, absolute.
    pub path: PathBuf,
    /// The space that retention leaves free.
    pub keep_free: KeepFree,
    /// What it is for.
    pub r#use: VolumeUse,
}

/// What a volume is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum VolumeUse {
    /// New footage goes there.
    #[default]
    Record,
    /// Nothing new goes there; what is there stays, and ages out.
    Keep,
    /// Nothing new goes there, and what is there moves to other volumes.
    Drain,
}

/// `[[camera]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// What people call it.
    pub name: String,
    /// Its fixed name in paths and URLs; `None`: made from the name when the camera is first seen.
    pub slug: Option<String>,
    /// For the camera's login.
    pub username: Option<String>,
    /// For the camera's login.
    pub password: Option<Password>,
    /// Whether it is known, but not in use.
    pub paused: bool,
    /// `[camera.stream.NAME]`, by name. Never empty.
    pub streams: BTreeMap<String, Stream>,
}

/// `[camera.stream.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// `rtsp://host[:port]/path`, without credentials.
    pub url: String,
    /// How media travels.
    pub transport: Transport,
    /// Whether it is recorded (it can be watched live either way).
    pub record: bool,
    /// When in a week it is recorded; `None`: always.
    pub schedule: Option<Schedule>,
    /// Whether it is known, but not in use.
    pub paused: bool,
    /// The name of the volume that it is recorded on; `None`: where there is most room.
    pub volume: Option<String>,
    /// How much footage is kept.
    pub keep: Keep,
}

/// How media travels from a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Transport {
    /// TCP; UDP too once that is built.
    #[default]
    Auto,
    /// Interleaved in the RTSP connection.
    Tcp,
}

/// How much footage of a stream is kept; `None`: no such limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Keep {
    /// No more than this many bytes.
    pub max_bytes: Option<u64>,
    /// Nothing older than this many days.
    pub max_days: Option<u32>,
    /// At least this many days, as far as the disk allows.
    pub min_days: Option<u32>,
}

impl Transport {
    /// The word in files, rows and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Transport {
    type Err = String;

    /// The words of [`Transport::as_str`]; the error says what to write instead.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "tcp" => Ok(Self::Tcp),
            "udp" => {
                Err("transport \"udp\" is not yet available; write \"auto\" or \"tcp\"".into())
            }
            _ => Err(format!("no transport {text:?}; write \"auto\" or \"tcp\"")),
        }
    }
}

impl VolumeUse {
    /// The word in files, rows and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Keep => "keep",
            Self::Drain => "drain",
        }
    }
}

impl fmt::Display for VolumeUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for VolumeUse {
    type Err = String;

    /// The words of [`VolumeUse::as_str`]; the error says what to write instead.
    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Record, Self::Keep, Self::Drain];
        let known = all.into_iter().find(|known| known.as_str() == text);
        known.ok_or_else(|| {
            format!("no use {text:?} of a volume; write \"record\", \"keep\" or \"drain\"")
        })
    }
}

impl fmt::Display for Listen {
    /// As in the configuration file: `127.0.0.1:8080` or `unix:/run/holdfast.sock`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return match path.is_absolute() {
                true => Ok(Self::Unix(path)),
                false => Err(format!(
                    "the socket path in {text:?} is not absolute; write unix:/run/holdfast.sock"
                )),
            };
        }
        if text.starts_with("systemd") || text.starts_with("fd:") {
            return Err(format!("{text:?}: systemd sockets are not yet available"));
        }
        let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        numeric.as_deref().unwrap_or(text).parse().map(Self::Tcp).map_err(|_| {
            format!("no address {text:?}; write IP:PORT such as 127.0.0.1:8080, or unix:/path")
        })
    }
}
