//! Stopping is quick, whatever the camera does, and takes leave of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use base::{MonoTime, Shutdown, limits};
use camera::{Bounds, Context, EndCause, Pace, StatusHandle};
use world::{SystemClock, SystemEntropy};

use crate::support::*;

const QUICK: Duration = Duration::from_millis(800);

#[tokio::test]
async fn a_playing_camera_gets_its_teardown() {
    let (cam, watch) = watch_path("plain", Bounds::default()).await;
    watch.video_frames(5).await;
    let (seen, took) = watch.stop().await;
    assert!(took < QUICK, "{took:?}");
    assert_eq!(seen.ends[0].0, EndCause::Shutdown);
    assert_eq!((cam.teardowns(), cam.playing()), (1, 0));
}

#[tokio::test]
async fn a_camera_that_hangs_delays_nothing() {
    for path in ["plain;hang=describe", "plain;status=500", "plain;nokey=1", "plain;stall=0.1"] {
        let (_cam, watch) = watch_path(path, Bounds::default()).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (_, took) = watch.stop().await;
        assert!(took < QUICK, "{path}: {took:?}");
    }
}

#[tokio::test]
async fn a_camera_that_never_answers_teardown_gets_a_second() {
    let (_cam, watch) = watch_path("plain;hang=teardown", Bounds::default()).await;
    watch.video_frames(3).await;
    let (_, took) = watch.stop().await;
    assert!((limits::TEARDOWN_TIMEOUT..2 * limits::TEARDOWN_TIMEOUT).contains(&took), "{took:?}");
}

#[test]
fn a_runtime_that_is_dropped_with_cameras_on_it_does_not_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(async {
        let (cam, watch) = watch_path("plain", Bounds::default()).await;
        watch.video_frames(3).await;
        drop(cam);
        watch.seen()
    });
    drop(runtime);
    seen.assert_whole(0);
}

fn wait_for(status: &StatusHandle, frames: u64) {
    let begun = Instant::now();
    while status.counters().frames < frames {
        assert!(begun.elapsed() < PATIENCE, "{:?}", status.snapshot());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// How many were read at the same moment as the one before.
fn together(received: &[MonoTime]) -> usize {
    received.windows(2).filter(|pair| pair[1].since(pair[0]).as_millis() < 5).count()
}

#[test]
fn a_paced_thread_receives_all_and_stops_at_once() {
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let done = Shutdown::new();
    let ending = done.clone();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let cam = cameras(None).await;
            tell.send(cam.url("aac")).unwrap();
            ending.requested().await;
        });
    });
    let pace = Pace::new(Duration::from_millis(500)).unwrap();
    let (sink, status, shutdown) = (Sink::default(), StatusHandle::new(), Shutdown::new());
    let context = Context {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        shutdown: shutdown.clone(),
        status: status.clone(),
        pace: Some(pace.clone()),
        bounds: patient(),
    };
    let (source, sinks) = (source(&told.recv().unwrap()), sink.clone());
    let thread = std::thread::spawn(move || {
        pace.runtime().unwrap().block_on(camera::run(source, sinks, context));
    });
    wait_for(&status, 400);
    let ticked = sink.0.lock().unwrap().video().len();
    sink.2.store(true, Ordering::Relaxed);
    wait_for(&status, status.counters().frames + 150);
    let asked = Instant::now();
    shutdown.request();
    thread.join().unwrap();
    let took = asked.elapsed();
    assert!(took < Duration::from_millis(450), "{took:?}");
    let seen = sink.0.lock().unwrap().clone();
    seen.assert_whole(0);
    // Once the session is no longer young, many frames are read at the same moment.
    let video = seen.video();
    let young = limits::READ_ON_ARRIVAL + Duration::from_millis(1500);
    let late = video[..ticked].iter().filter(|f| f.received.since(video[0].received) > young);
    let late: Vec<_> = late.map(|frame| frame.received).collect();
    if late.len() > 30 {
        assert!(together(&late) * 2 > late.len());
    }
    // While somebody watches it is read on arrival: the first of these tell that it is watched.
    let watched: Vec<_> = video[ticked + 20..].iter().map(|frame| frame.received).collect();
    assert!(watched.len() > 20 && together(&watched) * 2 < watched.len(), "{watched:?}");
    done.request();
    server.join().unwrap();
}
