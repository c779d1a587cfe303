//! Streams that go from one volume to another, as the program's placement moves them, and a disk
//! that holds its recorder up in the middle of a round.

use std::cell::RefCell;
use std::time::Duration;

use base::{MonoTime, VolumeId, limits};
use recorder::retain::KeptFiles;
use recorder::{Drain, Job, Now, Parallel, Settled, Settling};
use world::Clock;

use crate::machine::AtWork;
use crate::scene::World;

impl World {
    /// Takes a camera's stream over on volume `to`, whatever its present one does.
    pub fn take_over(&mut self, camera: usize, to: usize) {
        self.cameras[camera].home = to;
        let Some(machine) = &mut self.machine else { return };
        let (reader, standing) = (machine.readers[camera].clone(), &machine.standings[camera]);
        let standing = standing.clone();
        if let Some(at_work) = &mut machine.places[to].at_work {
            at_work.add(&self.cameras[camera], reader, standing);
        }
        self.say(format!("camera {camera} is taken over on volume {to}"));
    }

    /// Lets a camera's stream go at its next key frame, and takes it in on volume `to` then.
    pub fn move_gently(&mut self, camera: usize, to: usize) {
        let (stream, from) = (self.cameras[camera].stream, self.cameras[camera].home);
        let Some(machine) = &mut self.machine else { return };
        let at_work = machine.places[from].at_work.as_mut();
        let released = at_work.is_some_and(|at_work| at_work.recorder.release(stream));
        let standing = machine.standings[camera].clone();
        self.say(format!("camera {camera} is to move to volume {to}"));
        let until = self.clock.mono() + Duration::from_secs(30);
        while released && standing.volume().is_some() && self.clock.mono() < until {
            self.run(Duration::from_millis(20));
        }
        self.take_over(camera, to);
    }

    /// Moves all sealed footage off volume `from` to `to`, as the program does; how many segments.
    /// `Err` when a disk fails.
    pub fn drain(&mut self, from: usize, to: usize) -> Result<usize, String> {
        self.take_all_changes();
        self.settle_left()?;
        let machine = self.machine.as_ref().ok_or("nothing runs")?;
        let (source, target) = (self.volume_id(from), self.volume_id(to));
        let source = machine.volume_of(source).ok_or("it is not open")?;
        let target = machine.volume_of(target).ok_or("it is not open")?;
        let mut drain = Drain::new(source, machine.catalog.clone());
        let mut kept = KeptFiles::new(target.clone(), machine.catalog.clone());
        for day in drain.days().map_err(|error| error.to_string())? {
            let left = drain.left(&day).map_err(|error| error.to_string())?;
            self.apply(&left);
        }
        let mut moved = 0;
        while let Some(row) = drain.next_sealed().map_err(|error| error.to_string())? {
            let removals = drain.removals(&row, &mut |_| ());
            if let Some(removals) = removals {
                removals.write(&target, Some(&self.key)).map_err(|error| error.to_string())?;
            }
            let brought = kept.bring(row.stream).map_err(|error| error.to_string())?;
            brought.failed.into_iter().next().map_or(Ok(()), Err)?;
            self.apply(&[drain.begins(&row, &target)]);
            let changes = drain.copy(&row, &target, self.clock.wall(), &mut |_| true);
            let changes = changes.map_err(|error| error.to_string())?;
            self.apply(&changes);
            let settled = drain.settle(&row, &target).map_err(|error| error.to_string())?;
            self.apply(&[settled]);
            moved += 1;
        }
        Ok(moved)
    }

    /// Ends moves that were cut short, each by itself, as the thread does that moves footage; `Err`
    /// when a disk fails.
    pub(crate) fn settle_left(&mut self) -> Result<(), String> {
        let Some(machine) = &self.machine else { return Ok(()) };
        let moving = machine.catalog.moving(None, limits::UNSETTLED_MOVES_AT_ONCE);
        let mut failed = Ok(());
        for moving in moving.map_err(|error| error.to_string())? {
            let Some(machine) = &self.machine else { return Ok(()) };
            let settled = Settling {
                catalog: &machine.catalog,
                open: &|id| machine.volume_of(id),
                may_remove: &|_| true,
                pace: &mut |_| true,
            }
            .settle(&moving);
            match settled {
                Ok(Settled::Tell(changes)) => self.apply(&changes),
                Ok(Settled::Waits | Settled::Doubtful) => {}
                Err(error) => failed = Err(error.to_string()),
            }
        }
        failed
    }

    /// The volume that a camera's stream is recorded on.
    pub fn volume_of(&self, camera: usize) -> Option<VolumeId> {
        self.machine.as_ref()?.standings[camera].volume()
    }

    /// The id of volume number `number`.
    pub fn volume_id(&self, number: usize) -> VolumeId {
        self.volumes[number].volume
    }

    /// A round of volume `number` writes, and is then held up in its syncs while `meanwhile`
    /// happens to everybody else.
    pub fn hold_up(&mut self, number: usize, meanwhile: impl FnOnce(&mut Self)) {
        let Some(mut at_work) = self.put_away(number) else { return };
        let now = Now::of(&self.clock);
        self.set_held(number, Some(now.mono));
        let stuck = Stuck(RefCell::new(Some((&mut *self, meanwhile))));
        let report = at_work.recorder.step(now, &stuck);
        let never = stuck.0.into_inner();
        if let Some((world, meanwhile)) = never {
            // It had nothing to sync.
            meanwhile(world);
        }
        let Some(machine) = &mut self.machine else { return };
        machine.places[number].at_work = Some(at_work);
        self.set_held(number, None);
        self.take_report(number, report);
    }

    /// Since when a volume's recording thread is held up.
    fn set_held(&mut self, number: usize, since: Option<MonoTime>) {
        if let Some(machine) = &mut self.machine {
            machine.places[number].watch.held_since = since;
        }
    }

    /// What works on a volume, so that nobody else finds it.
    fn put_away(&mut self, number: usize) -> Option<AtWork> {
        let far = self.clock.mono() + Duration::from_secs(3600);
        let place = &mut self.machine.as_mut()?.places[number];
        place.look_again = far;
        place.at_work.take()
    }
}

/// Syncs that return only after something else has happened.
struct Stuck<'a, F>(RefCell<Option<(&'a mut World, F)>>);

impl<F: FnOnce(&mut World)> Parallel for Stuck<'_, F> {
    fn run(&self, jobs: Vec<Job>) {
        let first = self.0.borrow_mut().take();
        if let Some((world, meanwhile)) = first {
            meanwhile(world);
        }
        jobs.into_iter().for_each(|job| job());
    }
}
