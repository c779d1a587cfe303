//! `holdfast config …`

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use hyper::Method;

use crate::cli::ConfigCommand;
use crate::client::Client;
use crate::exit::Exit;
use crate::{daemon, files};

pub fn carry_out(command: ConfigCommand, named: Option<&Path>) -> Result<ExitCode> {
    match command {
        ConfigCommand::Check { file } => {
            let path = file.map_or_else(|| files::find(named), Ok)?;
            let settings = files::settings(&path)?;
            let streams: usize = settings.cameras.iter().map(|c| c.streams.len()).sum();
            let cameras = settings.cameras.len();
            println!("{} is right: {cameras} cameras, {streams} streams", path.display());
        }
        ConfigCommand::Apply { file } => {
            let settings = files::settings(&files::find(named)?)?;
            println!("{}", apply(&settings, &file)?);
        }
        ConfigCommand::Export { file } => {
            let settings = files::settings(&files::find(named)?)?;
            let text = export(&settings)?;
            match file {
                Some(path) => write_private(&path, &text)
                    .with_context(|| format!("cannot write {}", path.display()))?,
                None => std::io::stdout().lock().write_all(text.as_bytes())?,
            }
        }
        ConfigCommand::Schema => println!("{:#}", config::schema()),
    }
    Ok(Exit::Done.into())
}

/// Writes a file that its owner alone may read: it holds the cameras' passwords.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let options = &mut std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

/// Puts a file into effect: by the server that runs, or in the catalog where none does.
fn apply(settings: &config::Settings, file: &Path) -> Result<String> {
    // Read here first: problems are told with the file's name and place.
    let applied = files::applied(file)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let server = Client::find(settings).await?;
        let body = files::text(file).map(|text| ("application/toml", text));
        Some(match body {
            Ok(body) => server.text(Method::PUT, "/api/v1/config", Some(body)).await,
            Err(error) => Err(error),
        })
    });
    match answer {
        Some(answer) => answer,
        None => daemon::apply_offline(settings, &applied),
    }
}

/// Cameras, streams and retention as text: from the server that runs, or from the catalog.
fn export(settings: &config::Settings) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let server = Client::find(settings).await?;
        Some(server.text(Method::GET, "/api/v1/config", None).await)
    });
    match answer {
        Some(answer) => answer,
        None => daemon::export_offline(settings),
    }
}
