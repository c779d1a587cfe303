//! One change, one function.
