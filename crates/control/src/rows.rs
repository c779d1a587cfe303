//! What configuration files say becomes rows of the catalog, by difference. Pure.
//!
//! A camera that a file names is managed by that file. When it disappears from the file it is
//! paused, never deleted: its footage stays.

use std::collections::BTreeSet;

use base::{CameraId, StreamId, WallTime};
use catalog::{CameraRow, Change, StreamRow, VolumeRow};
use world::Entropy;

/// What the catalog knows of cameras and their streams.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// All cameras.
    pub cameras: Vec<CameraRow>,
    /// All streams.
    pub streams: Vec<StreamRow>,
    /// All volumes.
    pub volumes: Vec<VolumeRow>,
}

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
    let left = known.cameras.iter().filter(|row| row.managed_by_file && !row.paused);
    for row in left.filter(|row| !named.contains(&row.id)) {
        changes.push(Change::PutCamera(CameraRow { paused: true, ..row.clone() }));
    }
    changes
}

/// The first of `cameras` that a file manages: it cannot be changed by a text given once.
pub fn managed_elsewhere<'a>(
    known: &Known,
    cameras: &'a [config::Camera],
) -> Option<&'a config::Camera> {
    let managed = |camera: &config::Camera| {
        known.cameras.iter().filter(|row| row.managed_by_file && !row.paused).any(|row| {
            camera.slug.as_ref().map_or(row.name == camera.name, |slug| row.slug == *slug)
        })
    };
    cameras.iter().find(|camera| managed(camera))
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
    // One of the same origin is meant before one that somebody else made.
    let managed = origin == Origin::Files;
    let same = free().find(|row| row.managed_by_file == managed && row.name == camera.name);
    same.or_else(|| free().find(|row| row.name == camera.name))
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
        paused: false,
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
            paused: false,
            volume: volume(known, stream, found),
            keep: stream.keep,
        };
        if found != Some(&row) {
            changes.push(Change::PutStream(row));
        }
    }
    for row in rows().filter(|row| !row.paused && !camera.streams.contains_key(&row.name)) {
        changes.push(Change::PutStream(StreamRow { paused: true, ..row.clone() }));
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
    fn a_text_given_once_adds_and_leaves_the_rest_alone() {
        let mut known = Known::default();
        put_into_effect(&mut known, DOOR);
        assert_eq!(take_in(&mut known, YARD, Origin::Given), 3);
        assert_eq!(put_into_effect(&mut known, DOOR), 0, "the file pauses only what it managed");
        assert!(managed_elsewhere(&known, &cameras(DOOR)).is_some());
        assert!(managed_elsewhere(&known, &cameras(YARD)).is_none());
    }
}
