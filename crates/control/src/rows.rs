//! What configuration files say becomes rows of the catalog, by difference. Pure.
//!
//! A camera that a file names is managed by that file. When it disappears from the file it is
//! paused, never deleted: its footage stays, and from then on it may be changed elsewhere. A stream
//! that its camera has no more is taken out: it is paused, and where it was fetched is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base::{CameraId, StreamId, WallTime, limits};
use catalog::{CameraRow, Change, DemandRow, StreamRow, VolumeRow};
use config::Password;
use world::Entropy;

use crate::switch::{Demand, Rules};

/// What the catalog knows of cameras and their streams.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// All cameras.
    pub cameras: Vec<CameraRow>,
    /// All streams.
    pub streams: Vec<StreamRow>,
    /// All volumes.
    pub volumes: Vec<VolumeRow>,
    /// What somebody wants to be recorded for a while.
    pub demands: Vec<DemandRow>,
}

impl Known {
    /// What says whether a stream is recorded.
    pub(crate) fn rules(&self, id: StreamId) -> Rules {
        let Some(stream) = self.streams.iter().find(|row| row.id == id) else {
            return Rules::default();
        };
        let demand = self.demands.iter().find(|row| row.stream == id);
        let demand = demand.map(|row| Demand { asked: row.asked, until: row.until });
        Rules { record: stream.record, schedule: stream.schedule.clone(), demand }
    }

    /// How a stream is reached: its address and its camera's login.
    pub(crate) fn login(&self, id: StreamId) -> Option<Login<'_>> {
        let stream = self.streams.iter().find(|row| row.id == id)?;
        let camera = self.cameras.iter().find(|row| row.id == stream.camera)?;
        Some((&stream.url, camera.username.as_deref(), camera.password.as_ref()))
    }
}

/// An address, a name, and a password or where it stands.
type Login<'a> = (&'a str, Option<&'a str>, Option<&'a Password>);

/// Who says what cameras there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The files that the server runs with: all that they name, and what they name no more.
    Files,
    /// A text given once: it makes and changes, and says nothing of others.
    Given,
}

/// The changes that make `known` what `cameras` say. What none of them is about is left as it is.
/// Ids of new rows are made at `now`.
pub fn by_difference(
    known: &Known,
    cameras: &[config::Camera],
    origin: Origin,
    now: WallTime,
    entropy: &dyn Entropy,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut taken: BTreeSet<String> = known.cameras.iter().map(|c| c.slug.clone()).collect();
    let mut named = BTreeSet::new();
    for camera in cameras {
        let found = find(known, camera, origin, &named);
        let row = camera_row(camera, found, origin, &mut taken, now, entropy);
        named.insert(row.id);
        if found != Some(&row) {
            changes.push(Change::PutCamera(row.clone()));
        }
        streams(known, camera, row.id, now, entropy, &mut changes);
    }
    if origin == Origin::Given {
        return changes;
    }
    let left = known.cameras.iter().filter(|row| row.managed_by_file);
    for row in left.filter(|row| !named.contains(&row.id)) {
        let row = CameraRow { paused: true, managed_by_file: false, ..row.clone() };
        changes.push(Change::PutCamera(row));
    }
    changes
}

/// The first of `cameras` that a file manages: it cannot be changed by a text given once.
pub fn managed_elsewhere<'a>(
    known: &Known,
    cameras: &'a [config::Camera],
) -> Option<&'a config::Camera> {
    let managed = |camera: &config::Camera| {
        known.cameras.iter().filter(|row| row.managed_by_file).any(|row| {
            camera.slug.as_ref().map_or(row.name == camera.name, |slug| row.slug == *slug)
        })
    };
    cameras.iter().find(|camera| managed(camera))
}

/// Why there may not be what `changes` make of `known`, where they make more cameras or streams
/// than there may be. What there is already may stay.
pub fn beyond_bounds(known: &Known, changes: &[Change]) -> Option<String> {
    let (before, after) = (counted(known, &[]), counted(known, changes));
    let grown = [
        (before.0, after.0, limits::CAMERAS_MAX, "cameras"),
        (before.1, after.1, limits::STREAMS_MAX, "streams"),
    ];
    let beyond = grown.into_iter().find(|(before, after, most, _)| after > most && after > before);
    beyond.map(|(_, after, most, what)| format!("it would be {after} {what}; {most} is the most"))
}

/// How many cameras there are after `changes`, and how many streams they have.
fn counted(known: &Known, changes: &[Change]) -> (usize, usize) {
    let mut cameras: BTreeMap<_, _> = known.cameras.iter().map(|row| (row.id, row)).collect();
    let mut streams: BTreeMap<_, _> = known.streams.iter().map(|row| (row.id, row)).collect();
    for change in changes {
        match change {
            Change::PutCamera(row) => _ = cameras.insert(row.id, row),
            Change::PutStream(row) => _ = streams.insert(row.id, row),
            _ => {}
        }
    }
    cameras.retain(|_, row| !row.removed);
    streams.retain(|_, row| !row.is_taken_out() && cameras.contains_key(&row.camera));
    (cameras.len(), streams.len())
}

/// A limit that is to be tighter than it was: that deletes footage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tightened {
    /// The camera's name.
    pub camera: String,
    /// The stream's.
    pub stream: String,
    /// Its key in the stream's `keep`.
    pub key: &'static str,
}

impl fmt::Display for Tightened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { camera, stream, key } = self;
        write!(f, "{key} in stream.{stream}.keep of camera {camera:?}")
    }
}

/// The first limit by which `changes` give a stream that is known a tighter one than it had, or one
/// where it had none, or have it kept for fewer days at least.
pub fn tightened(known: &Known, changes: &[Change]) -> Option<Tightened> {
    let (new, key) = changes.iter().find_map(|change| {
        let Change::PutStream(new) = change else { return None };
        let old = known.streams.iter().find(|row| row.id == new.id)?;
        Some((new, tighter_key(&old.keep, &new.keep)?))
    })?;
    let camera = known.cameras.iter().find(|row| row.id == new.camera);
    let camera = camera.map_or_else(String::new, |row| row.name.clone());
    Some(Tightened { camera, stream: new.name.clone(), key })
}

fn tighter_key(old: &config::Keep, new: &config::Keep) -> Option<&'static str> {
    let tighter = |old: Option<u64>, new: Option<u64>| match (old, new) {
        (Some(old), Some(new)) => new < old,
        (old, new) => old.is_none() && new.is_some(),
    };
    let days = |keep: &config::Keep| keep.max_days.map(u64::from);
    let keys = [
        (tighter(old.max_bytes, new.max_bytes), "max_bytes"),
        (tighter(days(old), days(new)), "max_days"),
        (new.min_days < old.min_days, "min_days"),
    ];
    keys.into_iter().find_map(|(is_tighter, key)| is_tighter.then_some(key))
}

/// The row that a camera of a file stands for: by slug, or by name where the file gives no slug.
fn find<'a>(
    known: &'a Known,
    camera: &config::Camera,
    origin: Origin,
    named: &BTreeSet<CameraId>,
) -> Option<&'a CameraRow> {
    let free = || known.cameras.iter().filter(|row| !named.contains(&row.id));
    if let Some(slug) = &camera.slug {
        return free().find(|row| row.slug == *slug);
    }
    // One of the same origin is meant before one that somebody else made, and that before one that
    // was removed.
    let managed = origin == Origin::Files;
    let called = || free().filter(|row| row.name == camera.name);
    let present = || called().filter(|row| !row.removed);
    let same = present().find(|row| row.managed_by_file == managed);
    same.or_else(|| present().next()).or_else(|| called().next())
}

fn camera_row(
    camera: &config::Camera,
    found: Option<&CameraRow>,
    origin: Origin,
    taken: &mut BTreeSet<String>,
    now: WallTime,
    entropy: &dyn Entropy,
) -> CameraRow {
    let slug = match (found, &camera.slug) {
        (Some(row), _) => row.slug.clone(),
        (None, Some(slug)) => slug.clone(),
        (None, None) => config::slug_for(&camera.name, |slug| taken.contains(slug)),
    };
    taken.insert(slug.clone());
    CameraRow {
        id: found.map_or_else(|| CameraId::new(now, entropy.id_bytes()), |row| row.id),
        slug,
        name: camera.name.clone(),
        managed_by_file: origin == Origin::Files,
        paused: camera.paused,
        removed: false,
        username: camera.username.clone(),
        password: camera.password.clone(),
    }
}

fn streams(
    known: &Known,
    camera: &config::Camera,
    id: CameraId,
    now: WallTime,
    entropy: &dyn Entropy,
    changes: &mut Vec<Change>,
) {
    let rows = || known.streams.iter().filter(|row| row.camera == id);
    for (name, stream) in &camera.streams {
        let found = rows().find(|row| row.name == *name);
        let row = StreamRow {
            id: found.map_or_else(|| StreamId::new(now, entropy.id_bytes()), |row| row.id),
            camera: id,
            name: name.clone(),
            url: stream.url.clone(),
            transport: stream.transport,
            record: stream.record,
            schedule: stream.schedule.clone(),
            paused: stream.paused,
            volume: volume(known, stream, found),
            keep: stream.keep,
        };
        if found != Some(&row) {
            changes.push(Change::PutStream(row));
        }
    }
    for row in rows().filter(|row| !camera.streams.contains_key(&row.name)) {
        let out = StreamRow { paused: true, url: String::new(), ..row.clone() };
        if *row != out {
            changes.push(Change::PutStream(out));
        }
    }
}

/// The volume that a stream's file names. One that cannot be made now leaves it as it was.
fn volume(
    known: &Known,
    stream: &config::Stream,
    found: Option<&StreamRow>,
) -> Option<base::VolumeId> {
    let name = stream.volume.as_ref()?;
    let named = known.volumes.iter().find(|row| row.name == *name).map(|row| row.id);
    named.or(found.and_then(|row| row.volume))
}

#[cfg(test)]
mod tests {
    use super::*;
    use world::sim::SeededEntropy;

    fn cameras(text: &str) -> Vec<config::Camera> {
        config::parse(text).expect("is right").cameras
    }

    /// Applies what was decided to `known`; how many changes it was.
    fn put_into_effect(known: &mut Known, text: &str) -> usize {
        take_in(known, text, Origin::Files)
    }

    fn take_in(known: &mut Known, text: &str, origin: Origin) -> usize {
        let entropy = SeededEntropy::new(known.cameras.len() as u64);
        let changes = by_difference(known, &cameras(text), origin, WallTime::EPOCH, &entropy);
        for change in &changes {
            match change {
                Change::PutCamera(row) => {
                    known.cameras.retain(|other| other.id != row.id);
                    known.cameras.push(row.clone());
                }
                Change::PutStream(row) => {
                    known.streams.retain(|other| other.id != row.id);
                    known.streams.push(row.clone());
                }
                other => panic!("no {other:?} is expected"),
            }
        }
        changes.len()
    }

    const DOOR: &str = "[[camera]]\nname = \"Front door\"\n[camera.stream.main]\n\
        url = \"rtsp://192.0.2.1/main\"\n";
    const YARD: &str = "[[camera]]\nname = \"Yard\"\n[camera.stream.main]\n\
        url = \"rtsp://192.0.2.2/main\"\n[camera.stream.sub]\nurl = \"rtsp://192.0.2.2/sub\"\n";

    #[test]
    fn only_what_changed_is_touched() {
        let mut known = Known::default();
        assert_eq!(put_into_effect(&mut known, &format!("{DOOR}{YARD}")), 5);
        assert_eq!(put_into_effect(&mut known, &format!("{YARD}{DOOR}")), 0);
        let moved = DOOR.replace("192.0.2.1", "192.0.2.9");
        assert_eq!(put_into_effect(&mut known, &format!("{moved}{YARD}")), 1);
    }

    #[test]
    fn no_more_cameras_and_streams_come_than_may_be() {
        let text = |many: usize, per_camera: usize| -> String {
            let stream = |n| format!("[camera.stream.s{n}]\nurl = \"rtsp://192.0.2.1/{n}\"\n");
            let streams: String = (0..per_camera).map(stream).collect();
            (0..many).map(|n| format!("[[camera]]\nname = \"c{n}\"\n{streams}")).collect()
        };
        let changes = |known: &Known, text: &str| {
            let entropy = SeededEntropy::new(9);
            by_difference(known, &cameras(text), Origin::Given, WallTime::EPOCH, &entropy)
        };
        let mut known = Known::default();
        take_in(&mut known, &text(limits::CAMERAS_MAX, 2), Origin::Given);
        let why = |known: &Known, text: &str| beyond_bounds(known, &changes(known, text));
        assert_eq!(why(&known, &text(1, 2)), None);
        assert_eq!(
            why(&known, DOOR).unwrap_or_default(),
            "it would be 1001 cameras; 1000 is the most"
        );
        let third = why(&known, &text(1, 3)).unwrap_or_default();
        assert_eq!(third, "it would be 2001 streams; 2000 is the most");
        known.cameras[5].removed = true;
        assert_eq!(why(&known, DOOR), None, "there is room for one again");
    }

    #[test]
    fn tighter_limits_are_those_that_make_footage_go() {
        let text = |keep: &str| format!("{DOOR}keep = {{ {keep} }}\n");
        let (none, days, both) = ("", "max_days = 9", "max_days = 9, max_bytes = \"1 GB\"");
        let key = |known: &Known, changes: &[Change]| {
            let tighter = tightened(known, changes)?;
            assert_eq!((&*tighter.camera, &*tighter.stream), ("Front door", "main"));
            Some(tighter.key)
        };
        for (before, after, expected) in [
            (none, none, None),
            (none, days, Some("max_days")),
            (days, none, None),
            (days, "max_days = 8", Some("max_days")),
            (days, "max_days = 10", None),
            (days, both, Some("max_bytes")),
            (both, days, None),
            (both, "max_days = 10, max_bytes = \"999 MB\"", Some("max_bytes")),
            (none, "min_days = 3", None),
            ("min_days = 3", "min_days = 4", None),
            ("min_days = 3", "min_days = 2", Some("min_days")),
            ("min_days = 3", none, Some("min_days")),
        ] {
            let mut known = Known::default();
            let entropy = SeededEntropy::new(3);
            let to_be = |known: &Known, keep: &str| {
                let cameras = cameras(&text(keep));
                by_difference(known, &cameras, Origin::Given, WallTime::EPOCH, &entropy)
            };
            let new = tightened(&known, &to_be(&known, before));
            assert_eq!(new, None, "a new one has no footage");
            take_in(&mut known, &text(before), Origin::Given);
            let changes = to_be(&known, after);
            assert_eq!(key(&known, &changes), expected, "{before} -> {after}");
            // Removed in between, and brought back by the same.
            known.cameras[0].removed = true;
            let changes = to_be(&known, after);
            assert_eq!(key(&known, &changes), expected, "{before} -> {after}");
        }
    }

    #[test]
    fn what_leaves_the_file_is_paused_and_comes_back_as_itself() {
        let mut known = Known::default();
        put_into_effect(&mut known, &format!("{DOOR}{YARD}"));
        let yard = known.cameras.iter().find(|row| row.slug == "yard").expect("is there").id;
        assert_eq!(put_into_effect(&mut known, DOOR), 1);
        let row = known.cameras.iter().find(|row| row.id == yard).expect("stays");
        assert!(row.paused && !row.removed);
        assert_eq!(put_into_effect(&mut known, &format!("{DOOR}{YARD}")), 1);
        assert!(!known.cameras.iter().find(|row| row.id == yard).expect("stays").paused);
    }

    #[test]
    fn a_stream_that_leaves_the_file_is_paused() {
        let mut known = Known::default();
        put_into_effect(&mut known, YARD);
        let without = YARD.split("[camera.stream.sub]").next().expect("has a part");
        assert_eq!(put_into_effect(&mut known, without), 1);
        assert!(known.streams.iter().any(|row| row.name == "sub" && row.paused));
    }

    #[test]
    fn renaming_keeps_the_slug_where_the_file_gives_it() {
        let mut known = Known::default();
        let with_slug =
            |name| DOOR.replace("\"Front door\"\n", &format!("\"{name}\"\nslug = \"door\"\n"));
        put_into_effect(&mut known, &with_slug("Front door"));
        assert_eq!(put_into_effect(&mut known, &with_slug("Main gate")), 1);
        assert_eq!(known.cameras.len(), 1);
        assert_eq!((&*known.cameras[0].slug, &*known.cameras[0].name), ("door", "Main gate"));
    }

    #[test]
    fn what_was_removed_comes_back_under_its_name_unless_another_one_has_it_by_now() {
        let mut known = Known::default();
        take_in(&mut known, DOOR, Origin::Given);
        let first = known.cameras[0].id;
        known.cameras[0].removed = true;
        let other = DOOR.replace("\n[camera", "\nslug = \"other\"\n[camera");
        take_in(&mut known, &other, Origin::Given);
        assert_eq!(take_in(&mut known, DOOR, Origin::Given), 0, "the one that is there is meant");
        known.cameras.retain(|row| row.id == first);
        known.streams.retain(|row| row.camera == first);
        assert_eq!(take_in(&mut known, DOOR, Origin::Given), 1);
        assert!(!known.cameras[0].removed, "it is back");
    }

    #[test]
    fn a_stream_that_comes_back_is_fetched_again() {
        let mut known = Known::default();
        put_into_effect(&mut known, YARD);
        let without = YARD.split("[camera.stream.sub]").next().expect("has a part");
        put_into_effect(&mut known, without);
        let sub = |known: &Known| known.streams.iter().find(|row| row.name == "sub").cloned();
        assert!(sub(&known).is_some_and(|row| row.is_taken_out() && row.paused));
        assert_eq!(put_into_effect(&mut known, without), 0, "once");
        put_into_effect(&mut known, YARD);
        assert!(sub(&known).is_some_and(|row| !row.is_taken_out() && !row.paused));
    }

    #[test]
    fn a_text_given_once_adds_and_leaves_the_rest_alone() {
        let mut known = Known::default();
        put_into_effect(&mut known, DOOR);
        assert_eq!(take_in(&mut known, YARD, Origin::Given), 3);
        assert_eq!(put_into_effect(&mut known, DOOR), 0, "the file pauses only what it managed");
        assert!(managed_elsewhere(&known, &cameras(DOOR)).is_some());
        assert!(managed_elsewhere(&known, &cameras(YARD)).is_none());
    }
}
