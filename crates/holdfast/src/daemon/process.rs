//! What the process measures of itself.

use std::time::Duration;

use api::operations::ProcessStatus;
use base::{MonoTime, WallTime};

/// How often it is looked how much memory there is.
const PERIOD: Duration = Duration::from_secs(10);
/// So much more than usual is worth the work of giving it back at any time.
const GROWN_BYTES: u64 = 32 << 20;
/// So much more is, once those who took it have come to rest.
const GROWN_AT_REST_BYTES: u64 = 8 << 20;
/// Less comes and goes between two looks while nobody does much.
const RESTLESS_BYTES: u64 = 2 << 20;
/// How rarely it is tried again to give back what turned out to be needed.
const PAUSE_MAX: Duration = Duration::from_secs(600);

/// Processor time and memory of this process; zeros where the system does not tell.
pub fn measure(started: WallTime) -> ProcessStatus {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let cpu_seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    ProcessStatus { started, cpu_seconds, resident_bytes: resident_bytes() }
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    resident.unwrap_or(0) * rustix::param::page_size() as u64
}

/// Sees to it that memory which many clients took at once does not stay with the process.
#[derive(Debug, Default)]
pub struct Memory {
    due: MonoTime,
    /// What was resident at the last look, and the least ever.
    last: u64,
    least: Option<u64>,
    /// What is resident while nothing out of the ordinary goes on. `None`: it shows at the next
    /// look, for what was given back and is needed all the time has come again by then.
    usual: Option<u64>,
    /// When it is tried again, and how long after that: what could not be given back because
    /// clients held it may be free now.
    again: MonoTime,
    pause: Duration,
}

impl Memory {
    /// Looks now and then, and gives back where much has come to it.
    pub fn look(&mut self, now: MonoTime) {
        if now >= self.due {
            self.due = now + PERIOD;
            let resident = resident_bytes();
            // 0 is what the system did not tell.
            if resident > 0 && self.is_too_much(now, resident) {
                world::host::give_back_memory();
            }
        }
    }

    /// Whether to give back, of what is `resident`.
    fn is_too_much(&mut self, now: MonoTime, resident: u64) -> bool {
        let is_at_rest = resident.abs_diff(self.last) < RESTLESS_BYTES;
        self.last = resident;
        let least = self.least.map_or(resident, |least| least.min(resident));
        let usual = self.usual.map_or(resident, |usual| usual.min(resident));
        let much = if is_at_rest { GROWN_AT_REST_BYTES } else { GROWN_BYTES };
        let has_grown = resident > usual + much;
        let is_tried = is_at_rest && resident > least + much && now >= self.again;
        if has_grown || is_tried {
            self.pause = if has_grown { PERIOD } else { (self.pause * 2).min(PAUSE_MAX) };
            self.again = now + self.pause;
        }
        self.least = Some(least);
        self.usual = (!has_grown && !is_tried).then_some(usual);
        has_grown || is_tried
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The looks at which memory is given back.
    fn given_back(resident: &[u64]) -> Vec<usize> {
        let mut memory = Memory::default();
        let looks = resident.iter().enumerate().filter(|(look, mib)| {
            let now = MonoTime::default() + PERIOD * (*look as u32);
            memory.is_too_much(now, **mib << 20)
        });
        looks.map(|(look, _)| look).collect()
    }

    #[test]
    fn a_burst_is_given_back_at_once_and_what_is_left_of_one_when_it_is_over() {
        assert_eq!(given_back(&[25, 25, 60, 26, 26]), [2]);
        assert_eq!(given_back(&[25, 25, 36, 41, 41, 26, 26, 26]), [4]);
        assert_eq!(given_back(&[25, 90, 30, 45, 45, 30, 30]), [1, 4]);
    }

    #[test]
    fn what_clients_held_goes_when_they_are_gone() {
        // They hold it until the fourth look, and it is free from then on.
        assert_eq!(given_back(&[25, 90, 80, 80, 80, 80, 25, 25]), [1, 3, 5]);
    }

    #[test]
    fn what_is_needed_all_the_time_is_tried_ever_more_rarely() {
        let mut looks = vec![40; 2000];
        looks[0] = 25;
        let given = given_back(&looks);
        assert_eq!(given[..5], [2, 3, 5, 9, 17]);
        let pauses = given.windows(2).map(|two| two[1] - two[0]);
        assert_eq!(pauses.max(), Some(60));
    }

    #[test]
    fn what_comes_and_goes_is_left_alone() {
        assert!(given_back(&[25, 40, 28, 45, 30, 50, 25, 38]).is_empty());
        assert!(given_back(&[25, 26, 27, 28, 29, 30, 31, 32]).is_empty());
    }
}
