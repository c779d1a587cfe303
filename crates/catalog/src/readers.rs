//! The pool of read connections.

/// Read connections, lent one at a time.
pub(crate) struct Readers {}
