//! The side that asks: starts a worker for each job, and is never held up by it.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use base::{MonoTime, Shutdown, limits};
use bytes::Bytes;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use world::Clock;

use crate::job::{Drawn, Job, unpack_answer};

/// What is started for each job, and its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file; `/proc/self/exe` is this program even after an upgrade has replaced its file.
    pub file: PathBuf,
    /// The arguments that make it [`crate::work`].
    pub arguments: Vec<OsString>,
}

/// There is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// The worker looked at the footage and says why not.
    #[error("{0}")]
    Undecodable(String),
    /// There was no worker, or it died.
    #[error("the picture was not decoded: {0}")]
    Died(String),
    /// It took longer than a picture may.
    #[error("the picture was not decoded: it took longer than {0} s")]
    TooSlow(u64),
    /// This process is about to end.
    #[error("the server is about to end")]
    Stopping,
}

/// So often a waiting thread looks at the clock and at the shutdown.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// Bytes that are read from a worker at once.
const READ_BYTES: usize = 64 << 10;

impl Program {
    /// Draws a job in a worker of its own. Blocks, at most as long as `limits::STILL_TIMEOUT` and
    /// `limits::STILL_TIMEOUT_MORE` say.
    pub fn draw(
        &self,
        job: &Job,
        clock: &dyn Clock,
        shutdown: &Shutdown,
    ) -> Result<Drawn, DrawError> {
        let more = limits::STILL_TIMEOUT_MORE * (job.cells.len() as u32).saturating_sub(1);
        let patience = limits::STILL_TIMEOUT + more;
        let until = clock.mono() + patience;
        let died = |error: &dyn std::fmt::Display| DrawError::Died(error.to_string());
        let mut child = self.start().map_err(|error| died(&error))?;
        let talk = Talk::new(&mut child, job).and_then(|talk| talk.go_on(clock, until, shutdown));
        // It has answered, or will not: either way it has nothing more to do.
        let _ = child.kill();
        let status = child.wait().map_err(|error| died(&error))?;
        let heard = match talk.map_err(|error| died(&error))? {
            Heard::All(bytes) => bytes,
            Heard::TooMuch => return Err(died(&"the worker said too much")),
            Heard::TooLate => return Err(DrawError::TooSlow(patience.as_secs())),
            Heard::Stopping => return Err(DrawError::Stopping),
        };
        let answer = unpack_answer(heard.into(), job.cells.len());
        answer.ok_or_else(|| DrawError::Died(last_words(status)))?.map_err(DrawError::Undecodable)
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.file);
        command.args(&self.arguments).env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
    }
}

/// How a worker ended that did not answer.
fn last_words(status: ExitStatus) -> String {
    match status.signal() {
        Some(libc::SIGSYS) => "the worker tried what it may not, and was ended".into(),
        Some(libc::SIGXCPU) => "the worker computed for too long, and was ended".into(),
        Some(signal) => format!("the worker was ended by signal {signal}"),
        None => format!("the worker ended without an answer ({status})"),
    }
}

/// What came of a talk.
enum Heard {
    All(Vec<u8>),
    TooMuch,
    TooLate,
    Stopping,
}

/// A job on its way to a worker, and the answer on its way back.
struct Talk {
    pieces: std::vec::IntoIter<Bytes>,
    piece: Bytes,
    input: Option<ChildStdin>,
    output: ChildStdout,
    heard: Vec<u8>,
}

impl Talk {
    fn new(child: &mut Child, job: &Job) -> io::Result<Self> {
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the worker has no pipes"));
        };
        rustix::io::ioctl_fionbio(&input, true)?;
        rustix::io::ioctl_fionbio(&output, true)?;
        let pieces = job.pieces().into_iter();
        Ok(Self { pieces, piece: Bytes::new(), input: Some(input), output, heard: Vec::new() })
    }

    fn go_on(
        mut self,
        clock: &dyn Clock,
        until: MonoTime,
        shutdown: &Shutdown,
    ) -> io::Result<Heard> {
        loop {
            self.say()?;
            if self.hear()? {
                return Ok(Heard::All(self.heard));
            }
            if self.heard.len() > limits::STILL_BYTES_MAX {
                return Ok(Heard::TooMuch);
            }
            if shutdown.is_requested() {
                return Ok(Heard::Stopping);
            }
            if clock.mono() >= until {
                return Ok(Heard::TooLate);
            }
            let mut waits = vec![PollFd::new(&self.output, PollFlags::IN)];
            waits.extend(self.input.as_ref().map(|input| PollFd::new(input, PollFlags::OUT)));
            match poll(&mut waits, Some(&LOOK_EVERY)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Writes what the pipe takes.
    fn say(&mut self) -> io::Result<()> {
        while let Some(input) = &mut self.input {
            if self.piece.is_empty() {
                match self.pieces.next() {
                    Some(piece) => self.piece = piece,
                    None => self.input = None,
                }
                continue;
            }
            match input.write(&self.piece) {
                Ok(written) => self.piece = self.piece.split_off(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // It listens no more: its answer says why, or how it ended does.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.input = None,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what there is; whether that was all.
    fn hear(&mut self) -> io::Result<bool> {
        while self.heard.len() <= limits::STILL_BYTES_MAX {
            let had = self.heard.len();
            self.heard.resize(had + READ_BYTES, 0);
            let read = self.output.read(&mut self.heard[had..]);
            self.heard.truncate(had + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Ok(true),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
