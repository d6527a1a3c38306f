//! The versions of the Backend API.

mod shape;

use axum::http::HeaderMap;
use url::form_urlencoded;

pub(crate) use shape::shape;

use crate::refusal::{API_VERSION_INVALID, Refusal};

/// The query parameter that chooses an API version; every operation takes it.
pub(crate) const PARAMETER: &str = "__clerk_api_version";

const HEADER: &str = "clerk-api-version";

/// A version of the Backend API; a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(&'static str);

impl Version {
    /// The first version in which sessions can be pending, and say which tasks are left.
    const PENDING_SESSIONS: Self = Self("2025-04-10");

    /// The first version in which metadata is not part of `PATCH /users/{user_id}` and of `PATCH
    /// /organizations/{organization_id}`.
    pub(crate) const METADATA_APART: Self = Self("2026-05-12");

    const ALL: [Self; 5] = [
        Self("2021-02-05"),
        Self("2024-10-01"),
        Self("2025-04-10"),
        Self("2025-11-10"),
        Self("2026-05-12"),
    ];

    /// What a request without a version gets. Clerk doesn't say; but clients that send none change
    /// metadata by `PATCH`, so it is a version that takes it there, and this is the last.
    const DEFAULT: Self = Self("2025-11-10");

    /// The version that a request's header or query asks for.
    pub(crate) fn read(headers: &HeaderMap, query: &str) -> Result<Self, Refusal> {
        let in_header =
            headers.get(HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let in_query = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == PARAMETER)
            .map(|(_, value)| value.into_owned());
        let asked = match (in_header, in_query) {
            (None, None) => return Ok(Self::DEFAULT),
            (Some(_), Some(_)) => {
                let sentence = format!(
                    "Give the API version in the Clerk-API-Version header or as {PARAMETER}, not \
                     both."
                );
                return Err(API_VERSION_INVALID.because(sentence).into());
            }
            (Some(asked), None) | (None, Some(asked)) => asked,
        };
        Self::ALL.into_iter().find(|version| version.0 == asked).ok_or_else(|| {
            let sentence = format!("{asked} is not a known version of the API.");
            API_VERSION_INVALID.because(sentence).into()
        })
    }
}
