//! An RTSP camera made from MP4 files: loops them for ever in real time over RTSP/TCP, with faults
//! on demand. For the demo and the tests.

mod server;

pub use server::{Login, ServeError, TestCam, TestCamOptions, serve};
