//! What is asked every day must not cost more in a larger archive: counted in the steps of
//! SQLite's machine, which no busy computer changes. Statements that read all of a table, or more
//! of an index the more segments there are, show here.

#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use base::{CameraId, SegmentId, StreamId, VolumeId, WallTime};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};
use world::SystemDisk;

use crate::testing::{
    STREAM, VOLUME, at, camera, catalog, id, index, options, segment, stream, volume,
};
use crate::{CameraRow, Catalog, Change, SegmentRow, StreamRow, VolumeRow, Writer, folder, schema};

/// A second camera, whose footage lies on a second volume; the third has none.
const OTHER: u8 = 20;
const EMPTY: u8 = 30;
/// Segments of the smaller archive, each stream; the larger one has four times as many.
const SEGMENTS: u32 = 700;
const SEGMENT_MICROS: i64 = 300_000_000;
/// Rows of tables that stay small may all be read.
const SCANNED_MAX: i32 = 150;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    steps: i32,
    scanned: i32,
}

thread_local! {
    static COSTS: RefCell<BTreeMap<String, Cost>> = const { RefCell::new(BTreeMap::new()) };
}

/// Has the statements of a connection counted, on the thread that asks them.
pub(crate) fn count(connection: &Connection) {
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(record));
}

fn record(event: TraceEvent<'_>) {
    let TraceEvent::Profile(statement, _) = event else { return };
    // Both counters go on as long as the statement is kept.
    let steps = statement.get_status(StatementStatus::VmStep);
    let scanned = statement.get_status(StatementStatus::FullscanStep);
    COSTS.with_borrow_mut(|costs| {
        let cost = costs.entry(statement.sql().into_owned()).or_default();
        *cost = Cost { steps: cost.steps.max(steps), scanned: cost.scanned.max(scanned) };
    });
}

fn start(number: u32) -> WallTime {
    at("2026-01-01T00:00:00Z").plus_micros(i64::from(number) * SEGMENT_MICROS)
}

fn row(number: u32) -> SegmentRow {
    segment(number, start(number), start(number).plus_micros(SEGMENT_MICROS - 20_000))
}

fn other(row: SegmentRow) -> SegmentRow {
    let mut id = *row.id.as_bytes();
    id[0] = OTHER;
    SegmentRow {
        id: SegmentId::from_bytes(id),
        stream: StreamId::from_bytes([OTHER; 16]),
        volume: VolumeId::from_bytes([OTHER; 16]),
        ..row
    }
}

fn sealed(row: SegmentRow) -> Change {
    let index = Some(index(row.start).pack());
    // Something moves in its first minute and its last.
    let still = 250u8;
    let activity = Some(vec![1, 5, 2, 90, 80, still | 128, 1, 1, 70]);
    Change::SegmentSealed { row, index, activity }
}

/// An archive with so many segments of two streams, its oldest garbage, its newest open.
fn filled(segments: u32) -> (Catalog, Writer) {
    let (catalog, mut writer) = catalog();
    for number in [OTHER, EMPTY] {
        let (bytes, name) = ([number; 16], format!("number-{number}"));
        let id = CameraId::from_bytes(bytes);
        let stream = StreamRow { id: StreamId::from_bytes(bytes), camera: id, ..stream() };
        let volume = VolumeRow {
            id: VolumeId::from_bytes(bytes),
            name: name.clone(),
            path: format!("/srv/{name}").into(),
            ..volume()
        };
        let camera = CameraRow { id, slug: name, ..camera() };
        let ground =
            [Change::PutCamera(camera), Change::PutStream(stream), Change::PutVolume(volume)];
        writer.apply(&ground).unwrap();
    }
    let rows = (1..=segments).flat_map(|number| [sealed(row(number)), sealed(other(row(number)))]);
    for batch in rows.collect::<Vec<_>>().chunks(1000) {
        writer.apply(batch).unwrap();
    }
    let open = [row(segments + 1), other(row(segments + 1))];
    writer.apply(&open.map(Change::SegmentOpened)).unwrap();
    writer.apply(&[1, 2, 3].map(|number| Change::SegmentGarbage(id(number)))).unwrap();
    (catalog, writer)
}

/// What is asked while people look, while footage is recorded, and at a start; each as large in
/// every archive: the newest day, a page, a row.
fn ask(catalog: &Catalog, segments: u32) {
    let (now, day) = (start(segments), start(segments - 288));
    let empty = StreamId::from_bytes([EMPTY; 16]);
    for stream in [STREAM, empty] {
        catalog.segments(stream, day, now).unwrap();
        catalog.segments_before(stream, now, 100).unwrap();
        catalog.segment_after(stream, day).unwrap();
        for resolution in [1, 60_000_000, 3_600_000_000] {
            catalog.timeline(stream, day, now, resolution).unwrap();
            catalog.timeline(stream, start(segments - 600), now, resolution).unwrap();
        }
        catalog.hours(stream, day, now).unwrap();
        for resolution in [1, 60_000_000, 3_600_000_000] {
            catalog.activity(stream, day, now, resolution).unwrap();
        }
        catalog.activity(stream, start(segments - 10), now, 1).unwrap();
        catalog.active(stream, (WallTime::EPOCH, WallTime::MAX), 85, 5).unwrap();
        catalog.totals(stream).unwrap();
        catalog.durable_until(stream).unwrap();
        catalog.oldest(stream, 10).unwrap();
        catalog.spans(stream, day, now).unwrap();
        catalog.protections(stream, day, now).unwrap();
        catalog.hidden(stream, day, now).unwrap();
        for volume in [VOLUME, VolumeId::from_bytes([OTHER; 16])] {
            catalog.oldest_spans(stream, Some(volume), 10, |_| true).unwrap();
        }
        catalog.oldest_spans(stream, None, 10, |_| true).unwrap();
    }
    for volume in [VOLUME, VolumeId::from_bytes([EMPTY; 16])] {
        catalog.oldest_on(volume, 10).unwrap();
        catalog.volume_totals(volume).unwrap();
        catalog.totals_on(volume).unwrap();
        catalog.garbage_on(volume, 10).unwrap();
        catalog.garbage_bytes_on(volume).unwrap();
        catalog.rows_on(volume, Some(id(segments / 2)), 10).unwrap();
        catalog.rows_on(volume, None, 10).unwrap();
        catalog.damaged(volume).unwrap();
        catalog.scrub(volume).unwrap();
    }
    catalog.segment(id(segments / 2)).unwrap();
    catalog.rows_of(&[id(segments / 2)]).unwrap();
    catalog.index(id(segments)).unwrap();
    catalog.activity_of(id(segments)).unwrap();
    catalog.open_rows().unwrap();
    catalog.garbage_rows().unwrap();
    catalog.without_row(&[id(segments / 2), id(u32::MAX)]).unwrap();
    catalog.cameras().unwrap();
    catalog.streams().unwrap();
    catalog.volumes().unwrap();
}

/// What is changed while footage is recorded and ages out.
fn change(writer: &mut Writer, segments: u32) {
    let next = row(segments + 2);
    let middle = row(segments / 2);
    let (from, to) = (middle.start, middle.end);
    let changes = [
        Change::SegmentOpened(next.clone()),
        sealed(next),
        Change::SegmentDeleted(id(1)),
        Change::SegmentGarbage(id(4)),
        Change::SegmentGarbage(middle.id),
        Change::PutActivity { segment: id(segments), activity: vec![1] },
        Change::PutIndex { segment: id(segments), index: index(start(segments)).pack() },
        Change::Hide { stream: STREAM, from, to },
        Change::ForgetHidden { stream: STREAM, before: to },
        Change::RemoveCamera(CameraId::from_bytes([EMPTY; 16])),
        Change::RemoveVolume(VolumeId::from_bytes([EMPTY; 16])),
    ];
    for change in changes {
        writer.apply(&[change]).unwrap();
    }
    // They have footage, and stay.
    writer.apply(&[Change::RemoveCamera(CameraId::from_bytes([OTHER; 16]))]).unwrap_err();
    writer.apply(&[Change::RemoveStream(STREAM)]).unwrap_err();
    writer.apply(&[Change::RemoveVolume(VOLUME)]).unwrap_err();
}

fn costs(segments: u32) -> BTreeMap<String, Cost> {
    let (catalog, mut writer) = filled(segments);
    // What filling has counted goes away with the statements.
    writer.database().flush_prepared_statement_cache();
    COSTS.take();
    ask(&catalog, segments);
    change(&mut writer, segments);
    COSTS.take()
}

#[test]
fn no_question_and_no_change_costs_more_in_a_larger_archive() {
    let (small, large) = (costs(SEGMENTS), costs(4 * SEGMENTS));
    assert!(small.len() > 60, "only {} statements were counted", small.len());
    let mut grown = Vec::new();
    for (sql, cost) in &large {
        let before = small.get(sql).copied().unwrap_or_default();
        let words: Vec<&str> = sql.split_whitespace().collect();
        if cost.scanned > SCANNED_MAX || cost.steps > before.steps * 5 / 4 + 300 {
            grown.push(format!("{before:?} → {cost:?}: {}", words.join(" ")));
        }
    }
    assert!(grown.is_empty(), "{} statements:\n{}", grown.len(), grown.join("\n\n"));
}

/// A catalog of schema version `version` with so many segments.
fn old(dir: &Path, version: usize, segments: u32) {
    let mut db = Connection::open(folder::file_in(dir)).unwrap();
    schema::prepare_writer(&db).unwrap();
    schema::migrate(&mut db, schema::versions().into_iter().take(version).collect()).unwrap();
    // What every version has.
    db.execute_batch(&format!(
        "INSERT INTO archive (only_row, id, time_zone) VALUES (1, zeroblob(16), 'Europe/Berlin');
         INSERT INTO camera (row, id, slug, name, managed_by_file, paused, removed)
           VALUES (1, zeroblob(16), 'door', 'door', 1, 0, 0);
         INSERT INTO stream (row, id, camera, name, url, transport, record, paused)
           VALUES (1, zeroblob(16), 1, 'main', '', 'auto', 1, 0);
         INSERT INTO volume (row, id, name, path, keep_free, managed_by_file)
           VALUES (1, zeroblob(16), 'disk1', '/srv', '0', 1);
         INSERT INTO track_params (row, codec, width, height, aspect_width, aspect_height,
             reorder_depth, sample_rate, channels, config)
           VALUES (1, 'h264', 1, 1, 1, 1, 0, 0, 0, x'00');
         WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < {segments})
           INSERT INTO segment (row, id, stream, volume, run, state, start_us, end_us, bytes,
             allocated)
           SELECT n, CAST(printf('%016d', n) AS BLOB), 1, 1, zeroblob(16), 1, n * 300000000,
             (n + 1) * 300000000, 1, 1 FROM n;
         INSERT INTO segment_track SELECT row, 0, 1, 1, 1, 1, 1, 1, 1 FROM segment;
         INSERT INTO segment_index SELECT row, start_us, 1, x'00' FROM segment;"
    ))
    .unwrap();
}

#[test]
fn no_migration_costs_more_in_a_larger_archive() {
    for version in 1..schema::versions().len() {
        let costs = [SEGMENTS, 4 * SEGMENTS].map(|segments| {
            let dir = tempfile::tempdir().unwrap();
            old(dir.path(), version, segments);
            COSTS.take();
            let (catalog, _writer) = Catalog::open(&SystemDisk, dir.path(), &options()).unwrap();
            assert_eq!(catalog.totals(STREAM).unwrap().segments, 0);
            COSTS.take()
        });
        let steps = costs.each_ref().map(|all| all.values().map(|cost| cost.steps).sum::<i32>());
        assert!(costs[0].len() > 5 && steps[0] > 100, "{:?}", costs[0]);
        assert!(steps[1] < steps[0] * 5 / 4, "from version {version}: {steps:?} steps");
    }
}
