//! Users, sessions, tokens and links as rows.

use access::{PasswordHash, SecretHash, Session, SetUpLink, Token, User};
use base::{UserId, WallTime};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::catalog::Catalog;
use crate::columns::{damaged, instant, number_of, word};
use crate::error::{Failed, ReadError, Refusal};

const SESSIONS: &str =
    "SELECT session.*, user.id AS user_id FROM session JOIN user ON user.row = session.user";
const TOKENS: &str =
    "SELECT token.*, user.id AS user_id FROM token JOIN user ON user.row = token.user";

impl Catalog {
    /// Whether there is any account.
    pub fn has_account(&self) -> Result<bool, ReadError> {
        self.readers.read("accounts", |snapshot| has_user(snapshot.db))
    }

    /// All users, by name.
    pub fn users(&self) -> Result<Vec<User>, ReadError> {
        self.readers.read("users", |snapshot| {
            let mut read = snapshot.db.prepare_cached("SELECT * FROM user ORDER BY name_key")?;
            read.query_map([], user)?.collect()
        })
    }

    /// One user.
    pub fn user(&self, id: UserId) -> Result<Option<User>, ReadError> {
        self.readers.read("users", |snapshot| user_with(snapshot.db, id))
    }

    /// The user of that name, without regard to case.
    pub fn user_by_name(&self, name: &str) -> Result<Option<User>, ReadError> {
        self.readers.read("users", |snapshot| {
            let mut read = snapshot.db.prepare_cached("SELECT * FROM user WHERE name_key = ?1")?;
            read.query_row([name_key(name)], user).optional()
        })
    }

    /// A session and its user, by the hash of the cookie's secret.
    pub fn session(&self, secret: &SecretHash) -> Result<Option<(Session, User)>, ReadError> {
        self.readers.read("sessions", |snapshot| {
            let find = format!("{SESSIONS} WHERE secret_hash = ?1");
            let mut read = snapshot.db.prepare_cached(&find)?;
            let found = read.query_row([secret.as_bytes()], session).optional()?;
            let Some(session) = found else { return Ok(None) };
            Ok(user_with(snapshot.db, session.user)?.map(|user| (session, user)))
        })
    }

    /// All sessions of a user, newest first.
    pub fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, ReadError> {
        self.readers.read("sessions", |snapshot| {
            let find = format!("{SESSIONS} WHERE user.id = ?1 ORDER BY session.created_us DESC");
            let mut read = snapshot.db.prepare_cached(&find)?;
            read.query_map([user.as_bytes()], session)?.collect()
        })
    }

    /// A token and its user, by the hash of its secret.
    pub fn token(&self, secret: &SecretHash) -> Result<Option<(Token, User)>, ReadError> {
        self.readers.read("tokens", |snapshot| {
            let find = format!("{TOKENS} WHERE secret_hash = ?1");
            let mut read = snapshot.db.prepare_cached(&find)?;
            let found = read.query_row([secret.as_bytes()], token).optional()?;
            let Some(token) = found else { return Ok(None) };
            Ok(user_with(snapshot.db, token.user)?.map(|user| (token, user)))
        })
    }

    /// All tokens, by name.
    pub fn tokens(&self) -> Result<Vec<Token>, ReadError> {
        self.readers.read("tokens", |snapshot| {
            let mut read = snapshot.db.prepare_cached(&format!("{TOKENS} ORDER BY token.name"))?;
            read.query_map([], token)?.collect()
        })
    }

    /// A one-time link, by the hash of its secret.
    pub fn set_up_link(&self, secret: &SecretHash) -> Result<Option<SetUpLink>, ReadError> {
        self.readers.read("set-up links", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT set_up_link.*, user.id AS user_id
                 FROM set_up_link LEFT JOIN user ON user.row = set_up_link.user
                 WHERE secret_hash = ?1",
            )?;
            read.query_row([secret.as_bytes()], set_up_link).optional()
        })
    }
}

fn has_user(db: &Connection) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM user")?.exists([])
}

fn user_with(db: &Connection, id: UserId) -> rusqlite::Result<Option<User>> {
    let mut read = db.prepare_cached("SELECT * FROM user WHERE id = ?1")?;
    read.query_row([id.as_bytes()], user).optional()
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let hash: Option<String> = row.get("password_hash")?;
    let hash = hash.map(|text| PasswordHash::from_phc(&text)).transpose();
    Ok(User {
        id: UserId::from_bytes(row.get("id")?),
        name: row.get("name")?,
        password: hash.map_err(|why| damaged("password_hash", &why))?,
        permissions: word(row, "permissions")?,
        disabled: row.get("disabled")?,
        created: instant(row, "created_us")?,
    })
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        secret: SecretHash::from_bytes(row.get("secret_hash")?),
        user: UserId::from_bytes(row.get("user_id")?),
        created: instant(row, "created_us")?,
        expires: instant(row, "expires_us")?,
        agent: row.get("agent")?,
    })
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    let expires: Option<i64> = row.get("expires_us")?;
    Ok(Token {
        secret: SecretHash::from_bytes(row.get("secret_hash")?),
        name: row.get("name")?,
        user: UserId::from_bytes(row.get("user_id")?),
        permissions: word(row, "permissions")?,
        created: instant(row, "created_us")?,
        expires: expires.map(WallTime::from_micros),
    })
}

fn set_up_link(row: &Row<'_>) -> rusqlite::Result<SetUpLink> {
    let user: Option<[u8; 16]> = row.get("user_id")?;
    Ok(SetUpLink {
        secret: SecretHash::from_bytes(row.get("secret_hash")?),
        user: user.map(UserId::from_bytes),
        expires: instant(row, "expires_us")?,
    })
}

pub(crate) fn put_first_user(db: &Connection, user: &User) -> Result<(), Failed> {
    match has_user(db)? {
        true => Err(Refusal::NotFirst.into()),
        false => put_user(db, user),
    }
}

pub(crate) fn put_user(db: &Connection, user: &User) -> Result<(), Failed> {
    let key = name_key(&user.name);
    let mut other = db.prepare_cached("SELECT 1 FROM user WHERE name_key = ?1 AND id <> ?2")?;
    if other.exists((&key, user.id.as_bytes()))? {
        return Err(Refusal::NameTaken(user.name.clone()).into());
    }
    db.prepare_cached(
        "INSERT INTO user (id, name, name_key, password_hash, permissions, disabled, created_us)
         VALUES (:id, :name, :key, :hash, :permissions, :disabled, :created)
         ON CONFLICT (id) DO UPDATE SET name = :name, name_key = :key, password_hash = :hash,
           permissions = :permissions, disabled = :disabled",
    )?
    .execute(named_params! {
        ":id": user.id.as_bytes(),
        ":name": user.name,
        ":key": key,
        ":hash": user.password.as_ref().map(PasswordHash::as_phc),
        ":permissions": user.permissions.to_string(),
        ":disabled": user.disabled,
        ":created": user.created.as_micros(),
    })?;
    Ok(())
}

pub(crate) fn remove_user(db: &Connection, user: UserId) -> Result<(), Failed> {
    db.prepare_cached("DELETE FROM user WHERE id = ?1")?.execute([user.as_bytes()])?;
    Ok(())
}

pub(crate) fn put_session(db: &Connection, session: &Session) -> Result<(), Failed> {
    let user = number_of_user(db, session.user)?;
    db.prepare_cached(
        "INSERT INTO session (secret_hash, user, created_us, expires_us, agent)
         VALUES (:secret, :user, :created, :expires, :agent)
         ON CONFLICT (secret_hash) DO UPDATE SET expires_us = :expires, agent = :agent",
    )?
    .execute(named_params! {
        ":secret": session.secret.as_bytes(),
        ":user": user,
        ":created": session.created.as_micros(),
        ":expires": session.expires.as_micros(),
        ":agent": session.agent,
    })?;
    Ok(())
}

pub(crate) fn prolong_session(
    db: &Connection,
    secret: &SecretHash,
    expires: WallTime,
) -> Result<(), Failed> {
    db.prepare_cached("UPDATE session SET expires_us = ?2 WHERE secret_hash = ?1")?
        .execute(rusqlite::params![secret.as_bytes(), expires.as_micros()])?;
    Ok(())
}

pub(crate) fn remove_sessions_of(db: &Connection, user: UserId) -> Result<(), Failed> {
    db.prepare_cached("DELETE FROM session WHERE user = (SELECT row FROM user WHERE id = ?1)")?
        .execute([user.as_bytes()])?;
    Ok(())
}

pub(crate) fn put_token(db: &Connection, token: &Token) -> Result<(), Failed> {
    let user = number_of_user(db, token.user)?;
    let mut other =
        db.prepare_cached("SELECT 1 FROM token WHERE name = ?1 AND secret_hash <> ?2")?;
    if other.exists((&token.name, token.secret.as_bytes()))? {
        return Err(Refusal::NameTaken(token.name.clone()).into());
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO token (secret_hash, name, user, permissions, created_us,
           expires_us)
         VALUES (:secret, :name, :user, :permissions, :created, :expires)",
    )?
    .execute(named_params! {
        ":secret": token.secret.as_bytes(),
        ":name": token.name,
        ":user": user,
        ":permissions": token.permissions.to_string(),
        ":created": token.created.as_micros(),
        ":expires": token.expires.map(WallTime::as_micros),
    })?;
    Ok(())
}

pub(crate) fn put_set_up_link(db: &Connection, link: &SetUpLink) -> Result<(), Failed> {
    let user = link.user.map(|user| number_of_user(db, user)).transpose()?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO set_up_link (secret_hash, user, expires_us) VALUES (?1, ?2, ?3)",
    )?
    .execute((link.secret.as_bytes(), user, link.expires.as_micros()))?;
    Ok(())
}

pub(crate) fn take_set_up_link(db: &Connection, secret: &SecretHash) -> Result<(), Failed> {
    match remove_secret(db, "set_up_link", secret)? {
        0 => Err(Refusal::LinkGone.into()),
        _ => Ok(()),
    }
}

/// Deletes the row of a secret from `table`, which is a name from this crate; how many there were.
pub(crate) fn remove_secret(
    db: &Connection,
    table: &'static str,
    secret: &SecretHash,
) -> Result<usize, Failed> {
    let mut remove = db.prepare_cached(&format!("DELETE FROM {table} WHERE secret_hash = ?1"))?;
    Ok(remove.execute([secret.as_bytes()])?)
}

pub(crate) fn remove_expired(db: &Connection, now: WallTime) -> Result<(), Failed> {
    for table in ["session", "token", "set_up_link"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE expires_us <= ?1"))?
            .execute([now.as_micros()])?;
    }
    Ok(())
}

fn number_of_user(db: &Connection, user: UserId) -> Result<i64, Failed> {
    let number = number_of(db, "user", user.as_bytes())?;
    number.ok_or_else(|| Refusal::Missing(format!("user {user}")).into())
}

fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use access::{Permissions, SecretToken};

    use super::*;
    use crate::testing::catalog;
    use crate::{ApplyError, Change, Writer};

    fn at(seconds: i64) -> WallTime {
        WallTime::from_micros(seconds * 1_000_000)
    }

    fn secret(byte: u8) -> SecretHash {
        SecretToken::new([byte; 32]).hash()
    }

    fn anna() -> User {
        User {
            id: UserId::from_bytes([1; 16]),
            name: "Änna".into(),
            password: None,
            permissions: Permissions::ADMINISTRATOR,
            disabled: false,
            created: at(1),
        }
    }

    fn session(byte: u8) -> Session {
        let (user, agent) = (anna().id, "Firefox".into());
        Session { secret: secret(byte), user, created: at(i64::from(byte)), expires: at(50), agent }
    }

    fn token() -> Token {
        Token {
            secret: secret(9),
            name: "home".into(),
            user: anna().id,
            permissions: Permissions::VIEWER,
            created: at(3),
            expires: None,
        }
    }

    fn refusal(writer: &mut Writer, change: Change) -> Refusal {
        match writer.apply(&[change]) {
            Err(ApplyError::Refused { why, .. }) => why,
            other => panic!("{other:?} is no refusal"),
        }
    }

    #[test]
    fn the_first_account_is_made_once() {
        let (catalog, mut writer) = catalog();
        assert!(!catalog.has_account().unwrap());
        writer.apply(&[Change::PutFirstUser(anna())]).unwrap();
        assert!(catalog.has_account().unwrap());
        let second = User { id: UserId::from_bytes([2; 16]), name: "b".into(), ..anna() };
        assert_eq!(refusal(&mut writer, Change::PutFirstUser(second)), Refusal::NotFirst);
    }

    #[test]
    fn names_of_users_are_unique_without_regard_to_case() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[Change::PutUser(anna())]).unwrap();
        assert_eq!(catalog.user_by_name(" äNNA ").unwrap(), Some(anna()));
        assert_eq!(catalog.user(anna().id).unwrap(), Some(anna()));
        let other = User { id: UserId::from_bytes([2; 16]), name: "ÄNNA".into(), ..anna() };
        assert_eq!(refusal(&mut writer, Change::PutUser(other)), Refusal::NameTaken("ÄNNA".into()));
    }

    #[test]
    fn sessions_tokens_and_links_go_with_their_user() {
        let (catalog, mut writer) = catalog();
        let link = SetUpLink { secret: secret(5), user: Some(anna().id), expires: at(50) };
        let changes = [
            Change::PutUser(anna()),
            Change::PutSession(session(6)),
            Change::PutSession(session(7)),
            Change::PutToken(token()),
            Change::PutSetUpLink(link.clone()),
        ];
        writer.apply(&changes).unwrap();
        assert_eq!(catalog.session(&secret(6)).unwrap(), Some((session(6), anna())));
        assert_eq!(catalog.sessions_of(anna().id).unwrap(), [session(7), session(6)]);
        assert_eq!(catalog.token(&secret(9)).unwrap(), Some((token(), anna())));
        assert_eq!(catalog.tokens().unwrap(), [token()]);
        assert_eq!(catalog.set_up_link(&secret(5)).unwrap(), Some(link));
        writer.apply(&[Change::RemoveSession(secret(6))]).unwrap();
        assert_eq!(catalog.session(&secret(6)).unwrap(), None);
        let prolonged = |n| Change::ProlongSession { secret: secret(n), expires: at(99) };
        writer.apply(&[prolonged(6), prolonged(7)]).unwrap();
        let lasting = Session { expires: at(99), ..session(7) };
        assert_eq!(catalog.sessions_of(anna().id).unwrap(), [lasting], "what has ended stays so");
        writer.apply(&[Change::RemoveUser(anna().id)]).unwrap();
        assert_eq!(catalog.session(&secret(7)).unwrap(), None);
        assert_eq!(catalog.token(&secret(9)).unwrap(), None);
        assert_eq!(catalog.set_up_link(&secret(5)).unwrap(), None);
    }

    #[test]
    fn a_link_works_once() {
        let (catalog, mut writer) = catalog();
        let link = SetUpLink { secret: secret(5), user: None, expires: at(50) };
        writer.apply(&[Change::PutSetUpLink(link.clone())]).unwrap();
        assert_eq!(catalog.set_up_link(&secret(5)).unwrap(), Some(link));
        writer.apply(&[Change::TakeSetUpLink(secret(5))]).unwrap();
        assert_eq!(refusal(&mut writer, Change::TakeSetUpLink(secret(5))), Refusal::LinkGone);
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let (catalog, mut writer) = catalog();
        let lasting = Session { expires: at(51), ..session(7) };
        let changes = [
            Change::PutUser(anna()),
            Change::PutSession(session(6)),
            Change::PutSession(lasting.clone()),
            Change::PutToken(token()),
            Change::RemoveExpired(at(50)),
        ];
        writer.apply(&changes).unwrap();
        assert_eq!(catalog.sessions_of(anna().id).unwrap(), [lasting]);
        assert_eq!(catalog.tokens().unwrap(), [token()]);
    }
}
