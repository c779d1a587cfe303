//! The least that sending to many can cost: one loop that writes the same bytes to as many
//! sockets, and nothing else.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};
use base::Shutdown;
use serde_json::json;
use world::{Clock, SystemClock};

use super::aside::question;

/// Asked for `viewers`, `sizes` of messages and the `seconds` in which they came, says where it
/// listens; then writes them again and again, at the same pace, until somebody leaves.
pub fn write() -> Result<()> {
    let mut asked = std::io::stdin().lines();
    let job = question(&mut asked)?.context("nothing was asked for")?;
    let viewers = job["viewers"].as_u64().context("for how many?")?;
    let sizes = job["sizes"].as_array().context("of which sizes?")?;
    let sizes: Vec<usize> =
        sizes.iter().filter_map(|size| usize::try_from(size.as_u64()?).ok()).collect();
    let pace = Duration::from_secs(job["seconds"].as_u64().context("how fast?")?)
        .checked_div(u32::try_from(sizes.len())?)
        .context("no messages came")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", json!(listener.local_addr()?.to_string()));
    let mut sockets: Vec<TcpStream> = Vec::new();
    for _ in 0..viewers {
        let (socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        sockets.push(socket);
    }
    let bytes = vec![0x5a; sizes.iter().copied().max().unwrap_or(0)];
    let (clock, never) = (SystemClock::new(), Shutdown::new());
    let mut due = clock.mono();
    for size in sizes.iter().cycle() {
        for socket in &mut sockets {
            if socket.write_all(&bytes[..*size]).is_err() {
                return Ok(());
            }
        }
        due = due + pace;
        clock.wait(&never, due);
    }
    Ok(())
}
