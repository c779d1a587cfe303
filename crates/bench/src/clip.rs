//! How soon a clip of old footage starts: real files, and indexes that are in no cache.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use archive::{ArchiveKey, Expect, SegmentPlace, Volume, VolumeIdentity};
use base::{CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};
use catalog::{
    CameraRow, Catalog, Change, SegmentRow, SegmentState, SegmentTrack, StreamRow, VolumeRow,
    Writer,
};
use config::{Keep, KeepFree, Transport, VolumeUse};
use playback::{ClipPlan, ClipReader, ClipRequest, StoredFootage};
use serde_json::{Value, json};
use world::SystemDisk;
use world::sim::SeededEntropy;

use crate::made::{CACHE_BYTES, options};
use crate::minutes::{self, SEGMENT_MICROS, Whose};
use crate::{forget_pages, ms, timed};

/// A year before the archive's newest footage, so to speak.
const START: i64 = 1_763_900_000_000_000;
/// Bytes of a picture: small ones, for only their number matters here.
const PICTURE_BYTES: u64 = 300;

struct OneVolume(Arc<Volume>);

impl playback::Volumes for OneVolume {
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>> {
        (self.0.identity().volume == id).then(|| self.0.clone())
    }
}

/// Makes the files where they are not there yet, and asks for a clip of all of them.
pub fn measure(dir: &Path, segments: u32) -> Result<Vec<Value>> {
    let dir = dir.join("old");
    let made = Old::open(&dir)?;
    let (catalog, mut writer) = made.catalog(&dir)?;
    if catalog.totals(made.whose.stream)?.segments < u64::from(segments) {
        made.write(&mut writer, segments)?;
    }
    let from = WallTime::from_micros(START + 10_000_000);
    let to = WallTime::from_micros(START + i64::from(segments) * SEGMENT_MICROS - 10_000_000);
    let stream = made.whose.stream;
    let request = ClipRequest::new(stream, from, to);
    let footage = || StoredFootage::new(catalog.clone(), Arc::new(OneVolume(made.volume.clone())));
    let mut results = Vec::new();
    for what in ["no cache, cold disk", "no cache, warm disk"] {
        let forgot = what.ends_with("warm disk") || forget_pages();
        let started = start(Arc::new(footage()), request.clone())?;
        results.push(started.result(what, segments, forgot));
    }
    let fill = catalog.segments(stream, from, to)?;
    for row in fill {
        let place = made.place(row.start, row.id);
        let (_, index) = made.volume.sealed_index(&place)?;
        writer.apply(&[Change::PutIndex { segment: row.id, index: index.pack() }])?;
    }
    results.push(start(Arc::new(footage()), request)?.result("all in the cache", segments, true));
    for row in catalog.segments(stream, from, to)? {
        // The next measurement finds the cache empty again.
        writer.apply(&[Change::SegmentSealed { row, index: None, activity: None }])?;
    }
    Ok(results)
}

struct Started {
    planned: Duration,
    first_byte: Duration,
    first_picture: Duration,
    moov_bytes: u64,
}

/// Reads a clip up to its first picture, as a player does.
fn start(footage: Arc<StoredFootage>, request: ClipRequest) -> Result<Started> {
    let clock = world::SystemClock::new();
    let began = world::Clock::mono(&clock);
    let age = || world::Clock::mono(&clock).since(began);
    let plan = Arc::new(ClipPlan::new(&*footage, request)?);
    let planned = age();
    let mut reader = ClipReader::new(plan, footage, 0..u64::MAX);
    let mut bytes = reader.next().context("a clip has a first slice")??.to_vec();
    let first_byte = age();
    let moov = u32::from_be_bytes(bytes[28..32].try_into()?) as usize + 28;
    while bytes.len() < moov + 1000 {
        bytes.extend_from_slice(&reader.next().context("a clip has pictures")??);
    }
    Ok(Started { planned, first_byte, first_picture: age(), moov_bytes: moov as u64 })
}

impl Started {
    fn result(&self, how: &str, segments: u32, comparable: bool) -> Value {
        json!({
            "what": format!("clip of old footage, {how}"),
            "segments": segments,
            "planned_ms": ms(self.planned),
            "first_byte_ms": ms(self.first_byte),
            "first_picture_ms": ms(self.first_picture),
            "first_picture_ms_per_100_segments":
                ms(self.first_picture * 100 / segments.max(1)),
            "moov_mb": self.moov_bytes as f64 / 1e6,
            "forgot_pages": comparable,
        })
    }
}

/// A volume with old footage of one stream.
struct Old {
    whose: Whose,
    volume: Arc<Volume>,
    key: ArchiveKey,
}

impl Old {
    fn open(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir.join("catalog"))?;
        let key_path = dir.join("catalog/archive.key");
        let key = ArchiveKey::load_or_create(&SystemDisk, &key_path, &SeededEntropy::new(3))?;
        let whose = Whose {
            archive: options().new_archive,
            volume: VolumeId::from_bytes([2; 16]),
            camera: CameraId::from_bytes([3; 16]),
            stream: StreamId::from_bytes([4; 16]),
            slug: "old".to_owned(),
            public_key: key.public_key(),
        };
        let identity = VolumeIdentity {
            volume: whose.volume,
            archive: whose.archive,
            public_key: whose.public_key,
        };
        let root = dir.join("media");
        Volume::init(&SystemDisk, &root, &identity)?;
        let expect = Expect { volume: Some(whose.volume), archive: whose.archive };
        let volume = Volume::open(Arc::new(SystemDisk), &root, expect, "the measurement")?;
        Ok(Self { whose, volume: Arc::new(volume), key })
    }

    fn catalog(&self, dir: &Path) -> Result<(Catalog, Writer)> {
        let (catalog, mut writer) = Catalog::open(&SystemDisk, &dir.join("catalog"), &options())?;
        let camera = CameraRow {
            id: self.whose.camera,
            slug: self.whose.slug.clone(),
            name: self.whose.slug.clone(),
            managed_by_file: false,
            paused: false,
            removed: false,
            username: None,
            password: None,
        };
        let stream = StreamRow {
            id: self.whose.stream,
            camera: self.whose.camera,
            name: "main".to_owned(),
            url: "rtsp://192.0.2.1/main".to_owned(),
            transport: Transport::Auto,
            record: true,
            paused: false,
            volume: None,
            keep: Keep::default(),
        };
        let volume = VolumeRow {
            id: self.whose.volume,
            name: "disk1".to_owned(),
            path: dir.join("media"),
            keep_free: KeepFree::Bytes(CACHE_BYTES),
            r#use: VolumeUse::default(),
            managed_by_file: false,
        };
        writer.apply(&[
            Change::PutCamera(camera),
            Change::PutStream(stream),
            Change::PutVolume(volume),
        ])?;
        Ok((catalog, writer))
    }

    fn place(&self, start: WallTime, id: SegmentId) -> SegmentPlace {
        SegmentPlace { camera_slug: self.whose.slug.clone(), stream: "main".to_owned(), start, id }
    }

    fn write(&self, writer: &mut Writer, segments: u32) -> Result<()> {
        let run = RunId::from_bytes([6; 16]);
        for number in 0..segments {
            let start = WallTime::from_micros(START + i64::from(number) * SEGMENT_MICROS);
            let mut id = [0; 16];
            id[12..].copy_from_slice(&(number + 1).to_be_bytes());
            let id = SegmentId::from_bytes(id);
            let place = self.place(start, id);
            // One that an earlier try left.
            self.volume.remove(&place)?;
            let identity = minutes::identity(&self.whose, id, run, start);
            let mut file = self.volume.create(&place, identity, minutes::tracks())?;
            for batch in minutes::batches(start, PICTURE_BYTES, u64::from(number)) {
                file.append(&batch)?;
            }
            file.syncer().context("there is a file")?.sync()?;
            let index = file.index().clone();
            let sealing = file.seal(Some(&self.key))?;
            sealing.syncer().sync()?;
            sealing.turn()?;
            sealing.syncer().sync()?;
            let sealed = sealing.finish()?;
            let tracks = index.tracks.iter();
            let row = SegmentRow {
                id,
                stream: self.whose.stream,
                volume: self.whose.volume,
                run,
                camera_slug: self.whose.slug.as_str().into(),
                stream_name: "main".into(),
                state: SegmentState::Sealed,
                start,
                end: start.plus_micros(SEGMENT_MICROS),
                bytes: sealed.len,
                allocated: sealed.allocated,
                tracks: tracks
                    .map(|t| SegmentTrack { params: t.params.clone(), totals: t.totals() })
                    .collect(),
                predecessor: None,
                last_commit: Some(sealed.last),
                end_cause: None,
            };
            writer.apply(&[Change::SegmentSealed { row, index: None, activity: None }])?;
        }
        let (_, took) = timed(forget_pages);
        eprintln!("{segments} segments are made; forgetting pages took {} ms", ms(took));
        Ok(())
    }
}
