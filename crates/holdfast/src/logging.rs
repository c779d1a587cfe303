//! Logs: to standard error, in one line each, for people or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging. `HOLDFAST_LOG` chooses what (`info`, `camera=debug`, …), `HOLDFAST_LOG_FORMAT`
/// how (`text`, `json`).
pub fn start() {
    let filter = EnvFilter::try_from_env("HOLDFAST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let json = std::env::var("HOLDFAST_LOG_FORMAT").is_ok_and(|format| format == "json");
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Starting twice happens in tests only; the first one stays.
    let _ = match json {
        true => logs.json().try_init(),
        false => logs.compact().try_init(),
    };
}
