//! What the fuzz targets share: a small real segment, as the tests of `archive` make it.

#[path = "../../crates/archive/tests/common/mod.rs"]
pub mod common;

use std::path::PathBuf;
use std::sync::Arc;

use archive::{SegmentPlace, Volume};
use world::sim::SimDisk;
use world::{Disk, DiskFile};

/// How far a segment's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, arbitrary::Arbitrary)]
pub enum Stage {
    /// Batches are written.
    Growing,
    /// The final `moov` and the seal stand, the header is as it was.
    Unturned,
    /// Sealed.
    Sealed,
}

/// A volume on a simulated disk with one segment of `batches` batches.
pub struct Recorded {
    /// The disk.
    pub disk: SimDisk,
    /// The volume.
    pub volume: Volume,
    /// The segment.
    pub place: SegmentPlace,
    /// Where each commit ends in the file.
    pub ends: Vec<u64>,
}

impl Recorded {
    /// Records it.
    pub fn new(batches: u32, stage: Stage) -> Self {
        let disk = common::disk();
        let volume = common::open(&disk);
        let place = common::place(1);
        let writer = volume.create(&place, common::segment(1), common::tracks());
        let mut writer = writer.expect("a new disk takes a segment");
        let mut ends = Vec::new();
        for number in 0..batches {
            let appended = writer.append(&common::batch(number)).expect("the disk is sound");
            writer.syncer().expect("it has a file").sync().expect("the disk is sound");
            ends.push(appended.end);
        }
        if stage != Stage::Growing {
            let key = common::key();
            let sealing = writer.seal(Some(&key)).expect("the disk is sound");
            sealing.syncer().sync().expect("the disk is sound");
            if stage == Stage::Sealed {
                sealing.turn().expect("the disk is sound");
            }
        }
        Self { disk, volume, place, ends }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(common::ROOT).join(self.place.relative())
    }

    fn file(&self) -> Arc<dyn DiskFile> {
        self.disk.open(&self.path(), true).expect("the file is there")
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        self.disk.read_all(&self.path(), 1 << 30).expect("the disk is sound")
    }

    /// Puts other bytes in the file's place.
    pub fn replace(&self, bytes: &[u8]) {
        let file = self.file();
        file.set_len(0).expect("the disk is sound");
        if !bytes.is_empty() {
            file.write_all_at(&[bytes], 0).expect("the disk is sound");
        }
    }
}
