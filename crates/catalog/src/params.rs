//! Codec parameters as rows: each set once, shared by all segments that have it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use media::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::columns::damaged;

/// Sets kept in memory; beyond that all are read again. A stream has one or two for years.
const CACHED_MAX: usize = 1024;

/// Sets that were read from committed rows, by row number. Rows of this table never change.
#[derive(Default)]
pub(crate) struct ParamsCache(Mutex<HashMap<i64, Arc<TrackParams>>>);

impl ParamsCache {
    /// The set in row `number`.
    pub(crate) fn get(&self, db: &Connection, number: i64) -> rusqlite::Result<Arc<TrackParams>> {
        if let Some(found) = self.sets().get(&number) {
            return Ok(found.clone());
        }
        let mut read = db.prepare_cached("SELECT * FROM track_params WHERE row = ?1")?;
        let params = Arc::new(read.query_row([number], from_row)?);
        let mut sets = self.sets();
        if sets.len() >= CACHED_MAX {
            sets.clear();
        }
        sets.insert(number, params.clone());
        Ok(params)
    }

    fn sets(&self) -> MutexGuard<'_, HashMap<i64, Arc<TrackParams>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TrackParams> {
    let codec: String = row.get("codec")?;
    let video = |codec| {
        Ok(TrackParams::Video(VideoParams {
            codec,
            width: row.get("width")?,
            height: row.get("height")?,
            pixel_aspect: (row.get("aspect_width")?, row.get("aspect_height")?),
            reorder_depth: row.get("reorder_depth")?,
            config: row.get::<_, Vec<u8>>("config")?.into(),
        }))
    };
    let audio = |codec| {
        Ok(TrackParams::Audio(AudioParams {
            codec,
            sample_rate: row.get("sample_rate")?,
            channels: row.get("channels")?,
            config: row.get::<_, Vec<u8>>("config")?.into(),
        }))
    };
    match codec.as_str() {
        "h264" => video(VideoCodec::H264),
        "h265" => video(VideoCodec::H265),
        "aac" => audio(AudioCodec::Aac),
        "alaw" => audio(AudioCodec::Alaw),
        "ulaw" => audio(AudioCodec::Ulaw),
        _ => Err(damaged("codec", &codec)),
    }
}

/// The row of `params`, made where there is none.
pub(crate) fn row_of(db: &Connection, params: &TrackParams) -> rusqlite::Result<i64> {
    const COLUMNS: &str = "config, codec, width, height, aspect_width, aspect_height, \
                           reorder_depth, sample_rate, channels";
    const VALUES: &str = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9";
    let values = match params {
        TrackParams::Video(video) => rusqlite::params![
            &video.config[..],
            match video.codec {
                VideoCodec::H264 => "h264",
                VideoCodec::H265 => "h265",
            },
            video.width,
            video.height,
            video.pixel_aspect.0,
            video.pixel_aspect.1,
            video.reorder_depth,
            0,
            0
        ],
        TrackParams::Audio(audio) => rusqlite::params![
            &audio.config[..],
            match audio.codec {
                AudioCodec::Aac => "aac",
                AudioCodec::Alaw => "alaw",
                AudioCodec::Ulaw => "ulaw",
            },
            0,
            0,
            0,
            0,
            0,
            audio.sample_rate,
            audio.channels
        ],
    };
    let find = format!("SELECT row FROM track_params WHERE ({COLUMNS}) = ({VALUES})");
    if let Some(row) = db.prepare_cached(&find)?.query_row(values, |row| row.get(0)).optional()? {
        return Ok(row);
    }
    let make = format!("INSERT INTO track_params ({COLUMNS}) VALUES ({VALUES}) RETURNING row");
    db.prepare_cached(&make)?.query_row(values, |row| row.get(0))
}
