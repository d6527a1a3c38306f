//! What an agent can do if Clerk, or a proxy before it, refuses a request.

use clerk_api::{ConnectFailure, Refusal};

use super::{NO_API, Nameable, unreached};
use crate::tool::{
    Tool,
    param::{Param, Place},
};

/// What a refusal of Clerk's with this code calls for: sentences, of which those are left out that
/// name a tool which can't be named. `{find}` stands for how to find what the arguments name, and
/// `{list}` for how to find what the tool makes.
const HINTS: &[(&str, &[&str])] = &[
    ("resource_not_found", &[NOT_FOUND, "{find}"]),
    ("form_identifier_exists", &["Another one has it already.", "{list}"]),
    ("organization_slugs_disabled", &["Slugs are off in this instance: call again without slug."]),
    (
        "organization_not_enabled_in_instance",
        &["Organizations are off in this instance; a person can turn them on in the Clerk \
           Dashboard."],
    ),
    ("organization_creator_not_found", &["createdBy isn't the ID of a user.", "{find}"]),
    (
        "organization_membership_quota_exceeded",
        &[
            "The organization is full: its maxAllowedMemberships must be raised, or somebody \
             removed.",
            "{clerk_get_organization} shows it.",
        ],
    ),
    (
        "form_password_pwned",
        &["The password is in a list of leaked ones: choose another, or set skipPasswordChecks."],
    ),
    (
        "form_param_unknown",
        &["This instance does not take that field: its feature may be off in the Clerk Dashboard."],
    ),
];

const NOT_FOUND: &str = "Nothing in this Clerk instance has that ID.";

/// What the status of a refusal calls for, whoever refused.
pub(super) fn refused(refusal: &Refusal, nameable: &Nameable<'_>) -> String {
    let mut own = nameable.failed.refusals.iter();
    let own = own.find(|(status, _)| *status == refusal.status);
    match own.map(|(_, sentences)| nameable.said(sentences)) {
        // How long to wait is said in any case.
        Some(own) if refusal.status == 429 => format!("{} {own}", general(refusal, nameable)),
        Some(own) => own,
        None => general(refusal, nameable),
    }
}

/// The same for a tool that has nothing special to say of the status.
fn general(refusal: &Refusal, nameable: &Nameable<'_>) -> String {
    if let Some((_, hint)) = HINTS.iter().find(|(code, _)| *code == refusal.code())
        && refusal.is_clerks
        && !(refusal.status == 404 && takes_no_id(nameable.failed))
    {
        return if refusal.status == 404 {
            not_found(refusal, nameable)
        } else {
            nameable.said(hint)
        };
    }
    match (refusal.status, refusal.retry_after) {
        (300..=399, _) => format!(
            "Nothing was changed. Redirects are not followed, since the key would go along. {NO_API}"
        ),
        (401 | 403, _) if !refusal.is_clerks => format!(
            "Nothing was changed. A proxy or a firewall may have refused it, and not Clerk: a person \
             must check what the network allows. If there is none, {NO_API}"
        ),
        (401, _) => "Clerk does not take the key: a person must check that CLERK_SECRET_KEY is \
             this instance's and not revoked, and restart clerk-mcp."
            .to_owned(),
        (403, _) => "The instance's settings or plan don't allow this.".to_owned(),
        (404, _) if takes_no_id(nameable.failed) => {
            format!("The server at CLERK_API_URL has no such route. {NO_API}")
        }
        (404, _) if !refusal.is_clerks => {
            format!("Either nothing has that id, or the server lacks the route. {NO_API}")
        }
        (404, _) => not_found(refusal, nameable),
        (407, _) => {
            format!("Nothing was changed. {}", unreached(ConnectFailure::Proxy).for_agent())
        }
        (413, _) => {
            "Nothing was changed. The arguments are too large: give less at once.".to_owned()
        }
        (414 | 431, _) => {
            "Nothing was changed. The request's address is too long for Clerk or for a \
             proxy: give fewer values at once, such as ids, and call several times."
                .to_owned()
        }
        (429, Some(wait)) => {
            format!(
                "Clerk did nothing. Wait {} s before you call again.",
                wait.as_secs_f64().ceil()
            )
        }
        (429, None) => "Clerk did nothing. Wait some seconds before you call again.".to_owned(),
        (501, _) => "Nothing was changed, and trying again changes nothing.".to_owned(),
        (500.., _) if !refusal.is_clerks => {
            "Nothing was changed. Clerk, or a proxy before it, has a \
             problem of its own: try again later."
                .to_owned()
        }
        (500.., _) => {
            "Nothing was changed. Clerk has a problem of its own: try again later.".to_owned()
        }
        _ => "Clerk changed nothing. Correct what it complains of and call again.".to_owned(),
    }
}

/// What to do where Clerk lacks an object that the arguments name.
fn not_found(refusal: &Refusal, nameable: &Nameable<'_>) -> String {
    let param = refusal.items.iter().find_map(|item| item.param.as_deref());
    format!("{NOT_FOUND} {}", nameable.find(param)).trim_end().to_owned()
}

/// Whether no argument names an object that Clerk could lack. Clerk answers a filter without matches with
/// an empty list, not with 404.
fn takes_no_id(tool: &Tool) -> bool {
    let names_one = |param: &Param| match param.place {
        Place::Path | Place::Body | Place::WholeBody => true,
        Place::Query | Place::QueryComma | Place::QueryMembers => param.required,
        Place::Local => false,
    };
    tool.route().is_some() && !tool.arguments().any(names_one)
}
