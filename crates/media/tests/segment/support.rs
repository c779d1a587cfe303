//! Recordings to test with.

use std::sync::Arc;

use base::{ArchiveId, CameraId, MonoTime, RunId, SegmentId, StreamId, Ticks, VolumeId, WallTime};
use bytes::Bytes;
use media::{
    Access, AudioCodec, AudioParams, Batch, CommitRef, DecodeClock, EncodedBatch, Frame, Identity,
    ParameterSets, Predecessor, SegmentBuilder, SegmentScale, TrackParams, VideoCodec, VideoParams,
};

/// 2026-11-22T20:15:00Z.
pub const NOW: WallTime = WallTime::from_micros(1_795_378_500_000_000);

pub fn identity() -> Identity {
    let id = |last: u8| {
        let mut bytes = [0x11; 16];
        bytes[15] = last;
        bytes
    };
    Identity {
        archive: ArchiveId::from_bytes(id(1)),
        volume: VolumeId::from_bytes(id(2)),
        camera: CameraId::from_bytes(id(3)),
        stream: StreamId::from_bytes(id(4)),
        run: RunId::from_bytes(id(5)),
        segment: SegmentId::from_bytes(id(6)),
        epoch: 0,
        start: NOW,
        predecessor: Some(Predecessor {
            segment: SegmentId::from_bytes(id(7)),
            commit: CommitRef { number: 9, hash: [7; 32] },
        }),
        public_key: Some([8; 32]),
        camera_slug: "front-door".to_owned(),
        camera_name: "Front door".to_owned(),
        stream_name: "main".to_owned(),
    }
}

/// High profile with a reorder depth of 2, as x264 writes it.
pub fn video() -> Arc<TrackParams> {
    let mut sets = ParameterSets::default();
    let sps: &[u8] = &[
        0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0, 0, 3, 0,
        4, 0, 0, 3, 0, 0xf0, 0x3c, 0x60, 0xc6, 0x58,
    ];
    sets.absorb(VideoCodec::H264, sps);
    sets.absorb(VideoCodec::H264, &[0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0]);
    Arc::new(TrackParams::Video(VideoParams::from_parameter_sets(VideoCodec::H264, &sets).unwrap()))
}

pub fn aac() -> Arc<TrackParams> {
    Arc::new(TrackParams::Audio(AudioParams::aac(&[0x11, 0x90]).unwrap()))
}

pub fn alaw() -> Arc<TrackParams> {
    Arc::new(TrackParams::Audio(AudioParams::g711(AudioCodec::Alaw, 8000, 1)))
}

/// Frames of one run, in the stream's order, whose tick 0 is [`NOW`] in every track.
#[derive(Clone, Debug)]
pub struct Recording {
    pub tracks: Vec<Arc<TrackParams>>,
    pub frames: Vec<Frame>,
}

impl Recording {
    pub fn new(tracks: &[Arc<TrackParams>]) -> Self {
        Self { tracks: tracks.to_vec(), frames: Vec::new() }
    }

    pub fn push(
        &mut self,
        track: usize,
        pts: i64,
        dts: i64,
        duration: u32,
        key: bool,
        data: Bytes,
    ) {
        let access = if key { Access::Idr } else { Access::None };
        let (pts, dts) = (Ticks(pts), Ticks(dts));
        let (received, received_wall) = (MonoTime::default(), NOW);
        self.frames.push(Frame {
            track,
            pts,
            dts,
            duration,
            access,
            data,
            received,
            received_wall,
        });
    }

    /// Video at 25 frames a second in closed GOPs of 12, decoded in the order I P B B P …; its
    /// decode times derived as a camera's are; beside it a frame of audio for each picture.
    pub fn with_b_frames(pictures: i64, audio: Option<Arc<TrackParams>>) -> Self {
        let tracks: Vec<_> = [video()].into_iter().chain(audio).collect();
        let mut recording = Self::new(&tracks);
        let mut clock = DecodeClock::new(1, 3600);
        for picture in 0..pictures {
            let (gop, place) = (picture / 12 * 12, picture % 12);
            let shown = match place {
                0 | 10 | 11 => place,
                _ if place % 3 == 1 => place + 2,
                _ => place - 1,
            };
            let pts = (gop + shown) * 3600;
            let dts = clock.push(Ticks(pts)).dts.0;
            let size = if place == 0 { 900 } else { 90 + picture as usize % 7 };
            recording.push(0, pts, dts, 3600, place == 0, vec![picture as u8; size].into());
            if let Some(audio) = tracks.get(1) {
                let ticks = i64::from(audio.timescale().hertz()) / 25;
                let at = picture * ticks;
                recording.push(1, at, at, ticks as u32, true, vec![0xa0; 40].into());
            }
        }
        recording
    }

    /// JPEG pictures at 25 a second, beside each a frame of sound.
    pub fn of_jpeg(pictures: i64) -> Self {
        let picture = [&[0xff, 0xd8, 0xff, 0xc0, 0, 7, 8, 0, 120, 0, 160][..], &[7; 90]].concat();
        let params = VideoParams::of_jpeg(&picture).unwrap();
        let mut recording = Self::new(&[Arc::new(TrackParams::Video(params)), alaw()]);
        for number in 0..pictures {
            let at = number * 3600;
            recording.push(0, at, at, 3600, true, picture.clone().into());
            recording.push(1, number * 320, number * 320, 320, true, vec![0xd5; 320].into());
        }
        recording
    }

    pub fn scale(&self) -> SegmentScale {
        let first = |track| self.frames.iter().find(|frame| frame.track == track);
        let firsts: Vec<_> =
            (0..self.tracks.len()).map(|track| first(track).map(|frame| frame.dts)).collect();
        SegmentScale::new(&self.tracks, &vec![NOW; self.tracks.len()], &firsts)
    }

    /// Cut into batches of so many frames each.
    pub fn batches(&self, frames_each: usize) -> Vec<Batch> {
        let scale = self.scale();
        let wall =
            |track: usize, at: Ticks| NOW.plus_micros(self.tracks[track].timescale().to_micros(at));
        let batch = |frames: &[Frame]| {
            let (batch, left_out) = Batch::assemble(&self.tracks, &scale, frames, wall);
            assert_eq!(left_out, 0);
            batch
        };
        self.frames.chunks(frames_each).map(batch).collect()
    }
}

/// Writes a batch behind what a file holds; the commit that it is.
pub fn put(file: &mut Vec<u8>, encoded: &EncodedBatch) -> CommitRef {
    let written = encoded.write(|pieces, offset| {
        assert_eq!(offset, file.len() as u64, "stretches follow one another");
        pieces.iter().for_each(|piece| file.extend_from_slice(piece));
        Ok::<_, std::convert::Infallible>(())
    });
    let Ok(commit) = written;
    commit
}

/// A segment as its file would hold it.
#[derive(Clone, Debug)]
pub struct Written {
    pub builder: SegmentBuilder,
    /// The file while it grows.
    pub growing: Vec<u8>,
    /// Where each commit ends in it.
    pub ends: Vec<usize>,
}

impl Written {
    pub fn new(tracks: &[Arc<TrackParams>], batches: &[Batch]) -> Self {
        let mut builder = SegmentBuilder::new(identity(), tracks.to_vec());
        let (mut growing, mut ends) = (Vec::new(), Vec::new());
        for batch in batches {
            let encoded = builder.encode(batch).unwrap();
            assert_eq!(encoded.offset, growing.len() as u64);
            let commit = put(&mut growing, &encoded);
            assert_eq!(encoded.offset + encoded.len, growing.len() as u64);
            builder.commit(&encoded, commit);
            ends.push(growing.len());
        }
        Self { builder, growing, ends }
    }

    pub fn of(recording: &Recording, frames_each: usize) -> Self {
        Self::new(&recording.tracks, &recording.batches(frames_each))
    }

    /// After the first sync of sealing: the final `moov` and the seal stand, the header is as it
    /// was.
    pub fn half_sealed(&self) -> Vec<u8> {
        let sealing = self.builder.seal(Some(&|message| {
            let hash = blake3::hash(message);
            [*hash.as_bytes(), *hash.as_bytes()].concat().try_into().unwrap()
        }));
        let sealing = sealing.unwrap();
        assert_eq!(sealing.tail_offset, self.growing.len() as u64);
        [&self.growing, &sealing.tail[..]].concat()
    }

    pub fn sealed(&self) -> Vec<u8> {
        let mut file = self.half_sealed();
        let sealing = self.builder.seal(None).unwrap();
        let at = sealing.head_offset as usize;
        assert_eq!(&file[at..at + 8], b"\0\0\0\x10free");
        file[at..at + 16].copy_from_slice(&sealing.head);
        file
    }
}
