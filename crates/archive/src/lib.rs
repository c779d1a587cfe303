//! Segment files on volumes: the only place that forms a media path.
