//! The house rules that a program can check: floors, sizes, module docs, circles, banned calls.

mod banned;
mod circles;
mod floors;
mod sizes;

use anyhow::{Result, bail};

use crate::run::root;
use crate::source;

/// Checks all of them and lists every breach.
pub fn check() -> Result<()> {
    println!("\n── tidy: floors, sizes, module docs, circles, banned calls");
    let root = root();
    let sources = source::all(&root)?;
    let mut breaches = floors::check(&root)?;
    for source in &sources {
        breaches.extend(sizes::check(source));
        breaches.extend(banned::check(source));
    }
    breaches.extend(circles::check(&sources));
    if breaches.is_empty() {
        println!("{} files are tidy", sources.len());
        return Ok(());
    }
    breaches.iter().for_each(|breach| println!("{breach}"));
    bail!("{} breaches of the house rules (ARCHITECTURE.md)", breaches.len());
}
