//! nginx with a plain file, as it comes: one process, sendfile.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::Shutdown;
use world::{Clock, SystemClock};

use super::client::Client;

/// How long it may take to answer.
const PATIENCE: u32 = 200;

/// Killed when dropped.
pub struct Nginx {
    child: Child,
    client: Client,
}

/// A port of this machine's own that nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Nginx {
    /// Serves the files of `www`; what it writes is in `dir`.
    pub fn start(dir: &Path, www: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let port = free_port()?;
        let at = dir.display();
        let text = format!(
            "daemon off; master_process off; worker_processes 1; pid {at}/pid;\n\
             error_log {at}/log; events {{ worker_connections 4096; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on;\n\
             client_body_temp_path {at}/1; proxy_temp_path {at}/2; fastcgi_temp_path {at}/3;\n\
             uwsgi_temp_path {at}/4; scgi_temp_path {at}/5;\n\
             server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
            www.display()
        );
        let config = dir.join("nginx.conf");
        std::fs::write(&config, text)?;
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&config)
            .arg("-p")
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start nginx: install it")?;
        let nginx = Self { child, client: Client::new(port) };
        let clock = SystemClock::new();
        for _ in 0..PATIENCE {
            if nginx.client.answers() {
                return Ok(nginx);
            }
            clock.wait(&Shutdown::new(), clock.mono() + Duration::from_millis(20));
        }
        bail!("nginx does not answer: see {at}/log")
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it is asked.
    pub fn client(&self) -> Client {
        self.client
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // What has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
