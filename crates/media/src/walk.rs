//! Reading a segment file from its start: which commits count, and what they hold. For recovery,
//! check and rebuild. Robust against any bytes.

use base::limits::{MOOF_BYTES_MAX, MOOV_BYTES_MAX, RECORD_BYTES_MAX};

use crate::batch_read::BatchReader;
use crate::chain::Chain;
use crate::commit::{self, COMMIT, HASH_LEN};
use crate::header::{self, FREE_LEN};
use crate::identity::CommitRef;
use crate::index::SegmentIndex;
use crate::mp4::boxes::FourCc;
use crate::mp4::reader::{self, Head, Peeked};

pub use crate::batch_read::{find_last_commit, read_batch, verify_batch};
pub use crate::commit::CommitRecord;
pub use crate::header::Header;

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The header.
    pub header: Header,
    /// The samples of all commits that count.
    pub index: SegmentIndex,
    /// The last commit that counts.
    pub last: CommitRef,
    /// Where it ends: what follows is a final `moov` and seal, or is to be cut off.
    pub end: u64,
    /// Where a final `moov` begins, when the commits are followed by one.
    pub moov_offset: Option<u64>,
    /// Whether the 16 bytes are already an `mdat` header.
    pub turned: bool,
    /// How long that header says that its box is; 0 where they are none.
    pub turned_len: u64,
    /// The number for the next fragment that is written.
    pub next_fragment: u32,
}

/// Why a file is not a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// The header is cut off or damaged.
    #[error("no whole segment header: the file is cut off there, damaged, or not a segment")]
    Header,
    /// There is a header, but no commit counts.
    #[error("no commit of this segment is whole: nothing of it was ever durable")]
    NoCommit,
}

/// Reads a segment file that is fed to it from the start in pieces of any size.
///
/// ```text
/// let mut walk = Walk::new();
/// loop { skip walk.skippable() bytes; feed the next; until walk.is_done() or the end }
/// walk.finish()
/// ```
#[derive(Debug)]
pub struct Walk {
    /// Where the next byte that comes stands in the file.
    position: u64,
    /// The commit that is believed, and where it ends.
    trusted: Option<(CommitRef, u64)>,
    state: State,
    chain: Chain,
    free_offset: Option<u64>,
    turned: bool,
    turned_len: u64,
    found: Option<Found>,
    moov_offset: Option<u64>,
}

/// What the header gave and the commits added.
#[derive(Debug)]
struct Found {
    header: Header,
    index: SegmentIndex,
    last: Option<(CommitRef, u64, u32)>,
    /// Number of the next commit and where its batch begins.
    expected: (u32, u64),
    batch: BatchReader,
}

#[derive(Debug)]
enum State {
    /// Gathering a box, head first; `size` once it is known.
    Box {
        bytes: Vec<u8>,
        size: Option<u64>,
    },
    /// In the body of an `mdat` with this many bytes to come.
    Samples(u64),
    Done,
}

const EMPTY_BOX: State = State::Box { bytes: Vec::new(), size: None };

impl Walk {
    /// A walk that verifies every byte.
    pub fn new() -> Self {
        Self {
            position: 0,
            trusted: None,
            state: EMPTY_BOX,
            chain: Chain::after(None),
            free_offset: None,
            turned: false,
            turned_len: 0,
            found: None,
            moov_offset: None,
        }
    }

    /// A walk that believes the commits up to `commit`, which ends at `end`, and so can skip the
    /// samples before it. If that commit is not found there, nothing counts.
    pub fn trusting(commit: CommitRef, end: u64) -> Self {
        Self { trusted: Some((commit, end)), ..Self::new() }
    }

    fn is_trusted(&self) -> bool {
        self.trusted.is_some_and(|(_, end)| self.position < end)
    }

    /// How many of the bytes that come next need not be read: pass them with [`Walk::skip`].
    pub fn skippable(&self) -> u64 {
        match (&self.state, self.trusted) {
            (State::Samples(left), Some((_, end))) => {
                (*left).min(end.saturating_sub(self.position))
            }
            _ => 0,
        }
    }

    /// Passes over `len` bytes, at most [`Walk::skippable`].
    pub fn skip(&mut self, len: u64) {
        assert!(len <= self.skippable(), "only bytes that are trusted can be skipped");
        self.pass_samples(len);
    }

    /// Takes the bytes that come next.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = match &mut self.state {
                State::Done => return,
                State::Samples(left) => {
                    let len = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    if !self.is_trusted() {
                        self.chain.update(&bytes[..len]);
                    }
                    self.pass_samples(len as u64);
                    len
                }
                State::Box { bytes: gathered, size } => {
                    let wanted = size.unwrap_or(head_wanted(gathered)) - gathered.len() as u64;
                    let len = usize::try_from(wanted).unwrap_or(usize::MAX).min(bytes.len());
                    gathered.extend_from_slice(&bytes[..len]);
                    self.position += len as u64;
                    if len as u64 == wanted && self.gathered().is_none() {
                        self.state = State::Done;
                    }
                    len
                }
            };
            bytes = &bytes[taken..];
        }
    }

    fn pass_samples(&mut self, len: u64) {
        self.position += len;
        if let State::Samples(left) = &mut self.state {
            *left -= len;
            if *left == 0 {
                self.state = EMPTY_BOX;
            }
        }
    }

    /// Whether nothing that follows can count any more.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// What was found.
    pub fn finish(self) -> Result<Walked, WalkError> {
        let found = self.found.ok_or(WalkError::Header)?;
        let (last, end, next_fragment) = found.last.ok_or(WalkError::NoCommit)?;
        Ok(Walked {
            header: found.header,
            index: found.index,
            last,
            end,
            moov_offset: self.moov_offset,
            turned: self.turned,
            turned_len: self.turned_len,
            next_fragment,
        })
    }

    /// Acts on the bytes gathered: a head, or a whole box. `None` ends the walk.
    fn gathered(&mut self) -> Option<()> {
        let State::Box { bytes, size } = &mut self.state else { return None };
        let head = match reader::peek(bytes) {
            Peeked::Short => return Some(()),
            Peeked::Bad if self.found.is_none() && is_half_turned(bytes) => {
                self.free_offset = Some(self.position - bytes.len() as u64);
                self.state = EMPTY_BOX;
                return Some(());
            }
            Peeked::Bad => return None,
            Peeked::Head(head) => head,
        };
        let at = self.position - bytes.len() as u64;
        let reading_header = self.found.is_none();
        if head.kind == *b"mdat" && !reading_header {
            let bytes = std::mem::take(bytes);
            return self.enter_samples(at, head, &bytes);
        }
        if head.kind == *b"mdat" && self.free_offset.is_none() && head.len == FREE_LEN {
            self.free_offset = Some(at);
            (self.turned, self.turned_len) = (true, head.size);
            self.state = EMPTY_BOX;
            return Some(());
        }
        if size.is_none() {
            if head.kind == *b"moov" && !reading_header {
                return self.reach_final_moov(at);
            }
            if head.size > size_max(head.kind) || head.size == 0 {
                return None;
            }
            *size = Some(head.size);
            if head.size > bytes.len() as u64 {
                return Some(());
            }
        }
        let bytes = std::mem::take(bytes);
        self.state = EMPTY_BOX;
        if reading_header {
            self.take_header_box(at, head, &bytes)
        } else {
            self.take_batch_box(at, head, &bytes)
        }
    }

    /// `ftyp`, `free`, `moov`, in this order.
    fn take_header_box(&mut self, at: u64, head: Head, bytes: &[u8]) -> Option<()> {
        match &head.kind {
            b"ftyp" if at == 0 => {}
            b"free" if self.free_offset.is_none() && at > 0 && bytes.len() == FREE_LEN => {
                self.free_offset = Some(at);
                return Some(()); // outside the hash
            }
            b"moov" if self.free_offset.is_some() => {
                let (identity, tracks) = header::read(&bytes[head.len..])?;
                let index = SegmentIndex::new(&tracks);
                let free_offset = self.free_offset?;
                self.found = Some(Found {
                    batch: BatchReader::after(&index, 1),
                    header: Header { identity, tracks, free_offset, len: self.position },
                    index,
                    last: None,
                    expected: (0, 0),
                });
            }
            _ => return None,
        }
        self.chain.update(bytes);
        Some(())
    }

    /// `prft`, `moof` or a commit record.
    fn take_batch_box(&mut self, at: u64, head: Head, bytes: &[u8]) -> Option<()> {
        if head.user_type.as_ref() == Some(COMMIT) {
            return self.take_commit(bytes);
        }
        let found = self.found.as_mut()?;
        match &head.kind {
            b"prft" => {}
            b"moof" => found.batch.take_moof(at, bytes, head, &found.header.tracks)?,
            _ => return None,
        }
        self.chain.update(bytes);
        Some(())
    }

    fn enter_samples(&mut self, at: u64, head: Head, bytes: &[u8]) -> Option<()> {
        self.found.as_mut()?.batch.take_mdat(at, head)?;
        self.chain.update(bytes);
        let left = head.size - head.len as u64;
        self.state = if left == 0 { EMPTY_BOX } else { State::Samples(left) };
        Some(())
    }

    fn take_commit(&mut self, bytes: &[u8]) -> Option<()> {
        let record = commit::read(bytes)?;
        self.chain.update(bytes.get(..bytes.len().checked_sub(HASH_LEN)?)?);
        let chain = std::mem::replace(&mut self.chain, Chain::after(Some(record.commit.hash)));
        let found = self.found.as_mut()?;
        if (record.commit.number, record.batch_offset) != found.expected {
            return None;
        }
        let believed = match self.trusted {
            Some((commit, end)) if self.position == end => {
                (record.commit == commit).then_some(true)?
            }
            Some((_, end)) if self.position < end => true,
            _ => (chain.finish() == record.commit.hash).then_some(true)?,
        };
        debug_assert!(believed, "a commit that is not believed has ended the walk");
        let part = found.batch.finish(&record)?;
        found.index.extend(&part);
        found.expected = (record.commit.number.checked_add(1)?, self.position);
        found.batch = BatchReader::after(&found.index, found.batch.next_fragment);
        // Short of the trusted commit nothing counts: it may yet turn out not to be there.
        if self.trusted.is_none_or(|(_, end)| self.position >= end) {
            let next_fragment = found.batch.next_fragment;
            found.last = Some((record.commit, self.position, next_fragment));
        }
        Some(())
    }

    /// A `moov` right behind a commit is the final one; anywhere else it is damage.
    fn reach_final_moov(&mut self, at: u64) -> Option<()> {
        let (_, end, _) = self.found.as_ref()?.last?;
        if end == at {
            self.moov_offset = Some(at);
        }
        None
    }
}

/// Whether `bytes` are the 16 of `free` while a write that turns them was cut short: the length of
/// the `mdat` is not there yet, or is none.
fn is_half_turned(bytes: &[u8]) -> bool {
    let Some((head, length)) = bytes.split_at_checked(8) else { return false };
    match head {
        [0, 0, 0, 1, b'm', b'd', b'a', b't'] => true,
        [0, 0, 0, 1, b'f', b'r', b'e', b'e'] => length == [0; FREE_LEN - 8],
        _ => false,
    }
}

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

/// How many bytes of a box must be there before its head can be read, given those that are.
fn head_wanted(gathered: &[u8]) -> u64 {
    let long = gathered.get(..4) == Some(&[0, 0, 0, 1]);
    let uuid = gathered.get(4..8) == Some(b"uuid");
    8 + if long { 8 } else { 0 } + if uuid { 16 } else { 0 }
}

fn size_max(kind: FourCc) -> u64 {
    match &kind {
        b"moov" => MOOV_BYTES_MAX,
        b"moof" => MOOF_BYTES_MAX,
        _ => RECORD_BYTES_MAX,
    }
}

/// The header that a file begins with: `start` are its first bytes; `None` when it is damaged, or
/// more bytes are needed than are there.
pub fn read_header(start: &[u8]) -> Option<Header> {
    let mut walk = Walk::new();
    walk.feed(start);
    walk.found.map(|found| found.header)
}
