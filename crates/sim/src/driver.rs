//! What the program's threads do, in one thread and simulated time. A thread that waits for its
//! disk is busy until that has answered; everybody else goes on.

use std::time::Duration;

use base::MonoTime;
use catalog::{Change, SegmentRow, SegmentState};
use recorder::{Alarm, InOrder, Now, StepReport};
use world::Clock;

use crate::camera::FakeCamera;
use crate::machine::{Place, Stepping};
use crate::orders::Placing;
use crate::parting::Parting;
use crate::rows::describe;
use crate::scene::World;

/// The longest time that a change waits for the catalog.
const CATALOG_DELAY_MICROS: u64 = 1_500_000;

/// How a span of simulated time ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It passed.
    Passed,
    /// The disk said that something is wrong before it had passed.
    DiskFailed,
}

impl World {
    /// Lets `time` pass, or less where a disk fails.
    pub fn run(&mut self, time: Duration) -> Ended {
        let until = self.clock.mono() + time;
        while self.machine.is_some() {
            let next = self.next_due().min(until);
            self.clock.advance(next.since(self.clock.mono()));
            let failed = self.do_what_is_due();
            if failed {
                return Ended::DiskFailed;
            }
            if next >= until {
                break;
            }
        }
        Ended::Passed
    }

    /// Lets `time` pass, whatever the disks say meanwhile.
    pub fn run_on(&mut self, time: Duration) {
        let until = self.clock.mono() + time;
        while self.machine.is_some() && self.clock.mono() < until {
            self.run(until.since(self.clock.mono()));
        }
    }

    fn next_due(&self) -> MonoTime {
        let Some(machine) = &self.machine else { return self.clock.mono() };
        let cameras = machine.cameras.iter().filter_map(FakeCamera::due);
        let changes = machine.changes.front().map(|(due, _)| *due);
        let places = machine.places.iter().flat_map(|p| [Some(p.records()), p.keeps()]);
        let parting = machine.parting.iter().map(Parting::due);
        let placing = machine.placing.as_ref().map(Placing::due);
        cameras
            .chain(changes)
            .chain(parting)
            .chain(placing)
            .chain(places.flatten())
            .min()
            .unwrap_or_default()
            .max(self.clock.mono())
    }

    /// Everything that is due now; whether a disk failed.
    fn do_what_is_due(&mut self) -> bool {
        let now = Now::of(&self.clock);
        let Some(machine) = &mut self.machine else { return false };
        for (camera, fake) in self.cameras.iter().zip(&mut machine.cameras) {
            let sent = fake.send(now.wall, now.mono);
            self.model.sent(camera.stream, &sent);
        }
        self.part(now);
        self.place_when_due(now);
        let Some(machine) = &mut self.machine else { return false };
        let mut due = Vec::new();
        while machine.changes.front().is_some_and(|(due, _)| *due <= now.mono) {
            due.extend(machine.changes.pop_front());
        }
        due.into_iter().for_each(|(_, changes)| self.take_changes(&changes));
        let mut failed = false;
        for number in 0..self.disks.len() {
            failed |= self.keep(number, now);
            failed |= self.record(number, now);
        }
        failed
    }

    /// What the recording thread of a volume does now; whether its disk failed.
    fn record(&mut self, number: usize, now: Now) -> bool {
        let Some(machine) = &mut self.machine else { return false };
        let place = &mut machine.places[number];
        if let Some(stepping) = place.stepping.take() {
            if now.mono < stepping.until {
                place.stepping = Some(stepping);
                return false;
            }
            self.say_finished(number, stepping.finished);
            return self.take_report(number, stepping.report);
        }
        if place.watch.held_since.is_some() {
            return false;
        }
        if machine.placing.is_some() && self.obey(number, now) {
            return false;
        }
        let Some(machine) = &mut self.machine else { return false };
        let place = &mut machine.places[number];
        if place.at_work.is_none() {
            return place.look_again <= now.mono && self.try_open(number).is_err();
        }
        if place.records() > now.mono {
            return false;
        }
        place.disk.set_clock(place.clocks[0].clone());
        let at_work = place.at_work.as_mut().expect("it was looked at just now");
        if !at_work.recorder.comes_due(now.mono) {
            return false;
        }
        let report = at_work.recorder.step(now, &InOrder);
        let took = place.clocks[0].take_ahead();
        if took.is_zero() {
            return self.take_report(number, report);
        }
        let (since, until) = (now.mono, now.mono + took);
        place.stepping = Some(Stepping { since, until, report, finished: None });
        false
    }

    /// Does what the driver does with a report; whether the disk failed.
    pub(crate) fn take_report(&mut self, number: usize, report: StepReport) -> bool {
        for (stream, until) in &report.durable {
            self.model.promised(*stream, *until);
        }
        for change in &report.changes {
            self.say(describe(change));
        }
        for alarm in &report.alarms {
            if let Alarm::Lost { lost, .. } = alarm {
                self.lost += lost.frames;
            }
            self.warn(alarm.to_string());
        }
        self.dated_late.clone_from(&report.dated_late);
        let failed = report.alarms.iter().any(|alarm| matches!(alarm, Alarm::Disk { .. }));
        let Some(machine) = &mut self.machine else { return failed };
        machine.take_for_placing(number, &report);
        if let Some(at_work) = &mut machine.places[number].at_work {
            at_work.unfinished.extend(report.unfinished);
        }
        self.queue(report.changes);
        failed
    }

    /// Changes wait for the catalog, in order.
    pub(crate) fn queue(&mut self, changes: Vec<Change>) {
        let now = self.clock.mono();
        let Some(machine) = self.machine.as_mut().filter(|_| !changes.is_empty()) else { return };
        let delay = self.random.below(CATALOG_DELAY_MICROS) as i64;
        let after = machine.changes.back().map_or(now, |(due, _)| *due);
        machine.changes.push_back((now.plus_micros(delay).max(after), changes));
    }

    /// The catalog takes changes: they are durable.
    pub(crate) fn take_changes(&mut self, changes: &[Change]) {
        let Some(machine) = &mut self.machine else { return };
        let mut going = Vec::new();
        for change in changes {
            if let Change::SegmentGarbage(id) | Change::SegmentDue(id) = change
                && let Ok(Some(row)) = machine.catalog.segment(*id)
            {
                going.push(row);
            }
        }
        machine.writer.apply(changes).expect("the catalog takes what the recorder says");
        let stays = |row: &SegmentRow| {
            let now = machine.catalog.segment(row.id);
            now.is_ok_and(|now| now.is_some_and(|now| now.state == SegmentState::Sealed))
        };
        for row in going.iter().filter(|row| !stays(row)) {
            self.model.removed(row.stream, row.start, row.end);
        }
    }
}

impl Place {
    /// When its recording thread has something to do.
    fn records(&self) -> MonoTime {
        if self.stepping.is_none() {
            if self.watch.held_since.is_some() {
                return MonoTime::from_micros(i64::MAX);
            }
            match (self.commands.is_empty(), self.watch.finishing) {
                (false, _) => return MonoTime::default(),
                (true, true) => return MonoTime::from_micros(i64::MAX),
                (true, false) => {}
            }
        }
        match (&self.stepping, &self.at_work) {
            (Some(stepping), _) => stepping.until,
            (None, Some(at_work)) => at_work.recorder.due(),
            (None, None) => self.look_again,
        }
    }
}
