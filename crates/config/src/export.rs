//! Settings → text that [`crate::parse`] reads back.

use crate::settings::{Camera, Settings};

/// All of `settings` as the text of a configuration file.
pub fn export(settings: &Settings) -> String {
    let _ = settings;
    todo!()
}

/// Only cameras, as the text of an `--apply` file.
pub fn export_cameras(cameras: &[Camera]) -> String {
    let _ = cameras;
    todo!()
}
