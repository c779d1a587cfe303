//! The real process, real RTSP servers, real files, an HTTP client.

mod accounts;
mod bad_input;
mod cams;
mod configuration;
mod formats;
mod disks;
mod http;
mod mounts;
mod keeping;
mod mending;
mod players;
mod recording;
mod server;
mod serving;
mod signed;
mod time;
mod tools;
mod volumes;
