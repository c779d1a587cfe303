//! A ZIP that proves itself, made by the server that runs: it knows what grows, and signs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde_json::{Value, json};

use super::clip::save;
use super::shown::Shown;
use super::{Asked, Named, Outcome};
use crate::client::Client;
use crate::daemon::Machine;

/// How often the server is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(300);

const EXPORTS: &str = "/api/v1/exports";

/// Has the server make it, takes it, and leaves nothing there: also where it is interrupted.
pub async fn carry_out(
    server: &Client,
    machine: &Machine,
    asked: &Asked<'_>,
    (name, together): (&str, bool),
    part: &Path,
) -> Result<Outcome> {
    let streams = asked.streams.iter().map(|Named { camera, stream }| format!("{camera}/{stream}"));
    let body = json!({
        "name": name,
        "streams": streams.collect::<Vec<_>>(),
        "from": asked.from,
        "to": asked.to.min(machine.wall()),
        "together": together,
        "timestamps": asked.timestamps,
    });
    let body = Some(("application/json", body.to_string()));
    let made = value(&server.text(Method::POST, EXPORTS, body).await?)?;
    let path = format!("{EXPORTS}/{}", made["id"].as_str().context("the server gave no id")?);
    let taken = tokio::select! {
        taken = take(server, &path, part) => taken,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; nothing is left of it")),
    };
    let removed = server.send(Method::DELETE, &path, None).await;
    let taken = taken?;
    if let Err(error) = removed {
        eprintln!("holdfast: the export stays on the server: {error:#}");
    }
    Ok(taken)
}

/// Waits until it is done, and fetches it.
async fn take(server: &Client, path: &str, part: &Path) -> Result<Outcome> {
    let mut shown = Shown::new();
    let done = loop {
        let now = value(&server.text(Method::GET, path, None).await?)?;
        match now["state"].as_str() {
            Some("done") => break now,
            Some("failed") => bail!("{}", now["problem"].as_str().unwrap_or("it came to nothing")),
            _ => {}
        }
        let written = now["written_bytes"].as_u64().unwrap_or(0);
        shown.tell("made by the server: ", written, now["bytes"].as_u64());
        tokio::time::sleep(ASK_EVERY).await;
    };
    shown.end();
    let answer = server.send(Method::GET, &format!("{path}/export.zip"), None).await?;
    let bytes = save(answer.into_body(), part).await?;
    let streams = done["streams"].as_array().cloned().unwrap_or_default();
    let without = streams.iter().filter(|stream| stream["has_footage"] == false);
    let path = |stream: &Value| {
        Some(format!("{}/{}", stream["camera"].as_str()?, stream["stream"].as_str()?))
    };
    Ok(Outcome { bytes, without_footage: without.filter_map(path).collect() })
}

fn value(text: &str) -> Result<Value> {
    serde_json::from_str(text).context("the server did not answer with JSON")
}
