//! The body of a file of footage: slices read on threads that may block, one ahead of the client,
//! no more.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use playback::{ReadError, Slices};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinHandle};

/// Reads a stretch of a body.
pub(crate) type Reader = Box<dyn Slices>;

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

/// A reader, and the slice that it read.
type Read = (Reader, Option<Result<Bytes, ReadError>>);

/// Pieces one after another. Its length is known from the start, and kept: when a slice cannot be
/// read the body ends in an error, and the connection with it. Dropping it stops reading.
pub(crate) struct FileBody {
    pieces: VecDeque<Piece>,
    reading: Option<JoinHandle<Result<Read, JoinError>>>,
    remaining: u64,
    reads: Arc<Semaphore>,
}

impl FileBody {
    /// Each slice is read under one of the permits of `reads`.
    pub fn new(pieces: Vec<Piece>, reads: Arc<Semaphore>) -> Self {
        let pieces: VecDeque<Piece> = pieces.into_iter().filter(|piece| piece.len() > 0).collect();
        let remaining = pieces.iter().map(Piece::len).sum();
        Self { pieces, reading: None, remaining, reads }
    }

    pub fn len(&self) -> u64 {
        self.remaining
    }

    /// Starts to read the next slice, unless there is none or one is being read.
    fn read_ahead(&mut self) {
        if self.reading.is_some() || !matches!(self.pieces.front(), Some(Piece::Read(_))) {
            return;
        }
        if let Some(Piece::Read(reader)) = self.pieces.pop_front() {
            self.reading = Some(tokio::spawn(read_slice(reader, self.reads.clone())));
        }
    }

    fn fail(&mut self, why: &dyn std::fmt::Display) -> BrokenOff {
        tracing::warn!(
            "a file of footage was broken off with {} bytes to come: {why}",
            self.remaining
        );
        self.pieces.clear();
        self.remaining = 0;
        BrokenOff
    }
}

impl Drop for FileBody {
    fn drop(&mut self) {
        // A slice that is being read is read to its end; one that waits for its turn is not.
        self.reading.iter().for_each(JoinHandle::abort);
    }
}

async fn read_slice(mut reader: Reader, reads: Arc<Semaphore>) -> Result<Read, JoinError> {
    let permit = reads.acquire_owned().await;
    let reading = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let slice = reader.next();
        (reader, slice)
    });
    reading.await
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = &mut *self;
        this.read_ahead();
        let bytes = match &mut this.reading {
            None => match this.pieces.pop_front() {
                Some(Piece::Bytes(bytes)) => bytes,
                _ => return Poll::Ready(None),
            },
            Some(reading) => {
                let read = ready!(Pin::new(reading).poll(cx)).flatten();
                this.reading = None;
                match read {
                    Ok((reader, Some(Ok(bytes)))) => {
                        if reader.remaining() > 0 {
                            this.pieces.push_front(Piece::Read(reader));
                        }
                        bytes
                    }
                    Ok((_, Some(Err(why)))) => return Poll::Ready(Some(Err(this.fail(&why)))),
                    Ok((_, None)) => {
                        return Poll::Ready(Some(Err(this.fail(&"it is shorter than planned"))));
                    }
                    Err(why) => return Poll::Ready(Some(Err(this.fail(&why)))),
                }
            }
        };
        this.read_ahead();
        this.remaining = this.remaining.saturating_sub(bytes.len() as u64);
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
