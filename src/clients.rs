//! The MCP clients: where each keeps its configuration, in which form, and the entries for clerk-mcp
//! in it. `init` writes them, `doctor` reads them.
//!
//! A client is a row of [`CLIENTS`]; nothing is decided by its name.

mod change;
mod entry;
mod known;
mod place;
mod server;
mod variables;

use std::path::{Path, PathBuf};

use serde_json::Value;

pub use self::{
    change::{ClientError, adding, removing},
    entry::Entry,
    known::CLIENTS,
    place::{Machine, System},
    server::Server,
    variables::Reference,
};
use self::{entry::Form, place::Places, variables::Variables};
use crate::edit::{Broken, EditError, Format};

/// An MCP client.
#[derive(Debug)]
pub struct Client {
    /// What `--client` calls it.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Whether it is usually started from a desktop, and so lacks what a shell sets, such as `PATH`.
    pub is_graphical: bool,
    /// How to make it read its configuration again, as a sentence.
    pub after: &'static str,
    /// The file in a project's folder that has servers for that project, if it reads one.
    pub project_file: Option<&'static str>,
    /// The format of its files.
    pub format: Format,
    places: Places,
    /// Where the servers are: the names of the objects on the way. Of several the first that is in
    /// the file counts, or the last.
    servers: &'static [&'static [&'static str]],
    form: Form,
    variables: Variables,
}

impl Client {
    /// The client that `--client` calls so.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.id == id)
    }

    /// The user's own configuration file: the first that exists of those that the client reads,
    /// else the one that it would create.
    #[must_use]
    pub fn path(&self, machine: &Machine) -> PathBuf {
        self.places.path(machine)
    }

    /// Whether it seems to be installed: its configuration or its folder exists.
    #[must_use]
    pub fn is_installed(&self, machine: &Machine) -> bool {
        self.places.is_used(machine)
    }

    /// The configuration file for a project.
    #[must_use]
    pub fn project_path(&self, project: &Path) -> Option<PathBuf> {
        self.project_file.map(|file| project.join(file))
    }

    /// All servers in a configuration, whosever they are.
    ///
    /// # Errors
    /// The text is broken: where, and what is wrong.
    pub fn servers(&self, text: &str) -> Result<Vec<Server>, Broken> {
        let root = self.format.read(text)?;
        let mut object = &root;
        for name in self.path_in(&root) {
            let Some(inner) = object.get(*name).and_then(Value::as_object) else {
                return Ok(Vec::new());
            };
            object = inner;
        }
        Ok(object.iter().filter_map(|(name, value)| self.form.read(name, value)).collect())
    }

    /// The text with an entry. What the entry there had besides ours stays in it, save variables that
    /// hold a key. If it is there already, the text is the same.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn put(&self, text: &str, entry: &Entry) -> Result<String, EditError> {
        let root = self.format.read(text)?;
        let path = self.path_to(&root, &entry.name);
        let there = path
            .iter()
            .try_fold(&Value::Object(root.clone()), |value, name| value.get(*name))
            .cloned();
        self.format.put(text, &path, &self.form.merged(there.as_ref(), entry))
    }

    /// The text in which an entry starts another program; what else the entry has stays.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn put_command(&self, text: &str, name: &str, command: &str) -> Result<String, EditError> {
        let root = self.format.read(text)?;
        let path = self.path_to(&root, name);
        let there = path
            .iter()
            .try_fold(&Value::Object(root.clone()), |value, name| value.get(*name))
            .cloned();
        match there.and_then(|there| self.form.with_command(there, command)) {
            Some(entry) => self.format.put(text, &path, &entry),
            None => Err(EditError::Form),
        }
    }

    /// The text without the entry of this name.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn remove(&self, text: &str, name: &str) -> Result<String, EditError> {
        let root = self.format.read(text)?;
        self.format.remove(text, &self.path_to(&root, name))
    }

    /// How this client spells a variable of its environment; `None` if it replaces none.
    #[must_use]
    pub fn reference_to(&self, variable: &str) -> Option<String> {
        let (before, behind) = self.variables.environment.first()?;
        Some(format!("{before}{variable}{behind}"))
    }

    /// The variables that a value refers to, as this client understands it.
    #[must_use]
    pub fn references(&self, value: &str) -> Vec<Reference> {
        self.variables.references(value)
    }

    fn path_in(&self, root: &serde_json::Map<String, Value>) -> &'static [&'static str] {
        let is_there = |path: &&&'static [&'static str]| {
            let mut value =
                path.split_first().and_then(|(first, rest)| Some((root.get(*first)?, rest)));
            while let Some((inner, [next, rest @ ..])) = value {
                value = inner.get(*next).map(|inner| (inner, rest));
            }
            value.is_some_and(|(value, _)| value.is_object())
        };
        self.servers.iter().find(is_there).or(self.servers.last()).copied().unwrap_or_default()
    }

    fn path_to<'a>(&self, root: &serde_json::Map<String, Value>, name: &'a str) -> Vec<&'a str> {
        self.path_in(root).iter().copied().chain([name]).collect()
    }
}

#[cfg(test)]
mod tests;
