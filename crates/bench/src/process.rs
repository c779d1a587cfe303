//! What processes cost, from `/proc`: the kernel's own counts.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use base::MonoTime;
use world::{Clock, SystemClock};

/// Counts of some processes at one moment.
pub struct Sample {
    at: MonoTime,
    /// Processor time, by process.
    cpu: BTreeMap<u32, Cpu>,
    switches: u64,
    resident: u64,
    /// Bytes that they caused to be written to a disk.
    written: u64,
}

/// Processor time of one process.
struct Cpu {
    /// Of each thread that lives, to the nanosecond.
    threads: BTreeMap<u32, Duration>,
    /// Of all threads that ever were, to a tick of the kernel's.
    ticks: u64,
}

/// What a stream costs in a second.
#[derive(Clone, Copy)]
pub struct Cost {
    pub cpu_ms: f64,
    pub switches: f64,
    /// Of all together, at the end.
    pub resident_mib: f64,
    pub written: f64,
}

impl Sample {
    /// Of these processes, without their children. Samples of one clock can be compared.
    pub fn of(clock: &SystemClock, pids: &[u32]) -> Result<Self> {
        let at = clock.mono();
        let mut sample = Self { at, cpu: BTreeMap::new(), switches: 0, resident: 0, written: 0 };
        for pid in pids {
            sample
                .add(*pid)
                .with_context(|| format!("process {pid} has ended, or hides itself"))?;
        }
        Ok(sample)
    }

    fn add(&mut self, pid: u32) -> Result<()> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name before it may hold anything, also brackets.
        let (_, fields) = stat.rsplit_once(") ").context("no process has such a state")?;
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
        let mut threads = BTreeMap::new();
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let task = task?;
            // A thread may end between the list and the look.
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            self.switches += field(&status, "voluntary_ctxt_switches:");
            self.switches += field(&status, "nonvoluntary_ctxt_switches:");
            let ran = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let ran = ran.split(' ').next().and_then(|nanos| nanos.parse().ok());
            let id = task.file_name().to_string_lossy().parse();
            if let (Some(ran), Ok(id)) = (ran, id) {
                threads.insert(id, Duration::from_nanos(ran));
            }
        }
        self.cpu.insert(pid, Cpu { threads, ticks });
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        self.resident += field(&status, "VmRSS:") * 1024;
        let io = fs::read_to_string(format!("/proc/{pid}/io"))?;
        self.written += field(&io, "write_bytes:");
        Ok(())
    }

    /// What `streams` streams cost since `before`.
    pub fn since(&self, before: &Self, streams: u32) -> Cost {
        let seconds = self.at.since(before.at).as_secs_f64() * f64::from(streams);
        let cpu = self.cpu_since(before).as_secs_f64();
        let per = |now: u64, then: u64| now.saturating_sub(then) as f64 / seconds;
        Cost {
            cpu_ms: cpu * 1000.0 / seconds,
            switches: per(self.switches, before.switches),
            resident_mib: self.resident_mib(),
            written: per(self.written, before.written),
        }
    }

    /// Processor time since `before`.
    pub fn cpu_since(&self, before: &Self) -> Duration {
        let of = self.cpu.iter().map(|(pid, cpu)| match before.cpu.get(pid) {
            Some(before) => cpu.since(before),
            None => cpu.threads.values().sum(),
        });
        of.sum()
    }

    /// Resident memory, in MiB.
    pub fn resident_mib(&self) -> f64 {
        self.resident as f64 / f64::from(1 << 20)
    }
}

impl Cpu {
    /// What its threads took since `before`. Where some of them ended meanwhile, and took their
    /// share of nanoseconds with them, the ticks tell.
    fn since(&self, before: &Self) -> Duration {
        let of = |(id, ran): (&u32, &Duration)| {
            ran.saturating_sub(before.threads.get(id).copied().unwrap_or_default())
        };
        let living: Duration = self.threads.iter().map(of).sum();
        let tick = Duration::from_nanos(1_000_000_000 / rustix::param::clock_ticks_per_second());
        let ticks = u32::try_from(self.ticks.saturating_sub(before.ticks)).unwrap_or(u32::MAX);
        // User's and kernel's time are each cut to whole ticks, at both ends.
        if tick * ticks > living + tick * 2 { tick * ticks } else { living }
    }
}

/// The number behind `name` at the start of a line; 0 where it is not there.
fn field(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let number = value.and_then(|value| value.split_ascii_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(threads: &[(u32, u64)], ticks: u64) -> Cpu {
        let of = |(id, micros): &(u32, u64)| (*id, Duration::from_micros(*micros));
        Cpu { threads: threads.iter().map(of).collect(), ticks }
    }

    #[test]
    fn nanoseconds_count_unless_a_thread_took_some_with_it() {
        let before = cpu(&[(1, 1000), (2, 50_000)], 5);
        let lives = cpu(&[(1, 4500), (2, 50_000), (3, 700)], 6);
        assert_eq!(lives.since(&before), Duration::from_micros(4200));
        let hertz = rustix::param::clock_ticks_per_second();
        let ended = cpu(&[(1, 4500)], 5 + hertz);
        assert_eq!(ended.since(&before), Duration::from_secs(1));
    }
}
