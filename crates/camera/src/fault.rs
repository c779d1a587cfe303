//! What can go wrong between a camera and us, in words that say what to do about it.

use std::time::Duration;

use crate::sink::EndCause;

/// A step of a conversation with a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// TCP connection and DESCRIBE.
    Describe,
    /// SETUP of the tracks.
    Setup,
    /// PLAY.
    Play,
}

/// Why a session could not be had, or ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The camera refused the credentials, or wants some.
    #[error("{0}")]
    Denied(String),
    /// Nothing there speaks RTSP, or not at this path.
    #[error("{0}")]
    Unreachable(String),
    /// A request was not answered in time.
    #[error("the camera did not answer {} within {} s", phase.method(), within.as_secs_f32())]
    Timeout {
        /// The request.
        phase: Phase,
        /// How long it was waited for.
        within: Duration,
    },
    /// The camera answered with an error status.
    #[error("{0}")]
    Refused(String),
    /// It offers nothing that can be recorded.
    #[error("{0}")]
    Unusable(String),
    /// It kept the connection but sent nothing.
    #[error("the camera sent nothing for {} s", .0.as_secs_f32())]
    Silent(Duration),
    /// Frames came, but none that decoding can start at.
    #[error("no key frame within {} s: set a shorter key frame interval in the camera",
        .0.as_secs_f32())]
    NoKeyFrame(Duration),
    /// It closed the connection, or the network broke.
    #[error("{0}")]
    Gone(String),
    /// It sent what cannot be a stream.
    #[error("{0}")]
    BadData(String),
    /// A bug of ours; the words of the panic.
    #[error("reading it broke off by a bug in Holdfast, please report it: {0}")]
    Bug(String),
}

impl Fault {
    /// Whether trying again soon may lock the account.
    pub const fn is_denial(&self) -> bool {
        matches!(self, Self::Denied(_))
    }

    /// Why a run that this interrupts ends.
    pub const fn end_cause(&self) -> EndCause {
        match self {
            Self::Silent(_) | Self::NoKeyFrame(_) => EndCause::Silent,
            Self::BadData(_) | Self::Unusable(_) => EndCause::BadData,
            Self::Bug(_) => EndCause::Crash,
            _ => EndCause::CameraGone,
        }
    }
}

impl Phase {
    /// The RTSP method (RFC 2326 section 10).
    pub const fn method(self) -> &'static str {
        match self {
            Self::Describe => "DESCRIBE",
            Self::Setup => "SETUP",
            Self::Play => "PLAY",
        }
    }
}
