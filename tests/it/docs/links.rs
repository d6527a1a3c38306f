//! Links between the documents, without the network: the file exists, and so does the heading.

use std::{collections::HashSet, fs, path::Path};

use super::pages;

/// What the book links to outside of docs/, as it must from a site.
const REPOSITORY: &str = "https://github.com/clerk-mcp/clerk-mcp/blob/main/";

fn documents() -> Vec<std::path::PathBuf> {
    let own = ["README.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    own.iter().map(Into::into).chain(pages(Path::new("docs"))).collect()
}

/// The text without what is between code fences and between backticks.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            for part in line.split('`').step_by(2) {
                prose += part;
            }
            prose.push('\n');
        }
    }
    prose
}

/// The targets of links and images, in the order of the text.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text);
    let links = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let sources = prose.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.chain(sources).map(str::to_owned).collect()
}

/// The anchors of the headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> HashSet<String> {
    let mut is_code = false;
    let mut anchors = HashSet::new();
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let Some(heading) = line.trim_start_matches('#').strip_prefix(' ') else { continue };
        if is_code || !line.starts_with('#') {
            continue;
        }
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let count = (1..).map(|n| format!("{anchor}-{n}"));
        let mut names = std::iter::once(anchor.clone()).chain(count);
        let free = names.find(|name| !anchors.contains(name)).unwrap();
        anchors.insert(free);
    }
    anchors
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let (mut checked, mut broken) = (0, Vec::new());
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in targets(&text) {
            let (base, relative) = match target.strip_prefix(REPOSITORY) {
                Some(path) => (Path::new("."), path),
                None if target.contains("://") || target.starts_with("mailto:") => continue,
                None => (document.parent().unwrap(), target.as_str()),
            };
            checked += 1;
            let (path, anchor) = relative.split_once('#').unwrap_or((relative, ""));
            let file = if path.is_empty() { document.clone() } else { base.join(path) };
            let leads = fs::exists(&file).unwrap()
                && (anchor.is_empty()
                    || anchors(&fs::read_to_string(&file).unwrap()).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(checked > 500, "{checked} links");
}

/// On a site a link that leaves the book leads nowhere, so it must be an address. mdBook names README.md
/// `index.html`, and doesn't change links to it.
#[test]
fn every_link_in_the_book_leads_somewhere_on_its_site() {
    let book = fs::canonicalize("docs").unwrap();
    for page in pages(Path::new("docs")) {
        for target in targets(&fs::read_to_string(&page).unwrap()) {
            let path = target.split('#').next().unwrap();
            if !target.contains("://") && !path.is_empty() {
                let file = fs::canonicalize(page.parent().unwrap().join(path));
                let is_inside = file.is_ok_and(|file| file.starts_with(&book));
                let is_kept = page.ends_with("SUMMARY.md") || !path.ends_with("README.md");
                assert!(is_inside && is_kept, "{}: {target}", page.display());
            }
        }
    }
}

#[test]
fn every_page_is_in_the_books_contents() {
    let listed = targets(&fs::read_to_string("docs/SUMMARY.md").unwrap());
    for page in pages(Path::new("docs")) {
        let name = page.strip_prefix("docs").unwrap().to_str().unwrap().to_owned();
        assert!(name == "SUMMARY.md" || listed.contains(&name), "SUMMARY.md has no {name}");
    }
}

#[test]
fn anchors_are_made_of_headings_and_not_of_code() {
    let text = "# A `b_c`, d\n```sh\n# no\n```\n## A b_c d\n#no\n";
    let expected = ["a-b_c-d", "a-b_c-d-1"].map(str::to_owned);
    assert_eq!(anchors(text), HashSet::from(expected));
}

#[test]
fn targets_are_those_of_links_and_images_and_not_of_code() {
    let text = "[a](b.md#c) `[d](e)` ![f](g.svg)\n```\n[h](i)\n```\n<img src=\"j.svg\">";
    assert_eq!(targets(text), ["b.md#c", "g.svg", "j.svg"]);
}
