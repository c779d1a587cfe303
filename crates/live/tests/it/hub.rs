//! Viewers of a stream that is written to, from subscribing to leaving.

use std::time::Duration;

use base::{CameraId, MonoTime, StreamId, WallTime, limits};
use bytes::Bytes;
use live::{LiveMessage, LiveState, SubscribeError, Viewer};
use media::{AudioCodec, TrackParams, VideoCodec, VideoParams};
use stream::EndCause;

use crate::camera::{CAMERA, Camera, GOP, START, STREAM, audio, hub, video};

/// The next message, which is due now.
async fn next(viewer: &mut Viewer) -> LiveMessage {
    let message = tokio::time::timeout(Duration::from_secs(5), viewer.next()).await;
    message.expect("a message is due").expect("the stream is there")
}

/// Numbers of the frames in a fragment: the last byte of each sample.
fn frames(message: &LiveMessage) -> Vec<u8> {
    let LiveMessage::Fragment(fragment) = message else { panic!("no fragment: {message:?}") };
    let bytes = fragment.bytes.windows(5);
    bytes.filter(|w| w[..4] == [0, 0, 2, 0x65]).map(|w| w[4]).collect()
}

#[tokio::test]
async fn a_viewer_sees_the_newest_group_of_pictures_and_then_what_comes() {
    let hub = hub();
    let mut camera = Camera::new(&hub, vec![video(30), audio(AudioCodec::Ulaw)]);
    camera.send(25);
    let mut viewer = hub.subscribe(STREAM).unwrap();
    let mut first = next(&mut viewer).await;
    while matches!(first, LiveMessage::State(LiveState::WaitingForKeyFrame)) {
        first = next(&mut viewer).await;
    }
    assert!(matches!(first, LiveMessage::State(LiveState::Live { .. })), "{first:?}");
    let LiveMessage::Init(init) = next(&mut viewer).await else { panic!("no init") };
    assert_eq!(init.mime, "video/mp4; codecs=\"avc1.42c01e\"");
    assert_eq!(init.bytes.get(4..8), Some(&b"ftyp"[..]));
    assert_eq!((init.tracks.len(), init.left_out.len()), (1, 1));
    let LiveMessage::Clock(clock) = next(&mut viewer).await else { panic!("no clock") };
    assert_eq!(clock.wall, WallTime::from_micros(START + 20 * 40_000));
    let fragment = next(&mut viewer).await;
    assert_eq!(frames(&fragment), [20, 21, 22, 23, 24]);
    let LiveMessage::Fragment(first) = fragment else { unreachable!() };
    assert!(first.key);
    assert_eq!(first.start_micros, clock.media_micros);
    assert_eq!(first.end_micros - first.start_micros, 200_000);
    camera.send(1);
    assert_eq!(frames(&next(&mut viewer).await), [25]);
    camera.send(6);
    let (one, two) = (next(&mut viewer).await, next(&mut viewer).await);
    assert_eq!((frames(&one), frames(&two)), (vec![26, 27, 28, 29], vec![30, 31]));
}

#[tokio::test]
async fn a_fragment_is_encoded_once_however_many_watch() {
    let hub = hub();
    let mut camera = Camera::new(&hub, vec![video(30)]);
    camera.send(1);
    let watch = |_| hub.subscribe(STREAM).unwrap();
    let mut viewers: Vec<Viewer> = (0..100).map(watch).collect();
    for frame in 0..3 {
        let mut first = None;
        for viewer in &mut viewers {
            let fragment = loop {
                if let LiveMessage::Fragment(fragment) = next(viewer).await {
                    break fragment;
                }
            };
            let at = fragment.bytes.as_ptr();
            assert_eq!(*first.get_or_insert(at), at, "frame {frame} was copied");
        }
        camera.send(1);
    }
}

#[tokio::test]
async fn a_run_that_ends_is_told_and_media_time_goes_on_in_the_next() {
    let hub = hub();
    let mut camera = Camera::new(&hub, vec![video(30)]);
    camera.send(3);
    let mut viewer = hub.subscribe(STREAM).unwrap();
    let mut end = 0;
    while end == 0 {
        if let LiveMessage::Fragment(fragment) = next(&mut viewer).await {
            end = fragment.end_micros;
        }
    }
    let at = WallTime::from_micros(START + 200_000);
    camera.writer.end_run(EndCause::CameraGone, at, MonoTime::from_micros(200_000));
    let ended = LiveState::NoSignal { ended: Some((at, EndCause::CameraGone)) };
    match next(&mut viewer).await {
        LiveMessage::State(state) => assert_eq!(state, ended),
        other => panic!("{other:?}"),
    }
    camera.epoch = Camera::begin(&mut camera.writer, 2, 0, vec![video(31)]);
    camera.sent = 0;
    camera.send(2);
    let mut seen = Vec::new();
    let fragment = loop {
        match next(&mut viewer).await {
            LiveMessage::Fragment(fragment) => break fragment,
            LiveMessage::Init(init) => seen.push(init.mime.clone()),
            _ => {}
        }
    };
    assert_eq!(seen, ["video/mp4; codecs=\"avc1.42c01f\""]);
    assert!(fragment.start_micros > end);
}

/// When the next fragment begins, in microseconds of media time.
async fn start(viewer: &mut Viewer) -> i64 {
    loop {
        if let LiveMessage::Fragment(fragment) = next(viewer).await {
            return fragment.start_micros;
        }
    }
}

#[tokio::test]
async fn streams_of_a_camera_have_one_scale_whenever_somebody_comes() {
    let (hub, drift) = (hub(), 34_000_000);
    let of = |camera, stream| {
        let ids = (CameraId::from_bytes([camera; 16]), StreamId::from_bytes([stream; 16]));
        let mut of = Camera::of(&hub, ids, vec![video(30)]);
        of.drift(drift);
        of.send(1);
        (of, ids.1)
    };
    let mut main = Camera::new(&hub, vec![video(30)]);
    main.send(1);
    let mut viewer = hub.subscribe(STREAM).unwrap();
    let begun = start(&mut viewer).await;
    main.drift(drift);
    main.send(1);
    assert_eq!(start(&mut viewer).await, begun + 40_000);
    let (_sub, sub) = of(CAMERA.as_bytes()[0], 8);
    let (_other, other) = of(7, 9);
    assert_eq!(start(&mut hub.subscribe(sub).unwrap()).await, begun, "as the main one");
    let alone = start(&mut hub.subscribe(other).unwrap()).await;
    assert_eq!(alone, begun + drift, "cameras have nothing in common");
}

#[tokio::test]
async fn new_parameters_within_a_run_come_with_their_own_beginning() {
    let hub = hub();
    let mut camera = Camera::new(&hub, vec![video(30)]);
    camera.send(1);
    let mut viewer = hub.subscribe(STREAM).unwrap();
    while !matches!(next(&mut viewer).await, LiveMessage::Fragment(_)) {}
    camera.epoch = Camera::begin(&mut camera.writer, 1, 1, vec![video(31)]);
    camera.sent = GOP;
    camera.send(1);
    let LiveMessage::Init(init) = next(&mut viewer).await else { panic!("no init") };
    assert!(init.mime.contains("avc1.42c01f"));
}

#[tokio::test]
async fn the_encoder_runs_only_while_somebody_watches() {
    let hub = hub();
    let mut camera = Camera::new(&hub, vec![video(30)]);
    camera.send(1);
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let idle = tasks();
    let (one, two) = (hub.subscribe(STREAM).unwrap(), hub.subscribe(STREAM).unwrap());
    assert_eq!((hub.viewers(STREAM), tasks()), (2, idle + 1));
    drop(one);
    drop(two);
    assert_eq!(hub.viewers(STREAM), 0);
    tokio::task::yield_now().await;
    assert_eq!(tasks(), idle);
    assert_eq!(hub.subscribe(StreamId::from_bytes([9; 16])).err(), Some(SubscribeError::NoStream));
}

#[tokio::test]
async fn there_is_a_bound_on_viewers() {
    let hub = hub();
    let _camera = Camera::new(&hub, vec![video(30)]);
    let viewers: Vec<Viewer> =
        (0..limits::VIEWERS_MAX).map(|_| hub.subscribe(STREAM).unwrap()).collect();
    assert!(matches!(hub.subscribe(STREAM), Err(SubscribeError::TooMany(_))));
    drop(viewers);
    assert!(hub.subscribe(STREAM).is_ok());
}

#[tokio::test]
async fn viewers_of_a_stream_that_is_removed_are_ended() {
    let hub = hub();
    let _camera = Camera::new(&hub, vec![video(30)]);
    let mut viewer = hub.subscribe(STREAM).unwrap();
    hub.remove(STREAM);
    while viewer.next().await.is_some() {}
    drop(viewer);
    assert_eq!(hub.viewers(STREAM), 0);
}

#[tokio::test]
async fn a_stream_of_nothing_playable_says_so() {
    let TrackParams::Video(jpeg) = video(30) else { panic!("is video") };
    let jpeg = VideoParams { codec: VideoCodec::Jpeg, config: Bytes::new(), ..jpeg };
    let jpeg = TrackParams::Video(jpeg);
    // Sound beside pictures that cannot be shown is not given alone.
    for tracks in
        [vec![audio(AudioCodec::Alaw)], vec![jpeg.clone()], vec![jpeg, audio(AudioCodec::Aac)]]
    {
        let hub = hub();
        let mut camera = Camera::new(&hub, tracks);
        camera.send(1);
        let mut viewer = hub.subscribe(STREAM).unwrap();
        loop {
            match next(&mut viewer).await {
                LiveMessage::State(LiveState::Unplayable) => break,
                LiveMessage::State(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
