//! The API held against its own document: schemathesis makes requests of it, and judges answers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;
use testcam::{TestCam, TestCamOptions};

use crate::run::{command, exists, root, run, run_command};

const BINARY: &str = "target/debug/holdfast";
/// What schemathesis is told, and what is excused.
const RULES: [&str; 2] = ["schemathesis.toml", "excuses.py"];
/// The slug of each camera, and what it shows.
const CAMERAS: [(&str, &str); 2] = [("door", "door-main"), ("garden", "garden-sub")];
/// What is recorded before the first request.
const FOOTAGE: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(30);

/// How the API is tried.
#[derive(Args)]
pub struct Arguments {
    /// The program; `pip install schemathesis==4.32.5` brings it
    #[arg(long, default_value = "schemathesis")]
    schemathesis: String,
    /// Seconds of requests for each of both servers
    #[arg(long, default_value_t = 75)]
    seconds: u32,
    /// Requests for each operation of the API and kind of test
    #[arg(long, default_value_t = 20)]
    examples: u32,
}

/// Tries a server that is open to everybody, and one with an account, on throw-away archives.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    if !exists(&arguments.schemathesis, "--version") {
        bail!(
            "{} is not installed: `python3 -m venv DIR && DIR/bin/pip install \
             schemathesis==4.32.5`, then --schemathesis DIR/bin/schemathesis",
            arguments.schemathesis
        );
    }
    run("", "cargo build --quiet --package holdfast")?;
    let scratch = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let cameras = runtime.block_on(start_cameras(scratch.path()))?;
    let open = Recorder::start(&scratch.path().join("open"), &cameras, true)?;
    // An account would end that it is open.
    let accounts = ["--exclude-path", "/api/v1/users", "--exclude-path", "/api/v1/setup"];
    let options = [&["--exclude-checks", "ignored_auth"], &accounts[..]].concat();
    std::thread::sleep(FOOTAGE);
    try_out(arguments, &open, "nobody's", &options)?;
    drop(open);
    let closed = Recorder::start(&scratch.path().join("closed"), &cameras, false)?;
    let token = closed.token()?;
    std::thread::sleep(FOOTAGE);
    try_out(arguments, &closed, &token, &[])?;
    println!("\nthe API is as its document says");
    Ok(())
}

async fn start_cameras(dir: &Path) -> Result<TestCam> {
    let mut clips = Vec::new();
    for (name, bytes) in testcam::SCENES {
        let path = dir.join(format!("{name}.mp4"));
        fs::write(&path, bytes)?;
        clips.push((name.to_owned(), path));
    }
    let options = TestCamOptions { clips, live: true, ..TestCamOptions::default() };
    testcam::serve(options).await.context("the test cameras did not start")
}

fn try_out(arguments: &Arguments, on: &Recorder, token: &str, options: &[&str]) -> Result<()> {
    let begun = SystemTime::now().duration_since(UNIX_EPOCH)? - FOOTAGE / 2;
    for name in RULES {
        let rules = fs::read_to_string(root().join("crates/xtask/contract").join(name))?;
        fs::write(on.dir.join(name), rules.replace("BEGUN", &begun.as_millis().to_string()))?;
    }
    let url = format!("{}/api/v1/openapi.json", on.address()?);
    let mut trying = Command::new(&arguments.schemathesis);
    trying.args(["--config-file", RULES[0], "run", &url, "--no-color", "--checks", "all"]);
    trying.args(["--max-time", &arguments.seconds.to_string()]);
    trying.args(["--max-examples", &arguments.examples.to_string()]).args(options);
    trying.env("HOLDFAST_TOKEN", token).current_dir(&on.dir);
    let title = format!("schemathesis run {url} {}", options.join(" "));
    run_command(trying, &title).with_context(|| on.log())
}

/// A server that records, until it is dropped.
struct Recorder {
    dir: PathBuf,
    child: Child,
}

impl Recorder {
    fn start(dir: &Path, cameras: &TestCam, is_open: bool) -> Result<Self> {
        fs::create_dir_all(dir)?;
        fs::write(dir.join("holdfast.toml"), config(dir, cameras, is_open))?;
        let mut recording = command("", BINARY);
        recording.arg("run").arg("--config").arg(dir.join("holdfast.toml"));
        recording.stdin(Stdio::null()).stdout(Stdio::null());
        let child = recording.stderr(File::create(dir.join("log"))?).spawn();
        Ok(Self { dir: dir.to_owned(), child: child.context("the server does not start")? })
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Where it serves, once it says so.
    fn address(&self) -> Result<String> {
        let began = Instant::now();
        loop {
            let log = self.log();
            let said = log.split_once("the page is at ").map(|(_, rest)| rest);
            if let Some((scheme, rest)) = said.and_then(|rest| rest.split_once("://")) {
                let host = rest.split(['/', ' ', '\n']).next().unwrap_or_default();
                return Ok(format!("{scheme}://{host}"));
            }
            if began.elapsed() > PATIENCE {
                bail!("the server says no address: {log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A token of a new account that may do everything.
    fn token(&self) -> Result<String> {
        self.address()?;
        let password = self.dir.join("password");
        fs::write(&password, "correct horse battery staple")?;
        let password = password.display().to_string();
        self.ask(&["user", "add", "admin", "--password-file", &password])?;
        Ok(self.ask(&["token", "create", "contract"])?.trim().to_owned())
    }

    fn ask(&self, words: &[&str]) -> Result<String> {
        let mut asking = command("", BINARY);
        asking.args(words).arg("--config").arg(self.dir.join("holdfast.toml"));
        let output = asking.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("`holdfast {}` failed: {}", words.join(" "), output.status);
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Its archive is thrown away.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(dir: &Path, cameras: &TestCam, is_open: bool) -> String {
    let dir = dir.display();
    let mut text = format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\nallow_unauthenticated = {is_open}\n[archive]\n\
         catalog = \"{dir}/catalog\"\nsegment_duration = \"5s\"\n[[archive.volume]]\n\
         name = \"scratch\"\npath = \"{dir}/footage\"\nkeep_free = \"100 MB\"\n"
    );
    for (slug, scene) in CAMERAS {
        let url = cameras.url(scene);
        text += &format!("[[camera]]\nname = \"{slug}\"\nslug = \"{slug}\"\n");
        text += &format!("[camera.stream.main]\nurl = \"{url}\"\n");
    }
    text
}
