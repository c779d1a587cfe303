//! What the recorder noted, in a stream's folder, before it removed footage (docs/format).

use std::path::Path;

use anyhow::{Context, Result};
use base::WallTime;
use serde_json::Value;

use super::promise::time;

const FILE: &str = "holdfast-removed.json";

/// From, to.
pub type Span = (WallTime, WallTime);

/// What was removed of the stream whose folder this is.
pub fn spans(folder: &Path) -> Result<Vec<Span>> {
    // Nothing was removed yet.
    let Ok(text) = std::fs::read(folder.join(FILE)) else { return Ok(Vec::new()) };
    let note: Value = serde_json::from_slice(&text).context("the note of what was removed")?;
    let removed = note["removed"].as_array().context("the note of what was removed is empty")?;
    let span = |of: &Value| {
        let (from, to) = (time(&of["from"])?, time(&of["to"])?);
        Ok((from.context("a removed span has no beginning")?, to.context("… no end")?))
    };
    removed.iter().map(span).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn noted_spans_are_read_and_no_note_is_none() {
        let dir = tempfile::tempdir().unwrap();
        assert!(spans(dir.path()).unwrap().is_empty());
        let text = r#"{"removed":[{"from":"1970-01-01T00:00:01Z","to":"1970-01-01T00:00:03Z"}]}"#;
        std::fs::write(dir.path().join(FILE), text).unwrap();
        let expected = [1, 3].map(|second| WallTime::from_micros(second * 1_000_000));
        assert_eq!(spans(dir.path()).unwrap(), [(expected[0], expected[1])]);
        std::fs::write(dir.path().join(FILE), "torn").unwrap();
        assert!(spans(dir.path()).is_err());
    }
}
