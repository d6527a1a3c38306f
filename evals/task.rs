//! Tasks: each file in `tasks/` is a list of them.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Fallible, stand_in::Extras};

/// Something that a person wants.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Task {
    pub(crate) id: String,
    /// Who asks: developer, security or support.
    pub(crate) persona: String,
    /// What the solver is asked to do.
    pub(crate) words: String,
    pub(crate) sandbox: Sandbox,
    /// Options of the server's command line.
    #[serde(default)]
    pub(crate) options: Vec<String>,
    /// Checks of the final answer.
    pub(crate) answer: Vec<AnswerCheck>,
    /// Checks of Clerk's data at the end.
    #[serde(default)]
    pub(crate) state: Vec<StateCheck>,
    /// All changes of Clerk's data that are allowed. A kind of change that isn't listed isn't.
    #[serde(default)]
    pub(crate) changes: Vec<Change>,
    /// The most tokens of results that may be read; no limit by default.
    pub(crate) max_tokens: Option<usize>,
}

/// Clerk's data at the start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sandbox {
    pub(crate) users: usize,
    pub(crate) seed: u64,
    /// Whether all incidents of the sandbox have happened, as with its `--incidents`.
    #[serde(default)]
    pub(crate) incidents: bool,
    /// Requests to the sandbox before the solver starts.
    #[serde(default)]
    pub(crate) setup: Vec<Setup>,
    /// Objects of resources that the sandbox doesn't have.
    #[serde(default)]
    pub(crate) extras: Extras,
}

/// A request to the sandbox, below `/v1`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// A check of the answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum AnswerCheck {
    /// It contains this, ignoring case.
    Contains(String),
    /// It doesn't contain this, ignoring case.
    Lacks(String),
    /// The regular expression matches a part of it.
    Matches(String),
    /// It contains this whole number.
    Number(u64),
    /// It contains each key, with its number right behind it.
    Rows(BTreeMap<String, u64>),
    /// The regular expression matches exactly these values, in any order.
    Exactly { pattern: String, values: Vec<String> },
}

/// A check of Clerk's data at the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateCheck {
    /// The path to get from the sandbox, below `/v1`. `{}` stands for each of `ids`.
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) ids: Vec<String>,
    /// A JSON pointer into the response.
    pub(crate) pointer: String,
    /// The value there; null also if nothing is there. Strings in a list have no order.
    pub(crate) equals: Value,
}

/// A change that is allowed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Change {
    /// These fields of these objects, and `updated_at` with them. Objects in `extras` are named by
    /// their paths.
    Fields { of: Vec<String>, names: Vec<String> },
    /// So many objects more, by what their IDs begin with, such as user or orgmem. For objects in
    /// `extras`: by the path above them.
    New { kind: String, count: usize },
    /// These objects are deleted.
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

/// Reads a JSON file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Fallible<T> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{answer, scripted};

    #[test]
    fn there_are_70_tasks_each_with_a_solution_and_a_row_in_the_readme() -> Fallible<()> {
        let tasks = all()?;
        assert_eq!(tasks.len(), 70);
        for task in &tasks {
            scripted::solution(&task.id)?;
        }
        let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))?;
        let is_row = |line: &&str| line.ends_with("| yes |") || line.ends_with("| **no** |");
        let rows = readme.lines().filter(is_row).filter_map(|line| line.split(" | ").next());
        let rows: BTreeSet<&str> = rows.map(|id| id.trim_start_matches("| ")).collect();
        let ids: BTreeSet<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
        assert_eq!(rows, ids);
        assert!(readme.contains("| **70 tasks** |"));
        Ok(())
    }

    #[test]
    fn an_answer_that_says_nothing_passes_no_task() -> Fallible<()> {
        for task in all()? {
            for text in ["", "Done.", "I can't do that."] {
                let is_refused = !answer::faults(text, &task.answer)?.is_empty();
                // A word such as "invited" may do if the data is checked, too.
                assert!(is_refused || !task.state.is_empty(), "{}: {text:?}", task.id);
            }
        }
        Ok(())
    }
}
