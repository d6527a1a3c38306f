//! Each operation's route and names against Clerk's OpenAPI file.

use std::collections::BTreeSet;

use clerk_api::Method;
use clerk_mcp::catalog;
use testing::Contract;

/// Requests that an operation sends beside its own: there its other fields go.
const FURTHER: &[(&str, &str, &str)] = &[
    ("clerk_bulk_update", "PATCH", "/users/{user_id}/metadata"),
    ("clerk_update_user", "PUT", "/users/{user_id}/metadata"),
    // Finds the user if no id is given.
    ("clerk_investigate_user", "GET", "/users"),
];

/// Arguments that are this server's own, of tools that are put together of several requests.
const OURS: &[(&str, &[&str])] = &[
    ("clerk_set_user_profile_image", &["file_path", "file_base64"]),
    ("clerk_upload_organization_logo", &["file_path", "file_base64", "uploader_user_id"]),
    ("clerk_upload_oauth_application_logo", &["file_path", "file_base64", "uploader_user_id"]),
    (
        "clerk_bulk_update",
        &[
            "action",
            "user_ids",
            "find",
            "selection",
            "organization_id",
            "role",
            "max_users",
            "dry_run",
        ],
    ),
    (
        "clerk_find_users",
        &[
            "email_domain",
            "two_factor_enabled",
            "email_verified",
            "locked",
            "never_signed_in",
            "inactive_since",
            "metadata_path",
            "metadata_value",
            "role",
            "active_sessions_over",
            "group_by",
        ],
    ),
    (
        "clerk_revoke_user_sessions",
        &["user_id", "status", "inactive_since", "except_session_id", "max_sessions", "dry_run"],
    ),
];

#[test]
fn every_route_and_name_is_clerks() {
    let contract = Contract::clerk();
    for (_, entry) in catalog::all() {
        let Some(route) = entry.route() else { continue };
        let name = entry.name;
        let operation = contract.operation(route.method.as_str(), route.path);
        let mut known: BTreeSet<&str> = match route.method {
            Method::Get | Method::Delete => operation.query_parameters(),
            _ => operation.body_fields().into_keys().collect(),
        };
        for (_, method, path) in FURTHER.iter().filter(|(tool, ..)| *tool == name) {
            let further = contract.operation(method, path);
            known.extend(further.body_fields().into_keys());
            known.extend(further.query_parameters());
        }
        let own = OURS.iter().find(|(tool, _)| *tool == name).map_or(&[][..], |(_, own)| own);
        let ours = entry.wire_names();
        for field in ours.iter().filter(|field| !own.contains(field)) {
            let in_path = route.placeholders().any(|name| name == *field);
            assert!(
                in_path || entry.is_body(field) || known.contains(field),
                "{name}: {field} is no field of {route}"
            );
        }
        let has = |field: &str| ours.contains(&field);
        let fields = operation.body_schema().map(|schema| schema.properties()).unwrap_or_default();
        for field in fields.iter().filter(|field| field.required) {
            // The server reads a file or takes it as text.
            let is_file = field.schema.keyword("format").is_some_and(|format| format == "binary");
            let is_given =
                if is_file { has("file_path") && has("file_base64") } else { has(field.name) };
            assert!(is_given, "{name}: {} is required by {}", field.name, route);
        }
    }
}

#[test]
fn what_is_always_sent_is_clerks() {
    let contract = Contract::clerk();
    let always = [
        ("/sessions", "paginated"),
        ("/sessions", "user_id"),
        ("/sessions", "status"),
        ("/sessions", "limit"),
        ("/users", "limit"),
        ("/users/{user_id}/organization_memberships", "limit"),
        ("/organizations/{organization_id}", "include_members_count"),
    ];
    for (path, parameter) in always {
        assert!(contract.operation("GET", path).query_parameters().contains(parameter), "{path}");
    }
    // The count takes whatever filters the list takes, and nothing that only orders or cuts it.
    let count = contract.operation("GET", "/users/count").query_parameters();
    let list = catalog::all().find(|(_, entry)| entry.name == "clerk_list_users").unwrap().1;
    let names = list.wire_names();
    let filters: BTreeSet<_> = names
        .iter()
        .copied()
        .filter(|name| !["limit", "offset", "order_by"].contains(name))
        .collect();
    assert!(filters.is_subset(&count), "{filters:?}");
    assert!(!count.contains("limit"));
}
