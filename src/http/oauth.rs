//! The OAuth 2.1 resource server: people sign in at an issuer, and each request brings the access token
//! that it gave them. <https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization>

mod challenge;
mod crypto;
mod introspection;
mod issuer;
mod keys;
mod sign_in;
mod token;

use std::{fmt, sync::Arc};

use axum::{
    Json, Router,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    routing::get,
};
use jiff::SignedDuration;
use reqwest::Url;
use serde_json::{Map, Value, json};

pub use self::sign_in::OAuthClient;
use self::{
    challenge::Challenge,
    introspection::Introspection,
    issuer::{Issuer, NoKey},
    keys::Key,
    token::{Head, Invalid, Rules, Use},
};
pub(super) use self::{
    issuer::KeysState,
    sign_in::{Attempt, SignInError, random},
};
use super::access::Refused;
use crate::{
    Server,
    metrics::metrics,
    principal::{Principal, Who},
};

/// The path of the metadata, which the resource's own path follows.
/// <https://www.rfc-editor.org/rfc/rfc9728#section-3.1>
const METADATA: &str = "/.well-known/oauth-protected-resource";
/// How long anybody may keep it: a reload can change it.
const METADATA_KEPT: &str = "public, max-age=300";
/// How the subjects of Clerk's machine-to-machine tokens begin.
const MACHINE: &str = "mch_";

/// What the operator says of sign-in.
#[derive(Clone, Debug)]
pub struct OAuthSettings {
    /// The issuer's URL, as it calls itself.
    pub issuer: String,
    /// The public URL of `/mcp`, as clients and tokens name it.
    pub resource: String,
    /// Who may use the server; nobody if it is empty.
    pub allow: Vec<Who>,
    /// Whether tokens without `aud` are accepted.
    pub any_audience: bool,
    /// This server as a client, with which people sign in to the page of approvals.
    pub client: Option<OAuthClient>,
    /// Whether the issuer is asked about opaque tokens, by the client, which needs a secret.
    pub introspection: bool,
}

/// Checks access tokens, and says how to get one.
#[derive(Clone)]
pub struct OAuth(Arc<Inner>);

struct Inner {
    rules: Rules,
    allow: Vec<Who>,
    issuer: Issuer,
    /// Where the metadata is, for clients.
    metadata_url: String,
    host: String,
    /// Where browsers reach the server: the origin of the resource.
    origin: String,
    client: Option<OAuthClient>,
    /// What checks opaque tokens, if any are accepted.
    introspection: Option<Arc<Introspection>>,
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rules { issuer, resource, .. } = &self.0.rules;
        f.debug_struct("OAuth").field("issuer", issuer).field("resource", resource).finish()
    }
}

impl OAuth {
    /// Checks tokens by these settings.
    ///
    /// # Errors
    /// The issuer or the resource isn't a URL.
    pub fn new(settings: OAuthSettings) -> Result<Self, url::ParseError> {
        let OAuthSettings { issuer, resource, allow, any_audience, client, introspection } =
            settings;
        let mut metadata = Url::parse(&resource)?;
        metadata.set_path(&format!("{METADATA}{}", metadata.path().trim_end_matches('/')));
        let asked = Issuer::new(issuer.clone(), Url::parse(&issuer)?);
        let rules = Rules { issuer, resource, any_audience };
        // The token is never sent without saying who asks.
        let asks = client.clone().filter(|client| introspection && client.secret.is_some());
        let introspection =
            asks.map(|client| Arc::new(Introspection::new(asked.clone(), client, rules.clone())));
        Ok(Self(Arc::new(Inner {
            issuer: asked,
            host: metadata.host_str().unwrap_or_default().to_owned(),
            origin: metadata.origin().ascii_serialization(),
            client,
            introspection,
            metadata_url: metadata.into(),
            rules,
            allow,
        })))
    }

    /// The host by which clients reach the server.
    pub(super) fn host(&self) -> &str {
        &self.0.host
    }

    /// The origin at which browsers reach the server, such as `https://mcp.example.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// This server as a client of the issuer.
    #[must_use]
    pub fn client(&self) -> Option<&OAuthClient> {
        self.0.client.as_ref()
    }

    /// Whether tokens can be checked now, after the issuer was asked for its keys if they are old.
    pub(super) async fn keys(&self) -> KeysState {
        self.0.issuer.keys().await
    }

    /// The scopes that may let someone in, for clients to ask for.
    fn scopes(&self) -> Vec<&str> {
        let mut scopes: Vec<&str> = self.0.allow.iter().flat_map(Who::scopes).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// The routes of the metadata, which need no token. The scopes of the policy are published too.
    pub(super) fn routes(&self, server: Server) -> Router {
        let oauth = self.clone();
        let answer = get(async move || {
            ([(CACHE_CONTROL, METADATA_KEPT)], Json(oauth.document(&server.scopes())))
        });
        // Clients look below the path of the resource and at the root.
        Router::new()
            .route(METADATA, answer.clone())
            .route(&format!("{METADATA}/{{*resource}}"), answer)
    }

    fn document(&self, of_policy: &[String]) -> Value {
        let Rules { issuer, resource, .. } = &self.0.rules;
        let mut document = Map::new();
        document.insert("resource".to_owned(), json!(resource));
        document.insert("authorization_servers".to_owned(), json!([issuer]));
        let mut scopes = self.scopes();
        scopes.extend(of_policy.iter().map(String::as_str));
        scopes.sort_unstable();
        scopes.dedup();
        if !scopes.is_empty() {
            document.insert("scopes_supported".to_owned(), json!(scopes));
        }
        document.insert("bearer_methods_supported".to_owned(), json!(["header"]));
        document.insert("resource_name".to_owned(), json!("clerk-mcp"));
        Value::Object(document)
    }

    /// Who sends a request with this `Authorization`.
    ///
    /// # Errors
    /// What to answer: the token is missing or invalid, or this person isn't allowed.
    pub(super) async fn admit(
        &self,
        authorization: Option<&HeaderValue>,
    ) -> Result<Principal, Refused> {
        let Some(authorization) = authorization else {
            metrics().sign_in_refused("no_token");
            return Err(self.unauthorized("sign in at the issuer to get an access token", None));
        };
        let verified = match bearer(authorization) {
            Some(token) => self.verify(token).await,
            None => Err(NotVerified::Invalid(Invalid::Malformed)),
        };
        let principal = verified.map_err(|reason| match reason {
            NotVerified::Invalid(reason) => {
                metrics().sign_in_refused(reason.kind());
                tracing::info!(%reason, "an access token was refused");
                self.unauthorized(&reason.to_string(), Some("invalid_token"))
            }
            NotVerified::Unavailable(reason) => {
                metrics().sign_in_refused(reason.kind());
                Refused::busy(reason.text())
            }
        })?;
        self.allow(&principal)?;
        Ok(principal)
    }

    async fn verify(&self, token: &str) -> Result<Principal, NotVerified> {
        if let Some(introspection) = &self.0.introspection
            && token::is_opaque(token)
        {
            return introspection.verify(token).await;
        }
        let head = token::head(token, Use::Access)?;
        let key = self.key(&head).await?;
        Ok(token::verify(token, &head, &key, &self.0.rules, now())?)
    }

    /// The key that a token names.
    async fn key(&self, head: &Head) -> Result<Key, NotVerified> {
        self.0.issuer.key(&head.key).await.map_err(|no_key| match no_key {
            NoKey::Unknown => NotVerified::Invalid(Invalid::Key),
            NoKey::Unavailable => NotVerified::Unavailable(Unavailable::Keys),
        })
    }

    /// The descriptions of people that this person may be let in by. A machine is meant only if it is
    /// named.
    fn rules_for(&self, principal: &Principal) -> impl Iterator<Item = &Who> {
        let subject = principal.subject.clone().unwrap_or_default();
        let is_machine = subject.starts_with(MACHINE);
        self.0.allow.iter().filter(move |who| !is_machine || who.names_subject(&subject))
    }

    /// Whether the operator lets this person in.
    pub(super) fn lets_in(&self, principal: &Principal) -> bool {
        self.rules_for(principal).any(|who| who.fits(principal))
    }

    /// Whether the operator lets this person in, or what to answer.
    fn allow(&self, principal: &Principal) -> Result<(), Refused> {
        if self.lets_in(principal) {
            return Ok(());
        }
        tracing::info!(%principal, "someone who isn't allowed was refused");
        let mut rules = self.rules_for(principal);
        let Some(lacking) = rules.find_map(|who| who.lacks_only_scopes(principal)) else {
            metrics().sign_in_refused("not_allowed");
            let reason = "you are signed in, but not allowed to use this server; ask its operator";
            return Err(Refused::new(StatusCode::FORBIDDEN, reason));
        };
        let reason = "the access token lacks a scope that this server needs";
        Err(self.lacks_scopes(principal, lacking, reason))
    }

    /// The refusal of a request whose token lacks only these scopes. Its challenge names those that the
    /// token has too: a client asks for what is named, and would lose the others.
    pub(crate) fn lacks_scopes<'a>(
        &'a self,
        principal: &'a Principal,
        lacking: impl IntoIterator<Item = &'a str>,
        reason: &str,
    ) -> Refused {
        metrics().sign_in_refused("insufficient_scope");
        let held = principal.scopes.iter().map(String::as_str);
        let challenge = self.challenge(Some("insufficient_scope"), held.chain(lacking).collect());
        challenge.refuse(StatusCode::FORBIDDEN, reason)
    }

    fn unauthorized(&self, reason: &str, error: Option<&'static str>) -> Refused {
        self.challenge(error, self.scopes()).refuse(StatusCode::UNAUTHORIZED, reason)
    }

    fn challenge<'a>(&'a self, error: Option<&'static str>, scopes: Vec<&'a str>) -> Challenge<'a> {
        Challenge { metadata: &self.0.metadata_url, error, scopes }
    }
}

/// Why there is no principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotVerified {
    Invalid(Invalid),
    Unavailable(Unavailable),
}

/// Why a token can't be checked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unavailable {
    /// The issuer's keys can't be had.
    Keys,
    /// The issuer gives no response about the token.
    Introspection,
    /// The issuer is asked about other tokens, or was about too many that weren't known.
    Busy,
}

impl Unavailable {
    /// The reason in a word, for metrics.
    fn kind(self) -> &'static str {
        match self {
            Self::Keys => "issuer_unavailable",
            Self::Introspection => "introspection_unavailable",
            Self::Busy => "introspection_limit",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Keys => "the issuer's keys can't be had, so that no token can be checked",
            Self::Introspection => {
                "the issuer can't be asked about the token, so that it can't be checked"
            }
            Self::Busy => "too many tokens are being checked; try again later",
        }
    }
}

impl From<Invalid> for NotVerified {
    fn from(reason: Invalid) -> Self {
        Self::Invalid(reason)
    }
}

/// The time since 1970, by which tokens expire.
fn now() -> SignedDuration {
    SignedDuration::from_secs(jiff::Timestamp::now().as_second())
}

/// The token in `Bearer …`.
fn bearer(authorization: &HeaderValue) -> Option<&str> {
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
