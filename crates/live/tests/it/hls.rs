//! Who watches a stream over HLS, from the first request to a while after the last.

use std::sync::Arc;
use std::time::Duration;

use base::{AiringId, StreamId, WallTime, limits};
use bytes::Bytes;
use live::{Awaited, LiveFile, LiveFileError, LiveHub, SubscribeError, Visit, Wanted};
use media::AudioCodec;
use stream::EndCause;
use world::sim::{SeededEntropy, SimClock};

use crate::camera::{CAMERA, Camera, START, STREAM, audio, hub, video};

/// A camera with a key frame every second.
fn camera(hub: &LiveHub) -> Camera {
    let mut camera = Camera::new(hub, vec![video(30), audio(AudioCodec::Aac)]);
    camera.gop = 25;
    camera
}

async fn due(visit: &mut Visit, wanted: Wanted) -> Result<Bytes, LiveFileError> {
    let found = tokio::time::timeout(Duration::from_secs(5), visit.wait(wanted)).await;
    found.expect("it is due")
}

async fn playlist(hub: &LiveHub, awaited: Option<Awaited>) -> String {
    let mut visit = hub.visit(STREAM).unwrap();
    let text = due(&mut visit, Wanted::Playlist(awaited)).await.unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

/// The first request: the encoder has begun with what there is.
async fn begin(hub: &LiveHub) {
    hub.visit(STREAM).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Sends second by second, and lets the encoder take it: only the newest second is in memory.
async fn send_seconds(camera: &mut Camera, seconds: usize) {
    for _ in 0..seconds {
        camera.send(25);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Airing and name of the file that a line names.
fn named(line: &str) -> (AiringId, &str) {
    let mut names = line.split('"').nth(1).unwrap_or(line).split('/').skip(1);
    (names.next().unwrap().parse().unwrap(), names.next().unwrap())
}

#[tokio::test]
async fn the_first_request_begins_an_airing_and_waits_for_a_media_segment() {
    let hub = hub();
    let mut camera = camera(&hub);
    camera.send(5);
    let mut visit = hub.visit(STREAM).unwrap();
    let first = tokio::spawn(async move { due(&mut visit, Wanted::Playlist(None)).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!first.is_finished(), "there is nothing yet");
    camera.send(25);
    let text = String::from_utf8(first.await.unwrap().unwrap().to_vec()).unwrap();
    let number = START / 1_000_000;
    assert!(text.contains(&format!("#EXT-X-MEDIA-SEQUENCE:{number}\n")), "{text}");
    assert!(text.contains(&format!("segment-{number}.m4s\n")), "{text}");
}

#[tokio::test]
async fn a_reload_waits_for_its_part_and_all_get_the_same_bytes() {
    let hub = hub();
    let mut camera = camera(&hub);
    camera.send(5);
    begin(&hub).await;
    send_seconds(&mut camera, 2).await;
    let awaited = Some(Awaited { segment: START as u64 / 1_000_000 + 1, part: Some(2) });
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let mut visit = hub.visit(STREAM).unwrap();
        assert_eq!(visit.look(Wanted::Playlist(awaited)), Ok(None));
        waiting.push(tokio::spawn(async move {
            due(&mut visit, Wanted::Playlist(awaited)).await.unwrap().as_ptr() as usize
        }));
    }
    camera.send(25);
    let mut places = Vec::new();
    for waiting in waiting {
        places.push(waiting.await.unwrap());
    }
    places.dedup();
    assert_eq!(places.len(), 1, "each got a playlist of its own");
    let text = playlist(&hub, awaited).await;
    let line = text.lines().find(|line| line.contains("/part-")).unwrap();
    let (airing, name) = named(line);
    let number = name.trim_start_matches("part-").trim_end_matches(".m4s").parse().unwrap();
    let wanted = Wanted::File(airing, LiveFile::Part(number));
    let get = || hub.visit_again(STREAM).unwrap().look(wanted).unwrap().unwrap().as_ptr();
    assert_eq!(get(), get());
}

#[tokio::test]
async fn viewers_of_both_kinds_share_one_encoder() {
    let hub = hub();
    let mut camera = camera(&hub);
    camera.send(5);
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let idle = tasks();
    let mut viewer = hub.subscribe(STREAM).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    // From the newest key frame on, that the other viewer has had.
    hub.visit(STREAM).unwrap();
    hub.visit(STREAM).unwrap();
    assert_eq!(hub.viewers(STREAM), 2);
    assert_eq!(tasks(), idle + 2, "one encodes, one looks whether anybody still asks");
    send_seconds(&mut camera, 1).await;
    camera.send(15);
    assert!(playlist(&hub, None).await.contains("segment-"));
    assert!(viewer.next().await.is_some());
    assert!(hub.hls_bytes(STREAM) > 0);
}

#[tokio::test]
async fn an_airing_ends_a_while_after_the_last_request_and_its_addresses_with_it() {
    let clock = SimClock::new(WallTime::from_micros(START));
    let hub = LiveHub::new(Arc::new(clock.clone()), Arc::new(SeededEntropy::new(1)));
    let mut camera = camera(&hub);
    camera.send(5);
    begin(&hub).await;
    send_seconds(&mut camera, 3).await;
    let before = playlist(&hub, None).await;
    let last = before.lines().rfind(|line| !line.starts_with('#')).unwrap();
    let (airing, name) = named(last);
    let number = name.trim_start_matches("segment-").trim_end_matches(".m4s").parse().unwrap();
    let wanted = Wanted::File(airing, LiveFile::Segment(number));
    assert!(hub.visit_again(STREAM).unwrap().look(wanted).unwrap().is_some());
    clock.advance(limits::LIVE_HLS_GRACE);
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if hub.viewers(STREAM) == 0 {
            break;
        }
    }
    assert_eq!(hub.viewers(STREAM), 0);
    assert!(hub.visit_again(STREAM).is_none());
    begin(&hub).await;
    send_seconds(&mut camera, 3).await;
    let after = playlist(&hub, None).await;
    assert_ne!(named(after.lines().rfind(|line| !line.starts_with('#')).unwrap()).0, airing);
    let gone = hub.visit_again(STREAM).unwrap().look(wanted);
    assert_eq!(gone, Err(LiveFileError::Missing));
    let first = |text: &str| -> u64 {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")).unwrap().parse().unwrap()
    };
    assert!(first(&after) > first(&before), "numbers never go back");
}

/// Media sequence and discontinuity sequence, and the decode time of the newest media segment, in
/// seconds; of a process that began so long after the start.
async fn airing_of_a_process(after_s: i64) -> (u64, u64, f64) {
    let clock = SimClock::new(WallTime::from_micros(START + after_s * 1_000_000));
    let hub = LiveHub::new(Arc::new(clock.clone()), Arc::new(SeededEntropy::new(after_s as u64)));
    let mut camera = camera(&hub);
    camera.sent = after_s * 25;
    camera.send(5);
    begin(&hub).await;
    send_seconds(&mut camera, 2).await;
    let text = playlist(&hub, None).await;
    let number = |tag: &str| text.lines().find_map(|line| line.strip_prefix(tag)?.parse().ok());
    let (airing, name) = named(text.lines().find(|line| !line.starts_with('#')).unwrap());
    let first = name.trim_start_matches("segment-").trim_end_matches(".m4s").parse().unwrap();
    let file = Wanted::File(airing, LiveFile::Segment(first));
    let bytes = hub.visit_again(STREAM).unwrap().look(file).unwrap().unwrap();
    let at = bytes.windows(4).position(|name| name == b"tfdt").unwrap() + 8;
    let ticks = u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    let sequences = ("#EXT-X-MEDIA-SEQUENCE:", "#EXT-X-DISCONTINUITY-SEQUENCE:");
    (number(sequences.0).unwrap(), number(sequences.1).unwrap(), ticks as f64 / 90_000.0)
}

/// hls.js 1.7 finds its place after a restart where its playlist had become old only where breaks
/// do not count on; then it takes the times for those of the airing before. It waits for them as
/// long as it takes where they are earlier than it reckons from the numbers: up to 4.4 s for each.
#[tokio::test]
async fn an_airing_of_the_next_process_is_ahead_of_the_one_before_and_counts_breaks_alike() {
    let before = airing_of_a_process(0).await;
    for after_s in [3, 60, 86_400] {
        let after = airing_of_a_process(after_s).await;
        assert_eq!((after.0 - before.0, after.1), (after_s as u64, before.1));
        assert!(after.2 - before.2 >= 4.4 * after_s as f64, "{before:?} {after:?}");
    }
}

#[tokio::test]
async fn who_waits_is_told_when_the_stream_is_gone() {
    let hub = hub();
    let mut camera = camera(&hub);
    camera.send(5);
    let mut visit = hub.visit(STREAM).unwrap();
    let waiting = tokio::spawn(async move { due(&mut visit, Wanted::Playlist(None)).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    hub.remove(STREAM);
    assert_eq!(waiting.await.unwrap(), Err(LiveFileError::Gone));
    assert_eq!(hub.visit(STREAM).err(), Some(SubscribeError::NoStream));
    let other = StreamId::from_bytes([9; 16]);
    assert_eq!(hub.visit(other).err(), Some(SubscribeError::NoStream));
}

#[tokio::test]
async fn a_camera_that_is_not_there_is_no_reason_to_wait() {
    let hub = hub();
    let (_writer, reader) = stream::stream();
    hub.add(CAMERA, STREAM, reader);
    let mut visit = hub.visit(STREAM).unwrap();
    let found = visit.look(Wanted::Playlist(None));
    assert_eq!(found, Err(LiveFileError::NoSignal(None)));
}

#[tokio::test]
async fn what_was_shown_last_is_offered_for_a_while_after_a_camera_has_gone() {
    let clock = SimClock::new(WallTime::from_micros(START));
    let hub = LiveHub::new(Arc::new(clock.clone()), Arc::new(SeededEntropy::new(1)));
    let mut camera = camera(&hub);
    camera.send(5);
    begin(&hub).await;
    send_seconds(&mut camera, 3).await;
    let at = WallTime::from_micros(START);
    camera.writer.end_run(EndCause::CameraGone, at, base::MonoTime::default());
    tokio::time::sleep(Duration::from_millis(50)).await;
    playlist(&hub, None).await;
    clock.advance(limits::LIVE_HLS_SILENCE_MAX - Duration::from_secs(1));
    playlist(&hub, None).await;
    clock.advance(Duration::from_secs(1));
    let gone = hub.visit(STREAM).unwrap().look(Wanted::Playlist(None));
    assert_eq!(gone, Err(LiveFileError::NoSignal(Some((at, EndCause::CameraGone)))));
}

#[tokio::test]
async fn there_is_a_bound_on_streams_that_are_on_air() {
    let hub = hub();
    let mut streams = Vec::new();
    for number in 0..=limits::LIVE_HLS_STREAMS_MAX {
        let id = StreamId::from_bytes([number as u8; 16]);
        let (writer, reader) = stream::stream();
        hub.add(CAMERA, id, reader);
        streams.push((id, writer));
    }
    let visits: Vec<_> = streams.iter().map(|(id, _)| hub.visit(*id).err()).collect();
    assert!(visits[..limits::LIVE_HLS_STREAMS_MAX].iter().all(Option::is_none), "{visits:?}");
    let most = SubscribeError::TooManyAired(limits::LIVE_HLS_STREAMS_MAX);
    assert_eq!(visits.last(), Some(&Some(most)));
}
