//! From chosen samples to the file: how long each table is, which instant each track begins and
//! ends at, and where everything lies.

use std::ops::Range;
use std::sync::Arc;

use base::WallTime;
use bytes::Bytes;
use media::index::nearest_ticks;
use media::mp4::boxes::Boxes;
use media::mp4::{movie, sample_entry};
use media::{TrackIndex, TrackParams, VideoParams};

use crate::assembly::{Assembly, Lazy, Stretch, TooLarge};
use crate::boxes::{self, wall};
use crate::error::PlanError;
use crate::names::{self, Names};
use crate::part::{Lane, Part, Take};
use crate::request::ClipRequest;
use crate::select::Selection;
use crate::tables::{self, Before, Table};
use crate::text_track;
use crate::texts::{self, Texts};
use crate::track::{Instant, Member, Times, Track};

/// The longest that a sample may last, in ticks: players read durations as signed 32-bit numbers.
const DURATION_MAX: i64 = i32::MAX as i64;
/// What is left of it for a track that ends before the span of its segment does.
const EARLIER_SECONDS_MAX: i64 = 1200;

/// Everything about a file but the bytes of samples and tables.
#[derive(Debug)]
pub(crate) struct Layout {
    pub parts: Vec<Part>,
    /// Of each part: where its samples begin, and their bytes.
    pub media: Vec<(u64, u64)>,
    pub tracks: Vec<Track>,
    /// With where each begins.
    pub stretches: Vec<(u64, Stretch)>,
    pub len: u64,
    /// The instant of clip time 0 and the end, in ticks of the given scale since 1970.
    pub shown: (Instant, Instant),
    pub texts: Option<Texts>,
    /// The same instants on the clock on the wall, which gaps that are taken out are part of.
    pub shown_wall: (WallTime, WallTime),
    names: Names,
}

impl Layout {
    /// `None` when nothing is shown.
    pub fn new(selection: Selection, request: &ClipRequest) -> Result<Option<Self>, PlanError> {
        let mut tracks = Vec::new();
        for (number, lane) in selection.lanes.iter().enumerate() {
            tracks.extend(track(&selection, number, *lane, request)?);
        }
        tracks.sort_by_key(|track: &Track| (!track.lane.is_video(), track.lane.stream));
        let Some(zero) = zero(&tracks) else { return Ok(None) };
        // Audio that ends before the first picture is shown would have an edit without length.
        tracks.retain(|track| zero.is_before(track.end()));
        let end = tracks.iter().map(Track::end).reduce(|a, b| if a.is_before(b) { b } else { a });
        let end = end.unwrap_or(zero);
        let Selection { mut parts, lanes, .. } = selection;
        for part in &mut parts {
            let kept = |take: &Take| tracks.iter().any(|track| track.lane == lanes[take.lane]);
            part.takes.retain(kept);
        }
        number_takes(&mut parts, &lanes, &mut tracks, request.in_band);
        let shown_wall = shown_wall(&tracks, zero, end);
        let names = Names::new(request, &parts, &lanes, shown_wall);
        let zone = request.zone.clone();
        let texts = request
            .timestamps
            .then(|| Texts::new(zone, &parts, shown_wall, end.since(zero, texts::SCALE)));
        let mut layout = Self {
            parts,
            media: Vec::new(),
            tracks,
            stretches: Vec::new(),
            len: 0,
            shown: (zero, end),
            texts,
            shown_wall,
            names,
        };
        layout.assemble().map_err(|TooLarge| PlanError::TooLong)?;
        Ok(Some(layout))
    }

    /// Of boxes that are known and samples behind them, without tables: each part with where its
    /// samples begin and their bytes.
    pub fn of_fragment(
        file: Assembly,
        parts: Vec<Part>,
        media: Vec<(u64, u64)>,
        span: (WallTime, WallTime),
        shown: (Instant, Instant),
    ) -> Self {
        let len = file.len();
        Self {
            parts,
            media,
            tracks: Vec::new(),
            stretches: file.finish(),
            len,
            shown,
            texts: None,
            shown_wall: span,
            names: Names::default(),
        }
    }

    /// Puts header, tables and samples in a row.
    fn assemble(&mut self) -> Result<(), TooLarge> {
        let mut file = Assembly::default();
        file.boxes(boxes::file_type);
        file.boxed(*b"moov", |moov| {
            let count = self.tracks.len() + usize::from(self.texts.is_some());
            moov.boxes(|b| boxes::movie_header(b, self.shown_wall.0, self.shown, count));
            for (number, track) in self.tracks.iter().enumerate() {
                moov.boxed(*b"trak", |trak| self.trak(trak, number, track))?;
            }
            if let Some(texts) = &self.texts {
                let video = self.tracks.first().and_then(|track| self.picture(track));
                let when = (self.shown_wall.0, self.shown);
                text_track::put(moov, count as u32, texts, self.parts.len(), when, video)?;
            }
            moov.boxes(|b| self.names.put_metadata(b));
            Ok(())
        })?;
        let mut bytes = vec![0; self.parts.len()];
        for member in self.tracks.iter().flat_map(|track| &track.members) {
            bytes[member.part] += member.sums.bytes;
        }
        for (part, bytes) in bytes.iter_mut().enumerate() {
            *bytes += self.texts.as_ref().map_or(0, |texts| texts.bytes(texts.of_part(part)));
        }
        file.boxes(|b| boxes::media_data_header(b, bytes.iter().sum()));
        for (part, len) in bytes.into_iter().enumerate() {
            self.media.push((file.len(), len));
            file.lazy(len, Lazy::Media { part });
        }
        self.len = file.len();
        self.stretches = file.finish();
        Ok(())
    }

    fn trak(&self, trak: &mut Assembly, number: usize, track: &Track) -> Result<(), TooLarge> {
        let entries = self.sample_entries(track);
        let first = entries.first().ok_or(TooLarge)?;
        let mut head = [Boxes::new(), Boxes::new()];
        let created = self.shown_wall.0;
        boxes::with_head(number as u32 + 1, first, track, (self.shown.0, created), |of| {
            movie::put_track_header(&mut head[0], of);
            movie::put_edits(&mut head[0], of.edits);
            movie::put_media_header(&mut head[1], of);
        });
        let name = self.names.of_stream(track.lane.stream);
        movie::put_handler_of(&mut head[1], movie::handler(first), name);
        let [track_head, media_head] = head.map(Boxes::into_bytes);
        trak.bytes(&track_head);
        trak.boxed(*b"mdia", |mdia| {
            mdia.bytes(&media_head);
            mdia.boxed(*b"minf", |minf| {
                minf.boxes(|b| movie::put_media_information(b, first));
                minf.boxed(*b"stbl", |stbl| {
                    stbl.boxes(|b| match self.has_sets(track) {
                        true => sample_entry::put_descriptions_in_band(b, &entries),
                        false => sample_entry::put_descriptions(b, &entries),
                    });
                    Table::ALL.into_iter().try_for_each(|table| {
                        let wanted = table.is_of(track.lane.is_video());
                        if wanted { Self::table(stbl, table, number, track) } else { Ok(()) }
                    })
                })
            })
        })?;
        trak.boxes(|b| names::put_track_name(b, name));
        Ok(())
    }

    fn table(
        stbl: &mut Assembly,
        table: Table,
        number: usize,
        track: &Track,
    ) -> Result<(), TooLarge> {
        let entries = |member: &Member| u64::from(table.entries(&member.sums));
        let all = u32::try_from(track.members.iter().map(entries).sum::<u64>());
        let all = all.map_err(|_| TooLarge)?;
        stbl.boxed(table.name(), |body| {
            // Composition offsets are signed, which is version 1.
            body.bytes(&[u8::from(table == Table::Ctts), 0, 0, 0]);
            if table == Table::Stsz {
                body.bytes(&[0; 4]);
            }
            body.bytes(&all.to_be_bytes());
            for (at, member) in track.members.iter().enumerate() {
                let len = entries(member) * table.entry_len();
                body.lazy(len, Lazy::Table { table, track: number, member: at });
            }
            Ok(())
        })
    }

    /// Whether parameter sets stand in the samples of a track.
    fn has_sets(&self, track: &Track) -> bool {
        let take = |member: &Member| &self.parts[member.part].takes[member.take];
        track.members.iter().any(|member| take(member).sets.is_some())
    }

    /// What a track of pictures shows first.
    fn picture(&self, track: &Track) -> Option<&VideoParams> {
        match self.sample_entries(track).first()? {
            TrackParams::Video(video) => Some(video),
            TrackParams::Audio(_) => None,
        }
    }

    /// The distinct parameters of a track, in the order of its sample entries.
    fn sample_entries(&self, track: &Track) -> Vec<&TrackParams> {
        let mut entries: Vec<&TrackParams> = Vec::new();
        for member in &track.members {
            if member.description as usize > entries.len() {
                let part = &self.parts[member.part];
                entries.push(params(part, &part.takes[member.take]));
            }
        }
        entries
    }
}

/// The instant of clip time 0: the first picture shown, or the first sound where no picture is.
fn zero(tracks: &[Track]) -> Option<Instant> {
    let earliest = |video: bool| {
        let firsts = tracks.iter().filter(|track| track.lane.is_video() == video);
        firsts.map(Track::first).reduce(|a, b| if b.is_before(a) { b } else { a })
    };
    earliest(true).or_else(|| earliest(false))
}

/// The instants of clip time 0 and of the end on the clock on the wall.
fn shown_wall(tracks: &[Track], zero: Instant, end: Instant) -> (WallTime, WallTime) {
    let first = tracks.iter().find(|track| track.first() == zero);
    let last = tracks.iter().find(|track| track.end() == end);
    (
        first.map_or(wall(zero), |track| track.shown_wall().0),
        last.map_or(wall(end), |track| track.shown_wall().1),
    )
}

fn params<'a>(part: &'a Part, take: &Take) -> &'a Arc<TrackParams> {
    &part.row.tracks[take.track].params
}

/// A lane as a track without members; `None` when it has no sample.
fn track(
    selection: &Selection,
    number: usize,
    lane: Lane,
    request: &ClipRequest,
) -> Result<Option<Track>, PlanError> {
    let takes: Vec<(usize, &Take)> = selection.takes(number).collect();
    for pair in takes.windows(2) {
        let end = selection.parts[pair[0].0].span.1;
        let start = selection.parts[pair[1].0].span.0;
        let gap = lane.scale.from_micros(start.micros_since(end)).0;
        let gap = gap + pair[1].1.moved - pair[0].1.moved;
        if gap > DURATION_MAX - i64::from(lane.scale.hertz()) * EARLIER_SECONDS_MAX {
            return Err(PlanError::GapTooLong { from: end, to: start });
        }
    }
    let window = request.from..request.to;
    let mut first: Option<(Option<i64>, Option<i64>, i64)> = None;
    for (part, take) in &takes {
        let Some(track) = selection.track(*part, take) else { break };
        let times = track.times().take(take.samples.end).skip(take.samples.start);
        let decode = times.clone().next().map(|time| time.grid_dts + take.shift + take.moved);
        let shown = times.filter(|time| window.contains(&time.wall));
        let shown = shown.map(|time| time.grid_pts + take.moved).min();
        let decode = first.map_or(decode, |(decode, ..)| decode);
        first = Some((decode, shown, take.moved));
        if shown.is_some() {
            break;
        }
    }
    let Some((Some(decode), Some(first), moved)) = first else { return Ok(None) };
    let Some((part, take)) = takes.last() else { return Ok(None) };
    let Some(track) = selection.track(*part, take) else { return Ok(None) };
    let Some((end, decode_end)) = ends(track, take, &window) else { return Ok(None) };
    let (end, decode_end) = (end + take.moved, decode_end + take.moved);
    let times = Times { decode, first, end, decode_end, moved: (moved, take.moved) };
    Ok(Some(Track { lane, members: Vec::new(), times }))
}

/// The end of the sample shown last (its own, or that of the range) and of the last one in decode
/// order.
fn ends(track: &TrackIndex, take: &Take, window: &Range<WallTime>) -> Option<(i64, i64)> {
    let usual = i64::from(track.samples.last()?.duration);
    let own = track.times().take(take.samples.end).skip(take.samples.start);
    let shown = own.filter(|time| window.contains(&time.wall)).map(|time| time.grid_pts).max()?;
    let following = track.times().map(|time| time.grid_pts).filter(|time| *time > shown).min();
    let range_end = nearest_ticks(track.params.timescale(), window.end.as_micros()).0;
    let end = following.unwrap_or(shown.saturating_add(usual)).min(range_end).max(shown + 1);
    let mut last = track.times().skip(take.samples.end - 1).map(|time| time.grid_dts + take.shift);
    let last_decode = last.next()?;
    let decode_end = last.next().unwrap_or(last_decode.saturating_add(usual));
    Some((end, decode_end.min(end).max(last_decode + 1)))
}

/// Gives each track its members, with what comes before each, and its sample entry. With `in_band`,
/// other parameters than the first ones become parameter sets before key frames.
fn number_takes(parts: &mut [Part], lanes: &[Lane], tracks: &mut [Track], in_band: bool) {
    for track in tracks {
        let mut before = Before { samples: 0, chunks: 0 };
        let mut entries: Vec<Arc<TrackParams>> = Vec::new();
        let mut has_changed = false;
        for (part_number, part) in parts.iter_mut().enumerate() {
            for number in 0..part.takes.len() {
                let take = &part.takes[number];
                if lanes[take.lane] != track.lane {
                    continue;
                }
                let mut sums = match (&part.index, take.sums) {
                    (Some(index), _) => tables::sums(&index.tracks[take.track], &take.samples),
                    (None, Some(sums)) => sums,
                    (None, None) => part.row.tracks[take.track].totals,
                };
                let own = params(part, take).clone();
                has_changed |= entries.first().is_some_and(|first| *first != own);
                let sets = if in_band && has_changed { sets(&own) } else { None };
                let known = entries.iter().position(|entry| *entry == own);
                let entry = match (&sets, known) {
                    (Some(_), _) => 0,
                    (None, Some(known)) => known,
                    (None, None) => {
                        entries.push(own);
                        entries.len() - 1
                    }
                };
                part.takes[number].sets = sets;
                sums.bytes += u64::from(sums.key_frames) * part.takes[number].sets_len();
                let description = entry as u32 + 1;
                let (part, take) = (part_number, number);
                track.members.push(Member { part, take, sums, before, description });
                before.samples += u64::from(sums.samples);
                before.chunks += u64::from(sums.chunks);
            }
        }
    }
}

/// The parameter sets of a track of pictures as they stand in a sample; JPEG has none.
fn sets(params: &TrackParams) -> Option<Bytes> {
    match params {
        TrackParams::Video(video) => Some(video.parameter_sets().ok()?.in_band()),
        TrackParams::Audio(_) => None,
    }
}
