//! What the operating system tells of itself.

/// The machine that the process runs on.
pub trait Host: Send + Sync {
    /// The id of this boot of the kernel: another one after every restart of the machine. `None`
    /// where the system does not tell.
    fn boot(&self) -> Option<[u8; 16]>;
}

/// This machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    fn boot(&self) -> Option<[u8; 16]> {
        parse(&std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?)
    }
}

/// Gives memory back to the system that the allocator keeps though nobody uses it any more: by
/// itself it does so only with what lies at the end of its heaps (malloc_trim(3); nothing where
/// the C library is not GNU's).
#[cfg_attr(target_env = "gnu", expect(unsafe_code, reason = "no safe wrapper has this call"))]
pub fn give_back_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it may be called at any time from any thread, and takes nothing but a number.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Heaps of all threads. By itself the allocator makes one for each thread, up to eight for each
/// core, and what is freed in one of them is of no use to another. With one, those that record wait
/// for those that serve.
#[cfg(target_env = "gnu")]
const HEAPS_MAX: libc::c_int = 2;
/// So much that is free at the end of a heap goes back to the system at once. Less would have
/// recording give back and ask for the same memory all the time.
#[cfg(target_env = "gnu")]
const HEAP_END_BYTES_MAX: libc::c_int = 8 << 20;

/// Tells the allocator to keep less of what is freed: two heaps, and large blocks outside them. By
/// itself it takes blocks of up to 32 MiB from its heaps, once one of that size was freed
/// (mallopt(3); nothing where the C library is not GNU's). Before other threads are started.
#[cfg_attr(target_env = "gnu", expect(unsafe_code, reason = "no safe wrapper has this call"))]
pub fn keep_little_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes nothing but numbers. Where it refuses one, all stays as it was.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, HEAPS_MAX);
        libc::mallopt(libc::M_MMAP_THRESHOLD, base::limits::MEMORY_BLOCK_BYTES as libc::c_int);
        libc::mallopt(libc::M_TRIM_THRESHOLD, HEAP_END_BYTES_MAX);
    }
}

/// The 16 bytes of a UUID in its usual spelling (random(4)).
fn parse(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.trim().chars().filter(|digit| *digit != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32)?;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_is_told_from_another() {
        let first = parse("f1fd7a5b-2d5a-4f2e-9a0f-6a3a2a6d3b10\n");
        assert_eq!(first.map(|id| (id[0], id[15])), Some((0xf1, 0x10)));
        assert_ne!(first, parse("f1fd7a5b-2d5a-4f2e-9a0f-6a3a2a6d3b11"));
        assert_eq!(parse(""), None);
        assert_eq!(parse("f1fd7a5b"), None);
        assert_eq!(SystemHost.boot(), SystemHost.boot());
    }
}
