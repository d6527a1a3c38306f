//! Sending events as Clerk does: signed, to an address on this machine.

use std::time::Duration;

use reqwest::Url;

use super::signature::Secret;

/// How long one delivery may take: as long as Svix waits.
/// <https://docs.svix.com/retries>
const DELIVERY: Duration = Duration::from_secs(15);

/// Why a delivery can't be sent, or got no response. Its text never has the address in it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SendError(reqwest::Error);

/// Sends events to one receiver after the other.
#[derive(Debug)]
pub struct Sender {
    http: reqwest::Client,
    secret: Secret,
}

impl Sender {
    /// Signs with `secret`.
    ///
    /// # Errors
    /// The HTTP client can't be built.
    pub fn new(secret: Secret) -> Result<Self, SendError> {
        // Fails only if a provider is installed already, which then serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DELIVERY)
            .build()
            .map_err(SendError)?;
        Ok(Self { http, secret })
    }

    /// Sends the message `id`, dated now. Returns the status of the response.
    ///
    /// # Errors
    /// There was no response.
    pub async fn send(&self, to: &Url, id: &str, body: &str) -> Result<u16, SendError> {
        let now = jiff::Timestamp::now().as_second();
        let response = self
            .http
            .post(to.clone())
            .header("content-type", "application/json")
            .header("svix-id", id)
            .header("svix-timestamp", now)
            .header("svix-signature", self.secret.sign(id, now, body.as_bytes()))
            .body(body.to_owned())
            .send()
            .await;
        let status = response.map(|response| response.status().as_u16());
        status.map_err(|error| SendError(error.without_url()))
    }
}
