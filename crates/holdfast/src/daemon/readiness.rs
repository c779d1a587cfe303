//! Whether the system can record and serve, and what works worse than it should while it does.

use std::collections::BTreeMap;

use api::operations::{CameraStatus, Readiness, Recording, VolumeState};
use base::MonoTime;
use config::VolumeUse;

use super::health::VolumeHealth;

/// Everything that is to be recorded is, and something could be: then it is ready. A volume in
/// trouble whose streams go on elsewhere, or that is slow or short of space, is told and no more.
/// `catalog` is what is wrong with writing rows, in words: footage is recorded without.
pub fn judge(
    streams: &[Stream],
    volumes: &[VolumeHealth],
    catalog: Option<String>,
    now: MonoTime,
) -> Readiness {
    let mut problems = not_recorded(streams);
    if problems.is_empty() && !volumes.iter().any(|volume| takes_footage(volume, now)) {
        let wrong: Vec<String> = volumes.iter().filter_map(|volume| trouble(volume, now)).collect();
        match (volumes.is_empty(), streams.is_empty()) {
            // Nothing was set up yet.
            (true, true) => {}
            (true, false) => problems.push("there is no volume: nothing is recorded".to_owned()),
            (false, _) if wrong.is_empty() => {
                problems.push("no volume takes footage: none is for recording".to_owned());
            }
            (false, _) => problems.push(format!("no volume takes footage: {}", wrong.join("; "))),
        }
    }
    let told = |words: &str| problems.iter().any(|problem| problem.contains(words));
    let untold = volumes.iter().filter(|volume| {
        let (_, words) = volume.judge(now);
        !words.is_some_and(|words| told(&words))
    });
    let mut degraded: Vec<String> = untold.filter_map(|volume| trouble(volume, now)).collect();
    degraded.extend(catalog.map(|words| format!("the catalog: {words}")));
    Readiness { problems, degraded }
}

/// A stream that is to be recorded.
pub struct Stream {
    /// `camera/stream`.
    pub name: String,
    /// What keeps it from being recorded, in words. That its camera does not send is no fault of
    /// ours.
    pub problem: Option<String>,
}

/// Those that are to be recorded.
pub fn recorded(cameras: Vec<CameraStatus>) -> Vec<Stream> {
    let streams = cameras.into_iter().flat_map(|camera| {
        let slug = camera.slug;
        camera.streams.into_iter().map(move |stream| (format!("{slug}/{}", stream.name), stream))
    });
    let recorded = streams.filter(|(_, stream)| stream.recording != Recording::Off);
    recorded.map(|(name, stream)| Stream { name, problem: stream.recording_problem }).collect()
}

/// Those that are not recorded, together where they have the same cause.
fn not_recorded(streams: &[Stream]) -> Vec<String> {
    let mut by_cause: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for stream in streams {
        if let Some(cause) = &stream.problem {
            by_cause.entry(cause).or_default().push(&stream.name);
        }
    }
    let told = by_cause.into_iter();
    told.map(|(cause, names)| format!("not recorded: {}: {cause}", names.join(", "))).collect()
}

fn takes_footage(volume: &VolumeHealth, now: MonoTime) -> bool {
    let (state, _) = volume.judge(now);
    let works = matches!(state, VolumeState::Ok | VolumeState::Degraded);
    volume.r#use == VolumeUse::Record && volume.open && (works || volume.is_single_trouble(now))
}

/// What is wrong with a volume, in words.
fn trouble(volume: &VolumeHealth, now: MonoTime) -> Option<String> {
    let (state, why) = volume.judge(now);
    let why = why.unwrap_or_else(|| "it does not work".to_owned());
    (state != VolumeState::Ok).then(|| format!("volume {}: {why}", volume.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::health::Health;

    const NOW: MonoTime = MonoTime::from_micros(0);

    fn volume(name: &str, state: VolumeState, problem: Option<&str>) -> VolumeHealth {
        let health = Health::new(None, name, config::KeepFree::Bytes(0));
        health.update(|health| {
            (health.open, health.state) = (state != VolumeState::Missing, state);
            (health.problem, health.streams) = (problem.map(ToOwned::to_owned), 1);
        });
        health.snapshot()
    }

    fn stream(name: &str, problem: Option<&str>) -> Stream {
        Stream { name: name.to_owned(), problem: problem.map(ToOwned::to_owned) }
    }

    fn told(streams: &[Stream], volumes: &[VolumeHealth]) -> (Vec<String>, Vec<String>) {
        let Readiness { problems, degraded } = judge(streams, volumes, None, NOW);
        (problems, degraded)
    }

    #[test]
    fn a_slow_disk_is_degraded_and_ready() {
        let slow = volume("disk1", VolumeState::Degraded, Some("it is slow"));
        let (problems, degraded) = told(&[stream("door/main", None)], &[slow]);
        assert_eq!((problems.len(), &*degraded), (0, &["volume disk1: it is slow".to_owned()][..]));
    }

    #[test]
    fn a_dead_disk_whose_streams_go_on_elsewhere_is_degraded_and_ready() {
        let dead = volume("disk1", VolumeState::Missing, Some("mount it"));
        let well = volume("disk2", VolumeState::Ok, None);
        let (problems, degraded) = told(&[stream("door/main", None)], &[dead, well]);
        assert_eq!((problems.len(), &*degraded), (0, &["volume disk1: mount it".to_owned()][..]));
    }

    #[test]
    fn streams_that_are_not_recorded_are_told_by_cause_and_once() {
        let dead = volume("disk1", VolumeState::Missing, Some("mount it"));
        let well = volume("disk2", VolumeState::Ok, None);
        let streams = [
            stream("door/main", Some("mount it")),
            stream("yard/main", Some("mount it")),
            stream("away/main", None),
        ];
        let (problems, degraded) = told(&streams, &[dead, well]);
        assert_eq!(problems, ["not recorded: door/main, yard/main: mount it"]);
        assert_eq!(degraded, [""; 0]);
    }

    #[test]
    fn without_a_volume_that_takes_footage_it_is_not_ready() {
        let mut kept = volume("disk1", VolumeState::Ok, None);
        assert_eq!(told(&[], &[kept.clone()]), (vec![], vec![]));
        kept.r#use = VolumeUse::Keep;
        assert_eq!(told(&[], &[kept]).0, ["no volume takes footage: none is for recording"]);
        let missing = volume("disk1", VolumeState::Missing, Some("mount it"));
        assert_eq!(told(&[], &[missing]).0, ["no volume takes footage: volume disk1: mount it"]);
        assert_eq!(
            told(&[stream("door/main", None)], &[]).0,
            ["there is no volume: nothing is recorded"]
        );
        assert_eq!(told(&[], &[]), (vec![], vec![]));
    }

    #[test]
    fn a_catalog_that_is_behind_keeps_nobody_from_recording() {
        let told = judge(&[], &[], Some("it is full".to_owned()), NOW);
        assert_eq!((told.problems.len(), &*told.degraded[0]), (0, "the catalog: it is full"));
    }
}
