//! The bytes are the camera's: what was signed in the camera can be verified after an export, and a
//! stream with two picture parameter sets shows the camera's pictures.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::WallTime;
use testcam::{Clip, Codec};
use tokio::time::sleep;

use crate::cams;
use crate::server::{Server, Setup};
use crate::tools::pictures;

/// A clip of the shared media, which are not part of the project.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media");
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("LEFT OUT: the signed clip {name}: ../shared/media is not here");
    }
    path.exists().then_some(path)
}

/// All NAL units of a clip's video in order, but for parameter sets and access unit delimiters.
fn units(file: &Path) -> Vec<Vec<u8>> {
    let clip = Clip::parse(&std::fs::read(file).expect("it can be read")).expect("it is a clip");
    let is_h265 = matches!(clip.codecs().next(), Some(Codec::H265 { .. }));
    let is_kept = |unit: &&[u8]| match is_h265 {
        true => !matches!((unit[0] >> 1) & 0x3f, 32..=35),
        false => !matches!(unit[0] & 0x1f, 7..=9),
    };
    let units = clip.samples(0).flat_map(media::nal::units);
    units.filter(is_kept).map(<[u8]>::to_vec).collect()
}

/// What was recorded of a camera, from its first frame on, as a file.
async fn exported(server: &Server, camera: &str, length: Duration) -> PathBuf {
    let stream = server.stream(camera).await;
    let from = stream["recorded"]["from"].as_str().expect("something was recorded");
    let from: WallTime = from.parse().expect("is a time");
    server.clip(camera, from, from + length, &format!("{camera}.mp4")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_video_comes_out_as_it_was_signed() {
    let clips: Vec<(String, PathBuf)> = ["h264", "h265"]
        .into_iter()
        .filter_map(|codec| Some((codec.to_owned(), shared(&format!("axis-signed-{codec}.mp4"))?)))
        .collect();
    if clips.is_empty() {
        return;
    }
    // No stamps: they would be units of our own.
    let cam = cams::play(clips.clone(), None, false).await;
    let cameras = clips.iter().map(|(name, _)| (&**name, cam.url(name)));
    let mut setup = Setup::with_cameras(cameras);
    setup.archive = "segment_duration = \"3s\"".to_owned();
    let mut server = Server::start(&setup).await;
    sleep(Duration::from_millis(12_500)).await;
    for (name, file) in &clips {
        let sent = units(file);
        let clip = exported(&server, name, Duration::from_millis(10_500)).await;
        let came = units(&clip);
        assert!(came.len() >= sent.len(), "{name}: {} of {} units", came.len(), sent.len());
        let same = came.iter().eq(sent.iter().cycle().take(came.len()));
        assert!(same, "{name}: what came out is not what went in");
        let seis = came.iter().filter(|unit| is_sei(name, unit)).count();
        assert!(seis > 3, "{name}: there are {seis} SEI units, which hold the signatures");
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}

fn is_sei(codec: &str, unit: &[u8]) -> bool {
    match codec {
        "h265" => matches!((unit[0] >> 1) & 0x3f, 39 | 40),
        _ => unit[0] & 0x1f == 6,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_with_two_picture_parameter_sets_shows_the_cameras_pictures() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server =
        Server::start(&Setup::with_cameras([("door", cam.url("door-sub;twopps=1;c=1"))])).await;
    sleep(Duration::from_secs(7)).await;
    let stream = server.stream("door").await;
    let is_well =
        stream["recording"] == "on" && stream["warnings"].as_array().is_some_and(Vec::is_empty);
    assert!(is_well, "{stream:#}");
    let clip = exported(&server, "door", Duration::from_secs(5)).await;
    let (came, sent) = (pictures(&clip), pictures(&folder.path().join("door-sub.mp4")));
    assert!((61..=64).contains(&came.len()), "{} frames in 5 s", came.len());
    assert!(came == sent[..came.len()], "every picture is the camera's");
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}
