//! What `clerk-mcp config` prints: the values that hold, and where each is from.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    Config, ConfigError, Setting,
    profile::{default_file, read_profiles},
    secret::{KEY, Place, SECRETS, SecretVariable, Source},
};

/// The configuration that holds.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The file of profiles, whether it exists or not; none without a home folder.
    pub file: Option<PathBuf>,
    /// The names of its profiles.
    pub profiles: Vec<String>,
    /// The profile that holds.
    pub profile: Option<String>,
    /// Where each secret is. The values are never shown, nor are commands, which may hold one.
    pub secrets: Vec<Setting>,
    /// The value of each option.
    pub options: Vec<Setting>,
}

impl Report {
    /// What a configuration says. Runs no command and reads no file of a secret.
    ///
    /// # Errors
    /// A variable of a secret holds what can't be meant.
    pub(super) fn of(config: &Config) -> Result<Self, ConfigError> {
        let profile = config.profile.as_ref();
        let file = match profile {
            Some(profile) => Some(profile.file.clone()),
            None => config.options.profile.file().or_else(default_file),
        };
        let read = file.as_deref().map(read_profiles).transpose()?.flatten().unwrap_or_default();
        let mut secrets = Vec::new();
        for secret in SECRETS {
            let places = secret.places(profile)?;
            if places.is_empty() {
                let option = secret.name.to_owned();
                secrets.push(Setting { option, value: None, from: "not set".to_owned() });
            }
            secrets.extend(places.into_iter().map(|place| setting(secret, place)));
        }
        Ok(Self {
            file,
            profiles: read.names().map(str::to_owned).collect(),
            profile: profile.map(|profile| profile.name.clone()),
            secrets,
            options: config.given.settings.clone(),
        })
    }
}

fn setting(secret: &SecretVariable, place: Place) -> Setting {
    let value = match place.source {
        Source::Text(_) => "(set)".to_owned(),
        Source::File(path) => format!("file {path}"),
        Source::Command(_) => "(a command)".to_owned(),
    };
    Setting { option: secret.name.to_owned(), value: Some(value), from: place.name }
}

/// The profile whose instance the key opens: none if the key is from elsewhere though the profile
/// has one of its own.
///
/// # Errors
/// A variable holds what can't be meant.
pub(super) fn profile_of_key(config: &Config) -> Result<Option<String>, ConfigError> {
    let Some(profile) = &config.profile else { return Ok(None) };
    let places = KEY.places(Some(profile))?;
    let is_its_own = places.iter().all(|place| place.is_profiles) || !KEY.is_in(profile);
    Ok((is_its_own || config.uses_sandbox()).then(|| profile.name.clone()))
}
