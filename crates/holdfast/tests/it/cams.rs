//! Test cameras: the demo's scenes, with a stamp in every frame.

use std::path::{Path, PathBuf};

use testcam::{Login, TestCam, TestCamOptions};

/// Writes the demo's scenes into a folder: name and file of each.
pub fn scenes(folder: &Path) -> Vec<(String, PathBuf)> {
    let write = |(name, bytes): (&str, &[u8])| {
        let path = folder.join(format!("{name}.mp4"));
        std::fs::write(&path, bytes).expect("the clip is written");
        (name.to_owned(), path)
    };
    testcam::SCENES.into_iter().map(write).collect()
}

/// Cameras that play the demo's scenes.
pub async fn stamped(folder: &Path) -> TestCam {
    play(scenes(folder), None, true).await
}

/// The same, for those who know the password.
pub async fn locked(folder: &Path, digest: bool) -> TestCam {
    let (username, password) = ("viewer".to_owned(), "tulip-7".to_owned());
    play(scenes(folder), Some(Login { username, password, digest }), true).await
}

/// Cameras that play `clips`.
pub async fn play(clips: Vec<(String, PathBuf)>, login: Option<Login>, stamp: bool) -> TestCam {
    let options = TestCamOptions { clips, login, stamp, ..Default::default() };
    testcam::serve(options).await.expect("the cameras start")
}

/// A clip of about 5 Mbit/s, four seconds long: `noise`.
pub fn noise(folder: &Path) -> Vec<(String, PathBuf)> {
    let path = folder.join("noise.mp4");
    let mut command = std::process::Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", "4"]);
    command.args(["-vf", "noise=alls=80:allf=t", "-c:v", "libx264", "-preset", "ultrafast"]);
    command.args(["-tune", "zerolatency", "-g", "25", "-b:v", "4M"]).arg(&path);
    assert!(command.status().expect("ffmpeg is installed").success());
    vec![("noise".to_owned(), path)]
}
