//! The README and the pages of docs/ against the program: what can be pasted, error codes, the policy;
//! and the tests that SECURITY.md names.

use std::{collections::BTreeSet, fs, path::Path};

use clerk_mcp::config::read_policy;
use serde_json::Value;

use crate::docs::pages;

/// The blocks of a language in a text.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str()).skip(1).filter_map(|block| block.split("```").next()).collect()
}

#[test]
fn the_readme_is_short() {
    let length = fs::read("README.md").unwrap().len();
    assert!(length <= 10_000, "README.md has {length} bytes; put details into docs/");
    let picture = fs::metadata("docs/assets/demo.svg").unwrap().len();
    assert!(picture <= 40_000, "the picture has {picture} bytes");
}

#[test]
fn the_readme_has_the_first_command_and_the_test_command_that_ci_runs() {
    let readme = fs::read_to_string("README.md").unwrap();
    let ci = fs::read_to_string(".ci/run").unwrap();
    let commands: Vec<&str> = blocks(&readme, "sh").into_iter().map(str::trim).collect();
    for step in ["first command", "test command"] {
        let (_, after) = ci.split_once(&format!("step \"the README's {step}\"\n")).unwrap();
        let command = after.lines().next().unwrap();
        assert!(commands.contains(&command), "README.md lacks `{command}`");
    }
}

#[test]
fn what_can_be_pasted_is_json_that_names_our_options() {
    let mut servers = 0;
    let documents = pages(Path::new("docs")).into_iter().chain(["README.md".into()]);
    let texts: Vec<String> = documents.map(|path| fs::read_to_string(path).unwrap()).collect();
    let example = fs::read_to_string("mcp.json.example").unwrap();
    let pasted = texts.iter().flat_map(|text| blocks(text, "json"));
    for block in pasted.chain([example.as_str()]) {
        let json: Value =
            serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}: {block}"));
        for key in ["mcpServers", "servers"] {
            for server in json[key].as_object().into_iter().flatten() {
                let ways = ["command", "url", "httpUrl", "serverUrl"];
                assert!(ways.iter().any(|way| server.1[way].is_string()), "{block}");
                servers += 1;
            }
        }
    }
    assert!(servers >= 14, "{servers} servers that can be pasted");
}

#[test]
fn the_policy_in_the_documents_has_no_mistakes_and_every_key_is_explained() {
    let page = fs::read_to_string("docs/policy.md").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let policies = blocks(&page, "toml");
    assert!(!policies.is_empty());
    for policy in policies {
        let file = folder.path().join("policy.toml");
        fs::write(&file, policy).unwrap();
        read_policy(&file, "the policy".to_owned()).unwrap();
    }
    let rules = fs::read_to_string("src/guard/policy/read/rules.rs").unwrap();
    let (_, keys) = rules.split_once("const KEYS: ").unwrap();
    let keys: Vec<&str> = keys.split(';').nth(1).unwrap().split('"').skip(1).step_by(2).collect();
    assert!(keys.len() > 8, "{keys:?}");
    for key in keys {
        assert!(page.contains(&format!("| `{key}`")), "docs/policy.md lacks the key {key}");
    }
}

#[test]
fn the_service_and_the_containers_use_options_that_there_are() {
    let page = fs::read_to_string("docs/operations.md").unwrap();
    let command = clerk_mcp::config::command_line();
    let http = command.get_subcommands().find(|command| command.get_name() == "http").unwrap();
    let known: BTreeSet<&str> = command
        .get_arguments()
        .chain(http.get_arguments())
        .filter_map(|it| it.get_long())
        .collect();
    let mut named = 0;
    for block in blocks(&page, "ini").into_iter().chain(blocks(&page, "yaml")) {
        let words = block.split(|letter: char| letter.is_whitespace() || letter == '=');
        for option in words.filter_map(|word| word.strip_prefix("--")) {
            assert!(known.contains(option), "--{option}");
            named += 1;
        }
    }
    assert!(named > 12, "{named}");
    let metrics = fs::read_to_string("src/metrics.rs").unwrap();
    for (_, after) in metrics.match_indices("r.add(").map(|(at, _)| metrics.split_at(at)) {
        let name = after.split('"').nth(1).unwrap();
        assert!(page.contains(&format!("| `clerk_mcp_{name}")), "docs/operations.md lacks {name}");
    }
}

/// The strings in a source that look like codes of errors.
fn codes(source: &str) -> impl Iterator<Item = &str> {
    let is_code = |text: &&str| {
        text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    source.split('"').skip(1).step_by(2).filter(is_code)
}

/// What follows the beginning of an item in a source, up to its end at the margin.
fn item<'a>(source: &'a str, beginning: &str) -> &'a str {
    let (_, after) = source.split_once(beginning).unwrap_or_else(|| panic!("no {beginning}"));
    after.split("\n}\n").next().unwrap().split("\n];\n").next().unwrap()
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| if path.is_dir() { sources(&path) } else { text(&path) });
    texts.collect()
}

#[test]
fn every_code_of_an_error_is_explained_and_no_other() {
    let read = |path: &str| fs::read_to_string(path).unwrap();
    let (report, authorize) = (read("src/call/report.rs"), read("src/call/authorize.rs"));
    let (hints, source) = (read("src/call/hint/refused.rs"), sources(Path::new("src")));
    let mut known = BTreeSet::from(["clerk_key_invalid", "timeout", "too_many_requests"]);
    known.extend(codes(item(&report, "fn code(")));
    known.extend(codes(item(&report, "fn kind(")));
    known.extend(codes(item(&hints, "const HINTS")));
    known.extend(codes(item(&authorize, "fn too_many(")));
    let denials = source.split("Denial::new(").skip(1);
    let first = denials.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    known.extend(first.filter(|code| code.contains('_')));
    assert!(known.len() > 25, "{known:?}");
    let page = fs::read_to_string("docs/errors.md").unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let explained: BTreeSet<&str> =
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    for code in &known {
        assert!(explained.contains(code), "docs/errors.md lacks {code}");
    }
    // The fields of an error, which have no `_`, are in the same form of table.
    for name in explained.iter().filter(|name| name.contains('_') && **name != "http_429") {
        assert!(known.contains(name), "docs/errors.md explains {name}, which no call ends with");
    }
}

/// The table of threats names the tests that hold each promise: `file.rs`: `test`.
#[test]
fn every_test_that_security_md_names_exists() {
    let text = fs::read_to_string("SECURITY.md").unwrap();
    let mut checked = 0;
    for row in text.lines().filter(|line| line.starts_with('|')) {
        let mut source = String::new();
        for name in row.split('`').skip(1).step_by(2) {
            if let Some((_, "rs" | "py")) = name.rsplit_once('.') {
                let path = [name.to_owned(), format!("tests/it/{name}")];
                let path = path.iter().find(|path| fs::exists(path).unwrap());
                source = fs::read_to_string(path.unwrap_or_else(|| panic!("no {name}"))).unwrap();
            } else if !source.is_empty() && name.contains('_') && !name.contains('-') {
                let is_there =
                    ["fn", "def"].iter().any(|f| source.contains(&format!("{f} {name}(")));
                assert!(is_there, "no test `{name}`");
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}
