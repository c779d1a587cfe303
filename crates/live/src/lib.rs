//! Live fan-out: one fragmented MP4 of a stream, many viewers.
