//! How long the binary takes on a large catalog of an older version until it records, what the copy
//! of the old catalog costs beside that, and a start on that copy.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use world::Clock;

use crate::made::catalog_dir;
use crate::server::{Binary, Cameras, Server, instant};
use crate::start::until_recording;
use crate::{forget_pages, ms, spread};

/// How often is looked while it copies.
const LOOK: Duration = Duration::from_millis(100);
/// A copy takes no longer.
const COPY_MAX: Duration = Duration::from_secs(600);

/// Starts on the old catalog, which `bench/to-v1.sql` has made of a new one; and again on the copy
/// that the first start has put beside it.
pub fn measure(dir: &Path, binary: &Binary) -> Result<Vec<Value>> {
    let cameras = Cameras::start(dir)?;
    let (folder, mut results) = (catalog_dir(dir), Vec::new());
    let (copy, file) = (folder.join("catalog-v1.db"), folder.join("catalog.db"));
    for what in ["first start on schema version 1", "first start on the restored copy"] {
        let bytes = std::fs::metadata(&file)?.len();
        let cold = forget_pages();
        let mut server = Server::start(dir, binary, &cameras, "")?;
        let mut result = until_recording(&mut server)?;
        result["what"] = json!(what);
        result["forgot_pages"] = json!(cold);
        result["mb"] = json!(bytes / 1_000_000);
        watch(&server, &copy, &mut result)?;
        result["stop_ms"] = json!(ms(server.stop()?));
        results.push(result);
        std::fs::rename(&copy, &file).context("it has left no copy")?;
        for beside in ["catalog.db-wal", "catalog.db-shm"] {
            // Whether they are there depends on who used it last.
            let _ = std::fs::remove_file(folder.join(beside));
        }
    }
    Ok(results)
}

/// Looks on until the copy is there.
fn watch(server: &Server, copy: &Path, result: &mut Value) -> Result<()> {
    let part = copy.with_extension("part");
    let (mut lags, mut begun, mut log_bytes) = (Vec::new(), None, 0);
    while !copy.exists() {
        if server.age() > COPY_MAX {
            bail!("there is no copy after {COPY_MAX:?}");
        }
        let written = std::fs::metadata(&part).map_or(0, |part| part.len());
        begun = begun.or((written > 0).then(|| server.age()));
        let log = copy.with_file_name("catalog.db-wal");
        log_bytes = log_bytes.max(std::fs::metadata(log).map_or(0, |log| log.len()));
        let now = server.clock.wall();
        let list = server.get("/cameras")?;
        let streams = list["cameras"].as_array().into_iter().flatten();
        let lag = streams
            .filter_map(|camera| Some(now.since(instant(&camera["streams"][0]["durable_until"])?)));
        lags.extend(lag.max().filter(|_| begun.is_some()));
        server.wait(LOOK);
    }
    let (median, longest) = spread(lags);
    result["copy_begun_s"] = json!(begun.map(|at| at.as_secs_f64()));
    result["copied_s"] = json!(server.age().as_secs_f64());
    result["copy_mb"] = json!(std::fs::metadata(copy)?.len() / 1_000_000);
    result["log_mb"] = json!(log_bytes / 1_000_000);
    result["durable_lag_median_ms"] = json!(median);
    result["durable_lag_longest_ms"] = json!(longest);
    Ok(())
}
