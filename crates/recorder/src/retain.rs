//! Removing old footage by stated rules, in an order that a power cut cannot harm: the row is
//! garbage, durably, before the file goes, and is deleted after that is durable.
//!
//! [`Retention::decide`] names what has to go; the driver applies those changes.
//! [`Retention::sweep`] then removes the files of rows that *are* garbage in the catalog, and
//! nothing else; the driver applies its changes, and the rows are gone. Whatever a crash leaves in
//! between, the next sweep takes up. Both go in steps of [`limits::REMOVALS_MAX`] segments, so that
//! no removal, however large, holds the catalog's writer up.

pub mod age;
pub mod choose;
mod freeing;
pub mod held;
pub mod kept;
pub mod others;
mod outlook;
mod records;
pub mod share;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use archive::{ArchiveKey, RemovalReason, SegmentPlace, Volume};
use base::{MonoTime, StreamId, VolumeId, WallTime, limits};
use catalog::{Catalog, Change, ReadError, SegmentRow, SegmentSpan, Totals};
use config::Keep;
use world::Space;

pub use choose::{Candidate, Choice, Hold, StreamBudget, VolumeBudget, Why, choose};
pub use held::Said;
pub use kept::{Followed, KeptFiles, Taken};
pub use outlook::{Outlook, Removal};
pub use share::{Share, Sharer};

use crate::rows::place_of;
use crate::{Now, removed};
use freeing::{Freeing, Stand};
use held::HeldBytes;
use records::{Recorded, Records};

/// Retention keeps room for what is written in this many seconds, so that recording never waits.
const AHEAD_SECONDS: u64 = 20 * 60;
/// That room is at most this part of the disk.
const AHEAD_PART: u64 = 10;
/// Spans deleted by hand of which it is remembered that nothing is left to remove.
const SETTLED_MAX: usize = 65_536;
/// … but only once it is so old.
const SETTLE_MICROS: i64 = 3600 * 1_000_000;
/// A span deleted by hand is forgotten when all footage is younger by this much.
const FORGET_MICROS: i64 = 24 * 3600 * 1_000_000;

/// What is kept on a volume.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    /// Bytes that stay free on the volume's disk, whoever fills it.
    pub keep_free: u64,
    /// What is kept of each stream; of those that are not here: as much as there is room for.
    pub streams: Vec<(StreamId, Keep)>,
    /// Bytes a second that are written now: see [`crate::VolumeRecorder::bytes_per_second`].
    pub bytes_per_second: u64,
}

/// What [`Retention::decide`] came to.
#[derive(Debug, Default)]
pub struct Decision {
    /// For the catalog's writer: these segments become garbage, except what was protected since.
    pub changes: Vec<Change>,
    /// The same segments, and why each goes.
    pub removed: Vec<(SegmentSpan, Why)>,
    /// Bytes that miss on the disk although everything that may go goes.
    pub short: u64,
    /// Bytes of protected footage on the volume.
    pub protected: u64,
    /// Whether there may be more to remove: decide again once the changes are applied.
    pub more: bool,
    /// Whether less is free than should be, before anything goes.
    pub in_need: bool,
    /// Bytes on the volume's disk that are this archive's footage, garbage too.
    pub footage: u64,
    /// Of these, bytes of segments that grow: more may be reserved ahead of them.
    pub growing: u64,
    /// Whether removing footage frees nothing, so that none goes for `keep_free`: a snapshot of
    /// the disk holds what was removed.
    pub futile: bool,
}

/// What [`Retention::sweep`] did.
#[derive(Debug, Default)]
pub struct Swept {
    /// For the catalog's writer: the removal of these segments' files is durable.
    pub changes: Vec<Change>,
    /// Files that could not be removed, in words; they are tried again.
    pub failed: Vec<String>,
    /// Notes of what was removed that could not be written, in words: the hole that it leaves in
    /// the chain is explained to nobody.
    pub unsaid: Vec<String>,
    /// Whether there may be more to sweep, once the changes are applied.
    pub more: bool,
}

/// Retention cannot be done now.
#[derive(Debug, thiserror::Error)]
pub enum RetainError {
    /// The disk does not say how much is free.
    #[error("measuring the free space of volume {volume}: {source}")]
    Space {
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The volume's disk is gone.
    #[error("volume {volume} is gone, and with it what should be removed from it: {source}")]
    Gone {
        /// Its folder.
        volume: String,
        /// Why.
        source: archive::OpenVolumeError,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
}

/// Retention on one volume.
pub struct Retention {
    volume: Arc<Volume>,
    catalog: Catalog,
    records: Records,
    /// Spans deleted by hand that hold no whole segment any more.
    settled: BTreeSet<(StreamId, WallTime, WallTime)>,
    /// Signs notes of what is removed.
    key: Option<Arc<ArchiveKey>>,
    /// When it last decided.
    as_of: Now,
    /// How the disk stood then.
    stand: Stand,
    freeing: Freeing,
}

/// One stream, with what a decision about it needs.
struct Weighed {
    stream: StreamId,
    keep: Keep,
    said: Said,
    /// Sealed footage on all volumes, and on this one.
    all: Totals,
    here: Totals,
    growing: u64,
    held: HeldBytes,
}

/// Everything that a decision is made of.
struct Scale {
    budget: VolumeBudget,
    streams: Vec<Weighed>,
    /// Bytes of sealed and growing footage here, garbage not counted.
    footage: u64,
}

impl Retention {
    /// Retention on `volume`.
    pub fn new(volume: Arc<Volume>, catalog: Catalog) -> Self {
        Self {
            volume,
            catalog,
            records: Records::default(),
            settled: BTreeSet::new(),
            key: None,
            as_of: Now { wall: WallTime::EPOCH, mono: MonoTime::default() },
            stand: Stand::default(),
            freeing: Freeing::default(),
        }
    }

    /// The same, whose notes of what is removed are signed with `key`.
    pub fn signed_with(self, key: Option<Arc<ArchiveKey>>) -> Self {
        Self { key, ..self }
    }

    /// What has to go as of `now` for `rules` to hold. Called again before its changes are applied,
    /// it names the same segments again, which does no harm.
    pub fn decide(&mut self, rules: &Rules, now: Now) -> Result<Decision, RetainError> {
        self.as_of = now;
        let mut scale = self.weigh(rules)?;
        let missing = scale.budget.missing();
        if missing == 0 {
            self.freeing.enough();
        }
        let (futile, mut count_max) = (self.freeing.is_futile(), limits::REMOVALS_MAX);
        if futile && self.freeing.tries(now.mono) {
            count_max = 1;
        } else if futile {
            scale.budget = scale.budget.without_need();
        }
        let (candidates, choice) = self.choose(&scale, now.wall, count_max)?;
        let removed: Vec<(SegmentSpan, Why)> =
            choice.remove.iter().map(|(at, why)| (candidates[*at], *why)).collect();
        let mut changes: Vec<Change> =
            removed.iter().map(|(segment, _)| Change::SegmentDue(segment.id)).collect();
        changes.extend(scale.streams.iter().filter_map(|stream| self.forget(stream)));
        Ok(Decision {
            changes,
            removed,
            short: if futile { missing } else { choice.short },
            protected: scale.streams.iter().map(|stream| stream.held.here).sum(),
            more: choice.more && count_max > 1,
            in_need: missing > 0,
            footage: scale.footage.saturating_add(scale.budget.leaving),
            growing: self.stand.growing,
            futile,
        })
    }

    /// Removes the files of rows that are garbage, after a signed note of each stream says so. On a
    /// disk that is gone nothing is tried.
    pub fn sweep(&mut self) -> Result<Swept, RetainError> {
        let mut swept = Swept::default();
        let gone = |source| RetainError::Gone { volume: self.root(), source };
        self.volume.is_there().map_err(gone)?;
        let rows = self.catalog.garbage_on(self.id(), limits::REMOVALS_MAX)?;
        if rows.is_empty() {
            return Ok(swept);
        }
        let places: Vec<SegmentPlace> = rows.iter().map(place_of).collect();
        let unsaid = self.note(&rows)?;
        let mut held = Vec::with_capacity(places.len());
        for place in &places {
            let usage = self.volume.usage(place);
            held.push(usage.as_ref().map_or(0, |usage| usage.allocated));
            // A file that is gone already frees nothing, and that is all.
            if let Err(error) = usage.as_ref()
                && error.kind() != io::ErrorKind::NotFound
            {
                swept.failed.push(format!("measuring segment {}: {error}", place.relative()));
            }
        }
        let mut freed = Vec::new();
        let before = self.volume.space();
        let results = self.volume.remove_all(&places);
        // A full disk takes the note once something is gone.
        swept.unsaid = if unsaid.is_empty() { unsaid } else { self.note(&rows)? };
        for (((row, place), removed), held) in rows.iter().zip(&places).zip(results).zip(held) {
            match removed {
                Ok(()) => {
                    freed.push((held, row.allocated));
                    swept.changes.push(Change::SegmentDeleted(row.id));
                }
                Err(error) => {
                    swept.failed.push(format!("removing segment {}: {error}", place.relative()));
                }
            }
        }
        if !freed.is_empty() {
            let unmeasured = self.watch(&freed, before).err();
            swept.failed.extend(unmeasured.map(|error| format!("measuring free space: {error}")));
        }
        swept.more = rows.len() >= limits::REMOVALS_MAX && swept.failed.is_empty();
        Ok(swept)
    }

    /// Watches whether what was removed becomes free: of each file, the bytes that it took and
    /// those that its row said. `before` is how the disk stood just before.
    fn watch(&mut self, removed: &[(u64, u64)], before: io::Result<Space>) -> io::Result<()> {
        for (held, said) in removed {
            self.freeing.removed(self.as_of.mono, *held, *said, self.stand);
        }
        let (before, after) = (before?, self.volume.space()?);
        let held: u64 = removed.iter().map(|(held, said)| held.min(said)).sum();
        if held > 0 && after.free.saturating_sub(before.free) >= held / 2 {
            self.freeing.comes_at_once();
        }
        Ok(())
    }

    fn note(&self, rows: &[SegmentRow]) -> Result<Vec<String>, ReadError> {
        let mut said = BTreeMap::new();
        for row in rows {
            if let Entry::Vacant(entry) = said.entry(row.stream) {
                entry.insert(Said::of(&self.catalog, row.stream)?);
            }
        }
        let by_hand = |row: &SegmentRow| {
            said.get(&row.stream).is_some_and(|said| said.deleted.cover(row.start, row.end))
        };
        let reason = |row: &SegmentRow| match by_hand(row) {
            true => RemovalReason::Deleted,
            false => RemovalReason::Retention,
        };
        Ok(removed::note(&self.volume, self.key.as_deref(), rows, self.as_of.wall, reason))
    }

    fn id(&self) -> VolumeId {
        self.volume.identity().volume
    }

    fn root(&self) -> String {
        self.volume.root().display().to_string()
    }

    /// Looks up what there is.
    fn weigh(&mut self, rules: &Rules) -> Result<Scale, RetainError> {
        let unmeasured = |source| RetainError::Space { volume: self.root(), source };
        let space = self.volume.space().map_err(unmeasured)?;
        let (id, tail) = (self.id(), self.catalog.tail());
        self.records.read(&self.catalog, id)?;
        let keep_of = |stream| rules.streams.iter().find(|(id, _)| *id == stream).map(|s| s.1);
        let weighed = |of: &Recorded| Weighed {
            stream: of.stream,
            keep: keep_of(of.stream).unwrap_or_default(),
            said: of.said.clone(),
            all: of.all,
            here: of.here,
            growing: tail.allocated_of(of.stream),
            held: of.held,
        };
        let streams: Vec<Weighed> = self.records.streams.iter().map(weighed).collect();
        let garbage = self.records.garbage;
        let sealed: u64 = streams.iter().map(|stream| stream.here.allocated).sum();
        let growing = tail.allocated_on(id);
        let footage = sealed.saturating_add(growing);
        let Space { total, available, free } = space;
        let taken = footage.saturating_add(garbage);
        self.stand = Stand { free, footage: taken, total, growing };
        self.freeing.look(self.as_of.mono, self.stand);
        let ahead = rules.bytes_per_second.saturating_mul(AHEAD_SECONDS);
        let budget = VolumeBudget {
            available,
            leaving: garbage.saturating_add(self.freeing.leaving(self.as_of.mono)),
            keep_free: rules.keep_free,
            ahead: ahead.min(total / AHEAD_PART),
        };
        Ok(Scale { budget, streams, footage })
    }

    /// Chooses at most `count_max` segments; all that were in question, and the choice.
    fn choose(
        &mut self,
        scale: &Scale,
        now: WallTime,
        count_max: usize,
    ) -> Result<(Vec<SegmentSpan>, Choice), RetainError> {
        let budgets: Vec<StreamBudget> = scale.streams.iter().map(Weighed::budget).collect();
        let missing = scale.budget.missing() > 0;
        let mut segments: Vec<SegmentSpan> = Vec::new();
        for stream in &scale.streams {
            self.deleted(stream, now, count_max, &mut segments)?;
            let free = |segment: &SegmentSpan| stream.said.hold(segment) != Hold::Protected;
            let max = stream.keep.max_bytes.unwrap_or(u64::MAX);
            let over = stream.budget().bytes > max;
            if over && stream.all.segments > stream.here.segments {
                let oldest = self.catalog.oldest_spans(stream.stream, None, count_max, free)?;
                segments.extend(oldest);
            }
            if missing || over || stream.keep.max_days.is_some() {
                let id = Some(self.id());
                segments.extend(self.catalog.oldest_spans(stream.stream, id, count_max, free)?);
            }
        }
        segments.sort_by_key(|segment| (segment.start, segment.id));
        segments.dedup_by_key(|segment| segment.id);
        let said = |of: StreamId| scale.streams.iter().find(|stream| stream.stream == of);
        let candidates: Vec<Candidate> = segments
            .iter()
            .map(|segment| Candidate {
                stream: segment.stream,
                start: segment.start,
                end: segment.end,
                bytes: segment.allocated,
                here: segment.volume == self.id(),
                hold: said(segment.stream).map_or(Hold::None, |s| s.said.hold(segment)),
            })
            .collect();
        let choice = choose(now, scale.budget, &budgets, &candidates, count_max);
        Ok((segments, choice))
    }

    /// Adds up to `count_max` segments here that lie wholly in what was deleted by hand.
    fn deleted(
        &mut self,
        stream: &Weighed,
        now: WallTime,
        count_max: usize,
        segments: &mut Vec<SegmentSpan>,
    ) -> Result<(), RetainError> {
        // What grows, or awaits recovery, may yet come to lie in a young span.
        let growing = self.catalog.tail().first_start(stream.stream);
        let settled = growing.unwrap_or(now).min(now.plus_micros(-SETTLE_MICROS));
        let id = self.id();
        for (from, to) in stream.said.deleted.iter() {
            let key = (stream.stream, from, to);
            if self.settled.contains(&key) {
                continue;
            }
            let inside = |segment: &SegmentSpan| {
                segment.volume == id && stream.said.hold(segment) == Hold::Deleted
            };
            let found = self.catalog.spans(stream.stream, from, to)?;
            let before = segments.len();
            segments.extend(found.into_iter().filter(inside).take(count_max));
            if segments.len() == before && to <= settled && self.settled.len() < SETTLED_MAX {
                self.settled.insert(key);
            }
        }
        Ok(())
    }

    /// Forgets what was deleted by hand of footage that was dated ahead, once none of it stands:
    /// what is recorded there when its time comes is other footage. `now` is what the clock
    /// reads: what was received by then and is not durable yet may still come to lie in what is
    /// hidden.
    pub fn forget_what_is_to_come(&self, now: WallTime) -> Result<Vec<Change>, ReadError> {
        let mut changes = Vec::new();
        for stream in self.catalog.streams()?.into_iter().map(|stream| stream.id) {
            let hidden = self.catalog.hidden(stream, now, WallTime::MAX)?;
            let Some((_, last)) = hidden.last().copied() else { continue };
            let newest = self.catalog.segments_before(stream, WallTime::MAX, 1)?;
            let after = newest.first().map_or(now, |newest| newest.end.max(now));
            // What was not read yet may lie there.
            if after < last && self.catalog.tail().unread(stream).is_empty() {
                changes.push(Change::ForgetHiddenAfter { stream, after });
            }
        }
        Ok(changes)
    }

    /// Forgets what was deleted by hand long before anything that still stands.
    fn forget(&self, stream: &Weighed) -> Option<Change> {
        let oldest = stream.all.first?.plus_micros(-FORGET_MICROS);
        let (_, first) = stream.said.deleted.iter().next()?;
        let stream = stream.stream;
        (first <= oldest).then_some(Change::ForgetHidden { stream, before: oldest })
    }
}

impl Weighed {
    /// `max_bytes` counts what is not protected, so that protecting footage takes nothing away
    /// from what is recorded.
    fn budget(&self) -> StreamBudget {
        let bytes = self.all.allocated.saturating_add(self.growing);
        let bytes = bytes.saturating_sub(self.held.all);
        StreamBudget { stream: self.stream, keep: self.keep, bytes }
    }
}
