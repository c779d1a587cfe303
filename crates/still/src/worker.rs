//! The worker: one job from standard input, one answer to standard output.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use crate::canvas::Canvas;
use crate::decode::decode;
use crate::job::{Drawn, Reading, pack_answer};
use crate::sandbox::confine;

/// Confines this process, does one job and ends. Nothing may have been read before, and no other
/// thread may run.
pub fn work() -> ExitCode {
    // What a panic has to say is in the answer; a hostile stream shall fill no log.
    std::panic::set_hook(Box::new(|_| {}));
    let answer = match confine() {
        Ok(()) => draw(io::stdin().lock()),
        Err(error) => Err(error.to_string()),
    };
    let mut out = io::stdout().lock();
    let said = out.write_all(&pack_answer(&answer)).and_then(|()| out.flush());
    if said.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Draws the job that `input` holds, or says why not. A sheet with some pictures that cannot be
/// decoded is drawn all the same.
pub fn draw(input: impl Read) -> Result<Drawn, String> {
    let cut = |error: io::Error| format!("the job cannot be read: {error}");
    let mut reading = Reading::begin(input).map_err(cut)?;
    let rows = usize::from(reading.count).div_ceil(usize::from(reading.columns));
    let mut canvas = Canvas::new(reading.columns, rows, reading.cell);
    let (mut missing, mut why) = (Vec::new(), String::new());
    for number in 0..reading.count {
        let cell = reading.next_cell().map_err(cut)?;
        let rgb = catch_unwind(AssertUnwindSafe(|| {
            decode(&cell).map(|planes| planes.rgb(cell.size.0.into(), cell.size.1.into()))
        }));
        match rgb.unwrap_or_else(|_| Err("the decoder gave up on the picture".into())) {
            Ok(rgb) => canvas.put(number.into(), cell.size, &rgb),
            Err(error) => {
                missing.push(number);
                why = error;
            }
        }
    }
    if missing.len() == usize::from(reading.count) {
        return Err(why);
    }
    Ok(Drawn { jpeg: canvas.jpeg()?.into(), missing })
}
