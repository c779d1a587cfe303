//! `holdfast user …` and `holdfast token …`, with the server up or down.

use std::io::{IsTerminal, Read};
use std::path::Path;

use access::{PasswordHash, Permissions, SecretToken, Token, User, check_new_password};
use anyhow::{Context, Result, bail};
use base::UserId;
use catalog::Change;
use config::Settings;
use hyper::Method;
use serde_json::{Value, json};

use crate::cli::{TokenCommand, UserCommand};
use crate::client::Client;
use crate::daemon::{Machine, open_catalog};
use crate::exit::Exit;
use crate::files;

/// The longest password that is read.
const PASSWORD_BYTES_MAX: u64 = 4096;

pub async fn user(command: UserCommand, settings: &Settings) -> Result<Exit> {
    match command {
        UserCommand::Add { name, password_file } => {
            let password = password(password_file.as_deref())?;
            match Client::find(settings).await {
                Some(server) => {
                    let body = json!({ "username": name, "password": password }).to_string();
                    let body = Some(("application/json", body));
                    server.text(Method::POST, "/api/v1/users", body).await?;
                }
                None => add_offline(settings, &name, &password)?,
            }
            println!("made the account {name:?}");
        }
        UserCommand::List { json } => list(settings, json).await?,
    }
    Ok(Exit::Done)
}

fn add_offline(settings: &Settings, name: &str, password: &str) -> Result<()> {
    let machine = Machine::real();
    check_new_password(name, password)?;
    let (catalog, mut writer) = open_catalog(settings, &machine)?;
    if catalog.user_by_name(name)?.is_some() {
        bail!("there is an account {name:?} already");
    }
    let salt = machine.secret()[..16].try_into().expect("16 of 32 bytes are 16 bytes");
    writer.apply(&[Change::PutUser(User {
        id: UserId::new(machine.wall(), machine.entropy.id_bytes()),
        name: name.to_owned(),
        password: Some(PasswordHash::make(password, salt)?),
        permissions: Permissions::ADMINISTRATOR,
        disabled: false,
        created: machine.wall(),
    })])?;
    Ok(())
}

async fn list(settings: &Settings, as_json: bool) -> Result<()> {
    let users: Vec<Value> = match Client::find(settings).await {
        Some(server) => {
            let text = server.text(Method::GET, "/api/v1/users", None).await?;
            let answer: Value = serde_json::from_str(&text)?;
            answer["users"].as_array().cloned().unwrap_or_default()
        }
        None => {
            let catalog = catalog::Catalog::open_to_read(&settings.archive.catalog)?;
            let row = |user: User| json!({ "username": user.name, "created": user.created });
            catalog.users()?.into_iter().map(row).collect()
        }
    };
    for user in users {
        match as_json {
            true => println!("{user}"),
            false => println!("{}", user["username"].as_str().unwrap_or_default()),
        }
    }
    Ok(())
}

pub async fn token(command: TokenCommand, settings: &Settings) -> Result<Exit> {
    let TokenCommand::Create { name, user, days, may } = command;
    // What the account may not is left out where the token is made, and where it is used.
    let may = match &*may {
        [] => Permissions::ADMINISTRATOR,
        listed => listed.iter().copied().collect(),
    };
    let machine = Machine::real();
    let day = std::time::Duration::from_secs(24 * 3600);
    let expires = days.map(|days| machine.wall() + day * days);
    let secret = match Client::find(settings).await {
        Some(server) => {
            let text = server.text(Method::GET, "/api/v1/users", None).await?;
            let answer: Value = serde_json::from_str(&text)?;
            let users = answer["users"].as_array().into_iter().flatten();
            let accounts = users.map(|user| Account {
                name: user["username"].as_str().unwrap_or_default().to_owned(),
                created: user["created"].as_str().and_then(|at| at.parse().ok()),
                disabled: user["disabled"] == true,
            });
            let account = account(accounts, user.as_deref())?;
            let words: Vec<_> = may.iter().map(access::Permission::as_str).collect();
            let mut body = json!({ "name": name, "username": account, "permissions": words });
            if let Some(expires) = expires {
                body["expires"] = json!(expires);
            }
            let body = Some(("application/json", body.to_string()));
            let text = server.text(Method::POST, "/api/v1/tokens", body).await?;
            let answer: Value = serde_json::from_str(&text)?;
            answer["secret"].as_str().context("the server gave no token")?.to_owned()
        }
        None => create_offline(settings, &machine, name, user.as_deref(), may, expires)?,
    };
    println!("{secret}");
    if std::io::stdout().is_terminal() {
        eprintln!("keep it: it is shown this once. Send it as: Authorization: Bearer …");
    }
    Ok(Exit::Done)
}

/// An account that a token may act for.
struct Account {
    name: String,
    created: Option<base::WallTime>,
    disabled: bool,
}

/// The name of the account that is meant: the one `wanted`, else the oldest.
fn account(accounts: impl Iterator<Item = Account>, wanted: Option<&str>) -> Result<String> {
    let mut open: Vec<_> = accounts.filter(|account| !account.disabled).collect();
    open.sort_by_key(|account| account.created);
    let found = open.iter().find(|account| wanted.is_none_or(|wanted| account.name == wanted));
    match (found, wanted) {
        (Some(account), _) => Ok(account.name.clone()),
        (None, Some(wanted)) => bail!("there is no account {wanted:?}; see holdfast user list"),
        (None, None) => {
            bail!("a token acts for an account: make one with holdfast user add NAME")
        }
    }
}

fn create_offline(
    settings: &Settings,
    machine: &Machine,
    name: String,
    user: Option<&str>,
    may: Permissions,
    expires: Option<base::WallTime>,
) -> Result<String> {
    let (catalog, mut writer) = open_catalog(settings, machine)?;
    let users = catalog.users()?;
    let accounts = users.iter().map(|user| Account {
        name: user.name.clone(),
        created: Some(user.created),
        disabled: user.disabled,
    });
    let account = account(accounts, user)?;
    let user = users.into_iter().find(|user| user.name == account).expect("it was chosen of them");
    let secret = SecretToken::new(machine.secret());
    writer.apply(&[Change::PutToken(Token {
        secret: secret.hash(),
        name,
        user: user.id,
        permissions: may.and(user.permissions),
        created: machine.wall(),
        expires,
    })])?;
    Ok(secret.expose())
}

/// The password in a file, or on standard input.
fn password(file: Option<&Path>) -> Result<String> {
    let text = match file {
        Some(path) => files::text(path)?,
        None => {
            if std::io::stdin().is_terminal() {
                eprintln!(
                    "the password, then Enter and Ctrl-D (it is shown; or use --password-file):"
                );
            }
            let mut text = String::new();
            std::io::stdin().lock().take(PASSWORD_BYTES_MAX).read_to_string(&mut text)?;
            text
        }
    };
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("the password is empty");
    }
    Ok(password.to_owned())
}
