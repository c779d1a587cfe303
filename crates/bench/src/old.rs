//! One stream whose footage is old, on a volume of its own.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use archive::{ArchiveKey, Expect, SegmentPlace, Volume, VolumeIdentity};
use base::{CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};
use catalog::{
    CameraRow, Catalog, Change, SegmentRow, SegmentState, SegmentTrack, StreamRow, VolumeRow,
    Writer,
};
use config::{Keep, KeepFree, Transport, VolumeUse};
use media::{CommitRef, SegmentIndex};
use world::SystemDisk;
use world::sim::SeededEntropy;

use crate::made::{CACHE_BYTES, options};
use crate::minutes::{self, SEGMENT_MICROS, Whose};
use crate::{forget_pages, ms, timed};

/// A year before the archive's newest footage, so to speak.
pub const START: i64 = 1_763_900_000_000_000;
/// Bytes of a picture: small ones, for only their number matters here.
const PICTURE_BYTES: u64 = 300;
const RUN: RunId = RunId::from_bytes([6; 16]);

/// A volume with old footage of one stream.
pub struct Old {
    pub whose: Whose,
    pub volume: Arc<Volume>,
    key: ArchiveKey,
}

impl Old {
    /// What there is in `dir`, or an empty one.
    pub fn open(dir: &Path) -> Result<Self> {
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

    /// Its catalog, with the camera and the volume in it.
    pub fn catalog(&self, dir: &Path) -> Result<(Catalog, Writer)> {
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
            schedule: None,
            // The camera is not there; asking for it would be measured too.
            record: false,
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

    /// Where a segment lies.
    pub fn place(&self, start: WallTime, id: SegmentId) -> SegmentPlace {
        SegmentPlace { camera_slug: self.whose.slug.clone(), stream: "main".to_owned(), start, id }
    }

    /// Writes so many segments of small pictures, one after another.
    pub fn write(&self, writer: &mut Writer, segments: u32) -> Result<()> {
        for number in 0..segments {
            let (id, start) = (id(number), start(number));
            let place = self.place(start, id);
            // One that an earlier try left.
            self.volume.remove(&place)?;
            let identity = minutes::identity(&self.whose, id, RUN, start);
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
            let row = SegmentRow {
                bytes: sealed.len,
                allocated: sealed.allocated,
                last_commit: Some(sealed.last),
                ..self.row(number, &index)
            };
            writer.apply(&[Change::SegmentSealed { row, index: None, activity: None }])?;
        }
        let (_, took) = timed(forget_pages);
        eprintln!("{segments} segments are made; forgetting pages took {} ms", ms(took));
        Ok(())
    }

    /// The row of a segment with this index; its bytes are left empty, its last commit is nobody's.
    pub fn row(&self, number: u32, index: &SegmentIndex) -> SegmentRow {
        let tracks = index.tracks.iter();
        SegmentRow {
            id: id(number),
            stream: self.whose.stream,
            volume: self.whose.volume,
            run: RUN,
            camera_slug: self.whose.slug.as_str().into(),
            stream_name: "main".into(),
            state: SegmentState::Sealed,
            start: start(number),
            end: start(number + 1),
            bytes: 0,
            allocated: 0,
            tracks: tracks
                .map(|t| SegmentTrack { params: t.params.clone(), totals: t.totals() })
                .collect(),
            predecessor: None,
            last_commit: Some(CommitRef { number: 428, hash: [0; 32] }),
            end_cause: None,
        }
    }
}

fn id(number: u32) -> SegmentId {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&(number + 1).to_be_bytes());
    SegmentId::from_bytes(id)
}

/// The first instant of a segment.
pub fn start(number: u32) -> WallTime {
    WallTime::from_micros(START + i64::from(number) * SEGMENT_MICROS)
}
