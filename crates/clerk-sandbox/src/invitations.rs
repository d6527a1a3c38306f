//! `/invitations`: to the application itself, not to one of its organizations.

use crate::Sandbox;
use crate::body::{Fields, ManyFields, check_count};
use crate::model::{
    Channel, INVITATION_DAYS, INVITATION_LIFE, INVITATIONS_AT_ONCE, Identifier, Invitation,
    InvitationStatus, with_ticket,
};
use crate::query::{Id, NoQuery, Query};
use crate::refusal::{
    DUPLICATE_RECORD, FORM_IDENTIFIER_EXISTS, INVITATION_ALREADY_ACCEPTED,
    INVITATION_ALREADY_REVOKED, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::{Draft, Store};
use crate::time;

/// The statuses that a list can be filtered by.
const STATUSES: [&str; 4] = ["pending", "revoked", "accepted", "expired"];

/// `GET /invitations`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let names = STATUSES.map(|name| (name, name));
    let status = query.choice("status", &names);
    let text = query.text("query").map(|text| text.to_lowercase());
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    let _order = query.text("order_by");
    query.finish()?;
    let store = sandbox.read();
    let found = store.invitations.values().filter(|invitation| {
        status.is_none_or(|status| invitation.status.name() == status)
            && text.as_ref().is_none_or(|text| {
                invitation.id == *text || invitation.email_address.contains(text)
            })
    });
    let list = page.newest_first(found, |invitation| invitation.created_at);
    Ok(reply::list(&list, is_paginated))
}

/// `POST /invitations`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    let mut store = sandbox.write();
    let (invitation, mail) = new(&mut store, fields)?;
    store.invitations.insert(invitation.id.clone(), invitation.clone());
    if let Some(mail) = mail {
        store.send(mail);
    }
    Ok(reply::json(&invitation))
}

/// `POST /invitations/bulk`: all of them, or none.
pub(crate) async fn create_all(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    ManyFields(many): ManyFields,
) -> Reply {
    check_count(many.len(), INVITATIONS_AT_ONCE)?;
    let mut store = sandbox.write();
    let mut made: Vec<Invitation> = Vec::new();
    let mut mails = Vec::new();
    for fields in many {
        let (invitation, mail) = new(&mut store, fields)?;
        mails.extend(mail);
        if made.iter().any(|other| other.email_address == invitation.email_address) {
            return Err(pending(&invitation.email_address));
        }
        made.push(invitation);
    }
    let by_id = made.iter().map(|invitation| (invitation.id.clone(), invitation.clone()));
    store.invitations.extend(by_id);
    for mail in mails {
        store.send(mail);
    }
    Ok(reply::json(&made))
}

/// `POST /invitations/{invitation_id}/revoke`
pub(crate) async fn revoke(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let Some(invitation) = store.invitations.get_mut(&id) else {
        let sentence = format!("No invitation was found with id {id}.");
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    if invitation.status == InvitationStatus::Accepted {
        return Err(INVITATION_ALREADY_ACCEPTED.because("Invitation is already accepted.").into());
    }
    if invitation.revoked {
        return Err(INVITATION_ALREADY_REVOKED.because("Invitation is already revoked.").into());
    }
    (invitation.revoked, invitation.status) = (true, InvitationStatus::Revoked);
    invitation.updated_at = now;
    Ok(reply::json(invitation))
}

/// `DELETE /invitations/{invitation_id}`, whatever its status.
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    if sandbox.write().invitations.shift_remove(&id).is_none() {
        let sentence = format!("No invitation was found with id {id}.");
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    }
    Ok(reply::deleted("invitation", &id))
}

/// Reads an invitation, without keeping it, and the mail to send.
fn new(store: &mut Store, mut fields: Fields) -> Result<(Invitation, Option<Draft>), Refusal> {
    let email = fields.required("email_address").trim().to_lowercase();
    fields.check_email_address(&email);
    let public_metadata = fields.nullable_metadata("public_metadata").value().unwrap_or_default();
    let url = fields.text("redirect_url").value();
    let is_repeatable = fields.flag("ignore_existing").value() == Some(true);
    let days = fields.count_within("expires_in_days", INVITATION_LIFE, INVITATION_DAYS);
    let notify = fields.flag("notify").value() != Some(false);
    let _template = fields.text("template_slug");
    fields.finish()?;
    if !is_repeatable {
        check_is_new(store, &email)?;
    }
    let (id, now) = (store.id("inv"), store.now());
    let expires_at = time::days_after(now, days);
    store.expires(expires_at);
    let url = with_ticket(url.as_deref().unwrap_or("https://accounts.example.com/sign-up"), &id);
    let mail = notify.then(|| Draft {
        channel: Channel::Email,
        slug: "invitation",
        to: email.clone(),
        user_id: None,
        subject: "You are invited".to_owned(),
        code: None,
        url: Some(url.clone()),
        source: "invitation",
    });
    let invitation = Invitation {
        object: "invitation",
        url,
        id,
        email_address: email,
        public_metadata,
        revoked: false,
        status: InvitationStatus::Pending,
        expires_at,
        created_at: now,
        updated_at: now,
    };
    Ok((invitation, mail))
}

/// Refuses an address that has an invitation or belongs to a user.
fn check_is_new(store: &Store, email: &str) -> Result<(), Refusal> {
    if store.is_taken(Identifier::EmailAddress, email, None) {
        let sentence = "That email address is taken. Please try another.";
        return Err(FORM_IDENTIFIER_EXISTS.at("email_address", sentence).into());
    }
    let mut invitations = store.invitations.values();
    if invitations.any(|other| other.is_pending() && other.email_address == email) {
        return Err(pending(email));
    }
    Ok(())
}

fn pending(email: &str) -> Refusal {
    let sentence =
        format!("There are already pending invitations for the following email addresses: {email}");
    DUPLICATE_RECORD.at("email_address", sentence).into()
}
