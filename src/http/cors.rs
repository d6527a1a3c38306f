//! What lets the scripts of a page of another, allowed origin talk to the server.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>

use axum::{
    body::Body,
    http::{
        HeaderValue, Method, Request, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
            ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
        },
    },
    response::{IntoResponse, Response},
};

const METHODS: &str = "GET, POST, DELETE, OPTIONS";
/// What clients of any revision send beyond what a browser lets every page send.
const HEADERS: &str = "accept, authorization, content-type, last-event-id, mcp-method, mcp-name, \
    mcp-protocol-version, mcp-session-id";
/// What scripts may read beyond what they always may.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("mcp-session-id, retry-after, www-authenticate");
/// How long a browser keeps this, in seconds: the longest that Chrome takes.
const MAX_AGE: &str = "7200";

/// Whether a browser asks what a page may send.
pub(super) fn is_preflight(request: &Request<Body>) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What a page may send, and `header` if there is one.
pub(super) fn preflight(header: Option<&str>) -> Response {
    let headers = header.map_or_else(|| HEADERS.to_owned(), |own| format!("{HEADERS}, {own}"));
    let allowed = [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS.to_owned()),
        (ACCESS_CONTROL_ALLOW_HEADERS, headers),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE.to_owned()),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Lets the page at `origin` read a response; without one, nobody but the server's own.
pub(super) fn share(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    // A cache must not show one page what another may read.
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
