//! Clips of footage as it is stored: a sealed segment and one that still grows.

use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use archive::{Expect, SegmentPlace, SegmentWriter, Urgency, Volume, VolumeIdentity};
use base::{
    ArchiveId, CameraId, RunId, SegmentId, StreamId, Ticks, Timescale, VolumeId, WallTime, limits,
};
use catalog::{CameraRow, Catalog, Change, OpenSegment, Options, SegmentRow, SegmentState};
use catalog::{StreamRow, VolumeRow, Writer};
use media::{Batch, BatchAnchor, BatchSample, Fragment, Identity, TrackParams, TrackRun};
use playback::{ClipReader, PlanError, ReadError, Source, SourceError, StoredFootage, Volumes};
use world::sim::{Effect, Fault, Operation, SimDisk};

use crate::archive::{stream, video};
use crate::mp4;
use crate::random::{FRAME, START};

/// One volume, that may go.
struct OneVolume(Mutex<Option<Arc<Volume>>>);

impl Volumes for OneVolume {
    fn volume(&self, _: VolumeId) -> Option<Arc<Volume>> {
        self.0.lock().unwrap().clone()
    }
}

struct Stored {
    disk: SimDisk,
    catalog: Catalog,
    footage: Arc<StoredFootage>,
    volume: Arc<OneVolume>,
    writer: Writer,
    /// Indexes that were read from files.
    refilled: Arc<Mutex<Vec<SegmentId>>>,
}

const FRAMES: u32 = 15;

/// Half a second of footage, the `number`th of its segment.
fn batch(number: u32, first: i64) -> Batch {
    let sample = |at: u32| BatchSample {
        duration: FRAME as u32,
        composition_offset: 0,
        key: at == 0,
        data: vec![number as u8 + 1; 50 + at as usize].into(),
    };
    let decode = i64::from(number * FRAMES) * FRAME;
    let wall = first + Timescale::VIDEO.to_micros(Ticks(decode));
    let samples = (0..FRAMES).map(sample).collect();
    let run = TrackRun { track: 0, first_decode: Ticks(decode), samples };
    let anchor = BatchAnchor { track: 0, media: Ticks(decode), wall: WallTime::from_micros(wall) };
    Batch { fragments: vec![Fragment { runs: vec![run] }], anchors: vec![anchor] }
}

fn row(writer: &SegmentWriter, state: SegmentState) -> SegmentRow {
    let (identity, index) = (writer.identity(), writer.index());
    let (start, end) = index.span().unwrap();
    let sums = index.tracks.iter();
    let sums = sums.map(|t| catalog::SegmentTrack { params: t.params.clone(), totals: t.totals() });
    SegmentRow {
        id: identity.segment,
        stream: identity.stream,
        volume: identity.volume,
        run: identity.run,
        camera_slug: "front-door".into(),
        stream_name: "main".into(),
        state,
        start,
        end,
        bytes: writer.end(),
        allocated: writer.end(),
        tracks: sums.collect(),
        predecessor: None,
        last_commit: writer.last_commit(),
        end_cause: None,
    }
}

/// A segment of four batches that starts `at` microseconds after [`START`].
fn write(volume: &Volume, id: u8, at: i64) -> SegmentWriter {
    let start = WallTime::from_micros(START + at);
    let identity = Identity {
        archive: volume.identity().archive,
        volume: volume.identity().volume,
        camera: CameraId::from_bytes([3; 16]),
        stream: stream(),
        run: RunId::from_bytes([5; 16]),
        segment: SegmentId::from_bytes([id; 16]),
        epoch: 0,
        start,
        predecessor: None,
        public_key: None,
        camera_slug: "front-door".to_owned(),
        camera_name: "Front door".to_owned(),
        stream_name: "main".to_owned(),
    };
    let (camera_slug, name) = (identity.camera_slug.clone(), identity.stream_name.clone());
    let place = SegmentPlace { camera_slug, stream: name, start, id: identity.segment };
    let params: Vec<Arc<TrackParams>> = vec![Arc::new(video(16))];
    let mut writer = volume.create(&place, identity, params).unwrap();
    for number in 0..4 {
        writer.append(&batch(number, START + at)).unwrap();
        writer.syncer().unwrap().sync().unwrap();
    }
    writer
}

fn known(volume: &VolumeIdentity) -> [Change; 3] {
    let camera = CameraId::from_bytes([3; 16]);
    [
        Change::PutVolume(VolumeRow {
            id: volume.volume,
            name: "disk1".to_owned(),
            path: "/volume".into(),
            keep_free: config::KeepFree::Permille(50),
            r#use: config::VolumeUse::Record,
            managed_by_file: false,
        }),
        Change::PutCamera(CameraRow {
            id: camera,
            slug: "front-door".to_owned(),
            name: "Front door".to_owned(),
            managed_by_file: false,
            paused: false,
            removed: false,
            username: None,
            password: None,
        }),
        Change::PutStream(StreamRow {
            id: stream(),
            camera,
            name: "main".to_owned(),
            url: "rtsp://192.0.2.10/main".to_owned(),
            transport: config::Transport::Tcp,
            schedule: None,
            record: true,
            paused: false,
            volume: None,
            keep: config::Keep { max_bytes: None, max_days: None, min_days: None },
        }),
    ]
}

/// Two seconds sealed, two seconds growing.
fn stored() -> Stored {
    let (disk, root) = (SimDisk::new(), Path::new("/volume"));
    let identity = VolumeIdentity {
        volume: VolumeId::from_bytes([1; 16]),
        archive: ArchiveId::from_bytes([2; 16]),
        public_key: [0; 32],
    };
    Volume::init(&disk, root, &identity).unwrap();
    let expect = Expect { volume: None, archive: identity.archive };
    let volume = Volume::open(Arc::new(disk.clone()), root, expect, "test").unwrap();
    let options = Options {
        time_zone: jiff::tz::TimeZone::UTC,
        index_cache_bytes: 1 << 20,
        new_archive: identity.archive,
        note: "test".to_owned(),
    };
    let (catalog, mut writer) = Catalog::memory(&options).unwrap();
    writer.apply(&known(&identity)).unwrap();

    let mut sealed = write(&volume, 1, 0);
    let sealing = sealed.seal(None).unwrap();
    sealing.syncer().sync().unwrap();
    sealing.turn().unwrap();
    sealing.syncer().sync().unwrap();
    sealing.finish().unwrap();
    let sealed = row(&sealed, SegmentState::Sealed);
    writer.apply(&[Change::SegmentSealed { row: sealed, index: None, activity: None }]).unwrap();

    let growing = write(&volume, 2, 2_000_000);
    let open = row(&growing, SegmentState::Open);
    writer.apply(&[Change::SegmentOpened(open.clone())]).unwrap();
    let index = Arc::new(growing.index().clone());
    catalog.tail().open(OpenSegment { row: open, index });

    let volume = Arc::new(OneVolume(Mutex::new(Some(Arc::new(volume)))));
    let refilled = Arc::new(Mutex::new(Vec::new()));
    let note = refilled.clone();
    let footage = StoredFootage::new(catalog.clone(), volume.clone())
        .refilling(move |segment, _| note.lock().unwrap().push(segment));
    Stored { disk, catalog, footage: Arc::new(footage), volume, writer, refilled }
}

fn plan(stored: &Stored) -> Result<Arc<playback::ClipPlan>, PlanError> {
    let at = |micros: i64| WallTime::from_micros(START + micros);
    let stream: StreamId = stream();
    let request = playback::ClipRequest::new(stream, at(1_200_000), at(3_000_000));
    playback::ClipPlan::new(&*stored.footage, request).map(Arc::new)
}

#[test]
fn a_clip_spans_what_is_sealed_and_what_grows() {
    let stored = stored();
    let plan = plan(&stored).unwrap();
    let reader = ClipReader::new(plan.clone(), stored.footage.clone(), 0..plan.len());
    let file: Vec<u8> = reader.flat_map(|slice| slice.unwrap()).collect();
    let track = &mp4::tracks(&file)[0];
    // From the key frame at 1.0 s up to 3.0 s; shown are those from 1.2 s on.
    assert_eq!(track.samples.len(), 60);
    assert_eq!(track.edit, (54 * FRAME as u64, 6 * FRAME));
    for (number, sample) in track.samples.iter().enumerate() {
        let (batch, at) = ((number / 15 + 2) % 4, number % 15);
        assert_eq!(&file[sample.offset..][..sample.size], vec![batch as u8 + 1; 50 + at]);
    }
    assert_eq!(*stored.refilled.lock().unwrap(), [SegmentId::from_bytes([1; 16])]);
}

#[test]
fn sizes_are_those_of_the_index_wherever_that_is() {
    let mut stored = stored();
    let expected: Vec<Vec<u32>> = vec![(0..60).map(|at| 50 + at % FRAMES).collect()];
    let rows = stored.footage.segments(stream(), WallTime::EPOCH, WallTime::MAX).unwrap();
    let [sealed, growing] = &rows[..] else { panic!("{rows:?}") };
    // One that has asked for nothing yet.
    let (catalog, volume) = (stored.catalog.clone(), stored.volume.clone());
    let sizes = |row: &SegmentRow| {
        let footage = StoredFootage::new(catalog.clone(), volume.clone());
        footage.sizes(row, &[true]).map(|sizes| (*sizes).clone())
    };
    assert_eq!(sizes(growing).as_ref(), Ok(&expected));
    assert_eq!(sizes(sealed).as_ref(), Ok(&expected), "from its file");
    let index = stored.footage.index(sealed).unwrap();
    let mut put = |index| {
        let segment = sealed.id;
        stored.writer.apply(&[Change::PutIndex { segment, index }]).unwrap();
    };
    put(b"of another version".to_vec());
    assert_eq!(sizes(sealed).as_ref(), Ok(&expected), "from its file");
    put(index.pack());
    let disk = volume.0.lock().unwrap().take();
    assert_eq!(sizes(sealed).as_ref(), Ok(&expected), "from the cache");
    *volume.0.lock().unwrap() = disk;
    // What is held is of the commit that the row has; what is cached may be of a repaired one.
    let mut repaired = (*index).clone();
    repaired.tracks[0].samples.truncate(59);
    put(repaired.pack());
    assert_eq!(sizes(sealed).map(|sizes| sizes[0].len()), Ok(59));
    assert_eq!(stored.footage.columns(sealed).unwrap().tracks[0].sizes, expected[0]);
    assert_eq!(*stored.footage.sizes(sealed, &[true]).unwrap(), expected);
    assert_eq!(*stored.footage.sizes(sealed, &[false]).unwrap(), [Vec::<u32>::new()]);
}

#[test]
fn a_segment_that_is_garbage_has_been_removed() {
    let mut stored = stored();
    let plan = plan(&stored).unwrap();
    let id = SegmentId::from_bytes([1; 16]);
    stored.writer.apply(&[Change::SegmentGarbage(id)]).unwrap();
    let volume = stored.volume.volume(VolumeId::from_bytes([1; 16])).unwrap();
    let place = SegmentPlace {
        camera_slug: "front-door".to_owned(),
        stream: "main".to_owned(),
        start: WallTime::from_micros(START),
        id,
    };
    volume.remove(&place).unwrap();
    let mut reader = ClipReader::new(plan.clone(), stored.footage.clone(), 0..plan.len());
    let error = reader.find_map(Result::err).unwrap();
    assert!(matches!(error, ReadError::Source(SourceError::Removed(gone)) if gone == id));
}

#[test]
fn a_volume_that_is_missing_is_named() {
    let stored = stored();
    stored.volume.0.lock().unwrap().take();
    let error = plan(&stored).unwrap_err();
    assert!(matches!(error, PlanError::Source(SourceError::Unreadable { .. })));
    assert!(error.to_string().contains("mount its disk"), "{error}");
}

/// Removes the sealed segment as retention does: row, file, row.
fn age_out(stored: &mut Stored) {
    let id = SegmentId::from_bytes([1; 16]);
    stored.writer.apply(&[Change::SegmentGarbage(id)]).unwrap();
    let place = SegmentPlace {
        camera_slug: "front-door".to_owned(),
        stream: "main".to_owned(),
        start: WallTime::from_micros(START),
        id,
    };
    stored.volume.volume(VolumeId::from_bytes([1; 16])).unwrap().remove(&place).unwrap();
    stored.writer.apply(&[Change::SegmentDeleted(id)]).unwrap();
}

#[test]
fn a_download_under_way_goes_on_when_what_it_reads_ages_out() {
    let mut stored = stored();
    let plan = plan(&stored).unwrap();
    let whole: Vec<u8> = ClipReader::new(plan.clone(), stored.footage.clone(), 0..plan.len())
        .flat_map(|slice| slice.unwrap())
        .collect();
    // Up to some bytes of the first segment's first picture.
    let begun = mp4::tracks(&whole)[0].samples[0].offset as u64 + 7;
    let mut reader = ClipReader::new(plan.clone(), stored.footage.clone(), begun..plan.len());
    let mut read = reader.next().unwrap().unwrap().to_vec();
    age_out(&mut stored);
    read.extend(reader.flat_map(|slice| slice.unwrap()));
    assert!(read == whole[begun as usize..], "the same bytes");
}

#[test]
fn a_download_that_had_not_come_so_far_ends_with_words_and_no_wrong_byte() {
    let mut stored = stored();
    let plan = plan(&stored).unwrap();
    let whole: Vec<u8> = ClipReader::new(plan.clone(), stored.footage.clone(), 0..plan.len())
        .flat_map(|slice| slice.unwrap())
        .collect();
    let mut reader = ClipReader::new(plan.clone(), stored.footage.clone(), 0..plan.len());
    let mut read = reader.next().unwrap().unwrap().to_vec();
    age_out(&mut stored);
    let error = loop {
        match reader.next().expect("it does not end as if it were whole") {
            Ok(slice) => read.extend(slice),
            Err(error) => break error,
        }
    };
    assert!(whole.starts_with(&read));
    assert!(error.to_string().contains("has been removed since"), "{error}");
    assert!(reader.next().is_none());
}

#[test]
fn a_disk_that_hangs_holds_few_readers_and_another_one_is_read_meanwhile() {
    let (stuck, well) = (stored(), stored());
    let (of_stuck, of_well) = (plan(&stuck).unwrap(), plan(&well).unwrap());
    // One that comes to its second segment only then.
    let all = || ClipReader::new(of_stuck.clone(), stuck.footage.clone(), 0..u64::MAX);
    let (slices, mut body) = (all().count(), all());
    body.by_ref().take(slices - 1).for_each(|slice| drop(slice.unwrap()));
    stuck.disk.add_fault(Fault::new(Operation::Read, Effect::Hang));
    let (tell, told) = channel();
    for _ in 0..limits::CLIP_READS_MAX {
        let mut reader = ClipReader::new(of_stuck.clone(), stuck.footage.clone(), 0..u64::MAX);
        let tell = tell.clone();
        std::thread::spawn(move || tell.send(reader.find_map(Result::err)));
    }
    let long = Duration::from_secs(60);
    for _ in limits::VOLUME_READS_MAX..limits::CLIP_READS_MAX {
        let error = told.recv_timeout(long).unwrap().expect("its disk hangs");
        let words = error.to_string();
        assert!(words.contains("does not answer") && !words.contains("holdfast check"), "{words}");
    }
    // Who is patient is not told that, also one who comes now.
    let patient = StoredFootage::new(stuck.catalog.clone(), stuck.volume.clone()).patient();
    let mut reader = ClipReader::new(of_stuck.clone(), Arc::new(patient), 0..u64::MAX);
    let of_patient = tell.clone();
    std::thread::spawn(move || of_patient.send(reader.find_map(Result::err)));
    // Nor a body that goes on.
    std::thread::spawn(move || tell.send(body.find_map(Result::err)));
    // The others are held by the disk itself, and by nothing else.
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err());
    let reader = ClipReader::new(of_well, well.footage.clone(), 0..u64::MAX);
    assert!(reader.map(Result::unwrap).count() > 0);
    stuck.disk.clear_faults();
    for _ in 0..limits::VOLUME_READS_MAX + 2 {
        let outcome = told.recv_timeout(long).unwrap();
        assert!(outcome.is_none(), "{outcome:?}");
    }
}

#[test]
fn only_what_the_disk_gave_the_beginning_of_is_read_past_the_gate() {
    let stored = stored();
    let row = stored.footage.segment(SegmentId::from_bytes([1; 16])).unwrap().unwrap();
    let file = stored.footage.open(&row).unwrap();
    let gate = stored.volume.volume(row.volume).unwrap().gate().clone();
    let fault = Fault::new(Operation::Read, Effect::Fail(std::io::ErrorKind::Other));
    stored.disk.add_fault(fault.times(1));
    file.read_part_at(&mut [0; 16], 0, 64).unwrap_err();
    let (tell, told) = channel();
    let read = |offset| {
        let (file, tell) = (file.clone(), tell.clone());
        std::thread::spawn(move || tell.send(file.read_exact_at(&mut [0; 16], offset)));
    };
    let full = || -> Vec<_> {
        (0..limits::VOLUME_READS_MAX).map(|_| gate.enter(Urgency::Whenever).unwrap()).collect()
    };
    let inside = full();
    read(16);
    assert!(told.recv_timeout(Duration::from_millis(200)).is_err(), "it went past the gate");
    drop(inside);
    told.recv_timeout(Duration::from_secs(60)).unwrap().unwrap();
    file.read_part_at(&mut [0; 16], 0, 64).unwrap();
    let inside = full();
    read(16);
    told.recv_timeout(Duration::from_secs(5)).expect("it is on its way").unwrap();
    drop(inside);
}
