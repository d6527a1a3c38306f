//! Reading the file of profiles. All mistakes in it are reported at once.

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, Command, builder::ValueParser};
use toml::de::{DeTable, DeValue};

use super::super::{
    environment::holds_key,
    line, rule,
    secret::{SECRETS, SecretVariable},
    values,
};
use crate::guard::policy::{Mistake, UnknownName};

/// What is at the top of the file.
const TOP: [&str; 2] = ["default_profile", "profiles"];
/// What chooses the profile can't stand in one.
const CHOOSES: [&str; 2] = ["profile", "config"];
/// The longest name of a profile, in characters. It names files and stands in results.
const LONGEST: usize = 40;

/// What a file of profiles says.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// The profile that holds if none is asked for.
    pub default: Option<String>,
    profiles: Vec<(String, Values)>,
}

type Values = HashMap<String, Vec<String>>;

impl Profiles {
    /// The names of the profiles, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn named(&self, name: &str) -> Option<&Values> {
        self.profiles.iter().find(|(own, _)| own == name).map(|(_, values)| values)
    }

    /// Reads the text of the file at `path`: relative paths in it begin at its folder.
    ///
    /// # Errors
    /// All mistakes in it, in the order of their lines.
    pub(super) fn read(text: &str, path: &Path) -> Result<Self, Vec<Mistake>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader { text, folder: path.parent(), keys: keys(), mistakes: Vec::new() };
        for error in errors {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            reader.refuse(&error.span().unwrap_or_default(), message);
        }
        // What is left of a file that isn't TOML would look wrong in places that are right.
        let profiles =
            if reader.mistakes.is_empty() { reader.file(table.get_ref()) } else { Self::default() };
        reader.mistakes.sort_by_key(|mistake| mistake.line);
        if reader.mistakes.is_empty() { Ok(profiles) } else { Err(reader.mistakes) }
    }
}

/// A key that a profile may have.
struct Key {
    name: String,
    /// Whether it takes a list.
    takes_list: bool,
    is_path: bool,
    /// What a text must be.
    check: fn(&str) -> Result<(), rule::Flaw>,
}

/// All options that a variable can set, and where each secret is.
fn keys() -> Vec<Key> {
    fn options(command: &Command, keys: &mut Vec<Key>) {
        for option in command.get_arguments().filter(|option| option.get_env().is_some()) {
            let name = option.get_id().to_string();
            let is_known = CHOOSES.contains(&name.as_str())
                || keys.iter().any(|known: &Key| known.name == name);
            if !is_known {
                let takes_list = matches!(option.get_action(), ArgAction::Append);
                let check = if option.get_value_delimiter().is_some() {
                    rule::check_part
                } else {
                    rule::check
                };
                keys.push(Key { name, takes_list, is_path: is_path(option), check });
            }
        }
        command.get_subcommands().for_each(|command| options(command, keys));
    }
    let mut keys = Vec::new();
    options(&line::command_line(), &mut keys);
    for SecretVariable { file_in_profile, command_in_profile, .. } in SECRETS {
        let of = |name: &str, is_path, check| Key {
            name: name.to_owned(),
            takes_list: false,
            is_path,
            check,
        };
        keys.push(of(file_in_profile, true, rule::check as fn(&str) -> _));
        keys.push(of(command_in_profile, false, rule::check_command));
    }
    keys
}

fn is_path(option: &Arg) -> bool {
    option.get_value_parser().type_id() == ValueParser::new(values::path()).type_id()
}

struct Reader<'a> {
    text: &'a str,
    folder: Option<&'a Path>,
    keys: Vec<Key>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn refuse(&mut self, place: &Range<usize>, message: impl Into<String>) {
        let before = self.text.bytes().take(place.start);
        let line = 1 + before.filter(|byte| *byte == b'\n').count();
        self.mistakes.push(Mistake { line, message: message.into() });
    }

    fn file(&mut self, table: &DeTable) -> Profiles {
        let mut read = Profiles::default();
        for (key, value) in table {
            let place = value.span();
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("default_profile", DeValue::String(name)) => {
                    read.default = Some(name.clone().into_owned());
                }
                ("default_profile", _) => {
                    self.refuse(&place, "default_profile must be the name of a profile");
                }
                ("profiles", DeValue::Table(profiles)) => self.profiles(profiles, &mut read),
                ("profiles", _) => self.refuse(&place, "write profiles as [profiles.NAME]"),
                (other, _) => self.unknown(&key.span(), "key", other, &TOP),
            }
        }
        if let Some(name) = read.default.clone()
            && read.named(&name).is_none()
            && let Some(value) = table.get("default_profile")
        {
            let names: Vec<&str> = read.names().collect();
            self.unknown(&value.span(), "profile", &name, &names);
        }
        read
    }

    fn unknown(&mut self, place: &Range<usize>, what: &'static str, name: &str, known: &[&str]) {
        let hint = match known {
            [] => "the file has none".to_owned(),
            known => format!("there are {}", known.join(", ")),
        };
        let error = UnknownName::new(what, name, known.iter().copied(), &hint);
        self.refuse(place, error.to_string());
    }

    fn profiles(&mut self, table: &DeTable, read: &mut Profiles) {
        let mut tables: Vec<_> = table.iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in tables {
            let text = name.get_ref().as_ref();
            let is_word =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
            if text.is_empty() || text.len() > LONGEST || !text.chars().all(is_word) {
                let message = format!(
                    "the name of a profile has 1 to {LONGEST} characters of a to z, 0 to 9, - and _"
                );
                self.refuse(&name.span(), message);
            } else if let DeValue::Table(table) = value.get_ref() {
                let values = self.profile(table);
                read.profiles.push((text.to_owned(), values));
            } else {
                self.refuse(&value.span(), format!("write the profile as [profiles.{text}]"));
            }
        }
    }

    fn profile(&mut self, table: &DeTable) -> Values {
        let mut values = Values::new();
        for (name, value) in table {
            let (place, key) = (value.span(), name.get_ref().as_ref());
            if let DeValue::String(text) = value.get_ref()
                && holds_key(text)
            {
                self.refuse(
                    &place,
                    format!(
                        "{key} holds a Clerk key; put it into a file that only you can read, and \
                         name that file in secret_key_file"
                    ),
                );
                continue;
            }
            let Some(known) = self.keys.iter().position(|known| known.name == key) else {
                self.unknown_key(&name.span(), key);
                continue;
            };
            match self.values(known, value.get_ref()) {
                Ok(read) => _ = values.insert(key.to_owned(), read),
                Err(message) => self.refuse(&place, format!("{key} {message}")),
            }
        }
        for SecretVariable { file_in_profile, command_in_profile, .. } in SECRETS {
            if let (Some(_), Some(command)) =
                (values.get(*file_in_profile), table.get(*command_in_profile))
            {
                let message = format!(
                    "{file_in_profile} and {command_in_profile} are both there; remove one"
                );
                self.refuse(&command.span(), message);
            }
        }
        values
    }

    fn unknown_key(&mut self, place: &Range<usize>, key: &str) {
        let error = UnknownName::new(
            "key",
            key,
            self.keys.iter().map(|known| known.name.as_str()),
            "`clerk-mcp config` lists the options; write - as _",
        );
        self.refuse(place, error.to_string());
    }

    /// The values of a key as texts, as a variable would hold them, or what is wrong with them.
    fn values(&self, key: usize, value: &DeValue) -> Result<Vec<String>, String> {
        let Some(key) = self.keys.get(key) else { return Ok(Vec::new()) };
        let one = |value: &DeValue| {
            let text = match value {
                DeValue::String(text) => text.clone().into_owned(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Boolean(switch) => switch.to_string(),
                _ => return Err("must be a text, a whole number, or true or false".to_owned()),
            };
            (key.check)(&text).map_err(|flaw| flaw.to_string())?;
            if !key.is_path {
                return Ok(text);
            }
            let path = rule::path(&text)?;
            let path = self.folder.map(|folder| folder.join(&path)).unwrap_or(path);
            PathBuf::into_os_string(path)
                .into_string()
                .map_err(|_| "isn't UTF-8 text once ~ is replaced; give the whole path".to_owned())
        };
        match value {
            DeValue::Array(list) if list.is_empty() => {
                Err("is an empty list; give it a value, or remove it".to_owned())
            }
            DeValue::Array(list) if key.takes_list => {
                list.iter().map(|value| one(value.get_ref())).collect()
            }
            DeValue::Array(_) => Err("takes one value, not a list".to_owned()),
            value => Ok(vec![one(value)?]),
        }
    }
}
