//! What the process measures of itself.

use api::operations::ProcessStatus;
use base::WallTime;

/// Processor time and memory of this process; zeros where the system does not tell.
pub fn measure(started: WallTime) -> ProcessStatus {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let cpu_seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    let resident_bytes = resident.unwrap_or(0) * rustix::param::page_size() as u64;
    ProcessStatus { started, cpu_seconds, resident_bytes }
}
