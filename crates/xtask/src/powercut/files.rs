//! Segment files as a stranger sees them: sealed, whole, and playable by ffmpeg.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use testcam::Stamp;

use super::removed::Span;

/// What a sealed file ends with (docs/format/segment.md): a box of this many bytes, and what
/// stands in it after its first eight.
const SEAL_BYTES: usize = 166;
const SEAL: &[u8; 16] = b"HoldfastSealed..";

/// A camera's time and ours may be so far apart where the guest gets little of the machine.
const ABOUT_MICROS: i64 = 5_000_000;

/// Frames by camera and session.
pub type Frames = BTreeMap<(u32, u32), Vec<Stamp>>;

/// Files that were looked at, by what is in them: most are the same from cut to cut.
#[derive(Default)]
pub struct Files {
    known: HashMap<u64, Looked>,
}

#[derive(Clone)]
struct Looked {
    stamps: Vec<Stamp>,
    wrong: Option<String>,
}

impl Files {
    /// The frames of all files below `folder`; what is wrong with them goes to `findings`.
    pub fn look(&mut self, folder: &Path, findings: &mut Vec<String>) -> Result<Frames> {
        let mut frames = Frames::new();
        for path in below(folder)? {
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let mut hasher = DefaultHasher::new();
            hasher.write(&bytes);
            let looked = self.known.entry(hasher.finish()).or_insert_with(|| look(&path, &bytes));
            if let Some(wrong) = &looked.wrong {
                findings.push(format!("{}: {wrong}", path.display()));
            }
            for stamp in &looked.stamps {
                frames.entry((stamp.camera, stamp.session)).or_default().push(*stamp);
            }
        }
        frames.values_mut().for_each(|stamps| stamps.sort_by_key(|stamp| stamp.frame));
        Ok(frames)
    }

    /// How many different files were looked at.
    pub fn count(&self) -> usize {
        self.known.len()
    }
}

fn look(path: &Path, bytes: &[u8]) -> Looked {
    let stamps = testcam::stamps(bytes);
    let wrong = match decoded(path) {
        _ if !is_sealed(bytes) => Some("is not sealed".to_owned()),
        Err(words) => Some(format!("does not play: {words}")),
        Ok(count) if count != stamps.len() => {
            Some(format!("plays {count} frames and holds {}", stamps.len()))
        }
        Ok(_) => None,
    };
    Looked { stamps, wrong }
}

fn is_sealed(bytes: &[u8]) -> bool {
    let seal = bytes.len().checked_sub(SEAL_BYTES).and_then(|at| bytes.get(at + 8..at + 24));
    seal == Some(SEAL)
}

/// Whether every file below `folder` is sealed.
pub fn all_sealed(folder: &Path) -> Result<bool> {
    for path in below(folder)? {
        // Retention may take it meanwhile.
        if std::fs::read(path).is_ok_and(|bytes| !is_sealed(&bytes)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many pictures ffmpeg decodes, or what it complains about.
fn decoded(path: &Path) -> Result<usize, String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"]).arg(path);
    command.args(["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framehash"]);
    let output = command.args(["-hash", "crc32", "-"]).output().map_err(|e| e.to_string())?;
    let complaints = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !complaints.is_empty() {
        return Err(complaints.into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count())
}

/// Every MP4 file below `folder`, which need not exist.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "mp4") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Sessions whose frames are not all there. The beginning of a camera's oldest session may have
/// been removed, and of another one where a span `removed` ends there; nothing else may be missing
/// between the first frame and the last.
pub fn holes(frames: &Frames, removed: impl Fn(u32) -> Vec<Span>) -> Vec<String> {
    let mut holes = Vec::new();
    let mut last = None;
    for ((camera, session), stamps) in frames {
        let of = format!("camera {camera}, session {session}");
        for pair in stamps.windows(2) {
            let (a, b) = (pair[0].frame, pair[1].frame);
            if a + 1 != b {
                holes.push(format!("{of}: frame {b} follows frame {a}"));
            }
        }
        let Some(first) = stamps.first() else { continue };
        let ends_there = |(_, to): &Span| (to.as_micros() - first.sent_micros).abs() < ABOUT_MICROS;
        let whole = first.frame == 0 || last != Some(*camera);
        if !whole && !removed(*camera).iter().any(ends_there) {
            holes.push(format!("{of}: begins with frame {}", first.frame));
        }
        last = Some(*camera);
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::WallTime;

    fn frames(of: &[(u32, u32, &[u64])]) -> Frames {
        let stamps = |camera, session, numbers: &[u64]| {
            let stamp = |frame: &u64| Stamp { camera, session, frame: *frame, sent_micros: 0 };
            ((camera, session), numbers.iter().map(stamp).collect())
        };
        of.iter().map(|(camera, session, numbers)| stamps(*camera, *session, numbers)).collect()
    }

    #[test]
    fn only_the_beginning_of_the_oldest_session_may_be_missing() {
        let holes_of = |of: &[(u32, u32, &[u64])]| holes(&frames(of), |_| Vec::new()).len();
        assert_eq!(holes_of(&[(1, 0, &[7, 8]), (1, 3, &[0, 1]), (2, 2, &[5])]), 0);
        assert_eq!(holes_of(&[(1, 0, &[0, 2])]), 1);
        assert_eq!(holes_of(&[(1, 0, &[0, 0])]), 1, "twice");
        let later = [(1, 0, &[0][..]), (1, 1, &[1][..])];
        assert_eq!(holes_of(&later), 1);
        let removed = (WallTime::EPOCH, WallTime::from_micros(ABOUT_MICROS - 1));
        assert_eq!(holes(&frames(&later), |_| vec![removed]).len(), 0, "it was removed");
        let long_ago = (WallTime::EPOCH, WallTime::from_micros(ABOUT_MICROS));
        assert_eq!(holes(&frames(&later), |_| vec![long_ago]).len(), 1);
    }
}
