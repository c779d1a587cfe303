//! From a range of time to a plan to bytes.
