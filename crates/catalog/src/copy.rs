//! Copies of whole databases.

use rusqlite::Connection;
use rusqlite::backup::Backup;

/// What was durable in a catalog at one instant.
pub struct Saved(pub(crate) Connection);

/// Copies a whole database into another.
pub(crate) fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let copying = Backup::new(from, to)?;
    copying.run_to_completion(i32::MAX, std::time::Duration::ZERO, None)
}
