//! The way out of a connection: an answer goes on where its client takes more.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use base::limits;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::Shutdown;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// One connection's socket: of what reads and writes it, and of the bodies that wait for it.
#[derive(Clone)]
pub(crate) struct Outlet(Arc<Socket>);

/// Both kinds that there are.
pub(crate) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The same call on either.
macro_rules! on {
    ($outlet:expr, $socket:ident => $call:expr) => {
        match &*$outlet.0 {
            Socket::Tcp($socket) => $call,
            Socket::Unix($socket) => $call,
        }
    };
}

impl Outlet {
    pub fn new(socket: Socket) -> Self {
        Self(Arc::new(socket))
    }

    /// Bounds what the system keeps of an answer that its client does not read.
    fn bound(&self) {
        if let Socket::Tcp(socket) = &*self.0 {
            let socket = socket2::SockRef::from(socket);
            // Without it the client gets the same bytes.
            let _ = socket.set_tcp_notsent_lowat(limits::HTTP_UNSENT_BYTES_MAX as u32);
        }
    }

    /// What the system takes whole once it takes anything: for TCP it does when a third of what
    /// it keeps is free, for others when three quarters are, and it has some needs of its own.
    fn room(&self) -> usize {
        let keeps = on!(self, socket => rustix::net::sockopt::socket_send_buffer_size(socket));
        let (least, most) = (limits::BODY_SLICE_BYTES_LEAST, limits::BODY_SLICE_BYTES_MAX);
        (keeps.unwrap_or(0) / 4).clamp(least, most)
    }

    /// Waits until the system would take more. That a write succeeded does not tell: the last one
    /// before a client rests did, too.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // What is wrong with the socket is found by whoever writes.
            if ready!(on!(self, socket => socket.poll_write_ready(cx))).is_err() {
                return Poll::Ready(());
            }
            let looked = on!(self, socket => {
                socket.try_io(Interest::WRITABLE, || has_room(PollFd::new(socket, PollFlags::OUT)))
            });
            if !is_full(&looked) {
                return Poll::Ready(());
            }
        }
    }
}

fn has_room(socket: PollFd<'_>) -> io::Result<()> {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match rustix::event::poll(&mut [socket], Some(&now)) {
        Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}

fn is_full<T>(done: &io::Result<T>) -> bool {
    done.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

impl AsyncRead for Outlet {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(on!(self, socket => socket.poll_read_ready(cx)))?;
            let read = on!(self, socket => socket.try_read_buf(buffer));
            if !is_full(&read) {
                return Poll::Ready(read.map(drop));
            }
        }
    }
}

impl AsyncWrite for Outlet {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(on!(self, socket => socket.poll_write_ready(cx)))?;
            let written = on!(self, socket => socket.try_write_vectored(parts));
            if !is_full(&written) {
                return Poll::Ready(written);
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match on!(self, socket => rustix::net::shutdown(socket, Shutdown::Write)) {
            // The client was first.
            Err(Errno::NOTCONN) => Poll::Ready(Ok(())),
            done => Poll::Ready(Ok(done?)),
        }
    }
}

/// An answer's body whose second part, and each later one, is made only when its client takes
/// more: where a client stops reading, the connection holds nothing of it, but for a client that
/// takes not even the first.
pub(crate) struct Unhurried {
    body: Body,
    outlet: Outlet,
    room: Room,
    begun: bool,
}

impl Unhurried {
    /// Of an answer over this connection. What makes its body may have put a [`Room`] beside it.
    pub fn of(mut answer: Response, outlet: Outlet) -> http::Response<Self> {
        let room = answer.extensions_mut().remove().unwrap_or_default();
        answer.map(|body| Self { body, outlet, room, begun: false })
    }
}

/// How many bytes a connection takes at once: the pace of its client, as the system sees it, for it
/// keeps twice as much of a connection as is on the way at a time.
#[derive(Clone)]
pub(crate) struct Room(Arc<AtomicUsize>);

impl Room {
    pub fn set(&self, bytes: usize) {
        self.0.store(bytes, Relaxed);
    }

    pub fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(limits::BODY_SLICE_BYTES_FIRST.into()))
    }
}

impl http_body::Body for Unhurried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.begun {
            ready!(self.outlet.poll_room(cx));
            self.room.set(self.outlet.room());
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !std::mem::replace(&mut self.begun, true) {
            self.outlet.bound();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
