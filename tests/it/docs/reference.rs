//! docs/reference: a page for each toolset, written from the rows of the catalog by
//! `cargo xtask reference`.

mod page;
mod schema;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use clerk_mcp::{
    catalog::{self, On, Toolset},
    guard::Selection,
    mcp,
    tool::{CallMeta, Tool},
};

const FOLDER: &str = "docs/reference";
const SUMMARY: &str = "docs/SUMMARY.md";
const BEGIN: &str = "<!-- reference: written by `cargo xtask reference` -->\n";
const END: &str = "<!-- end of reference -->\n";

/// What is special about a tool, in words.
fn flags(tool: &Tool) -> Vec<&'static str> {
    let secret = tool.returns_secret.then_some("returns a secret");
    secret.into_iter().chain(tool.flags.iter().map(|flag| flag.name())).collect()
}

fn tokens(tool: &'static Tool) -> usize {
    let seen = mcp::seen(&mcp::listed(tool, CallMeta::default())).to_string();
    tiktoken_rs::o200k_base_singleton().encode_ordinary(&seen).len()
}

/// Whether the tools of a toolset are listed without `--toolsets`.
fn when_listed(toolset: &Toolset) -> &'static str {
    match toolset.on {
        On::Always => "always",
        On::Default => "by default",
        On::Partly(_) => "in part by default",
        On::Chosen => "if chosen",
    }
}

/// The page with all tools in one table for each toolset.
fn index() -> String {
    let mut page = include_str!("reference/index.md").to_owned();
    let selection = Selection::default();
    let listed: Vec<&'static Tool> = catalog::CATALOG
        .iter()
        .flat_map(|toolset| toolset.tools.iter().filter(|tool| selection.chooses(toolset, tool)))
        .filter(|tool| !tool.is_of_events() && !tool.is_of_journal() && !tool.is_of_approvals())
        .collect();
    let cost = listed.iter().map(|tool| tokens(tool)).sum::<usize>();
    write!(
        page,
        "\n## Toolsets\n\nThe {} tools that are listed by default cost {cost} tokens, {} each.\n",
        listed.len(),
        cost / listed.len()
    )
    .unwrap();
    page += "\n| Toolset | What it is for | Tools | Tokens | Listed |\n|---|---|---|---|---|\n";
    for toolset in catalog::CATALOG {
        let cost: usize = toolset.tools.iter().map(tokens).sum();
        writeln!(
            page,
            "| [`{0}`]({0}.md) | {1} | {2} | {cost} | {3} |",
            toolset.name,
            toolset.about,
            toolset.tools.len(),
            when_listed(toolset)
        )
        .unwrap();
    }
    page += "\n## All tools\n";
    for toolset in catalog::CATALOG {
        write!(page, "\n### {}\n\n", toolset.name).unwrap();
        page += "| Tool | Effect | What it does |\n|---|---|---|\n";
        for tool in toolset.tools {
            let mark = if selection.chooses(toolset, tool) { " ●" } else { "" };
            let effect = [
                vec![tool.effect.to_string()],
                flags(tool).iter().map(ToString::to_string).collect(),
            ];
            let first = tool.about.split_inclusive(". ").next().unwrap().trim_end();
            writeln!(
                page,
                "| [`{name}`]({}.md#{name}){mark} | {} | {} |",
                toolset.name,
                effect.concat().join("; "),
                schema::cell(first),
                name = tool.name
            )
            .unwrap();
        }
    }
    page
}

/// The lines of the book's table of contents.
fn contents() -> String {
    let mut lines = String::from("- [Tool reference](reference/index.md)\n");
    for toolset in catalog::CATALOG {
        writeln!(lines, "  - [{0}](reference/{0}.md)", toolset.name).unwrap();
    }
    lines
}

fn generated() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::from([("index.md".to_owned(), index())]);
    for toolset in catalog::CATALOG {
        pages.insert(format!("{}.md", toolset.name), page::of(toolset));
    }
    pages
}

#[test]
fn the_reference_is_the_catalogs() {
    let bless = std::env::var_os("BLESS").is_some();
    let stale = "is stale; run `cargo xtask reference`";
    let summary = fs::read_to_string(SUMMARY).unwrap();
    let (before, rest) = summary.split_once(BEGIN).expect("the reference's beginning");
    let (_, after) = rest.split_once(END).expect("the reference's end");
    let current = format!("{before}{BEGIN}{}{END}{after}", contents());
    let mut pages = generated();
    let strays = super::pages(Path::new(FOLDER)).into_iter().filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        !pages.contains_key(name)
    });
    let strays: Vec<_> = strays.collect();
    if bless {
        fs::write(SUMMARY, current).unwrap();
        for path in strays {
            fs::remove_file(path).unwrap();
        }
        for (name, page) in pages {
            fs::write(format!("{FOLDER}/{name}"), page).unwrap();
        }
        return;
    }
    assert!(current == summary, "{SUMMARY} {stale}");
    assert!(strays.is_empty(), "pages of no toolset: {strays:?}");
    pages.retain(|name, page| {
        !fs::read_to_string(format!("{FOLDER}/{name}")).is_ok_and(|found| found == *page)
    });
    let wrong: Vec<_> = pages.into_keys().collect();
    assert!(wrong.is_empty(), "{wrong:?} in {FOLDER} {stale}");
}
