//! What a day of recording writes to the disk that the catalog lies on.

use std::path::Path;

use anyhow::{Context, Result};
use base::{SegmentId, WallTime};
use catalog::{Catalog, Change, SegmentRow, SegmentState, Writer};
use serde_json::{Value, json};
use world::SystemDisk;
use world::sim::Random;

use crate::made::{activity, catalog_dir, options};
use crate::minutes::{self, SEGMENT_MICROS};
use crate::ms;

const SEGMENTS_A_DAY: u32 = 288;

/// With the cache of indexes or without, and how many changes make a transaction. Recording makes
/// one for each segment that opens and one for each that is sealed; the others show what waiting
/// for more would save.
const CASES: [(bool, usize); 4] = [(false, 1), (true, 1), (false, 2), (false, 24)];

/// Records a day of every camera behind what there is: a segment opens, and the one before it is
/// sealed.
pub fn measure(dir: &Path) -> Result<Vec<Value>> {
    let packed: Vec<Vec<u8>> = (0..16).map(|seed| minutes::index(seed).pack()).collect();
    let mut results = Vec::new();
    for (cached, changes) in CASES {
        let (catalog, mut writer) = Catalog::open(&SystemDisk, &catalog_dir(dir), &options())?;
        let newest: Vec<SegmentRow> = catalog
            .streams()?
            .iter()
            .filter_map(|s| catalog.segments_before(s.id, WallTime::MAX, 1).ok()?.pop())
            .collect();
        let (before, began) = (written()?, world::SystemClock::new());
        let began_at = world::Clock::mono(&began);
        let made = a_day(&mut writer, newest.clone(), cached.then_some(&packed[..]), changes)?;
        // What is still in the log goes into the database when the last connection closes.
        drop((catalog, writer));
        let took = world::Clock::mono(&began).since(began_at);
        let bytes = written()? - before;
        let transactions = newest.len() as u32 * SEGMENTS_A_DAY * 2 / changes as u32;
        take_back(dir, &made)?;
        let with = if cached { "with" } else { "without" };
        let each = if changes > 1 { format!(", {changes} changes each") } else { String::new() };
        results.push(json!({
            "what": format!("a day's writes, {with} the cache{each}"),
            "cameras": newest.len(),
            "mb_per_camera_day": bytes as f64 / 1e6 / newest.len() as f64,
            "bytes_per_transaction": bytes / u64::from(transactions.max(1)),
            "ms_per_transaction": ms(took / transactions.max(1)),
        }));
    }
    Ok(results)
}

fn a_day(
    writer: &mut Writer,
    mut newest: Vec<SegmentRow>,
    packed: Option<&[Vec<u8>]>,
    changes: usize,
) -> Result<Vec<SegmentId>> {
    let (mut random, mut made, mut waiting) = (Random::new(7), Vec::new(), Vec::new());
    for number in 0..SEGMENTS_A_DAY {
        for row in &mut newest {
            let (before, start) = (row.clone(), row.end);
            let mut noise = [0; 10];
            noise[..8].copy_from_slice(&random.next_u64().to_be_bytes());
            row.id = SegmentId::new(start, noise);
            made.push(row.id);
            (row.start, row.end) = (start, start.plus_micros(SEGMENT_MICROS));
            let open = SegmentRow { state: SegmentState::Open, ..row.clone() };
            let activity = Some(activity(&mut random));
            let index = packed.map(|packed| packed[number as usize % packed.len()].clone());
            for change in [
                Change::SegmentOpened(open),
                Change::SegmentSealed { row: before, index, activity },
            ] {
                waiting.push(change);
                if waiting.len() >= changes {
                    writer.apply(&waiting)?;
                    waiting.clear();
                }
            }
        }
    }
    if !waiting.is_empty() {
        writer.apply(&waiting)?;
    }
    Ok(made)
}

/// Removes what lies in the future.
fn take_back(dir: &Path, made: &[SegmentId]) -> Result<()> {
    let (_catalog, mut writer) = Catalog::open(&SystemDisk, &catalog_dir(dir), &options())?;
    for some in made.chunks(512) {
        let gone = |id: &SegmentId| [Change::SegmentGarbage(*id), Change::SegmentDeleted(*id)];
        writer.apply(&some.iter().flat_map(gone).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Bytes that this process has handed to the file system. (`write_bytes` beside it counts whole
/// folios of the page cache, which are larger than what is written.)
fn written() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/io")?;
    let line = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    Ok(line.context("/proc/self/io does not say it")?.parse()?)
}
