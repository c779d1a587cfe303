//! What this crate's tests share: an archive of one camera, built row by row.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, Ticks, VolumeId, WallTime};
use config::{Keep, KeepFree, Transport};
use jiff::tz::TimeZone;
use media::{
    Anchor, AudioCodec, AudioParams, Chunk, CommitRef, Sample, SegmentIndex, TrackIndex,
    TrackParams, TrackTotals, VideoCodec, VideoParams,
};

use crate::{
    CameraRow, Catalog, Change, OpenSegment, Options, SegmentRow, SegmentState, SegmentTrack,
    StreamRow, VolumeRow, Writer,
};

pub(crate) const CAMERA: CameraId = CameraId::from_bytes([1; 16]);
pub(crate) const STREAM: StreamId = StreamId::from_bytes([2; 16]);
pub(crate) const VOLUME: VolumeId = VolumeId::from_bytes([3; 16]);

pub(crate) fn options() -> Options {
    Options {
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        index_cache_bytes: 1000,
        new_archive: ArchiveId::from_bytes([7; 16]),
        note: "test".into(),
    }
}

pub(crate) fn camera() -> CameraRow {
    CameraRow {
        id: CAMERA,
        slug: "door".into(),
        name: "Door".into(),
        managed_by_file: true,
        paused: false,
        removed: false,
        username: None,
        password: None,
    }
}

pub(crate) fn stream() -> StreamRow {
    StreamRow {
        id: STREAM,
        camera: CAMERA,
        name: "main".into(),
        url: "rtsp://192.0.2.10/main".into(),
        transport: Transport::Tcp,
        record: true,
        schedule: Some("Mon-Fri 07:00-19:00; 22:00-06:00".parse().unwrap()),
        paused: false,
        volume: None,
        keep: Keep { max_bytes: Some(500), max_days: None, min_days: Some(7) },
    }
}

pub(crate) fn volume() -> VolumeRow {
    VolumeRow {
        id: VOLUME,
        name: "disk1".into(),
        path: "/srv/holdfast".into(),
        keep_free: KeepFree::Permille(50),
        r#use: config::VolumeUse::Record,
        managed_by_file: true,
    }
}

/// Camera, stream and volume.
pub(crate) fn ground() -> Vec<Change> {
    vec![Change::PutCamera(camera()), Change::PutStream(stream()), Change::PutVolume(volume())]
}

/// A catalog in memory that has them.
pub(crate) fn catalog() -> (Catalog, Writer) {
    let (catalog, mut writer) = Catalog::memory(&options()).unwrap();
    writer.apply(&ground()).unwrap();
    (catalog, writer)
}

pub(crate) fn at(text: &str) -> WallTime {
    text.parse().unwrap()
}

pub(crate) fn id(number: u32) -> SegmentId {
    let mut bytes = [0; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    SegmentId::from_bytes(bytes)
}

pub(crate) fn video() -> Arc<TrackParams> {
    Arc::new(TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 1920,
        height: 1080,
        pixel_aspect: (1, 1),
        config: vec![1, 2, 3].into(),
        reorder_depth: 2,
    }))
}

pub(crate) fn audio() -> Arc<TrackParams> {
    Arc::new(TrackParams::Audio(AudioParams {
        codec: AudioCodec::Aac,
        sample_rate: 48000,
        channels: 2,
        config: vec![0x11, 0x90].into(),
    }))
}

/// A segment of [start, end) with a byte a millisecond and two tracks.
pub(crate) fn segment(number: u32, start: WallTime, end: WallTime) -> SegmentRow {
    let bytes = u64::try_from(end.micros_since(start) / 1000).unwrap();
    let track = |params| SegmentTrack {
        params,
        totals: TrackTotals { samples: 9, bytes, key_frames: 3, chunks: 4, ..Default::default() },
    };
    SegmentRow {
        id: id(number),
        stream: STREAM,
        volume: VOLUME,
        run: RunId::from_bytes([4; 16]),
        camera_slug: "door".into(),
        stream_name: "main".into(),
        state: SegmentState::Sealed,
        start,
        end,
        bytes,
        allocated: bytes + 24,
        tracks: vec![track(video()), track(audio())],
        predecessor: None,
        last_commit: Some(CommitRef { number: 5, hash: [6; 32] }),
        end_cause: None,
    }
}

pub(crate) fn sealed(row: SegmentRow) -> Change {
    Change::SegmentSealed { row, index: None, activity: None }
}

/// An index of one video track with one sample of one second at `start`.
pub(crate) fn index(start: WallTime) -> SegmentIndex {
    SegmentIndex {
        tracks: vec![TrackIndex {
            params: video(),
            start: Ticks(0),
            samples: vec![Sample { size: 10, duration: 90_000, composition_offset: 0, key: true }],
            chunks: vec![Chunk { first_sample: 0, offset: 100 }],
            anchors: vec![Anchor { first_sample: 0, media: Ticks(0), wall: start }],
        }],
    }
}

/// The same segment as one that grows.
pub(crate) fn growing(row: SegmentRow) -> OpenSegment {
    let index = Arc::new(index(row.start));
    OpenSegment { row: SegmentRow { state: SegmentState::Open, ..row }, index }
}
