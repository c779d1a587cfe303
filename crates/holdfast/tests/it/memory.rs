//! One setting bounds the memory of frames that wait for a disk that does not answer.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup};
use crate::tools::have;

/// Of about 5 Mbit/s each: while the disk hangs, eight times the bound comes.
const CAMERAS: usize = 8;
const MEMORY_MAX: u64 = 16_000_000;
const HANGS: Duration = Duration::from_secs(30);
/// What the process may take beyond that: frames that share a piece of memory with one that is
/// kept, and what the allocator does not give back. Without the bound it would be 100 MB.
const SLACK: u64 = 8_000_000;

/// Bytes that a process has in memory.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).expect("it has memory") * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_wait_for_a_disk_that_hangs_take_no_more_than_memory_max() {
    let what = "the test of memory while a disk hangs";
    if !have("strace", "--version", what) || !have("ffmpeg", "-version", what) {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::play(cams::noise(folder.path()), None, false).await;
    let slugs: Vec<String> = (0..CAMERAS).map(|number| format!("cam-{number}")).collect();
    let cameras = slugs.iter().map(|slug| (slug.as_str(), cam.url("noise")));
    let setup = Setup {
        archive: format!("memory_max = \"{} MB\"", MEMORY_MAX / 1_000_000),
        ..Setup::with_cameras(cameras)
    };
    let mut server = Server::start(&setup).await;
    for slug in &slugs {
        server.wait_for(slug, "footage", |s| s["durable_until"].is_string()).await;
    }
    // Recent frames for viewers are all there.
    sleep(Duration::from_secs(5)).await;
    let process = server.id();
    let before = resident(process);
    let hanging = server.hang("disk1", HANGS);
    let (began, mut most, mut lost) = (Instant::now(), 0, 0);
    while began.elapsed() < HANGS - Duration::from_secs(5) {
        most = most.max(resident(process));
        lost = 0;
        for slug in &slugs {
            lost += server.stream(slug).await["lost_frames"].as_u64().expect("is counted");
        }
        sleep(Duration::from_millis(500)).await;
    }
    drop(hanging);
    eprintln!("{before} bytes before, at most {most}; {lost} frames had no room");
    assert!(lost > 0, "the bound was not met; {}", server.log());
    let bound = before + MEMORY_MAX + SLACK;
    assert!(most < bound, "{most} bytes, {before} before; {}", server.log());
}
