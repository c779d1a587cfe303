//! One-time links: the way in while there is no password to type.

use access::{SecretToken, SetUpLink};
use anyhow::{Context, Result};
use base::UserId;
use catalog::Change;
use std::time::Duration;

use super::house::House;

/// How long a link counts.
const LINK_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Makes a one-time link: it signs `user` in, or makes the first account where that is `None`.
/// The answer is what follows the server's address.
pub fn link(house: &House, user: Option<UserId>) -> Result<String> {
    let secret = SecretToken::new(house.machine.secret());
    let expires = house.machine.wall() + LINK_LIFETIME;
    let link = SetUpLink { secret: secret.hash(), user, expires };
    house.rows.apply(vec![Change::PutSetUpLink(link)]).context("cannot make a one-time link")?;
    Ok(format!("/setup#token={}", secret.expose()))
}

/// While there is no account: logs where the first one is made.
pub fn say_where_to_begin(house: &House, addresses: &[std::net::SocketAddr]) -> Result<()> {
    if house.catalog.has_account()? {
        return Ok(());
    }
    let path = link(house, None)?;
    for address in addresses {
        tracing::info!(
            "there is no account yet: make the first one at http://{address}{path} (this link \
             works once, for 24 hours), or with: holdfast user add NAME"
        );
    }
    Ok(())
}
