//! What an export is asked to hold.

use base::{ArchiveId, CameraId, ExportId, StreamId, WallTime};
use jiff::tz::TimeZone;
use playback::{ClipRequest, ClipStream};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: ExportId,
    /// What it is called.
    pub name: String,
    /// The streams, each once.
    pub streams: Vec<WantedStream>,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// Whether all streams are in one file, rather than each in one of its own.
    pub together: bool,
    /// Whether clips carry the time of day as subtitles.
    pub timestamps: bool,
    /// Who asks.
    pub by: String,
    /// When it is begun.
    pub made: WallTime,
    /// Whose footage it is.
    pub archive: ArchiveId,
    /// What signs it.
    pub public_key: [u8; 32],
    /// What writes it: `holdfast 0.1.0`.
    pub software: String,
    /// Where times that people read are those of the clock on the wall.
    pub zone: TimeZone,
}

impl Request {
    /// What a row asks for, of an archive with its key; with what writes it, and where times are
    /// read.
    pub fn of(
        row: &catalog::ExportRow,
        made: WallTime,
        (archive, public_key): (ArchiveId, [u8; 32]),
        (software, zone): (String, TimeZone),
    ) -> Self {
        let stream = |own: &catalog::ExportStream| WantedStream {
            camera: own.camera,
            camera_slug: own.camera_slug.clone(),
            camera_name: own.camera_name.clone(),
            stream: own.stream,
            stream_name: own.stream_name.clone(),
        };
        Self {
            id: row.id,
            name: row.name.clone(),
            streams: row.streams.iter().map(stream).collect(),
            from: row.from,
            to: row.to,
            together: row.together,
            timestamps: row.timestamps,
            by: row.asked_by.clone(),
            made,
            archive,
            public_key,
            software,
            zone,
        }
    }

    /// The streams that have clips in common.
    pub(crate) fn groups(&self) -> std::slice::Chunks<'_, WantedStream> {
        self.streams.chunks(if self.together { self.streams.len().max(1) } else { 1 })
    }

    /// The clip of some of its streams, of which there is at least one.
    pub(crate) fn clip(&self, group: &[WantedStream]) -> ClipRequest {
        let name = |stream: &WantedStream| ClipStream {
            id: stream.stream,
            name: format!("{} {}", stream.camera_name, stream.stream_name),
        };
        ClipRequest {
            streams: group.iter().map(name).collect(),
            zone: self.zone.clone(),
            timestamps: self.timestamps,
            ..ClipRequest::new(group[0].stream, self.from, self.to)
        }
    }
}

/// A stream that is to be in an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedStream {
    /// Its camera.
    pub camera: CameraId,
    /// The camera's short name.
    pub camera_slug: String,
    /// What people call the camera.
    pub camera_name: String,
    /// Which.
    pub stream: StreamId,
    /// Its name.
    pub stream_name: String,
}

impl WantedStream {
    /// `camera/stream`
    pub fn path(&self) -> String {
        format!("{}/{}", self.camera_slug, self.stream_name)
    }
}
