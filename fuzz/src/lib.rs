//! What the fuzz targets share: a small real segment, as the tests of `archive` make it.

#[path = "../../crates/archive/tests/common/mod.rs"]
pub mod common;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use archive::{ArchiveKey, SegmentPlace, Volume};
use world::sim::SimDisk;
use world::{Disk, DiskFile};

/// How far a segment's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, arbitrary::Arbitrary)]
pub enum Stage {
    /// Batches are written.
    Growing,
    /// The final `moov` and the seal stand, the header is as it was.
    Unturned,
    /// Sealed.
    Sealed,
}

/// The key of the archive, made once.
pub static KEY: LazyLock<ArchiveKey> = LazyLock::new(common::key);

thread_local! {
    /// What was recorded, by its batches and stage, with the bytes as they were.
    static KEPT: RefCell<HashMap<(u32, Stage), (Recorded, Vec<u8>)>> = RefCell::default();
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
            let sealing = writer.seal(Some(&KEY)).expect("the disk is sound");
            sealing.syncer().sync().expect("the disk is sound");
            if stage == Stage::Sealed {
                sealing.turn().expect("the disk is sound");
            }
        }
        Self { disk, volume, place, ends }
    }

    /// Shows `play` what [`Recorded::new`] makes, and its bytes. It is recorded once a process, for
    /// that takes longer than reading it; `play` puts bytes of its own in the file's place.
    pub fn kept(batches: u32, stage: Stage, play: impl FnOnce(&Self, &[u8])) {
        KEPT.with_borrow_mut(|kept| {
            let (recorded, bytes) = kept.entry((batches, stage)).or_insert_with(|| {
                let recorded = Self::new(batches, stage);
                let bytes = recorded.bytes();
                (recorded, bytes)
            });
            play(recorded, bytes);
        });
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
