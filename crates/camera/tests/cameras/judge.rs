//! Another client's view of the same cameras: retina, which is judge here and not part of the
//! program. What it makes of a session, ours has to make of it too.

use futures_util::StreamExt;
use media::nal;
use retina::client::{PlayOptions, Session, SessionOptions, SetupOptions};
use retina::codec::{CodecItem, FrameFormat};
use testcam::{TestCamOptions, stamps};

use crate::support::*;

/// A frame without stamps, which tell sessions apart.
type Plain = Vec<Vec<u8>>;

fn plain(access_unit: &[u8]) -> Plain {
    let unstamped = nal::units(access_unit).filter(|unit| stamps(unit).is_empty());
    unstamped.map(<[u8]>::to_vec).collect()
}

/// Video frames and audio frames of a session as retina reads it.
async fn judged(url: &str, frames: usize) -> (Vec<Plain>, Vec<Vec<u8>>) {
    let url = url.parse().unwrap();
    let mut session = Session::describe(url, SessionOptions::default()).await.unwrap();
    for stream in 0..session.streams().len() {
        let options = SetupOptions::default().frame_format(FrameFormat::MP4);
        session.setup(stream, options).await.unwrap();
    }
    let session = session.play(PlayOptions::default()).await.unwrap();
    let mut items = session.demuxed().unwrap();
    let (mut video, mut audio) = (Vec::new(), Vec::new());
    while video.len() < frames {
        match items.next().await.expect("the camera plays on").unwrap() {
            CodecItem::VideoFrame(frame) => video.push(plain(frame.data())),
            CodecItem::AudioFrame(frame) => audio.push(frame.data().to_vec()),
            _ => {}
        }
    }
    (video, audio)
}

/// The first `frames` frames of a camera are the same through both clients.
async fn assert_same(url: &str, frames: usize) {
    let watch = watch(source(url), patient());
    let ((video, audio), ()) = tokio::join!(judged(url, frames), watch.video_frames(frames));
    let (seen, _) = watch.stop().await;
    let ours: Vec<Plain> = seen.video().iter().map(|frame| plain(&frame.data)).collect();
    for (number, (ours, judged)) in ours.iter().zip(&video).enumerate() {
        assert!(ours == judged, "frame {number} of {url}");
    }
    if seen.epochs[0].tracks.len() > 1 {
        let ours = seen.track(seen.first_run(), 1);
        assert!(!ours.is_empty() && !audio.is_empty());
        for (number, (ours, judged)) in ours.iter().zip(&audio).enumerate() {
            assert!(*ours.data == **judged, "audio frame {number} of {url}");
        }
    }
}

#[tokio::test]
async fn both_clients_see_the_same_frames() {
    let cam = cameras(None).await;
    for path in ["aac", "plain", "bframes", "ulaw", "other;noparams=1"] {
        assert_same(&cam.url(path), 60).await;
    }
}

#[tokio::test]
async fn both_clients_see_the_same_frames_of_h265() {
    let path = clip("../../../../shared/media/axis-signed-h265.mp4");
    if !path.exists() {
        println!("LEFT OUT: real clips lie beside the project, and they are not there");
        return;
    }
    let clips = vec![("h265".to_owned(), path)];
    let options = TestCamOptions { clips, stamp: true, ..TestCamOptions::default() };
    let cam = testcam::serve(options).await.unwrap();
    assert_same(&cam.url("h265"), 40).await;
}
