//! The files that a playlist names: init segments and media segments.

use std::ops::Range;
use std::sync::Arc;

use base::{SegmentId, StreamId, Ticks, WallTime, limits};
use catalog::{SegmentRow, SegmentState};
use media::fragmented::{self, SampleRun};
use media::{Sample, SegmentIndex, TrackIndex, TrackParams};

use super::carried::{Carried, Timing, longest_ticks, usual_ticks};
use super::gather::goes_on;
use crate::assembly::{Assembly, Lazy};
use crate::error::PlanError;
use crate::hidden::{Hidden, Run};
use crate::layout::Layout;
use crate::part::{Part, Take};
use crate::plan::ClipPlan;
use crate::source::Source;
use crate::tables;
use crate::track::Instant;

/// How far samples may stand outside their segment's span.
const SKEW_MICROS: i64 = limits::AUDIO_SKEW_MAX.as_micros() as i64;
/// Part of every entity tag: counts up whenever the same request would give other bytes.
const FORMAT: u8 = 1;

/// A media segment, as a playlist names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaSegmentRequest {
    /// The stream.
    pub stream: StreamId,
    /// The segment of the archive.
    pub segment: SegmentId,
    /// Which samples of its lead track, in decode order.
    pub samples: Range<usize>,
    /// Whether nothing follows it in its playlist: then what follows in the archive, which may not
    /// be known yet, says nothing about the length of its last sample.
    pub is_last: bool,
}

/// The init segment of what a segment carries; `None` where the stream has no such segment.
pub fn init_segment(
    source: &dyn Source,
    stream: StreamId,
    segment: SegmentId,
) -> Result<Option<Vec<u8>>, PlanError> {
    let Some(row) = find(source, stream, segment)? else { return Ok(None) };
    let tracks = || row.tracks.iter().map(|track| &*track.params);
    let carried = Carried::of(tracks()).ok_or(PlanError::NotForHls)?;
    let tracks: Vec<(u32, &TrackParams)> =
        carried.tracks().map(|track| (id_of(track), &*row.tracks[track].params)).collect();
    Ok(Some(fragmented::init_segment(&tracks)))
}

/// Plans a media segment. `None` where the stream has no such segment, the segment not so many
/// samples, or one of them is hidden.
pub fn media_segment(
    source: &dyn Source,
    request: &MediaSegmentRequest,
) -> Result<Option<ClipPlan>, PlanError> {
    let Some(row) = find(source, request.stream, request.segment)? else { return Ok(None) };
    let index = source.index(&row)?;
    tables::agrees_in_tracks(&row, &index)?;
    let carried = Carried::of(index.tracks.iter().map(|track| &*track.params));
    let carried = carried.ok_or(PlanError::NotForHls)?;
    let lead = &index.tracks[carried.lead];
    let samples = &request.samples;
    if samples.is_empty() || samples.end > lead.samples.len() {
        return Ok(None);
    }
    let (from, to) = (row.start.plus_micros(-SKEW_MICROS), row.end.plus_micros(SKEW_MICROS));
    let hidden = Hidden::of(source, request.stream, from, to)?;
    let runs = hidden.runs(lead, false);
    let timing = Timing::of(lead, &runs, row.end);
    let within = |run: &&Run| run.samples.start <= samples.start && samples.end <= run.samples.end;
    let Some(run) = runs.iter().find(within) else { return Ok(None) };
    let to_the_end = samples.end == lead.samples.len() && !request.is_last;
    let next = if to_the_end { following(source, &row)? } else { None };
    let window = Range {
        start: if samples.start == 0 { WallTime::EPOCH } else { timing.begins[samples.start] },
        end: if request.is_last {
            // Of what comes later it is not known yet whether it is all there.
            timing.shown[samples.end - 1].plus_micros(1)
        } else if to_the_end {
            WallTime::MAX
        } else if samples.end == run.samples.end {
            timing.end_of(samples.clone(), lead)
        } else {
            timing.begins[samples.end]
        },
    };
    let mut parts = Vec::new();
    for track in carried.tracks() {
        let of = &index.tracks[track];
        let runs = match track == carried.lead {
            true => vec![samples.clone()],
            false => sound(of, &window, &hidden),
        };
        if runs.is_empty() {
            continue;
        }
        let next = next.as_ref().and_then(|next| next.tracks.get(track));
        parts.push((track, made(of, &runs, next, request.is_last), runs));
    }
    laid_out(request, &row, &index, (timing.begins[samples.start], window.end), parts)
}

fn id_of(track: usize) -> u32 {
    track as u32 + 1
}

/// The row of a segment that may be read.
fn find(
    source: &dyn Source,
    stream: StreamId,
    segment: SegmentId,
) -> Result<Option<SegmentRow>, PlanError> {
    let row = source.segment(segment)?;
    Ok(row.filter(|row| row.stream == stream && row.state != SegmentState::Garbage))
}

/// The index of the segment that goes on where one ends: it tells how long the last samples are.
fn following(
    source: &dyn Source,
    row: &SegmentRow,
) -> Result<Option<Arc<SegmentIndex>>, PlanError> {
    let next = source.segment_after(row.stream, row.start.plus_micros(1))?;
    let Some(next) = next.filter(|next| goes_on(row, next)) else { return Ok(None) };
    Ok(Some(source.index(&next)?))
}

/// The sound of a window that may be heard.
fn sound(track: &TrackIndex, window: &Range<WallTime>, hidden: &Hidden) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, time) in track.times().enumerate() {
        if !window.contains(&time.wall) || hidden.around(time.wall).is_some() {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Samples on the absolute grid, with the decode time of the first one.
fn made(
    track: &TrackIndex,
    runs: &[Range<usize>],
    next: Option<&TrackIndex>,
    is_last: bool,
) -> (i64, Vec<Sample>) {
    let longest = longest_ticks(track);
    let times: Vec<_> = track.times().collect();
    let decode = |at: usize| match times.get(at) {
        Some(time) => Some(time.grid_dts),
        None => next.and_then(|next| next.times().next()).map(|time| time.grid_dts),
    };
    let chosen: Vec<usize> = runs.iter().flat_map(Clone::clone).collect();
    let mut samples = Vec::with_capacity(chosen.len());
    for (number, &at) in chosen.iter().enumerate() {
        let follower = match chosen.get(number + 1) {
            Some(follower) => decode(*follower),
            None if is_last => None,
            None => decode(at + 1),
        };
        let usual = usual_ticks(track, at);
        let known = follower.map(|follower| (follower - times[at].grid_dts).max(1));
        // What is further away than that is on the other side of a discontinuity.
        let ends = number + 1 == chosen.len();
        let duration = known.filter(|ticks| !ends || *ticks <= longest).unwrap_or(usual);
        let offset = times[at].grid_pts - times[at].grid_dts;
        samples.push(Sample {
            duration: u32::try_from(duration).unwrap_or(u32::MAX),
            composition_offset: offset.clamp(i32::MIN.into(), i32::MAX.into()) as i32,
            ..track.samples[at]
        });
    }
    (chosen.first().map_or(0, |first| times[*first].grid_dts), samples)
}

/// A track, its samples with the first decode time, and where they are.
type Made = (usize, (i64, Vec<Sample>), Vec<Range<usize>>);

fn laid_out(
    request: &MediaSegmentRequest,
    row: &SegmentRow,
    index: &Arc<SegmentIndex>,
    span: (WallTime, WallTime),
    made: Vec<Made>,
) -> Result<Option<ClipPlan>, PlanError> {
    let (mut runs, mut parts, mut lens) = (Vec::new(), Vec::new(), Vec::new());
    for (track, (first_decode, samples), ranges) in made {
        lens.push(samples.iter().map(|sample| u64::from(sample.size)).sum::<u64>());
        let takes = ranges.into_iter().map(|samples| Take {
            track,
            lane: 0,
            samples,
            shift: 0,
            moved: 0,
            sets: None,
            sums: None,
        });
        parts.push(Part {
            row: row.clone(),
            span,
            moved: 0,
            index: Some(index.clone()),
            whole: false,
            takes: takes.collect(),
        });
        let params = &index.tracks[track].params;
        let first_decode = Ticks(first_decode.max(0));
        runs.push(SampleRun { id: id_of(track), params, first_decode, samples });
    }
    let number = u32::try_from(request.samples.start).unwrap_or(0).saturating_add(1);
    let head = fragmented::fragment_head(number, &runs).ok_or(PlanError::TooLong)?;
    let mut file = Assembly::default();
    file.bytes(&head);
    let mut media = Vec::new();
    for (part, len) in lens.into_iter().enumerate() {
        media.push((file.len(), len));
        file.lazy(len, Lazy::Media { part });
    }
    let mut hash = blake3::Hasher::new();
    hash.update(b"holdfast hls").update(&[FORMAT]).update(row.id.as_bytes());
    for take in parts.iter().flat_map(|part| &part.takes) {
        for number in [take.track, take.samples.start, take.samples.end] {
            hash.update(&(number as u64).to_be_bytes());
        }
    }
    hash.update(&head);
    let scale = runs.first().map_or(base::Timescale::VIDEO, |run| run.params.timescale());
    let instant = |at: WallTime| Instant { ticks: scale.from_micros(at.as_micros()).0, scale };
    let shown = (instant(span.0), instant(span.1));
    let layout = Layout::of_fragment(file, parts, media, span, shown);
    Ok(Some(ClipPlan::of(layout, &hash, 1)))
}
