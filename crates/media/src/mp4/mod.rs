//! ISO base media file format (ISO/IEC 14496-12): building boxes and reading them.

pub mod boxes;
pub mod movie;
pub mod reader;
pub mod sample_entry;
pub mod tables;

pub(crate) mod movie_read;
