//! An RTSP camera made from MP4 files: loops them for ever in real time over RTSP/TCP, with faults
//! on demand. For the demo and the tests.
//!
//! `rtsp://127.0.0.1:PORT/NAME` plays the clip of that name; faults follow the name, as in
//! `NAME;stall=2;nosr=1` ([`Faults`] lists them).

mod auth;
mod clip;
mod faults;
mod mp4;
mod player;
mod pps;
mod request;
mod rtp;
mod scenes;
mod sdp;
mod server;
mod stamp;

pub use auth::Login;
pub use clip::{Clip, Codec};
pub use faults::Faults;
pub use mp4::BadClip;
pub use scenes::SCENES;
pub use server::{ServeError, TestCam, TestCamOptions, serve};
pub use stamp::{Stamp, stamps};

/// The demo's clips, made by `clips/render.sh`: name and MP4 file. Three scenes of 20 s, each as a
/// main and a sub-stream: the front door by day (with AAC), the driveway at sunset (with B-frames),
/// the garden at night (its sub-stream with G.711).
pub const SCENES: &[(&str, &[u8])] = &[
    ("door-main", include_bytes!("../clips/door-main.mp4")),
    ("door-sub", include_bytes!("../clips/door-sub.mp4")),
    ("drive-main", include_bytes!("../clips/drive-main.mp4")),
    ("drive-sub", include_bytes!("../clips/drive-sub.mp4")),
    ("garden-main", include_bytes!("../clips/garden-main.mp4")),
    ("garden-sub", include_bytes!("../clips/garden-sub.mp4")),
];
