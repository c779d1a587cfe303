//! What comes out is what went in: NAL by NAL, and picture by picture.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use media::{ParameterSets, TrackParams, VideoCodec};
use testcam::{Clip, TestCamOptions, stamps};

use crate::support::*;

/// The NAL units that are kept: no parameter sets, no delimiters, no stamps.
fn kept(codec: VideoCodec, access_unit: &[u8]) -> Vec<Vec<u8>> {
    let plain = |unit: &&[u8]| {
        let kind = match codec {
            VideoCodec::H264 => unit[0] & 0x1f,
            VideoCodec::H265 => (unit[0] >> 1) & 0x3f,
            VideoCodec::Jpeg => unreachable!("has no units"),
        };
        let set = match codec {
            VideoCodec::H264 => matches!(kind, 7..=9),
            VideoCodec::H265 => matches!(kind, 32..=35),
            VideoCodec::Jpeg => false,
        };
        !set && stamps(unit).is_empty()
    };
    media::nal::units(access_unit).filter(plain).map(<[u8]>::to_vec).collect()
}

/// Plays a file and compares all that comes in the first `frames` frames.
async fn assert_exact(path: &Path, frames: usize) {
    let clip = Clip::parse(&std::fs::read(path).unwrap()).unwrap();
    let clips = vec![("clip".to_owned(), path.to_owned())];
    let cam = testcam::serve(TestCamOptions { clips, stamp: true, ..Default::default() }).await;
    let cam = cam.unwrap();
    let watch = watch(source(&cam.url("clip")), patient());
    watch.video_frames(frames).await;
    let (seen, _) = watch.stop().await;
    let TrackParams::Video(video) = &*seen.epochs[0].tracks[0] else { panic!("is video") };
    let samples: Vec<&[u8]> = clip.samples(0).collect();
    for (i, frame) in seen.video().iter().enumerate() {
        let sent = kept(video.codec, samples[i % samples.len()]);
        assert_eq!(kept(video.codec, &frame.data), sent, "access unit {i} of {}", path.display());
    }
    if seen.epochs[0].tracks.len() > 1 {
        let samples: Vec<&[u8]> = clip.samples(1).collect();
        let audio = seen.track(seen.first_run(), 1);
        let first = samples.iter().position(|s| *s == &*audio[0].data).unwrap();
        for (i, frame) in audio.iter().enumerate() {
            assert_eq!(&*frame.data, samples[(first + i) % samples.len()], "audio frame {i}");
        }
    }
}

#[tokio::test]
async fn nothing_is_changed_on_the_way() {
    assert_exact(&clip("door-main.mp4"), 60).await;
    assert_exact(&clip("drive-main.mp4"), 60).await;
}

#[tokio::test]
async fn signed_streams_stay_as_they_were_signed() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media");
    for name in ["axis-signed-h264.mp4", "axis-signed-h265.mp4"] {
        let path = folder.join(name);
        if !path.exists() {
            eprintln!("SKIPPED: ../shared/media/{name} is not here");
            continue;
        }
        assert_exact(&path, 40).await;
    }
}

/// Pictures of an Annex B stream, decoded by ffmpeg: one hash a line.
fn pictures(stream: &[u8]) -> Option<Vec<String>> {
    let mut ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-f", "h264", "-i", "-", "-f", "framehash", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = ffmpeg.stdin.take().unwrap();
    let bytes = stream.to_vec();
    let feed = std::thread::spawn(move || {
        let _ = stdin.write_all(&bytes);
    });
    let output = ffmpeg.wait_with_output().unwrap();
    feed.join().unwrap();
    assert!(output.status.success(), "ffmpeg cannot decode what came");
    let lines = String::from_utf8(output.stdout).unwrap();
    let hash = |line: &str| line.rsplit(',').next().unwrap().trim().to_owned();
    Some(lines.lines().filter(|line| !line.starts_with('#')).map(hash).collect())
}

fn annex_b<'a>(units: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    units.flat_map(|unit| [&[0, 0, 0, 1], unit].concat()).collect()
}

#[tokio::test]
async fn a_stream_with_two_picture_parameter_sets_can_be_decoded() {
    let (_cam, watch) = watch_path("plain;twopps=1", patient()).await;
    watch.video_frames(27).await;
    let (seen, _) = watch.stop().await;
    seen.assert_whole(0);
    assert_eq!(seen.epochs.len(), 1, "two sets are not a change");
    let TrackParams::Video(video) = &*seen.epochs[0].tracks[0] else { panic!("is video") };
    let ParameterSets { sps, pps, .. } = video.parameter_sets().unwrap();
    assert_eq!((sps.len(), pps.len()), (1, 2));
    let frames = seen.video();
    let mut stream = annex_b(sps.iter().chain(&pps).map(|set| &**set));
    for frame in &frames {
        stream.extend(annex_b(media::nal::units(&frame.data)));
    }
    let original = Clip::parse(&std::fs::read(clip("door-sub.mp4")).unwrap()).unwrap();
    let sets = original.codecs().next().unwrap().sets().to_vec();
    let mut sent = annex_b(sets.iter().map(|set| &**set));
    for sample in original.samples(0).take(frames.len()) {
        sent.extend(annex_b(media::nal::units(sample)));
    }
    match (pictures(&stream), pictures(&sent)) {
        (Some(got), Some(sent)) => assert_eq!(got, sent),
        _ => eprintln!("SKIPPED the comparison of pictures: ffmpeg is not installed"),
    }
}
