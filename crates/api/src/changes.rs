//! What changed between two looks at the system: pure over two snapshots.

use std::collections::BTreeMap;

use base::WallTime;

use crate::app::App;
use crate::operations::{
    CameraStatus, Recording, StreamState, StreamStatus, VolumeState, VolumeStatus,
};
use crate::wire::watch::ChangeMessage;

/// What a client was told of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    cameras: BTreeMap<String, CameraSeen>,
    streams: BTreeMap<(String, String), StreamSeen>,
    volumes: Vec<(String, VolumeState, Option<String>)>,
}

#[derive(Clone, Debug, PartialEq)]
struct CameraSeen {
    name: String,
    paused: bool,
    managed_by_file: bool,
    /// By name: whether it is to be recorded, and was taken out.
    streams: Vec<(String, bool, bool)>,
}

fn stream_seen(stream: &StreamStatus) -> (String, bool, bool) {
    (stream.name.clone(), stream.recording != Recording::Off, stream.taken_out)
}

#[derive(Clone, Debug, PartialEq)]
struct StreamSeen {
    state: StreamState,
    last_error: Option<String>,
    durable_until: Option<WallTime>,
}

impl Seen {
    /// How everything stands now; from memory.
    pub fn of(app: &App) -> Self {
        let tail = app.catalog().tail();
        let durable = |stream| tail.durable_until(stream);
        Self::new(&app.operations().cameras(), &app.operations().volumes(), durable)
    }

    fn new(
        cameras: &[CameraStatus],
        volumes: &[VolumeStatus],
        durable_until: impl Fn(base::StreamId) -> Option<WallTime>,
    ) -> Self {
        let mut seen = Self::default();
        for camera in cameras {
            for stream in &camera.streams {
                let key = (camera.slug.clone(), stream.name.clone());
                seen.streams.insert(
                    key,
                    StreamSeen {
                        state: stream.state,
                        last_error: stream.last_error.clone(),
                        durable_until: durable_until(stream.id),
                    },
                );
            }
            seen.cameras.insert(
                camera.slug.clone(),
                CameraSeen {
                    name: camera.name.clone(),
                    paused: camera.paused,
                    managed_by_file: camera.managed_by_file,
                    streams: camera.streams.iter().map(stream_seen).collect(),
                },
            );
        }
        let volume = |v: &VolumeStatus| (v.name.clone(), v.state, v.problem.clone());
        seen.volumes = volumes.iter().map(volume).collect();
        seen
    }

    /// Takes `now` in its place; what to tell of the difference.
    pub fn renew(&mut self, now: Self) -> Vec<ChangeMessage> {
        let mut messages = Vec::new();
        if self.cameras != now.cameras {
            messages.push(ChangeMessage::Cameras);
        }
        if self.volumes != now.volumes {
            messages.push(ChangeMessage::Volumes);
        }
        for ((camera, stream), new) in &now.streams {
            let old = self.streams.get(&(camera.clone(), stream.clone()));
            let moved =
                |old: &StreamSeen| (old.state, &old.last_error) != (new.state, &new.last_error);
            if old.is_none_or(moved) {
                messages.push(ChangeMessage::StreamState {
                    camera: camera.clone(),
                    stream: stream.clone(),
                    state: new.state,
                    last_error: new.last_error.clone(),
                });
            }
            if let Some(until) = new.durable_until
                && old.is_none_or(|old| old.durable_until != Some(until))
            {
                messages.push(ChangeMessage::Footage {
                    camera: camera.clone(),
                    stream: stream.clone(),
                    durable_until: until.into(),
                });
            }
        }
        *self = now;
        messages
    }
}
