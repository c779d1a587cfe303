//! Exports as rows: what was asked for, and what came of it.

use base::{CameraId, ExportId, StreamId, WallTime};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::catalog::Catalog;
use crate::columns::{count, instant, stored, word};
use crate::error::ReadError;

/// Footage that somebody has asked to take away as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id; a newer one has a higher id.
    pub id: ExportId,
    /// What it is called.
    pub name: String,
    /// When it was asked for.
    pub asked: WallTime,
    /// Who asked: an account, a token.
    pub asked_by: String,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// Whether all streams are in one file.
    pub together: bool,
    /// Whether clips carry the time of day as subtitles.
    pub timestamps: bool,
    /// The streams, in their order.
    pub streams: Vec<ExportStream>,
    /// Where it stands.
    pub state: ExportState,
    /// Bytes that its file has, or will have.
    pub bytes: u64,
    /// When it was done, or failed.
    pub ended: Option<WallTime>,
    /// Why it failed, and what to do.
    pub words: Option<String>,
    /// BLAKE3 of its manifest, in hexadecimal digits, once it is done.
    pub manifest_hash: Option<String>,
}

/// A stream of an export, as it was called then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportStream {
    /// The camera's id.
    pub camera: CameraId,
    /// The camera's short name.
    pub camera_slug: String,
    /// What people called the camera.
    pub camera_name: String,
    /// The stream's id.
    pub stream: StreamId,
    /// The stream's name.
    pub stream_name: String,
    /// Whether it had footage in the range when it was asked for.
    pub has_footage: bool,
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportState {
    /// It waits, or is being written.
    Waiting,
    /// Its file is whole.
    Done,
    /// It came to nothing.
    Failed,
    /// Its file is about to go, or is gone.
    Removed,
}

impl ExportState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Failed, Self::Removed];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }
}

impl std::str::FromStr for ExportState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

/// What came of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportEnd {
    /// Its file is durable.
    Done {
        /// Its bytes.
        bytes: u64,
        /// BLAKE3 of its manifest, in hexadecimal digits.
        manifest_hash: String,
    },
    /// There is none.
    Failed {
        /// Why, and what to do.
        words: String,
    },
}

impl Catalog {
    /// Up to `limit` exports, newest first, before the one of that id where one is named; without
    /// those that are removed.
    pub fn exports(
        &self,
        before: Option<ExportId>,
        limit: usize,
    ) -> Result<Vec<ExportRow>, ReadError> {
        let before = before.unwrap_or(ExportId::from_bytes([0xff; 16]));
        self.readers.read("exports", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT * FROM export WHERE id < ?1 AND state <> 'removed'
                 ORDER BY id DESC LIMIT ?2",
            )?;
            let values = (before.as_bytes(), stored(limit as u64));
            let rows: Result<Vec<_>, _> =
                read.query_map(values, |row| export(snapshot.db, row))?.collect();
            rows
        })
    }

    /// One export, unless it is removed.
    pub fn export(&self, id: ExportId) -> Result<Option<ExportRow>, ReadError> {
        let found = self.readers.read("exports", |snapshot| find(snapshot.db, id))?;
        Ok(found.filter(|row| row.state != ExportState::Removed))
    }

    /// The export that has waited longest.
    pub fn waiting_export(&self) -> Result<Option<ExportRow>, ReadError> {
        self.readers.read("exports", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT * FROM export WHERE state = 'waiting' ORDER BY id LIMIT 1",
            )?;
            read.query_row([], |row| export(snapshot.db, row)).optional()
        })
    }

    /// Exports whose files are to go.
    pub fn removed_exports(&self) -> Result<Vec<ExportId>, ReadError> {
        self.readers.read("exports", |snapshot| {
            let mut read =
                snapshot.db.prepare_cached("SELECT id FROM export WHERE state = 'removed'")?;
            read.query_map([], |row| Ok(ExportId::from_bytes(row.get(0)?)))?.collect()
        })
    }

    /// Bytes that files of exports take, or will.
    pub fn export_bytes(&self) -> Result<u64, ReadError> {
        self.readers.read("exports", |snapshot| bytes_taken(snapshot.db))
    }
}

fn find(db: &Connection, id: ExportId) -> rusqlite::Result<Option<ExportRow>> {
    let mut read = db.prepare_cached("SELECT * FROM export WHERE id = ?1")?;
    read.query_row([id.as_bytes()], |row| export(db, row)).optional()
}

/// What files of exports take, or will.
pub(crate) fn bytes_taken(db: &Connection) -> rusqlite::Result<u64> {
    let sum = "SELECT ifnull(sum(bytes), 0) AS bytes FROM export WHERE state <> 'failed'";
    db.prepare_cached(sum)?.query_row([], |row| count(row, "bytes"))
}

fn export(db: &Connection, row: &Row<'_>) -> rusqlite::Result<ExportRow> {
    let id: [u8; 16] = row.get("id")?;
    let mut streams =
        db.prepare_cached("SELECT * FROM export_stream WHERE export = ?1 ORDER BY place")?;
    let streams = streams.query_map([&id], |row| {
        Ok(ExportStream {
            camera: CameraId::from_bytes(row.get("camera")?),
            camera_slug: row.get("camera_slug")?,
            camera_name: row.get("camera_name")?,
            stream: StreamId::from_bytes(row.get("stream")?),
            stream_name: row.get("stream_name")?,
            has_footage: row.get("has_footage")?,
        })
    })?;
    let ended: Option<i64> = row.get("ended_us")?;
    Ok(ExportRow {
        id: ExportId::from_bytes(id),
        name: row.get("name")?,
        asked: instant(row, "asked_us")?,
        asked_by: row.get("asked_by")?,
        from: instant(row, "from_us")?,
        to: instant(row, "to_us")?,
        together: row.get("together")?,
        timestamps: row.get("timestamps")?,
        streams: streams.collect::<Result<_, _>>()?,
        state: word(row, "state")?,
        bytes: count(row, "bytes")?,
        ended: ended.map(WallTime::from_micros),
        words: row.get("words")?,
        manifest_hash: row.get("manifest_hash")?,
    })
}
