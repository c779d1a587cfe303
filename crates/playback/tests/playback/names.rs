//! What a clip says of itself in words, as ffprobe reads it.

use std::process::Command;
use std::sync::Arc;

use base::WallTime;
use playback::{ClipPlan, ClipRequest, ClipStream};

use crate::archive::{Memory, stream};
use crate::clip::read;
use crate::random::{START, archive, plain};

/// One stream by this name, its second to its fourth second.
fn request(name: &str) -> ClipRequest {
    let at = |second: i64| WallTime::from_micros(START + second * 1_000_000);
    let streams = vec![ClipStream { id: stream(), name: name.to_owned() }];
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    ClipRequest { streams, zone, ..ClipRequest::new(stream(), at(1), at(4)) }
}

/// What ffprobe shows of a file in the form of `name=value` lines; `None` where there is none.
pub fn probe(file: &[u8], arguments: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    std::fs::write(&path, file).unwrap();
    let mut command = Command::new("ffprobe");
    let Ok(output) = command.args(["-v", "quiet"]).args(arguments).arg(&path).output() else {
        eprintln!("SKIPPED: there is no ffprobe here, so nobody judges the clips");
        return None;
    };
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

fn probed(name: &str) -> Option<String> {
    let memory = Arc::new(archive(&plain(8)));
    let plan = Arc::new(ClipPlan::new(&*memory, request(name)).unwrap());
    let file = read(&memory, &plan, 0..plan.len());
    probe(&file, &["-show_format", "-show_streams", "-of", "default"])
}

#[test]
fn a_clip_is_named_by_its_camera_and_its_range() {
    let Some(text) = probed("Front door main") else { return };
    // START is 2026-11-22T20:15:00.123457Z; pictures come 30 a second.
    let title = "Front door main, 2026-11-22 21:15:01 +01:00 to 2026-11-22 21:15:04 +01:00";
    for line in [
        &*format!("TAG:title={title}"),
        "TAG:date=2026-11-22T21:15:01+01:00",
        "TAG:creation_time=2026-11-22T20:15:01.000000Z",
        "TAG:handler_name=Front door main",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in {text}");
    }
}

#[test]
fn a_hostile_name_is_only_text_and_only_so_long() {
    let name = format!("x\0\nTAG:title=other\u{202e}{}", "<b>ä</b>&\"'".repeat(5000));
    let Some(text) = probed(&name) else { return };
    let titles: Vec<&str> = text.lines().filter(|line| line.starts_with("TAG:title=")).collect();
    assert!(titles.iter().all(|title| title.starts_with("TAG:title=xTAG:title=other<b>")));
    let longest = titles.iter().map(|title| title.len()).max().unwrap();
    assert!(longest < base::limits::CLIP_NAME_BYTES_MAX + 80, "{titles:?}");
}

#[test]
fn a_stream_without_a_name_has_that_of_its_files() {
    let Some(text) = probed("") else { return };
    assert!(text.contains("TAG:handler_name=front-door main\n"), "{text}");
}

#[test]
fn another_name_or_another_zone_is_another_clip() {
    let memory: Memory = archive(&plain(8));
    let tag = |request| ClipPlan::new(&memory, request).unwrap().etag().to_owned();
    assert_eq!(tag(request("one")), tag(request("one")));
    assert_ne!(tag(request("one")), tag(request("two")));
    let elsewhere = ClipRequest { zone: jiff::tz::TimeZone::UTC, ..request("one") };
    assert_ne!(tag(request("one")), tag(elsewhere));
}
