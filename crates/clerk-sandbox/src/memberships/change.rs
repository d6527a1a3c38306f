//! Adding, changing and removing members of an organization.

use axum::response::Response;

use super::Row;
use crate::Sandbox;
use crate::body::Fields;
use crate::metadata::{TwoMetadata, merge};
use crate::model::{ADMIN, Membership, Organization};
use crate::query::{Id, NoQuery, TwoIds};
use crate::refusal::{
    ALREADY_A_MEMBER_IN_ORGANIZATION, ORGANIZATION_MEMBERSHIP_QUOTA_EXCEEDED,
    ORGANIZATION_MINIMUM_PERMISSIONS_NEEDED, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// `POST /organizations/{organization_id}/memberships`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = add(&mut store, &organization_id, fields)?;
    respond(&store, store.memberships.get(&organization_id, &user_id)?)
}

/// Adds a member with these fields, and returns the user's id.
pub(crate) fn add(
    store: &mut Store,
    organization_id: &str,
    mut fields: Fields,
) -> Result<String, Refusal> {
    store.organization_with_id(organization_id)?;
    let user_id = fields.required("user_id");
    let role = fields.required("role");
    let public_metadata = fields.nullable_metadata("public_metadata").value();
    let private_metadata = fields.nullable_metadata("private_metadata").value();
    fields.finish()?;
    let role = store.role_with_key(&role)?.key.clone();
    store.user(&user_id)?;
    check_is_new(store, organization_id, &user_id)?;
    check_quota(store, store.organization_with_id(organization_id)?)?;

    let now = store.now();
    let id = store.id("orgmem");
    let organization = store.organization_with_id(organization_id)?;
    let mut membership = Membership::new(id, organization, user_id.clone(), ADMIN, now);
    membership.role = role.into();
    membership.public_metadata = public_metadata.unwrap_or_default();
    membership.private_metadata = private_metadata.unwrap_or_default();
    store.memberships.add(membership);
    Ok(user_id)
}

/// `PATCH /organizations/{organization_id}/memberships/{user_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, user_id): TwoIds,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    check_exists(&store, &organization_id, &user_id)?;
    let role = fields.required("role");
    fields.finish()?;
    let role = store.role_with_key(&role)?.key.clone();
    if role != ADMIN {
        check_is_dispensable(&store, &organization_id, &user_id)?;
    }
    let now = store.now();
    let membership = store.memberships.get_mut(&organization_id, &user_id)?;
    membership.role = role.into();
    membership.updated_at = now;
    respond(&store, store.memberships.get(&organization_id, &user_id)?)
}

/// `PATCH /organizations/{organization_id}/memberships/{user_id}/metadata`
pub(crate) async fn merge_metadata(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, user_id): TwoIds,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    check_exists(&store, &organization_id, &user_id)?;
    let metadata = TwoMetadata::read(&mut fields);
    fields.finish()?;
    let now = store.now();
    let membership = store.memberships.get_mut(&organization_id, &user_id)?;
    metadata.apply(&mut membership.public_metadata, &mut membership.private_metadata, merge)?;
    membership.updated_at = now;
    respond(&store, store.memberships.get(&organization_id, &user_id)?)
}

/// `DELETE /organizations/{organization_id}/memberships/{user_id}`
pub(crate) async fn delete(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, user_id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    check_exists(&store, &organization_id, &user_id)?;
    check_is_dispensable(&store, &organization_id, &user_id)?;
    let membership = store.memberships.remove(&organization_id, &user_id)?;
    respond(&store, &membership)
}

fn respond(store: &Store, membership: &Membership) -> Result<Response, Refusal> {
    let row = Row {
        membership,
        organization: store.organization_with_id(&membership.organization_id)?,
        user: store.user(&membership.user_id)?,
        role: store.role_with_key(&membership.role)?,
    };
    Ok(reply::json(&row.reply()))
}

fn check_exists(store: &Store, organization_id: &str, user_id: &str) -> Result<(), Refusal> {
    store.organization_with_id(organization_id)?;
    store.memberships.get(organization_id, user_id).map(|_| ())
}

fn check_is_new(store: &Store, organization_id: &str, user_id: &str) -> Result<(), Refusal> {
    if store.memberships.find(organization_id, user_id).is_none() {
        return Ok(());
    }
    let sentence = format!("User {user_id} is already a member of the organization.");
    Err(ALREADY_A_MEMBER_IN_ORGANIZATION.because(sentence).into())
}

fn check_quota(store: &Store, organization: &Organization) -> Result<(), Refusal> {
    let most = organization.max_allowed_memberships;
    let members = store.memberships.of_organization(&organization.id).len();
    if most == 0 || u64::try_from(members).is_ok_and(|members| members < most) {
        return Ok(());
    }
    let sentence = format!(
        "You have reached your limit of {most} organization memberships, including outstanding \
         invitations."
    );
    Err(ORGANIZATION_MEMBERSHIP_QUOTA_EXCEEDED.because(sentence).into())
}

/// An organization keeps its last administrator, unless that user is deleted.
fn check_is_dispensable(
    store: &Store,
    organization_id: &str,
    user_id: &str,
) -> Result<(), Refusal> {
    let mut administrators = store.memberships.administrators(organization_id);
    let is_last = administrators.next().is_some_and(|first| first.user_id == user_id)
        && administrators.next().is_none();
    if !is_last {
        return Ok(());
    }
    let sentence = "There has to be at least one organization member with the minimum required \
                    permissions";
    Err(ORGANIZATION_MINIMUM_PERMISSIONS_NEEDED.because(sentence).into())
}
