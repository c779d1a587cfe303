//! Exports: asked for, listed, taken away, deleted; the house writes none itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use archive::ArchiveKey;
use base::ExportId;
use catalog::{Change, ExportEnd};
use export::{Exporter, Manifest, Plan, Request, StoredFile, WantedStream, verify};
use http::{Method, header};
use serde_json::{Value, json};
use world::Disk as _;
use world::sim::{SeededEntropy, SimDisk};

use super::house::{As, House, MAIN, START, SUB};

const EXPORTS: &str = "/api/v1/exports";

fn time(second: i64) -> String {
    START.plus_micros(second * 1_000_000).to_string()
}

/// The first ten seconds and what follows, as somebody asks for it.
fn asked(from: i64, to: i64) -> Value {
    let streams = ["front-door/main"];
    json!({ "name": "The parcel", "streams": streams, "from": time(from), "to": time(to) })
}

async fn made(house: &House, from: i64, to: i64) -> Value {
    let made = house.post(As::Admin, EXPORTS, asked(from, to)).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

fn id(export: &Value) -> ExportId {
    export["id"].as_str().unwrap().parse().unwrap()
}

/// What the thread that writes exports would do.
fn finish(house: &House, export: &Value, bytes: &[u8]) {
    finish_with(house, export, bytes, blake3::hash(bytes).to_string());
}

fn finish_with(house: &House, export: &Value, bytes: &[u8], manifest_hash: String) {
    let (id, at) = (id(export), START);
    let path = format!("/{id}.zip");
    let file = house.system.disk.create(Path::new(&path)).unwrap();
    file.write_all_at(&[bytes], 0).unwrap();
    let end = ExportEnd::Done { bytes: bytes.len() as u64, manifest_hash };
    house.put([Change::EndExport { id, at, end }]);
}

#[tokio::test]
async fn an_export_is_asked_for_written_taken_away_and_deleted() {
    let house = House::new();
    let export = made(&house, 0, 20).await;
    assert_eq!((&export["state"], &export["by"]), (&json!("waiting"), &json!("Anna")));
    assert_eq!((&export["from"], &export["to"]), (&json!(time(0)), &json!(time(20))));
    assert_eq!(export["streams"][0]["camera_name"], "Front door");
    assert!(export["bytes"].as_u64().is_some_and(|bytes| bytes > 1_800_000), "{export:#}");
    let (path, file) =
        (format!("{EXPORTS}/{}", id(&export)), format!("{EXPORTS}/{}/export.zip", id(&export)));
    assert_eq!(house.get(As::Admin, &file).await.problem(), "409 conflict");
    house.system.exporting.lock().unwrap().writing = Some((id(&export), 1000));
    let writing = house.get(As::Admin, &path).await.json();
    assert_eq!((&writing["state"], &writing["written_bytes"]), (&json!("writing"), &json!(1000)));
    house.system.exporting.lock().unwrap().writing = None;

    finish(&house, &export, b"a whole export");
    let done = house.get(As::Admin, &path).await.json();
    assert_eq!((&done["state"], &done["file"]), (&json!("done"), &json!(file)));
    let whole = house.get(As::Admin, &file).await;
    assert_eq!((whole.status.as_u16(), &whole.bytes[..]), (200, &b"a whole export"[..]));
    assert_eq!(whole.header(header::CONTENT_TYPE), "application/zip");
    let name = whole.header(header::CONTENT_DISPOSITION);
    assert!(name.contains("filename=\"The-parcel_2026-11-22T20-00-00Z.zip\""), "{name}");
    let etag = whole.header(header::ETAG).to_owned();
    let range = [(header::RANGE, "bytes=2-6"), (header::IF_RANGE, &*etag)];
    let part = house.send(As::Admin, Method::GET, &file, &range, None).await;
    assert_eq!((part.status.as_u16(), &part.bytes[..]), (206, &b"whole"[..]));
    let known = [(header::IF_NONE_MATCH, &*etag)];
    let same = house.send(As::Admin, Method::GET, &file, &known, None).await;
    assert_eq!(same.status, 304);
    let head = house.send(As::Admin, Method::HEAD, &file, &[], None).await;
    assert_eq!((head.header(header::CONTENT_LENGTH), head.bytes.len()), ("14", 0));

    let gone = house.send(As::Admin, Method::DELETE, &path, &[], None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(house.get(As::Admin, &path).await.problem(), "404 not-found");
    assert_eq!(house.get(As::Admin, &file).await.problem(), "404 not-found");
    let again = house.send(As::Admin, Method::DELETE, &path, &[], None).await;
    assert_eq!(again.problem(), "404 not-found");
    let audit = house.get(As::Admin, "/api/v1/audit").await.json();
    let what: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|it| &it["what"]).collect();
    // Neither what was not modified nor a head is the file, and a part of it no other download.
    assert_eq!(what, ["export-deleted", "export-downloaded", "export-asked"]);
}

#[tokio::test]
async fn whoever_takes_any_byte_of_an_export_stands_in_the_audit() {
    let ranges = ["bytes=1-", "Bytes=0-", "bytes=-3", "bytes=0-0", "items=0-1", "nonsense"];
    for range in ranges {
        let house = House::new();
        let export = made(&house, 0, 20).await;
        finish(&house, &export, b"a whole export");
        let file = format!("{EXPORTS}/{}/export.zip", id(&export));
        for if_range in [None, Some((header::IF_RANGE, "\"other\""))] {
            let headers: Vec<_> =
                [(header::RANGE, range)].into_iter().chain(if_range.clone()).collect();
            let part = house.send(As::Admin, Method::GET, &file, &headers, None).await;
            assert!(part.status.is_success() && !part.bytes.is_empty(), "{range}");
            let audit = house.get(As::Admin, "/api/v1/audit").await.json();
            let entries = audit["entries"].as_array().unwrap();
            let what: Vec<_> = entries.iter().map(|it| &it["what"]).collect();
            assert_eq!(what, ["export-downloaded", "export-asked"], "{range} {if_range:?}");
        }
    }
}

#[tokio::test]
async fn only_who_may_export_sees_and_takes_exports() {
    let house = House::new();
    let export = made(&house, 0, 20).await;
    finish(&house, &export, b"a whole export");
    let path = format!("{EXPORTS}/{}", id(&export));
    for who in [As::Viewer, As::ViewerToken] {
        let leaves = ["export.zip", "manifest.json"].map(|leaf| format!("{path}/{leaf}"));
        for path in [EXPORTS, &path, &leaves[0], &leaves[1]] {
            assert_eq!(house.get(who, path).await.problem(), "403 forbidden", "{path}");
        }
        assert_eq!(house.post(who, EXPORTS, asked(0, 5)).await.problem(), "403 forbidden");
        let gone = house.send(who, Method::DELETE, &path, &[], None).await;
        assert_eq!(gone.problem(), "403 forbidden");
    }
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused_in_words() {
    let house = House::new();
    let refused = async |body: Value| {
        let answer = house.post(As::Admin, EXPORTS, body).await;
        let json = answer.json();
        let field = json["field"].as_str().unwrap_or_default().to_owned();
        format!("{} {field}", answer.problem()).trim().to_owned()
    };
    let with = |field: &str, value: Value| {
        let mut body = asked(0, 20);
        body[field] = value;
        body
    };
    for (body, expected) in [
        (with("streams", json!([])), "400 bad-input streams"),
        (with("streams", json!(["front-door"])), "400 bad-input streams"),
        (with("streams", json!(["front-door/main", "front-door/main"])), "400 bad-input streams"),
        (with("streams", json!(["back-door/main"])), "404 not-found"),
        (with("from", json!("yesterday")), "400 bad-input from"),
        (with("to", json!(time(0))), "400 bad-input to"),
        (with("name", json!("x".repeat(101))), "400 bad-input name"),
        (with("name", json!("two\nlines")), "400 bad-input name"),
        (with("shape", json!("round")), "400 bad-input shape"),
        (asked(-3600, -1800), "404 no-footage"),
    ] {
        assert_eq!(refused(body.clone()).await, expected, "{body}");
    }
    let list = house.get(As::Admin, EXPORTS).await.json();
    assert_eq!((&list["exports"], &list["bytes"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn exports_have_their_own_room_and_are_listed_in_pages() {
    let house = House::new();
    let first = made(&house, 0, 20).await;
    let second = made(&house, 0, 10).await;
    let full = house.post(As::Admin, EXPORTS, asked(0, 25)).await;
    assert_eq!(full.problem(), "507 no-room");
    let words = full.json()["detail"].as_str().unwrap().to_owned();
    assert!(words.contains("delete some"), "{words}");
    let list = house.get(As::Admin, &format!("{EXPORTS}?limit=1")).await.json();
    assert_eq!((&list["exports"], &list["max_bytes"]), (&json!([second]), &json!(5_000_000)));
    let sum = first["bytes"].as_u64().unwrap() + second["bytes"].as_u64().unwrap();
    assert_eq!(list["bytes"], sum);
    let next = list["next"].as_str().unwrap();
    let rest = house.get(As::Admin, &format!("{EXPORTS}?cursor={next}")).await.json();
    assert_eq!((&rest["exports"], &rest["next"]), (&json!([first]), &Value::Null));
    // What comes to nothing takes no room, and says why.
    let words = "the disk is full: free space there".to_owned();
    let end = ExportEnd::Failed { words: words.clone() };
    house.put([Change::EndExport { id: id(&first), at: START, end }]);
    let failed = house.get(As::Admin, &format!("{EXPORTS}/{}", id(&first))).await.json();
    assert_eq!((&failed["state"], &failed["problem"]), (&json!("failed"), &json!(words)));
    made(&house, 0, 25).await;
}

#[tokio::test]
async fn what_is_in_an_export_is_told_without_taking_it_away() {
    let house = House::new();
    let export = made(&house, 0, 20).await;
    let path = format!("{EXPORTS}/{}/manifest.json", id(&export));
    assert_eq!(house.get(As::Admin, &path).await.problem(), "409 conflict");
    let (zip, manifest, hash) = whole(&house, &[(MAIN, "main"), (SUB, "sub")], 20, false);
    finish_with(&house, &export, &zip, hash);
    let told = house.get(As::Admin, &path).await;
    assert_eq!(told.status, 200);
    let told: Manifest = serde_json::from_value(told.json()).unwrap();
    assert_eq!(told, manifest);
    assert_eq!(told.without_footage, ["front-door/sub"]);
    let audit = house.get(As::Admin, "/api/v1/audit").await.json();
    assert_eq!(audit["entries"].as_array().unwrap().len(), 1, "it holds no footage: {audit}");
    // A file that is not the one that was written says nothing.
    let other = made(&house, 0, 10).await;
    finish_with(&house, &other, &zip, "0".repeat(64));
    let path = format!("{EXPORTS}/{}/manifest.json", id(&other));
    assert_eq!(house.get(As::Admin, &path).await.problem(), "503 unavailable");
}

/// Writes an export of made-up footage, and what its manifest says once it is proven.
fn written(house: &House, streams: &[(base::StreamId, &str)], to: i64, together: bool) -> Manifest {
    whole(house, streams, to, together).1
}

/// The same with its bytes, and the hash of the manifest.
fn whole(
    house: &House,
    streams: &[(base::StreamId, &str)],
    to: i64,
    together: bool,
) -> (Vec<u8>, Manifest, String) {
    let stream = |(stream, name): &(base::StreamId, &str)| WantedStream {
        camera: base::CameraId::from_bytes([10; 16]),
        camera_slug: "front-door".into(),
        camera_name: "Front door".into(),
        stream: *stream,
        stream_name: (*name).into(),
    };
    let disk = SimDisk::new();
    let key = ArchiveKey::create(&disk, Path::new("/key"), &SeededEntropy::new(1)).unwrap();
    let request = Request {
        id: ExportId::from_bytes([1; 16]),
        name: "All".into(),
        streams: streams.iter().map(stream).collect(),
        from: START,
        to: START.plus_micros(to * 1_000_000),
        together,
        timestamps: false,
        by: "Anna".into(),
        made: START,
        archive: house.app.catalog().archive(),
        public_key: key.public_key(),
        software: "holdfast 0".into(),
        zone: jiff::tz::TimeZone::UTC,
    };
    let plan = Plan::new(house.app.source().clone(), request).unwrap();
    let (len, disk) = (plan.len(), Arc::new(disk));
    let paths = ("/a.part".into(), "/a.zip".into());
    let mut exporter = Exporter::begin(disk.clone(), paths, plan, Arc::new(key)).unwrap();
    let written = loop {
        if let Some(written) = exporter.step().unwrap() {
            break written;
        }
    };
    assert_eq!(written.bytes, len, "it is as long as it was planned");
    let file = disk.open(Path::new("/a.zip"), false).unwrap();
    let verdict = verify(&*file, &[], &mut |_| {}).unwrap();
    assert_eq!(verdict.findings, []);
    let stored = StoredFile::open(&*disk, "/a.zip".into()).unwrap().manifest().unwrap().1;
    assert_eq!(blake3::hash(&stored).to_string(), written.manifest_hash);
    let mut bytes = vec![0; usize::try_from(len).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    (bytes, verdict.manifest.unwrap(), written.manifest_hash)
}

#[tokio::test]
async fn one_is_planned_at_a_time() {
    let house = Arc::new(House::new());
    let planning = house.app.planning().clone();
    assert_eq!(planning.available_permits(), 1);
    let one = planning.clone().acquire_owned().await.unwrap();
    let asking = house.clone();
    let second = tokio::spawn(async move { made(&asking, 0, 5).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "it waits for the first to be planned");
    assert_eq!(house.app.catalog().export_bytes().unwrap(), 0);
    drop(one);
    second.await.unwrap();
    assert_eq!(planning.available_permits(), 1, "and lets the next one go on");
}

#[test]
fn a_gap_that_is_too_long_for_one_clip_is_between_two() {
    let house = House::new();
    let later = 9 * 3600;
    house.record(MAIN, 3, later);
    let manifest = written(&house, &[(MAIN, "main"), (SUB, "sub")], later + 5, false);
    let files: Vec<_> = manifest.clips.iter().map(|clip| clip.file.as_str()).collect();
    assert_eq!(files, ["front-door_main.mp4", "front-door_main_2.mp4"]);
    let shown = |clip: usize| {
        let shown = manifest.clips[clip].shown;
        let second = |at: base::WallTime| at.micros_since(START) / 1_000_000;
        (second(shown.from), second(shown.to))
    };
    assert_eq!((shown(0), shown(1)), ((0, 25), (later, later + 5)));
    let stream = &manifest.clips[0].streams[0];
    assert_eq!(stream.codecs, ["avc1.42c01e"]);
    let (gap, cause) = (&stream.gaps[0], stream.gaps[0].cause.as_deref());
    assert_eq!((gap.from.micros_since(START), cause), (10_000_000, Some("camera-gone")));
    assert_eq!(manifest.without_footage, ["front-door/sub"]);
}

#[test]
fn streams_that_are_together_are_in_one_clip_which_names_them() {
    let house = House::new();
    house.record(SUB, 3, 4);
    let manifest = written(&house, &[(MAIN, "main"), (SUB, "sub")], 20, true);
    let [clip] = manifest.clips.as_slice() else { panic!("{:?}", manifest.clips) };
    let streams: Vec<_> = clip.streams.iter().map(|own| own.stream.as_str()).collect();
    assert_eq!((clip.file.as_str(), streams), ("cameras.mp4", vec!["main", "sub"]));
    assert_eq!(manifest.without_footage, [""; 0]);
}
