//! Webhooks of what is changed in the sandbox, signed as Clerk's are.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use fastrand::Rng;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    Sandbox, SigningSecret, memberships,
    model::{SessionReply, Status, UserReply},
    sender::Sender,
    store::id,
};

/// Where webhooks go, and how they are signed.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The receiver's address.
    pub url: Url,
    /// What its signatures are made with.
    pub secret: SigningSecret,
}

/// That a user was changed though the answer is something that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct ChangedUser(pub(crate) String);

/// The type and the data of an event.
type Told = (&'static str, Value);

/// How many deliveries may wait; further ones are lost, and said to be.
const WAITING: usize = 10_000;
/// After which times a delivery that was not taken is tried again, in ms. Svix goes on for a day.
const AGAIN: [u64; 3] = [200, 1_000, 5_000];
/// The longest answer that becomes an event, in bytes.
const LONGEST: usize = 4 << 20;

/// By method and path, the type of the event that a success leads to; the event's data is the
/// answer.
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

/// The way out, for what is to be delivered.
#[derive(Debug)]
pub(crate) struct Deliveries(mpsc::Sender<(String, String)>);

impl Deliveries {
    /// Delivers in the order of the changes, one after the other.
    pub(crate) fn start(webhook: Webhook) -> Self {
        let (sender, mut waiting) = mpsc::channel::<(String, String)>(WAITING);
        tokio::spawn(async move {
            let sender = match Sender::new(webhook.secret) {
                Ok(sender) => sender,
                Err(error) => {
                    tracing::error!(%error, "the sandbox can't send webhooks");
                    return;
                }
            };
            while let Some((id, body)) = waiting.recv().await {
                deliver(&sender, &webhook.url, &id, &body).await;
            }
        });
        Self(sender)
    }
}

/// The middleware around the handlers: lets a request through, and sends off what it comes to.
pub(crate) async fn tell(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let Some(deliveries) = &sandbox.state.deliveries else { return next.run(request).await };
    let kind = kind(request.method(), &request);
    let agent = user_agent(request.headers());
    let response = next.run(request).await;
    let changed = response.extensions().get::<ChangedUser>().map(|it| it.0.clone());
    if !response.status().is_success() || (kind.is_none() && changed.is_none()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let events = match (kind, changed) {
        (_, Some(user_id)) => sandbox.user_updated(&user_id),
        (Some(kind), None) => sandbox.events_of(kind, answer),
        (None, None) => Vec::new(),
    };
    for (kind, data) in events {
        let body = sandbox.envelope(kind, &data, &agent).to_string();
        if deliveries.0.try_send((id(&mut Rng::new(), "msg"), body)).is_err() {
            tracing::warn!(kind, "too many webhooks wait; one is lost");
        }
    }
    Response::from_parts(parts, Body::from(bytes))
}

impl Sandbox {
    /// What an answer comes to, with what follows from it.
    fn events_of(&self, kind: &'static str, answer: Value) -> Vec<Told> {
        let store = self.read();
        let mut told = Vec::new();
        match (kind, answer.get("id").and_then(Value::as_str)) {
            // Whoever creates an organization is its first member.
            ("organization.created", Some(id)) => {
                let creator = answer.get("created_by").and_then(Value::as_str);
                let member = creator.and_then(|user_id| memberships::reply_of(&store, id, user_id));
                told.extend(member.map(|member| ("organizationMembership.created", member)));
            }
            // A ban, or a new password, may end sessions.
            ("user.updated", Some(id)) => {
                let now = answer.get("updated_at").and_then(Value::as_i64);
                let sessions = store.sessions.of_user(id).iter();
                let ended = sessions
                    .filter(|it| it.status == Status::Revoked && Some(it.updated_at) == now)
                    .filter_map(|it| serde_json::to_value(SessionReply::from(it)).ok());
                told.extend(ended.map(|session| ("session.revoked", session)));
            }
            _ => {}
        }
        drop(store);
        let itself: Vec<Told> = match answer {
            Value::Object(mut list) if list.contains_key("total_count") => {
                match list.get_mut("data").map(Value::take) {
                    Some(Value::Array(several)) => {
                        several.into_iter().map(|it| (kind, it)).collect()
                    }
                    _ => Vec::new(),
                }
            }
            one => vec![(kind, one)],
        };
        itself.into_iter().chain(told).collect()
    }

    fn user_updated(&self, user_id: &str) -> Vec<Told> {
        let store = self.read();
        let user = store.user(user_id).ok();
        let user = user.and_then(|user| serde_json::to_value(UserReply::from(user)).ok());
        user.map(|user| ("user.updated", user)).into_iter().collect()
    }

    fn envelope(&self, kind: &str, data: &Value, agent: &str) -> Value {
        json!({
            "object": "event",
            "type": kind,
            "data": data,
            "timestamp": super::time::clock(),
            "instance_id": self.read().instance_id,
            "event_attributes": { "http_request": { "client_ip": "127.0.0.1", "user_agent": agent } },
        })
    }
}

fn kind(method: &Method, request: &Request) -> Option<&'static str> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let (_, _, kind) = EVENTS.iter().find(|(of, at, _)| method.as_str() == *of && path == *at)?;
    Some(kind)
}

fn user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok());
    agent.unwrap_or_default().to_owned()
}

/// Sends a message until it is taken, or long enough.
async fn deliver(sender: &Sender, url: &Url, id: &str, body: &str) {
    let mut waits = AGAIN.iter();
    loop {
        let status = sender.send(url, id, body).await;
        if status.is_ok_and(|status| (200..300).contains(&status)) {
            return;
        }
        let Some(wait) = waits.next() else {
            tracing::warn!(id, "a webhook of the sandbox was not taken");
            return;
        };
        tokio::time::sleep(Duration::from_millis(*wait)).await;
    }
}
