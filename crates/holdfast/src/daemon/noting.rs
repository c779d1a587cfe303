//! What is protected and what was deleted by hand, as noted beside the footage of one volume: what
//! the catalog does not know is taken in before the volume is opened to readers and before anything
//! on it is removed; after that the notes follow the catalog.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use archive::Volume;
use base::{MonoTime, StreamId, VolumeId};
use catalog::ApplyError;
use control::alarms::{Board, Kind};
use recorder::retain::{KeptFiles, Taken};

use super::lasting::Lasting;
use super::retaining::in_words;
use super::volumes::OpenVolumes;
use crate::rows::Rows;

/// Notes that cannot be read are waited for no longer than this: a disk that fills up would stop
/// recording.
const UNREAD_MAX: Duration = Duration::from_secs(60);

/// The notes of one volume.
pub struct Notes {
    files: KeptFiles,
    rows: Rows,
    board: Board,
    volume: String,
    began: MonoTime,
    /// Opens the volume to readers, once the catalog knows what the notes know.
    door: Option<Door>,
    lasting: Lasting<Trouble>,
    /// What the catalog did not know: streams, protected spans, deleted ones.
    taken: (BTreeSet<String>, usize, usize),
}

/// What may keep notes and catalog from being brought together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// The catalog or the folder of the notes cannot be read.
    Catalog,
    /// Notes cannot be read or written.
    Files,
    /// What is noted is nothing that can be.
    Refused,
    /// Rows cannot be written.
    Writing,
}

/// The way of readers to a volume.
pub struct Door {
    /// The open volumes.
    pub open: OpenVolumes,
    /// Its id.
    pub id: VolumeId,
    /// The volume.
    pub volume: Arc<Volume>,
}

impl Door {
    fn open(self) {
        self.open.add(self.id, self.volume);
    }
}

impl Notes {
    /// Reads the notes, which takes no longer than looking at a few files, and opens the volume to
    /// readers where the catalog knows them all. Otherwise [`Notes::settle`] does.
    pub fn read(files: KeptFiles, rows: Rows, board: Board, name: &str, door: Door) -> Self {
        let mut notes = Self {
            files,
            rows,
            board,
            volume: name.to_owned(),
            began: MonoTime::default(),
            door: Some(door),
            lasting: Lasting::default(),
            taken: Default::default(),
        };
        let looked = notes.files.take_in();
        if looked.is_ok_and(|looked| looked.taken.is_empty() && !looked.unread) {
            notes.open();
        }
        notes
    }

    /// The same, at a time: from then on notes that cannot be read are waited for.
    #[must_use]
    pub fn since(self, began: MonoTime) -> Self {
        Self { began, ..self }
    }

    /// Whether the catalog knows all that the notes know, so that it may be said what goes; what it
    /// does not know is taken in. May wait for the catalog.
    pub fn settle(&mut self, now: MonoTime) -> bool {
        if self.door.is_none() {
            return true;
        }
        let looked = self.files.take_in();
        self.say(Trouble::Catalog, looked.as_ref().err().map(ToString::to_string));
        let Ok(looked) = looked else { return false };
        self.say(Trouble::Files, in_words(&looked.failed));
        let written = self.take_and_say(looked.taken);
        let waits = looked.unread && now.since(self.began) < UNREAD_MAX;
        if !written || waits {
            return false;
        }
        self.open();
        true
    }

    /// Writes the notes of which the catalog says something else by now.
    pub fn follow(&mut self) {
        let followed = self.files.follow();
        self.say(Trouble::Catalog, followed.as_ref().err().map(ToString::to_string));
        let Ok(followed) = followed else { return };
        self.say(Trouble::Files, in_words(&followed.failed));
        self.take_and_say(followed.taken);
    }

    /// Footage of a stream is about to lie here: what is protected and deleted of it is noted,
    /// durably. May wait for the catalog.
    pub fn bring(&mut self, stream: StreamId) -> Result<(), String> {
        // What the note here knows and the catalog does not is taken in first.
        for _ in 0..2 {
            let followed = self.files.bring(stream).map_err(|error| error.to_string())?;
            if let Some(failed) = followed.failed.into_iter().next() {
                return Err(failed);
            }
            if followed.taken.is_empty() {
                return Ok(());
            }
            if let Some(refused) = in_words(&self.take(followed.taken)?) {
                return Err(refused);
            }
        }
        Err("what is noted there is not in the catalog, and cannot be taken in".to_owned())
    }

    fn open(&mut self) {
        if let Some(door) = self.door.take() {
            door.open();
        }
    }

    /// Makes durable what notes know and the catalog does not; what of it the catalog refuses, in
    /// words. The error is why it cannot be written.
    fn take(&mut self, taken: Vec<Taken>) -> Result<Vec<String>, String> {
        let mut refused = Vec::new();
        for Taken { stream, changes, protected } in taken {
            let deleted = changes.len() - protected;
            for change in changes {
                match self.rows.attempt(vec![change]) {
                    Ok(()) => {}
                    Err(ApplyError::Refused { why, .. }) => {
                        refused.push(format!("what is noted of {stream}: {why}"));
                    }
                    Err(error) => return Err(error.to_string()),
                }
            }
            self.tell(stream, protected, deleted);
        }
        Ok(refused)
    }

    /// The same, said; whether the catalog could be written.
    fn take_and_say(&mut self, taken: Vec<Taken>) -> bool {
        let result = self.take(taken);
        self.say(Trouble::Writing, result.as_ref().err().cloned());
        let Ok(refused) = result else { return false };
        self.say(Trouble::Refused, in_words(&refused));
        true
    }

    /// The catalog is older than the footage: somebody should know.
    fn tell(&mut self, stream: String, protected: usize, deleted: usize) {
        let (streams, all_protected, all_deleted) = &mut self.taken;
        if !streams.insert(stream) {
            return;
        }
        *all_protected += protected;
        *all_deleted += deleted;
        let streams: Vec<&str> = streams.iter().map(String::as_str).collect();
        let words = format!(
            "the catalog did not know of {all_protected} protected and {all_deleted} deleted spans \
             that are noted beside the footage of {}: they are protected, or deleted, again. Was a \
             backup of the catalog restored? Then look through cameras, accounts and limits too",
            streams.join(", ")
        );
        self.board.raise(Kind::CatalogOlder, &self.volume, words);
    }

    fn say(&mut self, kind: Trouble, words: Option<String>) {
        if let Some(words) = self.lasting.news(kind, words) {
            tracing::error!(volume = self.volume, "protected footage: {words}");
        }
    }
}
