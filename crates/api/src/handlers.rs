//! What the routes do: parse, ask, render.

pub(crate) mod accounts;
pub(crate) mod alarms;
pub(crate) mod cameras;
pub(crate) mod clip;
mod clip_body;
pub(crate) mod footage;
pub(crate) mod keeping;
pub(crate) mod page;
pub(crate) mod repair;
pub(crate) mod system;
pub(crate) mod volumes;
pub(crate) mod watch;
