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
    Sandbox, memberships,
    model::{SessionReply, Status, UserReply},
    reply::ChangedUser,
    state::State,
    store::Store,
};

/// The type and the data of an event.
type Event = (&'static str, Value);

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
    ("POST", "/v1/sessions/{session_id}/revoke", "session.revoked"),
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

/// The middleware around the handlers, which queues the events that follow from a response.
pub(crate) async fn send(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let Some(deliveries) = sandbox.deliveries() else { return next.run(request).await };
    let kind = kind(request.method(), &request);
    let agent = user_agent(request.headers());
    let response = next.run(request).await;
    let changed = response.extensions().get::<ChangedUser>().map(|ChangedUser(id)| id.clone());
    if !response.status().is_success() || (kind.is_none() && changed.is_none()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let store = sandbox.read();
    let events = match (kind, changed) {
        (_, Some(user_id)) => user_updated(&store, &user_id),
        (Some(kind), None) => events_of(&store, kind, body),
        (None, None) => Vec::new(),
    };
    for (kind, data) in events {
        deliveries.queue(kind, envelope(&store, kind, &data, &agent).to_string());
    }
    drop(store);
    Response::from_parts(parts, Body::from(bytes))
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

fn further_events(store: &Store, kind: &str, body: &Value) -> Vec<Event> {
    match (kind, body.get("id").and_then(Value::as_str)) {
        // The creator of an organization is its first member.
        ("organization.created", Some(id)) => {
            let creator = body.get("created_by").and_then(Value::as_str);
            let member = creator.and_then(|user_id| memberships::reply_of(store, id, user_id));
            member.map(|member| ("organizationMembership.created", member)).into_iter().collect()
        }
        // A ban, or a new password, may end sessions.
        ("user.updated", Some(id)) => {
            let now = body.get("updated_at").and_then(Value::as_i64);
            let sessions = store.sessions.of_user(id).iter();
            sessions
                .filter(|session| session.status == Status::Revoked)
                .filter(|session| Some(session.updated_at) == now)
                .filter_map(|session| serde_json::to_value(SessionReply::from(session)).ok())
                .map(|session| ("session.revoked", session))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn user_updated(store: &Store, user_id: &str) -> Vec<Event> {
    let user = store.user(user_id).ok();
    let user = user.and_then(|user| serde_json::to_value(UserReply::from(user)).ok());
    user.map(|user| ("user.updated", user)).into_iter().collect()
}

fn envelope(store: &Store, kind: &str, data: &Value, agent: &str) -> Value {
    json!({
        "object": "event",
        "type": kind,
        "data": data,
        "timestamp": store.time(),
        "instance_id": store.instance_id,
        "event_attributes": { "http_request": { "client_ip": "127.0.0.1", "user_agent": agent } },
    })
}

fn kind(method: &Method, request: &Request) -> Option<&'static str> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let (_, _, kind) = EVENTS.iter().find(|(of, at, _)| method.as_str() == *of && path == *at)?;
    Some(kind)
}

fn user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.unwrap_or_default().to_owned()
}
