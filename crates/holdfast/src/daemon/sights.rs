//! What is wrong at this moment, with volumes, streams and the catalog.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api::operations::{
    CameraStatus, Operations, Recording, StreamState, StreamStatus, VolumeState,
};
use base::{MonoTime, StreamId, WallTime, limits};
use control::alarms::{Kind, SYSTEM, Sight};
use recorder::DiskFault;

use super::health::VolumeHealth;
use super::house::House;
use super::operations::Running;

/// Footage may be durable this much later than the sync interval says.
const LAG_SLACK_MICROS: i64 = 200_000;
/// A stream that plays for less is not yet durable at all.
const YOUNG_MICROS: i64 = 5_000_000;

/// Counters as of the last look.
#[derive(Default)]
pub struct Before {
    lost: BTreeMap<StreamId, u64>,
    failures: BTreeMap<String, u64>,
}

/// Everything that is wrong.
pub fn all(house: &Arc<House>, mono: MonoTime, wall: WallTime, before: &mut Before) -> Vec<Sight> {
    let mut seen = Vec::new();
    let volumes = house.volumes.health();
    for volume in &volumes {
        seen.extend(of_volume(volume, mono, before));
    }
    let cameras = Running(house.clone()).cameras();
    if volumes.is_empty() && !cameras.is_empty() {
        seen.push(sight(Kind::DiskMissing, SYSTEM, "there is no volume: nothing is recorded"));
    }
    let interval = house.sync_interval();
    for camera in &cameras {
        for stream in &camera.streams {
            let until = house.catalog.tail().published(stream.id);
            let lag = until.map(|until| wall.micros_since(until));
            seen.extend(of_stream(camera, stream, lag, interval, wall, before));
        }
    }
    if let Some(words) = house.rows.trouble() {
        seen.push(sight(Kind::CatalogBehind, SYSTEM, words));
    }
    seen
}

fn of_volume(volume: &VolumeHealth, now: MonoTime, before: &mut Before) -> Vec<Sight> {
    let name = volume.name.as_str();
    let mut seen = Vec::new();
    let (state, problem) = volume.judge(now);
    let words = problem.unwrap_or_else(|| "it does not work".to_owned());
    let kind = match state {
        VolumeState::Ok => None,
        VolumeState::Missing => Some(Kind::DiskMissing),
        VolumeState::ReadOnly => Some(Kind::DiskReadOnly),
        VolumeState::Foreign => Some(Kind::DiskForeign),
        VolumeState::Failing if volume.stuck(now).is_some() => Some(Kind::DiskStuck),
        VolumeState::Failing if volume.fault == DiskFault::NoSpace => Some(Kind::DiskFull),
        VolumeState::Failing => Some(Kind::DiskFailing),
        VolumeState::Degraded if volume.space_trouble().is_some() => Some(Kind::SpaceShort),
        VolumeState::Degraded => Some(Kind::DiskSlow),
    };
    seen.extend(kind.map(|kind| sight(kind, name, words)));
    if let Some(total) = volume.space.map(|space| space.total)
        && !volume.keep_free.fits(total)
    {
        let words = format!(
            "keep_free = {} is more than 90% of its disk of {total} bytes, which would leave no \
             footage: {} counts until it is corrected",
            volume.keep_free,
            config::KeepFree::default()
        );
        seen.push(sight(Kind::KeepFreeTooLarge, name, words));
    }
    if volume.damaged > 0 {
        let words = format!(
            "{} segments are known to be damaged and are kept: `holdfast check` names them",
            volume.damaged
        );
        seen.push(sight(Kind::CheckFinding, name, words));
    }
    // A failure may pass between two looks: its frames then went to another file.
    let known = before.failures.insert(name.to_owned(), volume.failures).unwrap_or(0);
    if volume.failures > known && kind.is_none() {
        let why = volume.last_failure.clone().unwrap_or_default();
        let words = format!("writing failed, and the same frames were written again: {why}");
        seen.push(sight(Kind::DiskFailing, name, words));
    }
    seen
}

/// `lag` is how long ago the end of what is durable was, in microseconds.
fn of_stream(
    camera: &CameraStatus,
    stream: &StreamStatus,
    lag: Option<i64>,
    interval: Duration,
    wall: WallTime,
    before: &mut Before,
) -> Vec<Sight> {
    let name = format!("{}/{}", camera.slug, stream.name);
    let mut seen = Vec::new();
    let mut see = |kind, words: String| seen.push(sight(kind, &name, words));
    let why = || stream.last_error.clone().unwrap_or_else(|| "it does not answer".to_owned());
    match stream.state {
        StreamState::Denied => see(Kind::CameraDenied, why()),
        StreamState::Waiting | StreamState::Connecting => {
            see(Kind::CameraLost, format!("the camera does not send: {}", why()));
        }
        StreamState::Playing | StreamState::Paused => {}
    }
    let known = before.lost.insert(stream.id, stream.lost_frames).unwrap_or(0);
    if stream.lost_frames > known {
        see(Kind::FramesLost, frames_lost(stream.lost_frames, stream.passed_over_frames));
    }
    if stream.dated_late_seconds > 0.0 {
        see(
            Kind::DatedLate,
            format!(
                "footage is dated {:.0} s later than it is: older footage already stands at the \
                 true time",
                stream.dated_late_seconds.max(1.0)
            ),
        );
    }
    // What is durable by now may be of the evening before.
    let since = stream.since.max(stream.recording_since);
    let young = since.is_none_or(|since| wall.micros_since(since) < YOUNG_MICROS);
    let behind = lag.filter(|lag| *lag > lag_max(interval, stream.frame_rate));
    let waits = stream.state == StreamState::Playing && stream.waiting_bytes > 0 && !young;
    if let Some(lag) = behind.filter(|_| waits && stream.recording != Recording::Off) {
        let words = format!("footage is safe on the disk only after {} ms", lag / 1000);
        see(Kind::FootageBehind, words);
    }
    seen
}

/// That so many frames are lost since the start, of which so many were passed over, in words.
fn frames_lost(lost: u64, passed_over: u64) -> String {
    let mut words = format!("{lost} frames were received and not recorded since the start");
    if lost > passed_over {
        words += "; the gaps say why";
    }
    if passed_over > 0 {
        words += &format!(
            "; {passed_over} of them because recording began within a GOP of more than {} MiB: set \
             a shorter key frame interval in the camera",
            limits::RECENT_BYTES_MAX >> 20
        );
    }
    words
}

/// How old the end of what is durable may be: what is promised, and the wait for the next picture
/// of a slow camera.
fn lag_max(interval: Duration, frame_rate: Option<f64>) -> i64 {
    let interval = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX / 2);
    let frame = frame_rate.filter(|rate| *rate > 0.0 && *rate < 5.0);
    let frame = frame.map_or(0, |rate| (1_000_000.0 / rate) as i64);
    interval.saturating_add(LAG_SLACK_MICROS).saturating_add(frame)
}

fn sight(kind: Kind, subject: &str, words: impl Into<String>) -> Sight {
    Sight { kind, subject: subject.to_owned(), words: words.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::health::Health;

    fn kinds(seen: &[Sight]) -> Vec<&'static str> {
        seen.iter().map(|sight| sight.kind.as_str()).collect()
    }

    #[test]
    fn a_failure_that_has_passed_is_seen_once() {
        let (health, mut before) =
            (Health::new(None, "disk1", config::KeepFree::Bytes(0)), Before::default());
        health.update(|health| {
            (health.state, health.problem, health.failures) = (VolumeState::Ok, None, 1);
            health.last_failure = Some("EIO".to_owned());
        });
        let mut look = || of_volume(&health.snapshot(), MonoTime::default(), &mut before);
        assert_eq!(kinds(&look()), ["disk-failing"]);
        assert_eq!(kinds(&look()), [""; 0]);
        health.update(|health| {
            (health.state, health.fault) = (VolumeState::Failing, DiskFault::NoSpace);
        });
        let mut look = || of_volume(&health.snapshot(), MonoTime::default(), &mut before);
        assert_eq!(kinds(&look()), ["disk-full"]);
    }

    #[test]
    fn more_than_a_disk_can_keep_free_is_told() {
        let (health, mut before) =
            (Health::new(None, "disk1", config::KeepFree::Bytes(20)), Before::default());
        health.update(|health| {
            (health.state, health.problem) = (VolumeState::Ok, None);
            health.space = Some(world::Space { total: 10, free: 5, available: 5 });
        });
        let mut look = || of_volume(&health.snapshot(), MonoTime::default(), &mut before);
        assert_eq!(kinds(&look()), ["keep-free-too-large"]);
        health.update(|health| health.keep_free = config::KeepFree::Bytes(9));
        let mut look = || of_volume(&health.snapshot(), MonoTime::default(), &mut before);
        assert_eq!(kinds(&look()), [""; 0]);
    }

    #[test]
    fn lost_frames_are_told_with_what_to_do() {
        let (gaps, camera) = ("; the gaps say why", "; 8 of them because recording began within");
        let has = |words: String| (words.contains(gaps), words.contains(camera));
        assert_eq!(has(frames_lost(17, 0)), (true, false));
        assert_eq!(has(frames_lost(17, 8)), (true, true));
        assert_eq!(has(frames_lost(8, 8)), (false, true));
        assert!(frames_lost(8, 8).contains("GOP of more than 8 MiB: set a shorter key frame"));
    }

    #[test]
    fn a_slow_camera_is_given_the_time_to_its_next_picture() {
        let second = Duration::from_secs(1);
        assert_eq!(lag_max(second, Some(25.0)), 1_200_000);
        assert_eq!(lag_max(second, None), 1_200_000);
        assert_eq!(lag_max(second, Some(0.5)), 3_200_000);
    }
}
