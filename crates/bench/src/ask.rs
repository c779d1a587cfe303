//! What viewers ask of a large catalog.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use base::{StreamId, VolumeId, WallTime};
use catalog::Catalog;
use playback::{RecordingsPage, StoredFootage, Timeline, TimelineRequest};
use serde_json::{Value, json};
use world::{Clock, SystemClock};

use crate::made::catalog_dir;
use crate::{forget_pages, spread, timed};

const DAY_MICROS: i64 = 86_400_000_000;
/// Pixels of a page.
const PIXELS: i64 = 2000;
const ROUNDS: usize = 20;

/// Nothing is read from files here.
struct NoVolumes;

impl playback::Volumes for NoVolumes {
    fn volume(&self, _: VolumeId) -> Option<Arc<archive::Volume>> {
        None
    }
}

/// One connection to the made catalog, as the server has it.
struct Asking {
    catalog: Catalog,
    footage: StoredFootage,
    streams: Vec<StreamId>,
    now: WallTime,
}

impl Asking {
    fn open(dir: &Path) -> Result<Self> {
        let catalog = Catalog::open_to_read(&catalog_dir(dir))?;
        let footage = StoredFootage::new(catalog.clone(), Arc::new(NoVolumes));
        let streams = catalog.streams()?.iter().map(|stream| stream.id).collect();
        Ok(Self { catalog, footage, streams, now: SystemClock::new().wall() })
    }

    /// Draws the days before now of some streams; how many spans that were.
    fn timeline(&self, streams: &[StreamId], days: i64) -> Result<usize> {
        let from = self.now.plus_micros(-days * DAY_MICROS);
        let resolution_micros = days * DAY_MICROS / PIXELS;
        let mut spans = 0;
        for stream in streams.iter().copied() {
            let request = TimelineRequest { stream, from, to: self.now, resolution_micros };
            let drawn = Timeline::new(&self.footage, request)?;
            spans += drawn.footage.len() + drawn.gaps.len();
        }
        Ok(spans)
    }

    fn page(&self, to: WallTime) -> Result<usize> {
        let stream = self.streams[0];
        let page = RecordingsPage::new(&self.footage, stream, WallTime::EPOCH, to, None, 100)?;
        Ok(page.recordings.len())
    }

    fn days(&self) -> Result<usize> {
        let mut days = 0;
        for stream in &self.streams {
            days += self.catalog.days(*stream)?.len();
        }
        Ok(days)
    }

    fn totals(&self) -> Result<usize> {
        let mut segments = 0;
        for stream in &self.streams {
            segments += self.catalog.totals(*stream)?.segments;
        }
        Ok(usize::try_from(segments)?)
    }
}

/// What a person who passes gives, and what nothing that was made gives.
const PERSON: u8 = 150;
const NOTHING: u8 = 250;

impl Asking {
    /// Draws what moved in the days before now in some streams; how many values are not 0.
    fn activity(&self, streams: &[StreamId], days: i64) -> Result<usize> {
        let from = self.now.plus_micros(-days * DAY_MICROS);
        let mut moves = 0;
        for stream in streams.iter().copied() {
            let lane = self.catalog.activity(stream, from, self.now, days * DAY_MICROS / PIXELS)?;
            moves += lane.values.iter().filter(|value| **value > 0).count();
        }
        Ok(moves)
    }

    /// Searches all that there is of all streams, in pages of 100, up to so many pages each.
    fn search(&self, at_least: u8, pages: usize) -> Result<usize> {
        let mut found = 0;
        for stream in self.streams.iter().copied() {
            let mut to = WallTime::MAX;
            for _ in 0..pages {
                let page = self.catalog.active(stream, (WallTime::EPOCH, to), at_least, 100)?;
                found += page.len();
                let Some(last) = page.last() else { break };
                to = last.from;
            }
        }
        Ok(found)
    }
}

type Question = Box<dyn Fn(&Asking) -> Result<usize>>;

fn questions() -> Vec<(&'static str, Question)> {
    let draw = |days: i64, all: bool| -> Question {
        Box::new(move |asking| {
            let count = if all { asking.streams.len() } else { 1 };
            asking.timeline(&asking.streams[..count], days)
        })
    };
    vec![
        ("timeline of a year, all cameras", draw(365, true)),
        ("timeline of a year", draw(365, false)),
        ("timeline of a month", draw(30, false)),
        ("timeline of a week", draw(7, false)),
        ("timeline of a day, all cameras", draw(1, true)),
        ("timeline of a day", draw(1, false)),
        (
            "activity of a year, all cameras",
            Box::new(|asking| asking.activity(&asking.streams, 365)),
        ),
        ("activity of a week, all cameras", Box::new(|asking| asking.activity(&asking.streams, 7))),
        ("activity of a day", Box::new(|asking| asking.activity(&asking.streams[..1], 1))),
        ("search of all, nothing there", Box::new(|asking| asking.search(NOTHING, 1))),
        ("search of all, newest page of each", Box::new(|asking| asking.search(PERSON, 1))),
        ("search of all, every page", Box::new(|asking| asking.search(PERSON, usize::MAX))),
        ("newest page of recordings", Box::new(|asking| asking.page(asking.now))),
        (
            "oldest page of recordings",
            Box::new(|asking| asking.page(asking.now.plus_micros(-360 * DAY_MICROS))),
        ),
        ("calendar of all cameras", Box::new(Asking::days)),
        ("totals of all cameras", Box::new(Asking::totals)),
    ]
}

/// Asks each question often; the first time after the kernel has forgotten the file.
pub fn measure(dir: &Path) -> Result<Vec<Value>> {
    let mut results = Vec::new();
    for (what, question) in questions() {
        let forgot = forget_pages();
        let asking = Asking::open(dir)?;
        let (found, cold) = timed(|| question(&asking));
        let found = found?;
        let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let (again, took) = timed(|| question(&asking));
            again?;
            times.push(took);
        }
        let (median, longest) = spread(times);
        results.push(json!({
            "what": what,
            "found": found,
            "median_ms": median,
            "longest_ms": longest,
            "cold_ms": forgot.then(|| crate::ms(cold)),
        }));
    }
    Ok(results)
}
