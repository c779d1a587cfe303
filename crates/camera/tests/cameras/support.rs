//! A camera, a task that watches it, and what it saw.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base::{RunId, Shutdown, WallTime};
use camera::{
    Bounds, ClockEstimate, Context, EndCause, Epoch, FrameSink, Status, StatusHandle, StreamSource,
};
use media::Frame;
use testcam::{Login, Stamp, TestCam, TestCamOptions, stamps};
use world::{SystemClock, SystemEntropy};

pub const PATIENCE: Duration = Duration::from_secs(20);

/// Everything a sink was told.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub epochs: Vec<Epoch>,
    /// Frames with the number of their epoch in `epochs`.
    pub frames: Vec<(usize, Frame)>,
    pub clock: Option<ClockEstimate>,
    pub ends: Vec<(EndCause, WallTime)>,
    pub open: bool,
}

#[derive(Clone, Default)]
pub struct Sink(
    pub Arc<Mutex<Seen>>,
    pub Arc<Mutex<Option<EndCause>>>,
    /// Whether it is watched.
    pub Arc<AtomicBool>,
);

impl FrameSink for Sink {
    fn begin_epoch(&mut self, epoch: Epoch) {
        let mut seen = self.0.lock().unwrap();
        if let Some(last) = seen.epochs.last() {
            assert_eq!(seen.open, last.run == epoch.run, "a run begins after the last has ended");
        }
        seen.open = true;
        seen.epochs.push(epoch);
    }

    fn frame(&mut self, frame: Frame) {
        let mut seen = self.0.lock().unwrap();
        assert!(seen.open, "frames come inside runs");
        let epoch = seen.epochs.len() - 1;
        seen.frames.push((epoch, frame));
    }

    fn clock(&mut self, estimate: ClockEstimate) {
        self.0.lock().unwrap().clock = Some(estimate);
    }

    fn end_run(&mut self, cause: EndCause, at: WallTime) {
        let mut seen = self.0.lock().unwrap();
        assert!(seen.open, "only what has begun can end");
        seen.open = false;
        seen.ends.push((cause, at));
    }

    fn is_watched(&self) -> bool {
        self.2.load(Ordering::Relaxed)
    }

    fn end_requested(&mut self) -> Option<EndCause> {
        self.1.lock().unwrap().take()
    }
}

impl Seen {
    /// Frames of one track of one run, in decode order.
    pub fn track(&self, run: RunId, track: usize) -> Vec<&Frame> {
        let of = |(epoch, frame): &&(usize, Frame)| {
            self.epochs[*epoch].run == run && frame.track == track
        };
        self.frames.iter().filter(of).map(|(_, frame)| frame).collect()
    }

    pub fn first_run(&self) -> RunId {
        self.epochs[0].run
    }

    pub fn video(&self) -> Vec<&Frame> {
        self.track(self.first_run(), 0)
    }

    /// Frame numbers of all video frames by session.
    pub fn stamped(&self) -> BTreeMap<u32, Vec<u64>> {
        let mut sessions: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        for (_, frame) in &self.frames {
            for Stamp { session, frame, .. } in stamps(&frame.data) {
                sessions.entry(session).or_default().push(frame);
            }
        }
        sessions
    }

    /// Asserts that of every session every frame is there once, in order, from `first` on.
    pub fn assert_whole(&self, first: u64) {
        for (session, frames) in self.stamped() {
            let want: Vec<u64> = (first..first + frames.len() as u64).collect();
            assert_eq!(frames, want, "of session {session}");
        }
    }

    /// Asserts what every sink may rely on: decode times rise within each track of a run.
    pub fn assert_decodable(&self) {
        for epoch in &self.epochs {
            for track in 0..epoch.tracks.len() {
                let times: Vec<i64> =
                    self.track(epoch.run, track).iter().map(|f| f.dts.0).collect();
                assert!(
                    times.is_sorted_by(|a, b| a < b),
                    "decode times of track {track}: {times:?}"
                );
            }
        }
    }
}

/// A task that watches a camera.
pub struct Watch {
    pub sink: Sink,
    pub status: StatusHandle,
    pub shutdown: Shutdown,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    pub fn seen(&self) -> Seen {
        self.sink.0.lock().unwrap().clone()
    }

    pub fn status(&self) -> Status {
        self.status.snapshot()
    }

    /// Waits until `done`; says what was seen when it does not come.
    pub async fn until(&self, what: &str, done: impl Fn(&Seen, &Status) -> bool) {
        let begun = Instant::now();
        while !done(&self.seen(), &self.status()) {
            if begun.elapsed() > PATIENCE {
                let seen = self.seen();
                let (epochs, frames) = (seen.epochs.len(), seen.frames.len());
                panic!(
                    "{what} did not happen; {epochs} epochs, {frames} frames, ends {:?}, {:?}",
                    seen.ends,
                    self.status()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn video_frames(&self, count: usize) {
        let video = |seen: &Seen| seen.frames.iter().filter(|(_, f)| f.track == 0).count();
        self.until("playing", |seen, _| video(seen) >= count).await;
    }

    /// Stops the task; what was seen, and how long it took.
    pub async fn stop(self) -> (Seen, Duration) {
        let asked = Instant::now();
        self.shutdown.request();
        tokio::time::timeout(PATIENCE, self.task).await.expect("it stops").unwrap();
        let seen = self.sink.0.lock().unwrap().clone();
        assert!(!seen.open, "the last run was ended");
        (seen, asked.elapsed())
    }
}

/// Bounds that do not make a test wait.
pub fn quick() -> Bounds {
    Bounds {
        call: Duration::from_millis(700),
        silence: Duration::from_millis(800),
        key_frame: Duration::from_millis(600),
        back_off: (Duration::from_millis(50), Duration::from_millis(200)),
        ..Bounds::default()
    }
}

/// Patient bounds for what must not be interrupted, on a busy machine either.
pub fn patient() -> Bounds {
    let long = Duration::from_secs(10);
    Bounds { call: long, silence: long, key_frame: long, ..quick() }
}

pub fn watch(source: StreamSource, bounds: Bounds) -> Watch {
    watch_by(source, bounds, |sink| sink)
}

/// The same, through another sink around it.
pub fn watch_by<S: FrameSink + 'static>(
    source: StreamSource,
    bounds: Bounds,
    around: impl FnOnce(Sink) -> S,
) -> Watch {
    let (sink, status, shutdown) = (Sink::default(), StatusHandle::new(), Shutdown::new());
    let context = Context {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        shutdown: shutdown.clone(),
        status: status.clone(),
        pace: None,
        bounds,
    };
    let task = tokio::spawn(camera::run(source, around(sink.clone()), context));
    Watch { sink, status, shutdown, task }
}

pub fn clip(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testcam/clips").join(name)
}

/// The demo's clips under short names.
pub async fn cameras(login: Option<Login>) -> TestCam {
    let clips = [
        ("aac", "door-main.mp4"),
        ("plain", "door-sub.mp4"),
        ("bframes", "drive-main.mp4"),
        ("other", "garden-main.mp4"),
        ("ulaw", "garden-sub.mp4"),
    ];
    let clips = clips.map(|(name, file)| (name.to_owned(), clip(file))).to_vec();
    let options = TestCamOptions { clips, login, stamp: true, ..TestCamOptions::default() };
    testcam::serve(options).await.expect("the clips are there")
}

pub fn source(url: &str) -> StreamSource {
    StreamSource::new("test", url).unwrap()
}

/// Watches one path of a fresh camera.
pub async fn watch_path(path: &str, bounds: Bounds) -> (TestCam, Watch) {
    let cam = cameras(None).await;
    let watch = watch(source(&cam.url(path)), bounds);
    (cam, watch)
}

/// Awaits them all at the same time.
pub async fn all(futures: impl IntoIterator<Item = impl Future<Output = ()> + Send + 'static>) {
    let mut set: tokio::task::JoinSet<()> = futures.into_iter().collect();
    while let Some(done) = set.join_next().await {
        done.unwrap();
    }
}
