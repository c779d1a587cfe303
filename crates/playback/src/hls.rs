//! Recorded footage as HTTP Live Streaming (RFC 8216 and its second edition): a playlist for any
//! range, and the files that it names. See `docs/design/hls.md`.
//!
//! A media segment holds some seconds of one segment of the archive and begins at a key frame. Its
//! boxes are made anew, on the absolute grid that clips use too; its samples are those of the file.

mod carried;
mod cuts;
mod entry;
mod gather;
mod master;
mod media_segment;
mod playlist;
mod text;

pub use entry::PlaylistRequest;
pub use master::{Variant, master_playlist};
pub use media_segment::{MediaSegmentRequest, init_segment, media_segment};
pub use playlist::Playlist;
