//! The configuration as it is written: every key, its help text and its default, in one place.
//! Values are still text here; [`crate::validate_camera`] and its like give them meaning.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// What counts where a key is not there. The help texts below say the same.
pub mod default {
    /// `[server] listen`
    pub const LISTEN: &str = "127.0.0.1:8080";
    /// `[archive] catalog`
    pub const CATALOG: &str = "/var/lib/holdfast";
    /// `[archive] sync_interval`
    pub const SYNC_INTERVAL: &str = "1s";
    /// `[archive] segment_duration`
    pub const SEGMENT_DURATION: &str = "5m";
    /// `[archive] memory_max`
    pub const MEMORY_MAX: &str = "512 MB";
    /// `[archive] index_cache`
    pub const INDEX_CACHE: &str = "2 GB";
    /// `[archive] scrub_rate`
    pub const SCRUB_RATE: &str = "2 MB";
    /// `[exports] max_bytes`
    pub const EXPORTS_MAX_BYTES: &str = "20 GB";
    /// `[[archive.volume]] keep_free`
    pub const KEEP_FREE: &str = "5%";
    /// `[[archive.volume]] use`
    pub const USE: &str = "record";
    /// `[camera.stream.NAME] transport`
    pub const TRANSPORT: &str = "auto";
    /// `[camera.stream.NAME] record`
    pub const RECORD: bool = true;
}

/// The configuration of Holdfast.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Who is served where.
    pub server: Server,
    /// Where footage goes, and how.
    pub archive: Archive,
    /// Where exports lie, and how much space they take.
    pub exports: Exports,
    /// The cameras. They can also be made in the browser; what a file names is managed by it.
    pub camera: Vec<Camera>,
}

/// Who is served where.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where connections are accepted: IP:PORT, or unix:/path for programs on this machine.
    /// Default: ["127.0.0.1:8080"].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<Vec<String>>,
    /// Names beside IP addresses and localhost under which browsers reach this server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// For a closed network: serve everything to everyone while there is no account.
    /// Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_unauthenticated: Option<bool>,
    /// Not yet available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<NotYet>,
    /// Not yet available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_path: Option<NotYet>,
}

/// Where footage goes, and how.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// The folder of the catalog; flash, where there is some. Default: "/var/lib/holdfast".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// Where days are cut, such as "Europe/Berlin". Default: the system's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The greatest age of a frame that is not yet on the platter, "200ms" to "30s".
    /// Default: "1s".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_interval: Option<String>,
    /// About how much time one segment file holds, "1s" to "1h". Default: "5m".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment_duration: Option<String>,
    /// Frames not yet written, all streams together: a stream may use what the others leave free,
    /// and gives way once it has more than its share of what is scarce. All else that takes memory
    /// does not grow while a disk does not answer: some 20 MB, and the newest GOP of each stream (8
    /// MiB at most). Default: "512 MB".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_max: Option<Quantity>,
    /// Cap of the catalog's cache of segment indexes. Default: "2 GB".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_cache: Option<Quantity>,
    /// How much old footage is read again each second on each volume, to know of a disk that rots
    /// before its footage is needed; "0" for none. Default: "2 MB".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrub_rate: Option<Quantity>,
    /// The folders that hold footage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume: Vec<Volume>,
}

/// Where exports lie, and how much space they take.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Exports {
    /// The folder for exports until they are deleted. On the disk of a volume they take space from
    /// footage. Default: "exports" beside the catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// No more than this, all together: what does not fit is refused, and none is deleted to make
    /// room; "0" for no exports. Default: "20 GB".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<Quantity>,
}

/// One folder on one disk that holds footage.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its name, unique in the archive.
    pub name: String,
    /// The folder, absolute. It is initialised once, while it is empty.
    pub path: String,
    /// The space that retention leaves free: "5%" or "20 GB". Default: "5%".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_free: Option<Quantity>,
    /// "record"; "keep": nothing new goes there; "drain": nothing new, and what is there moves to
    /// other volumes. Default: "record".
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub r#use: Option<String>,
}

/// One camera.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// What people call it.
    pub name: String,
    /// Its name in paths and URLs, fixed once made. Default: made from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// For the camera's login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For the camera's login: a string, or { file = "/path" } of a file that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// Known, but not connected: it keeps its footage. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Its streams by name, such as main and sub.
    #[serde(default)]
    pub stream: BTreeMap<String, Stream>,
}

/// One stream of a camera.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// rtsp://host/path, without user name and password.
    pub url: String,
    /// How media travels: "auto" or "tcp". Default: "auto".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
    /// Whether it is recorded; it can be watched live either way. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<bool>,
    /// When in a week it is recorded, in the archive's time zone, such as ["Mon-Fri 07:00-19:00",
    /// "Sat,Sun 00:00-24:00"]; a time such as "22:00-06:00" goes on until the next morning.
    /// Default: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Vec<String>>,
    /// Known, but not connected: neither recorded nor to be watched live. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// The name of the volume that it is recorded on, while that works. Default: where there is
    /// most room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// How much footage is kept. Default: as much as the disk allows.
    #[serde(default, skip_serializing_if = "Keep::is_empty")]
    pub keep: Keep,
}

/// How much footage of a stream is kept. A key that is not there sets no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// No more than this, such as "500 GB", of what is not protected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<Quantity>,
    /// Nothing older than this many days of 24 hours, with whatever space there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_days: Option<u32>,
    /// At least this many days of 24 hours, as far as the disk allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_days: Option<u32>,
}

impl Keep {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A number with a unit, as text; a bare integer counts bytes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Quantity(pub String);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as \"500 GB\"")
            }

            fn visit_str<E>(self, text: &str) -> Result<Quantity, E> {
                Ok(Quantity(text.to_owned()))
            }

            fn visit_u64<E>(self, bytes: u64) -> Result<Quantity, E> {
                Ok(Quantity(bytes.to_string()))
            }

            fn visit_i64<E>(self, bytes: i64) -> Result<Quantity, E> {
                Ok(Quantity(bytes.to_string()))
            }
        }

        from.deserialize_any(Visitor)
    }
}

/// A password in the text itself, or the file that holds it.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Password {
    /// The password.
    Plain(String),
    /// Where it stands.
    File {
        /// The file, absolute; it holds one line.
        file: String,
    },
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("(hidden)"),
            Self::File { file } => write!(f, "{{ file = {file:?} }}"),
        }
    }
}

impl<'de> Deserialize<'de> for Password {
    /// By hand, because serde's untagged form loses where in the text an error is.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InFile {
            file: String,
        }

        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Password;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, or { file = \"/path\" }")
            }

            fn visit_str<E>(self, text: &str) -> Result<Password, E> {
                Ok(Password::Plain(text.to_owned()))
            }

            // Serde's own message would show the number, which is the password.
            fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Password, E> {
                Err(E::custom("a password of digits needs quotes around it"))
            }

            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Password, E> {
                Err(E::custom("a password of digits needs quotes around it"))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Password, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                let InFile { file } = InFile::deserialize(map)?;
                Ok(Password::File { file })
            }
        }

        from.deserialize_any(Visitor)
    }
}

/// A key that has its place but no meaning yet: any value is taken here and refused by validation.
#[derive(Clone, Debug, Serialize)]
pub struct NotYet;

impl JsonSchema for NotYet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NotYet".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        false.into()
    }
}

impl<'de> Deserialize<'de> for NotYet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self)
    }
}
