//! How long to wait before a camera is tried again: pure.
