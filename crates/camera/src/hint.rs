//! What is worth knowing about a camera: in words, and by a kind that a page has words of its own
//! for.

use std::fmt;

/// Something worth knowing about a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it is about.
    pub kind: HintKind,
    /// In words.
    pub words: String,
}

/// What hints are about. The API has a name for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// A track is not recorded.
    TrackLeftOut,
    /// No key frame came while it was watched.
    NoKeyFrame,
    /// Key frames are far apart.
    KeyFramesRare,
    /// Too few key frames came to say how far apart they are.
    KeyFramesFew,
    /// It sends H.265.
    H265,
    /// It sends MJPEG.
    Mjpeg,
    /// It sends no sound.
    NoAudio,
}

impl Hint {
    pub(crate) fn new(kind: HintKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}
