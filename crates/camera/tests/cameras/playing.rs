//! Streams as they should be, and parameters that change.

use std::time::Duration;

use camera::{State, probe};
use media::{AudioCodec, TrackParams};
use testcam::Login;

use crate::support::*;

#[tokio::test]
async fn every_frame_arrives_once_with_sound_in_step() {
    let (_cam, watch) = watch_path("aac", patient()).await;
    watch.video_frames(75).await;
    let status = watch.status();
    assert_eq!(status.state, State::Playing);
    assert_eq!(status.tracks, ["H.264 1280×720", "AAC 16 kHz mono"]);
    assert_eq!((status.last_error, status.warnings), (None, vec![]));
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    seen.assert_decodable();
    assert_eq!(seen.epochs.len(), 1);
    let video = seen.video();
    assert!(video.windows(2).all(|pair| (pair[1].pts - pair[0].pts).0 == 3600), "25 a second");
    assert!(video[0].access.is_key() && !video[1].access.is_key());
    let audio = seen.track(seen.first_run(), 1);
    assert!(audio.windows(2).all(|pair| (pair[1].pts - pair[0].pts).0 == 1024));
    assert!(audio.iter().all(|frame| frame.duration == 1024));
    let clock = seen.clock.clone().unwrap();
    assert!(clock.settled);
    let offsets: Vec<i64> = clock.offsets.iter().map(|offset| offset.unwrap()).collect();
    for (_, frame) in &seen.frames {
        let scale = seen.epochs[0].tracks[frame.track].timescale();
        let wall = offsets[frame.track] + scale.to_micros(frame.pts);
        let late = frame.received_wall.as_micros() - wall;
        assert!((-70_000..1_500_000).contains(&late), "track {} {late} µs late", frame.track);
    }
}

#[tokio::test]
async fn frames_that_are_reordered_get_decode_times() {
    let (_cam, watch) = watch_path("bframes", patient()).await;
    watch.video_frames(60).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    seen.assert_decodable();
    let TrackParams::Video(params) = &*seen.epochs[0].tracks[0] else { panic!("is video") };
    assert!(params.reorder_depth > 0);
    let video = seen.video();
    assert!(video.iter().all(|frame| frame.pts >= frame.dts), "nothing is shown before decoding");
    let mut shown: Vec<i64> = video.iter().map(|frame| frame.pts.0).collect();
    assert!(!shown.is_sorted());
    shown.sort_unstable();
    let whole = &shown[..shown.len() - 4];
    assert!(whole.windows(2).all(|pair| pair[1] - pair[0] == 3600), "{whole:?}");
}

#[tokio::test]
async fn g711_is_recorded_as_it_comes() {
    let (_cam, watch) = watch_path("ulaw", patient()).await;
    watch.video_frames(20).await;
    let (seen, _) = watch.stop().await;
    let TrackParams::Audio(params) = &*seen.epochs[0].tracks[1] else { panic!("is audio") };
    assert_eq!((params.codec, params.sample_rate, params.channels), (AudioCodec::Ulaw, 8000, 1));
    let audio = seen.track(seen.first_run(), 1);
    assert!(audio.len() > 10);
    for pair in audio.windows(2) {
        assert_eq!((pair[1].pts - pair[0].pts).0, pair[0].data.len() as i64);
    }
}

#[tokio::test]
async fn sound_that_is_offered_but_never_comes_is_not_waited_for() {
    let (_cam, watch) = watch_path("aac;mute=1", patient()).await;
    watch.video_frames(30).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    assert_eq!(seen.epochs[0].tracks.len(), 2);
    let clock = seen.clock.unwrap();
    assert!(clock.settled && clock.offsets[0].is_some() && clock.offsets[1].is_none());
}

#[tokio::test]
async fn both_ways_to_prove_who_we_are_work() {
    for digest in [false, true] {
        let (username, password) = ("admin".to_owned(), "p@ss:w/ord".to_owned());
        let cam = cameras(Some(Login { username, password, digest })).await;
        let from_url = cam.url("plain").replace("rtsp://", "rtsp://admin:p%40ss%3Aw%2Ford@");
        let given = source(&cam.url("plain")).with_credentials("admin", "p@ss:w/ord");
        for source in [source(&from_url), given] {
            let watch = watch(source, patient());
            watch.video_frames(3).await;
            watch.stop().await;
        }
    }
}

#[tokio::test]
async fn parameter_sets_may_stand_in_the_stream_or_in_the_description_only() {
    for path in ["bframes;noparams=1", "aac;outofband=1"] {
        let (_cam, watch) = watch_path(path, patient()).await;
        watch.video_frames(20).await;
        let (seen, _) = watch.stop().await;
        seen.assert_whole(0);
        assert_eq!(seen.epochs.len(), 1, "{path}");
    }
}

#[tokio::test]
async fn new_parameters_begin_a_new_epoch_of_the_same_run() {
    let (_cam, watch) = watch_path("aac;change=1.9;to=other;noaudio=1", patient()).await;
    watch.until("the change", |seen, _| seen.epochs.len() == 2).await;
    let frames = watch.seen().frames.len();
    watch.video_frames(frames + 25).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    seen.assert_decodable();
    let (first, second) = (&seen.epochs[0], &seen.epochs[1]);
    assert_eq!((first.run, second.run), (second.run, first.run));
    assert_eq!((first.number, second.number), (0, 1));
    assert_ne!(first.tracks[0], second.tracks[0]);
    let (_, opening) = seen.frames.iter().find(|(epoch, _)| *epoch == 1).unwrap();
    assert!(opening.access.is_key());
}

#[tokio::test]
async fn a_codec_that_nobody_knows_costs_only_its_own_track() {
    let (_cam, watch) = watch_path("plain;unknown=1", patient()).await;
    watch.video_frames(10).await;
    let warnings = watch.status().warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("X-NOBODY is not supported"), "{warnings:?}");
    let (seen, _) = watch.stop().await;
    assert_eq!(seen.epochs[0].tracks.len(), 1);
    seen.assert_whole(0);
}

#[tokio::test]
async fn a_run_ends_on_request_and_the_next_begins_in_the_same_session() {
    let (cam, watch) = watch_path("plain", patient()).await;
    watch.video_frames(5).await;
    *watch.sink.1.lock().unwrap() = Some(camera::EndCause::Clock);
    watch.until("a second run", |seen, _| seen.epochs.len() == 2).await;
    assert_eq!((cam.playing(), cam.teardowns()), (1, 0));
    let (seen, _) = watch.stop().await;
    assert_ne!(seen.epochs[0].run, seen.epochs[1].run);
    assert_eq!(seen.ends[0].0, camera::EndCause::Clock);
    seen.assert_whole(0);
    let second = seen.track(seen.epochs[1].run, 0);
    assert_eq!(second[0].pts.0, 0, "a run counts from its own first frame");
}

#[tokio::test]
async fn a_camera_that_sends_what_it_kept_is_placed_by_its_latest_frames() {
    let (_cam, watch) = watch_path("aac;burst=4", patient()).await;
    watch.video_frames(130).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    let offset = seen.clock.clone().unwrap().offsets[0].unwrap();
    let first = seen.video()[0];
    let age = first.received_wall.as_micros() - offset;
    assert!((3_300_000..4_700_000).contains(&age), "the first frame is {age} µs old");
}

#[tokio::test]
async fn a_probe_tells_what_a_camera_offers() {
    let cam = cameras(None).await;
    let clock: std::sync::Arc<dyn world::Clock> = std::sync::Arc::new(world::SystemClock::new());
    let wait = Duration::from_millis(2600);
    let report = probe(&source(&cam.url("aac;unknown=1")), &clock, wait).await.unwrap();
    let tracks: Vec<_> = report.tracks.iter().map(|track| &*track.summary).collect();
    assert_eq!(tracks, ["H.264 1280×720", "AAC 16 kHz mono", "audio X-NOBODY"]);
    assert!(report.tracks[0].frames > 50 && report.tracks[1].frames > 30);
    assert_eq!(report.key_frame_interval, Some(Duration::from_secs(2)));
    let warnings: Vec<_> = report.warnings.iter().map(|hint| hint.kind).collect();
    assert_eq!(warnings, [camera::HintKind::TrackLeftOut]);
    assert_eq!(cam.teardowns(), 1);
    let refused = probe(&source(&cam.url("nowhere")), &clock, wait).await.unwrap_err();
    assert!(refused.to_string().contains("404"), "{refused}");
}
