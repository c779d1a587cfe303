//! Another implementation of a camera: GStreamer's RTSP server, where it is installed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use media::{TrackParams, VideoCodec};

use crate::support::*;

/// What is served: door-main.mp4 with its sound.
const DOOR: &str = "filesrc location=CLIP ! qtdemux name=d \
    d.video_0 ! queue ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 \
    d.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97";
/// JPEG pictures, by another encoder and packetizer than ours.
const JPEG: &str = "videotestsrc is-live=true ! video/x-raw,format=I420,width=1280,height=720,\
    framerate=25/1 ! jpegenc quality=80 ! rtpjpegpay name=pay0 pt=26";
/// The same in 4:2:2.
const FINE_JPEG: &str = "videotestsrc is-live=true ! video/x-raw,format=Y42B,width=640,height=480,\
    framerate=25/1 ! jpegenc quality=95 ! rtpjpegpay name=pay0 pt=26";
/// The same with pictures that are too large for the header of a packet.
const LARGE_JPEG: &str = "videotestsrc is-live=true ! video/x-raw,format=I420,width=2592,\
    height=1944,framerate=5/1 ! jpegenc quality=50 ! rtpjpegpay name=pay0 pt=26";

/// Serves a pipeline to admin:secret by Digest or Basic.
const SCRIPT: &str = r#"
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GLib, GstRtsp, GstRtspServer
Gst.init(None)
launch, digest = sys.argv[1], sys.argv[2] == "digest"
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1"); server.set_service("0")
auth = GstRtspServer.RTSPAuth()
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "user")
if digest:
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest("admin", "secret", token)
else:
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic("admin", "secret"), token)
server.set_auth(auth)
factory = GstRtspServer.RTSPMediaFactory()
factory.add_role_from_structure(Gst.Structure.new_from_string(
    "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"))
factory.set_launch(f"( {launch} )")
server.get_mount_points().add_factory("/cam", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
"#;

struct Server(Child, u16);

impl Server {
    /// `None` where GStreamer is not installed.
    fn start(auth: &str, launch: &str) -> Option<Self> {
        let launch = launch.replace("CLIP", clip("door-main.mp4").to_str().unwrap());
        let mut child = Command::new("/usr/bin/python3")
            .args(["-c", SCRIPT, &launch, auth])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        match line.trim().parse() {
            Ok(port) => Some(Self(child, port)),
            Err(_) => {
                let _ = child.wait();
                None
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn gstreamers_camera_is_received() {
    let watched = ["digest", "basic"].map(|auth| async move {
        let Some(server) = Server::start(auth, DOOR) else {
            eprintln!("SKIPPED: gir1.2-gst-rtsp-server-1.0 and python3-gi are not installed");
            return;
        };
        let url = format!("rtsp://admin:secret@127.0.0.1:{}/cam", server.1);
        let watch = watch(source(&url), camera::Bounds::default());
        watch.video_frames(60).await;
        let (seen, _) = watch.stop().await;
        seen.assert_decodable();
        assert_eq!((seen.epochs.len(), seen.epochs[0].tracks.len()), (1, 2));
        let TrackParams::Video(video) = &*seen.epochs[0].tracks[0] else { panic!("is video") };
        assert_eq!((video.width, video.height), (1280, 720));
        assert!(seen.video().windows(2).all(|pair| pair[1].pts > pair[0].pts));
        assert!(seen.track(seen.first_run(), 1).len() > 20);
    });
    all(watched).await;
}

#[tokio::test]
async fn gstreamers_jpeg_pictures_are_received() {
    for (launch, size, count) in
        [(JPEG, (1280, 720), 40), (FINE_JPEG, (640, 480), 20), (LARGE_JPEG, (2592, 1944), 8)]
    {
        let Some(server) = Server::start("basic", launch) else {
            eprintln!("SKIPPED: gir1.2-gst-rtsp-server-1.0 and python3-gi are not installed");
            return;
        };
        let url = format!("rtsp://admin:secret@127.0.0.1:{}/cam", server.1);
        let watch = watch(source(&url), camera::Bounds::default());
        watch.video_frames(count).await;
        let (seen, _) = watch.stop().await;
        seen.assert_decodable();
        let TrackParams::Video(video) = &*seen.epochs[0].tracks[0] else { panic!("is video") };
        assert_eq!((video.codec, (video.width, video.height)), (VideoCodec::Jpeg, size));
        // ffmpeg decodes each without complaint.
        assert_eq!(crate::jpeg::of_frames(&seen.video()).len(), seen.video().len());
    }
}
