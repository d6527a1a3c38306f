//! Delivering webhooks: a queue, and one task that sends what is in it.

use std::time::Duration;

use fastrand::Rng;
use reqwest::Url;
use tokio::sync::mpsc;

use crate::sender::{Sender, SigningSecret};
use crate::store::id;

/// Where webhooks go, and how they are signed.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The receiver's address.
    pub url: Url,
    /// The secret that they are signed with.
    pub secret: SigningSecret,
}

/// How many deliveries may wait; further ones are lost, with a warning in the log.
const WAITING: usize = 10_000;

/// How long to wait before each further attempt, in ms. Svix continues for a day.
const RETRIES: [u64; 3] = [200, 1_000, 5_000];

/// The queue of webhooks to deliver.
#[derive(Debug)]
pub(crate) struct Deliveries(mpsc::Sender<(String, String)>);

impl Deliveries {
    /// Starts to deliver, one after the other in the order of the changes.
    pub(crate) fn start(webhook: Webhook) -> Self {
        let (sender, mut waiting) = mpsc::channel::<(String, String)>(WAITING);
        tokio::spawn(async move {
            let sender = match Sender::new(webhook.secret) {
                Ok(sender) => sender,
                Err(error) => {
                    tracing::error!(%error, "the sandbox can't send webhooks");
                    return;
                }
            };
            while let Some((id, body)) = waiting.recv().await {
                deliver(&sender, &webhook.url, &id, &body).await;
            }
        });
        Self(sender)
    }

    /// Queues an event of this type.
    pub(crate) fn queue(&self, kind: &str, body: String) {
        if self.0.try_send((id(&mut Rng::new(), "msg"), body)).is_err() {
            tracing::warn!(kind, "too many webhooks wait; one is lost");
        }
    }
}

/// Sends a message until the receiver accepts it or the attempts are used up.
async fn deliver(sender: &Sender, url: &Url, id: &str, body: &str) {
    let mut waits = RETRIES.iter();
    loop {
        let status = sender.send(url, id, body).await;
        if status.is_ok_and(|status| (200..300).contains(&status)) {
            return;
        }
        let Some(wait) = waits.next() else {
            tracing::warn!(id, "a webhook of the sandbox was not accepted");
            return;
        };
        tokio::time::sleep(Duration::from_millis(*wait)).await;
    }
}
