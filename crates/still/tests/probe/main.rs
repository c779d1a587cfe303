//! What the tests of this crate start: the worker, and one that tries what a worker may not.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => still::work(),
        Some(deed) => try_out(deed),
    }
}

/// Confines itself and does a deed; 0 says that it could.
fn try_out(deed: &str) -> ExitCode {
    if deed == "hang" {
        loop {
            std::thread::park();
        }
    }
    if still::confine().is_err() {
        return ExitCode::from(3);
    }
    let did = match deed {
        "nothing" => true,
        "open" => std::fs::File::open("/etc/passwd").is_ok(),
        "create" => std::fs::File::create("/tmp/holdfast-still-probe").is_ok(),
        "connect" => std::net::TcpStream::connect("127.0.0.1:1").is_ok(),
        "listen" => std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
        "socket" => std::os::unix::net::UnixDatagram::unbound().is_ok(),
        "spawn" => std::process::Command::new("/bin/true").status().is_ok(),
        "thread" => std::thread::Builder::new().spawn(|| {}).is_ok(),
        "signal" => {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::USR1)
                .is_ok()
        }
        "memory" => vec![1u8; 2 << 30].iter().all(|byte| *byte == 1),
        _ => return ExitCode::from(4),
    };
    if did { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
