//! Sending webhooks as Clerk does, with Svix's signature: one HMAC-SHA256.
//! <https://docs.svix.com/receiving/verifying-payloads/how-manual>
//!
//! Why not the crate `standardwebhooks` (1.0.1), whose `sign` has the same result: it would add the
//! crates `hmac-sha256` and `time` and a third version of `base64` for these ten lines, while
//! clerk-mcp needs `hmac` and `sha2` in any case to verify webhooks and seal approvals. It also
//! accepts secrets of any length and keeps them in a plain vector, which is not wiped.

use std::{fmt, time::Duration};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use crate::time;

/// How long the receiver may take to respond: as long as Svix waits.
/// <https://docs.svix.com/retries>
const DELIVERY: Duration = Duration::from_secs(15);
/// How a signing secret begins.
const PREFIX: &str = "whsec_";
/// The least number of bytes of a signing secret.
const SHORTEST: usize = 16;

/// A signing secret: `whsec_` and a key in base64. Its `Debug` does not show the key.
#[derive(Clone)]
pub struct SigningSecret(SecretSlice<u8>);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

/// Why a string isn't a signing secret. Its text is a clause, and never holds the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidSecret {
    /// What comes after `whsec_` is not base64.
    NotBase64,
    /// It has fewer than 16 bytes.
    TooShort,
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotBase64 => "is not base64 after whsec_",
            Self::TooShort => "is too short for a signing secret",
        })
    }
}

impl std::error::Error for InvalidSecret {}

impl SigningSecret {
    /// Reads a secret as Clerk's dashboard shows it.
    ///
    /// # Errors
    /// The string isn't a signing secret.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        let key = BASE64_STANDARD
            .decode(text.strip_prefix(PREFIX).unwrap_or(text))
            .map_err(|_| InvalidSecret::NotBase64)?;
        if key.len() < SHORTEST { Err(InvalidSecret::TooShort) } else { Ok(Self(key.into())) }
    }

    /// A new secret, in the form that [`SigningSecret::parse`] reads.
    pub(crate) fn generate() -> String {
        let bytes: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(24).collect();
        format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes))
    }

    /// The secret with these bytes.
    #[must_use]
    pub fn new(key: SecretSlice<u8>) -> Self {
        Self(key)
    }

    /// The value of the signature header for a message sent at `timestamp`, in Unix seconds.
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signature = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).map(|mut mac| {
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            BASE64_STANDARD.encode(mac.finalize().into_bytes())
        });
        format!("v1,{}", signature.unwrap_or_default())
    }
}

/// Signs webhooks and sends them.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    http: reqwest::Client,
}

impl Sender {
    /// # Errors
    /// The HTTP client can't be built.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        // Fails only if a provider is installed already, which then serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DELIVERY)
            .build()?;
        Ok(Self { http })
    }

    /// Sends the message `id`, signed and dated now, and returns the status of the response. The
    /// date is the machine's, whatever the sandbox's clock shows: receivers compare it with theirs.
    ///
    /// # Errors
    /// There was no response.
    pub(crate) async fn send(
        &self,
        secret: &SigningSecret,
        to: &Url,
        id: &str,
        body: &str,
    ) -> Result<u16, reqwest::Error> {
        let now = time::clock() / time::SECOND;
        let response = self
            .http
            .post(to.clone())
            .header("content-type", "application/json")
            .header("svix-id", id)
            .header("svix-timestamp", now)
            .header("svix-signature", secret.sign(id, now, body.as_bytes()))
            .body(body.to_owned())
            .send()
            .await?;
        Ok(response.status().as_u16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_svixs_own_libraries_sign_it() {
        let secret = SigningSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        assert_eq!(
            secret.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
        );
        assert_eq!(format!("{secret:?}"), "SigningSecret");
        assert_eq!(SigningSecret::parse("whsec_%").unwrap_err(), InvalidSecret::NotBase64);
        assert_eq!(SigningSecret::parse("whsec_YWJj").unwrap_err(), InvalidSecret::TooShort);
    }
}
