//! The documents: what is generated is current, every link leads somewhere, every page is in the
//! book.

mod links;
mod reference;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// All Markdown files below a folder, in the order of their names.
pub(crate) fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}
