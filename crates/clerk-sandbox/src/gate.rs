//! What every request passes before its handler: the key, the rate limit if there is one, the API
//! version, a fault if one is due.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use super::Sandbox;
use super::refusal::{
    API_VERSION_INVALID, AUTHENTICATION_INVALID, AUTHORIZATION_HEADER_FORMAT_INVALID,
    CLERK_KEY_INVALID, Refusal,
};

/// The query parameter that chooses an API version, known to every operation.
pub(crate) const VERSION_PARAMETER: &str = "__clerk_api_version";

const VERSION_HEADER: &str = "clerk-api-version";

/// Only keys of development instances are taken, so that a real production key sent here by
/// mistake is noticed.
const KEY_PREFIX: &str = "sk_test_";

/// A version of the Backend API; a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(&'static str);

impl Version {
    /// The first version in which metadata is not part of `PATCH /users/{user_id}`.
    pub(crate) const METADATA_APART: Self = Self("2026-05-12");

    const ALL: [Self; 5] = [
        Self("2021-02-05"),
        Self("2024-10-01"),
        Self("2025-04-10"),
        Self("2025-11-10"),
        Self("2026-05-12"),
    ];

    const NEWEST: Self = Self("2026-05-12");
}

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
    let limits = sandbox.state.limits.as_ref();
    if let Some(response) = limits.and_then(|limits| limits.refuse_request(key)) {
        return Ok(response);
    }
    let version = version(request.headers(), request.uri().query().unwrap_or_default())?;
    request.extensions_mut().insert(version);
    let effect = sandbox.effect_for(&request)?;
    Ok(match effect {
        Some(effect) => effect.apply(request, next).await,
        None => next.run(request).await,
    })
}

/// The key of the request, if it is one that is taken.
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

fn version(headers: &HeaderMap, query: &str) -> Result<Version, Refusal> {
    let in_header = headers
        .get(VERSION_HEADER)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let in_query = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == VERSION_PARAMETER)
        .map(|(_, value)| value.into_owned());
    let asked = match (in_header, in_query) {
        (None, None) => return Ok(Version::NEWEST),
        (Some(_), Some(_)) => {
            let sentence = format!(
                "Give the API version in the Clerk-API-Version header or as {VERSION_PARAMETER}, \
                 not both."
            );
            return Err(API_VERSION_INVALID.because(sentence).into());
        }
        (Some(asked), None) | (None, Some(asked)) => asked,
    };
    Version::ALL.into_iter().find(|version| version.0 == asked).ok_or_else(|| {
        let sentence = format!("{asked} is not a known version of the API.");
        API_VERSION_INVALID.because(sentence).into()
    })
}
