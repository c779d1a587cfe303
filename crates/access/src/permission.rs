//! What can be permitted, and sets of it.

use std::fmt;
use std::str::FromStr;

/// One thing that a route may ask of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Anybody may: health, the sign-in page, the program's own files.
    Public,
    /// Making the first account. Given while there is no account, and by a set-up link.
    SetUp,
    /// Being signed in: one's own account and what is shown around every page.
    SignedIn,
    /// Live pictures, and which cameras there are.
    ViewLive,
    /// Recorded pictures: timeline, recordings, playback.
    ViewFootage,
    /// Taking footage away as files.
    Export,
    /// Protecting footage, taking protection away, deleting footage by hand.
    ManageFootage,
    /// Adding, changing and removing cameras.
    ManageCameras,
    /// Everything else: volumes, users, tokens, metrics, logs.
    ManageSystem,
}

impl Permission {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 9] = [
        Self::Public,
        Self::SetUp,
        Self::SignedIn,
        Self::ViewLive,
        Self::ViewFootage,
        Self::Export,
        Self::ManageFootage,
        Self::ManageCameras,
        Self::ManageSystem,
    ];

    /// The word in rows and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SetUp => "set-up",
            Self::SignedIn => "signed-in",
            Self::ViewLive => "view-live",
            Self::ViewFootage => "view-footage",
            Self::Export => "export",
            Self::ManageFootage => "manage-footage",
            Self::ManageCameras => "manage-cameras",
            Self::ManageSystem => "manage-system",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no permission {0:?}")]
pub struct NoPermission(String);

impl FromStr for Permission {
    type Err = NoPermission;

    fn from_str(text: &str) -> Result<Self, NoPermission> {
        let found = Self::ALL.into_iter().find(|permission| permission.as_str() == text);
        found.ok_or_else(|| NoPermission(text.to_owned()))
    }
}

/// A set of permissions. Empty by default.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u16);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// Everything that an administrator of the system may do. Set-up is not part of it: that is
    /// over once there is an account.
    pub const ADMINISTRATOR: Self = Self::NONE
        .with(Permission::SignedIn)
        .with(Permission::ViewLive)
        .with(Permission::ViewFootage)
        .with(Permission::Export)
        .with(Permission::ManageFootage)
        .with(Permission::ManageCameras)
        .with(Permission::ManageSystem);

    /// Looking only.
    pub const VIEWER: Self = Self::NONE
        .with(Permission::SignedIn)
        .with(Permission::ViewLive)
        .with(Permission::ViewFootage);

    /// This set and `permission`.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u16)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `permission` is in the set.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & 1 << permission as u16 != 0
    }

    /// Those in the set, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Permissions {
    /// The words with spaces between, as they stand in rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Permission::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromStr for Permissions {
    type Err = NoPermission;

    fn from_str(text: &str) -> Result<Self, NoPermission> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_set_is_written_and_read_back(bits in 0u16..1 << Permission::ALL.len()) {
            let set = Permissions(bits);
            assert_eq!(set.to_string().parse(), Ok(set));
            assert_eq!(set.iter().collect::<Permissions>(), set);
        }
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert!("view-live fly".parse::<Permissions>().is_err());
    }
}
