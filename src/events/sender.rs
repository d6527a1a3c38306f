//! Sending events as Clerk does: signed, to an address on this machine.

use std::time::Duration;

use reqwest::Url;

use super::signature::Secret;

/// How long one delivery may take: as long as Svix waits.
/// <https://docs.svix.com/retries>
const DELIVERY: Duration = Duration::from_secs(15);

/// What sends.
#[derive(Debug)]
pub struct Sender {
    http: reqwest::Client,
    secret: Secret,
}

impl Sender {
    /// Signs with `secret`.
    ///
    /// # Errors
    /// The HTTP client can't be built: a clause.
    pub fn new(secret: Secret) -> Result<Self, String> {
        // Fails only where a provider is installed already, which then serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DELIVERY)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http, secret })
    }

    /// Sends the message `id`, dated now. The status that it was answered with.
    ///
    /// # Errors
    /// There was no answer: a clause.
    pub async fn send(&self, to: &Url, id: &str, body: &str) -> Result<u16, String> {
        let now = jiff::Timestamp::now().as_second();
        let answer = self
            .http
            .post(to.clone())
            .header("content-type", "application/json")
            .header("svix-id", id)
            .header("svix-timestamp", now)
            .header("svix-signature", self.secret.sign(id, now, body.as_bytes()))
            .body(body.to_owned())
            .send()
            .await;
        answer.map(|it| it.status().as_u16()).map_err(|error| error.without_url().to_string())
    }
}
