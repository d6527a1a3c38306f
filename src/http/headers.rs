//! Headers that every response has, whatever route it is of: what browsers and caches may do with it.
//! <https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html>

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};

/// What holds unless the route says otherwise: nothing is a page, and nobody shows it in one.
const DEFAULTS: [(HeaderName, HeaderValue); 3] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Adds them. A response is kept by no cache unless its route says for how long: nearly all have
/// personal data.
pub(super) fn harden(headers: &mut HeaderMap) {
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    let is_public = |value: &HeaderValue| value.as_bytes().starts_with(b"public");
    if !headers.get(CACHE_CONTROL).is_some_and(is_public) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
