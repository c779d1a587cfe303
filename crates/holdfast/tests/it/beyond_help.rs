//! What cannot be put right: a key that is lost, a file that no repair helps, a note that was
//! changed. It is named, and keeps nobody from the rest.

use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::cams;
use crate::mending::{recording, run};
use crate::server::Server;

/// A note that is in order but for its signature.
const FORGED: &str = r#"{ "version": 1, "stream": "0192f0c1-2222-7333-8444-555566667777",
  "removed": [], "signature": "SIGNATURE" }"#;

fn verify(server: &Server, keys: &[&str]) -> (Option<i32>, String) {
    let media = server.media().display().to_string();
    let keys = keys.iter().flat_map(|key| ["--public-key", key]);
    run(server, &["verify", &media].into_iter().chain(keys).collect::<Vec<_>>())
}

fn make(path: &Path) -> &Path {
    let folder = path.parent().expect("a file lies in a folder");
    std::fs::create_dir_all(folder).expect("it is made");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_key_was_lost_another_signs_from_then_on() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = recording(&cam).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let file = server.media().join("holdfast-volume.json");
    let first = std::fs::read_to_string(&file).expect("it can be read");
    std::fs::remove_file(server.dir().join("catalog/archive.key")).expect("there is a key");
    server.start_again().await;
    server.wait_for("door", "recording", |s| s["recording"] == "on").await;
    sleep(Duration::from_secs(6)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert!(server.log().contains("key is another than before"), "{}", server.log());
    let (code, words) = run(&server, &["check", "--hashes"]);
    assert!(code == Some(0) && words.contains("all is well"), "{words}");

    let (code, words) = verify(&server, &[&file.display().to_string()]);
    assert!(code == Some(0) && words.contains("all is as it was recorded"), "{words}");
    assert_eq!(words.matches("files are signed with").count(), 2, "{words}");
    assert!(words.contains("door/main: "), "{words}");
    let volume = |text: &str| -> serde_json::Value { serde_json::from_str(text).expect("JSON") };
    let now = std::fs::read_to_string(&file).expect("it can be read");
    let (first, now) = (volume(&first), volume(&now));
    assert_eq!(first["public_key"], now["public_key"]);
    let key = |value: &serde_json::Value| value.as_str().expect("a key").to_owned();
    let (first, later) = (key(&first["public_key"]), key(&now["later_keys"][0]));
    assert_eq!(verify(&server, &[&first, &later]).0, Some(0));
    // Who believes the first alone, hears of what it did not sign.
    let (code, words) = verify(&server, &[&first]);
    assert!(code == Some(1) && words.contains("the signature does not fit"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_that_no_repair_helps_keeps_nobody_from_the_rest() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = recording(&cam).await;
    // Reading it fails, as where a disk has a bad sector.
    let name = "2020-01-01/00-00-00.000Z_0192f0c1-2222-7333-8444-555566667777.mp4";
    let bad = server.media().join("aisle/main").join(name);
    std::os::unix::fs::symlink(folder.path(), make(&bad)).expect("it is made");
    let empty = |server: &Server| {
        let path = server.media().join("zoo/main").join(name.replace("7777.mp4", "8888.mp4"));
        std::fs::write(make(&path), b"").expect("it is written");
    };
    for running in [true, false] {
        empty(&server);
        let (code, words) = run(&server, &["check", "--repair"]);
        assert_eq!(code, Some(1), "{words}");
        assert!(words.contains("left as it is: "), "running: {running}: {words}");
        assert!(words.contains("moved out of the way"), "running: {running}: {words}");
        if running {
            assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
        }
    }
    std::fs::remove_file(&bad).expect("it was made");
    assert_eq!(run(&server, &["check"]).0, Some(0));

    // An earlier check was interrupted, and had found something.
    let volume = std::fs::read_to_string(server.media().join("holdfast-volume.json"));
    let volume: serde_json::Value =
        serde_json::from_str(&volume.expect("it can be read")).expect("JSON");
    let volume = volume["volume"].as_str().expect("an id");
    let place = server.dir().join(format!("catalog/check-{volume}-ends"));
    let begun = "ffffffff-ffff-ffff-ffff-ffffffffffff 2 reads\n";
    std::fs::write(&place, begun).expect("it is written");
    let (code, words) = run(&server, &["check"]);
    assert!(code == Some(1) && words.contains("2 of them from before"), "{words}");
    assert_eq!(run(&server, &["check"]).0, Some(0), "it was over");
    std::fs::write(&place, begun).expect("it is written");
    let (code, words) = run(&server, &["check", "--repair"]);
    assert!(code == Some(0) && words.contains("beginning again"), "{words}");

    // Files that are whole, beside a note that nobody signed.
    let note = server.media().join("door/main/holdfast-removed.json");
    let text = FORGED.replace("SIGNATURE", &"00".repeat(64));
    std::fs::write(&note, text).expect("it is written");
    let (code, words) = verify(&server, &[]);
    let named = words.contains("does not bear the recorder's signature");
    assert!(code == Some(1) && named, "{words}");
}
