//! Codec parameters as rows: each set once, shared by all segments that have it.
