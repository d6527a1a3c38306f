//! The file of profiles: named instances of Clerk, each with where its key is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clerk_api::SecretKey;
use serde_json::{Map, Value, json};

use crate::{
    edit::{Change, EditError, FileError, Format, read_text},
    folders::Folders,
};

/// The longest name of a profile, in characters: it is the name of a file too.
const LONGEST_NAME: usize = 40;

/// Where a profile's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// A command prints it, such as `op read op://…`.
    Command(String),
}

/// A profile as `init` writes it. What else the file says of it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Where its key is.
    pub key: KeySource,
    /// Other options, by name.
    pub options: Vec<(&'static str, Value)>,
}

/// Why the profiles can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProfilesError {
    /// The file.
    #[error("{} {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: FileError,
    },
    /// What is in it.
    #[error("{}: {source}", path.display())]
    Edit {
        /// The path of the file.
        path: PathBuf,
        /// Why not.
        source: EditError,
    },
}

/// The name that a profile has if nobody chooses one: by the kind of its key.
#[must_use]
pub fn default_name(key: &SecretKey) -> &'static str {
    if key.is_live() { "prod" } else { "dev" }
}

/// Whether a profile may have this name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_usual = |c: char| is_first(c) || c == '-' || c == '_';
    name.len() <= LONGEST_NAME && name.starts_with(is_first) && name.chars().all(is_usual)
}

/// The file of profiles, as it was read.
#[derive(Debug)]
pub struct Profiles {
    path: PathBuf,
    text: Option<String>,
    root: Map<String, Value>,
    folders: Folders,
}

impl Profiles {
    /// Reads the user's file; there may be none.
    ///
    /// # Errors
    /// It can't be read, or is broken.
    pub fn read(folders: &Folders) -> Result<Self, ProfilesError> {
        let path = folders.own().join("config.toml");
        let text = read_text(&path)
            .map_err(|source| ProfilesError::File { path: path.clone(), source })?;
        let root = Format::Toml
            .read(text.as_deref().unwrap_or_default())
            .map_err(|source| ProfilesError::Edit { path: path.clone(), source: source.into() })?;
        Ok(Self { path, text, root, folders: folders.clone() })
    }

    /// The profile that holds if none is named.
    #[must_use]
    pub fn default(&self) -> Option<&str> {
        self.root.get("default_profile").and_then(Value::as_str)
    }

    /// Whether there is a profile of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.profile(name).is_some()
    }

    /// Whether a profile says something of an option.
    #[must_use]
    pub fn says(&self, name: &str, option: &str) -> bool {
        self.profile(name).is_some_and(|profile| profile.contains_key(option))
    }

    /// Where the key of a profile is; `None` if the profile doesn't say, or there is none.
    #[must_use]
    pub fn key_of(&self, name: &str) -> Option<KeySource> {
        let profile = self.profile(name)?;
        let text = |option: &str| profile.get(option).and_then(Value::as_str);
        let command = || text("secret_key_command").map(|text| KeySource::Command(text.to_owned()));
        let file = text("secret_key_file").map(|path| KeySource::File(self.absolute(path)));
        file.or_else(command)
    }

    /// The file for the key of a profile.
    #[must_use]
    pub fn key_file(&self, name: &str) -> PathBuf {
        self.folders.own().join("keys").join(name)
    }

    /// The name of a profile's entry in clients: the default profile's is short.
    #[must_use]
    pub fn entry_name(&self, profile: &str) -> String {
        if self.default().is_none_or(|default| default == profile) {
            "clerk".to_owned()
        } else {
            format!("clerk-{profile}")
        }
    }

    /// The change that puts a profile into the file. The first one is the default.
    ///
    /// # Errors
    /// The file can't be edited safely.
    pub fn putting(&self, profile: &Profile) -> Result<Change, ProfilesError> {
        let edit = |source| ProfilesError::Edit { path: self.path.clone(), source };
        let before = self.text.clone();
        let mut after = before.clone().unwrap_or_default();
        if self.default().is_none() {
            let name = json!(profile.name);
            after = Format::Toml.put(&after, &["default_profile"], &name).map_err(edit)?;
        }
        let mut fields = self.profile(&profile.name).cloned().unwrap_or_default();
        let (option, value, other) = match &profile.key {
            KeySource::File(path) => ("secret_key_file", self.short(path), "secret_key_command"),
            KeySource::Command(command) => {
                ("secret_key_command", command.clone(), "secret_key_file")
            }
        };
        // A path that says the same in another way stays as it is written.
        if self.key_of(&profile.name).as_ref() != Some(&profile.key) {
            fields.shift_remove(other);
            fields.insert(option.to_owned(), json!(value));
        }
        for (option, value) in &profile.options {
            fields.insert((*option).to_owned(), value.clone());
        }
        let path = ["profiles", profile.name.as_str()];
        let after = Format::Toml.put(&after, &path, &Value::Object(fields)).map_err(edit)?;
        Ok(Change { path: self.path.clone(), before, after, keeps_backup: false })
    }

    fn profile(&self, name: &str) -> Option<&Map<String, Value>> {
        self.root.get("profiles")?.get(name)?.as_object()
    }

    /// A path with `~` for the home folder.
    fn short(&self, path: &Path) -> String {
        match path.strip_prefix(&self.folders.home) {
            Ok(rest) if cfg!(unix) => format!("~/{}", rest.display()),
            _ => path.display().to_string(),
        }
    }

    fn absolute(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self.folders.home.join(rest),
            // As the file's reader does it.
            None => self.folders.own().join(path),
        }
    }
}

/// The key in a file, if there is one.
#[must_use]
pub fn key_in(path: &Path) -> Option<SecretKey> {
    SecretKey::parse(fs::read_to_string(path).ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(home: &Path) -> Folders {
        Folders { home: home.to_owned(), config: home.join(".config") }
    }

    fn profile(name: &str, key: KeySource, options: &[(&'static str, Value)]) -> Profile {
        Profile { name: name.to_owned(), key, options: options.to_vec() }
    }

    #[test]
    fn profiles_are_added_and_the_first_is_the_default() {
        let home = tempfile::tempdir().unwrap();
        let folders = folders(home.path());
        let read = || Profiles::read(&folders).unwrap();
        assert_eq!((read().default(), read().entry_name("dev")), (None, "clerk".to_owned()));
        let dev = profile("dev", KeySource::File(read().key_file("dev")), &[]);
        read().putting(&dev).unwrap().write().unwrap();
        let live = [("read_only", json!(true))];
        let command = "op read 'op://Private/clerk/key'".to_owned();
        let prod = profile("prod", KeySource::Command(command), &live);
        read().putting(&prod).unwrap().write().unwrap();
        let file = fs::read_to_string(folders.own().join("config.toml")).unwrap();
        let (key, text) = if cfg!(unix) {
            ("~/.config/clerk-mcp/keys/dev".to_owned(), file.as_str())
        } else {
            (read().key_file("dev").display().to_string(), file.as_str())
        };
        assert_eq!(
            text,
            format!(
                "default_profile = \"dev\"\n\n[profiles.dev]\nsecret_key_file = {}\n\n\
                 [profiles.prod]\nsecret_key_command = \"op read 'op://Private/clerk/key'\"\n\
                 read_only = true\n",
                json!(key)
            )
        );
        for known in [dev, prod] {
            assert!(read().putting(&known).unwrap().is_none());
            assert_eq!(read().key_of(&known.name), Some(known.key));
        }
        assert_eq!(read().entry_name("dev"), "clerk");
        assert_eq!(read().entry_name("prod"), "clerk-prod");
    }

    #[test]
    fn what_people_wrote_of_a_profile_stays() {
        let home = tempfile::tempdir().unwrap();
        let folders = folders(home.path());
        fs::create_dir_all(folders.own()).unwrap();
        let file = folders.own().join("config.toml");
        let text = "# mine\ndefault_profile = \"acme\" # first\n\n[profiles.acme] # a\n\
                    secret_key_command = \"x\"\ntoolsets = \"users\"\n";
        fs::write(&file, text).unwrap();
        let profiles = Profiles::read(&folders).unwrap();
        let same = profile("acme", KeySource::Command("x".to_owned()), &[]);
        assert!(profiles.putting(&same).unwrap().is_none());
        let other = profile("acme", KeySource::File("/keys/a".into()), &[]);
        assert_eq!(
            profiles.putting(&other).unwrap().after,
            "# mine\ndefault_profile = \"acme\" # first\n\n[profiles.acme]\n\
             toolsets = \"users\"\nsecret_key_file = \"/keys/a\"\n"
        );
        fs::write(&file, "default_profile = \n").unwrap();
        let error = Profiles::read(&folders).unwrap_err().to_string();
        assert!(error.contains("config.toml: line 1, column"), "{error}");
    }

    #[test]
    fn a_profile_has_a_name_that_is_a_file_name() {
        for good in ["dev", "prod", "acme-2", "a_b", "1"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a\\b", "-a", "a b", "a.b", "A", "ü", &"a".repeat(41)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
