//! Speaks with cameras: RTSP over TCP, one task per stream, whole access units on one media clock
//! into a sink, and the relation of that clock to wall time.
//!
//! [`run`] keeps one stream connected until it is told to stop. It knows no disk, no database and
//! no `stream`: whoever starts it gives a [`FrameSink`].

mod advice;
mod backoff;
mod bug;
mod clock;
mod connection;
mod depacketize;
mod fault;
mod hint;
mod offset;
mod pace;
mod probe;
mod receive;
mod replay;
mod rtp;
mod rtsp;
mod run;
mod sdp;
mod sink;
mod source;
mod status;
mod timeline;

pub use clock::ClockStatus;
pub use fault::{Fault, Phase};
pub use hint::{Hint, HintKind};
pub use offset::Offsets;
pub use pace::{Attention, Hurry, Pace};
pub use probe::{ProbeReport, ProbedTrack, probe};
pub use replay::replay;
pub use run::{Bounds, Context, run};
pub use sink::{ClockEstimate, EndCause, Epoch, FrameSink};
pub use source::{BadUrl, StreamSource, Transport};
pub use status::{Counters, State, Status, StatusHandle};
