//! What a person does after damage: check, repair, verify, rebuild, restore a backup.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup};
use crate::tools::{frames, mp4_files};

/// Exit code and everything that was said.
pub fn said(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

pub fn run(server: &Server, words: &[&str]) -> (Option<i32>, String) {
    said(&server.command(words))
}

fn drop_catalog(folder: &Path) {
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
}

/// A server that has recorded a few segments and runs.
pub async fn recording(cam: &testcam::TestCam) -> Server {
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    setup.archive = "segment_duration = \"2s\"".to_owned();
    let server = Server::start(&setup).await;
    server.wait_for("door", "footage", |s| s["durable_until"].is_string()).await;
    sleep(Duration::from_secs(7)).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn footage_is_checked_repaired_proven_and_rebuilt() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = recording(&cam).await;
    let (media, catalog) = (server.media(), server.dir().join("catalog"));
    let backup = server.dir().join("backup.tar").display().to_string();
    let (code, words) = run(&server, &["backup", &backup]);
    assert_eq!(code, Some(0), "{words}");

    // A sealed file loses its end while the server runs: it is sealed anew by the server.
    let file = mp4_files(&media).into_iter().next().expect("there is footage");
    let whole = std::fs::read(&file).expect("it can be read");
    std::fs::write(&file, &whole[..whole.len() - 200]).expect("it is written");
    let (code, words) = run(&server, &["check", "--json"]);
    assert!(code == Some(1) && words.contains("\"truncated\""), "{words}");
    let (code, words) = run(&server, &["check", "--repair", "--limit", "500 MB"]);
    assert!(code == Some(0) && words.contains("sealed anew; no footage is lost"), "{words}");
    assert_eq!(std::fs::read(&file).expect("it can be read"), whole);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());

    // Proven from files and public key alone.
    let (folder, key) = (media.display().to_string(), media.join("holdfast-volume.json"));
    let proof = ["verify", &folder, "--public-key", &key.display().to_string()];
    let (code, words) = run(&server, &proof);
    assert!(code == Some(0) && words.contains("all is as it was recorded"), "{words}");
    let mut touched = whole.clone();
    touched[whole.len() / 2] ^= 1;
    std::fs::write(&file, &touched).expect("it is written");
    let (code, words) = run(&server, &proof);
    assert!(code == Some(1) && words.contains("the hash chain breaks"), "{words}");
    assert!(words.contains('[') && words.contains("Z to 2"), "it says when: {words}");
    let (code, words) = run(&server, &["check", "--hashes", "--repair"]);
    assert!(code == Some(0) && words.contains("marked as damaged"), "{words}");
    std::fs::write(&file, &whole).expect("it is written");
    assert_eq!(run(&server, &["check", "--hashes"]).0, Some(0));

    // The catalog is lost.
    let all = frames(&mp4_files(&media));
    let (code, words) = run(&server, &["rebuild"]);
    assert!(code == Some(1) && words.contains("--replace"), "{words}");
    drop_catalog(&catalog);
    let (code, words) = run(&server, &["rebuild"]);
    assert_eq!(code, Some(0), "{words}");
    server.start_again().await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    sleep(Duration::from_secs(2)).await;
    let cameras = server.json("/cameras").await;
    assert_eq!(cameras["cameras"].as_array().map(Vec::len), Some(1), "{cameras:#}");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let (code, words) = run(&server, &["check", "--hashes"]);
    assert_eq!(code, Some(0), "{words}");
    let (code, words) = run(&server, &proof);
    assert_eq!(code, Some(0), "new footage follows the old one: {words}");
    let again = frames(&mp4_files(&media));
    assert!(all.iter().all(|(key, stamps)| again[key] == *stamps), "all of it is there");

    restore(&mut server, &backup, all.len()).await;
}

/// A backup is restored; what came since is found by the start.
async fn restore(server: &mut Server, backup: &str, cameras: usize) {
    let catalog = server.dir().join("catalog");
    let kept = run(server, &["rebuild", "--replace"]);
    assert!(kept.0 == Some(0) && kept.1.contains("the old catalog is kept as"), "{}", kept.1);
    std::fs::remove_dir_all(&catalog).expect("it is removed");
    std::fs::create_dir(&catalog).expect("it is made");
    let unpacked = Command::new("tar").args(["-xf", backup, "-C"]).arg(&catalog).status();
    assert!(unpacked.is_ok_and(|status| status.success()));
    server.start_again().await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let (code, words) = run(server, &["check", "--hashes"]);
    assert_eq!(code, Some(0), "{words}");
    assert!(frames(&mp4_files(&server.media())).len() >= cameras);
}
