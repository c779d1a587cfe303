//! One stream recorded from memory, step by step: the same instructions each time, to be counted.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use archive::{ArchiveKey, Expect, Volume, VolumeIdentity};
use base::{ArchiveId, CameraId, MonoTime, StreamId, VolumeId, WallTime};
use camera::{FrameSink, StreamSource};
use catalog::Catalog;
use recorder::{InOrder, Now, Settings, Site, StreamJob, VolumeRecorder};
use stream::{StreamReader, StreamWriter};
use world::sim::{SeededEntropy, SimClock};
use world::{Clock, SystemDisk};

use crate::conversation::{self, Conversation};

const SYNC_INTERVAL: Duration = Duration::from_secs(1);
const START: WallTime = WallTime::from_micros(1_795_378_500_000_000);

/// Records `seconds` of 1080p30 at 4 Mbit/s below `dir`, with a sync every second.
pub fn record(dir: &Path, seconds: u32) -> Result<()> {
    let scratch = tempfile::tempdir_in(dir)?;
    let clock = SimClock::held(START);
    let (writer, reader) = stream::stream();
    let mut recording = Recording::new(scratch.path(), &clock, reader)?;
    let context = conversation::context(&clock);
    let mut conversation = Conversation::new();
    let opening = conversation.opening();
    // What is read at once: what has come in a tick of the camera's thread.
    let tick = base::limits::read_tick(SYNC_INTERVAL);
    let ticks = seconds * 1000 / u32::try_from(tick.as_millis())?;
    let media = (0..ticks).map(|_| {
        clock.advance(tick);
        recording.go_on(Now::of(&clock));
        conversation.media(tick)
    });
    let source = StreamSource::new("counted", "rtsp://192.0.2.1/main")?;
    camera::replay(&source, &mut Sink(writer), &context, opening.into_iter().chain(media))?;
    recording.finish(Now::of(&clock), seconds)
}

/// The recorder of one volume with one stream.
struct Recording {
    recorder: VolumeRecorder,
    due: MonoTime,
    bytes: u64,
}

impl Recording {
    fn new(dir: &Path, clock: &SimClock, reader: StreamReader) -> Result<Self> {
        let (catalog_dir, root) = (dir.join("catalog"), dir.join("media"));
        std::fs::create_dir(&catalog_dir)?;
        let entropy = SeededEntropy::new(2);
        let key_path = catalog_dir.join("archive.key");
        let key = Arc::new(ArchiveKey::load_or_create(&SystemDisk, &key_path, &entropy)?);
        let options = crate::made::options();
        let (catalog, _writer) = Catalog::open(&SystemDisk, &catalog_dir, &options)?;
        let archive: ArchiveId = options.new_archive;
        let volume = VolumeId::from_bytes([2; 16]);
        let identity = VolumeIdentity { volume, archive, public_key: key.public_key() };
        Volume::init(&SystemDisk, &root, &identity)?;
        let expect = Expect { volume: Some(volume), archive };
        let volume = Volume::open(Arc::new(SystemDisk), &root, expect, "the measurement")?;
        let site = Site {
            volume: Arc::new(volume),
            key: Some(key),
            catalog,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(entropy),
        };
        let settings =
            Settings { sync_interval: SYNC_INTERVAL, segment_duration: Duration::from_secs(300) };
        let mut recorder = VolumeRecorder::new(site, settings, Now::of(clock));
        recorder.add(StreamJob {
            camera: CameraId::from_bytes([3; 16]),
            camera_slug: "counted".to_owned(),
            camera_name: "Counted".to_owned(),
            stream: StreamId::from_bytes([4; 16]),
            stream_name: "main".to_owned(),
            reader,
            standing: Arc::default(),
        });
        Ok(Self { recorder, due: clock.mono(), bytes: 0 })
    }

    fn go_on(&mut self, now: Now) {
        if now.mono >= self.due && self.recorder.comes_due(now.mono) {
            let report = self.recorder.step(now, &InOrder);
            self.bytes += report.bytes;
        }
        self.due = self.recorder.due();
    }

    fn finish(mut self, now: Now, seconds: u32) -> Result<()> {
        self.go_on(Now { mono: self.due, ..now });
        self.recorder.finish(now, &InOrder);
        let expected = u64::from(seconds.saturating_sub(3)) * 500_000;
        ensure!(self.bytes >= expected, "only {} bytes were recorded", self.bytes);
        Ok(())
    }
}

/// Puts what the camera sends into the stream.
struct Sink(StreamWriter);

impl FrameSink for Sink {
    fn begin_epoch(&mut self, epoch: camera::Epoch) {
        let camera::Epoch { run, number, tracks, begun } = epoch;
        self.0.begin_epoch(Arc::new(stream::Epoch { run, number, tracks, begun }));
    }

    fn frame(&mut self, frame: media::Frame) {
        self.0.push(frame);
    }

    fn clock(&mut self, estimate: camera::ClockEstimate) {
        let camera::ClockEstimate { offsets, settled } = estimate;
        self.0.set_clock(stream::ClockEstimate { offsets, settled });
    }

    fn end_run(&mut self, _cause: camera::EndCause, at: WallTime) {
        self.0.end_run(stream::EndCause::Shutdown, at, MonoTime::default());
    }

    fn end_requested(&mut self) -> Option<camera::EndCause> {
        None
    }
}
