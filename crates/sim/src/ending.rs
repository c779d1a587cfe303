//! The end of a process whose streams are placed: what a volume cannot write another one does.

use std::time::Duration;

use base::limits;
use control::guests::{Ending, Outcome};
use recorder::Now;
use stream::EndCause;
use world::Clock;

use crate::machine::{self, Stepping};
use crate::orders::Command;
use crate::scene::World;

/// How often it is looked how far everybody is.
const LOOK: Duration = Duration::from_millis(50);

impl World {
    /// Stops as the program does; whether all footage is committed.
    pub(crate) fn stop_placed(&mut self) -> bool {
        let (now, lost) = (Now::of(&self.clock), self.lost);
        self.stop_receiving(now);
        let Some(machine) = &mut self.machine else { return false };
        for place in &mut machine.places {
            place.commands.push_back(Command::Finish);
        }
        let volumes = machine.places.iter().map(|place| place.id);
        if let Some(placing) = &mut machine.placing {
            placing.ending = Some(Ending::new(volumes, now.mono));
        }
        let complete = loop {
            self.run_on(LOOK);
            if let Some(written) = self.look_how_it_ends() {
                break written;
            }
            if self.clock.mono().since(now.mono) >= limits::SHUTDOWN_RECORD_TIMEOUT {
                break false;
            }
        };
        self.count_uncommitted();
        if complete && self.lost == lost {
            self.model.promised_all();
        }
        self.leave_the_rest();
        let took = self.clock.mono().since(now.mono).as_millis();
        self.say(format!("stopped in {took} ms, all committed: {complete}"));
        complete
    }

    /// Every session ends; nothing more comes.
    fn stop_receiving(&mut self, now: Now) {
        self.end_partings(now);
        let Some(machine) = &mut self.machine else { return };
        for fake in &mut machine.cameras {
            self.ends.extend(fake.run().map(|run| (run, EndCause::Shutdown)));
            fake.switch_off(EndCause::Shutdown, now.wall, now.mono);
        }
    }

    fn look_how_it_ends(&mut self) -> Option<bool> {
        let now = self.clock.mono();
        let machine = self.machine.as_mut()?;
        let placing = machine.placing.as_mut()?;
        let Outcome { told, written } = placing.ending.as_mut()?.look(&mut placing.guests, now);
        let said = told.iter().map(|(to, _)| format!("{to} writes what another one has not"));
        let said: Vec<_> = said.collect();
        for (to, command) in told {
            machine.tell(to, Command::Stream(command));
        }
        said.into_iter().for_each(|words| self.say(words));
        written
    }

    /// The recording thread of a volume writes everything it has.
    pub(crate) fn finish_placed(&mut self, number: usize, now: Now) {
        let Some(machine) = &mut self.machine else { return };
        let place = &mut machine.places[number];
        let report = machine::finish(place, now);
        let finished = Some(report.as_ref().is_some_and(|report| report.all_committed()));
        let report = report.map(|report| report.step).unwrap_or_default();
        let (since, until) = (now.mono, now.mono + place.clocks[0].take_ahead());
        place.stepping = Some(Stepping { since, until, report, finished });
    }

    /// A volume's thread has said that it has done what it could.
    pub(crate) fn say_finished(&mut self, number: usize, finished: Option<bool>) {
        let Some(machine) = &mut self.machine else { return };
        let ending = machine.placing.as_mut().and_then(|placing| placing.ending.as_mut());
        if let (Some(ending), Some(well)) = (ending, finished) {
            ending.ended(machine.places[number].id, well);
        }
    }

    fn count_uncommitted(&mut self) {
        let placing = self.machine.as_ref().and_then(|machine| machine.placing.as_ref());
        let waiting = placing.map(|placing| placing.guests.waiting()).unwrap_or_default();
        self.uncommitted = waiting.iter().map(|(_, lost)| lost.frames).sum();
    }
}
