//! Exports: with the server and without it, judged by other programs; verified, and found changed;
//! waiting, cancelled, cut short by a kill.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use base::WallTime;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{Server, Setup, camera};
use crate::tools::{frames, have, shown};
use crate::{cams, exports_restored};

pub const EXPORTS: &str = "/api/v1/exports";

/// Two cameras that were recorded for some seconds, and the instants between which both were.
pub async fn recorded(cam: &testcam::TestCam, more: &str) -> (Server, WallTime, WallTime) {
    let mut setup = Setup::with_cameras([("door", cam.url("door-main;c=1"))]);
    setup.cameras += &camera("yard", &cam.url("door-sub;c=2"), "", "");
    setup.cameras = format!("{more}\n{}", setup.cameras);
    setup.archive = "segment_duration = \"2s\"".to_owned();
    let server = Server::start(&setup).await;
    let mut from = WallTime::EPOCH;
    for name in ["door", "yard"] {
        let stream = server.wait_for(name, "footage", |s| s["durable_until"].is_string()).await;
        let begin: WallTime =
            stream["recorded"]["from"].as_str().expect("a time").parse().expect("a time");
        from = from.max(begin);
    }
    let (from, to) = (from + Duration::from_millis(700), from + Duration::from_millis(4700));
    for name in ["door", "yard"] {
        let is_there = |s: &Value| {
            s["durable_until"]
                .as_str()
                .is_some_and(|at| at.parse::<WallTime>().is_ok_and(|at| at > to))
        };
        server.wait_for(name, "more footage", is_there).await;
    }
    (server, from, to)
}

pub fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Runs `export` of both cameras into a file of this name.
fn export(server: &Server, from: WallTime, to: WallTime, file: &str, more: &[&str]) -> PathBuf {
    let path = server.dir().join(file);
    let (from, to, out) = (from.to_string(), to.to_string(), path.display().to_string());
    let words = ["export", "--from", &from, "--to", &to, "-o", &out];
    let output = server.command(&[&words[..], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}; {}", said(&output), server.log());
    path
}

const BOTH: &[&str] = &["--camera", "door", "--camera", "yard"];

fn unzipped(zip: &Path) -> PathBuf {
    let test = Command::new("unzip").arg("-tqq").arg(zip).output().expect("unzip is installed");
    assert!(test.status.success(), "{}", said(&test));
    let folder = zip.with_extension("");
    let unzip = Command::new("unzip").args(["-qq", "-d"]).arg(&folder).arg(zip).output();
    let unzip = unzip.expect("unzip is installed");
    assert!(unzip.status.success(), "{}", said(&unzip));
    folder
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What `verify` says of a file without an archive at hand, and its exit code.
fn verify(file: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.arg("verify").arg(file).args(more).env("XDG_CONFIG_HOME", "/nonexistent");
    let output = command.output().expect("it runs");
    (output.status.code(), said(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_proves_itself_with_the_server_up_and_down() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let named = [BOTH, &["--name", "The <parcel>"]].concat();
    let up = export(&server, from, to, "up.zip", &named);
    let list = server.json("/exports").await;
    assert_eq!(list["exports"], json!([]), "nothing is left on the server");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let down = export(&server, from, to, "down.zip", &named);
    let door = export(&server, from, to, "door.mp4", &["--camera", "door"]);
    let both = export(&server, from, to, "both.mp4", BOTH);
    let [up, down] = [up, down].map(|zip| {
        assert_eq!(verify(&zip, &[]).0, Some(4), "{}", verify(&zip, &[]).1);
        unzipped(&zip)
    });
    for clip in ["door_main.mp4", "yard_main.mp4"] {
        assert!(read(&up.join(clip)) == read(&down.join(clip)), "{clip}");
    }
    assert!(read(&up.join("door_main.mp4")) == read(&door), "it is the exact clip");
    // Every frame of those seconds, each once.
    let stamps = frames(&[up.join("yard_main.mp4")]).into_values().next().expect("has stamps");
    assert!(stamps.windows(2).all(|pair| pair[0].frame + 1 == pair[1].frame), "{stamps:?}");
    assert!(shown(&up.join("yard_main.mp4"), "v").len() > 40 && shown(&both, "v").len() > 90);
    let manifest: Value = serde_json::from_slice(&read(&up.join("manifest.json"))).expect("JSON");
    assert_eq!(
        (&manifest["name"], &manifest["clips"][1]["streams"][0]["camera"]),
        (&json!("The <parcel>"), &json!("yard"))
    );
    assert_eq!(manifest["asked"], json!({ "from": from, "to": to }));
    let codecs = manifest["clips"][0]["streams"][0]["codecs"].to_string();
    assert!(codecs.contains("avc1.") && codecs.contains("mp4a.40.2"), "{codecs}");
    judged_by_python(&up);
    let together = export(&server, from, to, "together.zip", &[BOTH, &["--together"]].concat());
    assert!(read(&unzipped(&together).join("cameras.mp4")) == read(&both));
}

/// Another program computes the hashes that the manifest names.
fn judged_by_python(folder: &Path) {
    let script = "import hashlib, json, os, sys
os.chdir(sys.argv[1])
says = json.load(open('manifest.json'))
for name, own in [(c['file'], c) for c in says['clips']] + [('index.html', says['page'])]:
    data = open(name, 'rb').read()
    assert len(data) == own['bytes'], name
    assert hashlib.sha256(data).hexdigest() == own['sha256'], name
assert len(open('manifest.sig', 'rb').read()) == 64";
    let python = Command::new("python3").args(["-c", script]).arg(folder).output();
    let python = python.expect("python3 is installed");
    assert!(python.status.success(), "{}", said(&python));
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_which_key_and_finds_one_byte() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let zip = export(&server, from, to, "a.zip", &["--camera", "door"]);
    let path = zip.display().to_string();
    let (code, words) = verify(&zip, &[]);
    assert!(code == Some(4) && words.contains("the export names itself"), "{words}");
    assert!(words.contains("who signed it is not known"), "{words}");
    let own = server.command(&["verify", &path]);
    assert_eq!(own.status.code(), Some(0), "{}", said(&own));
    assert!(said(&own).contains("the key of this archive"), "{}", said(&own));
    let named = server.media().join("holdfast-volume.json").display().to_string();
    assert_eq!(verify(&zip, &["--public-key", &named]).0, Some(0));
    let (code, words) = verify(&zip, &["--public-key", &"ab".repeat(32)]);
    assert!(code == Some(1) && words.contains("not expected"), "{words}");
    assert_eq!(verify(&zip, &["--public-key", "nonsense"]).0, Some(2));
    let (code, words) = verify(&zip, &["--json"]);
    let line: Value = serde_json::from_str(&words).expect("one line of JSON");
    assert_eq!(
        (code, &line["proven"], &line["whole"], &line["key_from"]),
        (Some(4), &json!(false), &json!(true), &json!("export"))
    );
    // A configuration that gives no key is not taken for none.
    let empty = server.dir().join("empty.toml");
    let gone = server.dir().join("gone").display().to_string();
    std::fs::write(&empty, format!("[archive]\ncatalog = \"{gone}\"\n")).expect("it is written");
    let (code, words) = verify(&zip, &["--config", &empty.display().to_string()]);
    assert!(code == Some(1) && words.contains("empty.toml gives no key"), "{words}");
    assert!(words.contains("gone/archive.key"), "{words}");
    assert!(words.contains("it is whole, but who signed it is not known"), "{words}");
    // A folder is looked into, and an empty one is no proof.
    let (shelf, empty) = (server.dir().join("shelf"), server.dir().join("shelf/empty"));
    std::fs::create_dir_all(&empty).expect("they are made");
    let (code, words) = verify(&shelf, &["--public-key", &named]);
    assert!(code == Some(1) && words.contains("nothing to verify in"), "{words}");
    std::fs::copy(&zip, shelf.join("empty/A.ZIP")).expect("it is copied");
    let (code, words) = verify(&shelf, &["--public-key", &named]);
    assert!(code == Some(0) && words.contains("A.ZIP: all is as it was exported"), "{words}");
    // What cannot be read keeps no other from being verified.
    std::os::unix::fs::symlink("/nonexistent", shelf.join("0.zip")).expect("it is made");
    let (code, words) = verify(&shelf, &["--public-key", &named]);
    assert!(code == Some(1) && words.contains("0.zip: cannot be read"), "{words}");
    assert!(words.contains("A.ZIP: all is as it was exported"), "{words}");
    std::fs::remove_file(shelf.join("0.zip")).expect("it is removed");
    let gone = server.dir().join("nothing.mp4").display().to_string();
    let (code, words) = verify(&zip, &["--public-key", &named, &gone]);
    assert!(code == Some(1) && words.contains("nothing.mp4: cannot be read"), "{words}");
    assert!(words.contains("a.zip: all is as it was exported"), "{words}");
    exports_restored::is_proven_by_a_volume(&server, &path);
    // One bit of a picture.
    let mut bytes = read(&zip);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&zip, &bytes).expect("it is written");
    let (code, words) = verify(&zip, &[]);
    assert!(code == Some(1) && words.contains("door_main.mp4: it was changed"), "{words}");
    std::fs::write(&zip, &bytes[..middle]).expect("it is written");
    let (code, words) = verify(&zip, &[]);
    assert!(code == Some(1) && words.contains("not an export as it was written"), "{words}");
    assert_eq!(verify(&server.dir().join("nothing.zip"), &[]).0, Some(1));
}

/// What somebody asks of the API.
pub async fn ask(server: &Server, from: WallTime, to: WallTime) -> Value {
    let body = json!({ "streams": ["door/main"], "from": from, "to": to });
    let made = server.door().ask("POST", EXPORTS).json(&body).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

pub async fn wait_for(server: &Server, export: &Value, state: &str) -> Value {
    let (began, path) =
        (Instant::now(), format!("/exports/{}", export["id"].as_str().expect("an id")));
    loop {
        let now = server.json(&path).await;
        if now["state"] == state {
            return now;
        }
        let late = began.elapsed() > Duration::from_secs(40);
        assert!(!late, "not {state}: {now:#}; {}", server.log());
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until what goes into it is settled: it is said to be written a moment earlier, and what is
/// deleted in that moment is not missed by anybody.
async fn wait_until_planned(server: &Server, export: &Value) {
    wait_for(server, export, "writing").await;
    let began = Instant::now();
    let part = format!("{}.part", export["id"].as_str().expect("an id"));
    while !files(server).contains(&part) {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
        sleep(Duration::from_millis(20)).await;
    }
}

/// What lies in the folder for exports.
fn files(server: &Server) -> Vec<String> {
    let entries = std::fs::read_dir(server.dir().join("catalog/exports"));
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_cut_short_is_begun_anew_and_what_is_deleted_leaves_nothing() {
    if !have("strace", "--version", "the test of an export that a kill cuts short") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.hang_export(Duration::from_secs(20));
    sleep(Duration::from_secs(1)).await;
    let first = ask(&server, from, to).await;
    let second = ask(&server, from, from + Duration::from_secs(1)).await;
    wait_until_planned(&server, &first).await;
    assert!(files(&server).iter().all(|name| name.ends_with(".part")), "{:?}", files(&server));
    server.kill();
    drop(slow);
    assert!(!files(&server).is_empty(), "a kill tidies nothing up");
    server.start_again().await;
    let done = wait_for(&server, &first, "done").await;
    wait_for(&server, &second, "done").await;
    assert!(files(&server).iter().all(|name| name.ends_with(".zip")), "{:?}", files(&server));
    let path = done["file"].as_str().expect("it has a file");
    let whole = server.door().get(path).send().await;
    assert_eq!(
        (whole.status, whole.body.len() as u64),
        (200, done["bytes"].as_u64().expect("a number"))
    );
    let part = server.door().get(path).with("range", "bytes=100-299").send().await;
    assert!(part.status == 206 && part.body == whole.body.slice(100..300));
    let zip = server.dir().join("whole.zip");
    std::fs::write(&zip, &whole.body).expect("it is written");
    let own = server.command(&["verify", &zip.display().to_string()]);
    assert_eq!(own.status.code(), Some(0), "{}", said(&own));
    for export in [&first, &second] {
        let path = format!("{EXPORTS}/{}", export["id"].as_str().expect("an id"));
        assert_eq!(server.door().ask("DELETE", &path).send().await.status, 204);
    }
    let began = Instant::now();
    while !files(&server).is_empty() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{:?}; {}",
            files(&server),
            server.log()
        );
        sleep(Duration::from_millis(20)).await;
    }
    let audit = server.json("/audit").await;
    let all = audit["entries"].as_array().expect("entries").iter();
    let whats: Vec<_> = all.filter_map(|entry| entry["what"].as_str()).collect();
    for what in ["export-asked", "export-downloaded", "export-deleted"] {
        assert!(whats.contains(&what), "{whats:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_waits_outlives_a_start_before_the_disk_of_its_footage() {
    if !have("strace", "--version", "the test of an export whose footage is mounted late") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.hang_export(Duration::from_secs(20));
    sleep(Duration::from_secs(1)).await;
    // Of what is sealed already, and of what may be cut off.
    let sealed = ask(&server, from, from + Duration::from_secs(1)).await;
    let newest = ask(&server, from, to).await;
    wait_for(&server, &sealed, "writing").await;
    server.kill();
    drop(slow);
    let elsewhere = server.dir().join("unmounted");
    std::fs::rename(server.media(), &elsewhere).expect("it can be moved");
    server.start_again().await;
    server.wait_for_log("not recording here").await;
    sleep(Duration::from_secs(2)).await;
    for export in [&sealed, &newest] {
        let path = format!("/exports/{}", export["id"].as_str().expect("an id"));
        let now = server.json(&path).await;
        assert!(now["state"] != "failed", "{now:#}; {}", server.log());
    }
    std::fs::rename(&elsewhere, server.media()).expect("it can be moved");
    wait_for(&server, &sealed, "done").await;
    wait_for(&server, &newest, "done").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_under_an_export_holds_up_nothing_else() {
    if !have("strace", "--version", "the test of a disk that hangs under an export") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.hang_export(Duration::from_secs(60));
    sleep(Duration::from_secs(1)).await;
    let first = ask(&server, from, to).await;
    let second = ask(&server, from, to).await;
    let written = wait_for(&server, &first, "writing").await["bytes"].as_u64();
    let is_written = || {
        let entries = std::fs::read_dir(server.dir().join("catalog/exports"));
        let mut entries = entries.into_iter().flatten().flatten();
        entries.any(|entry| entry.metadata().is_ok_and(|it| Some(it.len()) == written))
    };
    let began = Instant::now();
    while !is_written() {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
        sleep(Duration::from_millis(20)).await;
    }
    // One that waits is cancelled, as is the one that is written: nobody sees them any more.
    for export in [&second, &first] {
        let path = format!("{EXPORTS}/{}", export["id"].as_str().expect("an id"));
        assert_eq!(server.door().ask("DELETE", &path).send().await.status, 204);
        assert_eq!(server.door().get(&path).send().await.status, 404);
    }
    let until = server.durable_until("door").await;
    sleep(Duration::from_secs(3)).await;
    assert!(server.durable_until("door").await > until, "it goes on recording");
    assert!(files(&server)[0].ends_with(".part"), "its disk does not hang: {}", server.log());
    let began = Instant::now();
    server.terminate();
    server.wait_for_log("stopped; all footage is committed").await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // What strace holds does not end before strace does.
    drop(slow);
    let status = server.wait_end(Duration::from_secs(30));
    assert_eq!(status.code(), Some(0), "{}", server.log());
    // The next start finds what was left, and that nobody wants it.
    server.start_again().await;
    let began = Instant::now();
    while !files(&server).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", files(&server));
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_being_written_is_cancelled_at_once() {
    if !have("strace", "--version", "the test of an export that is cancelled") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.slow_export(Duration::from_secs(2));
    sleep(Duration::from_secs(1)).await;
    let export = ask(&server, from, to).await;
    let writing = wait_for(&server, &export, "writing").await;
    let began = Instant::now();
    while files(&server).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
        sleep(Duration::from_millis(20)).await;
    }
    assert!(writing["written_bytes"].as_u64() < writing["bytes"].as_u64(), "{writing:#}");
    let path = format!("{EXPORTS}/{}", export["id"].as_str().expect("an id"));
    assert_eq!(server.door().ask("DELETE", &path).send().await.status, 204);
    // A write or two, and not the whole of it: that has at least eight.
    let began = Instant::now();
    while !files(&server).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(7), "{:?}", files(&server));
        sleep(Duration::from_millis(20)).await;
    }
    drop(slow);
    // Its row goes after its file.
    while server.json("/exports").await["bytes"] != 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_interrupted_leaves_nothing_on_the_server() {
    if !have("strace", "--version", "the test of an export command that is interrupted") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.hang_export(Duration::from_secs(20));
    sleep(Duration::from_secs(1)).await;
    for signal in ["INT", "TERM"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.args(["export", "--camera", "door", "--from", &from.to_string()]);
        command.args(["--to", &to.to_string(), "-o"]).arg(server.dir().join("a.zip"));
        command.arg("--config").arg(server.config()).stderr(std::process::Stdio::piped());
        let child = command.spawn().expect("it starts");
        let began = Instant::now();
        while server.json("/exports").await["exports"] == json!([]) {
            assert!(began.elapsed() < Duration::from_secs(20), "{}", server.log());
            sleep(Duration::from_millis(20)).await;
        }
        let id = child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.expect("kill runs").success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains("interrupted"), "{}", said(&output));
        assert_eq!(server.json("/exports").await["exports"], json!([]), "{signal}");
    }
    drop(slow);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_by_hand_meanwhile_is_in_no_export() {
    if !have("strace", "--version", "the test of footage that is deleted while it is exported") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let slow = server.slow_export(Duration::from_secs(1));
    sleep(Duration::from_secs(1)).await;
    let export = ask(&server, from, to).await;
    wait_until_planned(&server, &export).await;
    let (a, b) = (from + Duration::from_millis(100), from + Duration::from_millis(300));
    let delete = format!("/api/v1/cameras/door/streams/main/footage?from={a}&to={b}");
    let deleted = server.door().ask("DELETE", &delete).send().await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let failed = wait_for(&server, &export, "failed").await;
    let words = failed["problem"].as_str().expect("it says why");
    assert!(words.contains("door/main was deleted by hand while it was exported"), "{words}");
    drop(slow);
    assert_eq!(files(&server), [""; 0], "nothing is left of it");
    // Asked for again it is there, without what nobody may see.
    let again = ask(&server, from, to).await;
    wait_for(&server, &again, "done").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_beside_an_export_ends_it_where_pictures_build_on_it() {
    if !have("strace", "--version", "the test of footage that is deleted beside an export") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let (mut server, from, to) = recorded(&cam, "").await;
    let (middle, late) = (from + Duration::from_secs(2), from + Duration::from_secs(3));
    let slow = server.slow_export(Duration::from_secs(1));
    sleep(Duration::from_secs(1)).await;
    let beside = ask(&server, from, middle).await;
    wait_until_planned(&server, &beside).await;
    let delete = async |a: WallTime, b: WallTime| {
        let path = format!("/api/v1/cameras/door/streams/main/footage?from={a}&to={b}");
        let deleted = server.door().ask("DELETE", &path).send().await;
        assert_eq!(deleted.status, 200, "{}", deleted.text());
    };
    delete(late, to).await;
    wait_for(&server, &beside, "done").await;
    // Its first picture builds on those before it, back to the key frame.
    let builds = ask(&server, from, middle).await;
    wait_until_planned(&server, &builds).await;
    delete(from.plus_micros(-200_000), from.plus_micros(-100_000)).await;
    let failed = wait_for(&server, &builds, "failed").await;
    let words = failed["problem"].as_str().expect("it says why");
    assert!(words.contains("was deleted by hand"), "{words}");
    drop(slow);
}
