//! A process beside this one, so that its cost is nobody else's: asked and answering in lines of
//! JSON.

use std::io::{BufRead, BufReader, Lines, StdinLock, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

/// This program once more, doing something else; killed when dropped.
pub struct Aside {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Aside {
    pub fn start(dir: &Path, what: &str) -> Result<Self> {
        let mut child = Command::new("/proc/self/exe")
            .arg("--dir")
            .arg(dir)
            .arg(what)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start another process to {what}"))?;
        let questions = child.stdin.take().context("it has an input")?;
        let answers = child.stdout.take().context("it has an output")?;
        Ok(Self { child, questions, answers: BufReader::new(answers).lines() })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the answer.
    pub fn ask(&mut self, question: &Value) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        let answer = self.answers.next().context("the process beside has ended")??;
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the process beside: the next question; `None` when there is nobody to ask any more.
pub fn question(asked: &mut Lines<StdinLock<'_>>) -> Result<Option<Value>> {
    let Some(line) = asked.next() else { return Ok(None) };
    Ok(Some(serde_json::from_str(&line?)?))
}
