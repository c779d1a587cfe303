//! How soon a clip of old footage starts: real files, and indexes that are in no cache.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use archive::Volume;
use base::{VolumeId, WallTime};
use catalog::Change;
use playback::{ClipPlan, ClipReader, ClipRequest, StoredFootage};
use serde_json::{Value, json};

use crate::minutes::SEGMENT_MICROS;
use crate::old::{Old, START};
use crate::{forget_pages, ms};

struct OneVolume(Arc<Volume>);

impl playback::Volumes for OneVolume {
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>> {
        (self.0.identity().volume == id).then(|| self.0.clone())
    }
}

/// Makes the files where they are not there yet, and asks for a clip of all of them.
pub fn measure(dir: &Path, segments: u32) -> Result<Vec<Value>> {
    let dir = dir.join("old");
    let made = Old::open(&dir)?;
    let (catalog, mut writer) = made.catalog(&dir)?;
    if catalog.totals(made.whose.stream)?.segments < u64::from(segments) {
        made.write(&mut writer, segments)?;
    }
    let from = WallTime::from_micros(START + 10_000_000);
    let to = WallTime::from_micros(START + i64::from(segments) * SEGMENT_MICROS - 10_000_000);
    let stream = made.whose.stream;
    let request = ClipRequest::new(stream, from, to);
    let footage = || StoredFootage::new(catalog.clone(), Arc::new(OneVolume(made.volume.clone())));
    let mut results = Vec::new();
    for what in ["no cache, cold disk", "no cache, warm disk"] {
        let forgot = what.ends_with("warm disk") || forget_pages();
        let started = start(Arc::new(footage()), request.clone())?;
        results.push(started.result(what, segments, forgot));
    }
    let fill = catalog.segments(stream, from, to)?;
    for row in fill {
        let place = made.place(row.start, row.id);
        let (_, index) = made.volume.sealed_index(&place)?;
        writer.apply(&[Change::PutIndex { segment: row.id, index: index.pack() }])?;
    }
    results.push(start(Arc::new(footage()), request)?.result("all in the cache", segments, true));
    for row in catalog.segments(stream, from, to)? {
        // The next measurement finds the cache empty again.
        writer.apply(&[Change::SegmentSealed { row, index: None, activity: None }])?;
    }
    Ok(results)
}

struct Started {
    planned: Duration,
    first_byte: Duration,
    first_picture: Duration,
    moov_bytes: u64,
}

/// Reads a clip up to its first picture, as a player does.
fn start(footage: Arc<StoredFootage>, request: ClipRequest) -> Result<Started> {
    let clock = world::SystemClock::new();
    let began = world::Clock::mono(&clock);
    let age = || world::Clock::mono(&clock).since(began);
    let plan = Arc::new(ClipPlan::new(&*footage, request)?);
    let planned = age();
    let mut reader = ClipReader::new(plan, footage, 0..u64::MAX);
    let mut bytes = reader.next().context("a clip has a first slice")??.to_vec();
    let first_byte = age();
    let moov = u32::from_be_bytes(bytes[28..32].try_into()?) as usize + 28;
    while bytes.len() < moov + 1000 {
        bytes.extend_from_slice(&reader.next().context("a clip has pictures")??);
    }
    Ok(Started { planned, first_byte, first_picture: age(), moov_bytes: moov as u64 })
}

impl Started {
    fn result(&self, how: &str, segments: u32, comparable: bool) -> Value {
        json!({
            "what": format!("clip of old footage, {how}"),
            "segments": segments,
            "planned_ms": ms(self.planned),
            "first_byte_ms": ms(self.first_byte),
            "first_picture_ms": ms(self.first_picture),
            "first_picture_ms_per_100_segments":
                ms(self.first_picture * 100 / segments.max(1)),
            "moov_mb": self.moov_bytes as f64 / 1e6,
            "forgot_pages": comparable,
        })
    }
}
