//! The modules of the library depend on one another downwards only.

use std::{collections::BTreeSet, path::Path};

use testing::Dependency;

/// The layers, from the top. The modules of one line don't name one another.
const LAYERS: &[&[&str]] = &[
    &["doctor"],
    &["config", "mcp"],
    &["http"],
    &["call"],
    &["drift", "guard"],
    &["catalog"],
    &["tool"],
    &["ctx"],
    &["approvals", "events", "journal", "setup"],
    &["audit", "clients", "error", "export", "log", "upload"],
    &["edit", "redact", "sqlite"],
    &[
        "current",
        "folders",
        "metrics",
        "names",
        "principal",
        "private",
        "progress",
        "telemetry",
        "text",
        "tokens",
    ],
];

#[test]
fn modules_depend_downwards_only() {
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut wrong = BTreeSet::new();
    let mut checked = 0;
    for Dependency { file, module, on } in testing::dependencies(Path::new("src")) {
        if ["lib", "main", "cli"].contains(&module.as_str()) {
            continue;
        }
        let own = layer(&module).unwrap_or_else(|| panic!("{module} is in no layer"));
        // Types that the library exports at its root are found by their modules.
        let other = match on.as_str() {
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
    assert!(wrong.is_empty(), "{wrong:#?}");
    testing::figure(format!("{checked} dependencies between modules, all downwards"));
    assert!(checked > 100, "{checked}");
}
