//! Changes of configuration that meet, and one that hangs.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::cams;
use crate::http::Reply;
use crate::server::{Server, Setup, camera};
use crate::time::wait_for_causes;
use crate::tools::{assert_whole, frames, mp4_files};

/// A password file whose reader waits until the test lets it go on: a FIFO.
struct SlowPassword(PathBuf);

impl SlowPassword {
    fn at(path: &Path) -> Self {
        assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
        Self(path.to_owned())
    }

    /// A camera that has this password.
    fn camera(&self, slug: &str, url: &str) -> String {
        let password = format!("password = {{ file = \"{}\" }}", self.0.display());
        camera(slug, url, &format!("username = \"viewer\"\n{password}"), "")
    }

    /// Waits until somebody reads it; they go on once the password is written, or this is dropped.
    async fn asked(&self) -> File {
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).expect("is a flag");
        let began = Instant::now();
        loop {
            // Refused as long as nobody reads.
            if let Ok(held) = File::options().write(true).custom_flags(flags).open(&self.0) {
                return held;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "nobody read the password");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Others who read it from now on get it at once.
    fn answer_others(&self) {
        let file = self.0.with_extension("text");
        std::fs::write(&file, "tulip-7\n").expect("it is written");
        std::fs::rename(&file, &self.0).expect("it takes the place of the FIFO");
    }
}

/// Sends a configuration text.
fn apply(server: &Server, text: String) -> JoinHandle<Reply> {
    let door = server.door();
    let put = async move {
        door.ask("PUT", "/api/v1/config").body("application/toml", &text).send().await
    };
    tokio::spawn(put)
}

async fn recording(server: &Server, camera: &str) {
    server.wait_for(camera, "recording", |stream| stream["recording"] == "on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_texts_at_once_both_come_into_effect_and_cost_each_other_no_frame() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = Server::start(&Setup::default()).await;
    let password = SlowPassword::at(&folder.path().join("password"));
    // The first one has its rows, and hangs where it works out what should run.
    let first = apply(&server, password.camera("slow", &cam.url("door-sub;c=1")));
    let mut held = password.asked().await;
    password.answer_others();
    let mut second = apply(&server, camera("quick", &cam.url("garden-sub;c=2"), "", ""));
    // It waits for the first one; if it did not, it would be through in this time.
    let early = timeout(Duration::from_secs(3), &mut second).await;
    held.write_all(b"tulip-7\n").expect("somebody reads");
    drop(held);
    let first = first.await.expect("it is sent");
    let second = match early {
        Ok(done) => done.expect("it is sent"),
        Err(_) => second.await.expect("it is sent"),
    };
    assert_eq!((first.status, second.status), (200, 200), "{}; {}", first.text(), second.text());
    for camera in ["slow", "quick"] {
        recording(&server, camera).await;
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    let numbers: Vec<_> = found.keys().map(|(camera, _)| *camera).collect();
    assert_eq!(numbers, [1, 2], "one session of each camera: {}", server.log());
    found.values().for_each(|stamps| assert_whole(stamps, "each of them"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_hangs_keeps_nobody_from_stopping() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut setup = Setup::with_cameras([("door", cam.url("door-sub;c=1"))]);
    let mut server = Server::start(&setup).await;
    recording(&server, "door").await;
    let password = SlowPassword::at(&folder.path().join("password"));
    setup.cameras += &password.camera("slow", &cam.url("garden-sub;c=2"));
    server.configure(&setup);
    server.reload();
    let _held = password.asked().await;
    // What is wrong with a text is said at once, whatever hangs.
    let wrong = apply(&server, "[[camera]]\nnaem = \"x\"\n".to_owned()).await.expect("is sent");
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    // One that waits behind it is told that the server stops, or cut off with it.
    let waits = apply(&server, camera("yard", &cam.url("garden-sub;c=3"), "", ""));
    sleep(Duration::from_millis(500)).await;
    assert!(!waits.is_finished(), "it has not had its turn");
    let (took, status) = server.stop();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(took < Duration::from_secs(20), "{took:?}: {}", server.log());
    let refused = waits.await.expect("it was answered");
    assert_eq!(refused.status, 503, "{}", refused.text());
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.len(), 1, "{:?}", found.keys());
    found.values().for_each(|stamps| assert_whole(stamps, "the camera"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_takes_leave_slowly_does_not_see_two_sessions_because_it_was_changed() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let setup = |number: u32| {
        Setup::with_cameras([("door", cam.url(&format!("door-sub;c={number};parts=0.7")))])
    };
    let mut server = Server::start(&setup(1)).await;
    recording(&server, "door").await;
    for number in [2, 3] {
        server.configure(&setup(number));
        server.reload();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(4) {
            assert!(cam.playing() <= 1, "camera {number}: it sees two; {}", server.log());
            sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(cam.playing(), 1, "camera {number}: {}", server.log());
    }
    wait_for_causes(&server, "door", &["reconfigured"; 2]).await;
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    let found = frames(&mp4_files(&server.media()));
    assert_eq!(found.keys().map(|(camera, _)| *camera).collect::<Vec<_>>(), [1, 2, 3]);
    found.values().for_each(|stamps| assert_whole(stamps, "each session"));
}
