//! Raw values → settings: what each value may be, and how the values fit together.

use crate::raw;
use crate::settings::{Camera, Keep, Volume};

/// A value that may not stand where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The keys that lead to it: `stream`, `main`, `url`.
    pub path: Vec<String>,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// One camera (from the API or a file).
pub fn validate_camera(raw: &raw::Camera) -> Result<Camera, Vec<FieldProblem>> {
    let _ = raw;
    todo!()
}

/// One volume (from the API or a file).
pub fn validate_volume(raw: &raw::Volume) -> Result<Volume, Vec<FieldProblem>> {
    let _ = raw;
    todo!()
}

/// One stream's retention (from the API or a file).
pub fn validate_keep(raw: &raw::Keep) -> Result<Keep, Vec<FieldProblem>> {
    let _ = raw;
    todo!()
}
