//! All files of a round become durable at one moment.

use std::io;

use archive::Syncer;
use base::limits;

use crate::parallel::{Parallel, gather};

/// Syncs all files of a round at one moment, as far as there are threads for it; what became of
/// each. All are written out before the first is synced: a file system with a journal then commits
/// it once, while otherwise the first file that is written out makes it begin, and what the others
/// add meanwhile takes another commit, with flushes of its own.
pub(super) fn sync_all(parallel: &dyn Parallel, syncers: &[Syncer]) -> Vec<Result<(), String>> {
    let mut results = Vec::with_capacity(syncers.len());
    let mut written_out = write_out(syncers).into_iter();
    for some in syncers.chunks(limits::SYNC_THREADS_MAX) {
        let works = some.iter().cloned().zip(&mut written_out);
        let works = works.map(|(syncer, out)| move || out.and_then(|()| syncer.sync()));
        for (syncer, result) in some.iter().zip(gather(parallel, works.collect())) {
            let result = result.unwrap_or_else(|| Err(io::Error::other("its thread died")));
            results.push(result.map_err(|e| format!("syncing segment {}: {e}", syncer.segment())));
        }
    }
    results
}

/// A file that is alone needs no call but its sync.
fn write_out(syncers: &[Syncer]) -> Vec<io::Result<()>> {
    if let [_] = syncers {
        return vec![Ok(())];
    }
    syncers.iter().for_each(Syncer::start_write_out);
    syncers.iter().map(Syncer::finish_write_out).collect()
}
