//! What goes wrong is said in words, and tried again.

use std::time::{Duration, Instant};

use base::WallTime;
use camera::{Bounds, ClockEstimate, EndCause, Epoch, FrameSink, State, Status};
use media::Frame;
use testcam::Login;

use crate::support::*;

/// What the status says once it says something.
async fn complaint(watch: &Watch) -> (Status, String) {
    watch.until("a complaint", |_, status| status.last_error.is_some()).await;
    let status = watch.status();
    let words = status.last_error.clone().unwrap();
    (status, words)
}

#[tokio::test]
async fn refused_credentials_are_told_from_missing_ones_and_tried_rarely() {
    for digest in [false, true] {
        let (username, password) = ("admin".to_owned(), "secret".to_owned());
        let cam = cameras(Some(Login { username, password, digest })).await;
        let wrong = source(&cam.url("plain")).with_credentials("admin", "wrong");
        for (source, want) in
            [(wrong, "refused the user name"), (source(&cam.url("plain")), "none are set")]
        {
            let watch = watch(source, quick());
            let (status, words) = complaint(&watch).await;
            assert!(words.contains(want), "{words}");
            assert!(!words.contains("wrong"), "a password is never said: {words}");
            let State::Denied { until } = status.state else { panic!("{:?}", status.state) };
            let wait = until.since(status.since);
            assert!(wait >= Duration::from_secs(22), "{wait:?}");
            let (seen, took) = watch.stop().await;
            assert!(seen.epochs.is_empty() && took < Duration::from_millis(800));
        }
    }
}

#[tokio::test]
async fn each_kind_of_failure_has_its_words() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mute_address = mute.local_addr().unwrap();
    let cam = cameras(None).await;
    let cases = [
        (cam.url("nothing"), "no stream at /nothing (404)"),
        (cam.url("plain;status=453"), "fewer sessions"),
        (cam.url("plain;status=500"), "refused DESCRIBE: 500"),
        (cam.url("plain;setup_status=461"), "refused SETUP: 461"),
        (cam.url("plain;hang=describe"), "did not answer DESCRIBE within 0.7 s"),
        (cam.url("plain;hang=setup"), "did not answer SETUP"),
        (cam.url("plain;hang=play"), "did not answer PLAY"),
        (format!("rtsp://{nowhere}/x"), "nothing listens at 127.0.0.1"),
        (format!("rtsp://{mute_address}/x"), "did not answer DESCRIBE"),
        ("rtsp://no-such-host.invalid/x".to_owned(), "cannot reach no-such-host.invalid:554"),
    ];
    let watched = cases.map(|(url, want)| async move {
        let watch = watch(source(&url), quick());
        let (status, words) = complaint(&watch).await;
        assert!(words.contains(want), "{url}: {words}");
        assert!(matches!(status.state, State::Waiting { .. }), "{url}: {:?}", status.state);
        watch.until("another try", |_, status| status.counters.reconnects > 0).await;
        watch.stop().await;
    });
    all(watched).await;
    drop((cam, mute));
}

/// Watches a camera that fails while it plays: the end of its first run, and the words.
async fn broken(path: &str, bounds: Bounds) -> (Seen, EndCause, String) {
    let (_cam, watch) = watch_path(path, bounds).await;
    watch.until("the end of a run", |seen, _| !seen.ends.is_empty()).await;
    let (_, words) = complaint(&watch).await;
    watch.until("another run", |seen, _| seen.epochs.len() > 1).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    seen.assert_decodable();
    let cause = seen.ends[0].0;
    (seen, cause, words)
}

#[tokio::test]
async fn a_camera_that_falls_silent_is_left_and_joined_again() {
    let watched = ["plain;stall=0.5", "plain;cut=0.5"].map(|path| async move {
        let (seen, cause, words) = broken(path, quick()).await;
        assert_eq!((cause, &*words), (EndCause::Silent, "the camera sent nothing for 0.8 s"));
        assert_ne!(seen.epochs[0].run, seen.epochs[1].run);
    });
    all(watched).await;
}

#[tokio::test]
async fn a_camera_that_hangs_up_is_joined_again() {
    let (_, cause, words) = broken("plain;close=0.5", quick()).await;
    assert_eq!((cause, &*words), (EndCause::CameraGone, "the camera closed the connection"));
}

#[tokio::test]
async fn a_camera_that_says_goodbye_is_joined_again_before_it_would_be_called_silent() {
    let began = Instant::now();
    let (_, cause, words) = broken("aac;bye=0.5", patient()).await;
    assert!(began.elapsed() < patient().silence);
    assert_eq!((cause, &*words), (EndCause::CameraGone, "the camera ended its stream"));
}

#[tokio::test]
async fn a_camera_that_keeps_its_sound_to_itself_is_recorded_without() {
    let (_cam, watch) = watch_path("aac;nosound=1", patient()).await;
    watch.video_frames(10).await;
    let warnings = watch.status().warnings.join(" ");
    assert!(warnings.contains("sound is not recorded: the camera is busy"), "{warnings}");
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    assert_eq!(seen.epochs[0].tracks.len(), 1);
}

#[tokio::test]
async fn a_camera_that_talks_nonsense_is_left() {
    let (_, cause, words) = broken("plain;garbage=0.5", quick()).await;
    assert_eq!(cause, EndCause::BadData, "{words}");
}

#[tokio::test]
async fn an_access_unit_without_end_ends_the_session() {
    let (_, cause, words) = broken("plain;huge=0.5", quick()).await;
    assert_eq!(cause, EndCause::BadData);
    assert_eq!(words, "the camera sent an access unit of more than 16 MiB");
}

#[tokio::test]
async fn a_stream_without_key_frames_says_so() {
    let (_cam, watch) = watch_path("plain;nokey=1", quick()).await;
    let (status, words) = complaint(&watch).await;
    assert!(words.starts_with("no key frame within 0.6 s"), "{words}");
    assert_eq!(status.state, State::Connecting);
    assert!(watch.status().counters.before_key > 3);
    let (seen, _) = watch.stop().await;
    assert!(seen.epochs.is_empty() && seen.frames.is_empty());
}

#[tokio::test]
async fn what_comes_before_the_first_key_frame_is_counted_and_left_out() {
    let (_cam, watch) = watch_path("plain;late=1", patient()).await;
    watch.video_frames(10).await;
    assert_eq!(watch.status().counters.before_key, 20, "a key frame every 25");
    let (seen, _) = watch.stop().await;
    seen.assert_whole(20);
}

#[tokio::test]
async fn lost_packets_are_counted_and_cost_their_own_frames_only() {
    let (_cam, watch) = watch_path("aac;noaudio=1;lose=60", patient()).await;
    watch.until("losses", |_, status| status.counters.lost_packets >= 4).await;
    let (seen, _) = watch.stop().await;
    seen.assert_decodable();
    assert_eq!((seen.epochs.len(), seen.ends.len()), (1, 1));
    let sent = seen.stamped().into_values().next().unwrap();
    assert!(sent.is_sorted_by(|a, b| a < b));
    let missing = sent.last().unwrap() + 1 - sent.len() as u64;
    assert!((1..=12).contains(&missing), "{missing} of {}", sent.len());
}

/// A sink with a bug that shows once, at the tenth frame.
struct Buggy(Sink, usize);

impl FrameSink for Buggy {
    fn begin_epoch(&mut self, epoch: Epoch) {
        self.0.begin_epoch(epoch);
    }

    fn frame(&mut self, frame: Frame) {
        self.1 += 1;
        assert_ne!(self.1, 10, "the tenth frame is one too many");
        self.0.frame(frame);
    }

    fn clock(&mut self, estimate: ClockEstimate) {
        self.0.clock(estimate);
    }

    fn end_run(&mut self, cause: EndCause, at: WallTime) {
        self.0.end_run(cause, at);
    }
}

#[tokio::test]
async fn a_bug_of_ours_ends_the_run_and_the_camera_is_joined_again() {
    let cam = cameras(None).await;
    let watch = watch_by(source(&cam.url("plain")), quick(), |sink| Buggy(sink, 0));
    let (status, words) = complaint(&watch).await;
    assert!(matches!(status.state, State::Waiting { .. }), "{:?}", status.state);
    assert!(words.contains("a bug in Holdfast"), "{words}");
    assert!(words.contains("the tenth frame is one too many"), "{words}");
    watch.until("another run", |seen, _| seen.frames.len() > 30).await;
    let (seen, _) = watch.stop().await;
    assert_eq!(seen.ends[0].0, EndCause::Crash);
    assert_ne!(seen.epochs[0].run, seen.epochs[1].run);
    seen.assert_whole(0);
    seen.assert_decodable();
}
