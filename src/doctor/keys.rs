//! Profiles and keys: where each key is, who can read it, and of which instance it is.

use std::path::Path;

use clerk_api::{ClientConfig, SecretKey};
use secrecy::ExposeSecret;

use super::{Examination, Finding, Fix, refusal};
use crate::{
    config::{Config, ConfigError, default_file, read_profiles},
    private::shared_mode,
};

/// A key, and where it is used.
pub(super) struct Instance {
    /// How the names of its checks begin, such as `profile.dev`.
    pub(super) check: String,
    /// What it is called, such as `profile dev`.
    pub(super) label: String,
    pub(super) key: SecretKey,
    pub(super) api: ClientConfig,
}

/// Reads the file of profiles and each profile in it.
pub(super) fn profiles(examination: &mut Examination) {
    let alone = refusal(Config::look_without_profiles());
    let file = alone.as_ref().ok().and_then(Config::profiles_file).or_else(default_file);
    let read = file.as_deref().map(read_profiles).transpose();
    let is_broken = read.is_err();
    match (read, &file) {
        (Err(ConfigError::Profiles { mistakes, .. }), Some(file)) => {
            for mistake in mistakes {
                let remedy = "correct the line; docs/configuration.md says what a profile may have";
                let finding = Finding::error("profile.file", mistake.message, remedy);
                examination.add(finding.in_file(file).on_line(mistake.line));
            }
        }
        (Err(error), _) => examination.add(Finding::refused("profile.file", &error.to_string())),
        (Ok(profiles), _) => examination.profiles = profiles.flatten(),
    }
    examination.environment = alone.ok().or_else(|| Config::look_at_secrets().ok());
    let base = if is_broken { Config::look_without_profiles() } else { Config::look([]) };
    let base = refusal(base);
    let mistake = match base {
        Ok(config) => {
            examination.config = Some(config);
            None
        }
        Err(text) => {
            examination.add(Finding::refused("environment", &text));
            Some(text)
        }
    };
    let Some(file) = file.as_deref().and_then(Path::to_str) else { return };
    let names: Vec<String> = examination
        .profiles
        .iter()
        .flat_map(|profiles| profiles.names().map(str::to_owned))
        .collect();
    for name in names {
        let options = ["--config", file, "--profile", &name];
        let read = match refusal(Config::look(options)) {
            // The environment's mistake is said once.
            Err(text) if Some(&text) == mistake.as_ref() => {
                refusal(Config::look_without_variables(options))
            }
            read => read,
        };
        match read {
            Ok(config) => {
                key(examination, &format!("profile.{name}"), &format!("profile {name}"), &config);
                examination.of_profiles.push((name, config));
            }
            Err(text) => {
                examination.add(Finding::refused(&format!("profile.{name}.options"), &text));
            }
        }
    }
    same_keys(examination);
}

/// The key that the environment itself holds or names.
pub(super) fn environment(examination: &mut Examination) {
    let Some(config) = examination.environment.take() else { return };
    key(examination, "environment", "the environment", &config);
}

/// Looks at where the key of a configuration is, and at the key.
fn key(examination: &mut Examination, check: &str, label: &str, config: &Config) {
    for path in config.key_files() {
        key_file(examination, &format!("{check}.mode"), label, &path);
    }
    let is_profile = check != "environment";
    let id = format!("{check}.key");
    let found = match config.key_at_rest() {
        Ok(found) => found,
        Err(error) => return examination.add(Finding::refused(&id, &error.to_string())),
    };
    let Some(key) = found.key else {
        if found.is_printed {
            let call = if is_profile {
                format!("clerk-mcp call clerk_whoami {}", label.replace("profile ", "--profile "))
            } else {
                "clerk-mcp call clerk_whoami".to_owned()
            };
            let what = format!("the key of {label} is what a command prints; it wasn't run");
            examination
                .add(Finding::note(&id, what).with_remedy(format!("`{call}` tries the key")));
        } else if is_profile && !config.uses_sandbox() {
            let remedy = "add secret_key_file or secret_key_command to it, or run `clerk-mcp init`";
            examination.add(Finding::warning(&id, format!("{label} has no key"), remedy));
        }
        return;
    };
    examination.hide(key.secret().expose_secret());
    let what = format!("{label} has a {} key", key.kind());
    examination.add(match (found.files.first(), found.name) {
        (Some(file), _) => Finding::ok(&id, what).in_file(file),
        (None, name) => Finding::ok(&id, format!("{what}, in {}", name.unwrap_or_default())),
    });
    if key.is_live() && !config.is_read_only() {
        let what = if config.allows_writes() {
            format!("{label} has a live key, and agents may write with it")
        } else {
            format!("{label} has a live key and isn't read-only")
        };
        let note = Finding::note(&format!("{check}.writes"), what);
        examination.add(note.with_remedy("read_only = true makes sure that nothing is changed"));
    }
    if !config.uses_sandbox() {
        let api = config.clerk().api;
        let (check, label) = (check.to_owned(), label.to_owned());
        examination.instances.push(Instance { check, label, key, api });
    }
}

/// Checks that only its owner can read a file with a key.
pub(super) fn key_file(examination: &mut Examination, check: &str, label: &str, path: &Path) {
    if let Ok(Some(mode)) = shared_mode(path) {
        let what = format!("others can read the key of {label} (mode {mode:04o})");
        let remedy = format!(
            "run `clerk-mcp doctor --fix`, or `chmod 600 {}`; if others use this machine, replace the \
             key",
            path.display()
        );
        let finding = Finding::error(check, what, remedy).in_file(path);
        examination.add(finding.with_fix(Fix::Narrow(path.to_owned())));
    }
}

fn same_keys(examination: &mut Examination) {
    let mut notes = Vec::new();
    let of = &examination.instances;
    for (place, one) in of.iter().enumerate() {
        let same = |other: &&Instance| other.key.fingerprint() == one.key.fingerprint();
        if let Some(other) = of.iter().skip(place + 1).find(same) {
            let what = format!("{} and {} have the same key", one.label, other.label);
            let note = Finding::note(&format!("{}.same_key", other.check), what);
            notes.push(note.with_remedy("a key of its own can be revoked alone"));
        }
    }
    examination.findings.extend(notes);
}
