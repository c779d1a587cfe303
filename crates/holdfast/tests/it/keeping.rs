//! Footage that stays and footage that goes, by hand.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup, camera};
use crate::tools::mp4_files;

const MAIN: &str = "/api/v1/cameras/door/streams/main";

/// The sealed segments' spans, oldest first, as their recordings tell.
async fn timeline(server: &Server) -> Value {
    server.json("/cameras/door/streams/main/timeline?resolution=1ms").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_protected_is_noted_beside_it_and_what_is_deleted_goes() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let setup = Setup {
        archive: "segment_duration = \"1s\"".to_owned(),
        cameras: camera("door", &cam.url("door-sub;c=1"), "", ""),
        ..Setup::default()
    };
    let mut server = Server::start(&setup).await;
    while mp4_files(&server.media()).len() < 5 {
        sleep(Duration::from_millis(100)).await;
    }
    let from = timeline(&server).await["footage"][0]["from"].as_str().expect("a time").to_owned();
    let first: base::WallTime = from.parse().expect("a time");
    let at = |millis: i64| first.plus_micros(millis * 1000);
    // The first second is protected, what follows up to now is deleted.
    let protect = format!("{MAIN}/protected?from={}&to={}&note=why", at(0), at(500));
    let made = server.door().ask("PUT", &protect).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let held = made.json()["held"]["to"].as_str().expect("it holds something").to_owned();
    let refused = format!("{MAIN}/footage?from={}&to=now", at(200));
    assert_eq!(server.door().ask("DELETE", &refused).send().await.status, 409);
    server.wait_for_log("a change was refused").await;
    let log = server.log();
    assert!(!log.contains("was not written"), "nothing is wrong with the catalog: {log}");
    let files = mp4_files(&server.media()).len();
    let delete = format!("{MAIN}/footage?from={held}&to=now");
    let deleted = server.door().ask("DELETE", &delete).send().await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let segments = deleted.json()["segments"].as_u64().expect("a number") as usize;
    assert!(segments > 0, "{}", deleted.text());
    // It is a gap as soon as something is recorded behind it.
    let began = std::time::Instant::now();
    let mut gap = timeline(&server).await;
    while gap["gaps"][0].is_null() && began.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(200)).await;
        gap = timeline(&server).await;
    }
    assert_eq!(gap["gaps"][0]["cause"], "deleted", "{gap:#}");
    let clip = format!("{MAIN}/clip.mp4?from={held}&to={}", at(3000));
    assert_eq!(server.door().get(&clip).send().await.status, 404, "nobody is shown it");
    // Within seconds the files go, and the note is there.
    let note = server.media().join("door/main/holdfast-kept.json");
    let began = std::time::Instant::now();
    loop {
        let text = std::fs::read_to_string(&note).unwrap_or_default();
        let left = mp4_files(&server.media());
        let gone = files + began.elapsed().as_secs() as usize + 4 - left.len();
        if gone >= segments && text.contains("\"note\": \"why\"") && text.contains("hidden") {
            break;
        }
        let late = began.elapsed() > Duration::from_secs(20);
        assert!(!late, "{gone} of {segments} files are gone: {text} {}", server.log());
        sleep(Duration::from_millis(200)).await;
    }
    assert!(server.json("/audit").await["entries"].as_array().is_some_and(|all| all.len() == 2));
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let check = server.command(&["check", "--hashes"]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

/// A folder's files, without those of a process that runs.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is made");
    for entry in std::fs::read_dir(from).expect("it is there").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("it is copied");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_the_catalog_forgets_no_protection_and_shows_nothing_that_was_deleted() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::play(cams::noise(folder.path()), None, true).await;
    let keeping = |keep: &str| Setup {
        archive: "segment_duration = \"1s\"".to_owned(),
        cameras: camera("door", &cam.url("noise;c=1"), "", keep),
        ..Setup::default()
    };
    let mut server = Server::start(&keeping("")).await;
    while mp4_files(&server.media()).len() < 8 {
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let (catalog, backup) = (server.dir().join("catalog"), server.dir().join("backup"));
    copy_files(&catalog, &backup);
    server.start_again().await;
    let from = timeline(&server).await["footage"][0]["from"].as_str().expect("a time").to_owned();
    let first: base::WallTime = from.parse().expect("a time");
    let at = |millis: i64| first.plus_micros(millis * 1000);
    let protect = format!("{MAIN}/protected?from={}&to={}", at(0), at(500));
    assert_eq!(server.door().ask("PUT", &protect).send().await.status, 200);
    let delete = format!("{MAIN}/footage?from={}&to={}", at(4200), at(4600));
    assert_eq!(server.door().ask("DELETE", &delete).send().await.status, 200);
    let note = server.media().join("door/main/holdfast-kept.json");
    let began = std::time::Instant::now();
    let noted = || {
        let text = std::fs::read_to_string(&note).unwrap_or_default();
        text.contains("protected") && text.contains("hidden") && text.contains("state")
    };
    while !noted() {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
        sleep(Duration::from_millis(200)).await;
    }
    let held = mp4_files(&server.media()).into_iter().min().expect("there are files");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    std::fs::remove_dir_all(&catalog).expect("it is removed");
    copy_files(&backup, &catalog);
    // Whatever may go has to go at once.
    server.configure(&keeping("keep = { max_bytes = \"1 MB\" }"));
    server.start_again().await;
    let clip = format!("{MAIN}/clip.mp4?from={}&to={}", at(4250), at(4550));
    let began = std::time::Instant::now();
    let alarmed = loop {
        let shown = server.door().get(&clip).send().await.status;
        assert_ne!(shown, 200, "it was deleted");
        let alarms = server.json("/alarms?active=true").await;
        let older = alarms["alarms"].as_array().into_iter().flatten();
        let mut older = older.filter(|alarm| alarm["kind"] == "catalog-older");
        if let Some(alarm) = older.next() {
            break alarm["words"].as_str().expect("it says what to do").to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{alarms:#}; {}", server.log());
        sleep(Duration::from_millis(20)).await;
    };
    assert!(alarmed.contains("1 protected and 1 deleted spans"), "{alarmed}");
    while mp4_files(&server.media()).len() > 4 {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
        sleep(Duration::from_millis(200)).await;
    }
    assert!(held.exists(), "it was protected; {}", server.log());
    let protected = timeline(&server).await["protected"].clone();
    assert_eq!(protected[0]["from"].as_str(), Some(&*at(0).to_string()), "{protected:#}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
