//! What a worker is asked and what it answers, and how both go through a pipe. Numbers are
//! big-endian.

use std::io::{self, Read};

use base::limits;
use bytes::Bytes;
use media::VideoCodec;

/// One picture to be drawn: a single key frame, or a sheet of several.
#[derive(Clone, Debug)]
pub struct Job {
    /// Cells beside one another; at least 1.
    pub columns: u16,
    /// Width and height of a cell in pixels.
    pub cell: (u16, u16),
    /// In reading order; at least one.
    pub cells: Vec<Cell>,
}

/// One key frame of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The codec.
    pub codec: VideoCodec,
    /// The body of `avcC` or `hvcC`; empty for JPEG.
    pub config: Bytes,
    /// Width and height that it is drawn with, in the middle of its cell.
    pub size: (u16, u16),
    /// Length-prefixed NAL units; of JPEG the picture.
    pub data: Bytes,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The picture.
    pub jpeg: Bytes,
    /// Cells that could not be decoded, and were left dark.
    pub missing: Vec<u16>,
}

const MAGIC: [u8; 4] = *b"hfs1";
/// The answer is a picture.
const PICTURE: u8 = 0;
/// The answer says why there is none.
const WHY_NOT: u8 = 1;
/// Bytes of words that say why.
const WORDS_BYTES_MAX: usize = 500;

impl Job {
    /// Rows that its cells take.
    pub fn rows(&self) -> usize {
        self.cells.len().div_ceil(usize::from(self.columns.max(1)))
    }

    /// A hash over all that the picture follows from.
    pub fn key(&self) -> [u8; 32] {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.head());
        for cell in &self.cells {
            hash.update(&cell.head()).update(&cell.config);
            hash.update(&(cell.data.len() as u32).to_be_bytes()).update(&cell.data);
        }
        *hash.finalize().as_bytes()
    }

    /// Its pieces in the order in which they go through the pipe.
    pub(crate) fn pieces(&self) -> Vec<Bytes> {
        let mut pieces = vec![self.head().into()];
        for cell in &self.cells {
            let len = (cell.data.len() as u32).to_be_bytes().to_vec();
            pieces.extend([cell.head().into(), cell.config.clone(), len.into()]);
            pieces.push(cell.data.clone());
        }
        pieces
    }

    fn head(&self) -> Vec<u8> {
        let mut head = MAGIC.to_vec();
        let (width, height) = self.cell;
        for number in [self.columns, self.cells.len() as u16, width, height] {
            head.extend(number.to_be_bytes());
        }
        head
    }
}

impl Cell {
    fn head(&self) -> Vec<u8> {
        let mut head = vec![match self.codec {
            VideoCodec::H264 => 0,
            VideoCodec::H265 => 1,
            VideoCodec::Jpeg => 2,
        }];
        head.extend(self.size.0.to_be_bytes());
        head.extend(self.size.1.to_be_bytes());
        head.extend((self.config.len() as u32).to_be_bytes());
        head
    }
}

/// Reads a job cell by cell, so that a worker holds one encoded picture at a time.
pub(crate) struct Reading<R> {
    input: R,
    pub columns: u16,
    pub count: u16,
    pub cell: (u16, u16),
}

impl<R: Read> Reading<R> {
    pub fn begin(mut input: R) -> io::Result<Self> {
        if take::<4>(&mut input)? != MAGIC {
            return Err(invalid("this is no job"));
        }
        let (columns, count) = (number(&mut input)?, number(&mut input)?);
        let cell = (number(&mut input)?, number(&mut input)?);
        let rows = usize::from(count).div_ceil(usize::from(columns.max(1)));
        let pixels = usize::from(cell.0) * usize::from(columns) * usize::from(cell.1) * rows;
        if columns == 0 || count == 0 || pixels == 0 || pixels > limits::STILL_PIXELS_MAX {
            return Err(invalid("a picture of this size is not drawn"));
        }
        Ok(Self { input, columns, count, cell })
    }

    pub fn next_cell(&mut self) -> io::Result<Cell> {
        let codec = match take::<1>(&mut self.input)? {
            [0] => VideoCodec::H264,
            [1] => VideoCodec::H265,
            [2] => VideoCodec::Jpeg,
            _ => return Err(invalid("no such codec")),
        };
        let size = (number(&mut self.input)?, number(&mut self.input)?);
        let config = self.bytes()?;
        let data = self.bytes()?;
        if size.0 == 0 || size.1 == 0 || size.0 > self.cell.0 || size.1 > self.cell.1 {
            return Err(invalid("a picture does not fit its cell"));
        }
        Ok(Cell { codec, config, size, data })
    }

    fn bytes(&mut self) -> io::Result<Bytes> {
        let len = u32::from_be_bytes(take(&mut self.input)?) as usize;
        if len > limits::ACCESS_UNIT_BYTES_MAX {
            return Err(invalid("a picture is too large"));
        }
        let mut bytes = vec![0; len];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

fn take<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut taken = [0; N];
    input.read_exact(&mut taken)?;
    Ok(taken)
}

fn number(input: &mut impl Read) -> io::Result<u16> {
    take(input).map(u16::from_be_bytes)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// An answer in bytes: what it is, its length, itself.
pub(crate) fn pack_answer(answer: &Result<Drawn, String>) -> Vec<u8> {
    let (kind, body) = match answer {
        Ok(drawn) => {
            let mut body = (drawn.missing.len() as u16).to_be_bytes().to_vec();
            body.extend(drawn.missing.iter().flat_map(|cell| cell.to_be_bytes()));
            body.extend_from_slice(&drawn.jpeg);
            (PICTURE, body)
        }
        Err(words) => (WHY_NOT, words.bytes().take(WORDS_BYTES_MAX).collect()),
    };
    let mut out = vec![kind];
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(body);
    out
}

/// Reads an answer; `None` where it is not whole, or is none. Nothing of it is believed: it may
/// come from a process that somebody else's footage has taken over.
pub(crate) fn unpack_answer(mut bytes: Bytes, cells: usize) -> Option<Result<Drawn, String>> {
    let head = bytes.get(..5)?;
    let (kind, len) = (head[0], u32::from_be_bytes(head[1..].try_into().ok()?));
    let body = bytes.split_off(5);
    if body.len() != usize::try_from(len).ok()? {
        return None;
    }
    match kind {
        PICTURE => {
            let count = usize::from(u16::from_be_bytes(body.get(..2)?.try_into().ok()?));
            let missing = body.get(2..2 + 2 * count)?;
            let missing: Vec<u16> =
                missing.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            // Of its own: what was heard has room for much more, and this is kept for long.
            let jpeg = Bytes::copy_from_slice(&body[2 + 2 * count..]);
            let is_jpeg = jpeg.starts_with(&[0xff, 0xd8]) && jpeg.ends_with(&[0xff, 0xd9]);
            let in_order = missing.is_sorted_by(|one, next| one < next);
            let inside = missing.iter().all(|cell| usize::from(*cell) < cells);
            (is_jpeg && in_order && inside).then_some(Ok(Drawn { jpeg, missing }))
        }
        WHY_NOT => {
            let words = String::from_utf8_lossy(body.get(..WORDS_BYTES_MAX.min(body.len()))?);
            Some(Err(words.chars().filter(|c| !c.is_control()).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn job() -> Job {
        let cell = |size| Cell {
            codec: VideoCodec::H265,
            config: Bytes::from_static(b"config"),
            size,
            data: Bytes::from_static(b"data"),
        };
        Job { columns: 2, cell: (32, 18), cells: vec![cell((32, 18)), cell((24, 18))] }
    }

    #[test]
    fn a_job_comes_out_of_the_pipe_as_it_went_in() {
        let job = job();
        let bytes = job.pieces().concat();
        let mut reading = Reading::begin(&*bytes).unwrap();
        assert_eq!((reading.columns, reading.count, reading.cell), (2, 2, (32, 18)));
        for cell in &job.cells {
            assert_eq!(&reading.next_cell().unwrap(), cell);
        }
        for len in 0..bytes.len() {
            let cut = Reading::begin(&bytes[..len]);
            let read = cut.and_then(|mut cut| cut.next_cell().and_then(|_| cut.next_cell()));
            assert!(read.is_err(), "{len} bytes of {}", bytes.len());
        }
    }

    #[test]
    fn other_jobs_have_other_keys() {
        let (first, mut other) = (job(), job());
        assert_eq!(first.key(), job().key());
        other.cells[1].size = (24, 17);
        assert_ne!(first.key(), other.key());
        let (mut one, mut next) = (job(), job());
        one.cells[0].data = Bytes::from_static(b"dat");
        next.cells[0].config = Bytes::from_static(b"configd");
        assert!(one.key() != first.key() && one.key() != next.key());
    }

    #[test]
    fn an_answer_is_believed_only_where_it_is_one() {
        let jpeg = Bytes::from_static(b"\xff\xd8picture\xff\xd9");
        let good = Ok(Drawn { jpeg, missing: vec![1] });
        let bytes = pack_answer(&good);
        assert_eq!(unpack_answer(bytes.clone().into(), 2), Some(good));
        assert_eq!(unpack_answer(bytes.clone().into(), 1), None, "no such cell");
        for len in 0..bytes.len() {
            assert_eq!(unpack_answer(bytes[..len].to_vec().into(), 2), None);
        }
        let html = Ok(Drawn { jpeg: Bytes::from_static(b"<html>"), missing: vec![] });
        assert_eq!(unpack_answer(pack_answer(&html).into(), 2), None);
        let words = Err("no\npicture".to_owned());
        let read = unpack_answer(pack_answer(&words).into(), 2);
        assert_eq!(read, Some(Err("nopicture".to_owned())));
    }
}
