//! The sample tables of a clip, made piece by piece: the entries that one take adds to each table
//! (ISO/IEC 14496-12 clauses 8.6 and 8.7), and how many they are.

use std::ops::Range;
use std::sync::Arc;

use catalog::SegmentRow;
use media::mp4::tables::runs;
use media::{SegmentColumns, SegmentIndex, TrackColumns, TrackIndex, TrackParams, TrackTotals};

use crate::error::Disagrees;
use crate::part::{Part, Take};
use crate::pieces::{Of, Piece, chunks};

/// The tables, in the order in which they stand in `stbl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    /// Durations: runs of (count, ticks).
    Stts,
    /// Composition offsets: runs of (count, ticks).
    Ctts,
    /// Numbers of the key frames.
    Stss,
    /// For each chunk (its number, how many samples, which sample entry).
    Stsc,
    /// The size of each sample.
    Stsz,
    /// Where each chunk begins in the file.
    Co64,
}

impl Table {
    pub const ALL: [Self; 6] =
        [Self::Stts, Self::Ctts, Self::Stss, Self::Stsc, Self::Stsz, Self::Co64];

    pub const fn name(self) -> [u8; 4] {
        match self {
            Self::Stts => *b"stts",
            Self::Ctts => *b"ctts",
            Self::Stss => *b"stss",
            Self::Stsc => *b"stsc",
            Self::Stsz => *b"stsz",
            Self::Co64 => *b"co64",
        }
    }

    /// How many entries a take with these sums adds.
    pub const fn entries(self, sums: &TrackTotals) -> u32 {
        match self {
            Self::Stts => sums.duration_runs,
            Self::Ctts => sums.composition_runs,
            Self::Stss => sums.key_frames,
            Self::Stsc | Self::Co64 => sums.chunks,
            Self::Stsz => sums.samples,
        }
    }

    /// Whether a track of this kind has it.
    pub const fn is_of(self, video: bool) -> bool {
        video || !matches!(self, Self::Ctts | Self::Stss)
    }

    /// Bytes of one entry.
    pub const fn entry_len(self) -> u64 {
        match self {
            Self::Stts | Self::Ctts | Self::Co64 => 8,
            Self::Stss | Self::Stsz => 4,
            Self::Stsc => 12,
        }
    }
}

/// What comes before a take in its track of the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    pub samples: u64,
    pub chunks: u64,
}

/// The sums over some samples of a track, counted as those over all of them are.
pub(crate) fn sums(track: &TrackIndex, range: &Range<usize>) -> TrackTotals {
    let samples = &track.samples[range.clone()];
    let offsets = track.times().skip(range.start).take(range.len());
    let offsets = offsets.map(|time| time.grid_pts - time.grid_dts);
    TrackTotals {
        samples: samples.len() as u32,
        bytes: samples.iter().map(|sample| u64::from(sample.size)).sum(),
        key_frames: samples.iter().filter(|sample| sample.key).count() as u32,
        duration_runs: runs(durations(track, range)).count() as u32 + 1,
        composition_runs: runs(offsets).count() as u32,
        chunks: chunks(&track.chunks, track.samples.len(), range).count() as u32,
    }
}

/// Whether an index is that of the segment whose row a part has. Which values it holds shows when
/// tables are made of it: their lengths are known from the row.
pub(crate) fn agrees(part: &Part, index: &SegmentIndex) -> Result<(), Disagrees> {
    let tracks = index.tracks.iter();
    agree(part, tracks.map(|track| (&track.params, track.samples.len(), track.chunks.len())))
}

/// The same of an index by columns.
pub(crate) fn agrees_by_columns(part: &Part, index: &SegmentColumns) -> Result<(), Disagrees> {
    let tracks = index.tracks.iter();
    agree(part, tracks.map(|track| (&track.params, track.sizes.len(), track.chunks.len())))
}

/// Whether tracks have the parameters and as many samples and chunks as the row of a part says.
fn agree<'a>(
    part: &Part,
    tracks: impl ExactSizeIterator<Item = (&'a Arc<TrackParams>, usize, usize)>,
) -> Result<(), Disagrees> {
    let rows = &part.row.tracks;
    let same = rows.len() == tracks.len()
        && rows.iter().zip(tracks).all(|(row, (params, samples, chunks))| {
            let (own_samples, own_chunks) = (row.totals.samples, row.totals.chunks);
            row.params == *params
                && (own_samples as usize, own_chunks as usize) == (samples, chunks)
        });
    if same { Ok(()) } else { Err(Disagrees { segment: part.row.id }) }
}

/// Whether these are as many sizes as the row of a part says, of each track that was wanted. Their
/// sums show whether they are the right ones.
pub(crate) fn agrees_in_number(
    part: &Part,
    sizes: &[Vec<u32>],
    wanted: &[bool],
) -> Result<(), Disagrees> {
    let rows = &part.row.tracks;
    let same = rows.len() == sizes.len()
        && rows
            .iter()
            .zip(sizes)
            .zip(wanted)
            .all(|((row, own), wanted)| !wanted || row.totals.samples as usize == own.len());
    if same { Ok(()) } else { Err(Disagrees { segment: part.row.id }) }
}

/// Whether an index has the tracks that a row says; all there is to compare while it grows.
pub(crate) fn agrees_in_tracks(row: &SegmentRow, index: &SegmentIndex) -> Result<(), Disagrees> {
    let same = row.tracks.len() == index.tracks.len()
        && row.tracks.iter().zip(&index.tracks).all(|(row, track)| row.params == track.params);
    if same { Ok(()) } else { Err(Disagrees { segment: row.id }) }
}

/// Appends what a take adds to a table. `next` is the decode time of the sample that follows its
/// last one in the clip; `media_start` where the part's samples begin in the clip.
pub(crate) struct Writer<'a> {
    pub track: &'a TrackColumns,
    pub take: &'a Take,
    /// Index of the take in its part.
    pub number: usize,
    pub before: Before,
    /// Which sample entry.
    pub description: u32,
    pub pieces: &'a [Piece],
    /// Where the part's samples begin in the clip.
    pub media_start: u64,
    /// Decode time of what follows the take's last sample, or the end of that.
    pub next: i64,
}

impl Writer<'_> {
    /// Appends the entries of any table but that of sizes; false when one does not fit its field.
    pub fn write(&self, table: Table, out: &mut Vec<u8>) -> bool {
        match table {
            Table::Stts => return self.durations(out),
            Table::Ctts => return self.offsets(out),
            Table::Stss => self.keys(out),
            Table::Stsc => self.chunks(out),
            Table::Stsz => return false,
            Table::Co64 => {
                for piece in self.own_pieces() {
                    out.extend_from_slice(&(self.media_start + piece.at).to_be_bytes());
                }
            }
        }
        true
    }

    fn durations(&self, out: &mut Vec<u8>) -> bool {
        let mut runs = Runs::new(out);
        let mut along = self.track.durations.along(self.take.samples.start);
        let mut last: Option<i64> = None;
        for stride in self.track.strides(self.take.samples.clone()) {
            if let Some(last) = last {
                runs.push(1, stride.grid_dts - last);
            }
            let mut decode = stride.grid_dts;
            while let Some((count, duration)) = along.until(stride.samples.end - 1) {
                runs.push(count, duration.into());
                decode += i64::from(count) * i64::from(duration);
            }
            along.until(stride.samples.end);
            last = Some(decode);
        }
        runs.end_run();
        let last = last.map_or(self.next, |last| last + self.take.shift + self.take.moved);
        runs.push(1, self.next.saturating_sub(last).max(0));
        runs.end_run()
    }

    fn offsets(&self, out: &mut Vec<u8>) -> bool {
        let mut runs = Runs::new(out);
        let mut along = self.track.composition_offsets.along(self.take.samples.start);
        for stride in self.track.strides(self.take.samples.clone()) {
            let less = stride.behind + self.take.shift;
            while let Some((count, offset)) = along.until(stride.samples.end) {
                runs.push(count, i64::from(offset) - less);
            }
        }
        runs.end_run()
    }

    fn keys(&self, out: &mut Vec<u8>) {
        let samples = &self.take.samples;
        let (mut along, mut number) = (self.track.keys.along(samples.start), samples.start);
        let before = (self.before.samples as u32 + 1).wrapping_sub(samples.start as u32);
        while let Some((count, is_key)) = along.until(samples.end) {
            let run = number..number + count as usize;
            number = run.end;
            for key in run.filter(|_| is_key) {
                out.extend_from_slice(&before.wrapping_add(key as u32).to_be_bytes());
            }
        }
    }

    fn chunks(&self, out: &mut Vec<u8>) {
        for (piece, number) in self.own_pieces().zip(self.before.chunks as u32 + 1..) {
            for field in [number, piece.samples, self.description] {
                out.extend_from_slice(&field.to_be_bytes());
            }
        }
    }

    fn own_pieces(&self) -> impl Iterator<Item = &Piece> {
        let is_own = |piece: &&Piece| matches!(piece.of, Of::Take(take, _) if take == self.number);
        self.pieces.iter().filter(is_own)
    }
}

/// The sizes of the samples of a take as they are in the clip.
pub(crate) fn sizes(track: &TrackColumns, take: &Take) -> Vec<u32> {
    let mut sizes = track.sizes[take.samples.clone()].to_vec();
    let sets = take.sets_len() as u32;
    let (mut along, mut left) = (track.keys.along(take.samples.start), &mut sizes[..]);
    while let Some((count, is_key)) = along.until(take.samples.end)
        && let Some((run, rest)) = left.split_at_mut_checked(count as usize)
    {
        left = rest;
        if is_key {
            run.iter_mut().for_each(|size| *size = size.saturating_add(sets));
        }
    }
    sizes
}

/// Puts sizes into `out`, in the place of what that holds.
pub(crate) fn put_sizes(sizes: &[u32], out: &mut Vec<u8>) {
    out.resize(sizes.len() * 4, 0);
    for (size, entry) in sizes.iter().zip(out.chunks_exact_mut(4)) {
        entry.copy_from_slice(&size.to_be_bytes());
    }
}

/// Appends runs of equal values, of which each may come in parts.
struct Runs<'a> {
    out: &'a mut Vec<u8>,
    count: u32,
    value: i64,
    fits: bool,
}

impl<'a> Runs<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, count: 0, value: 0, fits: true }
    }

    fn push(&mut self, count: u32, value: i64) {
        if value != self.value {
            self.end_run();
            self.value = value;
        }
        self.count += count;
    }

    /// Ends a run, if there is one; whether all values so far fit 32 bits (signed: no duration is
    /// longer, and offsets are of version 1).
    fn end_run(&mut self) -> bool {
        if self.count > 0 {
            let value = i32::try_from(self.value);
            self.fits &= value.is_ok();
            self.out.extend_from_slice(&self.count.to_be_bytes());
            self.out.extend_from_slice(&value.unwrap_or(0).to_be_bytes());
            self.count = 0;
        }
        self.fits
    }
}

/// The durations of all samples of a range but the last one, whose successor is not in it.
fn durations(track: &TrackIndex, range: &Range<usize>) -> impl Iterator<Item = i64> {
    let decodes = track.times().skip(range.start).take(range.len()).map(|time| time.grid_dts);
    let mut last = None;
    decodes.filter_map(move |decode| last.replace(decode).map(|before| decode - before))
}
