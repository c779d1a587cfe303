//! The socket of a session: reads into one buffer a thread, feeds the client, sends what it asks.

use std::cell::RefCell;
use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base::limits;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior};

use crate::fault::{Fault, Phase};
use crate::pace::{Attention, Pace};
use crate::receive::Described;
use crate::rtsp::{Client, Item, Offer};
use crate::source::StreamSource;

/// What is read at once. An element that is not complete is kept for the next read, so it has to be
/// larger than any.
const READ: usize = 256 << 10;
const _: () =
    assert!(READ > limits::RTSP_HEAD_BYTES_MAX + limits::RTSP_BODY_BYTES_MAX + (128 << 10));
/// Less than this at once fills no buffer: the smallest that systems begin with holds more.
const CROWDED_MIN: usize = 16 << 10;
/// Reads of one session before others have their turn.
const READS_MAX: usize = 16;

thread_local! {
    /// What the sessions of a thread read into, one after the other.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A session that plays.
pub(crate) struct Connection {
    /// `None` only while it is dropped.
    link: Option<Link>,
    keep_alive: Interval,
    farewell: Farewell,
    pub(crate) offers: Vec<Offer>,
    pub(crate) described: Described,
    pub(crate) tool: Option<String>,
}

/// A session and its socket.
struct Link {
    stream: TcpStream,
    client: Client,
    /// What came and was not used yet: a part of an element, or what came with PLAY's answer.
    rest: Vec<u8>,
    /// What was read last was much of what the kernel holds for the socket.
    crowded: bool,
}

/// Sees a session off: its TEARDOWN goes on after it is dropped.
#[derive(Clone, Default)]
pub(crate) struct Farewell(Arc<Mutex<Option<Link>>>);

/// Gives the link to the farewell, wherever the opening of a session ends.
struct Opening {
    link: Option<Link>,
    farewell: Farewell,
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.farewell.keep(self.link.take());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.farewell.keep(self.link.take());
    }
}

impl Farewell {
    fn keep(&self, link: Option<Link>) {
        if link.is_some() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = link;
        }
    }

    /// Waits until the camera has answered TEARDOWN, at most for `within`. The session must have
    /// been dropped.
    pub(crate) async fn wait(&self, within: Duration) {
        let link = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut link) = link else { return };
        if !link.client.leave() {
            return;
        }
        let left = std::future::poll_fn(|cx| {
            let received = link.poll(cx, &mut |_| {});
            if received.is_ready() || link.client.is_gone() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        // A camera that does not answer forgets the session by itself, in its own time.
        let _ = tokio::time::timeout(within, left).await;
    }
}

impl Connection {
    /// DESCRIBE, SETUP of all that can be recorded, PLAY: each within `call`. However it ends and
    /// wherever it is dropped, wait for `farewell` afterwards.
    pub(crate) async fn open(
        source: &StreamSource,
        call: Duration,
        farewell: &Farewell,
    ) -> Result<Self, Fault> {
        let stream = connect(source, call).await?;
        let link = Link { stream, client: Client::new(source), rest: Vec::new(), crowded: false };
        let mut opening = Opening { link: Some(link), farewell: farewell.clone() };
        let link = opening.link.as_mut().expect("it stays until the session plays");
        while let Some(phase) = link.client.phase() {
            let answered = tokio::time::timeout(call, link.answer(phase)).await;
            answered.map_err(|_| Fault::Timeout { phase, within: call })??;
        }
        let every = link.client.keep_alive_every();
        let mut keep_alive = tokio::time::interval(every);
        keep_alive.reset();
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let client = &link.client;
        Ok(Self {
            offers: client.tracks.offers.clone(),
            described: client.tracks.described.clone(),
            tool: client.tool.clone(),
            keep_alive,
            farewell: farewell.clone(),
            link: opening.link.take(),
        })
    }

    /// Hands over all that has come; pending until more does. Ready means that the session is over.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        give: &mut dyn FnMut(Item<'_>),
    ) -> Poll<Fault> {
        let Some(link) = &mut self.link else { return Poll::Pending };
        while self.keep_alive.poll_tick(cx).is_ready() {
            link.client.keep_alive();
        }
        link.poll(cx, give)
    }

    /// Whether what was read last was so much that the camera might soon find the kernel's buffer
    /// full. The buffer grows with what is read from it at once, as far as the system lets it.
    pub(crate) fn is_crowded(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.crowded)
    }

    /// From now on what comes here is read on arrival.
    pub(crate) fn attend(&self, pace: &Pace) -> Option<Attention> {
        self.link.as_ref().map(|link| pace.attend(link.stream.as_fd()))
    }
}

impl Link {
    /// Until the request under way was answered, or sent again with credentials.
    async fn answer(&mut self, phase: Phase) -> Result<(), Fault> {
        let cseq = self.client.cseq();
        std::future::poll_fn(|cx| {
            let received = self.poll(cx, &mut |_| {});
            match received {
                Poll::Ready(Fault::Gone(why)) => {
                    let method = phase.method();
                    let text = format!("the conversation with the camera broke at {method}: {why}");
                    Poll::Ready(Err(Fault::Gone(text)))
                }
                Poll::Ready(fault) => Poll::Ready(Err(fault)),
                Poll::Pending if self.client.phase() != Some(phase) => Poll::Ready(Ok(())),
                Poll::Pending if self.client.cseq() != cseq => Poll::Ready(Ok(())),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    fn poll(&mut self, cx: &mut Context<'_>, give: &mut dyn FnMut(Item<'_>)) -> Poll<Fault> {
        let received = self.receive(cx, give);
        match self.send(cx) {
            Err(error) if received.is_pending() => Poll::Ready(broken(&error)),
            _ => received,
        }
    }

    fn receive(&mut self, cx: &mut Context<'_>, give: &mut dyn FnMut(Item<'_>)) -> Poll<Fault> {
        BUFFER.with_borrow_mut(|buffer| {
            // What came with PLAY's answer is all that may never be followed by more.
            let mut len = self.keep_in(buffer);
            let mut came = 0;
            self.crowded = false;
            for _ in 0..READS_MAX {
                let opening = self.client.phase().is_some();
                match self.client.receive(&buffer[..len], give) {
                    Ok(used) => {
                        self.rest.clear();
                        self.rest.extend_from_slice(&buffer[used..len]);
                    }
                    Err(fault) => return Poll::Ready(fault),
                }
                if opening && self.client.phase().is_none() {
                    return Poll::Pending;
                }
                let kept = self.keep_in(buffer);
                let mut read = ReadBuf::new(&mut buffer[kept..]);
                if let Err(error) = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read)) {
                    return Poll::Ready(broken(&error));
                }
                len = kept + read.filled().len();
                came += len - kept;
                self.crowded = self.crowded || is_crowded(&self.stream, came);
                if len == kept {
                    let text = "the camera closed the connection".to_owned();
                    return Poll::Ready(Fault::Gone(text));
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    /// Puts what was not used at the start of the buffer: how much that is.
    fn keep_in(&self, buffer: &mut [u8]) -> usize {
        buffer[..self.rest.len()].copy_from_slice(&self.rest);
        self.rest.len()
    }

    /// Sends what the client wants to say, as far as the socket takes it.
    fn send(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let outgoing = self.client.outgoing();
        while !outgoing.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, outgoing) {
                Poll::Ready(sent) => outgoing.drain(..sent?),
                // A camera that reads nothing is asked more and more; it is gone in the end.
                Poll::Pending if outgoing.len() > limits::RTSP_OUTGOING_BYTES_MAX => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Poll::Pending => break,
            };
        }
        Ok(())
    }
}

/// Whether `came` bytes, read at once, are three quarters of what a camera may send before it has
/// to wait: the kernel counts its own bookkeeping too, which takes up to half of the buffer. By
/// itself it keeps room for twice of what was the most so far, so half would be crowded for ever.
fn is_crowded(stream: &TcpStream, came: usize) -> bool {
    let holds = || rustix::net::sockopt::socket_recv_buffer_size(stream);
    came >= CROWDED_MIN && holds().is_ok_and(|all| came >= all / 8 * 3)
}

async fn connect(source: &StreamSource, within: Duration) -> Result<TcpStream, Fault> {
    let (host, port) = (source.url().host_str().unwrap_or_default(), source.port());
    let at = format!("{host}:{port}");
    let connecting = TcpStream::connect((host.trim_matches(['[', ']']), port));
    match tokio::time::timeout(within, connecting).await {
        Ok(Ok(stream)) => {
            // Requests are small, and each waits for its answer.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err(Fault::Unreachable(format!(
                "nothing listens at {at}: check address and port, and that RTSP is switched on"
            )))
        }
        Ok(Err(error)) => Err(Fault::Unreachable(format!("cannot reach {at}: {error}"))),
        Err(_) => Err(Fault::Unreachable(format!(
            "no answer from {at} within {} s: check the address and that the camera is on",
            within.as_secs_f32()
        ))),
    }
}

fn broken(error: &io::Error) -> Fault {
    Fault::Gone(format!("the connection broke: {error}"))
}

#[cfg(test)]
mod tests;
