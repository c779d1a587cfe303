//! ISO base media file format (ISO/IEC 14496-12): building boxes and reading them.

pub mod boxes;
