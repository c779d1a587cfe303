//! Raw values → settings: what each value may be, and how the values fit together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use base::limits;
use jiff::tz::TimeZone;

use crate::quantity::{format_duration, parse_bytes, parse_duration};
use crate::raw::{self, default};
use crate::schedule::Schedule;
use crate::secret::{Password, Secret};
use crate::settings::{
    Applied, Archive, Camera, Exports, Keep, Listen, Server, Settings, Stream, Volume,
};
use crate::slug::is_slug;

const NAME_LETTERS_MAX: usize = 100;
const SYNC_INTERVAL: RangeInclusive<Duration> =
    Duration::from_millis(200)..=Duration::from_secs(30);
const SEGMENT_DURATION: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(3600);
/// The least `max_bytes` of a stream, in bytes.
pub const MAX_BYTES_LEAST: u64 = 100_000;
/// … where no unit says that it was meant.
pub const MAX_BYTES_LEAST_PLAIN: u64 = 100_000_000;
/// Less memory could not hold a second of a few streams.
const MEMORY_MAX_BYTES_MIN: u64 = 16_000_000;

/// A value that may not stand where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The keys that lead to it: `stream`, `main`, `url`.
    pub path: Vec<String>,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// One camera (from the API or a file).
pub fn validate_camera(raw: &raw::Camera) -> Result<Camera, Vec<FieldProblem>> {
    Checking::finish(|checking| camera(checking, raw))
}

/// One volume (from the API or a file).
pub fn validate_volume(raw: &raw::Volume) -> Result<Volume, Vec<FieldProblem>> {
    Checking::finish(|checking| volume(checking, raw))
}

/// One stream's retention (from the API or a file).
pub fn validate_keep(raw: &raw::Keep) -> Result<Keep, Vec<FieldProblem>> {
    Checking::finish(|checking| Some(keep(checking, raw)))
}

/// A whole configuration file.
pub(crate) fn settings(raw: &raw::File) -> Result<Settings, Vec<FieldProblem>> {
    Checking::finish(|checking| {
        let server = checking.under("server", |checking| server(checking, &raw.server));
        let archive = checking.under("archive", |checking| archive(checking, &raw.archive));
        let exports = checking.under("exports", |checking| exports(checking, &raw.exports));
        let cameras = cameras(checking, &raw.camera);
        Some(Settings { server: server?, archive: archive?, exports: exports?, cameras })
    })
}

/// An `--apply` file: what belongs to one machine is refused there.
pub(crate) fn applied(raw: &raw::File) -> Result<Applied, Vec<FieldProblem>> {
    Checking::finish(|checking| {
        let raw::Server { listen, hosts, allow_unauthenticated, tls, base_path } = &raw.server;
        let server = [
            ("listen", listen.is_some()),
            ("hosts", !hosts.is_empty()),
            ("allow_unauthenticated", allow_unauthenticated.is_some()),
            ("tls", tls.is_some()),
            ("base_path", base_path.is_some()),
        ];
        checking.under("server", |checking| checking.refuse_local(&server));
        let archive = &raw.archive;
        let local = [
            ("catalog", archive.catalog.is_some()),
            ("time_zone", archive.time_zone.is_some()),
            ("sync_interval", archive.sync_interval.is_some()),
            ("segment_duration", archive.segment_duration.is_some()),
            ("memory_max", archive.memory_max.is_some()),
            ("index_cache", archive.index_cache.is_some()),
            ("scrub_rate", archive.scrub_rate.is_some()),
        ];
        let exports =
            [("path", raw.exports.path.is_some()), ("max_bytes", raw.exports.max_bytes.is_some())];
        checking.under("exports", |checking| checking.refuse_local(&exports));
        let volumes = checking.under("archive", |checking| {
            checking.refuse_local(&local);
            volumes(checking, &archive.volume)
        });
        Some(Applied { volumes, cameras: cameras(checking, &raw.camera) })
    })
}

/// Collects problems and knows where it is.
#[derive(Default)]
struct Checking {
    path: Vec<String>,
    problems: Vec<FieldProblem>,
}

impl Checking {
    fn finish<T>(check: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, Vec<FieldProblem>> {
        let mut checking = Self::default();
        match check(&mut checking) {
            Some(value) if checking.problems.is_empty() => Ok(value),
            _ => Err(checking.problems),
        }
    }

    fn under<T>(&mut self, key: impl ToString, check: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_string());
        let value = check(self);
        self.path.pop();
        value
    }

    fn wrong(&mut self, key: &str, message: impl Into<String>) {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        self.problems.push(FieldProblem { path, message: message.into() });
    }

    fn take<T>(&mut self, key: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.wrong(key, message)).ok()
    }

    fn duration(
        &mut self,
        key: &str,
        text: Option<&str>,
        default: &str,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let value = self.take(key, parse_duration(text.unwrap_or(default)))?;
        if range.contains(&value) {
            return Some(value);
        }
        let (least, most) = (format_duration(*range.start()), format_duration(*range.end()));
        let value = format_duration(value);
        self.wrong(key, format!("{key} may be {least} to {most}, not {value}"));
        None
    }

    fn bytes(&mut self, key: &str, text: Option<&raw::Quantity>, default: &str) -> Option<u64> {
        self.take(key, parse_bytes(text.map_or(default, |text| &text.0)))
    }

    fn absolute(&mut self, key: &str, text: &str) -> Option<PathBuf> {
        let path = PathBuf::from(text);
        match path.is_absolute() {
            true => Some(path),
            false => {
                self.wrong(key, format!("the path {text:?} is not absolute; begin it with /"));
                None
            }
        }
    }

    fn name(&mut self, name: &str) {
        let letters = name.chars().count();
        let odd = name.trim() != name || name.chars().any(char::is_control);
        if letters == 0 || letters > NAME_LETTERS_MAX || odd {
            let message = format!(
                "a name has 1 to {NAME_LETTERS_MAX} letters, no line breaks, and no space at its \
                 ends"
            );
            self.wrong("name", message);
        }
    }

    fn refuse_local(&mut self, keys: &[(&str, bool)]) {
        for (key, _) in keys.iter().filter(|(_, present)| *present) {
            let message = format!(
                "{key} belongs to one machine; write it into the main configuration file, \
                 not into one that is applied"
            );
            self.wrong(key, message);
        }
    }

    fn refuse_not_yet(&mut self, key: &str, value: Option<&raw::NotYet>) {
        if value.is_some() {
            self.wrong(key, format!("{key} is not yet available; remove it"));
        }
    }
}

fn server(checking: &mut Checking, raw: &raw::Server) -> Option<Server> {
    checking.refuse_not_yet("tls", raw.tls.as_ref());
    checking.refuse_not_yet("base_path", raw.base_path.as_ref());
    let default = vec![default::LISTEN.to_owned()];
    let mut listen: Vec<Listen> = Vec::new();
    checking.under("listen", |checking| {
        for (index, text) in raw.listen.as_ref().unwrap_or(&default).iter().enumerate() {
            let place = index.to_string();
            match checking.take(&place, text.parse()) {
                Some(known) if listen.contains(&known) => {
                    checking.wrong(&place, format!("{text:?} is there twice; remove one"));
                }
                place => listen.extend(place),
            }
        }
    });
    for (index, host) in raw.hosts.iter().enumerate() {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if host.is_empty() || !host.chars().all(plain) {
            checking.under("hosts", |checking| {
                let message = format!("no host name {host:?}; write one such as nvr.example.org");
                checking.wrong(&index.to_string(), message);
            });
        }
    }
    let hosts = raw.hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
    let allow_unauthenticated = raw.allow_unauthenticated.unwrap_or(false);
    Some(Server { listen, hosts, allow_unauthenticated })
}

fn archive(checking: &mut Checking, raw: &raw::Archive) -> Option<Archive> {
    let catalog = checking.absolute("catalog", raw.catalog.as_deref().unwrap_or(default::CATALOG));
    let time_zone =
        raw.time_zone.as_deref().map(|name| {
            let zone = TimeZone::get(name);
            checking.take("time_zone", zone.map_err(|_| {
            format!("no time zone {name:?}; write one of the IANA database such as Europe/Berlin")
        }))
        });
    let sync_interval = raw.sync_interval.as_deref();
    let sync_interval =
        checking.duration("sync_interval", sync_interval, default::SYNC_INTERVAL, SYNC_INTERVAL);
    let segment_duration = raw.segment_duration.as_deref();
    let segment_duration = checking.duration(
        "segment_duration",
        segment_duration,
        default::SEGMENT_DURATION,
        SEGMENT_DURATION,
    );
    let memory_max = checking.bytes("memory_max", raw.memory_max.as_ref(), default::MEMORY_MAX);
    if memory_max.is_some_and(|bytes| bytes < MEMORY_MAX_BYTES_MIN) {
        checking.wrong("memory_max", "memory_max may be 16 MB or more");
    }
    let index_cache = checking.bytes("index_cache", raw.index_cache.as_ref(), default::INDEX_CACHE);
    let scrub_rate = checking.bytes("scrub_rate", raw.scrub_rate.as_ref(), default::SCRUB_RATE);
    let volumes = volumes(checking, &raw.volume);
    Some(Archive {
        catalog: catalog?,
        time_zone: match time_zone {
            Some(zone) => Some(zone?),
            None => None,
        },
        sync_interval: sync_interval?,
        segment_duration: segment_duration?,
        memory_max: memory_max?,
        index_cache: index_cache?,
        scrub_rate: scrub_rate?,
        volumes,
    })
}

fn exports(checking: &mut Checking, raw: &raw::Exports) -> Option<Exports> {
    let path = match &raw.path {
        Some(path) => Some(checking.absolute("path", path)?),
        None => None,
    };
    let max_bytes = raw.max_bytes.as_ref();
    let max_bytes = checking.bytes("max_bytes", max_bytes, default::EXPORTS_MAX_BYTES)?;
    Some(Exports { path, max_bytes })
}

fn volumes(checking: &mut Checking, raw: &[raw::Volume]) -> Vec<Volume> {
    let (mut names, mut paths) = (Unique::new("name"), Unique::new("path"));
    let mut volumes = Vec::new();
    checking.under("volume", |checking| {
        for (index, raw) in raw.iter().enumerate() {
            checking.under(index, |checking| {
                names.add(checking, &raw.name);
                paths.add(checking, &raw.path);
                volumes.extend(volume(checking, raw));
            });
        }
    });
    volumes
}

fn volume(checking: &mut Checking, raw: &raw::Volume) -> Option<Volume> {
    checking.name(&raw.name);
    let path = checking.absolute("path", &raw.path);
    let keep_free = raw.keep_free.as_ref().map_or(default::KEEP_FREE, |text| &text.0);
    let keep_free = checking.take("keep_free", keep_free.parse());
    let word = raw.r#use.as_deref().unwrap_or(default::USE);
    let r#use = checking.take("use", word.parse());
    Some(Volume { name: raw.name.clone(), path: path?, keep_free: keep_free?, r#use: r#use? })
}

fn cameras(checking: &mut Checking, raw: &[raw::Camera]) -> Vec<Camera> {
    let (mut names, mut slugs) = (Unique::new("name"), Unique::new("slug"));
    let streams = raw.iter().map(|camera| camera.stream.len()).sum();
    at_most(checking, "camera", "cameras", raw.len(), limits::CAMERAS_MAX);
    at_most(checking, "camera", "streams of all cameras", streams, limits::STREAMS_MAX);
    let mut cameras = Vec::new();
    checking.under("camera", |checking| {
        for (index, raw) in raw.iter().enumerate() {
            checking.under(index, |checking| {
                names.add(checking, &raw.name);
                raw.slug.iter().for_each(|slug| slugs.add(checking, slug));
                cameras.extend(camera(checking, raw));
            });
        }
    });
    cameras
}

/// Says where there are more of something than may be.
fn at_most(checking: &mut Checking, key: &str, what: &str, there: usize, most: usize) {
    if there > most {
        checking.wrong(key, format!("there are {there} {what}; {most} is the most"));
    }
}

fn camera(checking: &mut Checking, raw: &raw::Camera) -> Option<Camera> {
    checking.name(&raw.name);
    if let Some(slug) = raw.slug.as_deref().filter(|slug| !is_slug(slug)) {
        let message =
            format!("no slug {slug:?}; use a-z, 0-9 and - between them, such as front-door");
        checking.wrong("slug", message);
    }
    let password = match &raw.password {
        None => None,
        Some(raw::Password::Plain(text)) => Some(Password::Plain(Secret::new(text.clone()))),
        Some(raw::Password::File { file }) => Some(Password::File(
            checking.under("password", |checking| checking.absolute("file", file))?,
        )),
    };
    if password.is_some() && raw.username.is_none() {
        checking.wrong("password", "there is a password and no username; write username too");
    }
    if raw.stream.is_empty() {
        let message = "a camera needs a stream; write [camera.stream.main] with its url below it";
        checking.wrong("stream", message);
    }
    let most = limits::STREAMS_PER_CAMERA_MAX;
    at_most(checking, "stream", "streams of one camera", raw.stream.len(), most);
    let mut streams = BTreeMap::new();
    checking.under("stream", |checking| {
        for (name, raw) in &raw.stream {
            if !is_slug(name) {
                let message = format!("no stream name {name:?}; use a-z, 0-9 and - between them");
                checking.wrong(name, message);
            }
            let stream = checking.under(name, |checking| stream(checking, raw));
            streams.extend(stream.map(|stream| (name.clone(), stream)));
        }
    });
    let (name, slug, username) = (raw.name.clone(), raw.slug.clone(), raw.username.clone());
    let paused = raw.paused.unwrap_or(false);
    Some(Camera { name, slug, username, password, paused, streams })
}

fn stream(checking: &mut Checking, raw: &raw::Stream) -> Option<Stream> {
    let url = checking.take("url", check_url(&raw.url).map(|()| raw.url.clone()));
    let transport = raw.transport.as_deref().unwrap_or(default::TRANSPORT);
    let transport = checking.take("transport", transport.parse());
    let record = raw.record.unwrap_or(default::RECORD);
    let schedule = raw.schedule.as_deref().and_then(|texts| schedule(checking, texts));
    let keep = checking.under("keep", |checking| keep(checking, &raw.keep));
    let volume = raw.volume.clone();
    let paused = raw.paused.unwrap_or(false);
    let (url, transport) = (url?, transport?);
    Some(Stream { url, transport, record, schedule, paused, volume, keep })
}

fn schedule(checking: &mut Checking, texts: &[String]) -> Option<Schedule> {
    match Schedule::of(texts) {
        Ok(schedule) => return Some(schedule),
        Err((None, message)) => checking.wrong("schedule", message),
        Err((Some(place), message)) => {
            checking.under("schedule", |checking| checking.wrong(&place.to_string(), message));
        }
    }
    None
}

/// Whether a stream can be fetched from there. Says what is wrong without showing the URL: it may
/// hold a password.
pub fn check_url(text: &str) -> Result<(), String> {
    const FORM: &str = "write it as rtsp://192.0.2.10/path";
    let url = url::Url::parse(text).map_err(|why| format!("not a URL: {why}; {FORM}"))?;
    match url.scheme() {
        "rtsp" => {}
        "rtsps" => return Err("rtsps is not yet available; use rtsp".into()),
        other => return Err(format!("cameras are reached by rtsp, not by {other}; {FORM}")),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("the URL names no host; {FORM}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL shows in logs; move its user name and password to the camera's \
                    username and password"
            .into());
    }
    Ok(())
}

/// A limit that would leave next to nothing of a stream can only be a typing error.
fn check_bytes(text: &str) -> Result<u64, String> {
    let bytes = parse_bytes(text)?;
    if bytes == 0 {
        return Err("max_bytes may not be 0; write record = false instead".into());
    }
    let plain = text.trim().bytes().all(|c| c.is_ascii_digit() || c == b'.');
    match bytes < if plain { MAX_BYTES_LEAST_PLAIN } else { MAX_BYTES_LEAST } {
        true => Err(format!(
            "max_bytes = {text} means {bytes} bytes, which hold next to nothing; without a \
             unit it is at least {MAX_BYTES_LEAST_PLAIN}; in a file, write a unit such as \
             \"500 GB\""
        )),
        false => Ok(bytes),
    }
}

fn keep(checking: &mut Checking, raw: &raw::Keep) -> Keep {
    let max_bytes = raw.max_bytes.as_ref();
    let max_bytes = max_bytes.and_then(|text| checking.take("max_bytes", check_bytes(&text.0)));
    if raw.max_days == Some(0) {
        checking.wrong("max_days", "max_days may not be 0; write record = false instead");
    }
    if let (Some(least), Some(most)) = (raw.min_days, raw.max_days)
        && least > most
    {
        checking.wrong("min_days", format!("min_days ({least}) is more than max_days ({most})"));
    }
    Keep { max_bytes, max_days: raw.max_days, min_days: raw.min_days }
}

/// Values of one key that may not come twice.
struct Unique<'a> {
    key: &'static str,
    seen: BTreeSet<&'a str>,
}

impl<'a> Unique<'a> {
    const fn new(key: &'static str) -> Self {
        Self { key, seen: BTreeSet::new() }
    }

    fn add(&mut self, checking: &mut Checking, value: &'a str) {
        if !self.seen.insert(value) {
            let message = format!("the {} {value:?} is there twice; change one", self.key);
            checking.wrong(self.key, message);
        }
    }
}
