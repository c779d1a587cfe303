//! Tests over the whole router: each sends requests as some caller and looks at the answers.
#![allow(clippy::unwrap_used)]

mod accounts;
mod activity;
mod applying;
mod callers;
mod cameras;
mod clips;
mod clips_of_several;
mod document;
mod exports;
mod hls;
mod house;
mod keeping;
mod live;
mod logs;
mod pictures;
mod reading;
mod sockets;
mod volumes;
