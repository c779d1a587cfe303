//! A Holdfast process on a scratch archive, ended by its own handle.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use base::WallTime;
use holdfast::client::Client;
use hyper::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::http::Door;

/// The calls that wait for a disk.
const SYNCS: &str = "fdatasync,fsync";

/// What a scratch archive is configured with.
pub struct Setup {
    /// `[archive]` keys beside `catalog`.
    pub archive: String,
    /// Keys of the one volume beside name and path.
    pub volume: String,
    /// `[server]` keys beside `listen`.
    pub server: String,
    /// Everything that follows, with `[[camera]]` tables.
    pub cameras: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            archive: "segment_duration = \"10s\"".to_owned(),
            volume: "keep_free = \"10 MB\"".to_owned(),
            server: String::new(),
            cameras: String::new(),
        }
    }
}

impl Setup {
    /// With one stream `main` for each slug and URL.
    pub fn with_cameras<'a>(cameras: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let table = |(slug, url): (&str, String)| camera(slug, &url, "", "");
        Self { cameras: cameras.into_iter().map(table).collect(), ..Self::default() }
    }
}

/// A camera's table with one stream `main`, with further keys of the camera and of the stream.
pub fn camera(slug: &str, url: &str, keys: &str, stream_keys: &str) -> String {
    format!(
        "[[camera]]\nname = \"{slug}\"\nslug = \"{slug}\"\n{keys}\n\
         [camera.stream.main]\nurl = \"{url}\"\n{stream_keys}\n"
    )
}

/// A process that runs, or one that has ended and can be started again on the same archive.
pub struct Server {
    dir: TempDir,
    child: Option<Child>,
}

impl Server {
    /// Writes the configuration and starts.
    pub async fn start(setup: &Setup) -> Self {
        let mut server = Self::prepare(setup);
        server.start_again().await;
        server
    }

    /// Writes the configuration only.
    pub fn prepare(setup: &Setup) -> Self {
        let dir = tempfile::Builder::new().prefix("hf").tempdir().expect("a scratch folder");
        let server = Self { dir, child: None };
        server.configure(setup);
        server
    }

    /// Writes the configuration anew.
    pub fn configure(&self, setup: &Setup) {
        let dir = self.dir.path().display();
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n{}\n[archive]\ncatalog = \"{dir}/catalog\"\n{}\n\
             [[archive.volume]]\nname = \"disk1\"\npath = \"{dir}/media\"\n{}\n{}",
            setup.server, setup.archive, setup.volume, setup.cameras
        );
        std::fs::write(self.config(), text).expect("the configuration is written");
    }

    /// Starts the process and waits until it answers.
    pub async fn start_again(&mut self) {
        self.spawn(&[]);
        let began = Instant::now();
        loop {
            if self.client().text(Method::GET, "/livez", None).await.is_ok() {
                return;
            }
            let ended = self.child().try_wait().expect("the process can be asked");
            assert!(ended.is_none(), "ended at the start ({ended:?}): {}", self.log());
            assert!(began.elapsed() < Duration::from_secs(30), "no answer: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts the process under `wrapper` (a program and its arguments), or alone.
    pub fn spawn(&mut self, wrapper: &[&str]) {
        let log = std::fs::File::options().create(true).append(true).open(self.log_file());
        let log = log.expect("the log can be written");
        let binary = env!("CARGO_BIN_EXE_holdfast");
        let mut words = wrapper.iter().copied().chain([binary]);
        let mut command = Command::new(words.next().expect("there is a program"));
        command.args(words).arg("run").arg("--config").arg(self.config());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().expect("it starts"));
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.dir.path().join("holdfast.toml")
    }

    /// The scratch folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Where footage is.
    pub fn media(&self) -> PathBuf {
        self.dir.path().join("media")
    }

    /// The id of its process.
    pub fn id(&mut self) -> u32 {
        self.child().id()
    }

    /// What was logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Its socket, where our own uid may do everything.
    pub fn door(&self) -> Door {
        Door::Unix(self.dir.path().join("catalog").join(holdfast::client::SOCKET))
    }

    /// Its port, where anybody may knock.
    pub fn port(&self) -> Door {
        let log = self.log();
        let line = log.rsplit("the page is at http://").next().expect("there is a last part");
        let at = line.split('/').next().expect("there is a first part");
        Door::Tcp(at.parse().unwrap_or_else(|_| panic!("no address in the log: {log}")))
    }

    /// Waits until the log says something.
    pub async fn wait_for_log(&self, words: &str) {
        let began = Instant::now();
        while !self.log().contains(words) {
            let late = began.elapsed() > Duration::from_secs(30);
            assert!(!late, "the log does not say {words:?}: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Speaks with it over its socket, where our own uid may do everything.
    pub fn client(&self) -> Client {
        Client::at(self.dir.path().join("catalog").join(holdfast::client::SOCKET))
    }

    /// JSON of `/api/v1` and `path`.
    pub async fn json(&self, path: &str) -> Value {
        let text = self.client().text(Method::GET, &format!("/api/v1{path}"), None).await;
        let text = text.unwrap_or_else(|error| panic!("{path}: {error:#}; {}", self.log()));
        serde_json::from_str(&text).expect("the answer is JSON")
    }

    /// How a stream `main` stands.
    pub async fn stream(&self, camera: &str) -> Value {
        self.json(&format!("/cameras/{camera}/streams/main")).await
    }

    /// Waits until a stream `main` satisfies `holds`.
    pub async fn wait_for(
        &self,
        camera: &str,
        what: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let began = Instant::now();
        loop {
            let stream = self.stream(camera).await;
            if holds(&stream) {
                return stream;
            }
            let late = began.elapsed() > Duration::from_secs(30);
            assert!(!late, "{camera}: no {what}: {stream:#}; {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Until when a camera's `main` is durable.
    pub async fn durable_until(&self, camera: &str) -> Option<WallTime> {
        let stream = self.stream(camera).await;
        stream["durable_until"].as_str().map(|at| at.parse().expect("is a time"))
    }

    /// A clip of a camera's `main`, as a file.
    pub async fn clip(&self, camera: &str, from: WallTime, to: WallTime, name: &str) -> PathBuf {
        use http_body_util::BodyExt;
        let path = format!("/api/v1/cameras/{camera}/streams/main/clip.mp4?from={from}&to={to}");
        let answer = self.client().send(Method::GET, &path, None).await;
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error:#}; {}", self.log()));
        let bytes = answer.into_body().collect().await.expect("a whole body").to_bytes();
        let file = self.dir.path().join(name);
        std::fs::write(&file, bytes).expect("the clip is written");
        file
    }

    /// SIGKILL, now.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
    }

    /// Sends SIGTERM and waits for the end; how long it took.
    pub fn stop(&mut self) -> (Duration, ExitStatus) {
        let began = Instant::now();
        signal(self.child(), "TERM");
        let status = self.wait_end(Duration::from_secs(60));
        (began.elapsed(), status)
    }

    /// Sends SIGHUP.
    pub fn reload(&mut self) {
        signal(self.child(), "HUP");
    }

    /// SIGTERM, without waiting.
    pub fn terminate(&mut self) {
        signal(self.child(), "TERM");
    }

    /// From now on every sync takes `delay` longer, until the process ends.
    pub fn slow_syncs(&mut self, delay: Duration) -> SlowSyncs {
        let process = self.id().to_string();
        self.strace(SYNCS, delay, &["-f", "-p", &process])
    }

    /// From now on each sync on a volume takes `delay` longer, until what is given back is dropped.
    pub fn hang(&mut self, volume: &str, delay: Duration) -> SlowSyncs {
        self.hang_threads(SYNCS, delay, |name| {
            ["record", "sync", "keep"].iter().any(|of| name == format!("{of}-{volume}"))
        })
    }

    /// The same of the thread that writes exports.
    pub fn hang_export(&mut self, delay: Duration) -> SlowSyncs {
        self.hang_threads(SYNCS, delay, |name| name == "export")
    }

    /// From now on each write of an export takes `delay` longer.
    pub fn slow_export(&mut self, delay: Duration) -> SlowSyncs {
        self.hang_threads("pwritev", delay, |name| name == "export")
    }

    fn hang_threads(
        &mut self,
        calls: &str,
        delay: Duration,
        is_meant: impl Fn(&str) -> bool,
    ) -> SlowSyncs {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.id())).expect("it runs");
        let threads = tasks.flatten().filter(|task| {
            let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            is_meant(name.trim())
        });
        let ids: Vec<_> = threads.map(|task| task.file_name().into_string()).collect();
        let words = ids.iter().flatten().flat_map(|id| ["-p", id.as_str()]);
        let words: Vec<&str> = words.collect();
        assert!(!words.is_empty(), "there is no such thread");
        self.strace(calls, delay, &words)
    }

    fn strace(&mut self, calls: &str, delay: Duration, words: &[&str]) -> SlowSyncs {
        let says = self.dir.path().join("strace");
        let inject = format!("inject={calls}:delay_enter={}", delay.as_micros());
        let trace = format!("trace={calls}");
        let mut strace = Command::new("strace");
        strace.args(["-qq", "-e", &trace, "-e", &inject, "-o", "/dev/null"]);
        let log = std::fs::File::create(&says).expect("its words can be kept");
        let strace = strace.args(words).stdin(Stdio::null()).stderr(log);
        SlowSyncs { child: strace.spawn().expect("strace is installed"), says }
    }

    /// Waits for the end.
    pub fn wait_end(&mut self, timeout: Duration) -> ExitStatus {
        let began = Instant::now();
        while began.elapsed() < timeout {
            if let Some(status) = self.child().try_wait().expect("it can be asked") {
                self.child = None;
                return status;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("it did not end in {timeout:?}: {}", self.log());
    }

    fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("it runs")
    }

    /// Runs another command of the binary on the same configuration.
    pub fn command(&self, words: &[&str]) -> std::process::Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.args(words).arg("--config").arg(self.config()).stdin(Stdio::null());
        command.output().expect("it runs")
    }
}

/// strace at work on a server.
pub struct SlowSyncs {
    child: Child,
    says: PathBuf,
}

impl SlowSyncs {
    /// Whether strace failed by itself.
    pub fn ended_in_confusion(&mut self) -> bool {
        std::fs::read_to_string(&self.says).unwrap_or_default().contains("dispatch_event")
    }
}

impl Drop for SlowSyncs {
    fn drop(&mut self) {
        // It ends with what it traces; whatever happens, it does not stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}
