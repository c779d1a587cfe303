//! Which cameras fit beside others, and what a deletion covers.

#![allow(clippy::unwrap_used)]

use base::{ArchiveId, RunId, SegmentId, StreamId, VolumeId};
use catalog::{Options, SegmentRow, SegmentState, VolumeRow};

use super::*;

const CAMERA: CameraId = CameraId::from_bytes([1; 16]);
const VOLUME: VolumeId = VolumeId::from_bytes([6; 16]);

fn camera(slug: Option<&str>) -> config::Camera {
    let slug = slug.map_or(String::new(), |slug| format!("slug = \"{slug}\"\n"));
    let text = format!(
        "[[camera]]\nname = \"Probe\"\n{slug}[camera.stream.main]\nurl = \"rtsp://192.0.2.1/\"\n"
    );
    config::parse_apply(&text).unwrap().cameras.remove(0)
}

fn row(slug: &str, removed: bool) -> CameraRow {
    CameraRow {
        id: CAMERA,
        slug: slug.to_owned(),
        name: "Probe".to_owned(),
        managed_by_file: false,
        paused: removed,
        removed,
        username: None,
        password: None,
    }
}

#[test]
fn a_word_of_addresses_is_no_slug_of_a_new_camera_and_stays_that_of_one_that_has_it() {
    let known = |cameras| Known { cameras, ..Known::default() };
    let reserved = camera(Some("probe"));
    let refused = fits(&known(Vec::new()), &reserved, None).unwrap_err();
    assert!(refused.to_string().starts_with("slug: \"probe\" is a word"), "{refused}");
    for (slug, row, id) in [
        (Some("probe"), row("probe", false), Some(CAMERA)),
        (Some("probe"), row("probe", true), None),
        (None, row("door", true), None),
    ] {
        fits(&known(vec![row]), &camera(slug), id).unwrap();
    }
}

fn sealed(stream: StreamId, start: WallTime, end: WallTime) -> Change {
    let row = SegmentRow {
        id: SegmentId::from_bytes([4; 16]),
        stream,
        volume: VOLUME,
        run: RunId::from_bytes([5; 16]),
        camera_slug: "probe".into(),
        stream_name: "main".into(),
        state: SegmentState::Sealed,
        start,
        end,
        bytes: 100,
        allocated: 100,
        tracks: Vec::new(),
        predecessor: None,
        last_commit: None,
        end_cause: None,
    };
    Change::SegmentSealed { row, index: None, activity: None }
}

#[test]
fn all_that_is_there_is_deleted_also_before_any_row_says_so_and_what_comes_is_not() {
    let options = Options {
        time_zone: jiff::tz::TimeZone::UTC,
        index_cache_bytes: 0,
        new_archive: ArchiveId::from_bytes([2; 16]),
        note: "test".into(),
    };
    let (catalog, mut writer) = Catalog::memory(&options).unwrap();
    let stream = StreamRow {
        id: StreamId::from_bytes([3; 16]),
        camera: CAMERA,
        name: "main".into(),
        url: "rtsp://192.0.2.1/".into(),
        transport: config::Transport::Auto,
        schedule: None,
        record: true,
        paused: false,
        volume: None,
        keep: config::Keep::default(),
    };
    let second = |second: i64| WallTime::EPOCH.plus_micros(second * 1_000_000);
    let all = |catalog: &Catalog| -> Vec<_> {
        let spans = hidden(catalog, &[&stream], second(1)).unwrap().into_iter();
        let span = |change| match change {
            Change::Hide { stream: whose, from, to } if whose == stream.id => (from, to),
            other => panic!("no {other:?} is expected"),
        };
        spans.map(span).collect()
    };
    assert_eq!(all(&catalog), [(WallTime::EPOCH, second(1))]);
    let volume = VolumeRow {
        id: VOLUME,
        name: "disk1".into(),
        path: "/srv/disk1".into(),
        keep_free: config::KeepFree::default(),
        r#use: config::VolumeUse::Record,
        managed_by_file: false,
    };
    let ahead = sealed(stream.id, second(500), second(600));
    let rows = [Change::PutCamera(row("probe", false)), Change::PutStream(stream.clone())];
    writer.apply(&rows).unwrap();
    writer.apply(&[Change::PutVolume(volume), ahead]).unwrap();
    assert_eq!(all(&catalog), [(WallTime::EPOCH, second(1)), (second(500), second(600))]);
}
