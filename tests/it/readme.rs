//! The README's tool table against the catalog, and its configuration blocks as JSON.

use std::{fmt::Write, fs};

use clerk_mcp::{
    catalog,
    guard::Selection,
    mcp,
    tool::{CallMeta, Tool},
};
use serde_json::Value;

const BEGIN: &str = "<!-- tools: written by `just bless` -->\n";
const END: &str = "<!-- end of tools -->\n";

fn table() -> String {
    let mut table = String::new();
    let selection = Selection::default();
    for toolset in catalog::CATALOG {
        let (name, about) = (toolset.name, toolset.about);
        let cost = |entry: &'static Tool| {
            let tool = mcp::seen(&mcp::listed(entry, CallMeta::default())).to_string();
            tiktoken_rs::o200k_base_singleton().encode_ordinary(&tool).len()
        };
        let tokens: usize = toolset.tools.iter().map(cost).sum();
        writeln!(
            table,
            "\n**{name}** ({} tools, {tokens} tokens): {about}.\n\n| Tool | Effect | What it does |\n|---|---|---|",
            toolset.tools.len()
        )
        .unwrap();
        for entry in toolset.tools {
            let description =
                mcp::listed(entry, CallMeta::default()).description.unwrap_or_default();
            let first = description.split_inclusive(". ").next().unwrap().trim_end();
            let mark = if selection.chooses(toolset, entry) { " ●" } else { "" };
            let secret = entry.returns_secret.then_some("returns a secret");
            let words: Vec<&str> =
                secret.into_iter().chain(entry.flags.iter().map(|flag| flag.name())).collect();
            let flags =
                if words.is_empty() { String::new() } else { format!("; {}", words.join("; ")) };
            writeln!(table, "| `{}`{mark} | {}{flags} | {first} |", entry.name, entry.effect)
                .unwrap();
        }
    }
    table + "\n"
}

#[test]
fn the_readmes_tool_table_is_the_catalogs() {
    let readme = fs::read_to_string("README.md").unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the table's beginning");
    let (then, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("BLESS").is_some() {
        fs::write("README.md", format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
    } else {
        assert!(then == table(), "the README's tool table is stale; run `cargo xtask bless`");
    }
}

#[test]
fn what_is_to_be_pasted_is_json_that_names_our_options() {
    let readme = fs::read_to_string("README.md").unwrap();
    let example = fs::read_to_string("mcp.json.example").unwrap();
    let blocks = readme.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut servers = 0;
    for block in blocks.chain([example.as_str()]) {
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
    assert!(servers >= 4, "{servers} servers to be pasted");
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
