//! What is in an export, held against what its manifest says of it.

use std::ops::ControlFlow;

use base::limits;
use world::DiskFile;

use super::{Flaw, Halt, Verdict};
use crate::hashes::Hashing;
use crate::manifest::{MANIFEST, Manifest, MemberHashes, PAGE, SIGNATURE};
use crate::zip::{Directory, DosTime, NotOurs};

pub(super) struct Members<'a> {
    pub file: &'a dyn DiskFile,
    pub directory: Directory,
}

impl Members<'_> {
    fn number(&self, name: &str) -> Option<usize> {
        self.directory.members.iter().position(|member| member.name == name)
    }

    pub fn name_all_twice(&self, verdict: &mut Verdict) {
        let members = &self.directory.members;
        for (number, member) in members.iter().enumerate() {
            if members[..number].iter().any(|other| other.name == member.name) {
                verdict.add(Some(&member.name), Flaw::Twice);
            }
        }
    }

    /// What the ZIP tells otherwise than its manifest: the order of the members, and the instant
    /// that they carry. What is missing, or there twice, is told by itself.
    pub fn belies(&self, manifest: &Manifest) -> Option<NotOurs> {
        if self.directory.made != DosTime::of(manifest.made) {
            return Some(NotOurs("its files carry another instant than its manifest"));
        }
        let places = manifest.members().filter_map(|name| self.number(name));
        let is_in_order = places.is_sorted();
        (!is_in_order).then_some(NotOurs("its files are in another order than in its manifest"))
    }

    /// A member that is no longer than that; `None` where it is not there.
    pub fn small(&self, name: &str, len_max: u64) -> std::io::Result<Option<Vec<u8>>> {
        let Some(number) = self.number(name) else { return Ok(None) };
        let range = self.directory.data(number);
        // What is longer is cut, and fails whatever it is held against.
        let len = (range.end - range.start).min(len_max + 1);
        let mut bytes = vec![0; usize::try_from(len).map_err(std::io::Error::other)?];
        self.file.read_exact_at(&mut bytes, range.start)?;
        Ok(Some(bytes))
    }

    /// Holds every member against what the manifest says of it.
    pub fn check_all<B>(
        &self,
        verdict: &mut Verdict,
        progress: &mut dyn FnMut(u64) -> ControlFlow<B>,
    ) -> Result<(), Halt<B>> {
        let Some(manifest) = verdict.manifest.clone() else { return Ok(()) };
        let clips = manifest.clips.iter().map(|clip| (clip.file.as_str(), &clip.hashes));
        let named: Vec<(&str, &MemberHashes)> = clips.chain([(PAGE, &manifest.page)]).collect();
        for (name, hashes) in &named {
            match self.number(name) {
                None => verdict.add(Some(name), Flaw::Missing),
                Some(number) if !self.is_sound(number, Some(*hashes), progress)? => {
                    verdict.add(Some(name), Flaw::Changed);
                }
                Some(_) => {}
            }
        }
        for (number, member) in self.directory.members.iter().enumerate() {
            if named.iter().any(|(name, _)| *name == member.name) {
                continue;
            }
            if ![MANIFEST, SIGNATURE].contains(&member.name.as_str()) {
                verdict.add(Some(&member.name), Flaw::Extra);
            } else if !self.is_sound(number, None, progress)? {
                verdict.add(Some(&member.name), Flaw::Changed);
            }
        }
        Ok(())
    }

    /// Whether a member has its checksum, and the hashes where there are any.
    fn is_sound<B>(
        &self,
        number: usize,
        expected: Option<&MemberHashes>,
        progress: &mut dyn FnMut(u64) -> ControlFlow<B>,
    ) -> Result<bool, Halt<B>> {
        let range = self.directory.data(number);
        let (mut at, mut hashing) = (range.start, Hashing::default());
        let mut buffer = vec![0; limits::BODY_SLICE_BYTES_MAX];
        while at < range.end {
            let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let len = left.min(buffer.len());
            let piece = &mut buffer[..len];
            self.file.read_exact_at(piece, at)?;
            hashing.update(piece);
            if let ControlFlow::Break(why) = progress(len as u64) {
                return Err(Halt::BrokenOff(why));
            }
            at += len as u64;
        }
        let (crc, hashes) = hashing.finish();
        let is_same = expected.is_none_or(|expected| *expected == hashes);
        Ok(crc == self.directory.members[number].crc && is_same)
    }
}
