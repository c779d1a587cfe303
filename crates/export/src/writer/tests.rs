//! Exports of bytes at hand, on a disk that fails.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use base::{ArchiveId, CameraId, ExportId, SegmentId, StreamId, WallTime};
use bytes::Bytes;
use catalog::{SegmentRow, TimelineSpans};
use jiff::tz::TimeZone;
use media::SegmentIndex;
use playback::{SegmentFile, Source};
use world::sim::{Random, SeededEntropy, SimDisk};

use super::*;
use crate::manifest::{Clip, ClipStream, MemberHashes, Span};
use crate::plan::Deleted;
use crate::request::{Request, WantedStream};
use crate::verify;

/// Bytes, in slices of seven.
struct Held(Vec<u8>);

struct Sliced(Vec<u8>, usize);

impl Content for Held {
    fn read(&self) -> Box<dyn Slices> {
        Box::new(Sliced(self.0.clone(), 0))
    }
}

impl Iterator for Sliced {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.0[self.1..];
        let slice = &rest[..rest.len().min(7)];
        self.1 += slice.len();
        if slice == b"removed" {
            return Some(Err(SourceError::Removed(SegmentId::from_bytes([1; 16])).into()));
        }
        (!slice.is_empty()).then(|| Ok(Bytes::copy_from_slice(slice)))
    }
}

impl Slices for Sliced {
    fn remaining(&self) -> u64 {
        (self.0.len() - self.1) as u64
    }

    fn at_most(&mut self, _: usize) {}

    fn rest(&mut self, unread: u64) {
        self.1 -= usize::try_from(unread).unwrap();
    }
}

/// An archive of which something may be hidden, and nothing else is asked.
#[derive(Default)]
pub(crate) struct Archive {
    hidden: Mutex<Vec<(WallTime, WallTime)>>,
    deletions: AtomicU64,
    is_unreadable: AtomicBool,
}

type Answer<T> = Result<T, SourceError>;

impl Source for Archive {
    fn segments(&self, _: StreamId, _: WallTime, _: WallTime) -> Answer<Vec<SegmentRow>> {
        match self.is_unreadable.load(Ordering::Relaxed) {
            true => Err(SourceError::Unreadable {
                segment: SegmentId::from_bytes([5; 16]),
                why: "its disk is away".into(),
            }),
            false => Ok(vec![]),
        }
    }

    fn segments_before(&self, _: StreamId, _: WallTime, _: usize) -> Answer<Vec<SegmentRow>> {
        Ok(vec![])
    }

    fn segment_after(&self, _: StreamId, _: WallTime) -> Answer<Option<SegmentRow>> {
        Ok(None)
    }

    fn segment(&self, _: SegmentId) -> Answer<Option<SegmentRow>> {
        Ok(None)
    }

    fn timeline(&self, _: StreamId, _: WallTime, _: WallTime, _: i64) -> Answer<TimelineSpans> {
        unreachable!("there is no clip")
    }

    fn hidden(&self, _: StreamId, _: WallTime, _: WallTime) -> Answer<Vec<(WallTime, WallTime)>> {
        Ok(self.hidden.lock().unwrap().clone())
    }

    fn deletions(&self, _: StreamId) -> u64 {
        self.deletions.load(Ordering::Relaxed)
    }

    fn index(&self, _: &SegmentRow) -> Answer<Arc<SegmentIndex>> {
        unreachable!("there is no segment")
    }

    fn open(&self, _: &SegmentRow) -> Answer<Arc<dyn SegmentFile>> {
        unreachable!("there is no segment")
    }
}

pub(crate) fn key(seed: u64) -> Arc<ArchiveKey> {
    let disk = SimDisk::new();
    let made = ArchiveKey::create(&disk, Path::new("/key"), &SeededEntropy::new(seed));
    Arc::new(made.unwrap())
}

fn request() -> Request {
    let stream = WantedStream {
        camera: CameraId::from_bytes([1; 16]),
        camera_slug: "door".into(),
        camera_name: "Door <b>".into(),
        stream: StreamId::from_bytes([2; 16]),
        stream_name: "main".into(),
    };
    Request {
        id: ExportId::from_bytes([3; 16]),
        name: "The parcel".into(),
        streams: vec![stream],
        from: WallTime::from_micros(1_000_000),
        to: WallTime::from_micros(9_000_000),
        together: false,
        timestamps: false,
        by: "ada".into(),
        made: "2026-11-22T20:15:00Z".parse().unwrap(),
        archive: ArchiveId::from_bytes([4; 16]),
        public_key: key(1).public_key(),
        software: "holdfast 0".into(),
        zone: TimeZone::UTC,
    }
}

/// An export of these clips.
pub(crate) fn plan(clips: &[(&str, &[u8])]) -> Plan {
    plan_of(Arc::new(Archive::default()), clips)
}

fn plan_of(source: Arc<Archive>, clips: &[(&str, &[u8])]) -> Plan {
    let request = request();
    let shown = Span { from: request.from, to: request.to };
    let stream = ClipStream {
        camera: "door".into(),
        camera_name: "Door <b>".into(),
        camera_id: request.streams[0].camera.to_string(),
        stream: "main".into(),
        stream_id: request.streams[0].stream.to_string(),
        codecs: vec!["avc1.42c01e".into()],
        gaps: vec![],
    };
    let clip = |(file, bytes): &(&str, &[u8])| {
        let hashes = MemberHashes::unknown(bytes.len() as u64);
        Clip { file: (*file).into(), hashes, shown, streams: vec![stream.clone()] }
    };
    let content =
        |(_, bytes): &(&str, &[u8])| -> Arc<dyn Content> { Arc::new(Held(bytes.to_vec())) };
    let deleted = Deleted { times: vec![0], hidden: vec![vec![]] };
    let clips = (clips.iter().map(clip).collect(), clips.iter().map(content).collect());
    // Planned anew it is another one: there is nothing in this archive.
    Plan::of(source, request, clips, vec![], (deleted, vec![vec!["planned".into()]]))
}

fn paths() -> (PathBuf, PathBuf) {
    ("/out/a.part".into(), "/out/a.zip".into())
}

fn carry_out(disk: &SimDisk, plan: Plan) -> Result<Written, WriteError> {
    let mut exporter = Exporter::begin(Arc::new(disk.clone()), paths(), plan, key(1))?;
    let done = loop {
        let before = exporter.progress();
        match exporter.step() {
            Ok(None) => assert!(exporter.progress().written >= before.written),
            Ok(Some(written)) => break Ok(written),
            Err(error) => break Err(error),
        }
    };
    if done.is_err() {
        exporter.give_up();
    }
    done
}

fn disk() -> SimDisk {
    let disk = SimDisk::new();
    disk.create_dir_all(Path::new("/out")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    disk
}

fn names(disk: &SimDisk) -> Vec<String> {
    disk.list(Path::new("/out")).unwrap().into_iter().map(|entry| entry.name).collect()
}

/// The bytes of an export of these clips.
pub(crate) fn exported(clips: &[(&str, &[u8])]) -> Vec<u8> {
    let disk = disk();
    carry_out(&disk, plan(clips)).unwrap();
    disk.read_all(&paths().1, 1 << 20).unwrap()
}

#[test]
fn an_export_is_as_long_as_planned_and_proves_itself() {
    let disk = disk();
    let clips: &[(&str, &[u8])] = &[("door_main.mp4", b"some pictures"), ("door_sub.mp4", b"")];
    let planned = plan(clips);
    let len = planned.len();
    let written = carry_out(&disk, planned).unwrap();
    assert_eq!((written.bytes, names(&disk)), (len, vec!["a.zip".to_owned()]));
    let file = disk.open(&paths().1, false).unwrap();
    assert_eq!(file.len().unwrap(), len);
    let mut read = 0;
    let verdict = verify(&*file, &[], &mut |bytes| read += bytes).unwrap();
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.key, Some(key(1).public_key()));
    let manifest = verdict.manifest.unwrap();
    assert_eq!(manifest.clips[0].hashes.blake3, blake3::hash(b"some pictures").to_string());
    assert!(read > 13, "{read} bytes were read");
}

#[test]
fn footage_that_goes_meanwhile_leaves_nothing_behind() {
    let disk = disk();
    let clips: &[(&str, &[u8])] = &[("door_main.mp4", b"1234567removed")];
    let error = carry_out(&disk, plan(clips)).unwrap_err();
    assert!(error.to_string().contains("was removed while it was exported"), "{error}");
    assert_eq!(names(&disk), [""; 0]);
    let source = Arc::new(Archive::default());
    let plan = plan_of(source.clone(), &[("door_main.mp4", b"seen")]);
    source.hidden.lock().unwrap().push((WallTime::EPOCH, WallTime::MAX));
    let error = carry_out(&disk, plan).unwrap_err();
    assert!(matches!(error, WriteError::Deleted { .. }), "{error}");
    assert_eq!(names(&disk), [""; 0]);
    // Where what was deleted is gone, nothing is hidden any more.
    let source = Arc::new(Archive::default());
    let plan = plan_of(source.clone(), &[("door_main.mp4", b"seen")]);
    source.deletions.fetch_add(1, Ordering::Relaxed);
    let error = carry_out(&disk, plan).unwrap_err();
    assert!(matches!(error, WriteError::Deleted { .. }), "{error}");
    assert_eq!(names(&disk), [""; 0]);
}

#[test]
fn footage_that_cannot_be_read_meanwhile_is_not_called_deleted() {
    let disk = disk();
    let source = Arc::new(Archive::default());
    let plan = plan_of(source.clone(), &[("door_main.mp4", b"seen")]);
    source.deletions.fetch_add(1, Ordering::Relaxed);
    source.is_unreadable.store(true, Ordering::Relaxed);
    let error = carry_out(&disk, plan).unwrap_err();
    assert!(matches!(error, WriteError::Plan { .. }), "{error}");
    assert!(error.to_string().contains("its disk is away"), "{error}");
    assert_eq!(names(&disk), [""; 0]);
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    let disk = disk();
    disk.leave_free(20_000);
    let error = carry_out(&disk, plan(&[("door_main.mp4", &[7; 40_000])])).unwrap_err();
    assert!(error.to_string().contains("free space there"), "{error}");
    assert_eq!(names(&disk), [""; 0]);
}

#[test]
fn wherever_the_power_goes_there_is_a_whole_export_or_none() {
    let (mut whole, mut none) = (0, 0);
    for seed in 0..200 {
        let disk = disk();
        disk.fail_power_after(seed % 40);
        let made = carry_out(&disk, plan(&[("door_main.mp4", &[9; 100])]));
        disk.power_cut(&mut Random::new(seed));
        match disk.open(&paths().1, false) {
            Ok(file) => {
                let verdict = verify(&*file, &[], &mut |_| {}).unwrap();
                assert_eq!(verdict.findings, [], "seed {seed}");
                whole += 1;
            }
            Err(_) => {
                assert!(made.is_err(), "seed {seed}: it was said to be done");
                none += 1;
            }
        }
    }
    assert!(whole > 10 && none > 10, "{whole} whole, {none} none");
}
