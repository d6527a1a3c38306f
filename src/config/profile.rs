//! Profiles: named instances in a file, each with where its secrets are and with options.
//!
//! ```toml
//! default_profile = "dev"
//!
//! [profiles.dev]
//! secret_key_file = "~/.config/clerk-mcp/keys/dev"
//!
//! [profiles.prod]
//! secret_key_command = "op read op://work/clerk/secret-key"
//! read_only = true
//! ```

mod read;

use std::{
    collections::HashMap,
    ffi::OsString,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Args, Command, builder::OsStr, parser::ValueSource};

pub use self::read::Profiles;
use super::{
    ConfigError, FileFlaw, file,
    given::untyped,
    line,
    rule::{self, Flaw},
    values,
};
use crate::{folders::Folders, guard::policy::UnknownName};

/// The options that choose a profile.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clerk")]
pub(super) struct ProfileOptions {
    /// Use the key and the options of this profile
    #[arg(long, env = "CLERK_MCP_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    /// File of profiles (default: clerk-mcp/config.toml in ~/.config or %APPDATA%)
    #[arg(long, env = "CLERK_MCP_CONFIG", value_parser = values::path(), value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ProfileOptions {
    /// The profile that is asked for.
    pub(super) fn name(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The file that is asked for.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.config.clone()
    }
}

/// The profile that holds.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    /// Its name.
    pub(super) name: String,
    /// The file that it is in.
    pub(super) file: PathBuf,
    /// Whether the command line names it, and neither a variable nor the file.
    pub(super) is_on_command_line: bool,
    /// The values of its options, and where its secrets are.
    values: HashMap<String, Vec<String>>,
}

impl Profile {
    /// The profile that the command line, a variable or the file itself chooses, if one does.
    ///
    /// # Errors
    /// The file can't be read or has mistakes, or has no such profile.
    pub(super) fn read(arguments: &[OsString]) -> Result<Option<Self>, ConfigError> {
        let Some(chosen) = Choice::read(arguments)? else { return Ok(None) };
        let Some((file, profiles)) = chosen.profiles()? else { return Ok(None) };
        let default = profiles.default.as_deref();
        let Some(name) = chosen.name.as_deref().or(default) else { return Ok(None) };
        let Some(values) = profiles.named(name) else {
            let known: Vec<&str> = profiles.names().collect();
            let hint = format!("there are {}", known.join(", "));
            let source = UnknownName::new("profile", name, known.iter().copied(), &hint);
            let name = chosen.called;
            return Err(ConfigError::NoProfile { name, file, source });
        };
        let (name, values) = (name.to_owned(), values.clone());
        Ok(Some(Self { name, file, is_on_command_line: chosen.is_on_command_line, values }))
    }

    /// The one value of an option or of what names a secret's place.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.first().map(String::as_str)
    }

    /// Whether it has a value for this option.
    pub(super) fn has(&self, option: &str) -> bool {
        self.values.contains_key(option)
    }

    /// What the value of an option is called.
    pub(super) fn called(&self, key: &str) -> String {
        format!("{key} of profile {} in {}", self.name, self.file.display())
    }

    /// The same command, whose options have the profile's values by default: what is on the command
    /// line or in a variable comes before.
    pub(super) fn applied(&self, command: Command) -> Command {
        command
            .mut_args(|option| match self.values.get(option.get_id().as_str()) {
                Some(values) => option.default_values(values.iter().map(OsStr::from)),
                None => option,
            })
            .mut_subcommands(|command| self.applied(command))
    }
}

/// Which profile is asked for, and in which file.
struct Choice {
    name: Option<String>,
    /// The option or the variable that names the profile.
    called: &'static str,
    is_on_command_line: bool,
    file: Option<PathBuf>,
    /// The option or the variable that names the file.
    file_called: &'static str,
}

impl Choice {
    /// `None` if the command uses no profile, or if what is wrong with the command line has to be
    /// said first.
    fn read(arguments: &[OsString]) -> Result<Option<Self>, ConfigError> {
        let mut command = untyped(line::lenient());
        let Ok(matches) = command.try_get_matches_from_mut(arguments) else { return Ok(None) };
        let (mut command, mut matches): (&Command, &ArgMatches) = (&command, &matches);
        while let Some((name, inner)) = matches.subcommand() {
            let Some(subcommand) = command.find_subcommand(name) else { return Ok(None) };
            (command, matches) = (subcommand, inner);
        }
        // A profile that is to be made, which no variable names, can't be read.
        let is_chosen =
            |own: &Arg| own.get_id() == "profile" && own.get_env().is_some() && !own.is_hide_set();
        if !command.get_arguments().any(is_chosen) {
            return Ok(None);
        }
        let (name, called) = Self::value(matches, "profile", "--profile", "CLERK_MCP_PROFILE")?;
        let (file, file_called) = Self::value(matches, "config", "--config", "CLERK_MCP_CONFIG")?;
        let file = file.map(|path| rule::path(&path).map_err(|reason| (path, reason)));
        let file = file.transpose().map_err(|(path, reason)| ConfigError::Value {
            name: file_called.to_owned(),
            flaw: Flaw::Invalid { value: path, reason: reason.to_owned() },
        })?;
        let is_on_command_line = called == "--profile";
        Ok(Some(Self { name, called, is_on_command_line, file, file_called }))
    }

    /// The value of an option, and what it is called.
    fn value(
        matches: &ArgMatches,
        id: &str,
        option: &'static str,
        variable: &'static str,
    ) -> Result<(Option<String>, &'static str), ConfigError> {
        let is_given = matches.value_source(id) == Some(ValueSource::CommandLine);
        let called = if is_given { option } else { variable };
        let value = matches.get_raw(id).and_then(|mut values| values.next());
        let value = value.map(|value| value.to_string_lossy().into_owned());
        match value.as_deref().map(rule::check) {
            Some(Err(flaw)) => Err(ConfigError::Value { name: called.to_owned(), flaw }),
            _ => Ok((value, called)),
        }
    }

    /// The file and what is in it; `None` if there is no file and none is asked for.
    fn profiles(&self) -> Result<Option<(PathBuf, Profiles)>, ConfigError> {
        let Some(file) = self.file.clone().or_else(default_file) else { return Ok(None) };
        let asked_by = match (&self.file, &self.name) {
            (Some(_), _) => Some(self.file_called),
            (None, Some(_)) => Some(self.called),
            (None, None) => None,
        };
        match (read_profiles(&file)?, asked_by) {
            (Some(profiles), _) => Ok(Some((file, profiles))),
            (None, Some(name)) => Err(ConfigError::NoProfiles { name, path: file }),
            (None, None) => Ok(None),
        }
    }
}

/// Where the file of profiles is unless an option says otherwise; `None` without a home folder.
#[must_use]
pub fn default_file() -> Option<PathBuf> {
    Folders::of_user().map(|folders| folders.own().join("config.toml"))
}

/// Reads a file of profiles; `None` if there is none.
///
/// # Errors
/// It can't be read, or has mistakes: all of them.
pub fn read_profiles(path: &Path) -> Result<Option<Profiles>, ConfigError> {
    let text = match file::read_text(path) {
        Ok(text) => text,
        Err(FileFlaw::Unreadable(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(flaw) => {
            let (name, path) = ("--config".to_owned(), path.to_owned());
            return Err(ConfigError::File { name, path, flaw });
        }
    };
    Profiles::read(&text, path)
        .map(Some)
        .map_err(|mistakes| ConfigError::Profiles { path: path.to_owned(), mistakes })
}
