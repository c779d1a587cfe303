//! Cameras that send JPEG pictures, held against what ffmpeg sees in the clips that they play.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use media::{Access, Frame, TrackParams, VideoCodec};
use testcam::{Clip, TestCamOptions};

use crate::support::*;

/// A clip of JPEG pictures: 50, of which each is another.
fn made(folder: &Path, name: &str, size: &str, more: &[&str]) -> PathBuf {
    let file = folder.join(format!("{name}.mp4"));
    let source = format!("testsrc2=size={size}:rate=25:duration=2");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "lavfi", "-i", &source]).args(more);
    command.args(["-c:v", "mjpeg", "-huffman", "default", "-y"]).arg(&file);
    assert!(command.status().expect("ffmpeg is installed").success());
    file
}

/// A hash of every picture, decoded; panics where ffmpeg complains of anything.
fn hashes(arguments: &[&str], input: &[u8]) -> Vec<String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-xerror", "-err_detect", "explode"]).args(arguments);
    command.args(["-map", "0:v", "-fps_mode", "passthrough", "-f", "framehash", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut ffmpeg = command.spawn().expect("ffmpeg is installed");
    let (mut stdin, input) = (ffmpeg.stdin.take().unwrap(), input.to_vec());
    let feed = std::thread::spawn(move || stdin.write_all(&input));
    let output = ffmpeg.wait_with_output().unwrap();
    let _ = feed.join();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit(',').next().unwrap().trim().to_owned()).collect()
}

fn of_clip(file: &Path) -> Vec<String> {
    hashes(&["-i", file.to_str().unwrap()], &[])
}

pub fn of_frames(frames: &[&Frame]) -> Vec<String> {
    let pictures: Vec<u8> = frames.iter().flat_map(|frame| frame.data.to_vec()).collect();
    hashes(&["-f", "mjpeg", "-i", "-"], &pictures)
}

fn size_of(seen: &Seen, epoch: usize) -> (VideoCodec, u16, u16) {
    let TrackParams::Video(video) = &*seen.epochs[epoch].tracks[0] else { panic!("is video") };
    (video.codec, video.width, video.height)
}

#[tokio::test]
async fn pictures_are_those_of_the_clip() {
    let folder = tempfile::tempdir().unwrap();
    for (name, size, expected, more) in [
        ("plain", "640x360", (640, 360), &["-pix_fmt", "yuvj420p"][..]),
        ("fine", "352x288", (352, 288), &["-pix_fmt", "yuvj420p", "-q:v", "2"]),
        ("large", "2592x1944", (2592, 1944), &["-pix_fmt", "yuvj420p", "-frames:v", "6"]),
    ] {
        let file = made(folder.path(), name, size, more);
        let clips = vec![("cam".to_owned(), file.clone())];
        let options = TestCamOptions { clips, stamp: true, ..Default::default() };
        let cam = testcam::serve(options).await.unwrap();
        let watch = watch(source(&cam.url("cam")), patient());
        watch.video_frames(70).await;
        let (seen, _) = watch.stop().await;
        seen.assert_decodable();
        seen.assert_whole(0);
        assert_eq!(size_of(&seen, 0), (VideoCodec::Jpeg, expected.0, expected.1));
        assert_eq!(seen.epochs.len(), 1);
        let frames = seen.video();
        assert!(frames.iter().all(|frame| frame.access == Access::Idr));
        let sent = of_clip(&file);
        let ours = of_frames(&frames);
        assert_eq!(ours.len(), frames.len());
        for (number, hash) in ours.iter().enumerate() {
            assert_eq!(*hash, sent[number % sent.len()], "picture {number} of {name}");
        }
        let clip = Clip::parse(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(clip.samples(0).count(), sent.len());
    }
}

#[tokio::test]
async fn another_size_is_another_epoch_and_lost_packets_cost_their_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let yuv = ["-pix_fmt", "yuvj420p"];
    let large = made(folder.path(), "large", "640x360", &yuv);
    let small = made(folder.path(), "small", "320x240", &yuv);
    let known = [of_clip(&large), of_clip(&small)].concat();
    let clips = vec![("large".to_owned(), large), ("small".to_owned(), small)];
    let options = TestCamOptions { clips, stamp: true, ..Default::default() };
    let cam = testcam::serve(options).await.unwrap();
    let watch = watch(source(&cam.url("large;change=1;to=small;lose=90")), patient());
    watch.until("the change", |seen, _| seen.epochs.len() > 1 && seen.frames.len() > 60).await;
    let (seen, _) = watch.stop().await;
    assert_eq!(size_of(&seen, 0), (VideoCodec::Jpeg, 640, 360));
    assert_eq!(size_of(&seen, 1), (VideoCodec::Jpeg, 320, 240));
    assert!(seen.ends.len() == 1, "it is one run: {:?}", seen.ends);
    let stamped: Vec<u64> = seen.stamped().into_values().flatten().collect();
    let lost = stamped.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    assert!(lost > 0, "packets were lost: {stamped:?}");
    for (epoch, frames) in [0, 1].map(|epoch| {
        let of = seen.frames.iter().filter(|(of, _)| *of == epoch).map(|(_, frame)| frame);
        (epoch, of.collect::<Vec<_>>())
    }) {
        let hashes = of_frames(&frames);
        assert!(!hashes.is_empty() && hashes.len() == frames.len());
        assert!(hashes.iter().all(|hash| known.contains(hash)), "of epoch {epoch}");
    }
}

#[tokio::test]
async fn pictures_that_were_left_out_are_taken_in_once_their_size_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let sound = ["-f", "lavfi", "-i", "sine=duration=2:sample_rate=16000", "-c:a", "aac"];
    let yuv = ["-pix_fmt", "yuvj420p"];
    let huge = [&sound[..], &yuv, &["-frames:v", "6"]].concat();
    let clips = vec![
        ("huge".to_owned(), made(folder.path(), "huge", "2592x1944", &huge)),
        ("small".to_owned(), made(folder.path(), "small", "320x240", &yuv)),
    ];
    let cam = testcam::serve(TestCamOptions { clips, ..Default::default() }).await.unwrap();
    let watch = watch(source(&cam.url("huge;noparams=1;change=3;to=small")), patient());
    let is_left_out = |status: &camera::Status| status.warnings.join(" ").contains("only sound");
    let is_alone = |seen: &Seen, status: &_| is_left_out(status) && !seen.epochs.is_empty();
    watch.until("sound alone", is_alone).await;
    watch.until("pictures", |seen, _| seen.epochs.len() > 1 && seen.frames.len() > 60).await;
    let status = watch.status();
    assert!(!is_left_out(&status) && status.counters.reconnects == 0, "{status:?}");
    let (seen, _) = watch.stop().await;
    assert_eq!(seen.epochs[0].tracks.len(), 1);
    assert_eq!(size_of(&seen, 1), (VideoCodec::Jpeg, 320, 240));
    assert_ne!(seen.epochs[0].run, seen.epochs[1].run);
}

#[tokio::test]
async fn sound_is_kept_where_nobody_says_how_large_the_pictures_are() {
    let folder = tempfile::tempdir().unwrap();
    let sound = ["-f", "lavfi", "-i", "sine=duration=2:sample_rate=16000", "-c:a", "aac"];
    let more = [&sound[..], &["-pix_fmt", "yuvj420p", "-frames:v", "6"]].concat();
    let clips = vec![("cam".to_owned(), made(folder.path(), "huge", "2592x1944", &more))];
    let cam = testcam::serve(TestCamOptions { clips, ..Default::default() }).await.unwrap();
    let watch = watch(source(&cam.url("cam;noparams=1")), patient());
    watch.until("sound", |seen, _| seen.frames.len() > 10).await;
    let status = watch.status();
    let words = status.warnings.join(" ");
    assert!(words.contains("only sound is recorded: the camera does not say how large"), "{words}");
    assert_eq!((status.tracks.len(), status.warnings.len()), (1, 1), "{status:?}");
    let (seen, _) = watch.stop().await;
    assert_eq!(seen.epochs[0].tracks.len(), 1);
    assert!(!seen.epochs[0].tracks[0].is_video());
    assert!(seen.frames.iter().all(|(_, frame)| frame.track == 0 && frame.access == Access::Idr));
}
