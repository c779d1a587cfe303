//! One viewer of a stream.

use crate::message::LiveMessage;

/// One viewer of a stream; dropping it leaves.
pub struct Viewer {
    _private: (),
}

impl Viewer {
    /// The next message. Dropping the future loses nothing. `None` once the stream is removed.
    pub async fn next(&mut self) -> Option<LiveMessage> {
        todo!()
    }
}
