//! A ZIP that proves itself, made by the server that runs: it knows what grows, and signs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::clip::save;
use super::shown::Shown;
use super::{Asked, Named, Outcome, named};
use crate::client::Client;
use crate::daemon::Machine;

/// How often the server is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(300);

/// How long an answer is waited for that is not what was asked for.
const ANSWER_MAX: Duration = Duration::from_secs(10);

const EXPORTS: &str = "/api/v1/exports";

/// Has the server make it and takes it; once it has its name here, nothing is left on the server,
/// as where it is interrupted. What cannot be taken though it is whole stays there.
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
    // Heard from here on: what is asked for is known to nobody else.
    let mut interrupts = Interrupts::listen()?;
    let body = Some(("application/json", body.to_string()));
    let asking = server.text(Method::POST, EXPORTS, body);
    tokio::pin!(asking);
    let (made, interrupted) = tokio::select! {
        made = &mut asking => (made, false),
        () = interrupts.heard() => {
            let made = tokio::time::timeout(ANSWER_MAX, asking).await;
            (made.context("interrupted; the server may still have been asked")?, true)
        }
    };
    let made = value(&made?)?;
    let id = made["id"].as_str().context("the server gave no id")?;
    let path = format!("{EXPORTS}/{id}");
    let stopped = || anyhow::anyhow!("interrupted");
    let done = match interrupted {
        true => Err(stopped()),
        false => tokio::select! {
            done = wait_until_done(server, &path) => done,
            () = interrupts.heard() => Err(stopped()),
        },
    };
    let taken = match done {
        Err(error) => Err(error),
        Ok(done) => {
            let taken = tokio::select! {
                taken = fetch(server, &path, &done, part) => taken,
                () = interrupts.heard() => return gone(server, id, &path, Err(stopped())).await,
            };
            let taken = taken.and_then(|taken| named(part, &asked.output).map(|()| taken));
            if let Err(error) = taken {
                // Its footage may be gone by now: what is whole over there is not to be lost here.
                return Err(error.context(format!(
                    "export {id} stays on the server: GET {path}/export.zip fetches it, DELETE \
                     {path} removes it"
                )));
            }
            taken
        }
    };
    gone(server, id, &path, taken).await
}

/// Removes it from the server, and gives what it came to.
async fn gone(server: &Client, id: &str, path: &str, taken: Result<Outcome>) -> Result<Outcome> {
    let removed = tokio::time::timeout(ANSWER_MAX, server.send(Method::DELETE, path, None)).await;
    let removed = removed.context("it does not answer").and_then(|removed| removed);
    if let Err(error) = removed {
        eprintln!("holdfast: export {id} stays on the server; DELETE {path} removes it: {error:#}");
    }
    taken
}

/// What ends a command from outside; no hangup, for `nohup` has that ignored.
struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    fn listen() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn heard(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Waits until it is done: what the server says of it then.
async fn wait_until_done(server: &Client, path: &str) -> Result<Value> {
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
    Ok(done)
}

/// Fetches one that is done.
async fn fetch(server: &Client, path: &str, done: &Value, part: &Path) -> Result<Outcome> {
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
