//! Removing old footage by stated rules.

pub mod choose;

pub use choose::{Candidate, Choice, StreamBudget, VolumeBudget, choose};
