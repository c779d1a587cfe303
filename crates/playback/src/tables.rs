//! The sample tables of a clip, made piece by piece: the entries that one take adds to each table
//! (ISO/IEC 14496-12 clauses 8.6 and 8.7), and how many they are.

use std::ops::Range;

use base::WallTime;
use catalog::SegmentRow;
use media::mp4::tables::runs;
use media::{SegmentIndex, TrackIndex, TrackTotals};

use crate::error::Disagrees;
use crate::part::{Part, Take};
use crate::texts::Texts;

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

/// What a piece of the samples of a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Samples of the take of this index, from this place in the segment's file on.
    Take(usize, u64),
    /// The timestamp of this number.
    Text(u64),
}

/// Samples of a take that lie together in the file of its segment, and so in the clip; or a
/// timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub of: Of,
    pub samples: u32,
    /// Bytes of parameter sets at its begin, which are not in the segment's file.
    pub sets: u64,
    /// Where it begins among the samples of the part.
    pub at: u64,
    pub len: u64,
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
        chunks: chunks(track, range).count() as u32,
    }
}

/// Whether an index is that of the segment whose row a part has. Which values it holds shows when
/// tables are made of it: their lengths are known from the row.
pub(crate) fn agrees(part: &Part, index: &SegmentIndex) -> Result<(), Disagrees> {
    agrees_in_tracks(&part.row, index)?;
    let same = part.row.tracks.iter().zip(&index.tracks).all(|(row, track)| {
        row.totals.samples as usize == track.samples.len()
            && row.totals.chunks as usize == track.chunks.len()
    });
    if same { Ok(()) } else { Err(Disagrees { segment: part.row.id }) }
}

/// Whether these are as many sizes as the row of a part says, by track. Their sums show whether
/// they are the right ones.
pub(crate) fn agrees_in_number(part: &Part, sizes: &[Vec<u32>]) -> Result<(), Disagrees> {
    let rows = &part.row.tracks;
    let same = rows.len() == sizes.len()
        && rows.iter().zip(sizes).all(|(row, own)| row.totals.samples as usize == own.len());
    if same { Ok(()) } else { Err(Disagrees { segment: part.row.id }) }
}

/// Whether an index has the tracks that a row says; all there is to compare while it grows.
pub(crate) fn agrees_in_tracks(row: &SegmentRow, index: &SegmentIndex) -> Result<(), Disagrees> {
    let same = row.tracks.len() == index.tracks.len()
        && row.tracks.iter().zip(&index.tracks).all(|(row, track)| row.params == track.params);
    if same { Ok(()) } else { Err(Disagrees { segment: row.id }) }
}

/// The pieces of a part in the order in which they lie in the segment's file, with `texts` where
/// their seconds begin.
pub(crate) fn pieces(
    index: &SegmentIndex,
    takes: &[Take],
    texts: Option<(&Texts, Range<u64>)>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, take) in takes.iter().enumerate() {
        let Some(track) = index.tracks.get(take.track) else { continue };
        let mut times = texts.as_ref().map(|_| track.times().skip(take.samples.start));
        pieces.extend(chunks(track, &take.samples).map(|(offset, samples)| {
            // The first sample of the chunk; those after it are passed over.
            let time = times.as_mut().and_then(|times| {
                let time = times.next();
                samples.len().checked_sub(2).and_then(|rest| times.nth(rest));
                time
            });
            let len: u64 = samples.iter().map(|sample| u64::from(sample.size)).sum();
            let of = Of::Take(number, offset);
            // A fragment ends before every key frame but of JPEG, which has no sets. Where one does
            // not, the sum of all pieces is another one than was planned.
            let is_key = samples.first().is_some_and(|first| first.key);
            let sets = if is_key { take.sets_len() } else { 0 };
            let piece = Piece { of, samples: samples.len() as u32, sets, at: 0, len: len + sets };
            (offset, time.map_or(WallTime::EPOCH, |time| time.wall), piece)
        }));
    }
    pieces.sort_by_key(|(offset, ..)| *offset);
    let mut pieces = match texts {
        Some((texts, own)) => with_texts(pieces, texts, own),
        None => pieces.into_iter().map(|(.., piece)| piece).collect(),
    };
    let mut at = 0;
    for piece in &mut pieces {
        piece.at = at;
        at += piece.len;
    }
    pieces
}

/// Puts each text before the first piece that begins when it does, or later.
fn with_texts(pieces: Vec<(u64, WallTime, Piece)>, texts: &Texts, own: Range<u64>) -> Vec<Piece> {
    let mut texts = own
        .map(|number| {
            let len = texts.bytes(number..number + 1);
            (texts.start(number), Piece { of: Of::Text(number), samples: 1, sets: 0, at: 0, len })
        })
        .peekable();
    let mut all = Vec::with_capacity(pieces.len());
    for (_, wall, piece) in pieces {
        while let Some((_, text)) = texts.next_if(|(start, _)| *start <= wall) {
            all.push(text);
        }
        all.push(piece);
    }
    all.extend(texts.map(|(_, text)| text));
    all
}

/// Where the timestamps among the pieces of a part begin in the clip, 8 bytes for each.
pub(crate) fn text_places(pieces: &[Piece], media_start: u64) -> Vec<u8> {
    let texts = pieces.iter().filter(|piece| matches!(piece.of, Of::Text(_)));
    texts.flat_map(|text| (media_start + text.at).to_be_bytes()).collect()
}

/// Appends what a take adds to a table. `next` is the decode time of the sample that follows its
/// last one in the clip; `media_start` where the part's samples begin in the clip.
pub(crate) struct Writer<'a> {
    pub track: &'a TrackIndex,
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
    /// Appends the entries; false when one does not fit its field.
    pub fn write(&self, table: Table, out: &mut Vec<u8>) -> bool {
        match table {
            Table::Stts => return self.durations(out),
            Table::Ctts => return self.offsets(out),
            Table::Stss => self.keys(out),
            Table::Stsc => self.chunks(out),
            Table::Stsz => {
                sizes(self.track, self.take, out);
            }
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
        let mut last: Option<i64> = None;
        for stride in self.track.strides(self.take.samples.clone()) {
            if let Some(last) = last {
                runs.push(stride.grid_dts - last);
            }
            let mut decode = stride.grid_dts;
            for sample in &self.track.samples[stride.samples.start..stride.samples.end - 1] {
                runs.push(sample.duration.into());
                decode += i64::from(sample.duration);
            }
            last = Some(decode);
        }
        runs.end_run();
        let last = last.map_or(self.next, |last| last + self.take.shift + self.take.moved);
        runs.push(self.next.saturating_sub(last).max(0));
        runs.end_run()
    }

    fn offsets(&self, out: &mut Vec<u8>) -> bool {
        let mut runs = Runs::new(out);
        for stride in self.track.strides(self.take.samples.clone()) {
            let less = stride.behind + self.take.shift;
            for sample in &self.track.samples[stride.samples] {
                runs.push(i64::from(sample.composition_offset) - less);
            }
        }
        runs.end_run()
    }

    fn keys(&self, out: &mut Vec<u8>) {
        let samples = self.track.samples[self.take.samples.clone()].iter();
        let numbered = samples.zip(self.before.samples as u32 + 1..);
        for (_, number) in numbered.filter(|(sample, _)| sample.key) {
            out.extend_from_slice(&number.to_be_bytes());
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

/// Appends the sizes of the samples of a take; their sum.
pub(crate) fn sizes(track: &TrackIndex, take: &Take, out: &mut Vec<u8>) -> u64 {
    let sets = take.sets_len() as u32;
    let samples = track.samples[take.samples.clone()].iter();
    put_sizes(
        samples.map(|sample| sample.size.saturating_add(if sample.key { sets } else { 0 })),
        out,
    )
}

/// Appends sizes; their sum.
pub(crate) fn put_sizes(sizes: impl ExactSizeIterator<Item = u32>, out: &mut Vec<u8>) -> u64 {
    let begin = out.len();
    out.resize(begin + sizes.len() * 4, 0);
    let mut sum = 0;
    for (size, entry) in sizes.zip(out[begin..].chunks_exact_mut(4)) {
        entry.copy_from_slice(&size.to_be_bytes());
        sum += u64::from(size);
    }
    sum
}

/// Appends runs of equal values. An iterator over runs would do the same at half the speed, and
/// this goes over every sample of a clip.
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

    fn push(&mut self, value: i64) {
        if value != self.value {
            self.end_run();
            self.value = value;
        }
        self.count += 1;
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

/// The chunks that hold samples of a range: where the first of those begins in the file, and they.
fn chunks<'a>(
    track: &'a TrackIndex,
    range: &Range<usize>,
) -> impl Iterator<Item = (u64, &'a [media::Sample])> {
    let range = range.clone();
    let first = |chunk: &media::Chunk| chunk.first_sample as usize;
    let begin = track.chunks.partition_point(|chunk| first(chunk) <= range.start);
    let chunks = track.chunks.iter().enumerate().skip(begin.saturating_sub(1));
    chunks.map_while(move |(at, chunk)| {
        let end = track.chunks.get(at + 1).map_or(track.samples.len(), first);
        let (start, end) = (first(chunk).max(range.start), end.min(range.end));
        let own = track.samples.get(start..end).filter(|own| !own.is_empty())?;
        let skipped = track.samples[first(chunk)..start].iter();
        let skipped: u64 = skipped.map(|sample| u64::from(sample.size)).sum();
        Some((chunk.offset + skipped, own))
    })
}
