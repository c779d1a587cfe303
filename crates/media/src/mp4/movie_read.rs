//! Reading the tracks of a segment's `moov`, the header's or the final one.

use std::sync::Arc;

use base::Timescale;
use base::limits::TRACKS_MAX;

use super::reader::{self, Reader};
use super::sample_entry;
use crate::params::TrackParams;

/// One `trak`.
pub(crate) struct Track<'a> {
    pub(crate) params: Arc<TrackParams>,
    /// The body of `stbl`.
    pub(crate) tables: &'a [u8],
}

/// The tracks in the body of a `moov`, which must have the ids 1, 2, …; `None` when damaged.
pub(crate) fn read_tracks<'a>(moov: &'a [u8], reorder_depths: &[u8]) -> Option<Vec<Track<'a>>> {
    let mut tracks = Vec::new();
    for trak in reader::boxes(moov).filter(|inner| inner.head.kind == *b"trak") {
        let id = tracks.len() + 1;
        if id > TRACKS_MAX || read_id(trak.body)? as usize != id {
            return None;
        }
        let media = reader::find(trak.body, *b"mdia")?;
        let timescale = read_timescale(media)?;
        let tables = reader::find(reader::find(media, *b"minf")?, *b"stbl")?;
        let stsd = reader::find(tables, *b"stsd")?;
        let depth = reorder_depths.get(id - 1).copied()?;
        let params = sample_entry::read_description(stsd, timescale, depth)?;
        if params.timescale() != timescale {
            return None;
        }
        tracks.push(Track { params: Arc::new(params), tables });
    }
    (!tracks.is_empty()).then_some(tracks)
}

fn read_id(trak: &[u8]) -> Option<u32> {
    let mut reader = Reader::new(reader::find(trak, *b"tkhd")?);
    let (version, _) = reader.version_flags()?;
    reader.take(if version == 1 { 16 } else { 8 })?;
    reader.u32()
}

fn read_timescale(media: &[u8]) -> Option<Timescale> {
    let mut reader = Reader::new(reader::find(media, *b"mdhd")?);
    let (version, _) = reader.version_flags()?;
    reader.take(if version == 1 { 16 } else { 8 })?;
    Timescale::new(reader.u32()?)
}
