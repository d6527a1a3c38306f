//! Which modules of a crate name which others, read from its sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// That a file names a top-level module of its own crate, or an item at the crate's root.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// The file, below the folder of the sources.
    pub file: PathBuf,
    /// The top-level module that the file belongs to.
    pub module: String,
    /// The first name after `crate::`.
    pub on: String,
}

/// All dependencies between the top-level modules of the sources in this folder, apart from those of
/// tests.
///
/// # Panics
/// The folder can't be read.
pub fn dependencies(sources: &Path) -> BTreeSet<Dependency> {
    let mut dependencies = BTreeSet::new();
    for path in files(sources) {
        let file = path.strip_prefix(sources).unwrap();
        let first = file.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        let mut text = fs::read_to_string(&path).unwrap();
        if file.components().count() == 1 {
            // The parent of a top-level module is the crate's root.
            text = text.replace("super::", "crate::");
        }
        for on in named(&text).into_iter().filter(|on| on != module) {
            let (file, module) = (file.to_owned(), module.to_owned());
            dependencies.insert(Dependency { file, module, on });
        }
    }
    dependencies
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

/// The names that come first after `crate::`, unit tests and links in comments apart.
fn named(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = code.collect::<Vec<_>>().join("\n");
    let mut named = BTreeSet::new();
    for (place, path) in text.match_indices("crate::") {
        let rest = &text[place + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => named.extend(firsts(group)),
            None => {
                named.insert(word(rest));
            }
        }
    }
    named
}

/// The first name of each path in a group such as `{a::b, c::{d, e}, f}`, without its first brace.
fn firsts(group: &str) -> Vec<String> {
    let mut firsts = Vec::new();
    let mut depth = 0;
    let mut starts = true;
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts = true,
            _ if starts && !letter.is_whitespace() => {
                firsts.push(word(&group[place..]));
                starts = false;
            }
            _ => {}
        }
    }
    firsts
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_paths_and_groups() {
        let text = "use crate::a::{b, c};\nuse crate::{\n    d, e::{f, g::h}, i::j,\n};\n\
                    let k = crate::l::m();\n    /// [`o`](crate::o)\n#[cfg(test)]\nmod tests {\nuse crate::n;\n}";
        assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["a", "d", "e", "i", "l"]);
    }
}
