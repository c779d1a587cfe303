//! What should run becomes what runs: cameras, recorders, health, by difference.

mod sink;

pub use sink::StreamSink;
