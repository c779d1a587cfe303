//! Five minutes of made-up footage: 30 pictures a second with a key frame every two seconds, and
//! AAC at 48 kHz, in batches of 0.7 s (about a beat), as a camera's stream is recorded.

use std::sync::Arc;

use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, Ticks, VolumeId, WallTime};
use bytes::Bytes;
use media::{
    AudioCodec, AudioParams, Batch, BatchAnchor, BatchSample, Fragment, Identity, SegmentBuilder,
    SegmentIndex, TrackParams, TrackRun, VideoCodec, VideoParams,
};
use world::sim::Random;

/// The length of a segment.
pub const SEGMENT_MICROS: i64 = 300_000_000;
const PICTURES: u32 = 9000;
const PICTURES_A_BATCH: u32 = 21;
const PICTURE_TICKS: u32 = 3000;
const GOP: u32 = 60;
const SOUND_TICKS: u32 = 1024;

/// H.264 and AAC.
pub fn tracks() -> Vec<Arc<TrackParams>> {
    let sps = [0x67, 0x42, 0x00, 0x0a, 0xf8, 0x41, 0x0d, 0xa0];
    let pps = [0x68, 0xce, 0x38, 0x80];
    let mut config = vec![1, 0x42, 0x00, 0x0a, 0xff, 0xe1, 0, sps.len() as u8];
    config.extend(sps);
    config.extend([1, 0, pps.len() as u8]);
    config.extend(pps);
    let video = VideoParams {
        codec: VideoCodec::H264,
        width: 1920,
        height: 1080,
        pixel_aspect: (1, 1),
        config: config.into(),
        reorder_depth: 0,
    };
    let audio = AudioParams {
        codec: AudioCodec::Aac,
        sample_rate: 48_000,
        channels: 1,
        config: vec![0x11, 0x88].into(),
    };
    vec![Arc::new(TrackParams::Video(video)), Arc::new(TrackParams::Audio(audio))]
}

/// The batches of one segment. Pictures have about `bytes` bytes, key frames eight times as many.
pub fn batches(start: WallTime, bytes: u64, seed: u64) -> impl Iterator<Item = Batch> {
    let mut random = Random::new(seed);
    let spare = Bytes::from(vec![0; usize::try_from(bytes * 10).unwrap_or(0)]);
    (0..PICTURES).step_by(PICTURES_A_BATCH as usize).map(move |first| {
        let last = (first + PICTURES_A_BATCH).min(PICTURES);
        batch(start, first, last, &mut |key| {
            let len = if key { bytes * 8 } else { bytes * 3 / 4 + random.below(bytes / 2) };
            spare.slice(..usize::try_from(len).unwrap_or(0))
        })
    })
}

fn batch(start: WallTime, first: u32, last: u32, data: &mut impl FnMut(bool) -> Bytes) -> Batch {
    let sound_at = |picture: u32| {
        u32::try_from(u64::from(picture) * 48_000 / 30 / u64::from(SOUND_TICKS)).unwrap_or(0)
    };
    let key_inside = (first + 1..last).find(|picture| picture.is_multiple_of(GOP));
    let ends = key_inside.into_iter().chain([last]);
    let mut fragments = Vec::new();
    let mut from = first;
    for to in ends {
        let pictures = (from..to).map(|picture| {
            let key = picture.is_multiple_of(GOP);
            BatchSample { duration: PICTURE_TICKS, composition_offset: 0, key, data: data(key) }
        });
        let pictures = TrackRun {
            track: 0,
            first_decode: Ticks(i64::from(from) * i64::from(PICTURE_TICKS)),
            samples: pictures.collect(),
        };
        let sounds = (sound_at(from)..sound_at(to)).map(|_| BatchSample {
            duration: SOUND_TICKS,
            composition_offset: 0,
            key: true,
            data: data(false).slice(..data(false).len().min(170)),
        });
        let sounds = TrackRun {
            track: 1,
            first_decode: Ticks(i64::from(sound_at(from)) * i64::from(SOUND_TICKS)),
            samples: sounds.collect(),
        };
        let runs = [pictures, sounds].into_iter().filter(|run| !run.samples.is_empty());
        fragments.push(Fragment { runs: runs.collect() });
        from = to;
    }
    let anchor = |track: usize, media: i64, rate: i64| BatchAnchor {
        track,
        media: Ticks(media),
        wall: start.plus_micros(media * 1_000_000 / rate),
    };
    let anchors = vec![
        anchor(0, i64::from(first) * i64::from(PICTURE_TICKS), 90_000),
        anchor(1, i64::from(sound_at(first)) * i64::from(SOUND_TICKS), 48_000),
    ];
    Batch { fragments, anchors }
}

/// Who a segment is.
pub struct Whose {
    pub archive: ArchiveId,
    pub volume: VolumeId,
    pub camera: CameraId,
    pub stream: StreamId,
    pub slug: String,
    pub public_key: [u8; 32],
}

/// The identity of one segment.
pub fn identity(whose: &Whose, segment: SegmentId, run: RunId, start: WallTime) -> Identity {
    Identity {
        archive: whose.archive,
        volume: whose.volume,
        camera: whose.camera,
        stream: whose.stream,
        run,
        segment,
        epoch: 0,
        start,
        predecessor: None,
        public_key: Some(whose.public_key),
        camera_slug: whose.slug.clone(),
        camera_name: whose.slug.clone(),
        stream_name: "main".to_owned(),
    }
}

/// The index of five minutes at 4 Mbit/s, as a file would have it.
pub fn index(seed: u64) -> SegmentIndex {
    let whose = Whose {
        archive: ArchiveId::from_bytes([1; 16]),
        volume: VolumeId::from_bytes([2; 16]),
        camera: CameraId::from_bytes([3; 16]),
        stream: StreamId::from_bytes([4; 16]),
        slug: "made".to_owned(),
        public_key: [0; 32],
    };
    let (segment, run) = (SegmentId::from_bytes([5; 16]), RunId::from_bytes([6; 16]));
    let start = WallTime::from_micros(1_795_378_500_000_000);
    let mut builder = SegmentBuilder::new(identity(&whose, segment, run, start), tracks());
    for batch in batches(start, 15_000, seed) {
        let encoded = builder.encode(&batch).expect("a made batch keeps the rules");
        let Ok(commit) = encoded.write(|_, _| Ok::<(), std::convert::Infallible>(()));
        builder.commit(&encoded, commit);
    }
    builder.index().clone()
}
