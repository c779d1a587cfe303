//! What the slow thread of a volume does about space: old footage goes by stated rules, in small
//! steps; what is protected is noted beside the footage; how far streams will reach is worked out.

use std::sync::Arc;
use std::time::Duration;

use archive::Volume;
use base::{MonoTime, StreamId};
use catalog::{Catalog, Change, ReadError};
use config::Keep;
use recorder::retain::others::{Others, Seen};
use recorder::retain::{Decision, RetainError, Rules, Why};
use recorder::{Now, Retention, Site};

use super::health::{Health, VolumeHealth};
use super::lasting::Lasting;
use super::noting::Notes;
use super::today::Today;
use crate::rows::Rows;

/// How often it is worked out how far streams will reach.
const OUTLOOK_PERIOD: Duration = Duration::from_secs(60);
/// How often all is looked at, also where the catalog says what it said before.
const WHOLE_PERIOD: Duration = Duration::from_secs(60);
/// So many bytes may be reserved ahead of segments that have just begun.
const RESERVED_BYTES: u64 = 16 << 20;
/// So long after footage went before its `min_days` were over, that is still told.
const MIN_DAYS_TOLD: Duration = Duration::from_secs(6 * 3600);

/// Retention of one volume, as its thread does it.
pub struct Retaining {
    volume: Arc<Volume>,
    catalog: Catalog,
    rows: Rows,
    health: Health,
    name: String,
    retention: Retention,
    notes: Notes,
    today: Today,
    others: Others,
    outlook_due: MonoTime,
    /// What each stream's footage is to be kept by, as of the revision below.
    keeps: Vec<(StreamId, Keep)>,
    /// The catalog's revision at which nothing was left to do.
    settled: Option<u64>,
    /// When all is looked at, whatever the revision.
    whole_due: MonoTime,
    /// Until when it is told that `min_days` could not be held.
    min_days_until: Option<MonoTime>,
    lasting: Lasting<Trouble>,
}

/// What may keep space from being looked after.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// What is to go cannot be decided.
    Decision,
    /// What was deleted of footage that is still to come cannot be forgotten.
    ToCome,
    /// Files of rows that are gone stay.
    Removal,
    /// How far streams will reach cannot be worked out.
    Outlook,
    /// Rows cannot be written.
    Writing(Writing),
}

/// Which rows.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Writing {
    Decided,
    Swept,
    ToCome,
}

impl Retaining {
    /// Of the volume at `site`, which is called `name`, with the notes on it.
    pub fn new(
        site: &Site,
        rows: Rows,
        health: Health,
        today: Today,
        name: &str,
        notes: Notes,
    ) -> Self {
        let (volume, catalog) = (site.volume.clone(), site.catalog.clone());
        Self {
            retention: Retention::new(volume.clone(), catalog.clone())
                .signed_with(site.key.clone()),
            notes: notes.since(site.clock.mono()),
            volume,
            catalog,
            rows,
            health,
            name: name.to_owned(),
            today,
            others: Others::default(),
            outlook_due: MonoTime::default(),
            keeps: Vec::new(),
            settled: None,
            whole_due: MonoTime::default(),
            min_days_until: None,
            lasting: Lasting::default(),
        }
    }

    /// Looks at space, and removes a few segments where some have to go; whether more may have to
    /// go at once.
    pub fn look(&mut self, now: Now) -> bool {
        let space = self.volume.space();
        self.health.update(|health| health.space = space.ok().or(health.space));
        if !self.notes.settle(now.mono) {
            return false;
        }
        // Rows change every few minutes: what only they can tell is not asked each time.
        let revision = self.catalog.revision();
        let is_new = self.settled.take() != Some(revision) || now.mono >= self.whole_due;
        let looked = self.carry_out(now, is_new);
        self.say(Trouble::Decision, looked.as_ref().err().map(ToString::to_string));
        let Ok(Left { more, settled }) = looked else { return false };
        self.settled = (settled && !more).then_some(revision);
        more
    }

    /// Decides and removes; with `is_new` rows may say what they did not say before.
    fn carry_out(&mut self, now: Now, is_new: bool) -> Result<Left, RetainError> {
        let went_well = !is_new || self.look_at_rows(now)?;
        let today = self.today.now(now);
        let rules = rules(self.keeps.clone(), &self.health.snapshot());
        let decision = self.retention.decide(&rules, Now { wall: today, ..now })?;
        self.tell(&decision, now.mono);
        let (more, decided) = (decision.more, !decision.changes.is_empty());
        if !self.apply(Writing::Decided, decision.changes) {
            return Ok(Left { more: false, settled: false });
        }
        let (more, clean) = match is_new || decided {
            true => self.sweep(more),
            false => (more, true),
        };
        if !more {
            self.notes.follow();
            if now.mono >= self.outlook_due {
                self.outlook_due = now.mono + OUTLOOK_PERIOD;
                self.look_ahead(&rules, today);
            }
        }
        Ok(Left { more, settled: went_well && clean && !decided })
    }

    /// Reads how streams are kept, and forgets what was deleted of footage that is still to come;
    /// whether that went well. Where it did not, what is known of other streams goes all the same.
    fn look_at_rows(&mut self, now: Now) -> Result<bool, ReadError> {
        self.whole_due = now.mono + WHOLE_PERIOD;
        self.keeps = keeps(&self.catalog)?;
        let forgotten = self.retention.forget_what_is_to_come(now.wall);
        self.say(Trouble::ToCome, forgotten.as_ref().err().map(ToString::to_string));
        Ok(forgotten.is_ok_and(|changes| self.apply(Writing::ToCome, changes)))
    }

    /// Removes files of rows that are garbage; whether there are more of anything, which `more`
    /// says of what went before, and whether all went well.
    fn sweep(&mut self, more: bool) -> (bool, bool) {
        let swept = match self.retention.sweep() {
            Ok(swept) => swept,
            Err(error) => {
                self.say(Trouble::Removal, Some(error.to_string()));
                return (more, false);
            }
        };
        let failed = [swept.failed.as_slice(), swept.unsaid.as_slice()].concat();
        self.say(Trouble::Removal, in_words(&failed));
        let applied = self.apply(Writing::Swept, swept.changes);
        ((applied && swept.more) || more, applied && failed.is_empty())
    }

    /// Footage of a stream is about to lie here: what is protected and deleted of it is noted.
    pub fn bring(&mut self, stream: StreamId) -> Result<(), String> {
        self.notes.bring(stream)
    }

    fn look_ahead(&mut self, rules: &Rules, today: base::WallTime) {
        let outlook = self.retention.outlook(rules, today);
        self.say(Trouble::Outlook, outlook.as_ref().err().map(ToString::to_string));
        let Ok(outlook) = outlook else { return };
        self.health.update(|health| {
            health.outlook = outlook.into_iter().map(|of| (of.stream, of)).collect();
        });
    }

    /// Says what somebody should know of a decision: to the log when it begins, to health while it
    /// lasts.
    fn tell(&mut self, decision: &Decision, now: MonoTime) {
        if let Some((first, why)) = decision.removed.first() {
            let (count, oldest) = (decision.removed.len(), first.start);
            tracing::debug!(volume = self.name, count, %oldest, ?why, "footage goes");
        }
        if decision.removed.iter().any(|(_, why)| *why == Why::MinDays) {
            if self.min_days_until.is_none() {
                tracing::warn!(
                    volume = self.name,
                    "footage goes before its min_days are over: the disk is too small for them"
                );
            }
            self.min_days_until = Some(now + MIN_DAYS_TOLD);
        }
        self.min_days_until = self.min_days_until.filter(|until| now < *until);
        let known = self.health.snapshot();
        let others = known.space.and_then(|space| {
            let Decision { footage, growing, in_need, .. } = *decision;
            let unsure = growing.saturating_mul(2).saturating_add(RESERVED_BYTES);
            self.others.look(now, Seen { space, footage, unsure, in_need })
        });
        if let (Some(bytes), None) = (others, known.others) {
            tracing::warn!(
                volume = self.name,
                "others have put {bytes} bytes on this disk: footage goes earlier, to keep free \
                 what is to stay free"
            );
        }
        let min_days_broken = self.min_days_until.is_some();
        let before = known.space_trouble();
        self.health.update(|health| {
            health.short = decision.short;
            health.futile = decision.futile;
            health.protected = decision.protected;
            health.others = others;
            health.min_days_broken = min_days_broken;
        });
        if let (Some(words), None) = (self.health.snapshot().shortage(), before) {
            tracing::error!(volume = self.name, "{words}");
        }
    }

    fn say(&mut self, kind: Trouble, words: Option<String>) {
        if let Some(words) = self.lasting.news(kind, words) {
            tracing::error!(volume = self.name, "retention: {words}");
        }
    }

    /// Makes rows durable; whether they are.
    fn apply(&mut self, what: Writing, changes: Vec<Change>) -> bool {
        let applied = self.rows.attempt(changes);
        self.say(Trouble::Writing(what), applied.as_ref().err().map(ToString::to_string));
        applied.is_ok()
    }
}

/// What a look has left to do.
struct Left {
    /// More may have to go at once.
    more: bool,
    /// Nothing, as long as the catalog says the same.
    settled: bool,
}

/// What is to be kept of each stream, as the catalog's rows say.
pub fn keeps(catalog: &Catalog) -> Result<Vec<(StreamId, Keep)>, ReadError> {
    Ok(catalog.streams()?.iter().map(|stream| (stream.id, stream.keep)).collect())
}

/// What is to be kept on a volume: of `streams`, and as the volume's health says.
pub fn rules(streams: Vec<(StreamId, Keep)>, health: &VolumeHealth) -> Rules {
    let total = health.space.map_or(0, |space| space.total);
    let by_day: u64 = health.outlook.values().map(|of| of.bytes_per_second).sum();
    Rules {
        keep_free: health.keep_free.bytes_of(total),
        streams,
        bytes_per_second: health.bytes_per_second.max(by_day),
    }
}

/// The first of all failures, and how many there are.
pub(super) fn in_words(failed: &[String]) -> Option<String> {
    match failed {
        [] => None,
        [one] => Some(one.clone()),
        [first, more @ ..] => Some(format!("{first} (and {} more)", more.len())),
    }
}
