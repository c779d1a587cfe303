//! Logs: to standard error, in one line each, for people or as JSON; the newest lines stay in
//! memory for the page.

use std::io::IsTerminal;

use logs::{Keeping, Log};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};
use world::{Clock, SystemClock};

/// Starts logging. `HOLDFAST_LOG` chooses what (`info`, `camera=debug`, …), `HOLDFAST_LOG_FORMAT`
/// how (`text`, `json`). What is kept of it is without secrets.
pub fn start() -> Log {
    let filter = EnvFilter::try_from_env("HOLDFAST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let json = std::env::var("HOLDFAST_LOG_FORMAT").is_ok_and(|format| format == "json");
    let lines =
        fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = match json {
        true => lines.json().boxed(),
        false => lines.compact().boxed(),
    };
    let clock = SystemClock::new();
    let log = Log::new(clock.wall());
    let kept = Keeping::new(log.clone(), move || clock.wall());
    // Starting twice happens in tests only; the first one stays.
    let _ = registry().with(filter).with(lines).with(kept).try_init();
    log
}
