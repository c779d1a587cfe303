//! What processes cost, from `/proc`: the kernel's own counts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::MonoTime;
use world::{Clock, SystemClock};

/// Counts of some processes at one moment.
pub struct Sample {
    at: MonoTime,
    /// Processor time of all their threads.
    cpu: Duration,
    switches: u64,
    resident: u64,
    /// Bytes that they caused to be written to a disk.
    written: u64,
}

/// What a stream costs in a second.
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
        let mut sample = Self { at, cpu: Duration::ZERO, switches: 0, resident: 0, written: 0 };
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
        self.cpu += Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second());
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let status = fs::read_to_string(task?.path().join("status"));
            // A thread may end between the list and the look.
            let status = status.unwrap_or_default();
            self.switches += field(&status, "voluntary_ctxt_switches:");
            self.switches += field(&status, "nonvoluntary_ctxt_switches:");
        }
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        self.resident += field(&status, "VmRSS:") * 1024;
        let io = fs::read_to_string(format!("/proc/{pid}/io"))?;
        self.written += field(&io, "write_bytes:");
        Ok(())
    }

    /// What `streams` streams cost since `before`.
    pub fn since(&self, before: &Self, streams: u32) -> Cost {
        let seconds = self.at.since(before.at).as_secs_f64() * f64::from(streams);
        let cpu = self.cpu.saturating_sub(before.cpu).as_secs_f64();
        let per = |now: u64, then: u64| now.saturating_sub(then) as f64 / seconds;
        Cost {
            cpu_ms: cpu * 1000.0 / seconds,
            switches: per(self.switches, before.switches),
            resident_mib: self.resident as f64 / f64::from(1 << 20),
            written: per(self.written, before.written),
        }
    }
}

/// Counts of the threads of one process at one moment, to the nanosecond: for short windows. What
/// a thread spent after the last count before its end is missed.
pub struct Tasks {
    at: MonoTime,
    /// By thread: nanoseconds on a processor, and switches.
    threads: BTreeMap<OsString, (u64, u64)>,
}

/// What a process spent in a second.
#[derive(Clone, Copy)]
pub struct Spent {
    pub cpu_ms: f64,
    pub switches: f64,
}

impl Tasks {
    pub fn of(clock: &SystemClock, pid: u32) -> Result<Self> {
        let (at, mut threads) = (clock.mono(), BTreeMap::new());
        let tasks = fs::read_dir(format!("/proc/{pid}/task"));
        for task in tasks.with_context(|| format!("process {pid} has ended"))? {
            let task = task?;
            // A thread may end between the list and the look.
            let Ok(times) = fs::read_to_string(task.path().join("schedstat")) else { continue };
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let cpu = times.split(' ').next().unwrap_or_default().parse().unwrap_or(0);
            let switches = field(&status, "voluntary_ctxt_switches:")
                + field(&status, "nonvoluntary_ctxt_switches:");
            threads.insert(task.file_name(), (cpu, switches));
        }
        if threads.values().all(|(cpu, _)| *cpu == 0) {
            bail!("the kernel does not count what threads spend (/proc/…/schedstat)");
        }
        Ok(Self { at, threads })
    }

    pub fn since(&self, before: &Self) -> Spent {
        let seconds = self.at.since(before.at).as_secs_f64();
        let (mut cpu, mut switches) = (0, 0);
        for (thread, now) in &self.threads {
            let then = before.threads.get(thread).copied().unwrap_or_default();
            cpu += now.0.saturating_sub(then.0);
            switches += now.1.saturating_sub(then.1);
        }
        Spent { cpu_ms: cpu as f64 / 1e6 / seconds, switches: switches as f64 / seconds }
    }
}

/// The number behind `name` at the start of a line; 0 where it is not there.
fn field(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let number = value.and_then(|value| value.split_ascii_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
