//! What recording costs: the real binary beside another recorder, both with the same cameras, in
//! windows of the same seconds.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::WallTime;
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::process::{Cost, Sample};
use crate::server::{Binary, Cameras, Server};

/// Sessions are read on arrival at first, for their clocks; that is over after this time.
pub const SETTLE: Duration = Duration::from_secs(15);

/// What is recorded, and how long.
#[derive(clap::Args, Clone)]
pub struct Recording {
    /// Cameras of 1080p30 at 4 Mbit/s
    #[arg(long, default_value_t = 6)]
    cameras: u32,
    /// Windows that are measured; the median counts
    #[arg(long, default_value_t = 4)]
    windows: u32,
    /// Seconds of a window
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// `sync_interval`
    #[arg(long, default_value = "1s")]
    sync: String,
    /// Records the same beside it: ffmpeg, gstreamer, floor or none
    #[arg(long, default_value = "ffmpeg")]
    peer: Peer,
    #[command(flatten)]
    binary: Binary,
}

/// Records, and gives one result.
pub fn measure(dir: &Path, recording: &Recording) -> Result<Vec<Value>> {
    let clip = crate::clips::LARGE.made(dir)?;
    let cameras = Cameras::of(&clip)?;
    let scratch = dir.join("bench-record");
    // What an earlier measurement left is of no use.
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(scratch.join("media"))?;
    let urls: Vec<String> = (0..recording.cameras).map(|_| cameras.url()).collect();
    let config = config_text(&scratch, &scratch.join("media"), &urls, &recording.sync);
    let mut server = Server::with_config(&scratch, &recording.binary, &config)?;
    server.when("/cameras", |answer| answer["cameras"].is_array())?;
    let peers = recording.peer.start(&scratch.join("peer"), &urls)?;
    let clock = &server.clock;
    server.wait(SETTLE);
    let mut windows = Vec::new();
    for _ in 0..recording.windows {
        let (ours, theirs) =
            (Sample::of(clock, &[server.pid()])?, Sample::of(clock, &peers.pids())?);
        server.wait(Duration::from_secs(recording.seconds));
        let streams = recording.cameras;
        let ours = Sample::of(clock, &[server.pid()])?.since(&ours, streams);
        let theirs = Sample::of(clock, &peers.pids())?.since(&theirs, streams);
        windows.push((ours, theirs));
    }
    let whole = every_frame_is_there(&server, recording.cameras)?;
    drop(peers);
    let stopped = server.stop()?;
    let ours = |of: fn(&Cost) -> f64| median(windows.iter().map(|(ours, _)| of(ours)));
    let theirs = |of: fn(&Cost) -> f64| median(windows.iter().map(|(_, theirs)| of(theirs)));
    let ratio = |(ours, theirs): &(Cost, Cost)| ours.cpu_ms / theirs.cpu_ms;
    let (least, most) = range(windows.iter().map(|(ours, _)| ours.cpu_ms));
    let mut result = json!({
        "what": "recording",
        "cameras": recording.cameras,
        "sync_interval": recording.sync,
        "cpu_ms_per_stream_second": two_digits(ours(|cost| cost.cpu_ms)),
        "cpu_ms_range": [two_digits(least), two_digits(most)],
        "switches_per_stream_second": two_digits(ours(|cost| cost.switches)),
        "resident_mib": two_digits(ours(|cost| cost.resident_mib)),
        "resident_mib_by_third": thirds(&windows),
        "written_bytes_per_stream_second": ours(|cost| cost.written).round(),
        "every_frame": whole,
        "stop_ms": two_digits(stopped.as_secs_f64() * 1000.0),
    });
    if recording.peer != Peer::None
        && let Value::Object(fields) = &mut result
    {
        let ratio = two_digits(median(windows.iter().map(ratio)));
        fields.insert("peer".to_owned(), json!(recording.peer.to_string()));
        fields.insert("peer_cpu_ms".to_owned(), json!(two_digits(theirs(|cost| cost.cpu_ms))));
        fields.insert("of_peer".to_owned(), json!(ratio));
    }
    Ok(vec![result])
}

/// Resident memory of the first, the second and the last third, medians: whether it grows.
fn thirds(windows: &[(Cost, Cost)]) -> Vec<f64> {
    let median = |part: &[(Cost, Cost)]| median(part.iter().map(|(ours, _)| ours.resident_mib));
    let bounds = |third: usize| windows.len() * third / 3..windows.len() * (third + 1) / 3;
    let parts = (0..3).map(|third| &windows[bounds(third)]);
    parts.filter(|part| !part.is_empty()).map(|part| two_digits(median(part))).collect()
}

/// Whether each stream has a frame for each thirtieth of a second of its footage, and no gap. What
/// is long is listed as several recordings.
pub fn every_frame_is_there(server: &Server, cameras: u32) -> Result<bool> {
    for number in 0..cameras {
        let path = format!("/cameras/cam-{number}/streams/main/recordings?limit=500");
        let answer = server.get(&path)?;
        let recordings = answer["recordings"].as_array().context("no recordings are listed")?;
        if !answer["next"].is_null() {
            bail!("there are more recordings of {path} than one page lists: record for less long");
        }
        let parts: Result<Vec<Listed>> = recordings.iter().map(Listed::of).collect();
        if !is_whole(parts?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One recording of a list.
#[derive(Clone, Copy)]
struct Listed {
    from: WallTime,
    to: WallTime,
    frames: u64,
}

impl Listed {
    fn of(listed: &Value) -> Result<Self> {
        let (from, to) =
            (crate::server::instant(&listed["from"]), crate::server::instant(&listed["to"]));
        let (Some(from), Some(to)) = (from, to) else {
            bail!("a recording has no times: {listed}")
        };
        let frames = listed["frames"].as_u64().context("a recording counts no frames")?;
        Ok(Self { from, to, frames })
    }
}

/// Whether these follow one another without a gap (of half a frame), with all frames but one at the
/// most.
fn is_whole(mut parts: Vec<Listed>) -> bool {
    parts.sort_by_key(|part| part.from);
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let expected = (last.to.micros_since(first.from) * 30 / 1_000_000).unsigned_abs();
    let frames: u64 = parts.iter().map(|part| part.frames).sum();
    let gap = |two: &[Listed]| two[1].from.micros_since(two[0].to).unsigned_abs();
    let follow = parts.windows(2).all(|two| gap(two) < 16_000);
    follow && frames.abs_diff(expected) <= 1
}

/// A configuration with its catalog below `dir`, and one volume, which is `media`.
pub fn config_text(dir: &Path, media: &Path, urls: &[String], sync: &str) -> String {
    let catalog = dir.join("catalog");
    let mut text = format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\n\
         [archive]\ncatalog = {:?}\nsync_interval = {sync:?}\n\
         [[archive.volume]]\nname = \"disk1\"\npath = {:?}\nkeep_free = \"1 GB\"\n",
        catalog.display(),
        media.display(),
    );
    for (number, url) in urls.iter().enumerate() {
        text += &format!(
            "[[camera]]\nname = \"cam-{number}\"\nslug = \"cam-{number}\"\n\
             [camera.stream.main]\nurl = {url:?}\n"
        );
    }
    text
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, 0.0), |(least, most), value| (least.min(value), most.max(value)))
}

pub fn two_digits(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_whole_where_they_follow_one_another_with_all_frames() {
        let part = |from: i64, to: i64, frames| Listed {
            from: WallTime::from_micros(from * 1_000_000),
            to: WallTime::from_micros(to * 1_000_000),
            frames,
        };
        assert!(is_whole(vec![part(0, 10, 300)]));
        assert!(is_whole(vec![part(10, 12, 61), part(0, 10, 300)]));
        assert!(!is_whole(vec![part(10, 12, 60), part(0, 10, 298)]));
        assert!(!is_whole(vec![part(11, 12, 30), part(0, 10, 330)]));
        assert!(!is_whole(Vec::new()));
    }

    #[test]
    fn memory_is_told_by_thirds_of_the_windows() {
        let window = |resident_mib: u32| {
            let cost = || Cost {
                cpu_ms: 0.0,
                switches: 0.0,
                resident_mib: resident_mib.into(),
                written: 0.0,
            };
            (cost(), cost())
        };
        let of = |windows: u32| thirds(&(1..=windows).map(window).collect::<Vec<_>>());
        assert_eq!(of(9), [2.0, 5.0, 8.0]);
        assert_eq!(of(4), [1.0, 2.0, 4.0]);
        assert_eq!(of(1), [1.0]);
    }
}
