//! What a newer program owes for the catalog of an older one: the copy of what stood there before,
//! made beside recording.

use std::time::Duration;

use base::Shutdown;
use catalog::OwedBackUp;

use super::machine::Machine;

/// The copy begins this long after the start: until then the disks have enough to do.
const AFTER: Duration = Duration::from_secs(5);

/// Makes the copy on a thread of its own. A shutdown does not wait for it: the next start goes on.
pub fn start(owed: OwedBackUp, machine: Machine, shutdown: Shutdown) -> std::io::Result<()> {
    let work = move || {
        if !shutdown.wait_timeout(AFTER) {
            make(owed, &machine);
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
