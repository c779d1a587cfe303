//! Archives that older versions left, killed while they recorded, are taken over whole.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use base::WallTime;
use serde_json::Value;

use crate::server::{Server, Setup};
use crate::tools::{pictures, shown};
use crate::volumes::volume;

/// How much of the answers' clips was asked for.
const CLIP_MICROS: i64 = 24_000_000;

fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => fs::copy(entry.path(), target).map(|_| ()).unwrap(),
        }
    }
}

#[tokio::test]
async fn what_an_older_version_left_is_all_there() {
    let versions = versions();
    assert!(!versions.is_empty());
    for version in versions {
        let mut server = Server::prepare(&Setup::default());
        copy(&version.join("catalog"), &server.dir().join("catalog"));
        copy(&version.join("volume"), &server.media());
        server.start_again().await;
        let number = version.file_name().unwrap().to_str().unwrap().to_owned();
        let backup = server.dir().join("catalog").join(format!("catalog-v{number}.db"));
        // It is made beside recording: a kill comes first, and the next start sees to it.
        assert!(!backup.exists());
        server.kill();
        server.start_again().await;
        server.wait_for_log("copied the catalog as it was before").await;
        assert!(backup.exists(), "{}: no backup of what was migrated", version.display());
        for camera in ["front-door", "yard"] {
            same_footage(&server, camera, &version.join("answers")).await;
        }
        let (_, status) = server.stop();
        assert!(status.success(), "{}", server.log());
        go_back(&server.dir().join("catalog"), &backup);
        server.start_again().await;
        volume(&server, "open", |v| v["state"] == "ok").await;
        for camera in ["front-door", "yard"] {
            same_footage(&server, camera, &version.join("answers")).await;
        }
        let (_, status) = server.stop();
        assert!(status.success(), "{}", server.log());
        let check = server.command(&["check", "--hashes"]);
        let words = String::from_utf8_lossy(&check.stdout);
        assert!(check.status.success(), "{}: {words}", version.display());
    }
}

/// Puts the copy in the place of the catalog, as `docs/compatibility.md` says.
fn go_back(catalog: &Path, backup: &Path) {
    fs::rename(backup, catalog.join("catalog.db")).unwrap();
    for beside in ["catalog.db-wal", "catalog.db-shm"] {
        // Whether it is there depends on how the process ended.
        let _ = fs::remove_file(catalog.join(beside));
    }
}

/// What `camera` has today begins where it began, is no shorter, and shows the same pictures.
async fn same_footage(server: &Server, camera: &str, answers: &Path) {
    let then = fs::read_to_string(answers.join(format!("{camera}.json"))).unwrap();
    let then: Value = serde_json::from_str(&then).unwrap();
    let now = server.json(&format!("/cameras/{camera}/streams/main/recordings")).await;
    let (then, now) = (&then["recordings"][0], &now["recordings"][0]);
    assert_eq!(then["from"], now["from"], "{camera}");
    let frames = |recording: &Value| recording["frames"].as_u64().unwrap();
    assert!(frames(now) >= frames(then), "{camera}: {now} is less than {then}");
    let from: WallTime = then["from"].as_str().unwrap().parse().unwrap();
    let clip = format!("{camera}.mp4");
    let new = server.clip(camera, from, from.plus_micros(CLIP_MICROS), &clip).await;
    let old = answers.join(&clip);
    assert_eq!(pictures(&new), pictures(&old), "{camera}");
    for track in then["tracks"].as_array().unwrap() {
        let kind = if track["kind"] == "audio" { "a" } else { "v" };
        assert_eq!(shown(&new, kind), shown(&old, kind), "{camera}");
    }
}
