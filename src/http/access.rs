//! Access control over HTTP: keeps out browser pages of other origins, other machines and, with a
//! token, other users of this one. <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning>

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Response, StatusCode,
        header::{AUTHORIZATION, CONNECTION, HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::IntoResponse,
};
use clerk_api::SecretKey;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The header in which a caller may send its own Clerk key.
const KEY_HEADER: &str = "x-clerk-secret-key";

/// What a request over HTTP must show.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Hosts that a request may name besides this machine's own, without a port.
    pub hosts: Vec<String>,
    /// Origins that a request may come from besides this machine's own, as `https://app.example`.
    pub origins: Vec<String>,
    /// The token in `Authorization: Bearer …`, required on every route but the health ones.
    pub token: Option<SecretString>,
    /// Whether the Clerk key may come in `X-Clerk-Secret-Key`.
    pub key_from_header: bool,
}

/// The server would listen on an address that other machines can reach, without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} can be reached by other machines: anyone who reaches it could use your Clerk key. \
     Set CLERK_MCP_HTTP_TOKEN to require a bearer token, or listen on 127.0.0.1"
)]
pub struct TokenRequired {
    /// The address to listen on.
    pub address: SocketAddr,
}

impl Access {
    /// Checks that the server may listen on `address`.
    ///
    /// # Errors
    /// Other machines can reach the address and no token is set.
    pub fn check(&self, address: SocketAddr) -> Result<(), TokenRequired> {
        if address.ip().is_loopback() || self.token.is_some() {
            return Ok(());
        }
        Err(TokenRequired { address })
    }

    /// Lets a request in, with the caller's key taken out of its headers, or says why not.
    pub(crate) fn admit(&self, mut request: Request<Body>) -> Result<Request<Body>, Refused> {
        let headers = request.headers();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        if !host.is_some_and(|host| self.knows_host(host)) {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this Host is not allowed; see --allow-host",
            ));
        }
        if let Some(origin) = headers.get(ORIGIN)
            && !origin.to_str().is_ok_and(|origin| self.knows_origin(origin))
        {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this Origin is not allowed; see --allow-origin",
            ));
        }
        let is_health = matches!(request.uri().path(), "/healthz" | "/readyz");
        if !is_health && !self.has_token(headers) {
            return Err(Refused::new(
                StatusCode::UNAUTHORIZED,
                "the bearer token is missing or wrong",
            ));
        }
        let Some(key) = request.headers_mut().remove(KEY_HEADER) else { return Ok(request) };
        if !self.key_from_header {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this server takes no key from a request; see --key-from-header",
            ));
        }
        match key.to_str().map(SecretKey::parse) {
            Ok(Ok(key)) => {
                request.extensions_mut().insert(key);
                Ok(request)
            }
            _ => Err(Refused::new(
                StatusCode::BAD_REQUEST,
                "X-Clerk-Secret-Key doesn't hold a Clerk secret key",
            )),
        }
    }

    fn knows_host(&self, authority: &str) -> bool {
        let host = without_port(authority);
        is_loopback(host) || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    fn knows_origin(&self, origin: &str) -> bool {
        let local = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        local.is_some_and(|url| url.host_str().is_some_and(is_loopback))
            || self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given =
            headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, given) = given.split_once(' ').unwrap_or_default();
        scheme.eq_ignore_ascii_case("bearer")
            && bool::from(given.trim().as_bytes().ct_eq(token.expose_secret().as_bytes()))
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// A request that is not served, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    reason: Cow<'static, str>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { status, reason: reason.into() }
    }

    /// There is no room for the request now.
    pub(crate) fn busy(reason: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        let mut response = (self.status, format!("{}\n", self.reason)).into_response();
        let header = match self.status {
            StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => (RETRY_AFTER, HeaderValue::from_static("1")),
            // The rest of the body is still on its way and would be read as another request.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                (CONNECTION, HeaderValue::from_static("close"))
            }
            _ => return response,
        };
        response.headers_mut().extend([header]);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(access: &Access, path: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match access.admit(request.body(Body::empty()).unwrap()) {
            Ok(_) => 200,
            Err(refused) => refused.status.as_u16(),
        }
    }

    #[test]
    fn only_this_machine_gets_in() {
        let access = Access {
            hosts: vec!["mcp.example".to_owned()],
            origins: vec!["https://app.example".to_owned()],
            ..Access::default()
        };
        let cases = [
            ("127.0.0.1:7331", None, 200),
            ("localhost", None, 200),
            ("[::1]:80", None, 200),
            ("MCP.example:443", None, 200),
            ("evil.example", None, 403),
            ("127.0.0.1.evil.example", None, 403),
            ("localhost.evil.example:7331", None, 403),
            ("evil.example@localhost", None, 403),
            ("localhost:80:90", None, 403),
            ("", None, 403),
            ("localhost", Some("http://localhost:3000"), 200),
            ("localhost", Some("http://127.0.0.1"), 200),
            ("localhost", Some("https://app.example"), 200),
            ("localhost", Some("null"), 403),
            ("localhost", Some("https://evil.example"), 403),
            ("localhost", Some("https://app.example.evil.example"), 403),
            ("localhost", Some("file://localhost"), 403),
            ("localhost", Some(""), 403),
        ];
        for (host, origin, expected) in cases {
            for path in ["/mcp", "/sse", "/messages", "/healthz"] {
                let mut headers = vec![("host", host)];
                headers.extend(origin.map(|origin| ("origin", origin)));
                assert_eq!(status(&access, path, &headers), expected, "{path} {headers:?}");
            }
        }
        assert_eq!(status(&access, "/mcp", &[]), 403);
    }

    #[test]
    fn a_token_is_demanded_on_every_route_but_the_health_ones() {
        let access = Access { token: Some("secret".into()), ..Access::default() };
        let cases = [
            (None, 401),
            (Some("Bearer secret"), 200),
            (Some("bearer secret "), 200),
            (Some("Bearer secrets"), 401),
            (Some("Bearer "), 401),
            (Some("Basic secret"), 401),
            (Some("secret"), 401),
        ];
        for (token, expected) in cases {
            let mut headers = vec![("host", "localhost")];
            headers.extend(token.map(|token| ("authorization", token)));
            for path in ["/mcp", "/sse", "/messages", "/nothing"] {
                assert_eq!(status(&access, path, &headers), expected, "{path} {token:?}");
            }
            assert_eq!(status(&access, "/healthz", &headers), 200);
        }
        let beyond = "0.0.0.0:7331".parse().unwrap();
        assert!(access.check(beyond).is_ok());
        assert!(Access::default().check(beyond).unwrap_err().address == beyond);
        assert!(Access::default().check("127.0.0.1:7331".parse().unwrap()).is_ok());
        assert!(!format!("{access:?}").contains("secret\""));
    }

    #[test]
    fn a_callers_key_is_taken_only_if_that_is_allowed() {
        let allowed = Access { key_from_header: true, ..Access::default() };
        let cases = [("sk_test_x", 403, 200), ("pk_test_x", 403, 400), ("", 403, 400)];
        for (key, by_default, if_allowed) in cases {
            let headers = [("host", "localhost"), ("x-clerk-secret-key", key)];
            assert_eq!(status(&Access::default(), "/mcp", &headers), by_default);
            assert_eq!(status(&allowed, "/mcp", &headers), if_allowed);
        }
    }
}
