//! The listener: one task per connection.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Who may watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Digest (RFC 2617) instead of Basic.
    pub digest: bool,
}

/// What to serve.
#[derive(Clone, Debug, Default)]
pub struct TestCamOptions {
    /// Where to listen; `None` for a free port of 127.0.0.1.
    pub listen: Option<SocketAddr>,
    /// First part of the URL's path → MP4 file. Several paths may play the same file.
    pub clips: Vec<(String, PathBuf)>,
    /// Who may watch; `None` for everybody.
    pub login: Option<Login>,
    /// Puts a stamp into every video access unit, so that frames can be told apart.
    pub stamp: bool,
}

/// Why a camera cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The clip cannot be read.
    #[error("cannot read the clip {path}: {why}")]
    Clip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The port cannot be had.
    #[error("cannot listen on {at}: {source}")]
    Listen {
        /// The address.
        at: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// A camera at work; it stops when dropped.
pub struct TestCam {
    address: SocketAddr,
}

impl TestCam {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, with faults, as in `url("door;stall=2")`.
    pub fn url(&self, path: &str) -> String {
        format!("rtsp://{}/{path}", self.address)
    }
}

/// Reads the clips and serves them on the current tokio runtime until the answer is dropped.
pub async fn serve(options: TestCamOptions) -> Result<TestCam, ServeError> {
    let _ = options;
    todo!()
}
