//! The ZIP around an export (PKWARE APPNOTE 6.3.10): members stored as they are, one after another,
//! and nothing between, before or behind them.
//!
//! Every byte that is not a member's follows from the list of members. So the length of the file is
//! known before the first byte is written; and a file is read by making those bytes again: what
//! differs is not ours.

use base::WallTime;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use world::DiskFile;

/// What a 32-bit field says when the number stands in the ZIP64 field (section 4.5.3).
const ELSEWHERE: u64 = 0xffff_ffff;
/// Where the checksum stands in a member's head (section 4.3.7).
pub(crate) const CRC_AT: u64 = 14;
/// The end of the directory without a comment (section 4.3.16), which the file ends with.
const END_LEN: u64 = 22;
/// The ZIP64 end of the directory, and what leads to it (sections 4.3.14 and 4.3.15).
const END64_LEN: u64 = 56;
const LOCATOR_LEN: u64 = 20;
/// A directory of ours is some kilobytes.
const DIRECTORY_BYTES_MAX: u64 = 1 << 20;
/// What extracts it: version 4.5 knows ZIP64, 1.0 is enough for everything else.
const NEEDS_ZIP64: u16 = 45;
const NEEDS_NOTHING: u16 = 10;
/// Written on Unix, by what knows ZIP64: the upper half of the attributes is a file mode.
const MADE_BY: u16 = 3 << 8 | NEEDS_ZIP64;
/// A plain file, readable by everybody.
const MODE: u32 = 0o100_644 << 16;

/// One file in the ZIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Plain letters: no folder, nothing beyond ASCII.
    pub name: String,
    /// Its bytes.
    pub len: u64,
    /// Their CRC-32.
    pub crc: u32,
}

/// All files in the ZIP, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    pub members: Vec<Member>,
    /// The instant that all of them carry.
    pub made: DosTime,
}

/// An instant to two seconds, in the form of MS-DOS: date, time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DosTime(u16, u16);

impl DosTime {
    /// UTC, held at the ends of what the form can say.
    pub fn of(at: WallTime) -> Self {
        let at = Timestamp::from_microsecond(at.as_micros()).unwrap_or(Timestamp::UNIX_EPOCH);
        let at = TimeZone::UTC.to_datetime(at);
        let part = |number: i8| u16::from(number.unsigned_abs());
        let year = u16::try_from(at.year()).unwrap_or(0).clamp(1980, 2107) - 1980;
        let date = year << 9 | part(at.month()) << 5 | part(at.day());
        let time = part(at.hour()) << 11 | part(at.minute()) << 5;
        Self(date, time | (part(at.second()) / 2))
    }
}

/// The file is not one that we write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not an export as it was written: {0}")]
pub struct NotOurs(pub &'static str);

impl Directory {
    /// The length of the whole ZIP.
    pub fn len(&self) -> u64 {
        self.end_of_members() + self.tail().len() as u64
    }

    /// The head of a member; its bytes follow.
    pub fn head(&self, number: usize) -> Vec<u8> {
        let member = &self.members[number];
        let mut out = Vec::new();
        put32(&mut out, 0x0403_4b50);
        self.put_common(&mut out, member);
        let more =
            if member.len >= ELSEWHERE { zip64_field(&[member.len, member.len]) } else { vec![] };
        put16(&mut out, more.len() as u16);
        out.extend_from_slice(member.name.as_bytes());
        out.extend_from_slice(&more);
        out
    }

    /// Where the heads of the members are.
    pub fn heads(&self) -> Vec<u64> {
        let mut at = 0;
        let place = |number: usize| {
            let own = at;
            at += self.head(number).len() as u64 + self.members[number].len;
            own
        };
        (0..self.members.len()).map(place).collect()
    }

    /// Where the bytes of a member are.
    pub fn data(&self, number: usize) -> std::ops::Range<u64> {
        let start = self.heads()[number] + self.head(number).len() as u64;
        start..start + self.members[number].len
    }

    fn end_of_members(&self) -> u64 {
        self.members.len().checked_sub(1).map_or(0, |last| self.data(last).end)
    }

    /// What follows the last member: the directory and its end.
    pub fn tail(&self) -> Vec<u8> {
        let (start, count) = (self.end_of_members(), self.members.len() as u64);
        let mut out = Vec::new();
        for (member, head) in self.members.iter().zip(self.heads()) {
            self.put_entry(&mut out, member, head);
        }
        let len = out.len() as u64;
        if start >= ELSEWHERE {
            let end64 = start + len;
            put32(&mut out, 0x0606_4b50);
            put64(&mut out, END64_LEN - 12);
            put16(&mut out, MADE_BY);
            put16(&mut out, NEEDS_ZIP64);
            put64(&mut out, 0);
            [count, count, len, start].into_iter().for_each(|number| put64(&mut out, number));
            put32(&mut out, 0x0706_4b50);
            put32(&mut out, 0);
            put64(&mut out, end64);
            put32(&mut out, 1);
        }
        put32(&mut out, 0x0605_4b50);
        put32(&mut out, 0);
        put16(&mut out, count as u16);
        put16(&mut out, count as u16);
        put32(&mut out, len as u32);
        put32(&mut out, start.min(ELSEWHERE) as u32);
        put16(&mut out, 0);
        out
    }

    /// One entry of the directory (section 4.3.12).
    fn put_entry(&self, out: &mut Vec<u8>, member: &Member, head: u64) {
        put32(out, 0x0201_4b50);
        put16(out, MADE_BY);
        let sizes = if member.len >= ELSEWHERE { vec![member.len; 2] } else { vec![] };
        let place = if head >= ELSEWHERE { vec![head] } else { vec![] };
        let more = zip64_field(&[sizes, place].concat());
        self.put_common(out, member);
        put16(out, more.len() as u16);
        // No comment, first disk, no inner attributes.
        put16(out, 0);
        put32(out, 0);
        put32(out, MODE);
        put32(out, head.min(ELSEWHERE) as u32);
        out.extend_from_slice(member.name.as_bytes());
        out.extend_from_slice(&more);
    }

    /// What a member's head and its entry have in common, up to the length of the name.
    fn put_common(&self, out: &mut Vec<u8>, member: &Member) {
        let is_long = member.len >= ELSEWHERE;
        put16(out, if is_long { NEEDS_ZIP64 } else { NEEDS_NOTHING });
        // No flags, stored.
        put32(out, 0);
        put16(out, self.made.1);
        put16(out, self.made.0);
        put32(out, member.crc);
        let len = member.len.min(ELSEWHERE) as u32;
        put32(out, len);
        put32(out, len);
        put16(out, member.name.len() as u16);
    }
}

/// The extra field that holds what 32 bits cannot; empty for no numbers.
fn zip64_field(numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    if !numbers.is_empty() {
        put16(&mut out, 1);
        put16(&mut out, 8 * numbers.len() as u16);
        numbers.iter().for_each(|number| put64(&mut out, *number));
    }
    out
}

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Reads the directory of a ZIP of ours, and proves that nothing is in the file beside its members:
/// all other bytes are made again and compared. The outer error is the disk's.
pub(crate) fn read(file: &dyn DiskFile) -> std::io::Result<Result<Directory, NotOurs>> {
    let len = file.len()?;
    let bytes = |range: std::ops::Range<u64>| -> std::io::Result<Vec<u8>> {
        let len = usize::try_from(range.end - range.start).map_err(std::io::Error::other)?;
        let mut buffer = vec![0; len];
        file.read_exact_at(&mut buffer, range.start)?;
        Ok(buffer)
    };
    let Some(end) = len.checked_sub(END_LEN) else { return Ok(Err(NotOurs("it is too short"))) };
    let end = bytes(end..len)?;
    let mut start = u64::from(Fields(&end).at(16, 4) as u32);
    if start == ELSEWHERE {
        let Some(end64) = len.checked_sub(END_LEN + LOCATOR_LEN + END64_LEN) else {
            return Ok(Err(NotOurs("it is too short")));
        };
        start = Fields(&bytes(end64..end64 + END64_LEN)?).at(48, 8);
    }
    if start >= len || len - start > DIRECTORY_BYTES_MAX {
        return Ok(Err(NotOurs("its directory is not at its end; it may be cut off")));
    }
    let tail = bytes(start..len)?;
    let directory = match parse(&tail, start) {
        Ok(directory) => directory,
        Err(why) => return Ok(Err(why)),
    };
    if directory.end_of_members() != start || directory.tail() != tail {
        return Ok(Err(NotOurs("its directory is another one than we write")));
    }
    for (number, at) in directory.heads().into_iter().enumerate() {
        let head = directory.head(number);
        if bytes(at..at + head.len() as u64)? != head {
            return Ok(Err(NotOurs("the head of a file in it differs from its directory")));
        }
    }
    Ok(Ok(directory))
}

/// Whether it is a name that we give.
pub(crate) fn is_plain(name: &[u8]) -> bool {
    let is_ours = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    !name.is_empty() && name.iter().all(is_ours)
}

/// What the directory says; whether it is true is seen when it is made again.
fn parse(tail: &[u8], members_end: u64) -> Result<Directory, NotOurs> {
    let (mut directory, mut at) = (Directory::default(), 0);
    while Fields(tail).at(at, 4) == 0x0201_4b50 {
        let fields = Fields(tail.get(at..).unwrap_or_default());
        let (name_len, more_len) = (fields.short_at(28), fields.short_at(30));
        let name = tail.get(at + 46..at + 46 + name_len).unwrap_or_default();
        if !is_plain(name) {
            return Err(NotOurs("a file in it has a name that we never give"));
        }
        let mut len = fields.at(24, 4);
        if len == ELSEWHERE {
            len = fields.at(46 + name_len + 4, 8);
        }
        if len > members_end {
            return Err(NotOurs("a file in it is longer than all of it"));
        }
        let name = String::from_utf8_lossy(name).into_owned();
        directory.made = DosTime(fields.at(14, 2) as u16, fields.at(12, 2) as u16);
        directory.members.push(Member { name, len, crc: fields.at(16, 4) as u32 });
        at += 46 + name_len + more_len;
    }
    if directory.members.iter().map(|member| member.len).fold(0, u64::saturating_add) > members_end
    {
        return Err(NotOurs("its files are longer than all of it"));
    }
    Ok(directory)
}

/// Numbers in little-endian bytes; what is not there is 0.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// Two bytes, as a length in memory.
    fn short_at(&self, offset: usize) -> usize {
        usize::from(self.at(offset, 2) as u16)
    }

    fn at(&self, offset: usize, len: usize) -> u64 {
        let bytes = self.0.get(offset..offset + len).unwrap_or_default();
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests;
