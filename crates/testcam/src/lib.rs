//! An RTSP camera made from MP4 files: loops them for ever in real time over RTSP/TCP, with faults
//! on demand. For the demo and the tests.
//!
//! `rtsp://127.0.0.1:PORT/NAME` plays the clip of that name; faults follow the name, as in
//! `NAME;stall=2;nosr=1` ([`Faults`] lists them).

mod auth;
mod clip;
mod faults;
mod jpeg;
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
