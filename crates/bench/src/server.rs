//! The real binary on the made archive, with test cameras.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::{MonoTime, Shutdown, WallTime};
use serde_json::Value;
use testcam::{TestCam, TestCamOptions};
use tokio::runtime::Runtime;
use world::{Clock, SystemClock};

use crate::made::{self, catalog_dir, media_dir};

/// How long anything may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(900);
/// How often is looked again.
const LOOK: Duration = Duration::from_millis(5);

#[derive(clap::Args, Clone)]
pub struct Binary {
    /// The program
    #[arg(long, default_value = "target/release/holdfast")]
    holdfast: PathBuf,
}

/// Test cameras in this process.
pub struct Cameras {
    cameras: TestCam,
    _runtime: Runtime,
}

impl Cameras {
    /// One path, which any number of streams may play.
    pub fn start(dir: &Path) -> Result<Self> {
        let (name, bytes) = testcam::SCENES[1];
        let path = dir.join(format!("{name}.mp4"));
        std::fs::write(&path, bytes)?;
        Self::of(&path)
    }

    /// The same with a clip that is there.
    pub fn of(clip: &Path) -> Result<Self> {
        let clips = vec![("clip".to_owned(), clip.to_owned())];
        Self::with(TestCamOptions { clips, ..TestCamOptions::default() })
    }

    /// Plays clips by name, and says in each frame when it was sent.
    pub fn stamped(clips: &[(&str, PathBuf)]) -> Result<Self> {
        let clips = clips.iter().map(|(name, path)| ((*name).to_owned(), path.clone()));
        Self::with(TestCamOptions {
            clips: clips.collect(),
            stamp: true,
            ..TestCamOptions::default()
        })
    }

    fn with(options: TestCamOptions) -> Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let cameras = runtime.block_on(testcam::serve(options))?;
        Ok(Self { cameras, _runtime: runtime })
    }

    /// Where the clip is played.
    pub fn url(&self) -> String {
        self.url_of("clip")
    }

    /// Where a clip of this name is played.
    pub fn url_of(&self, name: &str) -> String {
        self.cameras.url(name)
    }
}

/// A running binary; killed when dropped.
pub struct Server {
    child: Child,
    socket: PathBuf,
    pub clock: SystemClock,
    began: MonoTime,
    pub began_wall: WallTime,
}

impl Server {
    /// Writes the configuration and starts. `keep` is what each stream keeps.
    pub fn start(dir: &Path, binary: &Binary, cameras: &Cameras, keep: &str) -> Result<Self> {
        Self::with_config(dir, binary, &config_text(dir, &cameras.cameras, keep)?)
    }

    /// Starts with this configuration, whose catalog is that of `dir`.
    pub fn with_config(dir: &Path, binary: &Binary, text: &str) -> Result<Self> {
        let config = dir.join("holdfast.toml");
        std::fs::write(&config, text)?;
        let log = std::fs::File::create(dir.join("log"))?;
        let clock = SystemClock::new();
        let (began, began_wall) = (clock.mono(), clock.wall());
        let child = Command::new(&binary.holdfast)
            .args(["run", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.holdfast.display()))?;
        let socket = catalog_dir(dir).join("holdfast.sock");
        Ok(Self { child, socket, clock, began, began_wall })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Time since it was started.
    pub fn age(&self) -> Duration {
        self.clock.mono().since(self.began)
    }

    /// Does nothing for a while.
    pub fn wait(&self, time: Duration) {
        self.clock.wait(&Shutdown::new(), self.clock.mono() + time);
    }

    /// The answer to `GET /api/v1` and `path`.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.ask(&format!("GET /api/v1{path}"), "")
    }

    /// What it measures of itself, in Prometheus' text form.
    pub fn metrics(&self) -> Result<String> {
        self.say("GET /metrics", "")
    }

    /// Makes an account for tokens to act for.
    pub fn make_account(&self) -> Result<String> {
        let name = format!("bench-{}", self.began_wall.as_millis());
        let body = format!("{{\"username\":\"{name}\",\"password\":\"correct horse battery\"}}");
        self.ask("POST /api/v1/users", &body)?;
        Ok(name)
    }

    /// Makes a token of an account: a change that is answered once it is durable. Its secret.
    pub fn make_token(&self, account: &str, number: usize) -> Result<String> {
        let body = format!(
            "{{\"name\":\"{account}-{number}\",\"username\":\"{account}\",\
             \"permissions\":[\"view-live\"]}}"
        );
        let made = self.ask("POST /api/v1/tokens", &body)?;
        Ok(made["secret"].as_str().context("a token has no secret")?.to_owned())
    }

    fn ask(&self, what: &str, body: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.say(what, body)?)?)
    }

    /// One request in the oldest form there is: the connection ends with the answer.
    fn say(&self, what: &str, body: &str) -> Result<String> {
        let mut stream = UnixStream::connect(&self.socket)?;
        let length = body.len();
        let head = format!(
            "{what} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            bail!("{what}: {status} {body}");
        }
        Ok(body.to_owned())
    }

    /// Reads the answer to `GET /api/v1` and `path`, whatever is in it, to its end or until it is
    /// over; `count` is told the bytes as they come.
    pub fn fetch(socket: &Path, path: &str, over: &AtomicBool, count: impl Fn(u64)) -> Result<()> {
        let mut stream = UnixStream::connect(socket)?;
        let head = format!("GET /api/v1{path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        let (mut buffer, mut head) = (vec![0; 256 << 10], Vec::new());
        while !over.load(Relaxed) {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            count(read as u64);
            head.extend_from_slice(&buffer[..read.min(12_usize.saturating_sub(head.len()))]);
        }
        if head.get(9).is_some_and(|status| *status != b'2') {
            bail!("{path}: {}", String::from_utf8_lossy(&head));
        }
        Ok(())
    }

    /// Where it listens for those on this machine.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Waits until `GET` of a path satisfies `holds`; the age at that moment, and the answer.
    pub fn when(
        &mut self,
        path: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<(Duration, Value)> {
        loop {
            let answer = self.get(path);
            if let Ok(answer) = &answer
                && holds(answer)
            {
                return Ok((self.age(), answer.clone()));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server has ended: {status}");
            }
            if self.age() > PATIENCE {
                bail!("{path} did not come to what was waited for: {answer:?}");
            }
            self.wait(LOOK);
        }
    }

    /// Stops it in order; how long that took.
    pub fn stop(mut self) -> Result<Duration> {
        let began = self.clock.mono();
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        self.child.wait()?;
        Ok(self.clock.mono().since(began))
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An instant in an answer.
pub fn instant(value: &Value) -> Option<WallTime> {
    value.as_str()?.parse().ok()
}

fn config_text(dir: &Path, cameras: &TestCam, keep: &str) -> Result<String> {
    let (catalog, media) = (catalog_dir(dir), media_dir(dir));
    let mut text = format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\n[archive]\ncatalog = {:?}\n\
         time_zone = \"Europe/Berlin\"\n[[archive.volume]]\nname = \"disk1\"\npath = {:?}\n\
         keep_free = \"1 GB\"\n",
        catalog.display(),
        media.display(),
    );
    for number in 1..=made::cameras(dir)? {
        let (slug, url) = (made::slug(number), cameras.url("clip"));
        text += &format!(
            "[[camera]]\nname = {slug:?}\nslug = {slug:?}\n[camera.stream.main]\nurl = {url:?}\n\
             keep = {{ {keep} }}\n"
        );
    }
    Ok(text)
}
