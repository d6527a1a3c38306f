//! Access control over HTTP: keeps out browser pages of other origins, other machines and, with a
//! token, other users of this one. <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning>

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
        header::{AUTHORIZATION, CONNECTION, HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE},
        uri::Authority,
    },
    response::IntoResponse,
};
use clerk_api::SecretKey;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::oauth::OAuth;
use crate::{
    current::Current,
    metrics::metrics,
    principal::{Authentication, Principal},
};

/// The header in which a caller may send its own Clerk key.
const KEY_HEADER_NAME: &str = "x-clerk-secret-key";
const KEY_HEADER: HeaderName = HeaderName::from_static(KEY_HEADER_NAME);

/// What a request over HTTP must show.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Hosts that a request may name besides this machine's own, without a port.
    pub hosts: Vec<String>,
    /// Origins that a request may come from besides this machine's own, as `https://app.example`.
    pub origins: Vec<String>,
    /// The token in `Authorization: Bearer …`, required on every route but the health ones.
    pub token: Option<Current<SecretString>>,
    /// Who signs in with access tokens, in place of the one token.
    pub oauth: Option<OAuth>,
    /// Whether the Clerk key may come in `X-Clerk-Secret-Key`.
    pub key_from_header: bool,
}

/// The server would listen on an address that other machines can reach, without a token or sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} can be reached by other machines: anyone who reaches it could use your Clerk key. \
     Set CLERK_MCP_HTTP_TOKEN to require a bearer token, let people sign in with --oauth-issuer, or \
     listen on 127.0.0.1"
)]
pub struct TokenRequired {
    /// The address to listen on.
    pub address: SocketAddr,
}

impl Access {
    /// Checks that the server may listen on `address`.
    ///
    /// # Errors
    /// Other machines can reach the address, and neither a token nor sign-in is asked for.
    pub fn check(&self, address: SocketAddr) -> Result<(), TokenRequired> {
        if address.ip().is_loopback() || self.token.is_some() || self.oauth.is_some() {
            return Ok(());
        }
        Err(TokenRequired { address })
    }

    /// The page that a request comes from, if a browser sent it: both the server that it names and the
    /// page must be allowed.
    pub(super) fn origin(&self, request: &Request<Body>) -> Result<Option<HeaderValue>, Refused> {
        if !self.knows_host(named_host(request)?.host()) {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this Host is not allowed; see --allow-host",
            ));
        }
        let origin = only(request.headers(), &ORIGIN)?;
        if !origin.is_none_or(|origin| origin.to_str().is_ok_and(|it| self.knows_origin(it))) {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this Origin is not allowed; see --allow-origin",
            ));
        }
        Ok(origin.cloned())
    }

    /// Lets a request in, with the caller's token and key taken out of its headers, or says why not.
    pub(super) async fn admit(&self, mut request: Request<Body>) -> Result<Request<Body>, Refused> {
        let authorization = only(request.headers(), &AUTHORIZATION)?.cloned();
        let principal = match &self.oauth {
            Some(oauth) => {
                let principal = oauth.admit(authorization.as_ref()).await?;
                // A call may need more scopes than the request.
                request.extensions_mut().insert(oauth.clone());
                principal
            }
            None => self.bearer(authorization.as_ref())?,
        };
        request.headers_mut().remove(AUTHORIZATION);
        request.extensions_mut().insert(principal);
        only(request.headers(), &KEY_HEADER)?;
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

    /// The header of the caller's key, if it is taken.
    pub(super) fn key_header(&self) -> Option<&'static str> {
        self.key_from_header.then_some(KEY_HEADER_NAME)
    }

    fn knows_host(&self, host: &str) -> bool {
        let of_resource = self.oauth.as_ref().map(OAuth::host);
        let mut allowed = self.hosts.iter().map(String::as_str).chain(of_resource);
        is_loopback(host) || allowed.any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    fn knows_origin(&self, origin: &str) -> bool {
        let local = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        local.is_some_and(|url| url.host_str().is_some_and(is_loopback))
            || self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
            // The server's own pages.
            || self.oauth.as_ref().is_some_and(|oauth| oauth.origin() == origin)
    }

    /// Who has the token or, if there is none, who can reach this machine.
    fn bearer(&self, authorization: Option<&HeaderValue>) -> Result<Principal, Refused> {
        if !self.has_token(authorization) {
            metrics().sign_in_refused("bearer_token");
            let reason = "the bearer token is missing or wrong";
            return Err(Refused::new(StatusCode::UNAUTHORIZED, reason));
        }
        Ok(Principal::by(match self.token {
            Some(_) => Authentication::Token,
            None => Authentication::Loopback,
        }))
    }

    fn has_token(&self, given: Option<&HeaderValue>) -> bool {
        let Some(token) = &self.token else { return true };
        let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, given) = given.split_once(' ').unwrap_or_default();
        scheme.eq_ignore_ascii_case("bearer")
            && bool::from(given.trim().as_bytes().ct_eq(token.get().expose_secret().as_bytes()))
    }
}

/// A header that a decision depends on. Of two values a proxy before the server might have checked
/// the other one.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Refused> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        let reason = format!("the header {name} is given more than once");
        return Err(Refused::new(StatusCode::BAD_REQUEST, reason));
    }
    Ok(value)
}

/// The server that a request names, by its Host and, in absolute form, by its target too.
/// <https://www.rfc-editor.org/rfc/rfc9112#section-3.2>
fn named_host(request: &Request<Body>) -> Result<Authority, Refused> {
    let host = only(request.headers(), &HOST)?.and_then(|host| authority(host.as_bytes()));
    let host = host.ok_or_else(|| {
        Refused::new(StatusCode::BAD_REQUEST, "the Host is missing or isn't a host and a port")
    })?;
    if request.uri().authority().is_some_and(|target| *target != host) {
        return Err(Refused::new(StatusCode::BAD_REQUEST, "the target and the Host differ"));
    }
    Ok(host)
}

/// A host with or without a port, and nothing else.
fn authority(bytes: &[u8]) -> Option<Authority> {
    let authority = Authority::try_from(bytes).ok()?;
    let port = authority.as_str().strip_prefix(authority.host())?;
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_sound = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (is_sound && !authority.host().is_empty()).then_some(authority)
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
    /// `WWW-Authenticate`, if it says more than the scheme.
    challenge: Option<HeaderValue>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { status, reason: reason.into(), challenge: None }
    }

    /// The same, with what a client needs to know to get in.
    pub(super) fn with_challenge(self, challenge: HeaderValue) -> Self {
        Self { challenge: Some(challenge), ..self }
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
            _ if let Some(challenge) = self.challenge => (WWW_AUTHENTICATE, challenge),
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

    type Headers<'a> = &'a [(&'a str, &'a str)];

    fn request(target: &str, headers: Headers<'_>) -> Request<Body> {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    fn status<T>(admitted: Result<T, Refused>) -> u16 {
        admitted.map_or_else(|refused| refused.status.as_u16(), |_| 200)
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
            ("localhost:", None, 200),
            ("[::1]:80", None, 200),
            ("MCP.example:443", None, 200),
            ("evil.example", None, 403),
            ("127.0.0.1.evil.example", None, 403),
            ("localhost.evil.example:7331", None, 403),
            ("evil.example@localhost", None, 400),
            ("localhost@evil.example", None, 400),
            ("localhost:80:90", None, 400),
            ("localhost:a", None, 400),
            ("localhost/", None, 400),
            ("localhost, evil.example", None, 400),
            ("", None, 400),
            (":80", None, 400),
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
            let mut headers = vec![("host", host)];
            headers.extend(origin.map(|origin| ("origin", origin)));
            let request = request("/mcp", &headers);
            assert_eq!(status(access.origin(&request)), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_request_names_one_host_and_at_most_one_origin() {
        const LOCAL: (&str, &str) = ("host", "localhost");
        const EVIL: (&str, &str) = ("host", "evil.example");
        const ORIGIN: (&str, &str) = ("origin", "http://localhost");
        let cases: &[(&str, Headers<'_>, u16)] = &[
            ("/mcp", &[], 400),
            ("/mcp", &[LOCAL, LOCAL], 400),
            ("/mcp", &[LOCAL, EVIL], 400),
            ("/mcp", &[EVIL, LOCAL], 400),
            ("/mcp", &[LOCAL, ORIGIN], 200),
            ("/mcp", &[LOCAL, ORIGIN, ORIGIN], 400),
            ("http://localhost/mcp", &[LOCAL], 200),
            ("http://LOCALHOST/mcp", &[LOCAL], 200),
            ("http://localhost/mcp", &[], 400),
            ("http://localhost:80/mcp", &[LOCAL], 400),
            ("http://evil.example/mcp", &[LOCAL], 400),
            ("http://localhost/mcp", &[EVIL], 400),
            ("http://evil.example/mcp", &[EVIL], 403),
            ("http://evil.example@localhost/mcp", &[LOCAL], 400),
            // What a proxy or anyone says of another host counts for nothing.
            ("/mcp", &[EVIL, ("x-forwarded-host", "localhost")], 403),
            ("/mcp", &[EVIL, ("forwarded", "host=localhost")], 403),
            ("/mcp", &[LOCAL, ("x-forwarded-host", "evil.example")], 200),
        ];
        for (target, headers, expected) in cases {
            let request = request(target, headers);
            assert_eq!(
                status(Access::default().origin(&request)),
                *expected,
                "{target} {headers:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_token_or_key_that_is_given_twice_is_refused() {
        let access = Access {
            token: Some(SecretString::from("secret").into()),
            key_from_header: true,
            ..Access::default()
        };
        let token = ("authorization", "Bearer secret");
        let key = ("x-clerk-secret-key", "sk_test_x");
        let cases: &[(Headers<'_>, u16)] = &[
            (&[token, key], 200),
            (&[token, token], 400),
            (&[token, ("authorization", "Bearer other")], 400),
            (&[("authorization", "Bearer other"), token], 400),
            (&[token, key, key], 400),
            (&[token, key, ("x-clerk-secret-key", "sk_test_y")], 400),
        ];
        for (headers, expected) in cases {
            assert_eq!(
                status(access.admit(request("/mcp", headers)).await),
                *expected,
                "{headers:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_token_is_demanded() {
        let access =
            Access { token: Some(SecretString::from("secret").into()), ..Access::default() };
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
            let headers: Vec<_> = token.map(|token| ("authorization", token)).into_iter().collect();
            assert_eq!(
                status(access.admit(request("/mcp", &headers)).await),
                expected,
                "{token:?}"
            );
        }
        let beyond = "0.0.0.0:7331".parse().unwrap();
        assert!(access.check(beyond).is_ok());
        assert!(Access::default().check(beyond).unwrap_err().address == beyond);
        assert!(Access::default().check("127.0.0.1:7331".parse().unwrap()).is_ok());
        assert!(!format!("{access:?}").contains("secret\""));
    }

    #[tokio::test]
    async fn a_callers_key_is_taken_only_if_that_is_allowed() {
        let allowed = Access { key_from_header: true, ..Access::default() };
        let cases = [("sk_test_x", 403, 200), ("pk_test_x", 403, 400), ("", 403, 400)];
        for (key, by_default, if_allowed) in cases {
            let headers = [("x-clerk-secret-key", key)];
            let request = || request("/mcp", &headers);
            assert_eq!(status(Access::default().admit(request()).await), by_default);
            assert_eq!(status(allowed.admit(request()).await), if_allowed);
        }
    }
}
