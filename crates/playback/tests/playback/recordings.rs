//! The list of recordings.
