//! What runs inside the guest beside the recorder: cameras, and somebody who writes down what the
//! recorder promises.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use base::WallTime;
use clap::Args;
use testcam::{TestCam, TestCamOptions};

use super::ask;
use super::cameras::LISTEN;
use super::promise::{self, Area};

/// The last line that the guest says when all went well.
pub const DONE: &str = "powercut: recorded as long as wanted";

/// How often the recorder is asked.
const PERIOD: Duration = Duration::from_millis(30);
/// From one start of the recorder to its end, there are at least so many promises …
const PROMISES_A_START: usize = 8;
/// … unless it takes so many times longer than it should.
const PATIENCE: u32 = 3;

/// Arguments of the command that the guest runs.
#[derive(Args)]
pub struct Arguments {
    /// The recorder
    #[arg(long)]
    recorder: PathBuf,
    /// Its configuration
    #[arg(long)]
    config: PathBuf,
    /// Its socket
    #[arg(long)]
    socket: PathBuf,
    /// The disk, for promises
    #[arg(long)]
    disk: PathBuf,
    /// How long to record
    #[arg(long)]
    seconds: u64,
    /// How often the recorder is killed, or stopped, and started again
    #[arg(long)]
    restart_every: u64,
}

/// Records cameras for a while. A machine that has much else to do takes longer: what counts is
/// what was promised.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let _cameras = runtime.block_on(cameras())?;
    let mut witness = Witness::new(arguments)?;
    let (length, stretch) =
        (Duration::from_secs(arguments.seconds), Duration::from_secs(arguments.restart_every));
    let mut recorder = start(arguments)?;
    let (began, mut started, mut restarts) = (Instant::now(), Instant::now(), 0);
    let enough = |began: Instant, length: Duration, promises: usize| {
        let took = began.elapsed();
        took >= length && promises >= PROMISES_A_START || took >= length * PATIENCE
    };
    while !enough(began, length, witness.since_start) {
        witness.look()?;
        if let Some(status) = recorder.try_wait()? {
            bail!("the recorder ended by itself: {status}");
        }
        if enough(started, stretch, witness.since_start) {
            restarts += 1;
            end(&mut recorder, restarts % 2 == 1)?;
            recorder = start(arguments)?;
            (started, witness.since_start) = (Instant::now(), 0);
        }
    }
    println!("powercut: {} promises, {restarts} restarts\n{DONE}", witness.promises);
    std::io::stdout().flush()?;
    // The power goes now; the recorder is not told.
    Ok(())
}

/// Who asks the recorder, and writes down every answer that says something new.
struct Witness {
    socket: PathBuf,
    area: Area,
    last: Vec<promise::Stream>,
    promises: usize,
    since_start: usize,
}

impl Witness {
    fn new(arguments: &Arguments) -> Result<Self> {
        let area = Area::open(&arguments.disk)?;
        let socket = arguments.socket.clone();
        Ok(Self { socket, area, last: Vec::new(), promises: 0, since_start: 0 })
    }

    /// Asks once, and leaves the machine to others for as long as that took.
    fn look(&mut self) -> Result<()> {
        let began = Instant::now();
        if let Ok(answer) = ask::get(&self.socket, "/api/v1/cameras") {
            let streams = promise::streams(&serde_json::from_slice(&answer)?)?;
            if streams != self.last {
                self.area.write(now()?, &answer)?;
                self.last = streams;
                self.promises += 1;
                self.since_start += 1;
            }
        }
        std::thread::sleep(PERIOD.max(began.elapsed()));
        Ok(())
    }
}

fn start(arguments: &Arguments) -> Result<Child> {
    let mut command = Command::new(&arguments.recorder);
    command.arg("run").arg("--config").arg(&arguments.config);
    command.spawn().context("cannot start the recorder")
}

/// Ends the recorder: by SIGKILL, or by SIGTERM, which lets it end well.
fn end(recorder: &mut Child, by_force: bool) -> Result<()> {
    if by_force {
        recorder.kill()?;
    } else {
        Command::new("kill").arg(recorder.id().to_string()).status()?;
    }
    let status = recorder.wait()?;
    if !by_force && !status.success() {
        bail!("the recorder did not end well: {status}");
    }
    Ok(())
}

/// Cameras of the demo's scenes, with a stamp in each frame.
async fn cameras() -> Result<TestCam> {
    let folder = Path::new("/tmp");
    let mut clips = Vec::new();
    for (name, bytes) in testcam::SCENES {
        let path = folder.join(format!("{name}.mp4"));
        std::fs::write(&path, bytes)?;
        clips.push((name.to_owned(), path));
    }
    let listen = Some(LISTEN.into());
    let options = TestCamOptions { listen, clips, stamp: true, ..Default::default() };
    testcam::serve(options).await.context("the cameras did not start")
}

fn now() -> Result<WallTime> {
    Ok(WallTime::EPOCH + SystemTime::now().duration_since(UNIX_EPOCH)?)
}
