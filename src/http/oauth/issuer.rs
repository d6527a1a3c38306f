//! Where the issuer's keys are, and for how long they are used.
//! <https://www.rfc-editor.org/rfc/rfc8414>

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use clerk_api::{Client, ClientConfig, RetryPolicy, is_loopback};
use reqwest::{
    Method, Request, Url,
    header::{ACCEPT, HeaderValue, USER_AGENT},
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::keys::{Key, Keys};
use crate::ctx;

/// How long keys are used before they are asked for again.
const FRESH: Duration = Duration::from_mins(10);
/// How long keys are used if the issuer doesn't respond.
const STALE: Duration = Duration::from_hours(1);
/// How long one response may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The largest document that is read, in bytes.
pub(super) const LARGEST: usize = 256 << 10;
/// How often the issuer is asked within [`WINDOW`] at most, however many unknown keys are named.
const FETCHES: usize = 5;
const WINDOW: Duration = Duration::from_mins(1);

/// An issuer, and its keys.
#[derive(Clone, Debug)]
pub(super) struct Issuer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    client: Client,
    state: Mutex<State>,
    /// Held while the issuer is asked: those who wait take the same response.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<(Instant, Keys)>,
    /// Where people sign in, from the same metadata.
    endpoints: Endpoints,
    /// When the issuer was asked within the last [`WINDOW`].
    asked: VecDeque<Instant>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none with this ID.
    Unknown,
    /// The issuer's keys couldn't be had.
    Unavailable,
}

/// Where people sign in.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoints {
    /// Where a browser is sent to.
    pub(super) authorization: Option<Url>,
    /// Where a code is exchanged.
    pub(super) token: Option<Url>,
    /// Where the issuer is asked about a token.
    pub(super) introspection: Option<Url>,
}

/// What is known of an issuer's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeysState {
    /// They were fetched a short time ago.
    Fetched,
    /// The issuer doesn't respond, and its last keys are still used.
    Stale,
    /// There are none that may be used: no token can be checked.
    Missing,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
}

impl Metadata {
    /// The endpoints that a browser and this server may use.
    fn endpoints(&self) -> Endpoints {
        let url = |text: &Option<String>| Url::parse(text.as_deref()?).ok().filter(is_safe);
        Endpoints {
            authorization: url(&self.authorization_endpoint),
            token: url(&self.token_endpoint),
            introspection: url(&self.introspection_endpoint),
        }
    }
}

impl Issuer {
    /// The issuer with this URL, which is `url` as it was written.
    pub(super) fn new(name: String, url: Url) -> Self {
        let mut config = ClientConfig::new(url, ctx::USER_AGENT);
        (config.timeout, config.connect_timeout, config.retry) =
            (PATIENCE, PATIENCE, RetryPolicy::NEVER);
        let (state, asking) = (Mutex::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Inner { name, client: Client::new(config), state, asking }))
    }

    /// The key with this ID. The issuer is asked if it isn't known, or the keys are old.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn key(&self, id: &str) -> Result<Key, NoKey> {
        match self.known(id, FRESH) {
            Ok(key) => return Ok(key),
            // Those who have an old key don't wait for whom another waits already.
            Err(_) if self.0.asking.try_lock().is_err() => {
                if let Ok(key) = self.known(id, STALE) {
                    return Ok(key);
                }
            }
            Err(_) => {}
        }
        let (issuer, wanted) = (self.clone(), id.to_owned());
        // A client that hangs up must not spoil it for the others.
        let asking = tokio::spawn(async move {
            let _asking = issuer.0.asking.lock().await;
            if issuer.known(&wanted, FRESH).is_err() {
                issuer.ask().await;
            }
        });
        let _ = asking.await;
        self.known(id, STALE)
    }

    /// What there is to check tokens with, after the issuer was asked if the keys are old.
    pub(super) async fn keys(&self) -> KeysState {
        // No key has an empty ID.
        let age = |state: &State| state.keys.as_ref().map(|(since, _)| since.elapsed());
        if age(&self.state()).is_none_or(|age| age >= FRESH) {
            let _ = self.key("").await;
        }
        match age(&self.state()) {
            Some(age) if age < FRESH => KeysState::Fetched,
            Some(age) if age < STALE => KeysState::Stale,
            _ => KeysState::Missing,
        }
    }

    /// Where people sign in, if the issuer says.
    pub(super) async fn endpoints(&self) -> Endpoints {
        let _ = self.keys().await;
        self.state().endpoints.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, id: &str, limit: Duration) -> Result<Key, NoKey> {
        let state = self.state();
        let keys = state.keys.as_ref().filter(|(since, _)| since.elapsed() < limit);
        let (_, keys) = keys.ok_or(NoKey::Unavailable)?;
        keys.get(id).cloned().ok_or(NoKey::Unknown)
    }

    /// Whether the issuer may be asked now.
    fn may_ask(&self) -> bool {
        let mut state = self.state();
        state.asked.retain(|asked| asked.elapsed() < WINDOW);
        let may = state.asked.len() < FETCHES;
        if may {
            state.asked.push_back(Instant::now());
        }
        may
    }

    async fn ask(&self) {
        if !self.may_ask() {
            tracing::debug!("the issuer isn't asked for its keys again within a minute");
            return;
        }
        match self.fetch().await {
            Ok((keys, endpoints)) => {
                let mut state = self.state();
                (state.keys, state.endpoints) = (Some((Instant::now(), keys)), endpoints);
            }
            Err(reason) => {
                tracing::warn!(issuer = self.0.name, reason, "the issuer's keys can't be had");
            }
        }
    }

    async fn fetch(&self) -> Result<(Keys, Endpoints), String> {
        let mut reason = "its metadata can't be read".to_owned();
        for url in metadata_urls(&self.0.name) {
            let document = match self.get(url).await {
                Ok(document) => document,
                Err(error) => {
                    reason = error;
                    continue;
                }
            };
            let metadata: Metadata = serde_json::from_slice(&document)
                .map_err(|_| "its metadata has no issuer or no jwks_uri")?;
            if metadata.issuer != self.0.name {
                return Err("its metadata is another issuer's".to_owned());
            }
            let keys = Url::parse(&metadata.jwks_uri).map_err(|_| "its jwks_uri isn't a URL")?;
            let keys = Keys::read(&self.get(keys).await?);
            let keys = keys.map_err(|flaw| format!("its key set {flaw}"))?;
            return Ok((keys, metadata.endpoints()));
        }
        Err(reason)
    }

    async fn get(&self, url: Url) -> Result<Vec<u8>, String> {
        let request = Request::new(Method::GET, url.clone());
        let (status, body) = self.send(request, LARGEST).await?;
        if status == 200 { Ok(body) } else { Err(format!("{url} responds with {status}")) }
    }

    /// Sends a request to the issuer, and returns the status and the body of its response, which has at
    /// most `largest` bytes.
    ///
    /// # Errors
    /// Why there is no response, without anything of the request but its URL.
    pub(super) async fn send(
        &self,
        mut request: Request,
        largest: usize,
    ) -> Result<(u16, Vec<u8>), String> {
        let url = request.url().clone();
        if !is_safe(&url) {
            return Err(format!("{url} isn't an https URL"));
        }
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(ctx::USER_AGENT));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let reading = async {
            // No redirect is followed.
            let sent = self.0.client.send_plain(request).await;
            let mut response = sent.map_err(|_| format!("{url} doesn't respond"))?;
            let mut bytes = Vec::new();
            while let Some(chunk) =
                response.chunk().await.map_err(|_| format!("{url} broke off its response"))?
            {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > largest {
                    return Err(format!("{url} has more than {} KiB", largest >> 10));
                }
            }
            Ok((response.status().as_u16(), bytes))
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.unwrap_or_else(|_| Err(format!("{url} doesn't respond within 5 s")))
    }
}

/// Whether what is sent there can't be read on the way.
fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Where an issuer's metadata may be, as clients look for it.
/// <https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#authorization-server-metadata-discovery>
fn metadata_urls(issuer: &str) -> Vec<Url> {
    let Ok(url) = Url::parse(issuer) else { return Vec::new() };
    let path = url.path().trim_end_matches('/').to_owned();
    let mut paths = vec![
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    paths.dedup();
    let at = |path: String| {
        let mut url = url.clone();
        url.set_path(&path);
        url
    };
    paths.into_iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_where_clients_look_for_it() {
        let paths = |issuer| -> Vec<String> {
            metadata_urls(issuer).iter().map(|url| url.as_str().to_owned()).collect()
        };
        assert_eq!(
            paths("https://clerk.example.com"),
            [
                "https://clerk.example.com/.well-known/oauth-authorization-server",
                "https://clerk.example.com/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            paths("https://id.example.com/realms/a/"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server/realms/a",
                "https://id.example.com/.well-known/openid-configuration/realms/a",
                "https://id.example.com/realms/a/.well-known/openid-configuration",
            ]
        );
    }
}
