//! The running process: the real stream, recorder, archive and catalog, and what stands between
//! them in the program's threads.

use std::collections::VecDeque;
use std::sync::Arc;

use archive::Volume;
use base::{MonoTime, VolumeId};
use catalog::{Catalog, Change, Writer};
use control::Roster;
use recorder::{FinishReport, Now, Retention, Standing, StepReport, StreamJob};
use recorder::{Unfinished, VolumeRecorder, recover};
use stream::{Budget, StreamReader};
use world::sim::{SimClock, SimDisk};

use crate::camera::FakeCamera;
use crate::orders::{Command, Placing, Watch};
use crate::parting::Parting;
use crate::rows::{Camera, slug};

/// The running process.
pub struct Machine {
    /// Its catalog.
    pub catalog: Catalog,
    /// Its volumes, in their order.
    pub places: Vec<Place>,
    pub(crate) writer: Writer,
    pub(crate) cameras: Vec<FakeCamera>,
    /// Sessions that were told to end and have not yet.
    pub(crate) parting: Vec<Parting>,
    /// What frames may wait in, all streams together.
    pub(crate) memory: Budget,
    pub(crate) readers: Vec<StreamReader>,
    /// Where the recording of each stands.
    pub(crate) standings: Vec<Arc<Standing>>,
    /// What files that await recovery say of one another.
    pub(crate) claims: recover::Claims,
    pub(crate) changes: VecDeque<(MonoTime, Vec<Change>)>,
    /// Who says where streams are recorded, unless each is at its home.
    pub(crate) placing: Option<Placing>,
}

/// One volume, as the two threads of the program see it that work on it.
pub struct Place {
    /// What there is while it is open.
    pub at_work: Option<AtWork>,
    pub(crate) id: VolumeId,
    pub(crate) disk: SimDisk,
    /// The clocks of the thread that records and of the one that keeps: a call that takes long
    /// moves its thread's clock ahead of everybody's.
    pub(crate) clocks: [SimClock; 2],
    pub(crate) look_again: MonoTime,
    /// What the recording thread is doing.
    pub(crate) stepping: Option<Stepping>,
    /// What the recording thread was told, and has not read yet.
    pub(crate) commands: VecDeque<Command>,
    /// What it is to record, where placement says so.
    pub(crate) roster: Roster,
    pub(crate) watch: Watch,
    /// The keeping thread is busy until then.
    pub(crate) keeping_until: MonoTime,
}

/// A round that takes time.
pub(crate) struct Stepping {
    pub(crate) since: MonoTime,
    pub(crate) until: MonoTime,
    pub(crate) report: StepReport,
    /// Where it was the last one: whether everything is written.
    pub(crate) finished: Option<bool>,
}

/// What there is while a volume is open.
pub struct AtWork {
    /// The volume.
    pub volume: Arc<Volume>,
    /// What records on it.
    pub recorder: VolumeRecorder,
    pub(crate) unfinished: VecDeque<Unfinished>,
    /// Files that could not be finished.
    pub(crate) retries: recover::Retries,
    /// Files that cannot be finished before another volume was heard.
    pub(crate) held: Vec<Unfinished>,
    pub(crate) older: Vec<recover::Older>,
    pub(crate) finish_due: MonoTime,
    pub(crate) look_due: MonoTime,
    pub(crate) retention: Retention,
}

impl Machine {
    /// The first volume; panics while it is not open.
    pub fn volume(&self) -> Arc<Volume> {
        self.places[0].at_work.as_ref().expect("the volume is open").volume.clone()
    }

    /// The volume `id`, while it is open.
    pub fn volume_of(&self, id: VolumeId) -> Option<Arc<Volume>> {
        let place = self.places.iter().find(|place| place.id == id)?;
        Some(place.at_work.as_ref()?.volume.clone())
    }

    /// Whether it records, and was not told to end.
    pub fn is_recording(&self) -> bool {
        self.placing.as_ref().is_some_and(|placing| placing.ending.is_none())
    }

    /// The volumes that are open.
    pub fn volumes(&self) -> Vec<Arc<Volume>> {
        self.at_work().map(|at_work| at_work.volume.clone()).collect()
    }

    /// What works on the volumes that are open.
    pub fn at_work(&self) -> impl Iterator<Item = &AtWork> {
        self.places.iter().filter_map(|place| place.at_work.as_ref())
    }

    /// The frames that the stream of camera `number` holds for its recorder.
    pub fn reader(&self, number: usize) -> &StreamReader {
        &self.readers[number]
    }
}

impl AtWork {
    /// Records a camera here.
    pub(crate) fn add(&mut self, camera: &Camera, reader: StreamReader, standing: Arc<Standing>) {
        self.recorder.add(StreamJob {
            camera: camera.camera,
            camera_slug: slug(camera.number),
            camera_name: format!("Camera {}", camera.number),
            stream: camera.stream,
            stream_name: "main".to_owned(),
            reader,
            standing,
        });
    }
}

/// What ending a volume's recording came to.
pub(crate) fn finish(place: &mut Place, now: Now) -> Option<FinishReport> {
    place.disk.set_clock(place.clocks[0].clone());
    let at_work = place.at_work.as_mut()?;
    Some(at_work.recorder.finish(now, &recorder::InOrder))
}
