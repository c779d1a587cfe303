//! The body of a file of footage: pieces at hand, and pieces that are read from disk.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::ahead::{ReadAhead, Reader, Reads};
use crate::outlet::Room;

/// One stretch of a body.
pub(crate) enum Piece {
    /// Bytes that are at hand.
    Bytes(Bytes),
    /// Bytes that are read from disk.
    Read(Reader),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Read(reader) => reader.remaining(),
        }
    }
}

/// Pieces one after another. Its length is known from the start, and kept: when a slice cannot be
/// read the body ends in an error, and the connection with it. Dropping it stops reading.
pub(crate) struct FileBody {
    pieces: VecDeque<Piece>,
    reading: Option<ReadAhead>,
    remaining: u64,
    reads: Reads,
    room: Room,
}

impl FileBody {
    /// What is read from disk is read under permits of `reads`.
    pub fn new(pieces: Vec<Piece>, reads: Reads) -> Self {
        let pieces: VecDeque<Piece> = pieces.into_iter().filter(|piece| piece.len() > 0).collect();
        let remaining = pieces.iter().map(Piece::len).sum();
        Self { pieces, reading: None, remaining, reads, room: Room::default() }
    }

    pub fn len(&self) -> u64 {
        self.remaining
    }

    /// Where its connection says how long its slices may be.
    pub fn room(&self) -> Room {
        self.room.clone()
    }

    fn fail(&mut self, why: &str) -> BrokenOff {
        tracing::warn!(
            "a file of footage was broken off with {} bytes to come: {why}",
            self.remaining
        );
        self.pieces.clear();
        self.reading = None;
        self.remaining = 0;
        BrokenOff
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = &mut *self;
        let bytes = loop {
            if let Some(reading) = &mut this.reading {
                match ready!(reading.poll(cx)) {
                    Some(Ok(bytes)) => break bytes,
                    Some(Err(why)) => return Poll::Ready(Some(Err(this.fail(&why)))),
                    None => this.reading = None,
                }
            }
            match this.pieces.pop_front() {
                Some(Piece::Bytes(bytes)) => break bytes,
                Some(Piece::Read(reader)) => {
                    this.reading = Some(ReadAhead::new(reader, this.reads.clone(), this.room()));
                }
                None => return Poll::Ready(None),
            }
        };
        this.remaining = this.remaining.saturating_sub(bytes.len() as u64);
        if this.reading.as_ref().is_some_and(|reading| reading.remaining() == 0) {
            this.reading = None;
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0 && self.pieces.is_empty() && self.reading.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

/// The rest of the body cannot be read; the log says why.
#[derive(Debug, thiserror::Error)]
#[error("the rest of the file cannot be read")]
pub(crate) struct BrokenOff;
