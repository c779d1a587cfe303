//! A volume on a simulated disk, and batches of made-up footage to write there.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use archive::{ArchiveKey, Expect, SegmentPlace, Volume, VolumeIdentity};
use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, Ticks, VolumeId, WallTime};
use bytes::Bytes;
use media::{
    AudioCodec, AudioParams, Batch, BatchAnchor, BatchSample, Fragment, Identity, TrackParams,
    TrackRun, VideoCodec, VideoParams,
};
use world::sim::{Random, SeededEntropy, SimDisk};
use world::{Disk, SystemDisk};

pub const ROOT: &str = "/volume";
pub const START: i64 = 1_795_378_500_000_000;
/// Pictures and audio frames of one batch: 0.4 s each.
pub const PICTURES: u32 = 10;
pub const AUDIO_FRAMES: u32 = 20;

/// The key of the test archive.
pub fn key() -> ArchiveKey {
    ArchiveKey::create(&SimDisk::new(), Path::new("/key"), &SeededEntropy::new(5)).unwrap()
}

pub fn identity() -> VolumeIdentity {
    VolumeIdentity {
        volume: VolumeId::from_bytes([1; 16]),
        archive: ArchiveId::from_bytes([2; 16]),
        public_key: key().public_key(),
    }
}

/// A disk with an empty volume.
pub fn disk() -> SimDisk {
    let disk = SimDisk::new();
    Volume::init(&disk, Path::new(ROOT), &identity()).unwrap();
    disk
}

pub fn open(disk: &SimDisk) -> Volume {
    open_at(Arc::new(disk.clone()), Path::new(ROOT))
}

pub fn open_at(disk: Arc<dyn Disk>, root: &Path) -> Volume {
    let identity = identity();
    let expect = Expect { volume: Some(identity.volume), archive: identity.archive };
    Volume::open(disk, root, expect, "test").unwrap()
}

/// A volume on the real disk.
pub fn real_volume(root: &Path) -> Volume {
    Volume::init(&SystemDisk, root, &identity()).unwrap();
    open_at(Arc::new(SystemDisk), root)
}

pub fn place(n: u8) -> SegmentPlace {
    SegmentPlace {
        camera_slug: "front-door".to_owned(),
        stream: "main".to_owned(),
        start: WallTime::from_micros(START),
        id: SegmentId::from_bytes([n; 16]),
    }
}

pub fn segment(n: u8) -> Identity {
    Identity {
        archive: identity().archive,
        volume: identity().volume,
        camera: CameraId::from_bytes([3; 16]),
        stream: StreamId::from_bytes([4; 16]),
        run: RunId::from_bytes([5; 16]),
        segment: place(n).id,
        epoch: 0,
        start: WallTime::from_micros(START),
        predecessor: None,
        public_key: Some(identity().public_key),
        camera_slug: "front-door".to_owned(),
        camera_name: "Front door".to_owned(),
        stream_name: "main".to_owned(),
    }
}

/// H.264 (Baseline, 64×48) and G.711.
pub fn tracks() -> Vec<Arc<TrackParams>> {
    let sps = [0x67, 0x42, 0x00, 0x0a, 0xf8, 0x41, 0x0d, 0xa0];
    let pps = [0x68, 0xce, 0x38, 0x80];
    let mut config = vec![1, 0x42, 0x00, 0x0a, 0xff, 0xe1, 0, sps.len() as u8];
    config.extend(sps);
    config.extend([1, 0, pps.len() as u8]);
    config.extend(pps);
    let video = VideoParams {
        codec: VideoCodec::H264,
        width: 64,
        height: 48,
        pixel_aspect: (1, 1),
        config: config.into(),
        reorder_depth: 0,
    };
    let audio = AudioParams {
        codec: AudioCodec::Alaw,
        sample_rate: 8000,
        channels: 1,
        config: Bytes::new(),
    };
    vec![Arc::new(TrackParams::Video(video)), Arc::new(TrackParams::Audio(audio))]
}

/// Batch `n` of a segment: ten pictures, of which the first and the sixth are key frames, and
/// audio.
pub fn batch(n: u32) -> Batch {
    let mut random = Random::new(u64::from(n) + 1);
    let picture = |random: &mut Random, at: u32| {
        let len = 300 + random.below(900) as u32;
        let mut data = len.to_be_bytes().to_vec();
        let key = at.is_multiple_of(5);
        data.push(if key { 0x65 } else { 0x41 });
        data.extend((1..len).map(|_| random.next_u64() as u8 | 1));
        BatchSample { duration: 3600, composition_offset: 0, key, data: data.into() }
    };
    let sound = |random: &mut Random| {
        let data: Vec<u8> = (0..160).map(|_| random.next_u64() as u8).collect();
        BatchSample { duration: 160, composition_offset: 0, key: true, data: data.into() }
    };
    let fragments = [0, 1].map(|half| {
        let first = n * PICTURES + half * PICTURES / 2;
        let pictures = TrackRun {
            track: 0,
            first_decode: Ticks(i64::from(first) * 3600),
            samples: (0..PICTURES / 2).map(|at| picture(&mut random, first + at)).collect(),
        };
        let first = n * AUDIO_FRAMES + half * AUDIO_FRAMES / 2;
        let sounds = TrackRun {
            track: 1,
            first_decode: Ticks(i64::from(first) * 160),
            samples: (0..AUDIO_FRAMES / 2).map(|_| sound(&mut random)).collect(),
        };
        Fragment { runs: vec![pictures, sounds] }
    });
    let wall = WallTime::from_micros(START + i64::from(n) * 400_000);
    let anchors = vec![
        BatchAnchor { track: 0, media: Ticks(i64::from(n * PICTURES) * 3600), wall },
        BatchAnchor { track: 1, media: Ticks(i64::from(n * AUDIO_FRAMES) * 160), wall },
    ];
    Batch { fragments: fragments.into(), anchors }
}
