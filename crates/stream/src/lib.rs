//! The recent frames of one stream in memory: one writer, many cursors.
