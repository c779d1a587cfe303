//! HTTP: one route table, who may call, wire types, error → status, the embedded pages.
//!
//! `routes.rs` is the whole API on one page. A request passes `guard` (host, origin, load,
//! parameters, caller), then its handler: parse, ask, render. Errors become statuses in `problem`
//! only, ranges are decided in `ranges` only, callers recognised in `caller` only.

mod ahead;
mod app;
mod body;
mod caller;
mod changes;
mod downloads;
mod edits;
mod file;
mod guard;
mod handlers;
mod instant;
mod json;
mod load;
mod metrics;
mod openapi;
pub mod operations;
mod outlet;
mod param;
mod path;
mod peer;
mod plans;
mod problem;
mod query;
mod ranges;
mod render;
mod route;
mod routes;
mod serve;
mod session;
mod settle;
mod stills;
#[cfg(test)]
mod tests;
pub mod wire;

pub use app::{App, Parts, Settings};
pub use edits::field;
pub use operations::Operations;
pub use peer::Peer;
pub use routes::{openapi, router};
pub use serve::{BindError, Listener, serve};
pub use stills::Drawing;
