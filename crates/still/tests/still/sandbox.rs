//! What a confined process tries and cannot.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

fn try_out(deed: &str) -> ExitStatus {
    let mut command = Command::new(env!("CARGO_BIN_EXE_still-probe"));
    command.arg(deed).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap()
}

#[test]
fn a_confined_process_ends_as_it_wants_to() {
    assert_eq!(try_out("nothing").code(), Some(0), "or the other tests prove nothing");
}

#[test]
fn a_confined_process_that_reaches_out_is_ended() {
    for deed in ["open", "create", "connect", "listen", "socket", "spawn", "thread", "signal"] {
        let status = try_out(deed);
        assert_eq!(status.signal(), Some(libc::SIGSYS), "{deed}: {status}");
    }
}

#[test]
fn a_confined_process_takes_no_more_than_its_memory() {
    let status = try_out("memory");
    assert!(!status.success() && status.code() != Some(4), "{status}");
}
