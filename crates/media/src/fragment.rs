//! Writing fragments (ISO/IEC 14496-12 clause 8.8) and reading them back.

use std::sync::Arc;

use base::{Ticks, Timescale, WallTime};

use crate::batch::{BatchSample, TrackRun};
use crate::index::Sample;
use crate::mp4::boxes::Boxes;
use crate::mp4::movie::{FLAGS_DEPENDENT, FLAGS_KEY, default_flags};
use crate::mp4::reader::{self, Reader};
use crate::params::TrackParams;

/// `tfhd` flags: a default follows; offsets count from the `moof`.
const DEFAULT_DURATION: u32 = 0x8;
const DEFAULT_SIZE: u32 = 0x10;
const DEFAULT_FLAGS: u32 = 0x20;
const BASE_IS_MOOF: u32 = 0x2_0000;
/// `trun` flags: what follows once, and what follows for each sample.
const DATA_OFFSET: u32 = 0x1;
const FIRST_FLAGS: u32 = 0x4;
const DURATIONS: u32 = 0x100;
const SIZES: u32 = 0x200;
const FLAGS: u32 = 0x400;
const OFFSETS: u32 = 0x800;
/// Sample flag: decoding cannot start here.
const NOT_SYNC: u32 = 0x1_0000;

/// Appends `prft` (clause 8.16.5): the wall time at which a sample was presented to the camera.
pub(crate) fn put_reference_time(b: &mut Boxes, track: usize, media: Ticks, wall: WallTime) {
    /// The time is that of capture, in UTC.
    const CAPTURED: u32 = 24;
    const SECONDS_1900_TO_1970: i64 = 2_208_988_800;
    let micros = wall.as_micros();
    let seconds = micros.div_euclid(1_000_000).wrapping_add(SECONDS_1900_TO_1970) as u64;
    let fraction = ((micros.rem_euclid(1_000_000) as u64) << 32) / 1_000_000;
    b.full(*b"prft", 1, CAPTURED, |b| {
        b.u32(track as u32 + 1).u64(seconds << 32 | fraction).u64(media.0 as u64);
    });
}

/// Appends `moof` and the head of its `mdat`, both ready to be followed by the samples of `runs`;
/// gives back where the first byte of each run lies, counted from the start of the `moof`. `None`
/// when something does not fit its field.
pub(crate) fn put_moof(
    b: &mut Boxes,
    sequence: u32,
    tracks: &[Arc<TrackParams>],
    runs: &[TrackRun],
) -> Option<Vec<u64>> {
    let start = b.len();
    let mut patches = Vec::with_capacity(runs.len());
    b.boxed(*b"moof", |b| {
        b.full(*b"mfhd", 0, 0, |b| b.u32(sequence).end());
        for run in runs {
            let (params, id) = (&tracks[run.track], run.track as u32 + 1);
            let put = |b: &mut Boxes| put_run(b, params, id, run.first_decode, &run.samples);
            b.boxed(*b"traf", |b| patches.push(put(b)));
        }
    });
    let bytes = |run: &TrackRun| run.samples.iter().map(|sample| sample.data.len() as u64).sum();
    put_media_head(b, start, patches, runs.iter().map(bytes))
}

/// Samples of one track that follow one another.
#[derive(Clone, Debug)]
pub struct SampleRun<'a> {
    /// The id of its track, as the init segment has it.
    pub id: u32,
    /// What a decoder must know.
    pub params: &'a TrackParams,
    /// Decode time of the first sample in ticks of the track's timescale; at least 0.
    pub first_decode: Ticks,
    /// In decode order, at least one.
    pub samples: Vec<Sample>,
}

/// The same as [`put_moof`] of samples whose bytes are elsewhere.
pub(crate) fn put_moof_of_samples(
    b: &mut Boxes,
    sequence: u32,
    runs: &[SampleRun<'_>],
) -> Option<()> {
    let start = b.len();
    let mut patches = Vec::with_capacity(runs.len());
    b.boxed(*b"moof", |b| {
        b.full(*b"mfhd", 0, 0, |b| b.u32(sequence).end());
        for SampleRun { id, params, first_decode, samples } in runs {
            let put = |b: &mut Boxes| put_run(b, params, *id, *first_decode, samples);
            b.boxed(*b"traf", |b| patches.push(put(b)));
        }
    });
    let bytes = |run: &SampleRun<'_>| run.samples.iter().map(|s| u64::from(s.size)).sum();
    put_media_head(b, start, patches, runs.iter().map(bytes)).map(|_| ())
}

/// Appends the head of the `mdat` to the `moof` that begins at `start`, and fills in where in it
/// the bytes of each run begin.
fn put_media_head(
    b: &mut Boxes,
    start: usize,
    patches: Vec<usize>,
    bytes: impl Iterator<Item = u64>,
) -> Option<Vec<u64>> {
    let mut offset = (b.len() - start + 8) as u64;
    let mut offsets = Vec::with_capacity(patches.len());
    for (patch, bytes) in patches.into_iter().zip(bytes) {
        b.patch_u32(patch, i32::try_from(offset).ok()? as u32);
        offsets.push(offset);
        offset += bytes;
    }
    let mdat = offset - (b.len() - start) as u64;
    b.u32(u32::try_from(mdat).ok()?).bytes(b"mdat");
    Some(offsets)
}

/// What a `trun` says of one sample.
trait Entry {
    fn size(&self) -> u32;
    fn duration(&self) -> u32;
    fn composition_offset(&self) -> i32;
    fn flags(&self) -> u32;
}

impl Entry for BatchSample {
    fn size(&self) -> u32 {
        self.data.len() as u32
    }

    fn duration(&self) -> u32 {
        self.duration
    }

    fn composition_offset(&self) -> i32 {
        self.composition_offset
    }

    fn flags(&self) -> u32 {
        if self.key { FLAGS_KEY } else { FLAGS_DEPENDENT }
    }
}

impl Entry for Sample {
    fn size(&self) -> u32 {
        self.size
    }

    fn duration(&self) -> u32 {
        self.duration
    }

    fn composition_offset(&self) -> i32 {
        self.composition_offset
    }

    fn flags(&self) -> u32 {
        if self.key { FLAGS_KEY } else { FLAGS_DEPENDENT }
    }
}

/// Appends what stands in a `traf`; where the data offset is to be filled in.
fn put_run(
    b: &mut Boxes,
    params: &TrackParams,
    id: u32,
    first_decode: Ticks,
    samples: &[impl Entry],
) -> usize {
    let first = &samples[0];
    let default_flags = default_flags(params);
    let equal_durations = samples.iter().all(|sample| sample.duration() == first.duration());
    let mut has = DATA_OFFSET | SIZES;
    if !equal_durations {
        has |= DURATIONS;
    }
    if !samples[1..].iter().all(|sample| sample.flags() == default_flags) {
        has |= FLAGS;
    } else if first.flags() != default_flags {
        has |= FIRST_FLAGS;
    }
    if samples.iter().any(|sample| sample.composition_offset() != 0) {
        has |= OFFSETS;
    }
    let version = u8::from(samples.iter().any(|sample| sample.composition_offset() < 0));

    let defaults = BASE_IS_MOOF | if equal_durations { DEFAULT_DURATION } else { 0 };
    b.full(*b"tfhd", 0, defaults, |b| {
        b.u32(id);
        if equal_durations {
            b.u32(first.duration());
        }
    });
    b.full(*b"tfdt", 1, 0, |b| b.u64(first_decode.0 as u64).end());
    let mut patch = 0;
    b.full(*b"trun", version, has, |b| {
        b.u32(samples.len() as u32);
        patch = b.len();
        b.u32(0);
        if has & FIRST_FLAGS != 0 {
            b.u32(first.flags());
        }
        for sample in samples {
            if has & DURATIONS != 0 {
                b.u32(sample.duration());
            }
            b.u32(sample.size());
            if has & FLAGS != 0 {
                b.u32(sample.flags());
            }
            if has & OFFSETS != 0 {
                b.i32(sample.composition_offset());
            }
        }
    });
    patch
}

/// What a `traf` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadRun {
    pub(crate) track: usize,
    pub(crate) first_decode: Ticks,
    /// Where its first byte lies, counted from the start of the `moof`.
    pub(crate) data_offset: u64,
    pub(crate) samples: Vec<Sample>,
}

impl ReadRun {
    /// Where its bytes end, counted as `data_offset`.
    pub(crate) fn data_end(&self) -> u64 {
        self.samples.iter().fold(self.data_offset, |at, sample| at + u64::from(sample.size))
    }
}

/// The number and the runs of a `moof`, given its body; `None` when it is damaged or not as
/// [`put_moof`] writes them.
pub(crate) fn read_moof(body: &[u8], tracks: &[Arc<TrackParams>]) -> Option<(u32, Vec<ReadRun>)> {
    let mut header = Reader::new(reader::find(body, *b"mfhd")?);
    header.version_flags()?;
    let sequence = header.u32()?;
    let trafs = reader::boxes(body).filter(|inner| inner.head.kind == *b"traf");
    let runs: Option<Vec<_>> = trafs.map(|traf| read_run(traf.body, tracks)).collect();
    runs.map(|runs| (sequence, runs))
}

fn read_run(traf: &[u8], tracks: &[Arc<TrackParams>]) -> Option<ReadRun> {
    let mut header = Reader::new(reader::find(traf, *b"tfhd")?);
    let (_, has) = header.version_flags()?;
    if has & !(DEFAULT_DURATION | DEFAULT_SIZE | DEFAULT_FLAGS) != BASE_IS_MOOF {
        return None;
    }
    let track = (header.u32()? as usize).checked_sub(1)?;
    let params = tracks.get(track)?;
    let mut default = |flag| if has & flag != 0 { header.u32().map(Some) } else { Some(None) };
    let (duration, size, flags) =
        (default(DEFAULT_DURATION)?, default(DEFAULT_SIZE)?, default(DEFAULT_FLAGS)?);
    let flags = flags.unwrap_or(default_flags(params));

    let mut decode = Reader::new(reader::find(traf, *b"tfdt")?);
    let first_decode = match decode.version_flags()?.0 {
        0 => decode.u32()?.into(),
        _ => i64::try_from(decode.u64()?).ok()?,
    };
    let mut truns = reader::boxes(traf).filter(|inner| inner.head.kind == *b"trun");
    let (Some(trun), None) = (truns.next(), truns.next()) else { return None };
    let defaults = (duration, size, flags);
    let (data_offset, samples) = read_samples(trun.body, defaults)?;
    Some(ReadRun { track, first_decode: Ticks(first_decode), data_offset, samples })
}

fn read_samples(
    trun: &[u8],
    (duration, size, flags): (Option<u32>, Option<u32>, u32),
) -> Option<(u64, Vec<Sample>)> {
    let mut reader = Reader::new(trun);
    let (_, has) = reader.version_flags()?;
    let count = reader.u32()? as usize;
    if has & DATA_OFFSET == 0 {
        return None;
    }
    let data_offset = u64::try_from(reader.i32()?).ok()?;
    let first_flags = if has & FIRST_FLAGS != 0 { Some(reader.u32()?) } else { None };
    let fields = [DURATIONS, SIZES, FLAGS, OFFSETS].iter().filter(|flag| has & **flag != 0);
    let entry_len = 4 * fields.count();
    // At least sizes stand for each sample, so that the bytes bound the count.
    if has & SIZES == 0 && size.is_none()
        || entry_len == 0
        || count.checked_mul(entry_len)? > reader.rest().len()
    {
        return None;
    }
    let mut samples = Vec::with_capacity(count);
    for at in 0..count {
        let mut field = |flag, default| if has & flag != 0 { reader.u32() } else { default };
        let duration = field(DURATIONS, duration)?;
        let size = field(SIZES, size)?;
        let flags = field(FLAGS, first_flags.filter(|_| at == 0).or(Some(flags)))?;
        let composition_offset = field(OFFSETS, Some(0))? as i32;
        samples.push(Sample { size, duration, composition_offset, key: flags & NOT_SYNC == 0 });
    }
    Some((data_offset, samples))
}

/// Where a fragment's first sample lies on the wall clock, given an anchor of its track.
pub(crate) fn wall_at(scale: Timescale, pts: Ticks, (media, wall): (Ticks, WallTime)) -> WallTime {
    wall.plus_micros(scale.to_micros(Ticks(pts.0.saturating_sub(media.0))))
}
