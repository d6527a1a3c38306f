//! What every request passes before its handler: the key, the rate limits if there are any, the API
//! version, a fault if one is due.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Sandbox;
use crate::fault;
use crate::query::{Id, TwoIds};
use crate::refusal::{
    AUTHENTICATION_INVALID, AUTHORIZATION_HEADER_FORMAT_INVALID, CLERK_KEY_INVALID, Refusal,
};
use crate::version::Version;

/// Only keys of development instances are accepted, so that a real production key sent here by
/// mistake is noticed.
const KEY_PREFIX: &str = "sk_test_";

/// The middleware around all of `/v1`.
pub(crate) async fn enter(
    State(sandbox): State<Sandbox>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = admit(&sandbox, request, next).await.into_response();
    tracing::debug!(%method, path, status = response.status().as_u16(), "sandbox request");
    response
}

async fn admit(sandbox: &Sandbox, mut request: Request, next: Next) -> Result<Response, Refusal> {
    let key = key(request.headers())?;
    if let Some(response) = sandbox.limits().and_then(|limits| limits.requests.refuse(key)) {
        return Ok(response);
    }
    let version = Version::read(request.headers(), request.uri().query().unwrap_or_default())?;
    request.extensions_mut().insert(version);
    Ok(match fault::effect_on(&request, sandbox.faults())? {
        Some(effect) => effect.apply(request, next).await,
        None => next.run(request).await,
    })
}

/// The middleware around the operations that change a user. It limits a resource, so it counts all
/// keys together.
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

/// The key of the request, if the sandbox accepts it.
fn key(headers: &HeaderMap) -> Result<&str, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        let sentence = "Unable to authenticate the request: the Authorization header is missing.";
        return Err(AUTHENTICATION_INVALID.because(sentence).into());
    };
    let key = value.to_str().ok().and_then(|value| value.split_once(' '));
    match key {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => {
            if key.starts_with(KEY_PREFIX) {
                return Ok(key);
            }
            let sentence = format!("The sandbox takes any key that begins with {KEY_PREFIX}.");
            Err(CLERK_KEY_INVALID.because(sentence).into())
        }
        _ => {
            let sentence = "Invalid Authorization header format. \
                            Must be \"Authorization: Bearer <YOUR_API_KEY>\".";
            Err(AUTHORIZATION_HEADER_FORMAT_INVALID.because(sentence).into())
        }
    }
}
