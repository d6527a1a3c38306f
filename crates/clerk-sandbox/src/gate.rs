//! What every request passes before its handler: the key, the rate limits if there are any, the API
//! version, a fault if one is due.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Sandbox;
use crate::act::{self, Act, Device};
use crate::fault;
use crate::query::{Id, TwoIds};
use crate::refusal::{
    AUTHENTICATION_INVALID, AUTHORIZATION_HEADER_FORMAT_INVALID, AUTHORIZATION_INVALID,
    CLERK_KEY_INVALID, RESOURCE_NOT_FOUND, Refusal,
};
use crate::requests::Seen;
use crate::resources::{Machine, machine_with_key};
use crate::state::State;
use crate::version::Version;
use crate::webhooks;

/// How the keys of development and of production instances begin.
const KEY_PREFIXES: [&str; 2] = ["sk_test_", "sk_live_"];

/// The middleware around all of `/v1`.
pub(crate) async fn enter(
    State(sandbox): State<Sandbox>,
    mut request: Request,
    next: Next,
) -> Response {
    let sandbox = match instance(&sandbox, &mut request) {
        Ok(sandbox) => sandbox,
        Err(refusal) => return refusal.into_response(),
    };
    expire(&sandbox);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let number = sandbox.requests().begin(&method, &uri, sandbox.read().time());
    let body = Seen::default();
    let mut request = body.watch(request);
    request.extensions_mut().insert(sandbox.clone());
    let act = act_of(&sandbox, &request);
    // Within the act too if it is refused, as the error names its trace.
    let response =
        act::within(act, async { admit(&sandbox, request, next).await.into_response() }).await;
    sandbox.requests().end(number, &body, response.status());
    tracing::debug!(%method, path = uri.path(), status = response.status().as_u16(), "sandbox request");
    response
}

/// The middleware around the control API, which has neither limits nor faults;
/// what it changes is delivered as webhooks too.
pub(crate) async fn enter_control(
    State(sandbox): State<Sandbox>,
    mut request: Request,
    next: Next,
) -> Response {
    match instance(&sandbox, &mut request) {
        Ok(sandbox) => {
            expire(&sandbox);
            request.extensions_mut().insert(sandbox.clone());
            let act = act_of(&sandbox, &request);
            act::within(act, async {
                let response = next.run(request).await.into_response();
                webhooks::deliver(&sandbox, Vec::new());
                response
            })
            .await
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn act_of(sandbox: &Sandbox, request: &Request) -> Act {
    let trace_id = sandbox.write().trace_id();
    Act { trace_id, device: Device::of(request.headers()), ..Act::default() }
}

/// The sandbox as the request's key sees it. The key of a machine is for its tokens only, in the
/// instance that has the machine.
fn instance(sandbox: &Sandbox, request: &mut Request) -> Result<Sandbox, Refusal> {
    let key = bearer(request.headers())?;
    if KEY_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
        return Ok(sandbox.of_key(key));
    }
    let machine = |one: &Sandbox| {
        let store = one.read();
        machine_with_key(&store, key, store.time())
    };
    let mut machines = sandbox.instances().into_iter();
    let found = machines.find_map(|one| machine(&one).map(|machine| (one, machine)));
    let Some((instance, machine)) = found else {
        let sentence =
            format!("The sandbox takes any key that begins with {}.", KEY_PREFIXES.join(" or "));
        return Err(CLERK_KEY_INVALID.because(sentence).into());
    };
    if !request.uri().path().trim_start_matches("/v1").starts_with("/m2m_tokens") {
        let sentence = "The secret key of a machine works for M2M tokens only.";
        return Err(AUTHORIZATION_INVALID.because(sentence).into());
    }
    request.extensions_mut().insert(Machine(machine));
    Ok(instance)
}

/// Lets expire what is over by now. Most requests find nothing and only read.
fn expire(sandbox: &Sandbox) {
    let is_due = sandbox.read().is_due();
    if is_due {
        sandbox.write().expire();
    }
}

async fn admit(sandbox: &Sandbox, mut request: Request, next: Next) -> Result<Response, Refusal> {
    if let Some(response) = sandbox.limits().and_then(|limits| limits.requests.refuse("requests")) {
        return Ok(response);
    }
    let version = Version::read(request.headers(), request.uri().query().unwrap_or_default())?;
    request.extensions_mut().insert(version);
    Ok(match fault::effect_on(&request, sandbox.faults())? {
        Some(effect) => effect.apply(request, next).await,
        None => next.run(request).await,
    })
}

/// The paths of what belongs to organizations.
const OF_ORGANIZATIONS: [&str; 4] = [
    "/v1/organizations",
    "/v1/organization_",
    "/v1/role_sets",
    "/v1/users/{user_id}/organization_",
];

/// The path of the application's logs.
const LOGS: &str = "/v1/logs";

/// The middleware around all handlers that refuses what the instance's settings switch off.
pub(crate) async fn check_switches(
    State(sandbox): State<Sandbox>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_of = |prefix: &&str| path.is_some_and(|path| path.starts_with(prefix));
    if OF_ORGANIZATIONS.iter().any(is_of) {
        let checked = sandbox.read().check_organizations();
        if let Err(refusal) = checked {
            return refusal.into_response();
        }
    }
    if path.is_some_and(|path| path.starts_with(LOGS)) {
        if let Some(response) = sandbox.limits().and_then(|limits| limits.logs.refuse("logs")) {
            return response;
        }
        if !sandbox.read().settings.logs.enabled {
            let sentence = "Application logs are not available for this instance.";
            return Refusal::from(RESOURCE_NOT_FOUND.because(sentence)).into_response();
        }
    }
    next.run(request).await
}

/// The middleware around the operations that change a user.
pub(crate) async fn limit_changes_of_user(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    request: Request,
    next: Next,
) -> Response {
    match sandbox.limits().and_then(|limits| limits.changes_of_user.refuse(&id)) {
        Some(response) => response,
        None => next.run(request).await,
    }
}

/// The middleware around the operations that change a membership, which counts in the same manner.
pub(crate) async fn limit_changes_of_membership(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, user_id): TwoIds,
    request: Request,
    next: Next,
) -> Response {
    let name = format!("{organization_id}/{user_id}");
    match sandbox.limits().and_then(|limits| limits.changes_of_membership.refuse(&name)) {
        Some(response) => response,
        None => next.run(request).await,
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        let sentence = "Unable to authenticate the request: the Authorization header is missing.";
        return Err(AUTHENTICATION_INVALID.because(sentence).into());
    };
    let key = value.to_str().ok().and_then(|value| value.split_once(' '));
    match key {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Ok(key),
        _ => {
            let sentence = "Invalid Authorization header format. \
                            Must be \"Authorization: Bearer <YOUR_API_KEY>\".";
            Err(AUTHORIZATION_HEADER_FORMAT_INVALID.because(sentence).into())
        }
    }
}
