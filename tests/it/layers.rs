//! The modules of the library depend on one another downwards only.

use std::{collections::BTreeSet, fs, path::Path};

/// The layers, from the top. The modules of one line don't name one another.
const LAYERS: &[&[&str]] = &[
    &["config", "mcp"],
    &["http"],
    &["call"],
    &["drift", "guard"],
    &["catalog"],
    &["tool"],
    &["ctx"],
    &["events"],
    &["audit", "error", "log", "upload"],
    &["redact"],
    &["names", "progress", "text", "tokens"],
];

fn sources(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The top-level modules that a source names, tests apart.
fn named(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut named = BTreeSet::new();
    for (place, _) in text.match_indices("crate::") {
        let rest = &text[place + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut is_first = true;
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => is_first = true,
                    _ => {}
                }
                if depth == 0 && (letter.is_alphanumeric() || letter == '_') && is_first {
                    word.push(letter);
                } else if !word.is_empty() {
                    named.insert(std::mem::take(&mut word));
                    is_first = letter == ',';
                }
            }
            named.insert(word);
        } else {
            named
                .insert(rest.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect());
        }
    }
    named
}

#[test]
fn modules_depend_downwards_only() {
    let root = Path::new("src");
    let mut files = Vec::new();
    sources(root, &mut files);
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut wrong = BTreeSet::new();
    let mut checked = 0;
    for file in files {
        let below = file.strip_prefix(root).unwrap();
        let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        if ["lib", "main", "cli"].contains(&module) || file.ends_with("tests.rs") {
            continue;
        }
        let own = layer(module).unwrap_or_else(|| panic!("{module} is in no layer"));
        for other in named(&fs::read_to_string(&file).unwrap()) {
            // Types that the library exports at its root are found by their modules.
            let other = match other.as_str() {
                "Ctx" | "Clerk" | "Settings" => "ctx",
                "ArgumentError" | "Error" => "error",
                "Server" | "Caller" | "Outcome" | "ApprovalChannel" | "Answer" => "call",
                "McpServer" => "mcp",
                other => other,
            };
            let Some(theirs) = layer(other).filter(|_| other != module) else { continue };
            checked += 1;
            if theirs <= own {
                wrong.insert(format!("{} names {other}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    testing::figure(format!("{checked} dependencies between modules, all downwards"));
    assert!(checked > 100, "{checked}");
}
