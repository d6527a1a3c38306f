//! The catalog against an OpenAPI file of Clerk's: what is new there, gone or changed.
//! <https://github.com/clerk/openapi-specs>

mod newer;

use std::collections::{BTreeMap, BTreeSet};

use clerk_api::Route;
use serde_json::Value;

use crate::{catalog, tool::Tool};

/// Parameters that tools leave out: of the most used ones, each costs tokens in every session.
/// `clerk_find_users` takes the other criteria that people search by. Password hashes and the like
/// are for migrations, which aren't a task for agents.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "clerk_list_users",
        &[
            "banned",
            "created_at_after",
            "created_at_before",
            "email_address_query",
            "last_active_at_after",
            "last_active_at_before",
            "last_sign_in_at_after",
            "last_sign_in_at_before",
            "name_query",
            "organization_id",
            "phone_number_query",
            "provider",
            "provider_user_id",
            "starting_after",
            "username_query",
            "web3_wallet",
        ],
    ),
    (
        "clerk_create_user",
        &[
            "backup_codes",
            "banned",
            "bypass_client_trust",
            "create_organization_enabled",
            "create_organizations_limit",
            "created_at",
            "delete_self_enabled",
            "email_address_identification_status",
            "legal_accepted_at",
            "locale",
            "locked",
            "password_digest",
            "password_hasher",
            "phone_number_identification_status",
            "skip_legal_checks",
            "skip_user_requirement",
            "timezone",
            "totp_secret",
            "web3_wallet",
        ],
    ),
    (
        "clerk_count_users",
        &[
            "email_address_query",
            "external_id",
            "name_query",
            "phone_number",
            "phone_number_query",
            "provider",
            "provider_user_id",
            "user_id",
            "username",
            "username_query",
            "web3_wallet",
        ],
    ),
    (
        "clerk_update_user",
        &[
            "backup_codes",
            "bypass_client_trust",
            "create_organization_enabled",
            "create_organizations_limit",
            "created_at",
            "delete_self_enabled",
            "legal_accepted_at",
            "locale",
            "notify_primary_email_address_changed",
            "password_digest",
            "password_hasher",
            "primary_web3_wallet_id",
            "profile_image_id",
            "sign_out_of_other_sessions",
            "skip_legal_checks",
            "timezone",
            "totp_secret",
        ],
    ),
    (
        "clerk_list_organizations",
        &["include_missing_member_with_elevated_permissions", "organization_id", "user_id"],
    ),
    ("clerk_create_organization", &["created_at", "role_set_key"]),
    (
        "clerk_get_organization",
        &["include_members_count", "include_missing_member_with_elevated_permissions"],
    ),
    (
        "clerk_list_organization_memberships",
        &[
            "created_at_after",
            "created_at_before",
            "email_address",
            "email_address_query",
            "last_active_at_after",
            "last_active_at_before",
            "name_query",
            "order_by",
            "phone_number",
            "phone_number_query",
            "query",
            "user_id",
            "username",
            "username_query",
            "web3_wallet",
        ],
    ),
    ("clerk_add_organization_member", &["private_metadata", "public_metadata"]),
    // Newer logs are those after a time.
    ("clerk_list_logs", &["ending_before"]),
];

/// Arguments that Clerk's parameters don't have: a file for a form, and fields of a second request.
const OURS: &[(&str, &[&str])] = &[
    ("clerk_update_user", &["public_metadata", "private_metadata", "unsafe_metadata"]),
    ("clerk_set_user_profile_image", &["file_path", "file_base64"]),
    ("clerk_upload_organization_logo", &["file_path", "file_base64"]),
    ("clerk_upload_oauth_application_logo", &["file_path", "file_base64"]),
];

/// Arguments that take more than the file says, since Clerk does.
const WIDER: &[(&str, &str)] = &[("clerk_list_sessions", "status")];

/// What a comparison shows.
#[derive(Debug, Default)]
pub struct Drift {
    /// How many operations the file has.
    pub operations: usize,
    /// How many of them are in the catalog.
    pub covered: usize,
    /// What differs, a line each.
    pub differences: Vec<String>,
    /// Operations that neither the file nor the catalog has though Clerk does, and why the catalog
    /// lacks them, a line each.
    pub not_offered: Vec<String>,
    /// Operations of the catalog that are newer than the file.
    pub newer: usize,
}

/// A document has no operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it isn't an OpenAPI file: it has no `paths`")]
pub struct NotOpenApi;

/// Compares the catalog with an OpenAPI document.
///
/// # Errors
/// The document isn't an OpenAPI document.
pub fn compare(document: &Value) -> Result<Drift, NotOpenApi> {
    let document = Document(document);
    let paths = document.0.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or(NotOpenApi)?;
    let mut drift = Drift::default();
    let mut known: BTreeMap<String, (Route, &Tool)> = own().map(keyed).collect();
    let mut older: BTreeMap<String, (Route, &Tool)> =
        own().filter_map(|(_, tool)| Some(keyed((tool.older_route()?, tool)))).collect();
    let mut not_offered: BTreeMap<String, (String, &str)> = newer::NOT_OFFERED
        .iter()
        .map(|((method, path), why)| (key(method, path), (format!("{method} {path}"), *why)))
        .collect();
    for (path, item) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            drift.operations += 1;
            let method = method.to_uppercase();
            let found = known.remove(&key(&method, path));
            let Some((route, tool)) = found.or_else(|| older.remove(&key(&method, path))) else {
                let known = not_offered.remove(&key(&method, path));
                drift.differences.push(match known {
                    Some((_, why)) => format!(
                        "{method} {path} is new, and can be offered if the file says enough: it \
                         wasn't, since {why}"
                    ),
                    None => format!("{method} {path} is new"),
                });
                continue;
            };
            drift.covered += 1;
            let differences = document.parameters(item, operation);
            let differences = if tool.older_route() == Some(route) {
                Vec::new()
            } else {
                differing(route, tool, &differences)
            };
            drift.differences.extend(
                differences
                    .into_iter()
                    .map(|difference| format!("{method} {path} ({}): {difference}", tool.name)),
            );
        }
    }
    for (route, tool) in known.into_values() {
        let is_newer =
            |(method, path): &(&str, &str)| *method == route.method.as_str() && *path == route.path;
        if newer::OFFERED.iter().any(is_newer) {
            drift.newer += 1;
        } else {
            drift.differences.push(format!("{route} ({}) is gone", tool.name));
        }
    }
    let lines = not_offered.into_values();
    drift.not_offered = lines.map(|(name, why)| format!("{name}: {why}")).collect();
    Ok(drift)
}

/// The operations that are newer than Clerk's OpenAPI file, by method and path, and why each isn't
/// offered, if it isn't.
pub fn newer() -> impl Iterator<Item = (&'static str, &'static str, Option<&'static str>)> {
    let offered = newer::OFFERED.iter().map(|(method, path)| (*method, *path, None));
    let others = newer::NOT_OFFERED.iter();
    offered.chain(others.map(|((method, path), why)| (*method, *path, Some(*why))))
}

/// The tools that are one operation of Clerk's each.
fn own() -> impl Iterator<Item = (Route, &'static Tool)> {
    catalog::all().filter_map(|(_, tool)| Some((tool.route()?, tool)))
}

fn keyed((route, tool): (Route, &'static Tool)) -> (String, (Route, &'static Tool)) {
    (key(route.method.as_str(), route.path), (route, tool))
}

/// What identifies an operation, whatever its placeholders are called.
fn key(method: &str, path: &str) -> String {
    let segments =
        path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    format!("{method} {}", segments.collect::<Vec<_>>().join("/"))
}

/// A parameter of the file.
#[derive(Debug)]
struct Parameter {
    is_required: bool,
    choices: BTreeSet<String>,
    limits: [Option<i64>; 2],
}

struct Document<'a>(&'a Value);

impl<'a> Document<'a> {
    fn resolve(&self, value: &'a Value) -> &'a Value {
        let pointer =
            value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match pointer.and_then(|pointer| self.0.pointer(pointer)) {
            Some(target) => self.resolve(target),
            None => value,
        }
    }

    /// The parameters in query and body that are not deprecated.
    fn parameters(&self, item: &'a Value, operation: &'a Value) -> BTreeMap<&'a str, Parameter> {
        let mut found = BTreeMap::new();
        let both =
            [item, operation].into_iter().filter_map(|value| value.get("parameters")?.as_array());
        for parameter in both.flatten().map(|parameter| self.resolve(parameter)) {
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
            let is_query = parameter.get("in").is_some_and(|place| place == "query");
            if is_query && !is_deprecated(parameter) {
                let schema = parameter.get("schema").unwrap_or(&Value::Null);
                found.insert(name, self.parameter(schema, is_true(parameter, "required")));
            }
        }
        let body = operation.get("requestBody").map(|body| self.resolve(body));
        for kind in ["application/json", "multipart/form-data"] {
            let schema = body.and_then(|body| body.get("content")?.get(kind)?.get("schema"));
            if let Some(schema) = schema {
                self.fields(schema, &mut found);
            }
        }
        found
    }

    fn fields(&self, schema: &'a Value, found: &mut BTreeMap<&'a str, Parameter>) {
        let schema = self.resolve(schema);
        let required: Vec<&str> = strings(schema.get("required")).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if !is_deprecated(self.resolve(property)) {
                let parameter = self.parameter(property, required.contains(&name.as_str()));
                found.insert(name.as_str(), parameter);
            }
        }
        for part in ["allOf", "oneOf", "anyOf"] {
            for schema in schema.get(part).and_then(Value::as_array).into_iter().flatten() {
                self.fields(schema, found);
            }
        }
    }

    fn parameter(&self, schema: &'a Value, is_required: bool) -> Parameter {
        let schema = self.resolve(schema);
        let limit = |name: &str| schema.get(name).and_then(Value::as_i64);
        // Of whole numbers, the limit that is left out is the one before the least.
        let above = i64::from(is_true(schema, "exclusiveMinimum"));
        Parameter {
            is_required,
            choices: strings(schema.get("enum")).map(str::to_owned).collect(),
            limits: [limit("minimum").map(|least| least + above), limit("maximum")],
        }
    }
}

/// How an operation's arguments differ from the file's parameters.
fn differing(route: Route, tool: &Tool, parameters: &BTreeMap<&str, Parameter>) -> Vec<String> {
    let mut differences = Vec::new();
    let left_out = LEFT_OUT.iter().find(|(name, _)| *name == tool.name).map(|(_, names)| *names);
    let left_out = left_out.unwrap_or_default();
    let ours =
        OURS.iter().find(|(name, _)| *name == tool.name).map_or(&[][..], |(_, names)| *names);
    let has_file = ours.contains(&"file_path");
    for (name, parameter) in parameters {
        let Some(schema) = tool.argument_schema(name) else {
            // The server sends it if there is a list.
            let is_sent_otherwise = *name == "paginated" || (*name == "file" && has_file);
            if !is_sent_otherwise && !left_out.contains(name) {
                differences.push(format!("`{name}` is new"));
            }
            continue;
        };
        if parameter.is_required && !tool.requires(name) {
            differences.push(format!("`{name}` is required"));
        }
        let is_wider = WIDER.contains(&(tool.name, *name));
        let choices: BTreeSet<String> = strings(schema.get("enum")).map(str::to_owned).collect();
        // An empty one clears it, which `clear` does.
        let theirs: &BTreeSet<String> =
            &parameter.choices.iter().filter(|choice| !choice.is_empty()).cloned().collect();
        let differ = choices != *theirs && !theirs.is_empty() && !choices.is_empty();
        if differ && !(is_wider && theirs.is_subset(&choices)) {
            let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
            let (new, gone) = (list(theirs - &choices), list(&choices - theirs));
            differences.push(format!("the values of `{name}`: new [{new}], gone [{gone}]"));
        }
        let limit = |name: &str| schema.get(name).and_then(Value::as_i64);
        for (ours, theirs) in [limit("minimum"), limit("maximum")].into_iter().zip(parameter.limits)
        {
            if let (Some(ours), Some(theirs)) = (ours, theirs)
                && ours != theirs
            {
                differences.push(format!("the limit of `{name}` is {theirs}, not {ours}"));
            }
        }
    }
    let in_path: Vec<&str> = route.placeholders().collect();
    for name in tool.wire_names() {
        let is_known = parameters.contains_key(name) || in_path.contains(&name);
        let is_newer = newer::ARGUMENTS.contains(&(tool.name, name));
        if !is_known && !is_newer && !tool.is_body(name) && !ours.contains(&name) {
            differences.push(format!("`{name}` is gone"));
        }
    }
    differences
}

/// A file may write "or null" as an alternative besides the type.
fn is_deprecated(schema: &Value) -> bool {
    let others = schema.get("anyOf").and_then(Value::as_array);
    is_true(schema, "deprecated") || others.into_iter().flatten().any(is_deprecated)
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}

fn strings(values: Option<&Value>) -> impl Iterator<Item = &str> {
    values.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn new_gone_and_changed_operations_and_parameters_are_reported() {
        let document = json!({ "paths": {
            "/sessions": { "get": { "parameters": [
                { "name": "user_id", "in": "query", "required": true, "schema": {} },
                { "name": "limit", "in": "query", "schema": { "minimum": 1, "maximum": 400 } },
                { "name": "status", "in": "query", "schema": { "enum": ["active", "dozing"] } },
                { "name": "color", "in": "query", "schema": {} },
                { "name": "old", "in": "query", "deprecated": true, "schema": {} },
            ] } },
            "/wishes": { "post": {} },
        } });
        let drift = compare(&document).unwrap();
        assert_eq!((drift.operations, drift.covered), (2, 1));
        let has = |text: &str| drift.differences.iter().any(|line| line.contains(text));
        assert!(has("POST /wishes is new") && has("`color` is new") && !has("`old`"));
        assert!(has("`user_id` is required") && has("limit of `limit` is 400, not 500"));
        assert!(has("new [dozing], gone [abandoned") && has("`client_id` is gone"));
        assert!(has("(clerk_get_user) is gone"), "{:?}", drift.differences);
        assert!(!has("clerk_list_logs") && drift.newer > 0, "{:?}", drift.differences);
        assert_eq!(compare(&json!({})).unwrap_err(), NotOpenApi);
    }

    #[test]
    fn what_is_known_and_not_offered_can_be_once_a_file_has_it() {
        let merge = "POST /users/{user_id}/merge";
        let names = |lines: &[String]| lines.iter().filter(|line| line.starts_with(merge)).count();
        let before = compare(&json!({ "paths": {} })).unwrap();
        assert_eq!((names(&before.not_offered), names(&before.differences)), (1, 0));
        let after = compare(&json!({ "paths": { "/users/{id}/merge": { "post": {} } } })).unwrap();
        assert_eq!(names(&after.not_offered), 0);
        let line = "POST /users/{id}/merge is new, and can be offered";
        assert!(after.differences.iter().any(|difference| difference.starts_with(line)));
    }

    #[test]
    fn the_catalog_has_what_is_newer_and_not_what_is_not_offered() {
        let rows: BTreeSet<String> =
            own().map(|(route, _)| key(route.method.as_str(), route.path)).collect();
        for (method, path) in newer::OFFERED {
            assert!(rows.contains(&key(method, path)), "{method} {path}");
        }
        for ((method, path), _) in newer::NOT_OFFERED {
            assert!(!rows.contains(&key(method, path)), "{method} {path}");
        }
    }
}
