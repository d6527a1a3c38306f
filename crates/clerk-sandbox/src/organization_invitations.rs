//! `/organizations/{organization_id}/invitations`.

use serde_json::{Value, json};

use crate::Sandbox;
use crate::body::{Fields, ManyFields, check_count};
use crate::model::{
    Channel, INVITATION_DAYS, INVITATION_LIFE, INVITATIONS_AT_ONCE, Identifier, InvitationStatus,
    OrganizationInvitation, with_ticket,
};
use crate::query::{Id, Key, NoQuery, Query, TwoIds};
use crate::refusal::{
    ALREADY_A_MEMBER_IN_ORGANIZATION, ORGANIZATION_INVITATION_NOT_PENDING,
    ORGANIZATION_INVITATION_NOT_UNIQUE, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Paginated, Reply};
use crate::state::State;
use crate::store::{Draft, Store};
use crate::time;

/// `GET /users/{user_id}/organization_invitations`: those to any of the user's addresses.
pub(crate) async fn of_user(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let status = query.text("status");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let user = store.user(&id)?;
    let found = store.organization_invitations.values().filter(|invitation| {
        user.email_addresses.iter().any(|email| email.address == invitation.email_address)
            && status.as_ref().is_none_or(|wanted| wanted == invitation.status.name())
    });
    let list = page.newest_first(found, |invitation| invitation.created_at);
    Ok(reply::json(&list.map(|invitation| with_organization(&store, invitation))))
}

/// The fields of `order_by` of all invitations.
const ORDERS: [(&str, SortKey); 2] =
    [CREATED_AT, ("email_address", |invitation| Some(Key::Text(&invitation.email_address)))];

const CREATED_AT: (&str, SortKey) =
    ("created_at", |invitation| Some(Key::Number(invitation.created_at)));

type SortKey = fn(&OrganizationInvitation) -> Option<Key<'_>>;

/// `GET /organization_invitations`: those to all organizations.
pub(crate) async fn list_all(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let statuses = query.set("status");
    let text = query.text("query").map(|text| text.to_lowercase());
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    let found = store.organization_invitations.values().filter(|invitation| {
        statuses.as_ref().is_none_or(|wanted| wanted.contains(invitation.status.name()))
            && text.as_ref().is_none_or(|text| invitation.email_address.contains(text))
    });
    let list = page.list(found, |left, right| {
        order.compare(((order.key)(left), &left.id), ((order.key)(right), &right.id))
    });
    Ok(reply::json(&list.map(|invitation| with_organization(&store, invitation))))
}

/// An invitation, with what those who were invited see of the organization.
fn with_organization(store: &Store, invitation: &OrganizationInvitation) -> Value {
    let mut body = json!(invitation);
    let organization = store.organizations.get(&invitation.organization_id);
    if let (Some(body), Some(organization)) = (body.as_object_mut(), organization) {
        let public = json!({
            "id": organization.id,
            "name": organization.name,
            "slug": organization.slug,
            "image_url": organization.image_url,
            "has_image": organization.has_image,
        });
        body.insert("public_organization_data".to_owned(), public);
    }
    body
}

/// `GET /organizations/{organization_id}/invitations`
pub(crate) async fn list(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let statuses = query.set("status");
    let email = query.text("email_address").map(|email| email.to_lowercase());
    let _order = query.text("order_by");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    store.organization_with_id(&id)?;
    let found = store.organization_invitations.values().filter(|invitation| {
        invitation.organization_id == id
            && statuses.as_ref().is_none_or(|wanted| wanted.contains(invitation.status.name()))
            && email.as_ref().is_none_or(|email| invitation.email_address == *email)
    });
    Ok(reply::json(&page.newest_first(found, |invitation| invitation.created_at)))
}

/// `GET /organizations/{organization_id}/invitations/pending`, deprecated.
pub(crate) async fn list_pending(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    mut query: Query,
) -> Reply {
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    store.organization_with_id(&id)?;
    let found = store.organization_invitations.values();
    let found =
        found.filter(|invitation| invitation.organization_id == id && invitation.is_pending());
    Ok(reply::json(&page.newest_first(found, |invitation| invitation.created_at)))
}

/// `POST /organizations/{organization_id}/invitations`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let (invitation, mail) = new(&mut store, &organization_id, fields)?;
    store.organization_invitations.insert(invitation.id.clone(), invitation.clone());
    if let Some(mail) = mail {
        store.send(mail);
    }
    Ok(reply::json(&invitation))
}

/// `POST /organizations/{organization_id}/invitations/bulk`: all of them, or none.
pub(crate) async fn create_all(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    ManyFields(many): ManyFields,
) -> Reply {
    check_count(many.len(), INVITATIONS_AT_ONCE)?;
    let mut store = sandbox.write();
    let mut data: Vec<OrganizationInvitation> = Vec::new();
    let mut mails = Vec::new();
    for fields in many {
        let (invitation, mail) = new(&mut store, &organization_id, fields)?;
        mails.extend(mail);
        if data.iter().any(|other| other.email_address == invitation.email_address) {
            return Err(not_unique());
        }
        data.push(invitation);
    }
    let by_id = data.iter().map(|invitation| (invitation.id.clone(), invitation.clone()));
    store.organization_invitations.extend(by_id);
    for mail in mails {
        store.send(mail);
    }
    Ok(reply::json(&Paginated { total_count: data.len(), data }))
}

/// Reads an invitation, without keeping it, and the mail to send.
fn new(
    store: &mut Store,
    organization_id: &str,
    mut fields: Fields,
) -> Result<(OrganizationInvitation, Option<Draft>), Refusal> {
    let organization = store.organization_with_id(organization_id)?.name.clone();
    let email = fields.required("email_address").trim().to_lowercase();
    let role = fields.required("role");
    fields.check_email_address(&email);
    let inviter_id = fields.text("inviter_user_id").value();
    let public_metadata = fields.nullable_metadata("public_metadata").value().unwrap_or_default();
    let private_metadata = fields.nullable_metadata("private_metadata").value().unwrap_or_default();
    let url = fields.text("redirect_url").value();
    let days = fields.count_within("expires_in_days", INVITATION_LIFE, INVITATION_DAYS);
    let notify = fields.flag("notify").value() != Some(false);
    fields.finish()?;
    let (role, role_name) =
        store.role_with_key(&role).map(|role| (role.key.clone(), role.name.clone()))?;
    if let Some(inviter) = &inviter_id {
        store.user(inviter)?;
    }
    check_is_new(store, organization_id, &email)?;
    let (id, now) = (store.id("orginv"), store.now());
    let expires_at = time::days_after(now, days);
    store.expires(expires_at);
    let url = with_ticket(url.as_deref().unwrap_or("https://accounts.example.com/invitation"), &id);
    let mail = notify.then(|| Draft {
        channel: Channel::Email,
        slug: "organization_invitation",
        to: email.clone(),
        user_id: None,
        subject: format!("You are invited to join {organization}"),
        code: None,
        url: Some(url.clone()),
        source: "invitation",
    });
    let invitation = OrganizationInvitation {
        object: "organization_invitation",
        url: Some(url),
        id,
        email_address: email,
        role,
        role_name,
        organization_id: organization_id.to_owned(),
        inviter_id,
        public_inviter_data: None,
        status: InvitationStatus::Pending,
        public_metadata,
        private_metadata,
        expires_at,
        created_at: now,
        updated_at: now,
    };
    Ok((invitation, mail))
}

/// `GET /organizations/{organization_id}/invitations/{invitation_id}`
pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let store = sandbox.read();
    store.organization_with_id(&organization_id)?;
    let invitation = store.organization_invitations.get(&id);
    let invitation = invitation.filter(|found| found.organization_id == organization_id);
    Ok(reply::json(invitation.ok_or_else(missing)?))
}

/// `POST /organizations/{organization_id}/invitations/{invitation_id}/revoke`
pub(crate) async fn revoke(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    store.organization_with_id(&organization_id)?;
    let now = store.now();
    let invitation = store.organization_invitations.get_mut(&id);
    let invitation = invitation.filter(|found| found.organization_id == organization_id);
    let invitation = invitation.ok_or_else(missing)?;
    if !invitation.is_pending() {
        let sentence = "The organization invitation is not in the 'pending' status.";
        return Err(ORGANIZATION_INVITATION_NOT_PENDING.because(sentence).into());
    }
    invitation.status = InvitationStatus::Revoked;
    invitation.updated_at = now;
    Ok(reply::json(invitation))
}

fn missing() -> Refusal {
    RESOURCE_NOT_FOUND.because("Organization invitation not found.").into()
}

/// Refuses an address that has a pending invitation or belongs to a member.
fn check_is_new(store: &Store, organization_id: &str, email: &str) -> Result<(), Refusal> {
    let mut members = store.memberships.of_organization(organization_id).iter();
    let has_email = |user_id: &str| {
        let user = store.user(user_id).ok();
        user.is_some_and(|user| Identifier::EmailAddress.held_by(user, email))
    };
    if members.any(|membership| has_email(&membership.user_id)) {
        let sentence = format!("{email} is already a member of the organization.");
        return Err(ALREADY_A_MEMBER_IN_ORGANIZATION.because(sentence).into());
    }
    let is_same = |other: &OrganizationInvitation| {
        other.organization_id == organization_id
            && other.is_pending()
            && other.email_address == email
    };
    if store.organization_invitations.values().any(is_same) {
        return Err(not_unique());
    }
    Ok(())
}

fn not_unique() -> Refusal {
    let sentence = "Organizations cannot have duplicate pending invitations for an email address.";
    ORGANIZATION_INVITATION_NOT_UNIQUE.because(sentence).into()
}
