//! Which values were given, by an option or by its variable, and whether each may be one.

use std::{collections::HashMap, ffi::OsString};

use clap::{
    Arg, ArgMatches, Command,
    builder::OsStringValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use serde::Serialize;

use super::{
    ConfigError,
    profile::Profile,
    rule::{self, Flaw},
};

/// What each value that was given is called: by its option, by its variable, or by its key in a
/// profile.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// By the name of the option.
    names: HashMap<String, String>,
    /// What was read in place of options, by these as clap's errors name them.
    replaced: HashMap<String, String>,
    /// All options that a variable can set, as they hold.
    pub(super) settings: Vec<Setting>,
}

/// The value of one option that a variable can set, or where one secret is.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// The option, such as `--timeout`, or the variable of the secret.
    pub option: String,
    /// Its value as text; several with commas between them. `None` if it has none.
    pub value: Option<String>,
    /// Where the value is from.
    pub from: String,
}

impl Given {
    /// Checks all values, before what each kind of value asks for is looked at.
    ///
    /// # Errors
    /// The first that can't be meant, or that the command doesn't use.
    pub(super) fn read(
        command: Command,
        arguments: &[OsString],
        profile: Option<&Profile>,
    ) -> Result<Self, ConfigError> {
        let mut given = Self::default();
        let mut command = untyped(command);
        // What is wrong with the options themselves is said when they are read with their types.
        if let Ok(matches) = command.try_get_matches_from_mut(arguments) {
            given.add(&command, &matches, profile)?;
        }
        Ok(given)
    }

    fn add(
        &mut self,
        command: &Command,
        matches: &ArgMatches,
        profile: Option<&Profile>,
    ) -> Result<(), ConfigError> {
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            if matches.subcommand().is_none() {
                self.settings.extend(Setting::of(argument, matches, profile));
            }
            let name = match (matches.value_source(id), argument.get_env(), argument.get_long()) {
                (Some(ValueSource::EnvVariable), Some(variable), _) => {
                    let variable = variable.to_string_lossy().into_owned();
                    self.replaced.insert(argument.to_string(), variable.clone());
                    variable
                }
                (Some(ValueSource::DefaultValue), ..) => {
                    let Some(profile) = profile.filter(|profile| profile.has(id)) else { continue };
                    self.replaced.insert(argument.to_string(), profile.called(id));
                    profile.called(id)
                }
                (Some(ValueSource::CommandLine), _, Some(option)) => {
                    let option = format!("--{option}");
                    if argument.is_hide_set() && matches.subcommand().is_none() {
                        let command = command.get_bin_name().unwrap_or_default().to_owned();
                        return Err(ConfigError::Unused { option, command });
                    }
                    option
                }
                // Arguments without a name are the tool's, or a file that a shell completes.
                _ => continue,
            };
            let check = match argument.get_value_delimiter() {
                Some(_) => rule::check_part,
                None => rule::check,
            };
            for value in matches.get_raw(id).into_iter().flatten() {
                // A path need not be text.
                if let Some(Err(flaw)) = value.to_str().map(check) {
                    return Err(ConfigError::Value { name, flaw });
                }
            }
            self.names.insert(id.to_owned(), name);
        }
        match matches.subcommand() {
            Some((name, inner)) => match command.find_subcommand(name) {
                Some(command) => self.add(command, inner, profile),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// What the value of an option is called.
    pub(super) fn name(&self, option: &str) -> String {
        let by_default = || format!("--{}", option.replace('_', "-"));
        self.names.get(option).cloned().unwrap_or_else(by_default)
    }

    /// Whether an option was given, or its variable.
    pub(super) fn has(&self, option: &str) -> bool {
        self.names.contains_key(option)
    }

    /// The same error, of the option or the variable that has the value, if one has.
    pub(super) fn named(&self, error: clap::Error) -> clap::Error {
        let context = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.as_str()),
            _ => None,
        };
        // An option, as `--timeout <SECONDS>`.
        let Some(usage) = context(ContextKind::InvalidArg).filter(|arg| arg.starts_with("--"))
        else {
            return error;
        };
        let option = usage.split(' ').next().unwrap_or(usage).to_owned();
        let value = context(ContextKind::InvalidValue).unwrap_or_default();
        let reason = match (std::error::Error::source(&error), error.get(ContextKind::ValidValue)) {
            (Some(reason), _) => reason.to_string(),
            (None, Some(ContextValue::Strings(values))) if !value.is_empty() => {
                format!("it must be one of {}", values.join(", "))
            }
            _ => {
                return match error.kind() {
                    ErrorKind::InvalidValue => {
                        let usage = usage.replace(['<', '>'], "");
                        ConfigError::NoValue { option, usage }.into()
                    }
                    ErrorKind::TooManyValues => ConfigError::NeedlessValue { option }.into(),
                    ErrorKind::ArgumentConflict => ConfigError::Repeated { option }.into(),
                    _ => error,
                };
            }
        };
        let name = self.replaced.get(usage).cloned().unwrap_or(option);
        ConfigError::Value { name, flaw: Flaw::Invalid { value: value.to_owned(), reason } }.into()
    }
}

impl Setting {
    /// `None` if no variable can set the option, or the command doesn't use it.
    fn of(option: &Arg, matches: &ArgMatches, profile: Option<&Profile>) -> Option<Self> {
        let (long, variable) = (option.get_long()?, option.get_env()?);
        if option.is_hide_set() {
            return None;
        }
        let id = option.get_id().as_str();
        let from = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "command line".to_owned(),
            Some(ValueSource::EnvVariable) => variable.to_string_lossy().into_owned(),
            _ => match profile.filter(|profile| profile.has(id)) {
                Some(profile) => format!("profile {}", profile.name),
                None => "default".to_owned(),
            },
        };
        let values = matches.get_raw(id).map(|values| {
            values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(",")
        });
        Some(Self { option: format!("--{long}"), value: values, from })
    }
}

/// The same command, all values of which are right.
pub(super) fn untyped(command: Command) -> Command {
    let parser = |argument: Arg| argument.value_parser(OsStringValueParser::new());
    command.mut_args(parser).mut_subcommands(untyped)
}
