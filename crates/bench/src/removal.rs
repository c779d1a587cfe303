//! The binary removes 10,000 segments while it records: how long others wait for the catalog, and
//! how far recording falls behind.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use catalog::Catalog;
use serde_json::{Value, json};

use crate::made::catalog_dir;
use crate::server::{Binary, Cameras, Server, instant};
use crate::{spread, timed};

const SEGMENTS: u64 = 10_000;
/// Others write this often.
const PAUSE: Duration = Duration::from_millis(20);
/// A start is over by then.
const SETTLED: Duration = Duration::from_secs(10);

/// Lowers what each stream keeps and looks on.
pub fn measure(dir: &Path, binary: &Binary) -> Result<Vec<Value>> {
    let catalog = Catalog::open_to_read(&catalog_dir(dir))?;
    let streams = catalog.streams()?;
    let mut least = u64::MAX;
    for stream in &streams {
        least = least.min(catalog.totals(stream.id)?.allocated);
    }
    let each = 150_000_000 * SEGMENTS / streams.len() as u64;
    let keep = format!("max_bytes = \"{} MB\"", (least - each) / 1_000_000);
    let cameras = Cameras::start(dir)?;
    let mut server = Server::start(dir, binary, &cameras, "")?;
    server.when("/cameras", |_| true)?;
    server.wait(SETTLED);
    let before = watch(&server, &catalog, Until::Tokens(500))?;
    server.stop()?;
    let mut server = Server::start(dir, binary, &cameras, &keep)?;
    server.when("/cameras", |_| true)?;
    let during = watch(&server, &catalog, Until::Removed(SEGMENTS))?;
    server.stop()?;
    Ok(vec![
        result("a writer beside recording alone", &before),
        result("a writer while 10,000 segments are removed", &during),
    ])
}

enum Until {
    Tokens(usize),
    Removed(u64),
}

#[derive(Default)]
struct Watched {
    waits: Vec<Duration>,
    lags: Vec<Duration>,
    removed: u64,
    took: Duration,
}

fn watch(server: &Server, catalog: &Catalog, until: Until) -> Result<Watched> {
    let count = || -> Result<u64> {
        let mut count = 0;
        for volume in catalog.volumes()? {
            count += catalog.volume_totals(volume.id)?.segments;
        }
        Ok(count)
    };
    let at_first = count()?;
    let account = server.make_account()?;
    let began = server.age();
    let mut watched = Watched::default();
    loop {
        let number = watched.waits.len();
        let begun = server.age();
        server.make_token(&account, number)?;
        watched.waits.push(server.age() - begun);
        if number.is_multiple_of(25) {
            let now = world::Clock::wall(&server.clock);
            let list = server.get("/cameras")?;
            let streams = list["cameras"].as_array().into_iter().flatten();
            let lags = streams.filter_map(|camera| {
                Some(now.since(instant(&camera["streams"][0]["durable_until"])?))
            });
            watched.lags.extend(lags.max());
            let (counted, _) = timed(count);
            watched.removed = at_first.saturating_sub(counted?);
        }
        watched.took = server.age() - began;
        let done = match until {
            Until::Tokens(tokens) => number >= tokens,
            Until::Removed(segments) => {
                watched.removed >= segments && catalog.garbage_rows()?.is_empty()
            }
        };
        if done || watched.took > Duration::from_secs(900) {
            return Ok(watched);
        }
        server.wait(PAUSE);
    }
}

fn result(what: &str, watched: &Watched) -> Value {
    let (median, longest) = spread(watched.waits.clone());
    let (lag, longest_lag) = spread(watched.lags.clone());
    json!({
        "what": what,
        "writes": watched.waits.len(),
        "median_ms": median,
        "longest_ms": longest,
        "durable_lag_median_ms": lag,
        "durable_lag_longest_ms": longest_lag,
        "removed": watched.removed,
        "took_s": watched.took.as_secs(),
    })
}
