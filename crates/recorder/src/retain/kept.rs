//! Keeps `holdfast-kept.json` of each stream's folder on a volume as the catalog says, so that a
//! rebuild from files knows what is protected and what was deleted by hand.
//!
//! A note that says what this catalog never said is newer than it, or of another past: a backup was
//! restored. What the note knows of is then taken into the catalog, before anything is removed or
//! shown by what the catalog says.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use archive::{HiddenSpan, Kept, ProtectedSpan, Volume};
use base::{StreamId, WallTime};
use catalog::{Catalog, Change, ProtectionRow, ReadError, StreamRow};

/// What the files of one volume say, as far as it is known.
pub struct KeptFiles {
    volume: Arc<Volume>,
    catalog: Catalog,
    /// `None`: what is said is damaged.
    said: HashMap<StreamId, Option<Kept>>,
}

/// What looking at the notes has led to.
#[derive(Debug, Default)]
pub struct Followed {
    /// What notes know and the catalog does not, to be made durable before anything is removed.
    pub taken: Vec<Taken>,
    /// What could not be read or written, in words; it is tried again the next time.
    pub failed: Vec<String>,
    /// Whether there are notes that could not be read: what they know is not known.
    pub unread: bool,
}

/// What the note of one stream knows and the catalog does not.
#[derive(Debug)]
pub struct Taken {
    /// Camera slug and stream name: `front-door/main`.
    pub stream: String,
    /// For the catalog's writer. Each on its own: one that is refused must not keep others out.
    pub changes: Vec<Change>,
    /// How many of them protect.
    pub protected: usize,
}

impl KeptFiles {
    /// Of `volume`; what its files say is read when a stream is first looked at.
    pub fn new(volume: Arc<Volume>, catalog: Catalog) -> Self {
        Self { volume, catalog, said: HashMap::new() }
    }

    /// Reads the notes of those streams that were not looked at yet, and writes nothing.
    pub fn take_in(&mut self) -> Result<Followed, ReadError> {
        self.look(|_| true, |_, _| Ok(()))
    }

    /// The same, and writes the notes of those streams of which the catalog says something else by
    /// now, where the volume has footage of them.
    pub fn follow(&mut self) -> Result<Followed, ReadError> {
        let here = self.catalog.totals_on(self.volume.identity().volume)?;
        let all = |_| true;
        self.look(all, |files, stream| {
            let has_footage = here.iter().any(|(id, _)| *id == stream.row.id);
            files.write(stream, has_footage)
        })
    }

    /// The same of one stream, whose footage is about to lie here. What the note here knows and the
    /// catalog does not is to be taken in first: until it is, nothing is written.
    pub fn bring(&mut self, stream: StreamId) -> Result<Followed, ReadError> {
        self.look(|id| id == stream, |files, stream| files.write(stream, true))
    }

    fn look(
        &mut self,
        of: impl Fn(StreamId) -> bool,
        mut then: impl FnMut(&mut Self, &Named) -> Result<(), Failure>,
    ) -> Result<Followed, ReadError> {
        let mut followed = Followed::default();
        let cameras = self.catalog.cameras()?;
        for row in self.catalog.streams()?.into_iter().filter(|row| of(row.id)) {
            let camera = cameras.iter().find(|camera| camera.id == row.camera);
            let Some(slug) = camera.map(|camera| camera.slug.clone()) else { continue };
            let stream = Named { slug, row };
            let looked = match self.said.contains_key(&stream.row.id) {
                true => then(self, &stream),
                false => match self.read(&stream) {
                    Ok(taken) if taken.changes.is_empty() => then(self, &stream),
                    Ok(taken) => {
                        followed.taken.push(taken);
                        Ok(())
                    }
                    Err(failure) => {
                        followed.unread |= matches!(failure, Failure::Unread(_));
                        Err(failure)
                    }
                },
            };
            match looked {
                Ok(()) => {}
                Err(Failure::Unread(words) | Failure::Words(words)) => followed.failed.push(words),
                Err(Failure::Catalog(error)) => return Err(error),
            }
        }
        Ok(followed)
    }

    /// Reads the note of a stream; what it knows and the catalog does not. Only a note of which
    /// nothing is to be taken in counts as read.
    fn read(&mut self, stream: &Named) -> Result<Taken, Failure> {
        let mut taken = Taken { stream: stream.to_string(), changes: Vec::new(), protected: 0 };
        let id = stream.row.id;
        let note = match self.volume.read_kept(&stream.slug, &stream.row.name) {
            Ok(note) => note.unwrap_or(Kept::nothing(id)),
            // What is damaged is written anew.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                self.said.insert(id, None);
                return Ok(taken);
            }
            Err(error) => {
                return Err(Failure::Unread(format!("reading what is kept of {stream}: {error}")));
            }
        };
        if note.stream != id && !note.is_empty() {
            return Err(Failure::Words(format!(
                "the note beside the footage of {stream} is of stream {}, which the catalog does \
                 not know: it is left as it is, and `holdfast rebuild` takes it in",
                note.stream
            )));
        }
        if !note.is_empty() && !self.is_known(&note)? {
            let kept = wanted(&self.catalog, id)?;
            taken.changes = missing(&note, &kept);
            let protects = |change: &&Change| matches!(change, Change::Protect(_));
            taken.protected = taken.changes.iter().filter(protects).count();
        }
        if taken.changes.is_empty() {
            self.said.insert(id, Some(note));
        }
        Ok(taken)
    }

    /// Whether the catalog says the same, or once did.
    fn is_known(&self, note: &Kept) -> Result<bool, ReadError> {
        match &note.state {
            Some(state) => self.catalog.knows_kept(note.stream, state),
            None => {
                let kept = wanted(&self.catalog, note.stream)?;
                Ok((&kept.protected, &kept.hidden) == (&note.protected, &note.hidden))
            }
        }
    }

    fn write(&mut self, stream: &Named, has_footage: bool) -> Result<(), Failure> {
        let wanted = wanted(&self.catalog, stream.row.id)?;
        let said = self.said.get(&stream.row.id).and_then(Option::as_ref);
        let same =
            said.is_some_and(|said| *said == wanted || (said.is_empty() && wanted.is_empty()));
        let said_something = said.is_none_or(|said| !said.is_empty());
        if same || (!has_footage && !said_something) {
            return Ok(());
        }
        if let Err(error) = self.volume.write_kept(&stream.slug, &stream.row.name, &wanted) {
            // Nobody knows what it says now; it was read before, and has nothing new.
            self.said.insert(stream.row.id, None);
            let what = format!("noting what is protected of {stream} beside its footage");
            return Err(Failure::Words(format!("{what}: {error}")));
        }
        self.said.insert(stream.row.id, Some(wanted));
        Ok(())
    }
}

/// A stream and its folder.
struct Named {
    slug: String,
    row: StreamRow,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.slug, self.row.name)
    }
}

enum Failure {
    /// A note that is there was not read.
    Unread(String),
    Words(String),
    Catalog(ReadError),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Catalog(error)
    }
}

/// What the file of a stream is to say.
fn wanted(catalog: &Catalog, stream: StreamId) -> Result<Kept, ReadError> {
    let kept = catalog.kept(stream)?;
    let protected = kept.protections.into_iter().map(|row| ProtectedSpan {
        from: row.from,
        to: row.to,
        made: row.made,
        by: row.made_by,
        note: row.note,
    });
    let hidden = kept.hidden.into_iter().map(|(from, to)| HiddenSpan { from, to });
    let (protected, hidden) = (protected.collect(), hidden.collect());
    Ok(Kept { stream, protected, hidden, state: Some(kept.state) })
}

/// What `note` knows and `kept` does not: what is hidden first, for nothing is hidden that is
/// protected.
fn missing(note: &Kept, kept: &Kept) -> Vec<Change> {
    let stream = note.stream;
    let hidden: Vec<_> = kept.hidden.iter().map(|span| (span.from, span.to)).collect();
    let protected: Vec<_> = kept.protected.iter().map(|span| (span.from, span.to)).collect();
    let hide = note.hidden.iter().filter(|span| !is_covered(span.from, span.to, &hidden));
    let hide = hide.map(|span| Change::HideAgain { stream, from: span.from, to: span.to });
    let protect = note.protected.iter().filter(|span| !is_covered(span.from, span.to, &protected));
    let protect = protect.map(|span| {
        Change::Protect(ProtectionRow {
            stream,
            from: span.from,
            to: span.to,
            made: span.made,
            made_by: span.by.clone(),
            note: span.note.clone(),
        })
    });
    hide.chain(protect).collect()
}

/// Whether all of [from, to) lies in `spans`, which are in order of their starts.
fn is_covered(from: WallTime, to: WallTime, spans: &[(WallTime, WallTime)]) -> bool {
    let mut at = from;
    for (start, end) in spans {
        if *start <= at {
            at = at.max(*end);
        }
    }
    at >= to
}
