//! What a worker gives up before it reads the first byte: files, sockets, processes, memory and
//! time without end.

use rustix::fs::{Mode, OFlags};
use rustix::process::{Resource, Rlimit, nice, setrlimit};

/// Bytes of address space: a picture of the largest size that is decoded, several times over.
const MEMORY_BYTES_MAX: u64 = 1 << 30;
/// Seconds of computing, for the largest sheet on a small board. Whoever waits gives up earlier.
const CPU_SECONDS_MAX: u64 = 120;
/// As low a priority as there is: what records goes first.
const NICE: i32 = 19;

/// A process that cannot be confined does not decode.
#[derive(Debug, thiserror::Error)]
#[error("pictures are not decoded on this machine: {what}: {why}")]
pub struct NotConfined {
    what: &'static str,
    why: String,
}

fn refused(what: &'static str) -> impl Fn(rustix::io::Errno) -> NotConfined {
    move |error| NotConfined { what, why: error.to_string() }
}

/// Confines this process for good: it can read its standard input, write its standard output,
/// take memory up to a bound, compute for a bounded time, and end. Any other call to the system
/// ends it.
pub fn confine() -> Result<(), NotConfined> {
    // A priority that cannot be lowered further is low.
    let _ = nice(NICE);
    // Where memory ends, this process goes before the one that records.
    let _ = go_first();
    let limits = [
        (Resource::As, MEMORY_BYTES_MAX),
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
    ];
    for (resource, most) in limits {
        // Above the soft limit of computing the kernel says so, above the hard one it kills.
        let hard = if resource == Resource::Cpu { most + 1 } else { most };
        let most = Rlimit { current: Some(most), maximum: Some(hard) };
        setrlimit(resource, most).map_err(refused("its resources cannot be bounded"))?;
    }
    // Nobody reads its memory while it holds somebody's picture.
    let own = rustix::process::DumpableBehavior::NotDumpable;
    rustix::process::set_dumpable_behavior(own).map_err(refused("it can be read by others"))?;
    filter::install()
}

/// Asks the kernel to end this process before others where memory runs out (proc(5)).
fn go_first() -> rustix::io::Result<usize> {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    let score = rustix::fs::open("/proc/self/oom_score_adj", flags, Mode::empty())?;
    rustix::io::write(score, b"1000")
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
mod filter {
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
        SeccompCondition as Condition, SeccompFilter, SeccompRule, TargetArch,
        apply_filter_all_threads,
    };

    use super::NotConfined;

    #[cfg(target_arch = "x86_64")]
    const ARCH: TargetArch = TargetArch::x86_64;
    #[cfg(target_arch = "aarch64")]
    const ARCH: TargetArch = TargetArch::aarch64;
    #[cfg(target_arch = "riscv64")]
    const ARCH: TargetArch = TargetArch::riscv64;

    fn refused(error: impl std::fmt::Display) -> NotConfined {
        let what = "its calls to the system cannot be filtered";
        NotConfined { what, why: error.to_string() }
    }

    /// Lets nothing through but what computing, answering and ending take.
    pub fn install() -> Result<(), NotConfined> {
        let (deny, allow) = (SeccompAction::KillProcess, SeccompAction::Allow);
        let filter = SeccompFilter::new(rules()?.into_iter().collect(), deny, allow, ARCH);
        let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(refused)?;
        apply_filter_all_threads(&program).map_err(refused)
    }

    fn rules() -> Result<Vec<(i64, Vec<SeccompRule>)>, NotConfined> {
        let only = |argument, op, value| {
            let condition = Condition::new(argument, Len::Dword, op, value);
            condition.and_then(|it| SeccompRule::new(vec![it])).map_err(refused)
        };
        let exec = libc::PROT_EXEC as u64;
        let not_exec = || only(2, Op::MaskedEq(exec), 0);
        let anonymous = libc::MAP_ANONYMOUS as u64;
        let memory_only = || {
            let conditions = [
                Condition::new(2, Len::Dword, Op::MaskedEq(exec), 0),
                Condition::new(3, Len::Dword, Op::MaskedEq(anonymous), anonymous),
            ];
            let conditions: Result<Vec<_>, _> = conditions.into_iter().collect();
            conditions.and_then(SeccompRule::new).map_err(refused)
        };
        let always = [
            libc::SYS_munmap,
            libc::SYS_mremap,
            libc::SYS_brk,
            libc::SYS_madvise,
            libc::SYS_futex,
            libc::SYS_getrandom,
            libc::SYS_sched_yield,
            libc::SYS_clock_gettime,
            libc::SYS_sigaltstack,
            libc::SYS_rt_sigaction,
            libc::SYS_rt_sigprocmask,
            libc::SYS_rt_sigreturn,
            libc::SYS_exit,
            libc::SYS_exit_group,
        ];
        let mut rules: Vec<_> = always.into_iter().map(|call| (call, Vec::new())).collect();
        rules.push((libc::SYS_read, vec![only(0, Op::Eq, 0)?]));
        rules.push((libc::SYS_write, vec![only(0, Op::Eq, 1)?, only(0, Op::Eq, 2)?]));
        rules.push((libc::SYS_mmap, vec![memory_only()?]));
        rules.push((libc::SYS_mprotect, vec![not_exec()?]));
        Ok(rules)
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod filter {
    use super::NotConfined;

    /// There is no filter for this kind of machine.
    pub fn install() -> Result<(), NotConfined> {
        let what = "its calls to the system cannot be filtered";
        Err(NotConfined { what, why: "there is no filter for this kind of machine".into() })
    }
}
