//! Where the allocator gives back what is freed. Alone in its process: others would take the place.
#![cfg(target_env = "gnu")]
#![allow(clippy::unwrap_used)]

use base::limits::MEMORY_BLOCK_BYTES;

/// Takes a block, frees it, and tells whether the process still has memory where it was.
fn stays(bytes: usize) -> bool {
    let block = std::hint::black_box(vec![1u8; bytes]);
    let place = block.as_ptr() as usize;
    drop(block);
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().any(|line| {
        let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let at = |text| usize::from_str_radix(text, 16).unwrap();
        (at(start)..at(end)).contains(&place)
    })
}

#[test]
fn a_large_block_goes_back_at_once_however_large_those_before_it_were() {
    world::host::keep_little_memory();
    assert!(!stays(8 * MEMORY_BLOCK_BYTES));
    // By itself the allocator keeps this one, for it has seen one that was larger.
    assert!(!stays(MEMORY_BLOCK_BYTES));
}
