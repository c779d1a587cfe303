//! What the process says with its exit code.

use std::process::ExitCode;

/// Footage was not committed, or the end was forced.
pub const UNCOMMITTED: i32 = 3;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It found problems, or failed.
    Problems,
    /// The command line is wrong; the parser says so itself where it can.
    Usage,
    /// It ended with footage not committed, or by force.
    Uncommitted,
    /// An export is whole, and nobody knows who signed it.
    Unproven,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Problems => 1,
            Exit::Usage => 2,
            Exit::Uncommitted => UNCOMMITTED as u8,
            Exit::Unproven => 4,
        })
    }
}
