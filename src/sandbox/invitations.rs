//! `/organizations/{organization_id}/invitations`.

use axum::extract::State;
use serde::Serialize;

use super::Sandbox;
use super::body::Fields;
use super::model::{Metadata, Role};
use super::query::{Id, NoQuery, Query, TwoIds};
use super::refusal::{
    ALREADY_A_MEMBER_IN_ORGANIZATION, DUPLICATE_RECORD, FORM_PARAM_FORMAT_INVALID,
    FORM_PARAM_MISSING, ORGANIZATION_INVITATION_NOT_PENDING, RESOURCE_NOT_FOUND, Refusal,
};
use super::reply::{self, Paginated, Reply};
use super::store::Store;

/// How long an invitation is good for where it is not said, in days.
const DAYS: u64 = 30;
/// A day in ms.
const DAY: i64 = 86_400_000;

/// An invitation to an organization.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Invitation {
    object: &'static str,
    id: String,
    email_address: String,
    role: Role,
    role_name: &'static str,
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

impl Invitation {
    /// Whether it is to this organization.
    pub(super) fn is_of(&self, organization_id: &str) -> bool {
        self.organization_id == organization_id
    }

    /// Whether it can still be accepted.
    pub(super) fn is_pending(&self) -> bool {
        self.status == Status::Pending
    }
}

/// `GET /organizations/{organization_id}/invitations`
pub(super) async fn list(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let statuses = query.set("status");
    let email = query.text("email_address").map(|it| it.to_lowercase());
    let _order = query.text("order_by");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    store.organization_with_id(&id)?;
    let name = |status: Status| match status {
        Status::Pending => "pending",
        Status::Revoked => "revoked",
    };
    let found = store.invitations.values().filter(|it| it.is_of(&id));
    let found: Vec<_> = found
        .filter(|it| statuses.as_ref().is_none_or(|wanted| wanted.contains(name(it.status))))
        .filter(|it| email.as_ref().is_none_or(|email| it.email_address == *email))
        .collect();
    let total_count = found.len();
    let data = page.cut(found, |left, right| {
        right.created_at.cmp(&left.created_at).then_with(|| left.id.cmp(&right.id))
    });
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `POST /organizations/{organization_id}/invitations`
pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    store.organization_with_id(&organization_id)?;
    let email = fields.text("email_address").value().unwrap_or_default().trim().to_lowercase();
    let role = fields.text("role").value().unwrap_or_default();
    for (name, value) in [("email_address", &email), ("role", &role)] {
        if value.is_empty() {
            fields.refuse(FORM_PARAM_MISSING.at(name, format!("{name} must be included.")));
        }
    }
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
    let missing = || RESOURCE_NOT_FOUND.at("role", "Organization role not found");
    let role = Role::with_key(&role).ok_or_else(missing)?;
    if let Some(inviter) = &inviter_id {
        store.user(inviter)?;
    }
    check_is_new(&store, &organization_id, &email)?;
    let (id, now) = (store.id("orginv"), store.now());
    let invitation = Invitation {
        object: "organization_invitation",
        id: id.clone(),
        email_address: email,
        role,
        role_name: role.name(),
        organization_id,
        inviter_id,
        public_inviter_data: None,
        status: Status::Pending,
        public_metadata,
        private_metadata,
        url: url.or_else(|| Some(format!("https://accounts.example.com/invitation/{id}"))),
        expires_at: now + i64::try_from(days).unwrap_or_default() * DAY,
        created_at: now,
        updated_at: now,
    };
    store.invitations.insert(id, invitation.clone());
    Ok(reply::json(&invitation))
}

/// `GET /organizations/{organization_id}/invitations/{invitation_id}`
pub(super) async fn show(
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
pub(super) async fn revoke(
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
        let sentence = "Organization invitation is not pending.";
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
        let sentence = format!("There is already a pending invitation for {email}.");
        return Err(DUPLICATE_RECORD.at("email_address", sentence).into());
    }
    Ok(())
}
