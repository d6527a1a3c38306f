//! `/organizations/{organization_id}/invitations`.

use axum::extract::State;
use serde::Serialize;

use super::Sandbox;
use super::body::{Fields, ManyFields};
use super::model::Metadata;
use super::query::{Id, NoQuery, Query, TwoIds};
use super::refusal::{
    ALREADY_A_MEMBER_IN_ORGANIZATION, FORM_PARAM_FORMAT_INVALID,
    ORGANIZATION_INVITATION_NOT_PENDING, ORGANIZATION_INVITATION_NOT_UNIQUE, RESOURCE_NOT_FOUND,
    Refusal,
};
use super::reply::{self, Paginated, Reply};
use super::store::Store;

/// How long an invitation is good for where it is not said, in days.
const DAYS: u64 = 30;
/// A day in ms.
const DAY: i64 = 86_400_000;

/// An invitation to an organization.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Invitation {
    object: &'static str,
    id: String,
    email_address: String,
    role: String,
    role_name: String,
    organization_id: String,
    inviter_id: Option<String>,
    public_inviter_data: Option<()>,
    status: Status,
    public_metadata: Metadata,
    private_metadata: Metadata,
    url: Option<String>,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
}

/// Nobody accepts in the sandbox, and nothing runs out of time there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Revoked,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Revoked => "revoked",
        }
    }
}

impl Invitation {
    /// Whether it is to this organization.
    pub(crate) fn is_of(&self, organization_id: &str) -> bool {
        self.organization_id == organization_id
    }

    pub(crate) fn has_role(&self, key: &str) -> bool {
        self.role == key
    }

    /// To be called when the role with the old key gets a new one.
    pub(crate) fn rename_role(&mut self, old: &str, new: &str) {
        if self.role == old {
            new.clone_into(&mut self.role);
        }
    }

    /// Whether it can still be accepted.
    pub(crate) fn is_pending(&self) -> bool {
        self.status == Status::Pending
    }
}

/// `GET /users/{user_id}/organization_invitations`: those to any of the user's addresses.
pub(crate) async fn of_user(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let status = query.text("status");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let user = store.user(&id)?;
    let is_to_user = |it: &&Invitation| {
        user.email_addresses.iter().any(|email| email.address == it.email_address)
    };
    let found = store.invitations.values().filter(is_to_user);
    let found = found.filter(|it| status.as_ref().is_none_or(|wanted| wanted == it.status.name()));
    let found: Vec<_> = found.collect();
    let total_count = found.len();
    let data = page.cut(found, |left, right| right.created_at.cmp(&left.created_at));
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `GET /organizations/{organization_id}/invitations`
pub(crate) async fn list(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let statuses = query.set("status");
    let email = query.text("email_address").map(|it| it.to_lowercase());
    let _order = query.text("order_by");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    store.organization_with_id(&id)?;
    let found = store.invitations.values().filter(|it| it.is_of(&id));
    let found: Vec<_> = found
        .filter(|it| statuses.as_ref().is_none_or(|wanted| wanted.contains(it.status.name())))
        .filter(|it| email.as_ref().is_none_or(|email| it.email_address == *email))
        .collect();
    let total_count = found.len();
    let data = page.cut(found, |left, right| {
        right.created_at.cmp(&left.created_at).then_with(|| left.id.cmp(&right.id))
    });
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `POST /organizations/{organization_id}/invitations`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let invitation = new(&mut store, &organization_id, fields)?;
    store.invitations.insert(invitation.id.clone(), invitation.clone());
    Ok(reply::json(&invitation))
}

/// `POST /organizations/{organization_id}/invitations/bulk`: all of them, or none.
pub(crate) async fn create_all(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    ManyFields(many): ManyFields,
) -> Reply {
    let mut store = sandbox.write();
    let mut data: Vec<Invitation> = Vec::new();
    for fields in many {
        let invitation = new(&mut store, &organization_id, fields)?;
        if data.iter().any(|it| it.email_address == invitation.email_address) {
            return Err(not_unique());
        }
        data.push(invitation);
    }
    let by_id = data.iter().map(|it| (it.id.clone(), it.clone()));
    store.invitations.extend(by_id);
    Ok(reply::json(&Paginated { total_count: data.len(), data }))
}

/// An invitation that is not kept yet.
fn new(
    store: &mut Store,
    organization_id: &str,
    mut fields: Fields,
) -> Result<Invitation, Refusal> {
    store.organization_with_id(organization_id)?;
    let email = fields.required("email_address").trim().to_lowercase();
    let role = fields.required("role");
    if !email.is_empty() && !email.contains('@') {
        let sentence = "email_address must be a valid email address.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("email_address", sentence));
    }
    let inviter_id = fields.text("inviter_user_id").value();
    let public_metadata = fields.nullable_metadata("public_metadata").value().unwrap_or_default();
    let private_metadata = fields.nullable_metadata("private_metadata").value().unwrap_or_default();
    let url = fields.text("redirect_url").value();
    let days = fields.count("expires_in_days").value().unwrap_or(DAYS);
    let _notify = fields.flag("notify");
    fields.finish()?;
    let (role, role_name) =
        store.role_with_key(&role).map(|role| (role.key.clone(), role.name.clone()))?;
    if let Some(inviter) = &inviter_id {
        store.user(inviter)?;
    }
    check_is_new(store, organization_id, &email)?;
    let (id, now) = (store.id("orginv"), store.now());
    Ok(Invitation {
        object: "organization_invitation",
        url: url.or_else(|| Some(format!("https://accounts.example.com/invitation/{id}"))),
        id,
        email_address: email,
        role,
        role_name,
        organization_id: organization_id.to_owned(),
        inviter_id,
        public_inviter_data: None,
        status: Status::Pending,
        public_metadata,
        private_metadata,
        expires_at: now + i64::try_from(days).unwrap_or_default() * DAY,
        created_at: now,
        updated_at: now,
    })
}

/// `GET /organizations/{organization_id}/invitations/{invitation_id}`
pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let store = sandbox.read();
    store.organization_with_id(&organization_id)?;
    let invitation = store.invitations.get(&id).filter(|it| it.is_of(&organization_id));
    Ok(reply::json(invitation.ok_or_else(no_invitation)?))
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
    let invitation = store.invitations.get_mut(&id).filter(|it| it.is_of(&organization_id));
    let invitation = invitation.ok_or_else(no_invitation)?;
    if !invitation.is_pending() {
        let sentence = "The organization invitation is not in the 'pending' status.";
        return Err(ORGANIZATION_INVITATION_NOT_PENDING.because(sentence).into());
    }
    invitation.status = Status::Revoked;
    invitation.updated_at = now;
    Ok(reply::json(invitation))
}

fn no_invitation() -> Refusal {
    RESOURCE_NOT_FOUND.because("Organization invitation not found.").into()
}

/// Nobody is invited twice, nor who is a member already.
fn check_is_new(store: &Store, organization_id: &str, email: &str) -> Result<(), Refusal> {
    let mut members = store.memberships.of_organization(organization_id).iter();
    let has_email = |user_id: &str| {
        let user = store.user(user_id).ok();
        user.is_some_and(|it| it.email_addresses.iter().any(|it| it.address == *email))
    };
    if members.any(|it| has_email(&it.user_id)) {
        let sentence = format!("{email} is already a member of the organization.");
        return Err(ALREADY_A_MEMBER_IN_ORGANIZATION.because(sentence).into());
    }
    let mut invitations = store.invitations.values();
    if invitations
        .any(|it| it.is_of(organization_id) && it.is_pending() && it.email_address == email)
    {
        return Err(not_unique());
    }
    Ok(())
}

fn not_unique() -> Refusal {
    let sentence = "Organizations cannot have duplicate pending invitations for an email address.";
    ORGANIZATION_INVITATION_NOT_UNIQUE.because(sentence).into()
}
