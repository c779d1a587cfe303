//! Volumes opened for reading alone, beside a server or without one.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use archive::{Expect, Volume};
use base::VolumeId;
use catalog::Catalog;

use crate::daemon::Machine;

/// Volumes opened for reading alone.
pub struct Readable(BTreeMap<VolumeId, Arc<Volume>>);

impl playback::Volumes for Readable {
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>> {
        self.0.get(&id).cloned()
    }
}

impl Readable {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Volume>> {
        self.0.values()
    }
}

/// The archive's volumes that are there; what is missing is said.
pub fn readable(catalog: &Catalog, machine: &Machine) -> Result<Readable> {
    let mut volumes = BTreeMap::new();
    for row in catalog.volumes()? {
        let expect = Expect { volume: Some(row.id), archive: catalog.archive() };
        match Volume::open_to_read(machine.disk.clone(), &row.path, expect) {
            Ok(volume) => {
                volumes.insert(row.id, Arc::new(volume));
            }
            Err(error) => eprintln!("holdfast: volume {:?}: {error}", row.name),
        }
    }
    Ok(Readable(volumes))
}
