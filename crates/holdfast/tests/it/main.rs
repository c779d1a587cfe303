//! The real process, real RTSP servers, real files, an HTTP client.

mod recording;
mod server;
mod tools;
