//! Low-latency HLS of what is live (draft-pantos-hls-rfc8216bis): the fragments that all viewers
//! share, gathered into parts and media segments for as long as somebody asks for them.
//!
//! Everything here is pure: fragments and requests in, bytes and text out.

mod airing;
mod answers;
mod budget;
mod kin;
mod part;
mod playlist;
mod reports;

pub(crate) use airing::Airing;
pub(crate) use answers::Found;
pub(crate) use budget::{Budget, Share};
pub use reports::with_reports;

/// The media segment, and the part of it, that a playlist is to have before it is given
/// (`_HLS_msn` and `_HLS_part`, section 6.2.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Number of the media segment.
    pub segment: u64,
    /// Number of the part in it, from 0; `None`: the whole media segment.
    pub part: Option<u64>,
}

/// What is known of a stream that is watched over HLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnAir {
    /// The newest media segment that its playlist shows, and the newest part of it; `None` while it
    /// has no playlist.
    pub newest: Option<Awaited>,
    /// Bits a second where what is kept has most, over half a target duration or more; `None` while
    /// there is less.
    pub peak_bits: Option<u64>,
}

/// A file that a live playlist names. Numbers count within one airing and are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveFile {
    /// `ftyp` and `moov` of one set of parameters.
    Init(u64),
    /// A whole media segment.
    Segment(u64),
    /// A part of one.
    Part(u64),
}

/// What a visitor asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The playlist, at once or once it has that.
    Playlist(Option<Awaited>),
    /// A file of an airing.
    File(base::AiringId, LiveFile),
}

/// What is asked for is not there, and waiting does not bring it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiveFileError {
    /// Nothing comes from the camera.
    #[error("nothing comes from the camera{}", since(.0.as_ref()))]
    NoSignal(Option<(base::WallTime, stream::EndCause)>),
    /// The camera sends only what HLS has no name for.
    #[error("the camera sends only what HLS has no name for")]
    Unplayable,
    /// It lies further ahead than a player may ask.
    #[error("that is further ahead than the next media segment but one, or than its next parts")]
    TooFar,
    /// There is no such file, or no more.
    #[error("there is no such live footage, or no more: ask for the playlist again")]
    Missing,
    /// The stream is paused or gone.
    #[error("the stream is paused or gone")]
    Gone,
}

fn since(ended: Option<&(base::WallTime, stream::EndCause)>) -> String {
    ended.map_or_else(String::new, |(at, cause)| format!(" since {at}: {cause}"))
}

#[cfg(test)]
mod tests;
