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
    /// Nobody
    None,
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ffmpeg => "ffmpeg -c copy -f segment",
            Self::Gstreamer => "gst-launch-1.0 splitmuxsink",
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
    /// Starts one process a camera, each in a folder of its own below `dir`.
    pub fn start(self, dir: &Path, urls: &[String]) -> Result<Running> {
        let mut running = Running(Vec::new());
        for (number, url) in urls.iter().enumerate() {
            let dir = dir.join(number.to_string());
            std::fs::create_dir_all(&dir)?;
            let mut command = match self {
                Self::None => break,
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
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            running.0.push(command.spawn().with_context(|| format!("cannot start {self}"))?);
        }
        Ok(running)
    }
}
