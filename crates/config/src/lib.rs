//! Typed settings: raw text → validated values; unknown keys refused; defaults and help text in
//! one place (`raw`).

mod check;
mod export;
pub mod quantity;
pub mod raw;
mod reference;
mod schedule;
mod secret;
mod settings;
pub mod slug;
mod suggest;
mod validate;
mod written;

pub use check::{Invalid, Problem, parse, parse_apply, schema};
pub use export::{export, export_applied};
pub use quantity::{KeepFree, format_bytes, format_duration, parse_bytes, parse_duration};
pub use reference::reference;
pub use schedule::Schedule;
pub use secret::{Password, PasswordError, Secret};
pub use settings::{
    Applied, Archive, Camera, Exports, Keep, Listen, Server, Settings, Stream, Transport, Volume,
    VolumeUse,
};
pub use slug::{is_reserved, slug_for};
pub use validate::{
    FieldProblem, MAX_BYTES_LEAST, MAX_BYTES_LEAST_PLAIN, check_url, validate_camera,
    validate_keep, validate_volume,
};
