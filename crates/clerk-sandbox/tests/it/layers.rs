//! The modules of the library depend on one another in one direction only.

use std::{collections::BTreeSet, path::Path};

use testing::Dependency;

/// The modules, from the top. One may use those in the lines below its own, and no other.
const LAYERS: &[&[&str]] = &[
    &["lib", "main"],
    &["running"],
    &["control"],
    &["fixtures", "incidents"],
    &["gate", "routes"],
    &["webhooks"],
    &["actor_tokens", "identifiers", "memberships"],
    &["sign_in_tokens"],
    &[
        "clients",
        "frontend",
        "instance",
        "invitations",
        "jwt_templates",
        "oauth_tokens",
        "organization_domains",
        "organization_invitations",
        "organizations",
        "permissions",
        "resources",
        "restrictions",
        "roles",
        "sessions",
        "sign_ups",
        "testing_tokens",
        "users",
    ],
    &["state"],
    &["cookies"],
    &["deliveries", "fault", "keyed", "limit", "requests", "seed", "tokens"],
    &["records"],
    &["image", "metadata", "query", "sender", "store"],
    &["body", "reply", "version"],
    &["refusal"],
    &["model"],
    &["act", "jwt", "shortcodes", "totp"],
    &["time"],
];

fn layer(module: &str) -> usize {
    let place = LAYERS.iter().position(|layer| layer.contains(&module));
    place.unwrap_or_else(|| panic!("{module} is in no layer"))
}

#[test]
fn modules_depend_downwards_only() {
    let dependencies = testing::dependencies(Path::new("src"));
    let mut wrong = BTreeSet::new();
    for Dependency { file, module, on } in &dependencies {
        // What the library exports at its root is found by its module.
        let other = match on.as_str() {
            "Options" | "Sandbox" => "state",
            // The one function of the root.
            "serve" => continue,
            other => other,
        };
        if layer(other) <= layer(module) {
            wrong.insert(format!("{} uses {other}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    testing::figure(format!("{} dependencies between modules, all downwards", dependencies.len()));
    assert!(dependencies.len() > 100, "{}", dependencies.len());
}
