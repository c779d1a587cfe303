//! What opening the catalog has left to do, beside recording: the copy of what stood there before a
//! newer program migrated it; days that are to be cut anew, in another time zone.

use std::time::Duration;

use base::Shutdown;
use catalog::{Owed, OwedBackUp};

use super::house::House;
use super::machine::Machine;
use crate::rows::nobody_waits;

/// The copy begins this long after the start: until then the disks have enough to do.
const AFTER: Duration = Duration::from_secs(5);

/// Does what is owed, on threads that nobody waits for; what a shutdown cuts short is left to the
/// next start.
pub fn start(owed: Owed, house: &House, shutdown: Shutdown) -> std::io::Result<()> {
    if !owed.changes.is_empty() {
        tracing::info!("the time zone has changed: days are cut anew");
        // A queue that is full just after the start has other troubles.
        let _ = house.rows.submit(owed.changes, nobody_waits());
    }
    let Some(back_up) = owed.back_up else { return Ok(()) };
    let machine = house.machine.clone();
    let work = move || {
        if !shutdown.wait_timeout(AFTER) {
            make(back_up, &machine);
        }
    };
    std::thread::Builder::new().name("back-up".to_owned()).spawn(work)?;
    Ok(())
}

/// Makes the copy, and says how that went.
pub fn make(owed: OwedBackUp, machine: &Machine) {
    let version = owed.version();
    match owed.make(&*machine.disk) {
        Ok(path) => tracing::info!(
            backup = %path.display(), version, "copied the catalog as it was before its migration"
        ),
        Err(error) => tracing::error!(
            version,
            "the catalog as it was before its migration was not copied ({error}): to go back to \
             an older program, let that one's `holdfast rebuild` make a catalog from the footage"
        ),
    }
}
