//! Delivering webhooks, as Svix does for Clerk: first attempts in the order of the events, further
//! attempts of each by itself.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::sender::{Sender, SigningSecret};
use crate::store::id;
use crate::time::{Clock, SECOND};

/// Where webhooks go, and how they are signed.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The receiver's address.
    pub url: Url,
    /// The secret that they are signed with.
    pub secret: SigningSecret,
}

/// A receiver of webhooks, as the control API shows it.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) webhook: Webhook,
    /// The types of the events that it gets; all of them if there are none.
    pub(crate) events: Vec<String>,
}

/// How many deliveries may wait; further ones are lost, with a warning in the log.
const WAITING: usize = 10_000;

/// How many events are kept to look at; the oldest are dropped.
const KEPT: usize = 1_000;

/// How long Svix waits before each further attempt, in seconds.
/// <https://docs.svix.com/retries>
const RETRIES: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// An event, with the attempts to deliver it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sent {
    object: &'static str,
    /// The ID of the message; receivers get it in the `svix-id` header.
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    payload: Value,
    attempts: Vec<Attempt>,
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, Serialize)]
struct Attempt {
    url: String,
    /// By the sandbox's clock.
    at: i64,
    /// Null if there was no response.
    status: Option<u16>,
}

/// The webhooks of an instance.
#[derive(Debug)]
pub(crate) struct Deliveries {
    endpoints: Mutex<Vec<Endpoint>>,
    sent: Arc<Mutex<VecDeque<Sent>>>,
    /// Each further attempt waits by this clock.
    clock: watch::Sender<Clock>,
    queue: Mutex<Option<mpsc::Sender<Message>>>,
}

/// A message on its way to one receiver.
#[derive(Clone, Debug)]
struct Message {
    id: String,
    body: String,
    to: Webhook,
}

impl Deliveries {
    /// With these receivers at first.
    pub(crate) fn new(webhook: Option<Webhook>) -> Self {
        let first = webhook.map(|webhook| Endpoint {
            id: id(&mut Rng::new(), "ep"),
            webhook,
            events: Vec::new(),
        });
        Self {
            endpoints: Mutex::new(first.into_iter().collect()),
            sent: Arc::default(),
            clock: watch::Sender::new(Clock::default()),
            queue: Mutex::default(),
        }
    }

    pub(crate) fn endpoints(&self) -> MutexGuard<'_, Vec<Endpoint>> {
        locked(&self.endpoints)
    }

    /// All events that are kept, the oldest first.
    pub(crate) fn sent(&self) -> MutexGuard<'_, VecDeque<Sent>> {
        locked(&self.sent)
    }

    /// Tells those that wait that the clock was changed.
    pub(crate) fn follow(&self, clock: Clock) {
        self.clock.send_replace(clock);
    }

    /// Keeps an event to look at, and delivers it to whoever wants it.
    pub(crate) fn queue(&self, kind: &'static str, payload: Value) {
        let id = id(&mut Rng::new(), "msg");
        let body = payload.to_string();
        let sent = Sent { object: "event", id: id.clone(), kind, payload, attempts: Vec::new() };
        let mut kept = self.sent();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(sent);
        drop(kept);
        for endpoint in self.endpoints().iter() {
            let Endpoint { webhook, events, .. } = endpoint;
            if !events.is_empty() && !events.iter().any(|wanted| wanted == kind) {
                continue;
            }
            let message = Message { id: id.clone(), body: body.clone(), to: webhook.clone() };
            if !self.send(message) {
                tracing::warn!(kind, "too many webhooks wait; one is lost");
            }
        }
    }

    /// Hands a message to the task that sends them, which the first one starts.
    fn send(&self, message: Message) -> bool {
        let mut queue = locked(&self.queue);
        let queue = queue.get_or_insert_with(|| {
            let (sender, waiting) = mpsc::channel(WAITING);
            let worker = Worker { sent: Arc::clone(&self.sent), clock: self.clock.subscribe() };
            tokio::spawn(worker.run(waiting));
            sender
        });
        queue.try_send(message).is_ok()
    }
}

/// What sends messages.
#[derive(Clone, Debug)]
struct Worker {
    sent: Arc<Mutex<VecDeque<Sent>>>,
    clock: watch::Receiver<Clock>,
}

impl Worker {
    async fn run(self, mut waiting: mpsc::Receiver<Message>) {
        let sender = match Sender::new() {
            Ok(sender) => sender,
            Err(error) => {
                tracing::error!(%error, "the sandbox can't send webhooks");
                return;
            }
        };
        while let Some(message) = waiting.recv().await {
            if let Err(at) = self.attempt(&sender, &message).await {
                tokio::spawn(self.clone().retry(sender.clone(), message, at));
            }
        }
    }

    /// Repeats a message that wasn't accepted at this time, until it is or the attempts are used up.
    async fn retry(mut self, sender: Sender, message: Message, mut at: i64) {
        for seconds in RETRIES {
            if !self.wait_until(at.saturating_add(seconds * SECOND)).await {
                return;
            }
            match self.attempt(&sender, &message).await {
                Ok(()) => return,
                Err(time) => at = time,
            }
        }
        tracing::warn!(id = message.id, "a webhook of the sandbox was not accepted");
    }

    /// Waits until the clock shows this time; false if the instance is gone before.
    async fn wait_until(&mut self, due: i64) -> bool {
        loop {
            let clock = *self.clock.borrow_and_update();
            let left = due.saturating_sub(clock.now());
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else {
                return true;
            };
            let changed = if clock.is_frozen() {
                self.clock.changed().await
            } else {
                let changed = self.clock.changed();
                match tokio::time::timeout(Duration::from_millis(left), changed).await {
                    Ok(changed) => changed,
                    Err(_) => continue,
                }
            };
            if changed.is_err() {
                return false;
            }
        }
    }

    /// Sends a message once. If it isn't accepted, the error is when it was sent.
    async fn attempt(&self, sender: &Sender, message: &Message) -> Result<(), i64> {
        let at = self.clock.borrow().now();
        let Webhook { url, secret } = &message.to;
        let status = sender.send(secret, url, &message.id, &message.body).await.ok();
        let mut kept = locked(&self.sent);
        if let Some(sent) = kept.iter_mut().rev().find(|sent| sent.id == message.id) {
            sent.attempts.push(Attempt { url: url.to_string(), at, status });
        }
        if status.is_some_and(|status| (200..300).contains(&status)) { Ok(()) } else { Err(at) }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
