//! What was measured as tables, with what was measured before.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Arguments, measured};

/// Of what recording costs.
pub(super) const RECORDED_HEAD: [&str; 11] = [
    "streams",
    "sync",
    "ms per stream-second",
    "least, most",
    "of",
    "that takes",
    "before",
    "switches",
    "MiB",
    "every frame",
    "stop, ms",
];
/// Of what viewers cost.
pub(super) const WATCHED_HEAD: [&str; 11] = [
    "recorded",
    "watched",
    "viewers",
    "ms per viewer-second",
    "least, most",
    "of a plain loop",
    "that takes",
    "before",
    "switches",
    "delay, ms: median, 99 %",
    "skips",
];

/// The fields that say what was measured.
pub(super) const IDENTITY: [&str; 11] = [
    "what",
    "of",
    "cameras",
    "sync_interval",
    "peer",
    "stream",
    "viewers",
    "hours",
    "readers",
    "window",
    "days",
];

/// The results as tables.
pub(super) struct Page {
    pub(super) text: String,
}

impl Page {
    pub(super) fn new(machine: &str) -> Self {
        Self { text: format!("{machine}\n") }
    }

    /// Begins a table.
    pub(super) fn head(&mut self, columns: &[&str]) {
        let (head, line) = (columns.join(" | "), "---|".repeat(columns.len()));
        // Writing to a text cannot fail.
        let _ = write!(self.text, "\n| {head} |\n|{line}\n");
    }

    /// Adds a line for each result of a measurement below `dir`, as `render` puts it; what was
    /// printed.
    pub(super) fn measure(
        &mut self,
        arguments: &Arguments,
        dir: &Path,
        before: &[Value],
        options: &[&str],
        render: fn(&Value, &Value) -> String,
    ) -> Result<String> {
        let printed = measured(arguments, dir, options)?;
        for line in printed.lines() {
            let result: Value = serde_json::from_str(line).context("a result is no JSON")?;
            let line = render(&result, earlier(before, &result));
            println!("{line}");
            let _ = writeln!(self.text, "{line}");
        }
        Ok(printed)
    }

    pub(super) fn recorded(result: &Value, before: &Value) -> String {
        let peer = result["peer"].as_str();
        let beside = peer.map_or(String::new(), |peer| format!("{peer}: {}", result["of_peer"]));
        let earlier = if peer.is_some() { "of_peer" } else { "cpu_ms_per_stream_second" };
        let earlier = number(&before[earlier]);
        let theirs = peer.map_or(String::new(), |_| result["peer_cpu_ms"].to_string());
        let (least, most) = (&result["cpu_ms_range"][0], &result["cpu_ms_range"][1]);
        let sync = result["sync_interval"].as_str().unwrap_or_default();
        format!(
            "| {} | {sync} | {} | {least}, {most} | {beside} | {theirs} | {earlier} \
             | {} | {} | {} | {} |",
            result["cameras"],
            result["cpu_ms_per_stream_second"],
            result["switches_per_stream_second"],
            result["resident_mib"],
            if result["every_frame"] == true { "yes" } else { "NO" },
            result["stop_ms"],
        )
    }

    pub(super) fn watched(result: &Value, before: &Value) -> String {
        let (least, most) = (&result["cpu_ms_range"][0], &result["cpu_ms_range"][1]);
        format!(
            "| {} | {} | {} | {} | {least}, {most} | {} | {} | {} | {} | {}, {} | {} |",
            result["cameras"],
            result["stream"].as_str().unwrap_or_default(),
            result["viewers"],
            result["cpu_ms_per_viewer_second"],
            result["of_floor"],
            result["floor_cpu_ms"],
            number(&before["of_floor"]),
            result["switches_per_viewer_second"],
            result["delay_ms"],
            result["delay_p99_ms"],
            result["skips"],
        )
    }
}

/// The newest kept result of the same measurement.
pub(super) fn earlier<'a>(before: &'a [Value], result: &Value) -> &'a Value {
    before.iter().rfind(|earlier| is_like(earlier, result)).unwrap_or(&Value::Null)
}

/// Nothing where there is none.
pub(super) fn number(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

/// Whether both are of the same measurement.
fn is_like(one: &Value, other: &Value) -> bool {
    IDENTITY.iter().all(|field| one[field] == other[field])
}
