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
