//! The real process, real RTSP servers, real files, an HTTP client.

mod accounts;
mod bad_input;
mod beyond_help;
mod cams;
mod changing;
mod configuration;
mod disks;
mod durable;
mod failover;
mod formats;
mod hls;
mod http;
mod keeping;
mod memory;
mod mending;
mod mounts;
mod pictures;
mod players;
mod recording;
mod server;
mod serving;
mod signed;
mod stuck;
mod time;
mod tools;
mod volumes;
