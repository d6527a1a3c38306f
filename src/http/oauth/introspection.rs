//! Opaque access tokens: the issuer is asked about each, and its response is used for a short time.
//! <https://www.rfc-editor.org/rfc/rfc7662>

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout};
use url::form_urlencoded::Serializer;

use super::{
    NotVerified, OAuthClient, Unavailable,
    issuer::{Issuer, PATIENCE},
    now,
    token::{Introspected, Rules},
};
use crate::principal::Principal;

/// How long a response about a valid token is used. A token that is revoked works that long.
const FRESH: Duration = Duration::from_secs(30);
/// How long one about an invalid token is used.
const REFUSED_FOR: Duration = Duration::from_secs(10);
/// How long the issuer isn't asked again about a token after it gave no response.
const FAILED_FOR: Duration = Duration::from_secs(1);
/// How long a token that was valid isn't unknown.
const KNOWN: Duration = Duration::from_hours(1);
/// How many tokens that aren't known the issuer is asked about within [`WINDOW`] at most.
const UNKNOWN: usize = 60;
const WINDOW: Duration = Duration::from_mins(1);
/// How many tokens the issuer is asked about at the same time.
const AT_ONCE: usize = 8;
/// How many responses are kept.
const MOST: usize = 1000;
/// The largest response that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// Asks an issuer about tokens.
pub(super) struct Introspection {
    issuer: Issuer,
    client: OAuthClient,
    rules: Rules,
    known: Mutex<Known>,
    /// One is held while the issuer is asked, the same one for the same token: those who wait take the
    /// same response.
    turns: [Arc<tokio::sync::Mutex<()>>; AT_ONCE],
}

/// The SHA-256 of a token, which isn't kept itself.
type Hash = [u8; 32];

/// Whom a token is for and when it expires, or why it isn't accepted.
type Verdict = Result<(Principal, SignedDuration), NotVerified>;

/// What is known of tokens.
#[derive(Default)]
struct Known {
    responses: HashMap<Hash, Response>,
    /// When the issuer was asked about tokens that weren't known, within the last [`WINDOW`].
    asked: VecDeque<Instant>,
}

/// What is known of a token.
struct Response {
    verdict: Verdict,
    /// Until when the issuer isn't asked again.
    fresh_until: Instant,
    /// Until when asking again doesn't count as asking about an unknown token.
    known_until: Instant,
}

impl Introspection {
    /// Asks this issuer, as this client.
    pub(super) fn new(issuer: Issuer, client: OAuthClient, rules: Rules) -> Self {
        Self { issuer, client, rules, known: Mutex::default(), turns: Default::default() }
    }

    /// Whom an opaque token is for.
    ///
    /// # Errors
    /// It isn't valid, or can't be checked now.
    pub(super) async fn verify(self: &Arc<Self>, token: &str) -> Result<Principal, NotVerified> {
        const BUSY: NotVerified = NotVerified::Unavailable(Unavailable::Busy);
        const FAILED: NotVerified = NotVerified::Unavailable(Unavailable::Introspection);
        let hash: Hash = Sha256::digest(token).into();
        if let Some(verdict) = self.known().fresh(&hash, now()) {
            return verdict;
        }
        let turn = self.turns.get(usize::from(hash[0]) % AT_ONCE).ok_or(BUSY)?;
        let turn = timeout(PATIENCE, turn.clone().lock_owned()).await.map_err(|_| BUSY)?;
        if let Some(verdict) = self.known().fresh(&hash, now()) {
            return verdict;
        }
        if !self.known().may_ask(&hash) {
            tracing::debug!("the issuer isn't asked about another unknown token within a minute");
            return Err(BUSY);
        }
        let (this, token) = (self.clone(), token.to_owned());
        // A client that hangs up must not spoil it for the others, or make the issuer be asked again.
        let asking = tokio::spawn(async move {
            let _turn = turn;
            let verdict = this.ask(&token).await;
            this.known().keep(hash, verdict.clone());
            verdict
        });
        let (principal, _) = asking.await.unwrap_or(Err(FAILED))?;
        Ok(principal)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, token: &str) -> Verdict {
        let response = self.response(token).await.map_err(|reason| {
            tracing::warn!(reason, "the issuer can't be asked about an opaque token");
            NotVerified::Unavailable(Unavailable::Introspection)
        })?;
        Ok(response.verify(&self.rules, now())?)
    }

    async fn response(&self, token: &str) -> Result<Introspected, String> {
        let url = self.issuer.endpoints().await.introspection.ok_or(
            "its metadata can't be read, or has no introspection_endpoint that is an https URL",
        )?;
        let request = self.client.post(url.clone(), form(token));
        match self.issuer.send(request, LARGEST).await? {
            (200, body) => Introspected::read(&body)
                .ok_or_else(|| format!("{url} responds with what isn't an introspection response")),
            (401, _) => Err(format!("{url} refuses this server's client ID or secret")),
            (status, _) => Err(format!("{url} responds with {status}")),
        }
    }
}

/// The question. <https://www.rfc-editor.org/rfc/rfc7662#section-2.1>
fn form(token: &str) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("token", token).append_pair("token_type_hint", "access_token").finish()
}

impl Known {
    /// What the issuer responded about a token a short time ago. Nobody is let in by it after the token
    /// expired.
    fn fresh(&self, hash: &Hash, now: SignedDuration) -> Option<Result<Principal, NotVerified>> {
        let response = self.responses.get(hash)?;
        match &response.verdict {
            _ if Instant::now() >= response.fresh_until => None,
            Ok((_, expiry)) if now >= *expiry => None,
            Ok((principal, _)) => Some(Ok(principal.clone())),
            Err(reason) => Some(Err(*reason)),
        }
    }

    /// Whether the issuer may be asked about a token now.
    fn may_ask(&mut self, hash: &Hash) -> bool {
        let now = Instant::now();
        if self.responses.get(hash).is_some_and(|response| now < response.known_until) {
            return true;
        }
        self.asked.retain(|asked| now.duration_since(*asked) < WINDOW);
        let may = self.asked.len() < UNKNOWN;
        if may {
            self.asked.push_back(now);
        }
        may
    }

    fn keep(&mut self, hash: Hash, verdict: Verdict) {
        let now = Instant::now();
        let before = self.responses.remove(&hash).map_or(now, |before| before.known_until);
        let (fresh, known_until) = match &verdict {
            Ok(_) => (FRESH, now + KNOWN),
            Err(NotVerified::Invalid(_)) => (REFUSED_FOR, now),
            Err(NotVerified::Unavailable(_)) => (FAILED_FOR, before),
        };
        let fresh_until = now + fresh;
        self.responses.retain(|_, kept| now < kept.fresh_until.max(kept.known_until));
        if self.responses.len() >= MOST {
            // Those that were refused are first.
            let oldest = self.responses.iter().min_by_key(|(_, kept)| kept.known_until);
            let oldest = oldest.map(|(hash, _)| *hash);
            oldest.and_then(|oldest| self.responses.remove(&oldest));
        }
        self.responses.insert(hash, Response { verdict, fresh_until, known_until });
    }
}

#[cfg(test)]
mod tests;
