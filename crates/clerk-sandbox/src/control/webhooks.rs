//! `/sandbox/webhooks` and `/sandbox/events`: who gets webhooks, and what was sent.

use std::net::IpAddr;

use axum::response::Response;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::Sandbox;
use crate::body::Fields;
use crate::deliveries::{Endpoint, Webhook};
use crate::query::{Id, NoQuery, Query};
use crate::refusal::{FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND};
use crate::reply::{self, Paginated, Reply};
use crate::sender::SigningSecret;
use crate::state::State;

/// How many receivers an instance has at most.
const MOST: usize = 20;

/// `GET /sandbox/webhooks`
pub(crate) async fn list(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(all(&sandbox))
}

/// `POST /sandbox/webhooks` adds a receiver and shows the secret that its webhooks are signed with.
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let url = fields.required("url");
    let url = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match &url {
        None => {
            let sentence = "url must be a URL that begins with http:// or https://.";
            fields.refuse(FORM_PARAM_FORMAT_INVALID.at("url", sentence));
        }
        Some(url) if !is_allowed(url, &sandbox.options().webhook_hosts) => {
            let sentence = "url must be on this machine, or on a host that the sandbox was started \
                            with as --allow-webhook-host.";
            fields.refuse(FORM_PARAM_VALUE_INVALID.at("url", sentence));
        }
        Some(_) => {}
    }
    let text = fields.text("secret").value().unwrap_or_else(SigningSecret::generate);
    let secret = SigningSecret::parse(&text);
    if let Err(error) = &secret {
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("secret", format!("secret {error}.")));
    }
    let events = fields.texts("events").unwrap_or_default();
    if sandbox.deliveries().endpoints().len() >= MOST {
        let sentence = format!("There are {MOST} receivers already; delete one first.");
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("url", sentence));
    }
    fields.finish()?;
    let (Some(url), Ok(secret)) = (url, secret) else { return Ok(all(&sandbox)) };
    let id = sandbox.write().id("ep");
    let endpoint = Endpoint { id, webhook: Webhook { url, secret }, events };
    let response = reply::json(&json!({
        "object": "webhook",
        "id": endpoint.id,
        "url": endpoint.webhook.url.as_str(),
        "events": endpoint.events,
        "signing_secret": text,
    }));
    sandbox.deliveries().endpoints().push(endpoint);
    Ok(response)
}

/// `DELETE /sandbox/webhooks/{id}`
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut endpoints = sandbox.deliveries().endpoints();
    let Some(index) = endpoints.iter().position(|endpoint| endpoint.id == id) else {
        let sentence = format!("There is no receiver with id {id}.");
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    endpoints.remove(index);
    drop(endpoints);
    Ok(all(&sandbox))
}

/// `GET /sandbox/events`: what happened, the oldest first, with the attempts to deliver it.
pub(crate) async fn events(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let kind = query.text("type");
    query.finish()?;
    let sent = sandbox.deliveries().sent();
    let found = sent.iter().filter(|sent| kind.as_ref().is_none_or(|kind| sent.kind == kind));
    let data: Vec<_> = found.collect();
    let total_count = data.len();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `DELETE /sandbox/events` forgets them.
pub(crate) async fn clear_events(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    sandbox.deliveries().sent().clear();
    Ok(reply::json(&json!({ "data": [], "total_count": 0 })))
}

fn all(sandbox: &Sandbox) -> Response {
    let data: Vec<_> = sandbox.deliveries().endpoints().iter().map(object).collect();
    let total_count = data.len();
    reply::json(&Paginated { data, total_count })
}

fn object(endpoint: &Endpoint) -> Value {
    json!({
        "object": "webhook",
        "id": endpoint.id,
        "url": endpoint.webhook.url.as_str(),
        "events": endpoint.events,
    })
}

/// Whether webhooks may go there: to this machine, or where the operator says.
fn is_allowed(url: &Url, hosts: &[String]) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => return false,
    };
    let host = url.host_str().unwrap_or_default();
    is_local || hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_go_to_this_machine_and_to_hosts_that_the_operator_names() {
        let hosts = ["app".to_owned(), "172.18.0.2".to_owned()];
        for (url, is) in [
            ("http://127.0.0.1:3000/hook", true),
            ("http://[::1]/hook", true),
            ("http://localhost:3000", true),
            ("http://app:3000/hook", true),
            ("http://APP/hook", true),
            ("http://172.18.0.2/hook", true),
            ("http://other:3000", false),
            ("http://app.example.com", false),
            ("http://169.254.169.254/", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(is_allowed(&Url::parse(url).unwrap(), &hosts), is, "{url}");
        }
    }
}
