//! What is in an export: which clips of which streams, and how long every file is.

use std::sync::Arc;

use base::{WallTime, limits};
use playback::{ClipPlan, ClipReader, ClipRequest, PlanError, Slices, Source, SourceError};

use crate::error::{ExportError, WriteError, bounded};
use crate::gaps::gaps;
use crate::hashes::hex;
use crate::manifest::{
    Clip, ClipStream, FORMAT, MANIFEST, Manifest, MemberHashes, PAGE, SIGNATURE, SIGNATURE_LEN,
    Span,
};
use crate::page;
use crate::request::{Request, WantedStream};
use crate::zip::{Directory, DosTime, Member};

/// The bytes of one clip.
pub trait Content: Send + Sync {
    /// All of them, slice by slice.
    fn read(&self) -> Box<dyn Slices>;
}

struct ClipContent {
    plan: Arc<ClipPlan>,
    source: Arc<dyn Source>,
}

impl Content for ClipContent {
    fn read(&self) -> Box<dyn Slices> {
        Box::new(ClipReader::new(self.plan.clone(), self.source.clone(), 0..self.plan.len()))
    }
}

/// An export before its first byte is written.
pub struct Plan {
    /// What it says of itself, with hashes that are yet to be computed.
    pub(crate) manifest: Manifest,
    /// The clips, as they stand in the manifest.
    pub(crate) contents: Vec<Arc<dyn Content>>,
    pub(crate) page: Vec<u8>,
    asked: Request,
    source: Arc<dyn Source>,
    /// What was deleted when it was planned.
    deleted: Deleted,
    /// The entity tags of the clips of each stream, or of all where they are together.
    tags: Vec<Vec<String>>,
}

/// A clip reaches less far beyond its range and the segments at its ends.
const AROUND_MICROS: i64 = 120_000_000;

/// Spans of time, half-open.
type Spans = Vec<(WallTime, WallTime)>;

/// What was deleted by hand, of each stream.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// How often something was: what is hidden is forgotten once its footage is gone.
    pub times: Vec<u64>,
    /// What around the range nobody may see.
    pub hidden: Vec<Spans>,
}

impl Plan {
    /// Plans it: reads rows, and a few indexes. May block for as long as the disk does.
    pub fn new(source: Arc<dyn Source>, request: Request) -> Result<Self, ExportError> {
        if request.streams.is_empty() {
            return Err(ExportError::NoStream);
        }
        if request.streams.len() > limits::CLIP_STREAMS_MAX {
            return Err(ExportError::TooMany { what: "streams", most: limits::CLIP_STREAMS_MAX });
        }
        // Looked at first: what is deleted from here on is noticed.
        let times = deletions(&*source, &request);
        let deleted = Deleted { times, hidden: hidden(&*source, &request)? };
        let mut planned = Planned::default();
        for group in request.groups() {
            planned.add(&source, &request, group)?;
        }
        if let (true, Some((stream, why))) = (planned.contents.is_empty(), planned.nothing) {
            return Err(ExportError::Clip { stream, why });
        }
        let Planned { clips, contents, without, tags, .. } = planned;
        Ok(Self::of(source, request, (clips, contents), without, (deleted, tags)))
    }

    pub(crate) fn of(
        source: Arc<dyn Source>,
        request: Request,
        (clips, contents): (Vec<Clip>, Vec<Arc<dyn Content>>),
        without_footage: Vec<String>,
        (deleted, tags): (Deleted, Vec<Vec<String>>),
    ) -> Self {
        let asked = request.clone();
        let mut manifest = Manifest {
            holdfast_export: FORMAT,
            id: request.id.to_string(),
            name: request.name,
            archive: request.archive.to_string(),
            public_key: hex(&request.public_key),
            software: request.software,
            made: request.made,
            by: request.by,
            asked: Span { from: request.from, to: request.to },
            timestamps: request.timestamps,
            clips,
            without_footage,
            page: MemberHashes::unknown(0),
        };
        let page = page::render(&manifest);
        manifest.page = MemberHashes::unknown(page.len() as u64);
        Self { manifest, contents, page, asked, source, deleted, tags }
    }

    /// The length of the whole file in bytes, to the last one.
    pub fn len(&self) -> u64 {
        self.directory().len()
    }

    /// Its files, with checksums that are yet to be computed.
    pub(crate) fn directory(&self) -> Directory {
        let member = |name: &str, len| Member { name: name.to_owned(), len, crc: 0 };
        let clips = self.manifest.clips.iter().map(|clip| member(&clip.file, clip.hashes.bytes));
        let mut members: Vec<Member> = clips.collect();
        members.push(member(PAGE, self.page.len() as u64));
        members.push(member(MANIFEST, self.manifest.to_bytes().len() as u64));
        members.push(member(SIGNATURE, SIGNATURE_LEN));
        Directory { members, made: DosTime::of(self.manifest.made) }
    }

    /// Never: there is at least a manifest.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Streams that have nothing in the range, as `camera/stream`.
    pub fn without_footage(&self) -> &[String] {
        &self.manifest.without_footage
    }

    /// An error where some of the footage was deleted by hand since this was planned. May block
    /// for as long as planning does.
    pub(crate) fn may_still_be_seen(&mut self) -> Result<(), WriteError> {
        let hidden = hidden(&*self.source, &self.asked)?;
        // After that: what was forgotten before it had been counted by then.
        let now = Deleted { times: deletions(&*self.source, &self.asked), hidden };
        if now == self.deleted {
            return Ok(());
        }
        // Clips hold more than what they show, such as the pictures that it builds on: whether any
        // of that was deleted is seen by planning them anew.
        for (group, tags) in self.asked.groups().zip(&self.tags) {
            if tags.is_empty() {
                continue;
            }
            let stream = || group.iter().map(WantedStream::path).collect::<Vec<_>>().join(", ");
            let is_same = match plans(&*self.source, self.asked.clip(group)) {
                Ok(plans) => plans.iter().map(ClipPlan::etag).eq(tags),
                Err(PlanError::NoFootage(_) | PlanError::Source(SourceError::Removed(_))) => false,
                // That it cannot be read says nothing of who took it away.
                Err(why) => return Err(WriteError::Plan { stream: stream(), why }),
            };
            if !is_same {
                return Err(WriteError::Deleted { stream: stream() });
            }
        }
        self.deleted = now;
        Ok(())
    }
}

fn deletions(source: &dyn Source, asked: &Request) -> Vec<u64> {
    asked.streams.iter().map(|stream| source.deletions(stream.stream)).collect()
}

/// What was deleted by hand of each stream, in the range and as far around it as clips may reach.
fn hidden(source: &dyn Source, asked: &Request) -> Result<Vec<Spans>, SourceError> {
    let mut hidden = Vec::with_capacity(asked.streams.len());
    for stream in &asked.streams {
        // Where the range begins with a segment, that may build on the one before.
        let before = source.segments_before(stream.stream, asked.from, 2)?;
        let first = before.last().map_or(asked.from, |row| row.start.min(asked.from));
        let (from, to) = (first.plus_micros(-AROUND_MICROS), asked.to.plus_micros(AROUND_MICROS));
        hidden.push(source.hidden(stream.stream, from, to)?);
    }
    Ok(hidden)
}

#[derive(Default)]
struct Planned {
    clips: Vec<Clip>,
    contents: Vec<Arc<dyn Content>>,
    without: Vec<String>,
    /// The entity tags of the clips of each group.
    tags: Vec<Vec<String>>,
    /// Segments and gaps of all of them.
    segments: usize,
    gaps: usize,
    /// What was said of the first stream without footage.
    nothing: Option<(String, PlanError)>,
}

impl Planned {
    /// The clips of streams that are in one file.
    fn add(
        &mut self,
        source: &Arc<dyn Source>,
        request: &Request,
        group: &[WantedStream],
    ) -> Result<(), ExportError> {
        let paths = || group.iter().map(WantedStream::path).collect::<Vec<_>>();
        let plans = match plans(&**source, request.clip(group)) {
            Ok(plans) => plans,
            Err(why @ PlanError::NoFootage(_)) => {
                self.without.extend(paths());
                self.nothing.get_or_insert((paths().join(", "), why));
                self.tags.push(Vec::new());
                return Ok(());
            }
            Err(why) => return Err(ExportError::Clip { stream: paths().join(", "), why }),
        };
        for (at, stream) in group.iter().enumerate() {
            if plans.iter().all(|plan| plan.without_footage().contains(&at)) {
                self.without.push(stream.path());
            }
        }
        self.tags.push(plans.iter().map(|plan| plan.etag().to_owned()).collect());
        for plan in plans {
            // Asked at each, for whoever asks for too much must not have it planned first.
            self.segments += plan.segments();
            bounded("segments", self.segments, limits::EXPORT_SEGMENTS_MAX)?;
            bounded("clips", self.clips.len() + 1, limits::EXPORT_CLIPS_MAX)?;
            let file = self.free_name(group);
            let clip = described(&**source, group, &plan, file)?;
            self.gaps += clip.streams.iter().map(|stream| stream.gaps.len()).sum::<usize>();
            bounded("gaps", self.gaps, limits::EXPORT_GAPS_MAX)?;
            self.clips.push(clip);
            let (plan, source) = (Arc::new(plan), source.clone());
            self.contents.push(Arc::new(ClipContent { plan, source }));
        }
        Ok(())
    }

    /// A name that no other file has: `front-door_main.mp4`, then `front-door_main_2.mp4`.
    fn free_name(&self, group: &[WantedStream]) -> String {
        let plain = |text: &str| -> String {
            let letters = text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c));
            letters.take(80).collect()
        };
        let stem = match group {
            [one] => format!("{}_{}", plain(&one.camera_slug), plain(&one.stream_name)),
            _ => "cameras".to_owned(),
        };
        let name = |number: usize| match number {
            1 => format!("{stem}.mp4"),
            number => format!("{stem}_{number}.mp4"),
        };
        // File systems that take both for the same name are where such files are unpacked.
        let is_free =
            |name: &String| self.clips.iter().all(|clip| !clip.file.eq_ignore_ascii_case(name));
        (1..).map(name).find(is_free).unwrap_or_default()
    }
}

/// The clips of a range: one, unless it has gaps that are too long for one file. Those are between
/// two then.
fn plans(source: &dyn Source, request: ClipRequest) -> Result<Vec<ClipPlan>, PlanError> {
    let (mut found, mut todo) = (Vec::new(), vec![request]);
    let mut nothing = None;
    while let Some(request) = todo.pop() {
        let many = found.len() + todo.len() >= limits::EXPORT_CLIPS_MAX;
        match ClipPlan::new(source, request.clone()) {
            Ok(plan) => found.push(plan),
            Err(PlanError::GapTooLong { from, to })
                if !many && request.from < from && from <= to && to < request.to =>
            {
                todo.push(ClipRequest { from: to, ..request.clone() });
                todo.push(ClipRequest { to: from, ..request });
            }
            Err(why @ PlanError::NoFootage(_)) => nothing = Some(why),
            Err(why) => return Err(why),
        }
    }
    match nothing {
        Some(why) if found.is_empty() => Err(why),
        _ => Ok(found),
    }
}

/// What the manifest says of a clip, but for its hashes.
fn described(
    source: &dyn Source,
    group: &[WantedStream],
    plan: &ClipPlan,
    file: String,
) -> Result<Clip, ExportError> {
    let shown = plan.shown();
    let without = plan.without_footage();
    let mut streams = Vec::new();
    for (at, stream) in group.iter().enumerate().filter(|(at, _)| !without.contains(at)) {
        streams.push(ClipStream {
            camera: stream.camera_slug.clone(),
            camera_name: stream.camera_name.clone(),
            camera_id: stream.camera.to_string(),
            stream: stream.stream_name.clone(),
            stream_id: stream.stream.to_string(),
            codecs: plan.codecs(at),
            gaps: gaps(source, stream.stream, shown)?,
        });
    }
    let shown = Span { from: shown.from, to: shown.to };
    Ok(Clip { file, hashes: MemberHashes::unknown(plan.len()), shown, streams })
}
