//! What can go wrong, by operation.

use std::path::PathBuf;

/// The catalog cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("the catalog in {dir} is in use by {by}; stop that first", dir = .dir.display())]
    Locked {
        /// The folder.
        dir: PathBuf,
        /// What the other process wrote about itself.
        by: String,
    },
    /// A newer program wrote it.
    #[error(
        "the catalog in {dir} has schema version {found}, and this program knows versions up to \
         {known}; use the newer program, or restore the backup that it made before migrating",
        dir = .dir.display()
    )]
    Newer {
        /// The folder.
        dir: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// It was to be read as it is, and is of an older version.
    #[error(
        "the catalog in {dir} has the older schema version {found}; start the server once, which \
         migrates it",
        dir = .dir.display()
    )]
    Older {
        /// The folder.
        dir: PathBuf,
        /// Its version.
        found: u32,
    },
    /// There is none.
    #[error(
        "there is no catalog in {dir}; start the server once, or correct [archive] catalog",
        dir = .dir.display()
    )]
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder or a file in it cannot be used.
    #[error("cannot use the catalog folder {dir}: {why}", dir = .dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        #[source]
        why: std::io::Error,
    },
    /// Its file is damaged.
    #[error(
        "the catalog in {dir} is damaged ({why}); stop the server, then restore a backup of it, or \
         let `holdfast rebuild` make a new one from the footage: no footage is lost",
        dir = .dir.display()
    )]
    Damaged {
        /// The folder.
        dir: PathBuf,
        /// What the database said.
        why: String,
    },
    /// The database failed.
    #[error("cannot {what} the catalog in {dir}: {why}", dir = .dir.display())]
    Database {
        /// The folder.
        dir: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the database said.
        why: String,
    },
}

/// What SQLite says of a file that is damaged (its codes CORRUPT and NOTADB).
const DAMAGED: [&str; 3] = ["malformed", "file is not a database", "the database is damaged"];

/// Whether the words of the database say that its file is damaged.
pub(crate) fn is_damage(why: &str) -> bool {
    DAMAGED.iter().any(|words| why.contains(words))
}

/// The words of the database, and what to do where its file is damaged.
pub(crate) fn advised(why: &rusqlite::Error) -> String {
    let why = why.to_string();
    match is_damage(&why) {
        true => format!("{why}; restore a backup, or stop the server and run `holdfast rebuild`"),
        false => why,
    }
}

/// A copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BackUpError {
    /// The file cannot be written.
    #[error("cannot write {path}: {why}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        why: std::io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The catalog gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {what} from the catalog: {why}")]
pub struct ReadError {
    /// What was asked for.
    pub what: &'static str,
    /// What the database said.
    pub why: String,
}

/// Changes were not made; none of the batch was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// One of them cannot be made.
    #[error("the catalog refused change {index}: {why}")]
    Refused {
        /// Its place in the batch.
        index: usize,
        /// Why.
        why: Refusal,
    },
    /// The database failed. Whether the batch took effect is open only when its commit failed;
    /// applying it again is right then.
    #[error("cannot write the catalog: {0}")]
    Database(String),
}

/// Why one change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It speaks of something that there is not.
    #[error("there is no {0}")]
    Missing(String),
    /// Its name is in use.
    #[error("the name {0:?} is in use")]
    NameTaken(String),
    /// It would take away what something else needs.
    #[error("{0}")]
    InUse(String),
    /// There are as many as there may be.
    #[error("{0}")]
    TooMany(String),
    /// It would take more space than there is for it.
    #[error("{0}")]
    NoRoom(String),
    /// There is an account already.
    #[error("there is an account already; sign in")]
    NotFirst,
    /// The one-time link was used, or never was.
    #[error("this link has been used or has expired; ask for a new one")]
    LinkGone,
    /// The segment's life does not go that way.
    #[error("segment {segment} is {state}, which {change} does not allow")]
    WrongState {
        /// The segment.
        segment: base::SegmentId,
        /// Where it stands.
        state: crate::rows::SegmentState,
        /// The change.
        change: &'static str,
    },
}

/// Why one change was not made.
#[derive(Debug)]
pub(crate) enum Failed {
    Refused(Refusal),
    Database(rusqlite::Error),
}

impl From<Refusal> for Failed {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(why: rusqlite::Error) -> Self {
        Self::Database(why)
    }
}
