//! Day and hour summaries and totals, kept up in the transaction that changes a segment.

use base::{StreamId, VolumeId, WallTime};
use jiff::civil::Date;

use crate::error::ReadError;
use crate::open::Catalog;

/// The sealed footage of one stream on one day of the archive's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySummary {
    /// The day.
    pub day: Date,
    /// The first recorded instant of it.
    pub first: WallTime,
    /// The end of the last recorded one.
    pub last: WallTime,
    /// How much of it is recorded, in microseconds.
    pub recorded_micros: i64,
    /// Bytes, in proportion for segments that reach into another day.
    pub bytes: u64,
}

/// The sealed footage of one stream in one hour (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourSummary {
    /// The hour's first instant.
    pub hour: WallTime,
    /// The first recorded instant of it.
    pub first: WallTime,
    /// The end of the last recorded one.
    pub last: WallTime,
    /// How much of it is recorded, in microseconds.
    pub recorded_micros: i64,
    /// Bytes, in proportion for segments that reach into another hour.
    pub bytes: u64,
}

/// Sealed segments, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many.
    pub segments: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Bytes that they take on the disk.
    pub allocated: u64,
    /// Recorded time in microseconds.
    pub recorded_micros: i64,
    /// The first recorded instant.
    pub first: Option<WallTime>,
    /// The end of the last recorded one.
    pub last: Option<WallTime>,
}

impl Catalog {
    /// The days that have footage of a stream, oldest first.
    pub fn days(&self, stream: StreamId) -> Result<Vec<DaySummary>, ReadError> {
        let _ = stream;
        todo!()
    }

    /// The hours in [from, to) that have footage of a stream, oldest first.
    pub fn hours(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<HourSummary>, ReadError> {
        let _ = (stream, from, to);
        todo!()
    }

    /// All sealed footage of a stream.
    pub fn totals(&self, stream: StreamId) -> Result<Totals, ReadError> {
        let _ = stream;
        todo!()
    }

    /// All sealed footage on a volume.
    pub fn volume_totals(&self, volume: VolumeId) -> Result<Totals, ReadError> {
        let _ = volume;
        todo!()
    }
}
