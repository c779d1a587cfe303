//! What had been promised at a point of the write log.
//!
//! The guest asks the recorder again and again how its streams stand, and writes every answer to
//! an area of the same disk behind the file system: past every cache, with no flush. So each
//! answer stands in the write log, after the flushes that it rests on, and adds none of its own.

use std::fs::File;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result};
use base::WallTime;
use serde_json::Value;

use super::write_log::{Entry, SECTOR, WriteLog};

/// Bytes of the disk that belong to the file system; promises stand behind it.
pub const FILE_SYSTEM_BYTES: u64 = 2 << 30;
/// Bytes of the area of promises.
pub const AREA_BYTES: u64 = 4 << 20;
const ALIGNMENT: usize = 4096;
const O_DIRECT: i32 = 0o40000;
const MARK: &str = "holdfast-promise";

/// What one stream said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The camera's slug.
    pub camera: String,
    /// The stream's name.
    pub name: String,
    /// Where its oldest footage begins.
    pub from: Option<WallTime>,
    /// Footage before this instant stays, whatever happens.
    pub durable_until: Option<WallTime>,
}

/// What all streams said at one moment.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The entry of the write log that holds it: it was made before that.
    pub entry: usize,
    /// When, by the guest's clock.
    pub at: WallTime,
    /// What each stream said.
    pub streams: Vec<Stream>,
}

/// Where the guest writes promises.
pub struct Area {
    disk: File,
    next: u64,
}

impl Area {
    /// On this block device.
    pub fn open(disk: &Path) -> Result<Self> {
        let opened = File::options().write(true).custom_flags(O_DIRECT).open(disk);
        let disk = opened.with_context(|| format!("cannot write to {}", disk.display()))?;
        Ok(Self { disk, next: 0 })
    }

    /// Writes an answer of `/api/v1/cameras`, got at `at`.
    pub fn write(&mut self, at: WallTime, answer: &[u8]) -> Result<()> {
        let mut text = format!("{MARK} {} {}\n", at.as_micros(), answer.len()).into_bytes();
        text.extend_from_slice(answer);
        let length = text.len().next_multiple_of(ALIGNMENT);
        let mut buffer = vec![0; length + ALIGNMENT];
        let start = buffer.as_ptr().align_offset(ALIGNMENT);
        buffer[start..start + text.len()].copy_from_slice(&text);
        if self.next + length as u64 > AREA_BYTES {
            self.next = 0;
        }
        let place = FILE_SYSTEM_BYTES + self.next;
        self.disk.write_all_at(&buffer[start..start + length], place)?;
        self.next += length as u64;
        Ok(())
    }
}

/// Whether a request to the disk is a promise.
pub fn is_promise(entry: &Entry) -> bool {
    entry.is_write() && entry.sector * SECTOR >= FILE_SYSTEM_BYTES
}

/// All promises of a log, in order.
pub fn all(log: &WriteLog) -> Result<Vec<Promise>> {
    let mut promises = Vec::new();
    for (number, entry) in log.entries.iter().enumerate() {
        if is_promise(entry) {
            let data = log.data(entry)?;
            let promise = parse(number, &data);
            promises.push(promise.with_context(|| format!("entry {number} is no promise"))?);
        }
    }
    Ok(promises)
}

fn parse(entry: usize, data: &[u8]) -> Result<Promise> {
    let end = data.iter().position(|byte| *byte == b'\n').context("no first line")?;
    let (line, rest) = (std::str::from_utf8(&data[..end])?, &data[end + 1..]);
    let mut words = line.strip_prefix(MARK).context("no mark")?.split_whitespace();
    let at = WallTime::from_micros(words.next().context("no time")?.parse()?);
    let length: usize = words.next().context("no length")?.parse()?;
    let json: Value = serde_json::from_slice(rest.get(..length).context("cut short")?)?;
    Ok(Promise { entry, at, streams: streams(&json)? })
}

/// The streams of an answer of `/api/v1/cameras`.
pub fn streams(answer: &Value) -> Result<Vec<Stream>> {
    let mut found = Vec::new();
    for camera in answer["cameras"].as_array().context("no cameras")? {
        for stream in camera["streams"].as_array().context("no streams")? {
            found.push(Stream {
                camera: camera["slug"].as_str().context("no slug")?.to_owned(),
                name: stream["name"].as_str().context("no name")?.to_owned(),
                from: time(&stream["recorded"]["from"])?,
                durable_until: time(&stream["durable_until"])?,
            });
        }
    }
    Ok(found)
}

/// A time in an answer; `None` where there is none.
pub fn time(value: &Value) -> Result<Option<WallTime>> {
    value.as_str().map(|text| text.parse().with_context(|| text.to_owned())).transpose()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_promise_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("disk");
        let disk = File::create(&path).unwrap();
        let answer = br#"{"cameras":[{"slug":"door","streams":[{"name":"main",
            "durable_until":"2026-11-23T10:00:01.500Z","recorded":{"from":"2026-11-23T10:00:00Z",
            "to":"2026-11-23T10:00:02Z"}},{"name":"sub"}]}]}"#;
        let mut area = Area { disk, next: AREA_BYTES - 100 };
        area.write(WallTime::from_micros(17), answer).unwrap();
        assert_eq!(area.next, ALIGNMENT as u64, "what does not fit begins at the start");
        let mut data = vec![0; ALIGNMENT];
        File::open(&path).unwrap().read_exact_at(&mut data, FILE_SYSTEM_BYTES).unwrap();
        let promise = parse(3, &data).unwrap();
        assert_eq!((promise.entry, promise.at), (3, WallTime::from_micros(17)));
        let [main, sub] = &promise.streams[..] else { panic!("{promise:?}") };
        assert_eq!((&*main.camera, &*main.name), ("door", "main"));
        assert_eq!(main.durable_until, Some("2026-11-23T10:00:01.5Z".parse().unwrap()));
        assert!(main.from < main.durable_until && sub.from.is_none());
    }
}
