//! The folders of the user who runs the process.

use std::{env, ffi::OsString, path::PathBuf};

/// Where a user's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// The home folder.
    pub home: PathBuf,
    /// Where programs keep their configuration: `$XDG_CONFIG_HOME` or `~/.config`, on Windows
    /// `%APPDATA%`.
    pub config: PathBuf,
}

impl Folders {
    /// Those that the environment names; `None` if no home folder is known.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let home = env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
        let variable = if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" };
        Some(Self::new(home, env::var_os(variable)))
    }

    /// A relative path is ignored, as the XDG Base Directory Specification says.
    fn new(home: PathBuf, config: Option<OsString>) -> Self {
        let default = if cfg!(windows) { "AppData/Roaming" } else { ".config" };
        let given = config.map(PathBuf::from).filter(|path| path.is_absolute());
        Self { config: given.unwrap_or_else(|| home.join(default)), home }
    }

    /// The folder of our own configuration.
    #[must_use]
    pub fn own(&self) -> PathBuf {
        self.config.join("clerk-mcp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_is_where_the_user_keeps_it() {
        let home = env::temp_dir();
        let own = |given: Option<&str>| Folders::new(home.clone(), given.map(OsString::from)).own();
        let default = if cfg!(windows) { "AppData/Roaming" } else { ".config" };
        assert_eq!(own(None), home.join(default).join("clerk-mcp"));
        assert_eq!(own(Some("relative")), own(None));
        assert_eq!(own(Some("")), own(None));
        let elsewhere = home.join("elsewhere");
        assert_eq!(own(elsewhere.to_str()), elsewhere.join("clerk-mcp"));
    }
}
