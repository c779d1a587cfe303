//! `holdfast-kept.json`: what a stream's segment files cannot say by themselves. It lies in the
//! stream's folder, so that a catalog that is rebuilt from files alone still knows which footage
//! is protected, and which was deleted by hand and must not be shown again.

use std::io;
use std::path::PathBuf;

use base::{StreamId, WallTime};
use serde::{Deserialize, Serialize};

use super::{Volume, is_absent};
use crate::place::is_name;

/// The file's name.
pub const KEPT_FILE: &str = "holdfast-kept.json";
const DRAFT_FILE: &str = "holdfast-kept.json.new";
const FORMAT_VERSION: u32 = 1;
/// Far more than the spans that a stream may have (see `base::limits`).
const KEPT_BYTES_MAX: u64 = 16 << 20;

/// What of a stream's footage is protected, and what is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The stream.
    pub stream: StreamId,
    /// Footage that no rule removes, by start.
    #[serde(default)]
    pub protected: Vec<ProtectedSpan>,
    /// Footage deleted by hand whose segments may still stand, by start.
    #[serde(default)]
    pub hidden: Vec<HiddenSpan>,
    /// What the catalog calls all of this, by which it knows whether it ever said so; `None` in
    /// notes of programs that had no name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// One protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedSpan {
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// When it was made.
    pub made: WallTime,
    /// Who made it.
    pub by: String,
    /// Why, in their words.
    #[serde(default)]
    pub note: String,
}

/// One span deleted by hand: half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenSpan {
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
}

impl Kept {
    /// Nothing is protected, and nothing is hidden.
    pub const fn nothing(stream: StreamId) -> Self {
        Self { stream, protected: Vec::new(), hidden: Vec::new(), state: None }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.protected.is_empty() && self.hidden.is_empty()
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct KeptFile {
    version: u32,
    #[serde(flatten)]
    kept: Kept,
}

impl Volume {
    /// Says durably what is kept of a stream: the file is either the old one or the new one,
    /// whenever the power goes. With nothing to say it is removed. The stream's folder is made
    /// where it is missing.
    pub fn write_kept(&self, camera_slug: &str, stream: &str, kept: &Kept) -> io::Result<()> {
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        let folder = self.stream_folder(camera_slug, stream)?;
        let (path, draft) = (folder.join(KEPT_FILE), folder.join(DRAFT_FILE));
        for old in [Some(&draft), kept.is_empty().then_some(&path)].into_iter().flatten() {
            match self.disk.remove_file(old) {
                Err(error) if !is_absent(&error) => return Err(error),
                _ => {}
            }
        }
        if kept.is_empty() {
            return match self.disk.sync_dir(&folder) {
                Err(error) if is_absent(&error) => Ok(()),
                synced => synced,
            };
        }
        let file = KeptFile { version: FORMAT_VERSION, kept: kept.clone() };
        let mut text = serde_json::to_vec_pretty(&file).map_err(io::Error::other)?;
        text.push(b'\n');
        if text.len() as u64 > KEPT_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.disk.create_dir_all(&folder)?;
        let file = self.disk.create(&draft)?;
        file.write_all_at(&[&text], 0)?;
        file.sync_data()?;
        self.disk.rename(&draft, &path)?;
        self.folders.sync_name(&*self.disk, &self.root, &path)
    }

    /// What is kept of a stream; `None` where nothing is said. `InvalidData` where what is said is
    /// damaged, or a later Holdfast's.
    pub fn read_kept(&self, camera_slug: &str, stream: &str) -> io::Result<Option<Kept>> {
        let path = self.stream_folder(camera_slug, stream)?.join(KEPT_FILE);
        let bytes = match self.disk.read_all(&path, KEPT_BYTES_MAX) {
            Err(error) if is_absent(&error) => return Ok(None),
            bytes => bytes?,
        };
        let damaged = |why: &dyn std::fmt::Display| {
            let words = format!("{camera_slug}/{stream}/{KEPT_FILE} is damaged: {why}");
            io::Error::new(io::ErrorKind::InvalidData, words)
        };
        let version: Version = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if version.version > FORMAT_VERSION {
            let why = format!("it has format {}, upgrade this program", version.version);
            return Err(damaged(&why));
        }
        let file: KeptFile = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        Ok(Some(file.kept))
    }

    /// The folders of all streams that have one here: camera slug and stream name, in order. For a
    /// rebuild.
    pub fn stream_folders(&self) -> io::Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        for camera_slug in self.folders_in(&self.root)? {
            for stream in self.folders_in(&self.root.join(&camera_slug))? {
                all.push((camera_slug.clone(), stream));
            }
        }
        all.sort();
        Ok(all)
    }

    pub(super) fn stream_folder(&self, camera_slug: &str, stream: &str) -> io::Result<PathBuf> {
        if !is_name(camera_slug) || !is_name(stream) {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        Ok(self.root.join(camera_slug).join(stream))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;
    use std::sync::Arc;

    use base::{ArchiveId, VolumeId};
    use world::Disk;
    use world::sim::{Random, SimDisk};

    use super::*;
    use crate::volume::{Expect, VolumeIdentity};

    const STREAM: StreamId = StreamId::from_bytes([5; 16]);

    fn disk() -> SimDisk {
        let disk = SimDisk::new();
        Volume::init(&disk, Path::new("/v"), &identity()).unwrap();
        disk
    }

    fn identity() -> VolumeIdentity {
        VolumeIdentity {
            volume: VolumeId::from_bytes([1; 16]),
            archive: ArchiveId::from_bytes([2; 16]),
            public_key: [3; 32],
        }
    }

    fn volume(disk: &SimDisk) -> Volume {
        let expect = Expect { volume: None, archive: identity().archive };
        Volume::open(Arc::new(disk.clone()), Path::new("/v"), expect, "test").unwrap()
    }

    fn kept(note: &str) -> Kept {
        let (from, to) = (WallTime::from_micros(10), WallTime::from_micros(20));
        let span = ProtectedSpan { from, to, made: to, by: "anna".into(), note: note.into() };
        let (protected, hidden) = (vec![span], vec![HiddenSpan { from, to }]);
        Kept { stream: STREAM, protected, hidden, state: Some("0123".into()) }
    }

    #[test]
    fn what_is_kept_is_read_back_until_there_is_nothing_to_say() {
        let disk = disk();
        let volume = volume(&disk);
        assert_eq!(volume.read_kept("door", "main").unwrap(), None);
        volume.write_kept("door", "main", &kept("a parcel went missing")).unwrap();
        let read = volume.read_kept("door", "main").unwrap();
        assert_eq!(read, Some(kept("a parcel went missing")));
        assert_eq!(volume.stream_folders().unwrap(), [("door".to_owned(), "main".to_owned())]);
        volume.write_kept("door", "main", &Kept::nothing(STREAM)).unwrap();
        assert_eq!(volume.read_kept("door", "main").unwrap(), None);
        volume.write_kept("yard", "main", &Kept::nothing(STREAM)).unwrap();
        assert!(volume.write_kept("..", "main", &kept("")).is_err());
    }

    #[test]
    fn a_note_without_a_name_is_read_and_so_is_one_with_keys_of_later_programs() {
        let disk = disk();
        let volume = volume(&disk);
        volume.write_kept("door", "main", &kept("")).unwrap();
        let path = Path::new("/v/door/main").join(KEPT_FILE);
        let text = String::from_utf8(disk.read_all(&path, 1 << 20).unwrap()).unwrap();
        for (from, to, state) in [
            (",\n  \"state\": \"0123\"", "", None),
            ("\"state\"", "\"later\": 1, \"state\"", Some("0123".to_owned())),
        ] {
            let text = text.replace(from, to);
            let file = disk.open(&path, true).unwrap();
            file.set_len(0).unwrap();
            file.write_all_at(&[text.as_bytes()], 0).unwrap();
            let read = volume.read_kept("door", "main").unwrap().unwrap();
            assert_eq!(read, Kept { state, ..kept("") }, "{text}");
        }
    }

    #[test]
    fn whenever_the_power_goes_the_old_or_the_new_is_there() {
        for changes in 0..8 {
            for seed in 0..8 {
                let disk = disk();
                volume(&disk).write_kept("door", "main", &kept("old")).unwrap();
                let at_work = volume(&disk);
                disk.fail_power_after(changes);
                let written = at_work.write_kept("door", "main", &kept("new"));
                drop(at_work);
                disk.power_cut(&mut Random::new(seed));
                let read = volume(&disk).read_kept("door", "main").unwrap().unwrap();
                let note = read.protected[0].note.as_str();
                assert!(note == "new" || (note == "old" && written.is_err()), "{note:?}");
            }
        }
    }

    #[test]
    fn what_is_damaged_or_newer_is_said_to_be() {
        let disk = disk();
        let volume = volume(&disk);
        volume.write_kept("door", "main", &kept("")).unwrap();
        let path = Path::new("/v/door/main").join(KEPT_FILE);
        for text in ["{", "{\"version\": 2}", "{\"version\": 1}"] {
            let file = disk.open(&path, true).unwrap();
            file.set_len(0).unwrap();
            file.write_all_at(&[text.as_bytes()], 0).unwrap();
            let error = volume.read_kept("door", "main").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{text}: {error}");
        }
    }
}
