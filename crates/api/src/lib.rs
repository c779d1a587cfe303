//! HTTP: one route table, who may call, wire types, error → status, the embedded pages.

pub mod operations;
pub mod wire;
