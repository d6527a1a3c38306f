//! Each operation's route and names against Clerk's OpenAPI file, where it is at hand.

use std::collections::BTreeSet;

use clerk_api::Method;
use clerk_mcp::operations;

use crate::openapi::Spec;

/// Requests that an operation sends beside its own: there its other fields go.
const FURTHER: &[(&str, &str, &str)] = &[
    ("clerk_bulk_update", "PATCH", "/users/{user_id}/metadata"),
    ("clerk_update_user", "PUT", "/users/{user_id}/metadata"),
    // Finds the user where its id is not given.
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
    let Some(spec) = Spec::load() else { return };
    for (_, entry) in operations::all().filter(|(_, it)| it.route.path != "/") {
        let name = entry.name;
        let operation = spec.operation(entry.route.method.as_str(), entry.route.path);
        let mut known: BTreeSet<String> = match entry.route.method {
            Method::Get | Method::Delete => operation.query_parameters.clone(),
            _ => operation.body_fields.keys().cloned().collect(),
        };
        for (_, method, path) in FURTHER.iter().filter(|(tool, ..)| *tool == name) {
            let further = spec.operation(method, path);
            known.extend(further.body_fields.into_keys());
            known.extend(further.query_parameters);
        }
        let own = OURS.iter().find(|(tool, _)| *tool == name).map_or(&[][..], |(_, own)| own);
        let ours = entry.wire_names();
        for field in ours.iter().filter(|it| !own.contains(&it.as_str())) {
            let in_path = entry.route.placeholders().any(|it| it == field);
            assert!(
                in_path || entry.is_body(field) || known.contains(field),
                "{name}: {field} is no field of {}",
                entry.route
            );
        }
        for (field, _) in operation.body_fields.iter().filter(|(_, required)| **required) {
            assert!(ours.contains(field), "{name}: {field} is required by {}", entry.route);
        }
    }
}

#[test]
fn what_is_always_sent_is_clerks() {
    let Some(spec) = Spec::load() else { return };
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
        assert!(spec.operation("GET", path).query_parameters.contains(parameter), "{path}");
    }
    // The count takes whatever filters the list takes, and nothing that only orders or cuts it.
    let count = spec.operation("GET", "/users/count").query_parameters;
    let list = operations::all().find(|(_, entry)| entry.name == "clerk_list_users").unwrap().1;
    let filters: BTreeSet<_> = list
        .wire_names()
        .into_iter()
        .filter(|it| !["limit", "offset", "order_by"].contains(&it.as_str()))
        .collect();
    assert!(filters.is_subset(&count), "{filters:?}");
    assert!(!count.contains("limit"));
}
