//! What must hold for each row, and what the types of rows can't say.

mod handles;
mod undo;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::all;
use crate::tool::{
    CallMeta, Flag, Tool,
    field::{Field, FieldType, Fields},
    param::{Param, Place, Role, Rule, Shape, Type},
};

#[test]
fn the_path_is_filled_by_the_arguments_that_go_there() {
    for (_, tool) in all() {
        let Some(route) = tool.route() else { continue };
        let in_path: Vec<&str> = tool
            .params()
            .filter(|param| param.place == Place::Path)
            .map(|param| param.wire)
            .collect();
        assert_eq!(in_path, route.placeholders().collect::<Vec<_>>(), "{}", tool.name);
        assert!(
            tool.params().all(|param| param.place != Place::Path || param.required),
            "{}",
            tool.name
        );
    }
}

#[test]
fn a_get_has_no_body() {
    for (_, tool) in all() {
        if tool.route().is_some_and(|route| route.method.as_str() == "GET") {
            let has_body = |param: &Param| matches!(param.place, Place::Body | Place::WholeBody);
            assert!(!tool.params().any(has_body), "{}", tool.name);
        }
    }
}

#[test]
fn arguments_have_names_of_their_own_and_rules_know_them() {
    for (_, tool) in all() {
        check_params(tool.name, tool.params().collect(), tool.rules);
    }
}

fn check_params(at: &str, params: Vec<&'static Param>, rules: &[Rule]) {
    let names: HashSet<&str> = params.iter().map(|param| param.wire).collect();
    assert_eq!(names.len(), params.len(), "{at} has an argument twice");
    for rule in rules {
        let tied: Vec<&str> = match *rule {
            Rule::Any(names) | Rule::One(names) => names.to_vec(),
            Rule::With(name, other) => vec![name, other],
            Rule::Change => Vec::new(),
        };
        assert!(tied.iter().all(|name| names.contains(name)), "{at}: {rule:?}");
    }
    for param in params {
        if let Type::Object(shape) | Type::Objects { shape, .. } = param.ty {
            let shape: &'static Shape = shape;
            check_params(&format!("{at}.{}", param.wire), shape.params().collect(), shape.rules);
        }
    }
}

#[test]
fn every_example_passes_its_tools_own_check() {
    let (mut optional, mut refused) = (0, Vec::new());
    for (_, tool) in all() {
        let example = tool.example();
        let checked = tool.check(example.clone());
        refused.extend(checked.err().map(|errors| format!("{}: {errors:?}", tool.name)));
        let schema = json!(tool.input_schema(CallMeta::default()));
        let valid = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            valid.iter_errors(&json!(example)).map(|error| error.to_string()).collect();
        refused.extend(errors.iter().map(|error| format!("{}: {error}", tool.name)));
        assert_eq!(example, tool.example(), "{}", tool.name);
        let is_optional = |name: &String| !tool.argument(name).unwrap().required;
        optional += usize::from(example.keys().any(is_optional));
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(optional > 100, "{optional}");
}

/// Who sends a part of a list would lose the rest, so the tool that reads it must be one that shows it.
#[test]
fn what_an_update_replaces_can_be_read_first() {
    let (mut replaced, mut unseen) = (0, Vec::new());
    for (_, tool) in all() {
        let names = tool.replaces();
        if names.is_empty() {
            continue;
        }
        let (_, reader) = all().find(|(_, reader)| reader.name == tool.verify_with).unwrap();
        let known = reader.fields.names();
        for name in names {
            replaced += 1;
            let is_shown = known.is_empty() || known.contains(&name);
            if !(is_shown && reader.effect.is_read()) {
                unseen.push(format!("{} {name}", tool.name));
            }
        }
    }
    assert_eq!(unseen, NOT_SHOWN);
    assert!(replaced > 15, "{replaced}");
}

/// Arguments whose value is shown under another name, or in a field that isn't declared.
const NOT_SHOWN: [&str; 3] = [
    "clerk_replace_organization_metadata privateMetadata",
    "clerk_replace_scim_group_role_mappings mappings",
    "clerk_replace_directory_group_role_mappings mappings",
];

#[test]
fn fields_have_names_of_their_own() {
    for (_, tool) in all() {
        check_fields(tool.name, tool.fields);
    }
}

fn check_fields(at: &str, fields: &'static Fields) {
    let names: HashSet<&str> = fields.iter().map(|field| field.wire).collect();
    assert_eq!(names.len(), fields.iter().count(), "{at} has a field twice");
    for field in fields.iter() {
        if let FieldType::Object(fields) | FieldType::Objects(fields) = field.ty {
            check_fields(&format!("{at}.{}", field.wire), fields);
        }
    }
}

#[test]
fn a_tool_that_returns_a_secret_has_it_marked() {
    fn has_secret(fields: &'static Fields) -> bool {
        fields.iter().any(|field| {
            field.secret
                || match field.ty {
                    FieldType::Object(inner)
                    | FieldType::Objects(inner)
                    | FieldType::Inline(inner) => has_secret(inner),
                    _ => false,
                }
        })
    }
    for (_, tool) in all().filter(|(_, tool)| tool.returns_secret) {
        assert!(has_secret(tool.fields), "{}", tool.name);
    }
}

#[test]
fn a_tool_for_many_names_the_tool_for_one() {
    let many: Vec<_> = all().filter(|(_, tool)| !tool.many_of.is_empty()).collect();
    for (_, tool) in &many {
        assert!(all().any(|(_, one)| one.name == tool.many_of), "{}", tool.name);
    }
    assert_eq!(many.len(), 4);
}

/// Everything that needs a person's approval on a live key for another reason than that it takes
/// something away: it changes the instance for all of its users.
#[test]
fn what_changes_the_whole_instance_needs_approval() {
    let marked = writes(|tool| tool.flags.contains(&Flag::InstanceWide));
    assert_eq!(marked, words(INSTANCE_WIDE));
    let unapproved = writes(|tool| !tool.needs_approval());
    assert_eq!(unapproved, words(WITHOUT_APPROVAL));
    let only_with = |name: &str| {
        let (_, tool) = all().find(|(_, tool)| tool.name == name).unwrap();
        tool.arguments().filter(|param| param.sensitive).map(Param::name).collect::<Vec<_>>()
    };
    for name in ["clerk_create_organization_domain", "clerk_update_organization_domain"] {
        assert_eq!(only_with(name), ["enrollmentMode", "verified"], "{name}");
    }
    assert_eq!(only_with("clerk_add_sso_bypass_allowlist_user"), ["userId"], "each call gives it");
}

/// Whoever may ask whether a secret is right can guess it, so no such tool is a read.
#[test]
fn what_checks_a_secret_is_a_write_that_is_counted() {
    // The arguments of a tool that is run by its name are judged by its own row.
    let is_own = |param: &Param| param.secret && param.role != Role::Arguments;
    let takes_secret = |tool: &Tool| tool.params().any(is_own);
    assert!(all().all(|(_, tool)| !tool.effect.is_read() || !takes_secret(tool)));
    assert_eq!(writes(Tool::checks_secret), words(CHECK_A_SECRET));
    let others = writes(|tool| takes_secret(tool) && !tool.checks_secret());
    assert_eq!(others, words(SET_A_SECRET));
}

/// The names of the tools that write and fit, in order.
fn writes(fits: impl Fn(&Tool) -> bool) -> Vec<&'static str> {
    let fitting = all().filter(|(_, tool)| !tool.effect.is_read() && fits(tool));
    let mut names: Vec<_> = fitting.map(|(_, tool)| &tool.name["clerk_".len()..]).collect();
    names.sort_unstable();
    names
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

const INSTANCE_WIDE: &str = "
    add_domain add_roles_to_role_set assign_permission_to_organization_role
    change_production_instance_domain create_admin_portal_link_token
    create_allowlist_identifier create_billing_price create_blocklist_identifier
    create_directory create_directory_group_role_mapping create_enterprise_connection
    create_jwt_template create_machine create_machine_scope create_oauth_application
    create_organization_permission create_organization_role create_redirect_url
    create_role_set create_saml_connection create_scim_directory
    create_scim_group_role_mapping create_svix_app create_svix_auth_url
    delete_allowlist_identifier delete_blocklist_identifier delete_directory
    delete_directory_group_role_mapping delete_domain delete_enterprise_connection
    delete_jwt_template delete_machine delete_machine_scope delete_oauth_application
    delete_organization_permission delete_organization_role delete_redirect_url
    delete_saml_connection delete_scim_directory delete_scim_group_role_mapping
    delete_svix_app remove_permission_from_organization_role
    replace_directory_group_role_mappings replace_role_in_role_set replace_role_set
    replace_scim_group_role_mappings revert_template rotate_directory_api_key
    rotate_machine_secret_key rotate_oauth_application_secret rotate_scim_directory_api_key
    toggle_template_delivery update_directory update_domain update_enterprise_connection
    update_instance update_instance_auth_config update_instance_communication
    update_instance_oauth_application_settings update_instance_organization_settings
    update_instance_protect update_instance_restrictions update_jwt_template update_machine
    update_oauth_application update_organization_permission update_organization_role
    update_production_instance_domain update_role_set update_saml_connection
    update_scim_directory update_template upload_oauth_application_logo
    verify_organization_domain_ownership";
const WITHOUT_APPROVAL: &str = "
    add_organization_member add_sso_bypass_allowlist_user
    adjust_organization_billing_credit_balance
    adjust_user_billing_credit_balance apply_billing_subscription_item_discount
    attempt_email_address_verification attempt_phone_number_verification create_actor_token
    create_agent_task create_api_key create_billing_price_transition create_email_address
    create_enterprise_connection_test_run create_invitation create_invitations
    create_m2m_token create_organization create_organization_domain
    create_organization_invitation create_organization_invitations create_phone_number
    create_session create_session_token create_session_token_from_template
    create_sign_in_token create_testing_token create_user create_waitlist_entries
    create_waitlist_entry extend_billing_subscription_item_free_trial invite_waitlist_entry
    lock_user prepare_email_address_verification prepare_phone_number_verification
    refresh_session set_user_profile_image unban_user unban_users unlock_user
    unset_user_password_compromised update_api_key update_email_address update_organization
    update_organization_domain update_organization_membership
    update_organization_membership_metadata update_organization_metadata update_phone_number
    update_sign_up update_user update_user_metadata upload_organization_logo verify_api_key
    verify_client verify_domain_proxy verify_m2m_token verify_oauth_access_token
    verify_user_password verify_user_totp";
const CHECK_A_SECRET: &str = "
    attempt_email_address_verification attempt_phone_number_verification refresh_session
    verify_api_key verify_client verify_m2m_token verify_oauth_access_token verify_user_password
    verify_user_totp";
const SET_A_SECRET: &str = "
    create_jwt_template create_user revoke_oauth_application_token set_user_profile_image
    update_jwt_template update_user upload_oauth_application_logo upload_organization_logo";

/// Every param of every row, at any depth, with its place.
fn for_each_param(visit: &mut impl FnMut(String, &'static Param)) {
    fn below(
        at: &str,
        params: impl Iterator<Item = &'static Param>,
        visit: &mut impl FnMut(String, &'static Param),
    ) {
        for param in params {
            let at = format!("{at}.{}", param.wire);
            visit(at.clone(), param);
            if let Type::Object(shape) | Type::Objects { shape, .. } = param.ty {
                below(&at, shape.params(), visit);
            }
        }
    }
    for (_, tool) in all() {
        below(tool.name, tool.params(), visit);
    }
}

/// Words of Clerk's names for what must not be logged.
const SECRET_WORDS: [&str; 11] = [
    "secret",
    "token",
    "password",
    "passcode",
    "code",
    "codes",
    "ticket",
    "headers",
    "credential",
    "cookie",
    "signing",
];

/// Names with such a word whose values are no secrets.
const NO_SECRETS: [&str; 3] = ["token_url", "blocked_country_codes", "signing_algorithm"];

/// Clerk names a new secret somehow like the old ones: who adds its row must say whether it is one.
#[test]
fn an_argument_with_the_name_of_a_secret_is_marked_as_one() {
    let mut unmarked = Vec::new();
    for_each_param(&mut |at, param| {
        let words: Vec<&str> = param.wire.split('_').collect();
        let is_suspect = words.iter().any(|word| SECRET_WORDS.contains(word));
        // A number, a choice or an id holds no secret.
        let may_hold_one = !matches!(
            param.ty,
            Type::Bool | Type::Integer { .. } | Type::Choice(_) | Type::Time | Type::Id { .. }
        );
        if is_suspect && may_hold_one && !param.secret && !NO_SECRETS.contains(&param.wire) {
            unmarked.push(at);
        }
    });
    assert_eq!(unmarked, [""; 0]);
}

#[test]
fn no_secret_of_any_tools_arguments_gets_into_the_audit_log() {
    fn sample(params: impl Iterator<Item = &'static Param>) -> Map<String, Value> {
        let value = |param: &Param| match param.ty {
            Type::Object(shape) => Value::Object(sample(shape.params())),
            Type::Objects { shape, .. } => json!([sample(shape.params())]),
            _ if param.secret => json!("in clear"),
            _ => json!("harmless"),
        };
        params.map(|param| (param.name(), value(param))).collect()
    }
    let mut secrets = 0;
    for (_, tool) in all() {
        let arguments = sample(tool.params());
        let masked = Value::Object(tool.masked(&arguments)).to_string();
        assert!(!masked.contains("in clear"), "{}: {masked}", tool.name);
        let arguments = Value::Object(arguments).to_string();
        secrets += arguments.matches("in clear").count();
        let kept = |text: &str| text.matches("harmless").count();
        let has_secret_object = masked.contains(r#""[removed]""#);
        assert!(has_secret_object || kept(&masked) == kept(&arguments), "{}", tool.name);
    }
    assert!(secrets > 15, "{secrets}");
}

/// Clerk forbids to export its application logs, which are for looking things up. The journal of
/// changes is a file already.
#[test]
fn every_list_and_scan_can_be_exported_and_application_logs_can_not() {
    let is_of_logs =
        |tool: &Tool| tool.route().is_some_and(|route| route.path.starts_with("/logs"));
    let mut exported = 0;
    for (_, tool) in all() {
        let has_pages = tool.effect.is_read() && tool.result.is_paged();
        if (has_pages && !tool.is_of_journal() && !tool.is_of_approvals()) || is_of_logs(tool) {
            assert_eq!(tool.exports(), !is_of_logs(tool), "{}", tool.name);
            exported += 1;
        }
    }
    assert!(exported > 30, "{exported}");
}

#[test]
fn the_example_of_fields_is_of_the_tools_own_result() {
    let (mut examples, meta) = (0, CallMeta::default());
    for (_, tool) in all() {
        let schema = tool.input_schema(meta);
        let Some(fields) = schema["properties"].get("fields") else { continue };
        let about = fields["description"].as_str().unwrap();
        let Some(example) = about.strip_prefix("Only these fields, such as ") else {
            let is_secret = |field: &Field| field.secret || field.wire == "object";
            assert!(tool.fields.iter().all(is_secret), "{}", tool.name);
            continue;
        };
        for path in example.trim_end_matches('.').split(',') {
            assert_eq!(tool.fields.check_path(path), Ok(()), "{}: {path}", tool.name);
        }
        examples += 1;
    }
    assert!(examples > 80, "{examples}");
    let about = |name: &str| {
        let (_, tool) = all().find(|(_, tool)| tool.name == name).unwrap();
        tool.input_schema(meta)["properties"]["fields"]["description"].clone()
    };
    let users = "Only these fields, such as id,publicMetadata.plan,emailAddresses.emailAddress.";
    assert_eq!(about("clerk_list_users"), users);
    let timeline = "Only these fields, such as entries.at,entries.type.";
    assert_eq!(about("clerk_case_timeline"), timeline);
}
