//! The webhooks and the logs that follow from a response, in Clerk's form.

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use serde_json::{Value, json};

use crate::{
    Sandbox, act,
    model::{UserReply, log_type},
    reply::ChangedUser,
    state::State,
    store::{Event, Store},
};

/// The longest body that becomes an event, in bytes.
const LONGEST: usize = 4 << 20;

/// What follows from the success of an operation: an event, whose data is the response's body, and
/// a log about the same.
#[derive(Clone, Copy)]
struct Row {
    method: &'static str,
    path: &'static str,
    event: Option<&'static str>,
    log: Option<&'static str>,
    /// Whether the response shows a part of a user, whom it is marked with if they were changed.
    is_part: bool,
}

const fn row(
    method: &'static str,
    path: &'static str,
    event: &'static str,
    log: &'static str,
) -> Row {
    Row { method, path, event: Some(event), log: Some(log), is_part: false }
}

/// An operation that changes a part of a user: the event is about the user.
const fn part(method: &'static str, path: &'static str, log: &'static str) -> Row {
    Row { method, path, event: None, log: Some(log), is_part: true }
}

/// An operation without an event of its own.
const fn log(method: &'static str, path: &'static str, log: &'static str) -> Row {
    Row { method, path, event: None, log: Some(log), is_part: false }
}

/// An operation without a log.
const fn event(method: &'static str, path: &'static str, event: &'static str) -> Row {
    Row { method, path, event: Some(event), log: None, is_part: false }
}

const ROWS: &[Row] = &[
    row("POST", "/v1/users", "user.created", "user.created"),
    row("DELETE", "/v1/users/{user_id}", "user.deleted", "user.deleted"),
    row("PATCH", "/v1/users/{user_id}", "user.updated", "user.updated"),
    row("PATCH", "/v1/users/{user_id}/metadata", "user.updated", "user.metadata.updated"),
    row("PUT", "/v1/users/{user_id}/metadata", "user.updated", "user.metadata.updated"),
    row("POST", "/v1/users/{user_id}/ban", "user.updated", "user.banned"),
    row("POST", "/v1/users/{user_id}/unban", "user.updated", "user.unbanned"),
    row("POST", "/v1/users/{user_id}/lock", "user.updated", "user.locked"),
    row("POST", "/v1/users/{user_id}/unlock", "user.updated", "user.unlocked"),
    log("POST", "/v1/users/ban", "user.banned"),
    log("POST", "/v1/users/unban", "user.unbanned"),
    part("POST", "/v1/users/{user_id}/remove_password", "user.password.deleted"),
    part("POST", "/v1/users/{user_id}/password/set_compromised", "user.password_compromised.set"),
    part(
        "POST",
        "/v1/users/{user_id}/password/unset_compromised",
        "user.password_compromised.unset",
    ),
    part("DELETE", "/v1/users/{user_id}/mfa", "user.mfa.disabled"),
    part("DELETE", "/v1/users/{user_id}/totp", "user.all_totps.deleted"),
    part("DELETE", "/v1/users/{user_id}/backup_code", "user.backup_codes.deleted"),
    part("DELETE", "/v1/users/{user_id}/passkeys/{passkey_id}", "user.passkey.deleted"),
    part("DELETE", "/v1/users/{user_id}/web3_wallets/{wallet_id}", "web3_wallet.deleted"),
    part(
        "DELETE",
        "/v1/users/{user_id}/external_accounts/{account_id}",
        "user.external_account.disconnected",
    ),
    part("POST", "/v1/users/{user_id}/profile_image", "user.profile_image.updated"),
    part("DELETE", "/v1/users/{user_id}/profile_image", "user.profile_image.deleted"),
    part("PUT", "/v1/users/{user_id}/email_address", "email_address.created"),
    part("POST", "/v1/email_addresses", "email_address.created"),
    part("PATCH", "/v1/email_addresses/{identifier_id}", "email_address.updated"),
    part("DELETE", "/v1/email_addresses/{identifier_id}", "email_address.deleted"),
    part(
        "POST",
        "/v1/email_addresses/{identifier_id}/attempt_verification",
        "email_address.verified",
    ),
    part("PUT", "/v1/users/{user_id}/phone_number", "phone_number.created"),
    part("POST", "/v1/phone_numbers", "phone_number.created"),
    part("PATCH", "/v1/phone_numbers/{identifier_id}", "phone_number.updated"),
    part("DELETE", "/v1/phone_numbers/{identifier_id}", "phone_number.deleted"),
    part("POST", "/v1/phone_numbers/{identifier_id}/attempt_verification", "phone_number.verified"),
    log("POST", "/v1/actor_tokens", "actor_token.created"),
    log("POST", "/v1/actor_tokens/{actor_token_id}/revoke", "actor_token.revoked"),
    log("POST", "/v1/sign_in_tokens", "sign_in_token.created"),
    log("POST", "/v1/sign_in_tokens/{sign_in_token_id}/revoke", "sign_in_token.revoked"),
    log("POST", "/v1/agents/tasks", "agent_task.created"),
    log("POST", "/v1/agents/tasks/{agent_task_id}/revoke", "agent_task.revoked"),
    log("POST", "/v1/invitations", "invitation.created"),
    log("POST", "/v1/invitations/bulk", "invitation.created"),
    log("POST", "/v1/invitations/{invitation_id}/revoke", "invitation.revoked"),
    log("POST", "/v1/waitlist_entries/{waitlist_entry_id}/invite", "waitlist_entry.invited"),
    log("DELETE", "/v1/waitlist_entries/{waitlist_entry_id}", "waitlist_entry.deleted"),
    row("POST", "/v1/organizations", "organization.created", "organization.created"),
    row(
        "DELETE",
        "/v1/organizations/{organization_id}",
        "organization.deleted",
        "organization.deleted",
    ),
    row(
        "PATCH",
        "/v1/organizations/{organization_id}",
        "organization.updated",
        "organization.updated",
    ),
    row(
        "PATCH",
        "/v1/organizations/{organization_id}/metadata",
        "organization.updated",
        "organization.metadata.updated",
    ),
    row(
        "PUT",
        "/v1/organizations/{organization_id}/metadata",
        "organization.updated",
        "organization.metadata.updated",
    ),
    log("PUT", "/v1/organizations/{organization_id}/logo", "organization.logo.updated"),
    log("DELETE", "/v1/organizations/{organization_id}/logo", "organization.logo.deleted"),
    row(
        "POST",
        "/v1/organizations/{organization_id}/memberships",
        "organizationMembership.created",
        "organization_membership.created",
    ),
    row(
        "PATCH",
        "/v1/organizations/{organization_id}/memberships/{user_id}",
        "organizationMembership.updated",
        "organization_membership.updated",
    ),
    row(
        "PATCH",
        "/v1/organizations/{organization_id}/memberships/{user_id}/metadata",
        "organizationMembership.updated",
        "organization_membership.metadata.updated",
    ),
    row(
        "DELETE",
        "/v1/organizations/{organization_id}/memberships/{user_id}",
        "organizationMembership.deleted",
        "organization_membership.deleted",
    ),
    row(
        "POST",
        "/v1/organizations/{organization_id}/invitations",
        "organizationInvitation.created",
        "organization_invitation.created",
    ),
    row(
        "POST",
        "/v1/organizations/{organization_id}/invitations/bulk",
        "organizationInvitation.created",
        "organization_invitation.created",
    ),
    row(
        "POST",
        "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke",
        "organizationInvitation.revoked",
        "organization_invitation.revoked",
    ),
    row(
        "POST",
        "/v1/organizations/{organization_id}/domains",
        "organizationDomain.created",
        "organization_domain.created",
    ),
    row(
        "PATCH",
        "/v1/organizations/{organization_id}/domains/{domain_id}",
        "organizationDomain.updated",
        "organization_domain.updated",
    ),
    row(
        "POST",
        "/v1/organizations/{organization_id}/domains/{domain_id}/verify_ownership",
        "organizationDomain.updated",
        "organization_domain.ownership_verified",
    ),
    row(
        "DELETE",
        "/v1/organizations/{organization_id}/domains/{domain_id}",
        "organizationDomain.deleted",
        "organization_domain.deleted",
    ),
    event("POST", "/v1/organization_roles", "role.created"),
    event("PATCH", "/v1/organization_roles/{organization_role_id}", "role.updated"),
    event(
        "POST",
        "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}",
        "role.updated",
    ),
    event(
        "DELETE",
        "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}",
        "role.updated",
    ),
    event("DELETE", "/v1/organization_roles/{organization_role_id}", "role.deleted"),
    event("POST", "/v1/organization_permissions", "permission.created"),
    event("PATCH", "/v1/organization_permissions/{permission_id}", "permission.updated"),
    event("DELETE", "/v1/organization_permissions/{permission_id}", "permission.deleted"),
];

/// The middleware around the handlers, which logs what a request did and delivers its events: first
/// that of the response, then what the store recorded meanwhile.
pub(crate) async fn send(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let row = row_of(&request);
    let mut response = next.run(request).await;
    let changed = response.extensions().get::<ChangedUser>().map(|ChangedUser(id)| id.clone());
    let mut events = Vec::new();
    if response.status().is_success() && (row.is_some() || changed.is_some()) {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, LONGEST).await.unwrap_or_default();
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        events = happened(&mut sandbox.write(), row, body, changed.as_deref());
        response = Response::from_parts(parts, Body::from(bytes));
    }
    deliver(&sandbox, events);
    response
}

/// Logs what happened, and returns its events. `changed` is the user whom the response is marked
/// with.
fn happened(store: &mut Store, row: Option<Row>, body: Value, changed: Option<&str>) -> Vec<Event> {
    let recorded = store.take_events();
    if let Some(user_id) = changed {
        store.user_happened("user.updated", user_id);
    }
    let mut events = store.take_events();
    if let Some(row) = row.filter(|row| !row.is_part || changed.is_some()) {
        further(store, row.event, &body);
        let further = store.take_events();
        let objects = objects(body);
        if let Some(kind) = row.log {
            // Each comes before those that are logged already.
            objects.iter().rev().for_each(|object| log_response(store, kind, object, changed));
        }
        if let Some(kind) = row.event {
            events.extend(objects.into_iter().map(|object| (kind, object)));
        }
        events.extend(further);
    }
    events.extend(recorded);
    events
}

/// Logs what a response shows, before what else was logged in its course.
fn log_response(store: &mut Store, kind: &str, object: &Value, changed: Option<&str>) {
    let shows_user = log_type(kind).is_some_and(|kind| kind.family.shows_user);
    let about = match changed {
        Some(user_id) if shows_user => {
            json!(store.user(user_id).ok().map(|user| UserReply::at(user, store.time())))
        }
        Some(user_id) => {
            let mut object = object.clone();
            if let Some(fields) = object.as_object_mut() {
                fields.insert("user_id".to_owned(), json!(user_id));
            }
            object
        }
        None => object.clone(),
    };
    store.log_cause(kind, &about);
}

/// Delivers these events and those that the store recorded.
pub(crate) fn deliver(sandbox: &Sandbox, mut events: Vec<Event>) {
    let has_more = sandbox.read().has_events();
    if has_more {
        events.extend(sandbox.write().take_events());
    }
    if events.is_empty() {
        return;
    }
    let (instance_id, now) = {
        let store = sandbox.read();
        (store.instance_id.clone(), store.time())
    };
    for (kind, data) in events {
        let payload = envelope(&instance_id, now, kind, &data);
        sandbox.deliveries().queue(kind, payload);
    }
}

/// The objects that a response shows: one, or those of a list.
fn objects(body: Value) -> Vec<Value> {
    match body {
        Value::Array(several) => several,
        Value::Object(mut list) if list.contains_key("total_count") => {
            match list.get_mut("data").map(Value::take) {
                Some(Value::Array(several)) => several,
                _ => Vec::new(),
            }
        }
        one => vec![one],
    }
}

/// The creator of an organization is its first member.
fn further(store: &mut Store, kind: Option<&str>, body: &Value) {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if let (Some("organization.created"), Some(id), Some(creator)) =
        (kind, text("id"), text("created_by"))
    {
        store.membership_happened("organizationMembership.created", id, creator);
    }
}

fn envelope(instance_id: &str, now: i64, kind: &str, data: &Value) -> Value {
    let act = act::current();
    let device = &act.device;
    json!({
        "object": "event",
        "type": kind,
        "data": data,
        "timestamp": now,
        "instance_id": instance_id,
        "event_attributes": {
            "http_request": { "client_ip": device.ip_address, "user_agent": device.user_agent },
        },
    })
}

fn row_of(request: &Request) -> Option<Row> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let method: &Method = request.method();
    ROWS.iter().find(|row| method.as_str() == row.method && path == row.path).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_logs_have_a_known_type() {
        let unknown = ROWS.iter().filter_map(|row| row.log).find(|log| log_type(log).is_none());
        assert_eq!(unknown, None);
    }
}
