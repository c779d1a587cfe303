//! A disk that turns: one file of a FUSE file system, for a loop device, served by one head that
//! takes its time for each place that it has to go to. Reads and writes wait for the same head,
//! in the order in which they come; nothing is written behind anybody's back.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::Shutdown;
use world::{Clock, SystemClock};

/// Of a request that does not begin where the last one ended: 7200 turns a minute, half a turn and
/// a short way.
const SEEK: Duration = Duration::from_millis(10);
/// What passes under the head in a second.
const BYTES_PER_SECOND: u64 = 150_000_000;
/// What the kernel sends at most in one request.
const WRITE_MAX: u32 = 1 << 20;
/// Before what is written there is a head of a request and one of a write.
const REQUEST_MAX: usize = WRITE_MAX as usize + 4096;
const NAME: &str = "disk.image";
/// The folder, and the file.
const ROOT: u64 = 1;
const IMAGE: u64 = 2;
/// Of `linux/fuse.h`, as are the numbers below.
const IN_HEAD: usize = 40;
const ENOENT: i32 = 2;
const EIO: i32 = 5;
const ENOSYS: i32 = 38;

/// A disk; gone when dropped, and what was on it.
pub struct Turning {
    at: PathBuf,
    backing: PathBuf,
    turns: Arc<Turns>,
    server: Option<JoinHandle<()>>,
}

/// Whether it takes its time, and what it did.
#[derive(Default)]
struct Turns {
    slow: AtomicBool,
    seeks: AtomicU64,
}

impl Turning {
    /// Makes one of `size` bytes below `dir`, which takes no time until it is told so.
    pub fn make(dir: &Path, size: u64) -> Result<Self> {
        let (at, backing) = (dir.join("turning"), dir.join("turning.bytes"));
        // What a measurement that was killed left behind.
        let _ = Command::new("umount").arg(dir.join("mounted")).output();
        let _ = Command::new("umount").arg(&at).output();
        fs::create_dir_all(&at)?;
        let mut anew = File::options();
        let file = anew.create(true).truncate(true).read(true).write(true).open(&backing)?;
        file.set_len(size)?;
        let door = OpenOptions::new().read(true).write(true).open("/dev/fuse");
        let door = door.context("this kernel has no FUSE")?;
        let turns = Arc::new(Turns::default());
        let head = Head { door: door.try_clone()?, file, size, place: 0, turns: turns.clone() };
        let mut turning = Self { at, backing, turns, server: None };
        let options = "fd=0,rootmode=40000,user_id=0,group_id=0,max_read=1048576";
        let mounted = Command::new("mount")
            .args(["-i", "-t", "fuse", "-o", options, "bench"])
            .arg(&turning.at)
            .stdin(Stdio::from(door))
            .status()?;
        if !mounted.success() {
            bail!("cannot mount a disk that turns: {mounted}");
        }
        // Before it is mounted there is nothing to be read.
        let server = std::thread::Builder::new().name("disk".into()).spawn(|| head.serve())?;
        turning.server = Some(server);
        Ok(turning)
    }

    /// The file to put a loop device on.
    pub fn image(&self) -> PathBuf {
        self.at.join(NAME)
    }

    /// Whether it takes its time from now on.
    pub fn set_slow(&self, slow: bool) {
        self.turns.slow.store(slow, Relaxed);
    }

    /// How often the head has gone elsewhere.
    pub fn seeks(&self) -> u64 {
        self.turns.seeks.load(Relaxed)
    }
}

impl Drop for Turning {
    fn drop(&mut self) {
        self.set_slow(false);
        let clock = SystemClock::new();
        // The loop device is detached a moment after its file system is gone.
        let gone = (0..20).any(|_| {
            clock.wait(&Shutdown::new(), clock.mono() + Duration::from_millis(100));
            Command::new("umount").arg(&self.at).output().is_ok_and(|out| out.status.success())
        });
        if gone {
            // It ends with its file system.
            let _ = self.server.take().map(JoinHandle::join);
        } else {
            eprintln!("STILL MOUNTED: {}", self.at.display());
        }
        let _ = fs::remove_file(&self.backing);
    }
}

/// The one head.
struct Head {
    door: File,
    file: File,
    size: u64,
    place: u64,
    turns: Arc<Turns>,
}

/// An answer, or the number of an error; `None` where none is expected.
type Answer = Option<Result<Vec<u8>, i32>>;

impl Head {
    fn serve(mut self) {
        let mut request = vec![0; REQUEST_MAX];
        // It fails once nothing is mounted any more.
        while let Ok(len) = self.door.read(&mut request) {
            let Some(unique) = number(&request[..len], 8) else { continue };
            let Some(answer) = self.answer(&request[..len]) else { continue };
            let (error, body) = match answer {
                Ok(body) => (0, body),
                Err(error) => (-error, Vec::new()),
            };
            let mut out = Vec::with_capacity(16 + body.len());
            out.extend((16 + body.len() as u32).to_ne_bytes());
            out.extend(error.to_ne_bytes());
            out.extend(unique.to_ne_bytes());
            out.extend(body);
            // Who was interrupted takes no answer.
            let _ = self.door.write(&out);
        }
    }

    fn answer(&mut self, request: &[u8]) -> Answer {
        let operation = small(request, 4)?;
        let node = number(request, 16)?;
        let body = request.get(IN_HEAD..)?;
        Some(match operation {
            // FORGET, INTERRUPT, BATCH_FORGET
            2 | 36 | 42 => return None,
            // LOOKUP
            1 if body.strip_suffix(b"\0") == Some(NAME.as_bytes()) => Ok(self.entry()),
            1 => Err(ENOENT),
            // GETATTR, SETATTR
            3 | 4 => Ok([numbers(&[1 << 20, 0]), self.attributes(node)].concat()),
            // OPEN and OPENDIR; the page cache of this file system is passed by.
            14 | 27 => Ok([numbers(&[0]), smalls(&[1, 0])].concat()),
            15 => self.read(number(body, 8)?, small(body, 16)?),
            16 => self.write(number(body, 8)?, body.get(IN_HEAD..)?),
            // STATFS
            17 => Ok([numbers(&[self.size >> 12, 0, 0, 2, 0]), smalls(&[4096; 10])].concat()),
            // RELEASE, FSYNC, FLUSH, RELEASEDIR, DESTROY: nothing waits in it.
            18 | 20 | 25 | 29 | 38 => Ok(Vec::new()),
            26 => Ok(introduction()),
            _ => Err(ENOSYS),
        })
    }

    fn read(&mut self, offset: u64, len: u32) -> Result<Vec<u8>, i32> {
        let len = u64::from(len).min(self.size.saturating_sub(offset));
        self.go(offset, len);
        let mut bytes = vec![0; len as usize];
        self.file.read_exact_at(&mut bytes, offset).map_err(|_| EIO)?;
        Ok(bytes)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<Vec<u8>, i32> {
        self.go(offset, bytes.len() as u64);
        self.file.write_all_at(bytes, offset).map_err(|_| EIO)?;
        Ok(smalls(&[bytes.len() as u32, 0]))
    }

    fn go(&mut self, offset: u64, len: u64) {
        let mut takes = Duration::from_nanos(len * 1_000_000_000 / BYTES_PER_SECOND);
        if offset != self.place {
            takes += SEEK;
            self.turns.seeks.fetch_add(1, Relaxed);
        }
        self.place = offset + len;
        if self.turns.slow.load(Relaxed) {
            let clock = SystemClock::new();
            clock.wait(&Shutdown::new(), clock.mono() + takes);
        }
    }

    fn entry(&self) -> Vec<u8> {
        let times = [numbers(&[IMAGE, 0, 1 << 20, 1 << 20]), smalls(&[0, 0])].concat();
        [times, self.attributes(IMAGE)].concat()
    }

    fn attributes(&self, node: u64) -> Vec<u8> {
        let (mode, size) = if node == ROOT { (0o40755, 0) } else { (0o100_600, self.size) };
        let large = numbers(&[node, size, size >> 9, 0, 0, 0]);
        [large, smalls(&[0, 0, 0, mode, 1, 0, 0, 0, 4096, 0])].concat()
    }
}

/// What is agreed on first: version 7.31, requests of up to [`WRITE_MAX`], many at a time.
fn introduction() -> Vec<u8> {
    // ASYNC_READ, BIG_WRITES, ASYNC_DIO, MAX_PAGES
    let flags = 1 | 1 << 5 | 1 << 15 | 1 << 22;
    let (background, pages) = (64 | 48 << 16, WRITE_MAX >> 12);
    let mut out = smalls(&[7, 31, WRITE_MAX, flags, background, WRITE_MAX, 1, pages]);
    out.resize(64, 0);
    out
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn small(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn numbers(all: &[u64]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

fn smalls(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_ne_bytes()).collect()
}
