//! Other recorders, as people run them.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Peer {
    /// One `ffmpeg -c copy -f segment` a camera, files of ten seconds
    Ffmpeg,
    /// One `gst-launch-1.0 … splitmuxsink` a camera
    Gstreamer,
    /// The least that a receiver can do: see `floor`
    Floor,
    /// Nobody
    None,
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ffmpeg => "ffmpeg -c copy -f segment",
            Self::Gstreamer => "gst-launch-1.0 splitmuxsink",
            Self::Floor => "floor depay-tick:100",
            Self::None => "none",
        })
    }
}

/// Running peers; killed when dropped.
pub struct Running(Vec<Child>);

impl Running {
    pub fn pids(&self) -> Vec<u32> {
        self.0.iter().map(Child::id).collect()
    }

    fn start(&mut self, mut command: Command, peer: Peer) -> Result<()> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.0.push(command.spawn().with_context(|| format!("cannot start {peer}"))?);
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // What has ended already cannot be killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Peer {
    /// Starts one process a camera, each in a folder of its own below `dir`; the floor is one
    /// process for all of them.
    pub fn start(self, dir: &Path, urls: &[String]) -> Result<Running> {
        let mut running = Running(Vec::new());
        if self == Self::Floor {
            std::fs::create_dir_all(dir)?;
            let mut command = Command::new("/proc/self/exe");
            command.arg("--dir").arg(dir).arg("floor").args(urls);
            running.start(command, self)?;
            return Ok(running);
        }
        for (number, url) in urls.iter().enumerate() {
            let dir = dir.join(number.to_string());
            std::fs::create_dir_all(&dir)?;
            let command = match self {
                Self::Floor | Self::None => break,
                Self::Ffmpeg => {
                    let mut command = Command::new("ffmpeg");
                    command.args(["-v", "error", "-nostdin", "-y", "-rtsp_transport", "tcp", "-i"]);
                    command.arg(url).args(["-c", "copy", "-an", "-f", "segment"]);
                    command.args(["-segment_time", "10", "-segment_format", "mp4"]);
                    command.args(["-reset_timestamps", "1"]).arg(dir.join("%03d.mp4"));
                    command
                }
                Self::Gstreamer => {
                    let mut command = Command::new("gst-launch-1.0");
                    command.args(["-q", "rtspsrc", "protocols=tcp"]);
                    command.arg(format!("location={url}")).args(["!", "rtph264depay", "!"]);
                    command.args(["h264parse", "!", "splitmuxsink", "max-size-time=10000000000"]);
                    command.arg(format!("location={}", dir.join("%03d.mp4").display()));
                    command
                }
            };
            running.start(command, self)?;
        }
        Ok(running)
    }
}
