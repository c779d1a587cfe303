//! What a start finds: few files are looked at, and only their ends, so that recording can begin
//! at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use archive::recover;
use archive::{DayFolder, RecoverError, SegmentPlace, Tail, Volume};
use base::{RunId, SegmentId, StreamId, WallTime};
use catalog::{Catalog, ReadError, SegmentRow, SegmentState, UnreadSegment};
use media::{CommitRef, Identity, Predecessor};
use stream::EndCause;

use crate::rows::place_of;
use crate::standing::Before;
use crate::unfinished::{Successor, Unfinished};

use super::claims::Head;

/// How much of the end of a file holds its last commit record.
const RECORD_BYTES_MAX: u64 = 4096;
/// The newest day folders of each stream that are looked through at a start.
const NEWEST_DAYS: usize = 2;
/// The newest files of each stream that are looked at then, of those without a row: one is cut off
/// by a crash, a few where files failed. After a backup of the catalog was restored it is all of
/// them, and recording does not wait for that.
const NEWEST_FILES: usize = 4;

/// Two files that hold the same frames of a run begin within what the mapping of their times may
/// differ by; the next place where a file may begin is further away.
pub(crate) const TWINS_APART_MICROS_MAX: i64 = 5_000;

/// What a start found.
#[derive(Debug, Default)]
pub struct Survey {
    /// By stream, what new footage follows as rows tell.
    pub before: HashMap<StreamId, Before>,
    /// By stream, what is newer than that and was cut off. It counts once it is known that nothing
    /// elsewhere follows it.
    pub found: HashMap<StreamId, Before>,
    /// Files for [`super::finish`], oldest first.
    pub unfinished: Vec<Unfinished>,
    /// What was not looked at, the newest last; [`orphans`] does that, in the background.
    pub older: Vec<Older>,
    /// Files that cannot be read, in words.
    pub unreadable: Vec<String>,
    /// Who the files are that await recovery.
    pub(crate) heads: Vec<Head>,
}

impl Survey {
    /// Says of files that were cut off what did it: `cause` tells by when a file was begun.
    pub fn explain(&mut self, cause: impl Fn(WallTime) -> EndCause) {
        for file in self.unfinished.iter_mut().filter(|file| file.cause == Some(EndCause::Cut)) {
            file.cause = Some(cause(file.place.id.made_at()));
        }
    }
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

/// What a start did not look at.
#[derive(Clone, Debug)]
pub struct Older(What);

#[derive(Clone, Debug)]
enum What {
    /// A folder that nothing is written to.
    Day(DayFolder),
    /// Files that had no row then. Others are written beside them.
    Files(Vec<SegmentPlace>),
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
    let of_volume = |row: &&SegmentRow| row.volume == volume.identity().volume;
    let open = catalog.open_rows()?;
    let own = open.iter().filter(of_volume);
    let mut files: Vec<_> = own.map(|row| (place_of(row), Some(row))).collect();
    let (newest, older) = split_days(volume.days().map_err(|source| listing(volume, source))?, now);
    let mut strangers = Vec::new();
    for day in &newest {
        strangers.extend(without_rows(volume, catalog, day)?);
    }
    let (strangers, later) = split_files(strangers);
    files.extend(strangers.into_iter().map(|place| (place, None)));
    survey.older = older.into_iter().map(What::Day).chain(later).map(Older).collect();
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for (place, row) in files {
        if row.is_none() && was_moving(catalog, place.id)? {
            survey.unfinished.push(stray(place, true));
            continue;
        }
        match recover::tail(volume, &place) {
            Ok(tail) => {
                let reaches = reaches(volume, &place, &tail);
                if row.is_none() {
                    catalog.tail().left(unread_segment(volume, &tail));
                }
                found.push(Found { place, has_row: row.is_some(), tail, reaches });
            }
            Err(error) => {
                if !matches!(error, RecoverError::Nothing { .. }) {
                    survey.unreadable.push(error.to_string());
                }
                unread.push((place, row));
            }
        }
    }
    for stream in catalog.streams()? {
        survey.before.extend(newest_sealed(catalog, stream.id)?.map(|it| (stream.id, it)));
    }
    survey.heads.extend(found.iter().map(Found::head));
    survey.heads.extend(unread.iter().filter_map(|(_, row)| row.map(Head::of_row)));
    let claims = claims(catalog, &survey.heads, &open)?;
    survey.take(catalog, &found, &claims, &open)?;
    survey.take_unread(unread, &claims);
    Ok(survey)
}

/// By segment, what its successor says of it.
type Claims = HashMap<SegmentId, Claim>;

impl Survey {
    /// Files whose ends are known.
    fn take(
        &mut self,
        catalog: &Catalog,
        found: &[Found],
        claims: &Claims,
        open: &[SegmentRow],
    ) -> Result<(), ReadError> {
        let mut superseded = superseded(found);
        for file in found.iter().filter(|file| !file.has_row) {
            if file.is_recorded_elsewhere(catalog, open)? {
                superseded.insert(file.place.id);
            }
        }
        for file in found {
            let id = file.place.id;
            let (claim, dropped) = (claims.get(&id).copied(), superseded.contains(&id));
            self.unfinished.push(unfinished(file.place.clone(), &file.head(), claim, dropped));
            if !dropped {
                file.follow(claim, &mut self.found);
            }
        }
        Ok(())
    }

    /// Files whose ends the disk does not give now, or that hold nothing. Finishing tries again,
    /// and tells what is wrong; where they end is what their successors say all the same.
    fn take_unread(&mut self, unread: Vec<(SegmentPlace, Option<&SegmentRow>)>, claims: &Claims) {
        let mut strays = Vec::new();
        for (place, row) in unread {
            let claim = claims.get(&place.id).copied();
            match row {
                Some(row) => {
                    self.unfinished.push(unfinished(place, &Head::of_row(row), claim, false));
                }
                None => {
                    let up_to = claim.map(|claim| claim.commit);
                    strays.push(Unfinished { up_to, ..stray(place, false) });
                }
            }
        }
        self.unfinished.sort_by_key(|file| (file.place.start, file.place.id));
        // What may hold the same as one of these has its row when it is their turn.
        self.unfinished.extend(strays);
    }
}

/// A file without a row, which is to be read. For one with a row the catalog knows that by itself.
fn unread_segment(volume: &Volume, tail: &Tail) -> UnreadSegment {
    let Identity { segment: id, stream, start, .. } = tail.identity;
    UnreadSegment { id, stream, volume: volume.identity().volume, start }
}

/// Files among what a start did not look at that have no row and are to be adopted, the newest
/// first: what follows one has its row when it is its turn.
pub fn orphans(
    volume: &Volume,
    catalog: &Catalog,
    older: &Older,
) -> Result<Vec<Unfinished>, SurveyError> {
    let places = match &older.0 {
        What::Day(day) => without_rows(volume, catalog, day)?,
        What::Files(files) => still_without_rows(catalog, files.clone())?,
    };
    let unfinished = places.into_iter().rev().map(|place| {
        let was_moving = was_moving(catalog, place.id)?;
        Ok(stray(place, was_moving))
    });
    unfinished.collect()
}

/// A file of which nothing is known yet, or that it does not count.
pub(crate) fn stray(place: SegmentPlace, superseded: bool) -> Unfinished {
    Unfinished { place, up_to: None, cause: None, successor: None, superseded }
}

/// Whether a segment was on its way to another volume: where it has no row it was removed
/// meanwhile. What was lost is forgotten with its moves.
fn was_moving(catalog: &Catalog, segment: SegmentId) -> Result<bool, ReadError> {
    Ok(!catalog.moves_of(segment)?.is_empty())
}

/// What rows say of a file that a start did not look at, and that was never sealed.
pub(crate) fn judge(
    volume: &Volume,
    catalog: &Catalog,
    job: &Unfinished,
) -> Result<Unfinished, ReadError> {
    // What cannot be read now is finishing's business.
    let Ok(tail) = recover::tail(volume, &job.place) else { return Ok(job.clone()) };
    let (place, reaches) = (job.place.clone(), tail.identity.start);
    let found = Found { place, has_row: false, tail, reaches };
    let open = catalog.open_rows()?;
    let head = found.head();
    let claims = claims(catalog, std::slice::from_ref(&head), &open)?;
    let superseded = found.is_recorded_elsewhere(catalog, &open)?;
    let claim = claims.get(&job.place.id).copied();
    let judged = unfinished(found.place, &head, claim, superseded);
    Ok(Unfinished { cause: job.cause, ..judged })
}

/// What rows say of an open row's file.
pub(crate) fn of_row(catalog: &Catalog, row: &SegmentRow) -> Result<Unfinished, ReadError> {
    let head = Head::of_row(row);
    let claims = claims(catalog, &[head], &catalog.open_rows()?)?;
    Ok(unfinished(place_of(row), &head, claims.get(&row.id).copied(), false))
}

/// What a successor says of the segment before it.
#[derive(Clone, Copy)]
struct Claim {
    run: RunId,
    start: WallTime,
    commit: CommitRef,
}

/// What is to become of a file, given what its successor says of it.
fn unfinished(
    place: SegmentPlace,
    head: &Head,
    claim: Option<Claim>,
    superseded: bool,
) -> Unfinished {
    let successor =
        claim.map(|claim| Successor { start: claim.start, goes_on: claim.run == head.run });
    Unfinished {
        place,
        up_to: claim.map(|claim| claim.commit),
        cause: (!successor.is_some_and(|next| next.goes_on)).then_some(EndCause::Cut),
        successor,
        superseded,
    }
}

impl Found {
    fn head(&self) -> Head {
        let identity = &self.tail.identity;
        Head {
            segment: identity.segment,
            stream: identity.stream,
            run: identity.run,
            start: identity.start,
            predecessor: identity.predecessor,
            has_row: self.has_row,
        }
    }

    /// Whether its first batch, which was never durable, was written again to another volume: the
    /// row there tells of the same place in the same run.
    fn is_recorded_elsewhere(
        &self,
        catalog: &Catalog,
        open: &[SegmentRow],
    ) -> Result<bool, ReadError> {
        let identity = &self.tail.identity;
        let named = |predecessor: Option<Predecessor>| {
            predecessor.map(|named| (named.segment, named.commit.number))
        };
        let is_twin = |row: &SegmentRow| {
            let apart = row.start.micros_since(identity.start).abs();
            row.id != identity.segment
                && (row.stream, row.run) == (identity.stream, identity.run)
                && named(row.predecessor) == named(identity.predecessor)
                && apart <= TWINS_APART_MICROS_MAX
        };
        let from = identity.start.plus_micros(-TWINS_APART_MICROS_MAX);
        let sealed = catalog.segment_after(identity.stream, from)?;
        Ok(sealed.iter().chain(open).any(is_twin))
    }

    /// Puts this file in front of what its stream had so far, if it is newer: as far as it counts.
    fn follow(&self, claim: Option<Claim>, before: &mut HashMap<StreamId, Before>) {
        let commit = claim.map_or(self.tail.last, |claim| claim.commit);
        let last = Predecessor { segment: self.tail.identity.segment, commit };
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

fn claims(catalog: &Catalog, heads: &[Head], open: &[SegmentRow]) -> Result<Claims, ReadError> {
    let mut claims = HashMap::new();
    let mut claim = |run: RunId, start: WallTime, predecessor: Option<Predecessor>| {
        if let Some(named) = predecessor {
            claims.insert(named.segment, Claim { run, start, commit: named.commit });
        }
    };
    // What was cut off on another volume has its row there.
    open.iter().for_each(|row| claim(row.run, row.start, row.predecessor));
    for head in heads {
        let next = catalog.segment_after(head.stream, head.start.plus_micros(1))?;
        if let Some(next) = next {
            claim(next.run, next.start, next.predecessor);
        }
        claim(head.run, head.start, head.predecessor);
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

/// The newest segment that is sealed: one that is shown while it awaits recovery may yet be cut.
fn newest_sealed(catalog: &Catalog, stream: StreamId) -> Result<Option<Before>, ReadError> {
    let mut before = WallTime::MAX;
    loop {
        let newest = catalog.segments_before(stream, before, 1)?;
        match newest.first() {
            Some(row) if row.state == SegmentState::Sealed => return Ok(before_of_row(row)),
            Some(row) => before = row.start,
            None => return Ok(None),
        }
    }
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
    let (newest, mut older): (Vec<_>, Vec<_>) = days.into_iter().partition(|day| {
        let count = newer.entry((day.camera_slug.clone(), day.stream.clone())).or_default();
        *count += 1;
        // The clock may be wrong after a start without one: the newest folders count as well.
        let age = now.micros_since(day.begin());
        *count <= NEWEST_DAYS || (0..2 * DAY_MICROS).contains(&age)
    });
    older.reverse();
    (newest, older)
}

/// The newest files of each stream, and the others, by stream.
fn split_files(places: Vec<SegmentPlace>) -> (Vec<SegmentPlace>, Vec<What>) {
    let mut streams: BTreeMap<_, Vec<SegmentPlace>> = BTreeMap::new();
    for place in places {
        let of = (place.camera_slug.clone(), place.stream.clone());
        streams.entry(of).or_default().push(place);
    }
    let (mut newest, mut later) = (Vec::new(), Vec::new());
    for mut files in streams.into_values() {
        files.sort_by_key(|place| (place.start, place.id));
        newest.extend(files.split_off(files.len().saturating_sub(NEWEST_FILES)));
        if !files.is_empty() {
            later.push(What::Files(files));
        }
    }
    (newest, later)
}

fn without_rows(
    volume: &Volume,
    catalog: &Catalog,
    day: &DayFolder,
) -> Result<Vec<SegmentPlace>, SurveyError> {
    let places = volume.segments(day).map_err(|source| listing(volume, source))?;
    Ok(still_without_rows(catalog, places)?)
}

fn still_without_rows(
    catalog: &Catalog,
    places: Vec<SegmentPlace>,
) -> Result<Vec<SegmentPlace>, ReadError> {
    let ids: Vec<_> = places.iter().map(|place| place.id).collect();
    let strangers: BTreeSet<_> = catalog.without_row(&ids)?.into_iter().collect();
    Ok(places.into_iter().filter(|place| strangers.contains(&place.id)).collect())
}

fn listing(volume: &Volume, source: io::Error) -> SurveyError {
    SurveyError::Volume { volume: volume.root().display().to_string(), source }
}
