//! The cache of packed segment indexes, newest first, up to a cap of bytes.
