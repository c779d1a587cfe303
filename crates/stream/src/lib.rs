//! The recent frames of one stream in memory: one writer, many cursors. Receiving never waits
//! here; what overflows is dropped in whole GOPs and counted.

mod backlog;
mod budget;
mod cursor;
mod feed;
mod recent;
mod run;
mod shared;
mod stream;
#[cfg(test)]
mod testing;

pub use budget::Budget;
pub use cursor::{LiveCursor, LiveItem, RecorderCursor, Taken};
pub use run::{ClockEstimate, EndCause, Entry, Epoch, Lost, UnknownCause};
pub use shared::Stats;
pub use stream::{StreamReader, StreamWriter, stream, stream_within};
