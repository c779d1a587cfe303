//! What may be wrong with a volume.

use std::io;
use std::path::{Path, PathBuf};

use base::{ArchiveId, VolumeId};

use super::identity::{FORMAT_VERSION, IDENTITY_FILE};

/// A folder is not the volume that was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenVolumeError {
    /// There is no volume in the folder.
    #[error(
        "volume {} is missing (no {IDENTITY_FILE} there): mount its disk; it is never made anew",
        path.display()
    )]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A new volume wants an empty folder.
    #[error(
        "{} is not empty (it holds {found:?}): a new volume needs a folder of its own",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// The volume is another archive's.
    #[error(
        "volume {} belongs to archive {found}, not to this one ({expected}): \
         use another folder, or that archive's catalog",
        path.display()
    )]
    OfAnotherArchive {
        /// The folder.
        path: PathBuf,
        /// The archive that it belongs to.
        found: ArchiveId,
        /// This archive.
        expected: ArchiveId,
    },
    /// The volume is another one of this archive.
    #[error(
        "{} holds volume {found}, where volume {expected} was expected: \
         check which disk is mounted there",
        path.display()
    )]
    AnotherVolume {
        /// The folder.
        path: PathBuf,
        /// The volume that it holds.
        found: VolumeId,
        /// The volume that was asked for.
        expected: VolumeId,
    },
    /// Nothing can be written there.
    #[error(
        "volume {} is read-only ({source}): check its mount and who owns the folder",
        path.display()
    )]
    ReadOnly {
        /// The folder.
        path: PathBuf,
        /// What refused.
        source: io::Error,
    },
    /// Another process records there.
    #[error("volume {} is in use by {by}: stop that first", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it: `process 4242 (holdfast)`.
        by: String,
    },
    /// The volume's description cannot be read.
    #[error(
        "{}/{IDENTITY_FILE} is damaged ({why}): restore it from a backup, or rebuild",
        path.display()
    )]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A later Holdfast made the volume.
    #[error(
        "volume {} has format {found}, this program knows up to {FORMAT_VERSION}: upgrade it",
        path.display()
    )]
    TooNew {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The disk failed.
    #[error("{doing} volume {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl OpenVolumeError {
    /// A failure that may mean that nothing can be written there.
    pub(super) fn refused(doing: &'static str, root: &Path, source: io::Error) -> Self {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        match source.kind() {
            PermissionDenied | ReadOnlyFilesystem => {
                Self::ReadOnly { path: root.to_owned(), source }
            }
            _ => Self::failed(doing, root, source),
        }
    }

    /// Any other failure of the disk.
    pub(super) fn failed(doing: &'static str, root: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: root.to_owned(), source }
    }
}
