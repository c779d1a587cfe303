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
        "jpeg" => video(VideoCodec::Jpeg),
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
                VideoCodec::Jpeg => "jpeg",
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::schema;

    fn any_params() -> impl Strategy<Value = TrackParams> {
        let config = || proptest::collection::vec(any::<u8>(), 0..40);
        let codecs = [VideoCodec::H264, VideoCodec::H265, VideoCodec::Jpeg];
        let codec = proptest::sample::select(codecs.to_vec());
        let video = (codec, any::<[u16; 4]>(), any::<u8>(), config());
        let video = video.prop_map(|(codec, [width, height, x, y], reorder_depth, config)| {
            let (pixel_aspect, config) = ((x, y), config.into());
            TrackParams::Video(VideoParams {
                codec,
                width,
                height,
                pixel_aspect,
                config,
                reorder_depth,
            })
        });
        let codecs = [AudioCodec::Aac, AudioCodec::Alaw, AudioCodec::Ulaw];
        let audio = (proptest::sample::select(codecs.to_vec()), any::<(u32, u16)>(), config());
        let audio = audio.prop_map(|(codec, (sample_rate, channels), config)| {
            TrackParams::Audio(AudioParams { codec, sample_rate, channels, config: config.into() })
        });
        prop_oneof![video, audio]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn each_set_has_one_row_and_comes_back(
            sets in proptest::collection::vec(any_params(), 1..6)
        ) {
            let mut db = Connection::open_in_memory().unwrap();
            schema::migrate(&mut db, schema::versions()).unwrap();
            let cache = ParamsCache::default();
            for params in sets.iter().chain(&sets) {
                let row = row_of(&db, params).unwrap();
                prop_assert_eq!(row, row_of(&db, params).unwrap());
                prop_assert_eq!(&*cache.get(&db, row).unwrap(), params);
            }
        }
    }
}
