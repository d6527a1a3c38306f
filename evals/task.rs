//! The tasks' files: every `tasks/*.json` is a list of tasks.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::Fallible;

/// Something that a person wants.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Task {
    pub(crate) id: String,
    /// Who asks: a developer, support, security.
    pub(crate) persona: String,
    /// The prompt that the model gets.
    pub(crate) words: String,
    pub(crate) sandbox: Sandbox,
    /// The server's options, as on its command line.
    #[serde(default)]
    pub(crate) options: Vec<String>,
    /// What must be true of the final answer.
    pub(crate) answer: Vec<AnswerCheck>,
    /// What must be true of Clerk's data at the end.
    #[serde(default)]
    pub(crate) state: Vec<StateCheck>,
    /// All that may differ at the end from what was there before.
    #[serde(default)]
    pub(crate) changes: Vec<Change>,
    /// How many tokens of answers may be read; any number where it is not said.
    pub(crate) max_tokens: Option<usize>,
}

/// What the task begins with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sandbox {
    pub(crate) users: usize,
    pub(crate) seed: u64,
    /// Requests that go to the sandbox first.
    #[serde(default)]
    pub(crate) setup: Vec<Setup>,
}

/// A request to the sandbox, below `/v1`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// A check of the answer's text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum AnswerCheck {
    /// It has this in it, in whatever case.
    Contains(String),
    /// It has not.
    Lacks(String),
    /// The regular expression fits a part of it.
    Matches(String),
    /// The whole number stands in it.
    Number(u64),
    /// Each key stands in it with its number right behind it.
    Rows(BTreeMap<String, u64>),
    /// What the regular expression fits is this, no more and no less, in whatever order.
    Exactly { pattern: String, values: Vec<String> },
}

/// A check of Clerk's data at the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateCheck {
    /// What to get from the sandbox, below `/v1`. `{}` stands for each of `ids`.
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) ids: Vec<String>,
    /// Where in the answer, as a JSON pointer.
    pub(crate) pointer: String,
    /// What is there; null also where nothing is.
    pub(crate) equals: Value,
}

/// Something that may differ.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Change {
    /// Of these objects these fields, and when they were changed.
    Fields { of: Vec<String>, names: Vec<String> },
    /// So many objects more, whose ids begin so: user, org, orgmem or sess.
    New { kind: String, count: usize },
    /// These objects are gone.
    Gone(Vec<String>),
}

/// All tasks, by file and then in the file's order.
pub(crate) fn all() -> Fallible<Vec<Task>> {
    let mut tasks: Vec<Task> = Vec::new();
    for path in files("tasks")? {
        tasks.extend(read::<Vec<Task>>(&path)?);
    }
    let mut ids = HashSet::new();
    match tasks.iter().find(|task| !ids.insert(&task.id)) {
        Some(task) => Err(format!("two tasks have the id {}", task.id).into()),
        None => Ok(tasks),
    }
}

/// The JSON files in a folder beside this file, by name.
pub(crate) fn files(folder: &str) -> Fallible<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What is in a JSON file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Fallible<T> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}
