//! What the process measures of itself.

use std::time::Duration;

use api::operations::ProcessStatus;
use base::{MonoTime, WallTime};

/// How often it is looked how much memory there is.
const PERIOD: Duration = Duration::from_secs(10);
/// So much more than before is worth the work of giving it back.
const GROWN_BYTES: u64 = 32 << 20;

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
    /// What was resident after memory was last given back, or less since.
    least: u64,
}

impl Memory {
    /// Looks now and then, and gives back where much has come to it.
    pub fn look(&mut self, now: MonoTime) {
        if now < self.due {
            return;
        }
        self.due = now + PERIOD;
        let resident = resident_bytes();
        if resident > self.least + GROWN_BYTES {
            world::host::give_back_memory();
            self.least = resident_bytes();
        }
        self.least = self.least.min(resident);
    }
}
