//! What the routes do: parse, ask, render.

pub(crate) mod accounts;
pub(crate) mod activity;
pub(crate) mod alarms;
pub(crate) mod camera_settings;
pub(crate) mod cameras;
pub(crate) mod clip;
pub(crate) mod demand;
pub(crate) mod exports;
pub(crate) mod footage;
pub(crate) mod hls;
pub(crate) mod keeping;
pub(crate) mod keyframes;
pub(crate) mod live;
pub(crate) mod logs;
pub(crate) mod page;
pub(crate) mod probe;
pub(crate) mod repair;
pub(crate) mod sheets;
pub(crate) mod stills;
mod suffices;
pub(crate) mod system;
pub(crate) mod volumes;
pub(crate) mod watch;
