//! A week of one camera at 4 Mbit/s: rows, indexes in the catalog's cache, and files of the right
//! length without content, so that it takes no room on the disk.

use std::path::Path;

use anyhow::{Context, Result};
use catalog::Change;

use crate::made::{catalog_dir, media_dir};
use crate::minutes;
use crate::old::{Old, start};

/// Of five minutes.
const SEGMENTS: u32 = 7 * 288;
/// What a file has beside its samples, and more.
const BESIDE: u64 = 8 << 20;
const BATCH: usize = 64;

/// Makes what of it is not there.
pub fn make(dir: &Path) -> Result<()> {
    let old = Old::open(dir)?;
    let (catalog, mut writer) = old.catalog(dir)?;
    if catalog.totals(old.whose.stream)?.segments >= u64::from(SEGMENTS) {
        return Ok(());
    }
    let shape = minutes::index(1);
    let origin = shape.tracks[0].anchors[0].wall;
    let samples = shape.tracks.iter().flat_map(|track| &track.samples);
    let bytes = samples.map(|sample| u64::from(sample.size)).sum::<u64>() + BESIDE;
    let mut changes = Vec::new();
    for number in 0..SEGMENTS {
        let away = start(number).as_micros() - origin.as_micros();
        let mut index = shape.clone();
        let anchors = index.tracks.iter_mut().flat_map(|track| &mut track.anchors);
        anchors.for_each(|anchor| anchor.wall = anchor.wall.plus_micros(away));
        let row = catalog::SegmentRow { bytes, allocated: bytes, ..old.row(number, &index) };
        let path = media_dir(dir).join(old.place(row.start, row.id).relative());
        std::fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        std::fs::File::create(&path)?.set_len(bytes)?;
        changes.push(Change::SegmentSealed { row, index: Some(index.pack()), activity: None });
        if changes.len() == BATCH || number + 1 == SEGMENTS {
            writer.apply(&changes)?;
            changes.clear();
        }
    }
    Ok(())
}

/// A server that records nothing, and serves it to everybody.
pub fn config(dir: &Path, port: u16) -> String {
    format!(
        "[server]\nlisten = [\"127.0.0.1:{port}\"]\nallow_unauthenticated = true\n\
         [archive]\ncatalog = {:?}\n[[archive.volume]]\nname = \"disk1\"\npath = {:?}\n\
         keep_free = \"100 MB\"\n",
        catalog_dir(dir).display(),
        media_dir(dir).display(),
    )
}
