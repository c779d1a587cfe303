//! What the catalog says of the streams on a volume, looked up again only once it says otherwise:
//! retention looks every few seconds, and rows change every few minutes.

use base::{StreamId, VolumeId};
use catalog::{Catalog, ReadError, Totals};

use super::held::{HeldBytes, ProtectedBytes, Said};

/// What the catalog says of a volume; nothing of what grows.
#[derive(Default)]
pub(super) struct Records {
    /// The catalog's revision that was read.
    revision: Option<u64>,
    /// Each stream with footage on the volume.
    pub streams: Vec<Recorded>,
    /// Bytes of rows that are garbage.
    pub garbage: u64,
    protected: ProtectedBytes,
}

/// What the catalog says of one stream.
#[derive(Clone)]
pub(super) struct Recorded {
    pub stream: StreamId,
    pub said: Said,
    /// Sealed footage on all volumes, and on this one.
    pub all: Totals,
    pub here: Totals,
    pub held: HeldBytes,
}

impl Records {
    /// Reads what may have changed. The revision is asked for first: what changes meanwhile is read
    /// again the next time.
    pub fn read(&mut self, catalog: &Catalog, volume: VolumeId) -> Result<(), ReadError> {
        let revision = catalog.revision();
        if self.revision == Some(revision) {
            return Ok(());
        }
        self.revision = None;
        self.streams.clear();
        for (stream, here) in catalog.totals_on(volume)? {
            let said = Said::of(catalog, stream)?;
            let all = catalog.totals(stream)?;
            let held = self.protected.of(catalog, stream, volume, &said.protected, (all, here))?;
            self.streams.push(Recorded { stream, said, all, here, held });
        }
        self.garbage = catalog.garbage_bytes_on(volume)?;
        self.revision = Some(revision);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use base::{ArchiveId, CameraId, RunId, SegmentId, WallTime};
    use catalog::{
        CameraRow, Change, Options, ProtectionRow, SegmentRow, SegmentState, StreamRow, VolumeRow,
    };
    use config::{Keep, KeepFree, Transport, VolumeUse};

    use super::*;

    const STREAM: StreamId = StreamId::from_bytes([2; 16]);
    const HERE: VolumeId = VolumeId::from_bytes([3; 16]);
    const THERE: VolumeId = VolumeId::from_bytes([4; 16]);

    fn volume(id: VolumeId, name: &str) -> Change {
        Change::PutVolume(VolumeRow {
            id,
            name: name.into(),
            path: format!("/srv/{name}").into(),
            keep_free: KeepFree::Permille(50),
            r#use: VolumeUse::Record,
            managed_by_file: true,
        })
    }

    fn ground() -> Vec<Change> {
        let camera = CameraRow {
            id: CameraId::from_bytes([1; 16]),
            slug: "door".into(),
            name: "Door".into(),
            managed_by_file: true,
            paused: false,
            removed: false,
            username: None,
            password: None,
        };
        let stream = StreamRow {
            id: STREAM,
            camera: camera.id,
            name: "main".into(),
            url: "rtsp://192.0.2.10/main".into(),
            transport: Transport::Tcp,
            record: true,
            schedule: None,
            paused: false,
            volume: None,
            keep: Keep::default(),
        };
        let rows = [Change::PutCamera(camera), Change::PutStream(stream)];
        rows.into_iter().chain([volume(HERE, "here"), volume(THERE, "there")]).collect()
    }

    /// A protected segment of a second that takes 100 bytes on `volume`.
    fn protected(number: u8, volume: VolumeId) -> [Change; 2] {
        let start = WallTime::from_micros(i64::from(number) * 1_000_000);
        let row = SegmentRow {
            id: SegmentId::from_bytes([number; 16]),
            stream: STREAM,
            volume,
            run: RunId::from_bytes([4; 16]),
            camera_slug: "door".into(),
            stream_name: "main".into(),
            state: SegmentState::Sealed,
            start,
            end: start.plus_micros(1_000_000),
            bytes: 90,
            allocated: 100,
            tracks: Vec::new(),
            predecessor: None,
            last_commit: None,
            end_cause: None,
        };
        let protection = ProtectionRow {
            stream: STREAM,
            from: row.start,
            to: row.end,
            made: row.end,
            made_by: "test".into(),
            note: String::new(),
        };
        [Change::SegmentSealed { row, index: None, activity: None }, Change::Protect(protection)]
    }

    #[test]
    fn what_moves_to_another_volume_is_protected_there() {
        let options = Options {
            time_zone: jiff::tz::TimeZone::UTC,
            index_cache_bytes: 0,
            new_archive: ArchiveId::from_bytes([7; 16]),
            note: "test".into(),
        };
        let (catalog, mut writer) = Catalog::memory(&options).unwrap();
        writer.apply(&ground()).unwrap();
        writer.apply(&[protected(10, HERE), protected(11, HERE)].concat()).unwrap();
        let mut of = BTreeMap::from([(HERE, Records::default()), (THERE, Records::default())]);
        let mut held = |volume: VolumeId| {
            let records = of.get_mut(&volume).unwrap();
            records.read(&catalog, volume).unwrap();
            records.streams.first().map(|stream| stream.held)
        };
        assert_eq!(held(HERE), Some(HeldBytes { all: 200, here: 200 }));
        let segment = SegmentId::from_bytes([10; 16]);
        let moved = Change::SegmentMoved { segment, volume: THERE, allocated: 100 };
        writer.apply(&[moved]).unwrap();
        assert_eq!(held(HERE), Some(HeldBytes { all: 200, here: 100 }));
        assert_eq!(held(THERE), Some(HeldBytes { all: 200, here: 100 }));
    }
}
