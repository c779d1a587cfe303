//! What the commands do.

mod accounts;
mod backup;
mod camera;
mod check;
mod config_text;
mod export;
mod rebuild;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use logs::Log;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::{daemon, files};

/// Carries out what the command line says; `log` has what this process says meanwhile.
pub fn carry_out(cli: Cli, log: Log) -> Result<ExitCode> {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Run { apply } => daemon::run(&files::find(config)?, apply.as_deref(), log),
        #[cfg(feature = "demo")]
        Command::Demo { listen, dir } => crate::demo::run(listen, dir.as_deref(), log),
        Command::Config(command) => config_text::carry_out(command, config),
        Command::Camera(command) => wait_for(camera::carry_out(command)),
        Command::Export(export) => wait_for(export::carry_out(export, &settings(config)?)),
        Command::Check(asked) => check::carry_out(&asked, &settings(config)?),
        Command::Rebuild(asked) => rebuild::carry_out(&asked, &settings(config)?),
        Command::Verify(asked) => verify::carry_out(&asked, config),
        Command::Backup { file } => {
            let config = files::find(config)?;
            backup::carry_out(&file, &config, &files::settings(&config)?)
        }
        Command::User(command) => wait_for(accounts::user(command, &settings(config)?)),
        Command::StillWorker => Ok(still::work()),
        Command::Token(command) => wait_for(accounts::token(command, &settings(config)?)),
    }
}

fn settings(config: Option<&Path>) -> Result<config::Settings> {
    files::settings(&files::find(config)?)
}

/// Runs a command that talks over the network.
fn wait_for(work: impl Future<Output = Result<Exit>>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work)?.into())
}
