//! Where exports lie: without room, on a disk that is nearly full, or on one that is not mounted.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::cams;
use crate::exports::{EXPORTS, ask, recorded, said, wait_for};
use crate::mounts::Mount;

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_room_an_export_is_refused() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (server, from, to) = recorded(&cam, "[exports]\nmax_bytes = \"20 kB\"").await;
    let body = json!({ "streams": ["door/main"], "from": from, "to": to });
    let refused = server.door().ask("POST", EXPORTS).json(&body).send().await;
    assert_eq!((refused.status, refused.problem()), (507, "no-room".to_owned()));
    let out = server.dir().join("a.zip").display().to_string();
    let (from, to) = (from.to_string(), to.to_string());
    let words = ["export", "--camera", "door", "--from", &from, "--to", &to, "-o", &out];
    let output = server.command(&words);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("max_bytes under [exports]"), "{}", said(&output));
    assert!(!Path::new(&out).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_for_others_takes_no_export() {
    let (folder, small) = (tempfile::tempdir(), tempfile::tempdir());
    let (folder, small) = (folder.expect("a scratch folder"), small.expect("a scratch folder"));
    let what = "the test of an export on a disk that is nearly full";
    let Some(_mount) = Mount::memory(small.path(), "size=64m", what) else { return };
    let cam = cams::stamped(folder.path()).await;
    let keys = format!("[exports]\npath = \"{}\"", small.path().display());
    let (mut server, from, to) = recorded(&cam, &keys).await;
    let export = ask(&server, from, to).await;
    let failed = wait_for(&server, &export, "failed").await;
    let words = failed["problem"].as_str().expect("it says why");
    assert!(words.contains("bytes free") && words.contains("set path under [exports]"), "{words}");
    assert_eq!(server.json("/exports").await["bytes"], 0, "it takes no room");
    let left = || {
        let names = std::fs::read_dir(small.path()).expect("it can be read").flatten();
        names.filter(|entry| entry.path().extension().is_some()).count()
    };
    assert_eq!(left(), 0, "nothing is left of it");
    // Nor of one that was cut off when it had its name, and not the folder's sync.
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let whole = format!("{}.zip", export["id"].as_str().expect("an id"));
    std::fs::write(small.path().join(whole), "PK").expect("it is written");
    server.start_again().await;
    let began = Instant::now();
    while left() > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_disk_of_exports_is_not_mounted_nothing_is_written_and_that_is_told() {
    let (folder, disks) = (tempfile::tempdir(), tempfile::tempdir());
    let (folder, disks) = (folder.expect("a scratch folder"), disks.expect("a scratch folder"));
    let cam = cams::stamped(folder.path()).await;
    let (mounted, away) = (disks.path().join("usb"), disks.path().join("away"));
    let keys = format!("[exports]\npath = \"{}\"", mounted.join("exports").display());
    let (server, from, to) = recorded(&cam, &keys).await;
    let problem = async || {
        let failed = wait_for(&server, &ask(&server, from, to).await, "failed").await;
        failed["problem"].as_str().expect("it says why").to_owned()
    };
    let words = problem().await;
    assert!(words.contains("usb is missing: mount its disk") && !mounted.exists(), "{words}");
    std::fs::create_dir(&mounted).expect("it is made");
    let export = ask(&server, from, to).await;
    let bytes = wait_for(&server, &export, "done").await["bytes"].clone();
    // What is left of a disk that was taken out is the folder where it was mounted.
    std::fs::rename(&mounted, &away).expect("it is moved");
    std::fs::create_dir(&mounted).expect("it is made");
    let words = problem().await;
    assert!(words.contains("was made before") && words.contains("mount its disk"), "{words}");
    let left = std::fs::read_dir(&mounted).expect("it can be read").count();
    assert_eq!(left, 0, "nothing is written where the disk is to be");
    // One that is deleted meanwhile is not forgotten: its file is on that disk.
    let id = export["id"].as_str().expect("an id");
    let deleted = server.door().ask("DELETE", &format!("{EXPORTS}/{id}")).send().await;
    assert_eq!(deleted.status, 204);
    server.wait_for_log("a deleted export still has its file").await;
    assert_eq!(server.json("/exports").await["bytes"], bytes, "its file takes room");
    let file = away.join("exports").join(format!("{id}.zip"));
    assert!(file.exists());
    std::fs::remove_dir(&mounted).expect("it is empty");
    std::fs::rename(&away, &mounted).expect("it is moved");
    wait_for(&server, &ask(&server, from, to).await, "done").await;
    let file = mounted.join("exports").join(format!("{id}.zip"));
    assert!(!file.exists(), "it goes once its disk is there");
    // Another archive's folder is left alone.
    std::fs::write(mounted.join("exports/holdfast-exports"), "another\n").expect("it is written");
    let words = problem().await;
    assert!(words.contains("the folder of archive another"), "{words}");
}
