//! Clips that the cameras play, made once.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Twenty seconds with a key frame every two.
pub struct Clip {
    name: &'static str,
    size: &'static str,
    rate: u32,
    /// kbit/s
    bits: u32,
}

/// 1080p30 at 4 Mbit/s.
pub const LARGE: Clip = Clip { name: "1080p30", size: "1920x1080", rate: 30, bits: 4000 };
/// 360p15 at 400 kbit/s.
pub const SMALL: Clip = Clip { name: "360p15", size: "640x360", rate: 15, bits: 400 };

impl Clip {
    /// Its file in `dir`.
    pub fn made(&self, dir: &Path) -> Result<PathBuf> {
        let Self { name, size, rate, bits } = self;
        let path = dir.join(format!("{name}.mp4"));
        if path.exists() {
            return Ok(path);
        }
        let draft = dir.join(format!("{name}.draft.mp4"));
        let gop = (2 * rate).to_string();
        let (bits, buffer) = (format!("{bits}k"), format!("{}k", bits / 2));
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i"])
            .arg(format!("testsrc2=size={size}:rate={rate},noise=alls=6:allf=t"))
            .args(["-t", "20", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"])
            .args(["-g", &gop, "-keyint_min", &gop, "-sc_threshold", "0", "-pix_fmt", "yuv420p"])
            .args(["-b:v", &bits, "-maxrate", &bits, "-bufsize", &buffer])
            .arg(&draft)
            .status()
            .context("cannot start ffmpeg, which makes the clip: install it")?;
        if !made.success() {
            bail!("ffmpeg could not make the clip: {made}");
        }
        std::fs::rename(&draft, &path)?;
        Ok(path)
    }
}
