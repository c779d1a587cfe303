//! The cameras of a simulated machine, the rows that its archive begins with, and changes in words.

use std::path::PathBuf;

use archive::VolumeIdentity;
use base::{CameraId, StreamId};
use catalog::{CameraRow, Change, StreamRow, VolumeRow};
use config::{Keep, KeepFree, Transport};

use crate::camera::CameraKind;

/// One of the machine's cameras.
pub(crate) struct Camera {
    pub(crate) number: u8,
    pub(crate) kind: CameraKind,
    pub(crate) camera: CameraId,
    pub(crate) stream: StreamId,
    pub(crate) session: u16,
    /// The number of the volume it is recorded on.
    pub(crate) home: usize,
    /// By how many parts in a million its clock is fast.
    pub(crate) ppm: i64,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from("/srv/holdfast")
}

pub(crate) fn slug(number: u8) -> String {
    format!("camera-{number}")
}

pub(crate) fn rows(volumes: &[VolumeIdentity], cameras: &[Camera]) -> Vec<Change> {
    let volumes = volumes.iter().zip(1..).map(|(volume, number)| {
        Change::PutVolume(VolumeRow {
            id: volume.volume,
            name: format!("disk{number}"),
            path: root(),
            keep_free: KeepFree::default(),
            r#use: config::VolumeUse::Record,
            managed_by_file: false,
        })
    });
    let mut changes: Vec<Change> = volumes.collect();
    for camera in cameras {
        changes.push(Change::PutCamera(CameraRow {
            id: camera.camera,
            slug: slug(camera.number),
            name: format!("Camera {}", camera.number),
            managed_by_file: false,
            paused: false,
            removed: false,
            username: None,
            password: None,
        }));
        changes.push(Change::PutStream(StreamRow {
            id: camera.stream,
            camera: camera.camera,
            name: "main".to_owned(),
            url: "rtsp://192.0.2.1/main".to_owned(),
            transport: Transport::Auto,
            schedule: None,
            record: true,
            paused: false,
            volume: None,
            keep: Keep::default(),
        }));
    }
    changes
}

pub(crate) fn describe(change: &Change) -> String {
    match change {
        Change::SegmentOpened(row) => format!("opened {} from {}", row.id, row.start),
        Change::SegmentSealed { row, .. } => {
            let cause = row.end_cause.as_deref().unwrap_or("-");
            format!("sealed {} [{}, {}) {} bytes, {cause}", row.id, row.start, row.end, row.bytes)
        }
        Change::SegmentBreaksOff { segment, cause } => format!("{segment} breaks off, {cause}"),
        Change::SegmentGarbage(id) => format!("garbage {id}"),
        Change::SegmentDue(id) => format!("due {id}"),
        Change::SegmentDeleted(id) => format!("deleted {id}"),
        Change::PutActivity { segment, .. } => format!("what moves in {segment}"),
        other => format!("{other:?}"),
    }
}
