//! The ZIP, judged by other programs and by its own reader.

#![allow(clippy::unwrap_used)]

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use world::{Disk as _, SystemDisk};

use super::*;

/// What a program says of a file; panics where it complains.
fn judged(program: &str, words: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(words).arg(file).output().unwrap();
    let (said, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && complaint.is_empty(), "{program}: {said}{complaint}");
    said.into_owned()
}

/// Name, length, offset of the head and compression of each member, as Python reads them; and the
/// checksums of those that are short.
const LIST: &str = "import sys, zipfile
all = zipfile.ZipFile(sys.argv[1])
for i in all.infolist():
    if i.file_size < 2**20: all.read(i)
    print(i.filename, i.file_size, i.header_offset, i.compress_type, *i.date_time)";

fn directory(members: &[(&str, u64)]) -> Directory {
    let member = |(name, len): &(&str, u64)| Member { name: (*name).to_owned(), len: *len, crc: 0 };
    let made = DosTime::of("2026-11-22T20:15:41Z".parse().unwrap());
    Directory { members: members.iter().map(member).collect(), made }
}

/// Writes it with members that are holes.
fn write(directory: &Directory, path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    for (number, head) in directory.heads().into_iter().enumerate() {
        file.seek(SeekFrom::Start(head)).unwrap();
        file.write_all(&directory.head(number)).unwrap();
    }
    file.seek(SeekFrom::Start(directory.end_of_members())).unwrap();
    file.write_all(&directory.tail()).unwrap();
    assert_eq!(file.metadata().unwrap().len(), directory.len());
}

fn zeros(len: u64) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    let zeros = vec![0; 1 << 20];
    for at in (0..len).step_by(1 << 20) {
        crc.update(&zeros[..(len - at).min(1 << 20) as usize]);
    }
    crc.finalize()
}

#[test]
fn small_and_large_members_are_read_by_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let gib = 1 << 30;
    // Behind the long one, heads are where 32 bits cannot say.
    for (number, members) in [
        vec![("a_main.mp4", 5), ("manifest.json", 0)],
        vec![("a_main.mp4", 4 * gib + 5), ("b_main.mp4", 3), ("manifest.json", 70_000)],
        vec![("a_main.mp4", 4 * gib - 1), ("b_main.mp4", 9)],
        vec![("a_main.mp4", 4 * gib - 200), ("b_main.mp4", 300), ("c_main.mp4", 1)],
    ]
    .into_iter()
    .enumerate()
    {
        let mut directory = directory(&members);
        directory.members.iter_mut().for_each(|member| member.crc = zeros(member.len));
        let path = folder.path().join(format!("{number}.zip"));
        write(&directory, &path);
        let listed = judged("python3", &["-c", LIST], &path);
        let heads = directory.heads();
        let expected: Vec<String> = members
            .iter()
            .zip(&heads)
            .map(|((name, len), head)| format!("{name} {len} {head} 0 2026 11 22 20 15 40"))
            .collect();
        assert_eq!(listed.lines().collect::<Vec<_>>(), expected);
        // Info-ZIP takes a length of exactly 2^32 - 1 for one that it has not found yet.
        if members.iter().all(|(_, len)| *len != ELSEWHERE) {
            judged("unzip", &["-vqq"], &path);
        }
        let file = SystemDisk.open(&path, false).unwrap();
        assert_eq!(read(&*file).unwrap(), Ok(directory));
    }
}

/// A file in memory.
struct Bytes(Vec<u8>);

impl DiskFile for Bytes {
    fn write_all_at(&self, _: &[&[u8]], _: u64) -> std::io::Result<()> {
        unreachable!("it is only read")
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
        let range = offset as usize..offset as usize + buffer.len();
        let found = self.0.get(range).ok_or(std::io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }

    fn len(&self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn start_write_out(&self) {}

    fn finish_write_out(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn sync_data(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn set_len(&self, _: u64) -> std::io::Result<()> {
        unreachable!("it is only read")
    }

    fn reserve(&self, _: u64) -> std::io::Result<()> {
        Ok(())
    }
}

fn whole(contents: &[Vec<u8>]) -> (Directory, Vec<u8>) {
    let names: Vec<String> = (0..contents.len()).map(|number| format!("{number}.mp4")).collect();
    let members: Vec<_> =
        names.iter().zip(contents).map(|(name, own)| (&**name, own.len() as u64)).collect();
    let mut directory = directory(&members);
    for (member, own) in directory.members.iter_mut().zip(contents) {
        member.crc = crc32fast::hash(own);
    }
    let mut bytes = Vec::new();
    for (number, own) in contents.iter().enumerate() {
        bytes.extend(directory.head(number));
        bytes.extend(own);
    }
    bytes.extend(directory.tail());
    (directory, bytes)
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_nothing_else_is(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 1..5),
        at in any::<proptest::sample::Index>(),
        with in 1u8..,
        stray in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let (directory, bytes) = whole(&contents);
        prop_assert_eq!(directory.len(), bytes.len() as u64);
        let data = |number: usize| {
            let range = directory.data(number);
            range.start as usize..range.end as usize
        };
        for (number, own) in contents.iter().enumerate() {
            prop_assert_eq!(&bytes[data(number)], &own[..]);
        }
        prop_assert_eq!(read(&Bytes(bytes.clone())).unwrap(), Ok(directory.clone()));
        // One byte that is not a member's is another one: that is noticed, or says something else
        // of a member, which its hashes tell.
        let place = at.index(bytes.len());
        if (0..contents.len()).all(|number| !data(number).contains(&place)) {
            let mut changed = bytes.clone();
            changed[place] ^= with;
            let found = read(&Bytes(changed)).unwrap();
            prop_assert!(found.as_ref().is_err() || found.as_ref() != Ok(&directory), "{found:?}");
        }
        // Something before, between or behind.
        let mut more = bytes.clone();
        more.splice(place..place, stray.iter().copied());
        let found = read(&Bytes(more)).unwrap();
        let inside = (0..contents.len()).any(|number| data(number).contains(&place));
        prop_assert!(found.is_err(), "{found:?} ({inside})");
        // Cut off.
        prop_assert!(read(&Bytes(bytes[..place].to_vec())).unwrap().is_err());
    }

    #[test]
    fn no_bytes_whatever_are_trusted(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&Bytes(bytes)).unwrap().is_err());
    }
}

#[test]
fn times_beyond_what_the_form_can_say_are_held_at_its_ends() {
    let year = |text: &str| {
        let DosTime(date, _) = DosTime::of(text.parse().unwrap());
        1980 + (date >> 9)
    };
    assert_eq!((year("1970-01-01T00:00:00Z"), year("2500-01-01T00:00:00Z")), (1980, 2107));
}
