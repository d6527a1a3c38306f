//! The webhooks that follow from a response, in Clerk's form.

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use serde_json::{Value, json};

use crate::{
    Sandbox,
    reply::ChangedUser,
    state::State,
    store::{Event, Store},
};

/// The longest body that becomes an event, in bytes.
const LONGEST: usize = 4 << 20;

/// By method and path, the type of the event that a success leads to; the event's data is the
/// response's body.
const EVENTS: &[(&str, &str, &str)] = &[
    ("POST", "/v1/users", "user.created"),
    ("DELETE", "/v1/users/{user_id}", "user.deleted"),
    ("PATCH", "/v1/users/{user_id}", "user.updated"),
    ("PATCH", "/v1/users/{user_id}/metadata", "user.updated"),
    ("PUT", "/v1/users/{user_id}/metadata", "user.updated"),
    ("POST", "/v1/users/{user_id}/ban", "user.updated"),
    ("POST", "/v1/users/{user_id}/unban", "user.updated"),
    ("POST", "/v1/users/{user_id}/lock", "user.updated"),
    ("POST", "/v1/users/{user_id}/unlock", "user.updated"),
    ("POST", "/v1/organizations", "organization.created"),
    ("DELETE", "/v1/organizations/{organization_id}", "organization.deleted"),
    ("PATCH", "/v1/organizations/{organization_id}", "organization.updated"),
    ("PATCH", "/v1/organizations/{organization_id}/metadata", "organization.updated"),
    ("PUT", "/v1/organizations/{organization_id}/metadata", "organization.updated"),
    ("POST", "/v1/organizations/{organization_id}/memberships", "organizationMembership.created"),
    (
        "PATCH",
        "/v1/organizations/{organization_id}/memberships/{user_id}",
        "organizationMembership.updated",
    ),
    (
        "PATCH",
        "/v1/organizations/{organization_id}/memberships/{user_id}/metadata",
        "organizationMembership.updated",
    ),
    (
        "DELETE",
        "/v1/organizations/{organization_id}/memberships/{user_id}",
        "organizationMembership.deleted",
    ),
    ("POST", "/v1/organizations/{organization_id}/invitations", "organizationInvitation.created"),
    (
        "POST",
        "/v1/organizations/{organization_id}/invitations/bulk",
        "organizationInvitation.created",
    ),
    (
        "POST",
        "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke",
        "organizationInvitation.revoked",
    ),
    ("POST", "/v1/organizations/{organization_id}/domains", "organizationDomain.created"),
    (
        "PATCH",
        "/v1/organizations/{organization_id}/domains/{domain_id}",
        "organizationDomain.updated",
    ),
    (
        "POST",
        "/v1/organizations/{organization_id}/domains/{domain_id}/verify_ownership",
        "organizationDomain.updated",
    ),
    (
        "DELETE",
        "/v1/organizations/{organization_id}/domains/{domain_id}",
        "organizationDomain.deleted",
    ),
    ("POST", "/v1/organization_roles", "role.created"),
    ("PATCH", "/v1/organization_roles/{organization_role_id}", "role.updated"),
    (
        "POST",
        "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}",
        "role.updated",
    ),
    (
        "DELETE",
        "/v1/organization_roles/{organization_role_id}/permissions/{permission_id}",
        "role.updated",
    ),
    ("DELETE", "/v1/organization_roles/{organization_role_id}", "role.deleted"),
    ("POST", "/v1/organization_permissions", "permission.created"),
    ("PATCH", "/v1/organization_permissions/{permission_id}", "permission.updated"),
    ("DELETE", "/v1/organization_permissions/{permission_id}", "permission.deleted"),
];

/// The middleware around the handlers, which delivers the events that follow from a request: first
/// that of the response, then what the store recorded meanwhile.
pub(crate) async fn send(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let kind = kind(request.method(), &request);
    let agent = user_agent(request.headers()).to_owned();
    let mut response = next.run(request).await;
    let changed = response.extensions().get::<ChangedUser>().map(|ChangedUser(id)| id.clone());
    let mut events = Vec::new();
    if response.status().is_success() {
        if let Some(user_id) = changed {
            let mut store = sandbox.write();
            let recorded = store.take_events();
            store.user_happened("user.updated", &user_id);
            events.extend(store.take_events());
            events.extend(recorded);
        } else if let Some(kind) = kind {
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, LONGEST).await.unwrap_or_default();
            let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let mut store = sandbox.write();
            events = events_of(&store, kind, body);
            events.extend(store.take_events());
            response = Response::from_parts(parts, Body::from(bytes));
        }
    }
    deliver(&sandbox, events, &agent);
    response
}

/// Delivers these events and those that the store recorded.
pub(crate) fn deliver(sandbox: &Sandbox, mut events: Vec<Event>, agent: &str) {
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
        let payload = envelope(&instance_id, now, kind, &data, agent);
        sandbox.deliveries().queue(kind, payload);
    }
}

/// The events of a response with this body: one for each object in it, and those that follow.
fn events_of(store: &Store, kind: &'static str, body: Value) -> Vec<Event> {
    let further = further_events(store, kind, &body);
    let objects = match body {
        Value::Object(mut list) if list.contains_key("total_count") => {
            match list.get_mut("data").map(Value::take) {
                Some(Value::Array(several)) => several,
                _ => Vec::new(),
            }
        }
        one => vec![one],
    };
    objects.into_iter().map(|object| (kind, object)).chain(further).collect()
}

/// The creator of an organization is its first member.
fn further_events(store: &Store, kind: &str, body: &Value) -> Option<Event> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let ("organization.created", Some(id), Some(creator)) = (kind, text("id"), text("created_by"))
    else {
        return None;
    };
    let member = store.membership_reply(id, creator)?;
    Some(("organizationMembership.created", member))
}

fn envelope(instance_id: &str, now: i64, kind: &str, data: &Value, agent: &str) -> Value {
    json!({
        "object": "event",
        "type": kind,
        "data": data,
        "timestamp": now,
        "instance_id": instance_id,
        "event_attributes": { "http_request": { "client_ip": "127.0.0.1", "user_agent": agent } },
    })
}

fn kind(method: &Method, request: &Request) -> Option<&'static str> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let (_, _, kind) = EVENTS.iter().find(|(of, at, _)| method.as_str() == *of && path == *at)?;
    Some(kind)
}

/// The program that the request came from.
pub(crate) fn user_agent(headers: &HeaderMap) -> &str {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.unwrap_or_default()
}
