//! What the kernel hands to a device, as its own trace tells. (The counts of `/sys/block` take each
//! request for an empty write that asks for a flush as a write.)

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::mount::Done;

const TRACES: &str = "/sys/kernel/tracing";
const SECTOR: u64 = 512;
/// Room for some tens of thousands of requests on each processor.
const BUFFER_KIB: &str = "8192";

/// A running trace in a buffer of its own; gone when dropped.
pub struct Trace(PathBuf);

impl Trace {
    /// Of the device with these numbers; `None` where the kernel cannot, or does not let us.
    pub fn start((major, minor): (u32, u32)) -> Option<Self> {
        let instances = PathBuf::from(TRACES).join("instances");
        if !instances.exists() {
            Command::new("mount").args(["-t", "tracefs", "tracefs", TRACES]).output().ok()?;
        }
        let here = instances.join("holdfast-bench");
        // One that a measurement which was killed left behind is as good.
        let _ = fs::create_dir(&here);
        let trace = Self(here);
        trace.set("buffer_size_kb", BUFFER_KIB).ok()?;
        // As the kernel writes device numbers (MKDEV): 20 bits of them are the minor one.
        let device = format!("dev == {}", (major << 20) | minor);
        trace.set("events/block/block_rq_issue/filter", &device).ok()?;
        trace.set("trace", "").ok()?;
        trace.set("events/block/block_rq_issue/enable", "1").ok()?;
        Some(trace)
    }

    /// What was handed over since the start.
    pub fn finish(self) -> Result<Done> {
        self.set("events/block/block_rq_issue/enable", "0")?;
        let text = fs::read_to_string(self.0.join("trace")).context("cannot read the trace")?;
        let mut done = Done::default();
        text.lines().filter_map(request).for_each(|(kind, sectors)| match sectors {
            0 if kind.starts_with('F') => done.flushes += 1,
            0 => {}
            _ if kind.contains('W') => {
                done.writes += 1;
                done.bytes += sectors * SECTOR;
            }
            _ => {}
        });
        Ok(done)
    }

    fn set(&self, name: &str, value: &str) -> std::io::Result<()> {
        fs::write(self.0.join(name), value)
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// What kind of request a line tells of (`WS`: a write that is waited for, `FF`: a flush), and how
/// many sectors it has.
fn request(line: &str) -> Option<(&str, u64)> {
    let (_, event) = line.split_once("block_rq_issue: ")?;
    let kind = event.split(' ').nth(1)?;
    let (_, sectors) = event.split_once(" + ")?;
    Some((kind, sectors.split(' ').next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::request;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let write = "   sync-disk1-11153   [000] ..... 27061.166976: block_rq_issue: 7,0 WS 364544 \
                     () 346544 + 712 be,0,4 [sync-disk1]";
        assert_eq!(request(write), Some(("WS", 712)));
        let flush = "  kworker/0:1H-50 [000] ..... 27061.2: block_rq_issue: 7,0 FF 0 () 0 + 0 \
                     none,0,0 [kworker/0:1H]";
        assert_eq!(request(flush), Some(("FF", 0)));
        assert_eq!(request("# entries-in-buffer/entries-written: 509/509   #P:2"), None);
    }
}
