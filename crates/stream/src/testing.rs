//! Entries for this crate's tests.

use std::sync::Arc;

use base::{MonoTime, RunId, Ticks, WallTime};
use bytes::Bytes;
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams};

use crate::run::{EndCause, Entry, Epoch};

pub(crate) fn epoch() -> Arc<Epoch> {
    let params = AudioParams {
        codec: AudioCodec::Alaw,
        sample_rate: 8000,
        channels: 1,
        config: Bytes::new(),
    };
    Arc::new(Epoch {
        run: RunId::new(WallTime::EPOCH, [1; 10]),
        number: 0,
        tracks: vec![Arc::new(TrackParams::Audio(params))],
        begun: WallTime::EPOCH,
    })
}

pub(crate) fn frame(number: i64, size: usize, access: Access) -> Frame {
    Frame {
        track: 0,
        pts: Ticks(number),
        dts: Ticks(number),
        duration: 1,
        access,
        data: Bytes::from(vec![0; size]),
        received: MonoTime::from_micros(number),
        received_wall: WallTime::from_micros(number),
    }
}

pub(crate) fn key(epoch: &Arc<Epoch>, number: i64, size: usize) -> Entry {
    Entry::Frame(epoch.clone(), frame(number, size, Access::Idr))
}

pub(crate) fn delta(epoch: &Arc<Epoch>, number: i64, size: usize) -> Entry {
    Entry::Frame(epoch.clone(), frame(number, size, Access::None))
}

pub(crate) fn end() -> Entry {
    Entry::End { run: epoch().run, cause: EndCause::CameraGone, at: WallTime::EPOCH }
}

/// The numbers of the frames among `entries`.
pub(crate) fn numbers(entries: &[Entry]) -> Vec<i64> {
    let number = |entry: &Entry| match entry {
        Entry::Frame(_, frame) => Some(frame.pts.0),
        Entry::End { .. } => None,
    };
    entries.iter().filter_map(number).collect()
}
