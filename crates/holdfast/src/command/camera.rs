//! `holdfast camera …`

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use camera::{Hint, ProbeReport, ProbedTrack, StreamSource};
use serde_json::json;
use world::{Clock, SystemClock};

use crate::cli::CameraCommand;
use crate::exit::Exit;
use crate::files;

pub async fn carry_out(command: CameraCommand) -> Result<Exit> {
    let CameraCommand::Probe { url, username, password_file, seconds, json } = command;
    let source = source(&url, username.as_deref(), password_file.as_deref())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    if std::io::stderr().is_terminal() {
        eprintln!("asking {} and watching for {seconds} s …", source.url());
    }
    let report = camera::probe(&source, &clock, Duration::from_secs(seconds)).await;
    let report = report.with_context(|| format!("{} is not usable", source.url()))?;
    let mut out = std::io::stdout().lock();
    match json {
        true => writeln!(out, "{}", as_json(&report))?,
        false => out.write_all(in_words(&report).as_bytes())?,
    }
    let usable = report.tracks.iter().any(|track| track.params.is_some());
    Ok(if usable { Exit::Done } else { Exit::Problems })
}

fn source(url: &str, user: Option<&str>, password_file: Option<&Path>) -> Result<StreamSource> {
    let source = StreamSource::new("probe", url)?;
    let Some(user) = user else { return Ok(source) };
    let password = match password_file {
        Some(path) => files::text(path)?.trim_end_matches(['\r', '\n']).to_owned(),
        None => String::new(),
    };
    Ok(source.with_credentials(user, &password))
}

fn rate(track: &ProbedTrack, watched: Duration) -> (f64, f64) {
    let seconds = watched.as_secs_f64().max(0.001);
    (track.frames as f64 / seconds, track.bytes as f64 * 8.0 / 1000.0 / seconds)
}

fn as_json(report: &ProbeReport) -> serde_json::Value {
    let track = |track: &ProbedTrack| {
        let (frames, kbit) = rate(track, report.watched);
        json!({
            "media": track.media,
            "encoding": track.encoding,
            "summary": track.summary,
            "recordable": track.params.is_some(),
            "frames_per_second": frames,
            "kbit_per_second": kbit,
        })
    };
    json!({
        "tool": report.tool,
        "first_frame_ms": report.first_frame.as_millis() as u64,
        "key_frame_interval_ms": report.key_frame_interval.map(|d| d.as_millis() as u64),
        "tracks": report.tracks.iter().map(track).collect::<Vec<_>>(),
        "warnings": words(&report.warnings),
        "advice": words(&report.advice()),
    })
}

fn words(hints: &[Hint]) -> Vec<&str> {
    hints.iter().map(|hint| &*hint.words).collect()
}

fn in_words(report: &ProbeReport) -> String {
    let mut text = String::new();
    for track in &report.tracks {
        let (frames, kbit) = rate(track, report.watched);
        let kept = if track.params.is_some() { "" } else { "  (cannot be recorded)" };
        text += &format!(
            "{:<6} {}  {frames:.1} frames/s, {kbit:.0} kbit/s{kept}\n",
            track.media, track.summary
        );
    }
    text += &format!("first frame after {} ms", report.first_frame.as_millis());
    if let Some(interval) = report.key_frame_interval {
        text += &format!(", a key frame every {:.1} s", interval.as_secs_f64());
    }
    text.push('\n');
    if let Some(tool) = &report.tool {
        text += &format!("the camera calls itself {tool}\n");
    }
    for line in report.warnings.iter().chain(&report.advice()) {
        text += &format!("note: {line}\n");
    }
    text
}
