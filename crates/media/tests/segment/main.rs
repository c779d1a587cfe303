//! Segments from the first batch to the seal: what is written is read again, by this crate, by
//! other parsers and by players; what is damaged is told and never panics.

#![allow(clippy::unwrap_used)]

mod ffmpeg;
mod hostile;
mod parsers;
mod round_trip;
mod snapshots;
mod support;
