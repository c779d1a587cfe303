//! Repairs while the server runs: on the thread that seals and removes on the volume, so that
//! nothing else changes the file meanwhile.

use std::sync::Arc;

use api::operations::{BoxFuture, OperationError};
use api::wire::repair::Repaired;
use base::VolumeId;
use recorder::{Now, Repairer, Site, Suspect};
use tokio::sync::oneshot;

use super::house::House;
use super::record::Command;
use super::standings::Standings;
use super::volumes::OpenVolumes;
use crate::rows::Rows;

/// A repair that somebody waits for.
pub struct Repair {
    suspect: Suspect,
    open: OpenVolumes,
    done: oneshot::Sender<Result<Repaired, OperationError>>,
}

impl Repair {
    /// Carries it out at `site`.
    pub fn carry_out(self, site: &Site, rows: &Rows, standings: &Standings) {
        let all = self.open.all();
        let mut repairer = Repairer {
            volume: &site.volume,
            all: &all,
            catalog: &site.catalog,
            key: site.key.as_deref(),
            now: Now::of(&*site.clock).wall,
            apply: &mut |changes| rows.apply(changes),
            settle: &|job| standings.settle(job),
        };
        let repaired = repairer.repair(&self.suspect);
        match &repaired {
            Ok(repaired) => tracing::info!(file = self.suspect.file, "repair: {repaired}"),
            Err(error) => tracing::error!(file = self.suspect.file, "repair: {error}"),
        }
        let answer = repaired
            .map(|it| Repaired { done: it.name().to_owned(), detail: it.to_string() })
            .map_err(|error| OperationError(error.to_string()));
        // Whoever asked may have gone away.
        let _ = self.done.send(answer);
    }
}

/// Hands a repair to the volume's thread.
pub fn repair(
    house: &Arc<House>,
    volume: VolumeId,
    suspect: Suspect,
) -> BoxFuture<'static, Result<Repaired, OperationError>> {
    let (done, wait) = oneshot::channel();
    let repair = Repair { suspect, open: house.open.clone(), done };
    let told = house.volumes.tell(volume, Command::Repair(repair));
    Box::pin(async move {
        let gone = || OperationError("the volume is not open: nothing was repaired".to_owned());
        if !told {
            return Err(gone());
        }
        wait.await.map_err(|_| gone())?
    })
}
