//! Secrets: each is in a variable, in a file, or what a command prints.

use std::{
    env::{self, VarError},
    path::PathBuf,
};

use clerk_api::SecretKey;

use super::{
    ConfigError, file,
    profile::Profile,
    program,
    rule::{self, Flaw},
};

/// A secret. It is never an option, since others can read the command line.
pub(super) struct SecretVariable {
    /// The variable that holds it.
    pub(super) name: &'static str,
    /// The variable that names a file with it.
    pub(super) file: &'static str,
    /// The variable with a command that prints it.
    pub(super) command: &'static str,
    /// What names the file in a profile.
    pub(super) file_in_profile: &'static str,
    /// What holds the command in a profile.
    pub(super) command_in_profile: &'static str,
}

/// The key for Clerk's API.
pub(super) static KEY: SecretVariable = SecretVariable {
    name: "CLERK_SECRET_KEY",
    file: "CLERK_SECRET_KEY_FILE",
    command: "CLERK_SECRET_KEY_COMMAND",
    file_in_profile: "secret_key_file",
    command_in_profile: "secret_key_command",
};
/// The secrets that webhooks are signed with, which Clerk's SDKs read too.
pub(super) static SIGNING: SecretVariable = SecretVariable {
    name: "CLERK_WEBHOOK_SIGNING_SECRET",
    file: "CLERK_WEBHOOK_SIGNING_SECRET_FILE",
    command: "CLERK_WEBHOOK_SIGNING_SECRET_COMMAND",
    file_in_profile: "webhook_signing_secret_file",
    command_in_profile: "webhook_signing_secret_command",
};
/// The bearer token of `clerk-mcp http`.
pub(super) static TOKEN: SecretVariable = SecretVariable {
    name: "CLERK_MCP_HTTP_TOKEN",
    file: "CLERK_MCP_HTTP_TOKEN_FILE",
    command: "CLERK_MCP_HTTP_TOKEN_COMMAND",
    file_in_profile: "http_token_file",
    command_in_profile: "http_token_command",
};
/// The secret of the server as an OAuth client, with which people sign in to the page of approvals.
pub(super) static CLIENT: SecretVariable = SecretVariable {
    name: "CLERK_MCP_OAUTH_CLIENT_SECRET",
    file: "CLERK_MCP_OAUTH_CLIENT_SECRET_FILE",
    command: "CLERK_MCP_OAUTH_CLIENT_SECRET_COMMAND",
    file_in_profile: "oauth_client_secret_file",
    command_in_profile: "oauth_client_secret_command",
};
/// All of them.
pub(super) static SECRETS: [&SecretVariable; 4] = [&KEY, &SIGNING, &TOKEN, &CLIENT];

/// Where a secret is.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// What names the place: a variable, or the key of a profile.
    pub(super) name: String,
    pub(super) source: Source,
    /// Whether the profile names it.
    pub(super) is_profiles: bool,
}

/// How a secret is got. Never printed: it may be the secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// It is this text.
    Text(String),
    /// It is in the file with this path.
    File(String),
    /// This command prints it.
    Command(String),
}

/// A key that a variable gives.
#[derive(Debug)]
pub struct GivenKey {
    /// The key.
    pub key: SecretKey,
    /// Whence it is.
    pub origin: KeyOrigin,
}

/// Whence a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// A variable holds it.
    Variable,
    /// A file holds it, by its absolute path.
    File(PathBuf),
    /// A command prints it.
    Command(String),
}

/// The key that a command prints; `None` if it prints none.
#[must_use]
pub fn command_key(command: &str) -> Option<SecretKey> {
    SecretKey::parse(program::output(command).ok()?.trim()).ok()
}

/// Makes a source of a text.
type Made = fn(String) -> Source;
/// The rule for what a variable may hold.
type Check = fn(&str) -> Result<(), Flaw>;

/// A secret, and what named its place.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) name: String,
}

impl SecretVariable {
    /// The secret, without the white space around it; `None` if it is nowhere.
    ///
    /// # Errors
    /// A variable or the file holds what can't be meant, the command failed, or two places hold
    /// different secrets.
    pub(super) fn read(&self, profile: Option<&Profile>) -> Result<Option<Found>, ConfigError> {
        let mut found: Option<(String, Found)> = None;
        for place in self.places(profile)? {
            let other = place.name.clone();
            let next = place.read()?;
            match found {
                Some((one, first)) if first.text != next.text => {
                    return Err(ConfigError::TwoSecrets { one, other });
                }
                Some(_) => {}
                None => found = Some((other, next)),
            }
        }
        Ok(found.map(|(_, found)| found))
    }

    /// Where the secret is to be read from: the environment or, if nothing there names it, the
    /// profile. A profile that the command line names comes first: it says whose secret is meant.
    ///
    /// # Errors
    /// A variable holds what can't be meant.
    pub(super) fn places(&self, profile: Option<&Profile>) -> Result<Vec<Place>, ConfigError> {
        let in_profile = profile.and_then(|profile| self.in_profile(profile));
        let is_named = profile.is_some_and(|profile| profile.is_on_command_line);
        if let Some(place) = in_profile.clone().filter(|_| is_named) {
            return Ok(vec![place]);
        }
        let variables: [(&str, Made, Check); 3] = [
            (self.name, Source::Text, rule::check),
            (self.file, Source::File, rule::check),
            (self.command, Source::Command, rule::check_command),
        ];
        let mut places = Vec::new();
        for (name, source, check) in variables {
            if let Some(text) = variable(name, check)? {
                let (name, source) = (name.to_owned(), source(text));
                places.push(Place { name, source, is_profiles: false });
            }
        }
        Ok(if places.is_empty() { in_profile.into_iter().collect() } else { places })
    }

    /// Whence the secret is that the environment gives. What can be named again comes first.
    ///
    /// # Errors
    /// A variable holds what can't be meant.
    pub(super) fn origin(&self) -> Result<KeyOrigin, ConfigError> {
        let places = self.places(None)?;
        let named = places.into_iter().find_map(|place| match place.source {
            Source::Text(_) => None,
            Source::File(path) => {
                let path = rule::path(path).ok()?;
                Some(KeyOrigin::File(std::path::absolute(path).ok()?))
            }
            Source::Command(command) => Some(KeyOrigin::Command(command)),
        });
        Ok(named.unwrap_or(KeyOrigin::Variable))
    }

    /// Whether the profile says where the secret is.
    pub(super) fn is_in(&self, profile: &Profile) -> bool {
        self.in_profile(profile).is_some()
    }

    fn in_profile(&self, profile: &Profile) -> Option<Place> {
        let keys: [(&str, Made); 2] =
            [(self.file_in_profile, Source::File), (self.command_in_profile, Source::Command)];
        keys.into_iter().find_map(|(key, source)| {
            let text = profile.value(key)?.to_owned();
            Some(Place { name: profile.called(key), source: source(text), is_profiles: true })
        })
    }
}

impl Place {
    pub(super) fn read(self) -> Result<Found, ConfigError> {
        let Self { name, source, .. } = self;
        let (text, name) = match source {
            Source::Text(text) => return Ok(Found { text, name }),
            Source::File(path) => in_file(&name, &path)?,
            Source::Command(command) => match program::output(&command) {
                Ok(text) => (text, name),
                Err(source) => return Err(ConfigError::Command { name, source }),
            },
        };
        let text = text.trim().to_owned();
        match rule::check_part(&text) {
            Ok(()) => Ok(Found { text, name }),
            Err(flaw) => Err(ConfigError::Value { name, flaw }),
        }
    }
}

fn variable(name: &str, check: Check) -> Result<Option<String>, ConfigError> {
    let wrong = |flaw| ConfigError::Value { name: name.to_owned(), flaw };
    match env::var(name) {
        Ok(text) => check(&text).map(|()| Some(text)).map_err(wrong),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(wrong(Flaw::NotText)),
    }
}

/// The content of a file, and what the place is called.
fn in_file(name: &str, path: &str) -> Result<(String, String), ConfigError> {
    let path = rule::path(path).map_err(|reason| ConfigError::Value {
        name: name.to_owned(),
        flaw: Flaw::Invalid { value: path.to_owned(), reason: reason.to_owned() },
    })?;
    match file::read_text(&path) {
        Ok(text) => Ok((text, format!("{name}: {}", path.display()))),
        Err(flaw) => Err(ConfigError::File { name: name.to_owned(), path, flaw }),
    }
}
