//! Exports, and a catalog that knows less than their files: an older one that was restored, or one
//! that did not take the end of an export.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::cams;
use crate::exports::{ask, recorded, said, wait_for};
use crate::server::Server;
use crate::tools::have;

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_whole_is_known_again_when_an_older_catalog_is_restored() {
    if !have("strace", "--version", "the test of an export that a restored catalog waits for") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.slow_export(Duration::from_secs(1));
    sleep(Duration::from_secs(1)).await;
    let export = ask(&server, from, to).await;
    wait_for(&server, &export, "writing").await;
    let backup = server.dir().join("backup.tar").display().to_string();
    let backed_up = server.command(&["backup", &backup]);
    assert!(backed_up.status.success(), "{}", said(&backed_up));
    drop(slow);
    let done = wait_for(&server, &export, "done").await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let file = |server: &Server| {
        let id = export["id"].as_str().expect("an id");
        server.dir().join("catalog/exports").join(format!("{id}.zip"))
    };
    let before = std::fs::metadata(file(&server)).expect("it is there");
    let catalog = server.dir().join("catalog");
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        // Some of them only while a server runs.
        let _ = std::fs::remove_file(catalog.join(name));
    }
    let unpacked = Command::new("tar").args(["-xf", &backup, "-C"]).arg(&catalog).status();
    assert!(unpacked.expect("there is tar").success());
    server.start_again().await;
    let again = wait_for(&server, &export, "done").await;
    assert_eq!(again["bytes"], done["bytes"]);
    let after = std::fs::metadata(file(&server)).expect("it is there");
    assert_eq!(after.ino(), before.ino(), "it was not written anew");
}

/// Holds the catalog so that nobody else writes to it, until its input ends.
fn held(catalog: &Path) -> Child {
    let script = "import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20)
db.execute('BEGIN IMMEDIATE')
print('held', flush=True)
sys.stdin.read()";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(catalog.join("catalog.db"));
    python.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("python3 is installed");
    let mut said = [0; 4];
    let words = python.stdout.as_mut().expect("it is piped");
    words.read_exact(&mut said).expect("it says that it holds it");
    python
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_end_was_not_noted_is_not_written_again() {
    if !have("strace", "--version", "the test of an export whose end is not noted") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.slow_export(Duration::from_secs(1));
    sleep(Duration::from_secs(1)).await;
    let export = ask(&server, from, to).await;
    wait_for(&server, &export, "writing").await;
    let mut holder = held(&server.dir().join("catalog"));
    drop(slow);
    let id = export["id"].as_str().expect("an id");
    let file = server.dir().join("catalog/exports").join(format!("{id}.zip"));
    let began = Instant::now();
    while !file.exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_millis(500)).await;
    let now = server.json(&format!("/exports/{id}")).await;
    assert_eq!(now["state"], "waiting", "the catalog took no end: {now:#}");
    server.kill();
    drop(holder.stdin.take());
    assert!(holder.wait().expect("it ends").success());
    let before = std::fs::metadata(&file).expect("it is there");
    server.start_again().await;
    let done = wait_for(&server, &export, "done").await;
    let after = std::fs::metadata(&file).expect("it is there");
    assert_eq!(after.ino(), before.ino(), "it was not written anew");
    assert_eq!(done["bytes"], after.len());
}

/// Where the archive's key cannot be read, that of a volume proves an export, and that is said.
pub fn is_proven_by_a_volume(server: &Server, export: &str) {
    let key = server.dir().join("catalog/archive.key");
    let away = server.dir().join("away.key");
    std::fs::rename(&key, &away).expect("it is moved");
    let own = server.command(&["verify", export]);
    let words = said(&own);
    assert_eq!(own.status.code(), Some(0), "{words}");
    assert!(words.contains("holdfast-volume.json names"), "{words}");
    assert!(words.contains("archive.key"), "{words}");
    let own = server.command(&["verify", "--json", export]);
    assert!(said(&own).contains("\"key_from\":\"volume\""), "{}", said(&own));
    std::fs::rename(&away, &key).expect("it is moved");
}
