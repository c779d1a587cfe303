//! The box tree of a clip.
