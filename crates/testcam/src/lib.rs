//! An RTSP camera made from an MP4 file, with faults on demand: for the demo and the tests.
