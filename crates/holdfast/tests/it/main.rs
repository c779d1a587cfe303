//! The real process, real RTSP servers, real files, an HTTP client.

mod accounts;
mod bad_input;
mod cams;
mod http;
mod recording;
mod server;
mod tools;
