//! Cameras, streams and volumes as rows.
