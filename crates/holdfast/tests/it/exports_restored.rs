//! Exports, and a catalog that is older than their files.

use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::Duration;

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
