//! Timestamps that repeat, step back, stand still and jump.

use crate::support::*;

/// How far the places of frames are from the times of their arrival, at most, in µs.
fn furthest_off(seen: &Seen) -> i64 {
    let video = seen.video();
    let scale = seen.epochs[0].tracks[0].timescale();
    let delay = |frame: &&media::Frame| frame.received.as_micros() - scale.to_micros(frame.pts);
    let (least, most) = (video.iter().map(delay).min(), video.iter().map(delay).max());
    most.unwrap() - least.unwrap()
}

#[tokio::test]
async fn bad_timestamps_lose_no_frame() {
    let faults = ["duplicate=4", "backward=4", "zeros=5", "still=1"];
    let watched = faults.map(|fault| async move {
        let (_cam, watch) = watch_path(&format!("aac;noaudio=1;{fault}"), patient()).await;
        watch.video_frames(60).await;
        let counted = watch.status().counters.bad_timestamps;
        let (seen, _) = watch.stop().await;
        seen.assert_whole(0);
        seen.assert_decodable();
        assert_eq!((seen.epochs[0].run, seen.ends.len()), (seen.epochs.last().unwrap().run, 1));
        assert!(fault == "backward=4" || counted > 3, "{fault}: {counted}");
        let off = furthest_off(&seen);
        let allowed = if fault == "still=1" { 2_500_000 } else { 1_000_000 };
        assert!(off < allowed, "{fault}: {off} µs");
    });
    all(watched).await;
}

#[tokio::test]
async fn a_jump_of_the_cameras_clock_does_not_break_the_run() {
    let watched = ["1000", "-1000", "30000", "3.5"].map(|by| async move {
        let path = format!("aac;noaudio=1;jump=1.2;by={by}");
        let (_cam, watch) = watch_path(&path, patient()).await;
        watch.video_frames(60).await;
        let (seen, _) = watch.stop().await;
        seen.assert_whole(0);
        seen.assert_decodable();
        assert_eq!(seen.epochs.len(), 1, "a jump by {by} s");
        let off = furthest_off(&seen);
        assert!(off < 1_000_000, "a jump by {by} s: {off} µs");
    });
    all(watched).await;
}

#[tokio::test]
async fn a_clock_that_runs_fast_is_followed() {
    let (_cam, watch) = watch_path("aac;noaudio=1;skew=20000", patient()).await;
    watch.video_frames(40).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    let clock = seen.clock.clone().unwrap();
    let last = *seen.video().last().unwrap();
    let wall = clock.offsets[0].unwrap() + seen.epochs[0].tracks[0].timescale().to_micros(last.pts);
    let late = last.received_wall.as_micros() - wall;
    assert!((-200_000..200_000).contains(&late), "{late}");
}

#[tokio::test]
async fn what_a_camera_says_of_its_clock_is_measured() {
    let (_cam, watch) = watch_path("aac", patient()).await;
    watch.video_frames(60).await;
    let clock = watch.status().clock;
    assert!(clock.reports && clock.since.is_some() && clock.jumps == 0, "{clock:?}");
    let offset = clock.offset_micros.expect("it tells its time of day");
    assert!(offset.abs() < 300_000, "it has our own clock, and is {offset} µs off");
    let (_cam, watch) = watch_path("aac;nosr=1", patient()).await;
    watch.video_frames(60).await;
    let clock = watch.status().clock;
    assert!(!clock.reports && clock.offset_micros.is_none() && clock.since.is_some(), "{clock:?}");
    let (_cam, watch) = watch_path("aac;noaudio=1;jump=1.2;by=30", patient()).await;
    watch.video_frames(60).await;
    let clock = watch.status().clock;
    assert!(clock.jumps > 0, "{clock:?}");
}
