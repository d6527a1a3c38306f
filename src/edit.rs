//! Changes to configuration files of others, in which every byte that isn't ours stays as it is:
//! comments, order, indentation, line ends, a byte-order mark.
//!
//! An edit is cut into the text, then the result is read again: if anything but the entry differs,
//! the edit is refused. So a text that an editor here doesn't understand is never damaged.

mod broken;
mod file;
mod json;
mod lines;
mod toml;
mod yaml;

use serde_json::{Map, Value};

pub use self::{
    broken::{Broken, EditError},
    file::{Change, FileError, backup_of, create_private, read_text, replace_private},
};

/// The format of a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON as `JSON.parse` reads it.
    Json,
    /// JSON with comments and trailing commas.
    JsonWithComments,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

impl Format {
    /// What the text says. An empty text says nothing: an empty object.
    ///
    /// # Errors
    /// The text isn't in this format, or not an object: where, and what is wrong.
    pub fn read(self, text: &str) -> Result<Map<String, Value>, Broken> {
        let text = split_mark(text).1;
        let value = match self {
            Self::Json | Self::JsonWithComments => json::read(text, self)?,
            Self::Toml => toml::read(text)?,
            Self::Yaml => yaml::read(text)?,
        };
        match value {
            Value::Object(object) => Ok(object),
            Value::Null => Ok(Map::new()),
            _ => Err(Broken { line: 1, column: 1, what: "it must be an object".to_owned() }),
        }
    }

    /// The text with the value at the path, whose last part is the entry's name. Missing objects on
    /// the way are added. If the value is there already, the text is the same.
    ///
    /// # Errors
    /// The text is broken, something on the path isn't an object, or the text has a form in which
    /// the entry can't be written without changing something else.
    pub fn put(self, text: &str, path: &[&str], value: &Value) -> Result<String, EditError> {
        let (mark, body) = split_mark(text);
        let before = self.read(body)?;
        let mut wanted = before.clone();
        set(&mut wanted, path, value)?;
        if wanted == before {
            return Ok(text.to_owned());
        }
        let after = match self {
            Self::Json | Self::JsonWithComments => json::put(body, path, value),
            Self::Toml => toml::put(body, path, value),
            Self::Yaml => yaml::put(body, path, value),
        };
        self.checked(mark, after, &wanted)
    }

    /// The text without the entry at the path. Objects on the way stay, even if they are empty now.
    ///
    /// # Errors
    /// The text is broken, or the entry has a form in which it can't be cut out without changing
    /// something else.
    pub fn remove(self, text: &str, path: &[&str]) -> Result<String, EditError> {
        let (mark, body) = split_mark(text);
        let before = self.read(body)?;
        let mut wanted = before.clone();
        if unset(&mut wanted, path).is_none() {
            return Ok(text.to_owned());
        }
        let after = match self {
            Self::Json | Self::JsonWithComments => json::remove(body, path),
            Self::Toml => toml::remove(body, path),
            Self::Yaml => yaml::remove(body, path),
        };
        self.checked(mark, after, &wanted)
    }

    fn checked(
        self,
        mark: &str,
        after: Option<String>,
        wanted: &Map<String, Value>,
    ) -> Result<String, EditError> {
        let after = after.ok_or(EditError::Form)?;
        let mut read = self.read(&after).map_err(|_| EditError::Form)?;
        let mut wanted = wanted.clone();
        // An empty table is written in TOML by leaving it out.
        drop_empty(&mut read);
        drop_empty(&mut wanted);
        if read == wanted { Ok(format!("{mark}{after}")) } else { Err(EditError::Form) }
    }
}

/// The byte-order mark, if there is one, and the rest.
fn split_mark(text: &str) -> (&str, &str) {
    let length = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    text.split_at(length)
}

fn set(object: &mut Map<String, Value>, path: &[&str], value: &Value) -> Result<(), EditError> {
    let Some((name, parents)) = path.split_last() else { return Err(EditError::Form) };
    let mut object = object;
    for (depth, parent) in parents.iter().enumerate() {
        let child = object.entry(*parent).or_insert_with(|| Value::Object(Map::new()));
        if child.is_null() {
            *child = Value::Object(Map::new());
        }
        let not_object = || {
            EditError::NotObject(
                parents.iter().take(depth + 1).copied().collect::<Vec<_>>().join("."),
            )
        };
        object = child.as_object_mut().ok_or_else(not_object)?;
    }
    object.insert((*name).to_owned(), value.clone());
    Ok(())
}

fn unset(object: &mut Map<String, Value>, path: &[&str]) -> Option<Value> {
    let (name, parents) = path.split_last()?;
    let mut object = object;
    for parent in parents {
        object = object.get_mut(*parent)?.as_object_mut()?;
    }
    object.shift_remove(*name)
}

/// Takes away what means nothing: an empty object and null at the top.
fn drop_empty(object: &mut Map<String, Value>) {
    object.retain(|_, value| {
        !value.is_null() && value.as_object().is_none_or(|object| !object.is_empty())
    });
}

#[cfg(test)]
mod tests;
