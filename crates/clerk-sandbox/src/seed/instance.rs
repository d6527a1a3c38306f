//! What an instance has before anyone changes it: its domain, its role set, its templates.

use fastrand::Rng;
use serde_json::json;

use crate::model::{ADMIN, DEFAULT_ROLE_SET, FRONTEND_API, MEMBER, Record, Records, tables};
use crate::store::id;

/// A template: type, slug, name, and the variable that its body must contain, if any.
type Template = (&'static str, &'static str, &'static str, &'static str);

const TEMPLATES: [Template; 20] = [
    ("email", "verification_code", "Verification code", "otp_code"),
    ("email", "magic_link_sign_in", "Sign in link", "magic_link"),
    ("email", "magic_link_sign_up", "Sign up link", "magic_link"),
    ("email", "magic_link_user_profile", "Email verification link", "magic_link"),
    ("email", "reset_password_code", "Reset password code", "otp_code"),
    ("email", "invitation", "Invitation", "action_url"),
    ("email", "waitlist_confirmation", "Waitlist confirmation", ""),
    ("email", "waitlist_invitation", "Waitlist invitation", "action_url"),
    ("email", "organization_invitation", "Organization invitation", "action_url"),
    ("email", "organization_invitation_accepted", "Organization invitation accepted", ""),
    ("email", "organization_membership_requested", "Organization membership requested", ""),
    ("email", "affiliation_code", "Organization domain verification code", "otp_code"),
    ("email", "password_changed", "Password changed", ""),
    ("email", "password_removed", "Password removed", ""),
    ("email", "passkey_added", "Passkey added", ""),
    ("email", "primary_email_address_changed", "Primary email address changed", ""),
    ("email", "account_locked", "Account locked", ""),
    ("email", "new_device_sign_in", "Sign in from new device", ""),
    ("sms", "verification_code", "Verification code", "otp_code"),
    ("sms", "reset_password_code", "Reset password code", "otp_code"),
];

/// Adds all of it, created at this time.
pub(super) fn add(records: &mut Records, rng: &mut Rng, instance_id: &str, at: i64) {
    let domain = [
        ("id", json!(id(rng, "dmn"))),
        ("name", json!("example.com")),
        ("is_satellite", json!(false)),
        ("frontend_api_url", json!(FRONTEND_API)),
        ("accounts_portal_url", json!("https://accounts.example.com")),
        ("proxy_url", json!(null)),
        ("development_origin", json!("")),
        ("cname_targets", json!([])),
    ];
    records.put(tables::DOMAIN, dated(domain, at));
    let role_set = [
        ("id", json!(id(rng, "rset"))),
        ("name", json!("Default")),
        ("key", json!(DEFAULT_ROLE_SET)),
        ("description", json!("The roles of organizations that were given no other set")),
        ("roles", json!([ADMIN, MEMBER])),
        ("default_role", json!(null)),
        ("creator_role", json!(null)),
        ("type", json!("initial")),
        ("role_set_migration", json!(null)),
        ("default_role_key", json!(MEMBER)),
        ("creator_role_key", json!(ADMIN)),
    ];
    records.put(tables::ROLE_SET, dated(role_set, at));
    for (position, template) in (0..).zip(TEMPLATES) {
        let record = self::template(&id(rng, "tmpl"), position, template, instance_id);
        records.put(tables::TEMPLATE, dated(record, at));
    }
}

fn template(
    id: &str,
    position: i64,
    (kind, slug, name, variable): Template,
    instance_id: &str,
) -> [(&'static str, serde_json::Value); 22] {
    let is_email = kind == "email";
    let sentence = if variable.is_empty() {
        format!("{name} in {{{{app.name}}}}.")
    } else {
        format!("{name} for {{{{app.name}}}}: {{{{{variable}}}}}")
    };
    let required: Vec<_> = Some(variable).filter(|name| !name.is_empty()).into_iter().collect();
    let variables: Vec<_> = ["app.name", "app.url"].into_iter().chain(required.clone()).collect();
    [
        ("id", json!(id)),
        ("object", json!("template")),
        ("instance_id", json!(instance_id)),
        ("resource_type", json!("system")),
        ("template_type", json!(kind)),
        ("name", json!(name)),
        ("slug", json!(slug)),
        ("position", json!(position)),
        ("can_revert", json!(false)),
        ("can_delete", json!(false)),
        ("can_edit_body", json!(true)),
        ("can_toggle", json!(!is_email)),
        (
            "subject",
            if is_email { json!(format!("{name} for {{{{app.name}}}}")) } else { json!(null) },
        ),
        ("markup", json!("")),
        ("body", json!(sentence)),
        ("available_variables", json!(variables)),
        ("required_variables", json!(required)),
        ("from_email_name", json!(if is_email { "notifications" } else { "" })),
        ("reply_to_email_name", json!("")),
        ("delivered_by_clerk", json!(true)),
        ("enabled", json!(true)),
        ("flagged_as_suspicious", json!(false)),
    ]
}

/// A record that was created at this time and never updated.
fn dated<const N: usize>(fields: [(&'static str, serde_json::Value); N], at: i64) -> Record {
    let times = [("created_at", json!(at)), ("updated_at", json!(at))];
    fields.into_iter().chain(times).collect()
}
