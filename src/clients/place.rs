//! Where a client's files are, on each system.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::folders::Folders;

/// A system that clients run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux and other Unixes.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// The one that this program is built for.
    #[must_use]
    pub const fn this() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// A user's machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its system.
    pub system: System,
    /// The user's folders.
    pub folders: Folders,
    /// The folders that clients' own variables name, such as `CODEX_HOME`, by variable.
    pub moved: Vec<(String, PathBuf)>,
}

impl Machine {
    /// The one that this process runs on; `None` if no home folder is known.
    #[must_use]
    pub fn this() -> Option<Self> {
        let variables = super::CLIENTS.iter().filter_map(|client| client.places.variable);
        let moved = variables
            .filter_map(|name| {
                let folder = env::var_os(name).filter(|folder| !folder.is_empty())?;
                Some((name.to_owned(), folder.into()))
            })
            .collect();
        Some(Self { system: System::this(), folders: Folders::of_user()?, moved })
    }
}

/// Where a path begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In the home folder.
    Home(&'static str),
    /// In the folder for configuration: `$XDG_CONFIG_HOME` or `~/.config`, on Windows `%APPDATA%`.
    Config(&'static str),
}

impl Place {
    fn path(self, folders: &Folders) -> PathBuf {
        match self {
            Self::Home(path) => folders.home.join(path),
            Self::Config(path) => folders.config.join(path),
        }
    }
}

/// The places of a client's configuration: of several the first one that exists counts, or the last.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) linux: &'static [Place],
    pub(super) macos: &'static [Place],
    pub(super) windows: &'static [Place],
    /// The variable that names another folder for the file.
    pub(super) variable: Option<&'static str>,
    /// What else shows that the client is installed: a folder in the home folder.
    pub(super) folder: Option<&'static str>,
}

impl Places {
    fn all(&self, machine: &Machine) -> Vec<PathBuf> {
        let places = match machine.system {
            System::Linux => self.linux,
            System::MacOs => self.macos,
            System::Windows => self.windows,
        };
        let paths = places.iter().map(|place| place.path(&machine.folders));
        let moved = machine.moved.iter().find(|(name, _)| Some(name.as_str()) == self.variable);
        match moved {
            None => paths.collect(),
            Some((_, folder)) => {
                paths.filter_map(|path| Some(folder.join(path.file_name()?))).collect()
            }
        }
    }

    pub(super) fn path(&self, machine: &Machine) -> PathBuf {
        let all = self.all(machine);
        let has_folder = |path: &&PathBuf| path.parent().is_some_and(Path::is_dir);
        let there = all.iter().find(|path| path.exists());
        let path = there.or_else(|| all.iter().rev().find(has_folder)).or(all.last());
        path.cloned().unwrap_or_default()
    }

    pub(super) fn is_used(&self, machine: &Machine) -> bool {
        let home = &machine.folders.home;
        let is_there = |path: PathBuf| {
            path.exists() || path.parent().is_some_and(|folder| folder != home && folder.is_dir())
        };
        self.all(machine).into_iter().any(is_there)
            || self.folder.is_some_and(|folder| home.join(folder).is_dir())
    }
}
