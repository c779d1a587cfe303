//! HTTP: one route table, who may call, wire types, the embedded pages.
