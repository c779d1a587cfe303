//! The task that encodes a stream while it has viewers.

use std::sync::Arc;
use std::time::Duration;

use stream::{Entry, LiveItem, StreamReader};

use crate::channel::Channel;
use crate::encoder::Encoder;
use crate::message::LiveState;
use crate::scale::Scale;

/// How often a stream without pictures is asked whether a run has begun.
const IDLE_TICK: Duration = Duration::from_millis(500);

/// Encodes `reader`'s stream into `channel` until its writer is gone. What has come at once goes
/// into one fragment. Media time is that of `scale`.
pub(crate) async fn run(reader: StreamReader, channel: Arc<Channel>, scale: Scale) {
    let mut cursor = reader.live_cursor();
    let mut encoder = Encoder::on(scale);
    loop {
        match tokio::time::timeout(IDLE_TICK, cursor.next()).await {
            Ok(Some(item)) => take(&mut encoder, &reader, &channel, item),
            Ok(None) => break,
            Err(_) => {
                notice_run(&reader, &channel);
                continue;
            }
        }
        while let Some(item) = cursor.try_next() {
            take(&mut encoder, &reader, &channel, item);
        }
        if let Some(encoded) = encoder.flush() {
            channel.push(encoded);
        }
    }
    channel.close();
}

fn take(encoder: &mut Encoder, reader: &StreamReader, channel: &Channel, item: LiveItem) {
    let (done, state) = match item {
        LiveItem::Skipped(_) => (encoder.interrupt(), None),
        LiveItem::Entry(Entry::End { cause, at, .. }) => {
            let state = LiveState::NoSignal { ended: Some((at, cause)) };
            (encoder.interrupt(), Some(state))
        }
        LiveItem::Entry(Entry::Frame(epoch, frame)) => {
            let since = frame.received_wall;
            let done = encoder.frame(&epoch, frame, reader.clock(epoch.run).as_ref());
            let was_live = matches!(channel.ring().state, LiveState::Live { .. });
            let state = match (encoder.is_unplayable(), was_live) {
                (true, _) => Some(LiveState::Unplayable),
                (false, false) => Some(LiveState::Live { since }),
                (false, true) => None,
            };
            (done, state)
        }
    };
    if let Some(encoded) = done {
        channel.push(encoded);
    }
    if let Some(state) = state {
        channel.set_state(state);
    }
}

/// A run that has begun but shows no key frame yet.
fn notice_run(reader: &StreamReader, channel: &Channel) {
    let idle = matches!(channel.ring().state, LiveState::NoSignal { .. });
    if idle && reader.epoch().is_some() {
        channel.set_state(LiveState::WaitingForKeyFrame);
    }
}

/// How a stream stands before its first frame was looked at.
pub(crate) fn idle_state(reader: &StreamReader) -> LiveState {
    match reader.epoch() {
        Some(_) => LiveState::WaitingForKeyFrame,
        None => LiveState::NoSignal { ended: None },
    }
}
