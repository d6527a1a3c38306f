//! `/invitations`: to the application itself, not to one of its organizations.

use axum::extract::State;
use serde::Serialize;

use super::Sandbox;
use super::body::{Fields, ManyFields};
use super::model::{Identifier, Metadata};
use super::query::{Id, NoQuery, Query};
use super::refusal::{
    DUPLICATE_RECORD, FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID,
    INVITATION_ALREADY_REVOKED, RESOURCE_NOT_FOUND, Refusal,
};
use super::reply::{self, Reply};
use super::store::Store;

/// How long an invitation is good for where it is not said, in days.
const DAYS: u64 = 30;
/// A day in ms.
const DAY: i64 = 86_400_000;

/// Nobody accepts in the sandbox, and nothing runs out of time there.
const STATUSES: [(&str, bool); 4] =
    [("pending", false), ("revoked", true), ("accepted", false), ("expired", false)];

/// An invitation to sign up.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Invitation {
    object: &'static str,
    id: String,
    email_address: String,
    public_metadata: Metadata,
    revoked: bool,
    status: &'static str,
    url: String,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
}

/// `GET /invitations`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let names = STATUSES.map(|(name, _)| (name, name));
    let status = query.choice("status", &names);
    let text = query.text("query").map(|text| text.to_lowercase());
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    let _order = query.text("order_by");
    query.finish()?;
    let store = sandbox.read();
    let found = store.app_invitations.values();
    let found: Vec<_> = found
        .filter(|it| status.is_none_or(|status| it.status == status))
        .filter(|it| {
            text.as_ref().is_none_or(|text| it.id == *text || it.email_address.contains(text))
        })
        .collect();
    let total_count = found.len();
    let data = page.cut(found, |left, right| right.created_at.cmp(&left.created_at));
    Ok(reply::list(data, total_count, is_paginated))
}

/// `POST /invitations`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    let mut store = sandbox.write();
    let invitation = new(&mut store, fields)?;
    store.app_invitations.insert(invitation.id.clone(), invitation.clone());
    Ok(reply::json(&invitation))
}

/// `POST /invitations/bulk`: all of them, or none.
pub(crate) async fn create_all(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    ManyFields(many): ManyFields,
) -> Reply {
    let mut store = sandbox.write();
    let mut made: Vec<Invitation> = Vec::new();
    for fields in many {
        let invitation = new(&mut store, fields)?;
        if made.iter().any(|it| it.email_address == invitation.email_address) {
            return Err(pending(&invitation.email_address));
        }
        made.push(invitation);
    }
    let by_id = made.iter().map(|it| (it.id.clone(), it.clone()));
    store.app_invitations.extend(by_id);
    Ok(reply::json(&made))
}

/// `POST /invitations/{invitation_id}/revoke`
pub(crate) async fn revoke(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let Some(invitation) = store.app_invitations.get_mut(&id) else {
        let sentence = format!("No invitation was found with id {id}.");
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    if invitation.revoked {
        return Err(INVITATION_ALREADY_REVOKED.because("Invitation is already revoked.").into());
    }
    (invitation.revoked, invitation.status, invitation.updated_at) = (true, "revoked", now);
    Ok(reply::json(invitation))
}

/// An invitation that is not kept yet.
fn new(store: &mut Store, mut fields: Fields) -> Result<Invitation, Refusal> {
    let email = fields.required("email_address").trim().to_lowercase();
    if !email.is_empty() && !email.contains('@') {
        let sentence = "email_address must be a valid email address.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("email_address", sentence));
    }
    let public_metadata = fields.nullable_metadata("public_metadata").value().unwrap_or_default();
    let url = fields.text("redirect_url").value();
    let is_repeatable = fields.flag("ignore_existing").value() == Some(true);
    let days = fields.count("expires_in_days").value().unwrap_or(DAYS);
    let _mail = (fields.flag("notify"), fields.text("template_slug"));
    fields.finish()?;
    if !is_repeatable {
        check_is_new(store, &email)?;
    }
    let (id, now) = (store.id("inv"), store.now());
    Ok(Invitation {
        object: "invitation",
        url: url.unwrap_or_else(|| format!("https://accounts.example.com/sign-up/{id}")),
        id,
        email_address: email,
        public_metadata,
        revoked: false,
        status: "pending",
        expires_at: now + i64::try_from(days).unwrap_or_default() * DAY,
        created_at: now,
        updated_at: now,
    })
}

/// Nobody is invited twice, nor who has signed up already.
fn check_is_new(store: &Store, email: &str) -> Result<(), Refusal> {
    if store.is_taken(Identifier::EmailAddress, email, None) {
        let sentence = "That email address is taken. Please try another.";
        return Err(FORM_IDENTIFIER_EXISTS.at("email_address", sentence).into());
    }
    let mut invitations = store.app_invitations.values();
    if invitations.any(|it| !it.revoked && it.email_address == email) {
        return Err(pending(email));
    }
    Ok(())
}

fn pending(email: &str) -> Refusal {
    let sentence =
        format!("There are already pending invitations for the following email addresses: {email}");
    DUPLICATE_RECORD.at("email_address", sentence).into()
}
