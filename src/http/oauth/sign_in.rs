//! Signing in with a browser: the authorization code flow with PKCE, in which this server is an OAuth
//! client. <https://www.rfc-editor.org/rfc/rfc9700> <https://openid.net/specs/openid-connect-core-1_0.html>

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::{
    Method, Request, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    NotVerified, OAuth,
    issuer::LARGEST,
    now,
    token::{self, Rules, Use},
};
use crate::principal::Principal;

/// What is asked for beside the scopes of `--oauth-allow`: who the person is.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// This server as a client of the issuer.
#[derive(Clone, Debug)]
pub struct OAuthClient {
    /// Its ID at the issuer.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<SecretString>,
}

/// One attempt to sign in. Its texts are random.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::http) struct Attempt {
    /// Comes back with the code.
    pub(in crate::http) state: String,
    /// Comes back in the ID token.
    nonce: String,
    /// Shows that who exchanges the code is who asked for it.
    verifier: String,
}

/// Why nobody is signed in. Its text repeats nothing of a code or a token.
#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum SignInError {
    #[error("the issuer can't be reached, or doesn't say where people sign in")]
    Unavailable,
    #[error("the issuer refused the sign-in: {0}")]
    Refused(String),
    #[error("the issuer's response can't be used: {0}")]
    Invalid(String),
}

/// What the issuer gives for a code.
#[derive(Deserialize)]
struct Tokens {
    access_token: Option<String>,
    id_token: Option<String>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Attempt {
    pub(in crate::http) fn new() -> Option<Self> {
        Some(Self { state: random()?, nonce: random()?, verifier: random()? })
    }
}

/// 256 random bits as text.
pub(in crate::http) fn random() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

impl OAuth {
    /// Where a browser is sent to sign in. `more` are scopes to ask for beside those of `--oauth-allow`.
    ///
    /// # Errors
    /// The issuer doesn't say.
    pub(in crate::http) async fn sign_in_url(
        &self,
        client: &OAuthClient,
        attempt: &Attempt,
        back_to: &str,
        more: &[String],
    ) -> Result<Url, SignInError> {
        let mut scopes: Vec<&str> = SCOPES.to_vec();
        for scope in self.scopes().into_iter().chain(more.iter().map(String::as_str)) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        let scopes = scopes.join(" ");
        let endpoints = self.0.issuer.endpoints().await;
        let mut url = endpoints.authorization.ok_or(SignInError::Unavailable)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&attempt.verifier));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", back_to)
            .append_pair("scope", &scopes)
            .append_pair("resource", &self.0.rules.resource)
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Who came back with this code.
    ///
    /// # Errors
    /// The issuer gives nothing for it, or nothing that is valid.
    pub(in crate::http) async fn signed_in(
        &self,
        client: &OAuthClient,
        attempt: &Attempt,
        code: &str,
        back_to: &str,
    ) -> Result<Principal, SignInError> {
        let tokens = self.exchange(client, attempt, code, back_to).await?;
        let identity = match &tokens.id_token {
            Some(token) => Some(self.identify(client, attempt, token, tokens.scope).await?),
            None => None,
        };
        // It says more of the person, if it is for this server.
        let access = match &tokens.access_token {
            Some(token) => match self.verify(token).await {
                Ok(principal) => Some(principal),
                Err(NotVerified::Unavailable(_)) => return Err(SignInError::Unavailable),
                Err(NotVerified::Invalid(_)) => None,
            },
            None => None,
        };
        match (access, identity) {
            (Some(access), Some(identity)) if access.subject != identity.subject => {
                Err(SignInError::Invalid("its tokens are for two people".to_owned()))
            }
            (Some(access), Some(identity)) => Ok(access.with(identity)),
            (Some(principal), None) | (None, Some(principal)) => Ok(principal),
            (None, None) => Err(SignInError::Invalid(
                "it has no ID token, and no access token for this server".to_owned(),
            )),
        }
    }

    async fn exchange(
        &self,
        client: &OAuthClient,
        attempt: &Attempt,
        code: &str,
        back_to: &str,
    ) -> Result<Tokens, SignInError> {
        let url = self.0.issuer.endpoints().await.token.ok_or(SignInError::Unavailable)?;
        let form = client.form(attempt, code, back_to, &self.0.rules.resource);
        let request = client.post(url, form);
        let (status, body) = self.0.issuer.send(request, LARGEST).await.map_err(|reason| {
            tracing::warn!(reason, "a code can't be exchanged");
            SignInError::Unavailable
        })?;
        if status != 200 {
            let refusal: Option<Refusal> = serde_json::from_slice(&body).ok();
            let error = refusal.map_or_else(|| format!("HTTP {status}"), |refusal| refusal.error);
            return Err(SignInError::Refused(error));
        }
        serde_json::from_slice(&body)
            .map_err(|_| SignInError::Invalid("it isn't a token response".to_owned()))
    }

    /// Who an ID token is for.
    async fn identify(
        &self,
        client: &OAuthClient,
        attempt: &Attempt,
        token: &str,
        scope: Option<String>,
    ) -> Result<Principal, SignInError> {
        let invalid = |reason: NotVerified| match reason {
            NotVerified::Invalid(reason) => SignInError::Invalid(format!("ID token: {reason}")),
            NotVerified::Unavailable(_) => SignInError::Unavailable,
        };
        let head = token::head(token, Use::Identity).map_err(|reason| invalid(reason.into()))?;
        let key = self.key(&head).await.map_err(invalid)?;
        let issuer = self.0.rules.issuer.clone();
        let rules = Rules { issuer, resource: client.id.clone(), any_audience: false };
        let identified = token::identify(token, &head, &key, &rules, &attempt.nonce, now());
        let mut principal = identified.map_err(|reason| invalid(reason.into()))?;
        if let Some(scope) = scope {
            principal.scopes = scope.split_ascii_whitespace().map(str::to_owned).collect();
        }
        Ok(principal)
    }
}

impl OAuthClient {
    /// The form with which a code is exchanged. <https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3>
    fn form(&self, attempt: &Attempt, code: &str, back_to: &str, resource: &str) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", back_to)
            .append_pair("code_verifier", &attempt.verifier)
            .append_pair("resource", resource);
        if self.secret.is_none() {
            form.append_pair("client_id", &self.id);
        }
        form.finish()
    }

    /// A form for the issuer, from this client.
    pub(super) fn post(&self, url: Url, form: String) -> Request {
        let mut request = Request::new(Method::POST, url);
        *request.body_mut() = Some(form.into());
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form_type);
        if let Some(header) = self.basic() {
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        request
    }

    /// How a client with a secret says who it is. <https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1>
    fn basic(&self) -> Option<HeaderValue> {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let secret = encode(self.secret.as_ref()?.expose_secret());
        let both = STANDARD.encode(format!("{}:{secret}", encode(&self.id)));
        let mut header = HeaderValue::try_from(format!("Basic {both}")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}
