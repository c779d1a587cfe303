//! Recovery: what a crash, a power cut or a failed disk left becomes sealed segments with rows.
//!
//! [`survey`] looks at the ends of few files, so that recording can begin at once behind what is
//! there. [`finish`] then takes one file at a time, on a thread that may be slow.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use archive::recover::{self, Recovered};
use archive::{ArchiveKey, DayFolder, RecoverError, SegmentPlace, Tail, Volume};
use base::{RunId, SegmentId, StreamId, WallTime};
use catalog::{Catalog, Change, ReadError, SegmentRow, SegmentState};
use media::{CommitRef, Predecessor};
use stream::EndCause;

use crate::growing::{place_of, seal_row};
use crate::site::Before;

/// How much of the end of a file holds its last commit record.
const RECORD_BYTES_MAX: u64 = 4096;
/// The newest day folders of each stream that are looked through at a start.
const NEWEST_DAYS: usize = 2;
/// An end that misses its successor's start by less was only a guess.
const GUESS_MICROS_MAX: i64 = 1_000_000;

/// A file that was cut off, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it lies.
    pub place: SegmentPlace,
    /// The commit that its successor builds on: what follows it does not count. `None` for the
    /// last that is whole.
    pub up_to: Option<CommitRef>,
    /// Why its run ended with it, where that is known.
    pub cause: Option<EndCause>,
    /// What follows it, where that is known.
    pub successor: Option<Successor>,
    /// Nothing of it was ever durable and its successor holds all of it: it is removed.
    pub superseded: bool,
}

/// The segment that follows one in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// When it begins.
    pub start: WallTime,
    /// Whether the run goes on in it without a hole.
    pub goes_on: bool,
}

/// What a start found.
#[derive(Debug, Default)]
pub struct Survey {
    /// By stream, what new footage follows.
    pub before: HashMap<StreamId, Before>,
    /// Files for [`finish`], oldest first.
    pub unfinished: Vec<Unfinished>,
    /// Folders that were not looked through; [`orphans`] does that, in the background.
    pub older: Vec<DayFolder>,
    /// Files that cannot be read, in words.
    pub unreadable: Vec<String>,
}

/// A start cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The volume cannot be listed.
    #[error("looking through volume {volume}: {source}")]
    Volume {
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
}

/// A file that awaits recovery, as its ends say.
struct Found {
    place: SegmentPlace,
    has_row: bool,
    tail: Tail,
    /// The latest instant that its last commit record names.
    reaches: WallTime,
}

/// Looks at open rows, and at files of the newest folders that have no row: what there is to
/// finish, and what new footage follows. `now` is the wall clock, which may be wrong.
pub fn survey(volume: &Volume, catalog: &Catalog, now: WallTime) -> Result<Survey, SurveyError> {
    let mut survey = Survey::default();
    let of_volume = |row: &SegmentRow| row.volume == volume.identity().volume;
    let open: Vec<_> = catalog.open_rows()?.into_iter().filter(of_volume).collect();
    let mut places: Vec<(SegmentPlace, bool)> =
        open.iter().map(|row| (place_of(row), true)).collect();
    let (newest, older) = split_days(volume.days().map_err(|source| listing(volume, source))?, now);
    for day in &newest {
        places.extend(without_rows(volume, catalog, day)?.into_iter().map(|place| (place, false)));
    }
    survey.older = older;
    let mut found = Vec::new();
    for (place, has_row) in places {
        match recover::tail(volume, &place) {
            Ok(tail) => {
                let reaches = reaches(volume, &place, &tail);
                found.push(Found { place, has_row, tail, reaches });
            }
            // Nothing of it counts: finishing removes it, or tells of it where there is a row.
            Err(RecoverError::Nothing { .. }) => survey.unfinished.push(Unfinished {
                place,
                up_to: None,
                cause: None,
                successor: None,
                superseded: false,
            }),
            Err(error) => survey.unreadable.push(error.to_string()),
        }
    }
    for stream in catalog.streams()? {
        let newest = catalog.segments_before(stream.id, WallTime::MAX, 1)?;
        let before = newest.first().and_then(before_of_row);
        survey.before.extend(before.map(|before| (stream.id, before)));
    }
    let claims = claims(catalog, &found)?;
    let superseded = superseded(&found);
    for file in &found {
        let id = file.place.id;
        let dropped = superseded.contains(&id);
        survey.unfinished.push(file.unfinished(claims.get(&id).copied(), dropped));
        if !dropped {
            file.follow(&mut survey.before);
        }
    }
    survey.unfinished.sort_by(|a, b| (a.place.start, a.place.id).cmp(&(b.place.start, b.place.id)));
    Ok(survey)
}

/// Files of one day's folder that have no row and are to be adopted. Only for folders that nothing
/// is written to.
pub fn orphans(
    volume: &Volume,
    catalog: &Catalog,
    day: &DayFolder,
) -> Result<Vec<Unfinished>, SurveyError> {
    let places = without_rows(volume, catalog, day)?.into_iter();
    let unfinished = places.map(|place| Unfinished {
        place,
        up_to: None,
        cause: None,
        successor: None,
        superseded: false,
    });
    Ok(unfinished.collect())
}

/// What finishing one file led to.
#[derive(Debug, Default)]
pub struct Finished {
    /// For the catalog's writer.
    pub changes: Vec<Change>,
    /// The stream and where the segment ends, for [`crate::VolumeRecorder::footage_ends`].
    pub footage: Option<(StreamId, WallTime)>,
    /// What somebody should know, in words.
    pub notes: Vec<String>,
}

/// A file could not be finished. It may be tried again, and stays as it is until then.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// The file.
    #[error(transparent)]
    File(#[from] RecoverError),
    /// It could not be removed.
    #[error("removing segment {segment}, which holds nothing: {source}")]
    Remove {
        /// The file, below its volume.
        segment: String,
        /// Why.
        source: io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
    /// Nobody knows whose footage it is.
    #[error("segment {segment} is of stream {stream}, which is not known: it is left as it is")]
    UnknownStream {
        /// The file, below its volume.
        segment: String,
        /// The stream that it names.
        stream: StreamId,
    },
}

/// Reads one file, cuts off what does not count, seals it, and completes or makes its row.
pub fn finish(
    volume: &Volume,
    catalog: &Catalog,
    key: Option<&ArchiveKey>,
    job: &Unfinished,
) -> Result<Finished, FinishError> {
    let row = catalog.segment(job.place.id)?;
    if row.as_ref().is_some_and(|row| row.state != SegmentState::Open) {
        return Ok(Finished::default());
    }
    if job.superseded && row.is_none() {
        remove(volume, &job.place)?;
        let note = format!("removed segment {}, whose frames its successor holds", job.place.id);
        return Ok(Finished { notes: vec![note], ..Finished::default() });
    }
    let recovered = match recover::finish(volume, &job.place, key, job.up_to) {
        Ok(recovered) => recovered,
        Err(RecoverError::Nothing { segment }) => {
            return match row {
                // Its row is deleted once the file is: the garbage row sees to both.
                Some(row) => Ok(Finished {
                    changes: vec![Change::SegmentGarbage(row.id)],
                    notes: vec![format!("segment {segment} holds nothing that was ever durable")],
                    ..Finished::default()
                }),
                None => remove(volume, &job.place).map(|()| Finished::default()),
            };
        }
        Err(error) => return Err(error.into()),
    };
    let stream = recovered.identity.stream;
    if row.is_none() && !catalog.streams()?.iter().any(|known| known.id == stream) {
        return Err(FinishError::UnknownStream { segment: job.place.relative(), stream });
    }
    complete(catalog, job, row, recovered)
}

/// The row of a segment that recovery has sealed.
fn complete(
    catalog: &Catalog,
    job: &Unfinished,
    row: Option<SegmentRow>,
    recovered: Recovered,
) -> Result<Finished, FinishError> {
    let Recovered { identity, index, sealed, missing, .. } = recovered;
    let mut notes = Vec::new();
    if let Some(commit) = missing {
        notes.push(format!(
            "segment {} ends before its commit {}, which was durable: footage is lost",
            job.place.relative(),
            commit.number
        ));
    }
    let (begins, ends) = index.span().unwrap_or((identity.start, identity.start));
    let cause = job.cause.map(|cause| cause.as_str().to_owned());
    let mut row = row.unwrap_or_else(|| SegmentRow {
        id: identity.segment,
        stream: identity.stream,
        volume: identity.volume,
        run: identity.run,
        camera_slug: identity.camera_slug.as_str().into(),
        stream_name: identity.stream_name.as_str().into(),
        state: SegmentState::Open,
        // The file's name is made from it.
        start: identity.start,
        end: ends,
        bytes: 0,
        allocated: 0,
        tracks: Vec::new(),
        predecessor: identity.predecessor,
        last_commit: None,
        end_cause: None,
    });
    row.end_cause = row.end_cause.or(cause);
    row.end = ends.max(row.start).max(begins);
    let successor = match job.successor {
        Some(successor) => Some(successor),
        None => successor_of(catalog, &row)?,
    };
    if let Some(Successor { start, goes_on }) = successor {
        let guessed = goes_on && start.micros_since(row.end) < GUESS_MICROS_MAX;
        if guessed || row.end > start {
            row.end = start.max(row.start);
        }
    }
    let footage = Some((row.stream, row.end));
    Ok(Finished { changes: vec![seal_row(row, &index, sealed)], footage, notes })
}

fn successor_of(catalog: &Catalog, row: &SegmentRow) -> Result<Option<Successor>, ReadError> {
    let next = catalog.segment_after(row.stream, row.start.plus_micros(1))?;
    Ok(next.filter(|next| next.id != row.id).map(|next| Successor {
        start: next.start,
        goes_on: next.run == row.run && next.predecessor.is_some_and(|p| p.segment == row.id),
    }))
}

/// What a successor says of the segment before it.
#[derive(Clone, Copy)]
struct Claim {
    run: RunId,
    start: WallTime,
    commit: CommitRef,
}

impl Found {
    fn unfinished(&self, claim: Option<Claim>, superseded: bool) -> Unfinished {
        let successor = claim.map(|claim| Successor {
            start: claim.start,
            goes_on: claim.run == self.tail.identity.run,
        });
        Unfinished {
            place: self.place.clone(),
            up_to: claim.map(|claim| claim.commit),
            cause: (!successor.is_some_and(|next| next.goes_on)).then_some(EndCause::Cut),
            successor,
            superseded,
        }
    }

    /// Puts this file in front of what its stream had so far, if it is newer.
    fn follow(&self, before: &mut HashMap<StreamId, Before>) {
        let last = Predecessor { segment: self.tail.identity.segment, commit: self.tail.last };
        let mine = Before { last, start: self.tail.identity.start, end: self.reaches };
        let stream = self.tail.identity.stream;
        let newest = before.entry(stream).or_insert(mine);
        let end = newest.end.max(mine.end);
        if (mine.start, mine.last.segment) > (newest.start, newest.last.segment) {
            *newest = mine;
        }
        newest.end = end;
    }
}

/// By segment, what its successor says of it.
fn claims(catalog: &Catalog, found: &[Found]) -> Result<HashMap<SegmentId, Claim>, ReadError> {
    let mut claims = HashMap::new();
    let mut claim = |run: RunId, start: WallTime, predecessor: Option<Predecessor>| {
        if let Some(named) = predecessor {
            claims.insert(named.segment, Claim { run, start, commit: named.commit });
        }
    };
    for file in found {
        let identity = &file.tail.identity;
        let next = catalog.segment_after(identity.stream, identity.start.plus_micros(1))?;
        if let Some(next) = next {
            claim(next.run, next.start, next.predecessor);
        }
        claim(identity.run, identity.start, identity.predecessor);
    }
    Ok(claims)
}

/// Files without a row whose first batch was never durable and was written again to a successor:
/// both name the same predecessor in the same run. The younger one counts.
fn superseded(found: &[Found]) -> BTreeSet<SegmentId> {
    let mut by_place: BTreeMap<_, Vec<&Found>> = BTreeMap::new();
    for file in found {
        let identity = &file.tail.identity;
        let named = identity.predecessor.map(|named| (named.segment, named.commit.number));
        by_place.entry((identity.stream, identity.run, named)).or_default().push(file);
    }
    let mut superseded = BTreeSet::new();
    for twins in by_place.values().filter(|files| files.len() > 1) {
        let youngest = twins.iter().max_by_key(|file| (file.has_row, file.place.id));
        let others =
            twins.iter().filter(|file| Some(file.place.id) != youngest.map(|y| y.place.id));
        superseded.extend(others.filter(|file| !file.has_row).map(|file| file.place.id));
    }
    superseded
}

/// The latest instant that the last commit record of a file names; its start where that cannot be
/// read.
fn reaches(volume: &Volume, place: &SegmentPlace, tail: &Tail) -> WallTime {
    let read = || -> io::Result<Option<WallTime>> {
        let from = tail.end.saturating_sub(RECORD_BYTES_MAX);
        let mut bytes = vec![0; usize::try_from(tail.end - from).unwrap_or(0)];
        volume.reader(place)?.read_at(&mut bytes, from)?;
        let record = media::walk::find_last_commit(&bytes);
        Ok(record.and_then(|(_, record)| record.anchors.iter().map(|anchor| anchor.wall).max()))
    };
    read().ok().flatten().unwrap_or(tail.identity.start)
}

fn before_of_row(row: &SegmentRow) -> Option<Before> {
    let last = Predecessor { segment: row.id, commit: row.last_commit? };
    Some(Before { last, start: row.start, end: row.end })
}

/// The folders of each stream that a start looks through, and the others.
fn split_days(days: Vec<DayFolder>, now: WallTime) -> (Vec<DayFolder>, Vec<DayFolder>) {
    const DAY_MICROS: i64 = 86_400_000_000;
    let mut newer: HashMap<(String, String), usize> = HashMap::new();
    let mut days = days;
    days.sort();
    days.reverse();
    days.into_iter().partition(|day| {
        let count = newer.entry((day.camera_slug.clone(), day.stream.clone())).or_default();
        *count += 1;
        // The clock may be wrong after a start without one: the newest folders count as well.
        let age = now.micros_since(day.begin());
        *count <= NEWEST_DAYS || (0..2 * DAY_MICROS).contains(&age)
    })
}

fn without_rows(
    volume: &Volume,
    catalog: &Catalog,
    day: &DayFolder,
) -> Result<Vec<SegmentPlace>, SurveyError> {
    let places = volume.segments(day).map_err(|source| listing(volume, source))?;
    let ids: Vec<_> = places.iter().map(|place| place.id).collect();
    let strangers: BTreeSet<_> = catalog.without_row(&ids)?.into_iter().collect();
    Ok(places.into_iter().filter(|place| strangers.contains(&place.id)).collect())
}

fn remove(volume: &Volume, place: &SegmentPlace) -> Result<(), FinishError> {
    let removed = volume.remove(place);
    removed.map_err(|source| FinishError::Remove { segment: place.relative(), source })
}

fn listing(volume: &Volume, source: io::Error) -> SurveyError {
    SurveyError::Volume { volume: volume.root().display().to_string(), source }
}
