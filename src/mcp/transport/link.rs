//! What lies between rmcp and a connection whose bytes are read and written here: messages in,
//! messages out, and how many of each may wait.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    sync::{Arc, Mutex, PoisonError},
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, JsonRpcNotification, RequestId,
        ServerJsonRpcMessage,
    },
    service::ServerInitializeError,
    transport::Transport,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinError,
};
use tokio_util::sync::CancellationToken;

use super::message::Invalid;

/// A message on its way to rmcp. A request has a place until its answer has left.
struct Incoming {
    message: ClientJsonRpcMessage,
    place: Option<OwnedSemaphorePermit>,
}

/// A message on its way to the client, which has a place until it is taken.
pub(super) struct Outgoing {
    /// The message as JSON.
    pub(super) text: String,
    _place: Option<OwnedSemaphorePermit>,
}

/// A connection with room for so many requests that were not answered, so many messages of the
/// client that were not read, and so many of the server's own that were not taken.
pub(super) fn link(room: usize) -> (Client, Link, mpsc::UnboundedReceiver<Outgoing>) {
    let (to_server, from_client) = mpsc::channel(room);
    // Each message in it has a place.
    let (to_client, from_server) = mpsc::unbounded_channel();
    let places = Arc::new(Semaphore::new(room));
    let client = Client { to_server, to_client: to_client.clone(), places };
    let link = Link {
        from_client: Arc::new(tokio::sync::Mutex::new(from_client)),
        to_client,
        own_places: Arc::new(Semaphore::new(room)),
        under_way: Arc::default(),
    };
    (client, link, from_server)
}

/// The side of the client: where its messages go.
#[derive(Clone)]
pub(super) struct Client {
    to_server: mpsc::Sender<Incoming>,
    to_client: mpsc::UnboundedSender<Outgoing>,
    places: Arc<Semaphore>,
}

/// A message was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// Too many wait.
    Full,
    /// The server has ended the connection.
    Ended,
}

impl Client {
    /// Hands a message over if there is room for it.
    pub(super) fn try_send(&self, message: ClientJsonRpcMessage) -> Result<(), NotTaken> {
        let place = match &message {
            JsonRpcMessage::Request(_) => {
                let place = self.places.clone().try_acquire_owned();
                Some(place.map_err(|_| NotTaken::Full)?)
            }
            _ => None,
        };
        self.to_server.try_send(Incoming { message, place }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(_) => NotTaken::Ended,
        })
    }

    /// Hands a message over once there is room for it.
    pub(super) async fn send(&self, message: ClientJsonRpcMessage) -> Result<(), NotTaken> {
        let place = match &message {
            JsonRpcMessage::Request(_) => Some(self.place().await?),
            _ => None,
        };
        let sent = self.to_server.send(Incoming { message, place }).await;
        sent.map_err(|_| NotTaken::Ended)
    }

    /// Answers bytes that are no message once there is room for it.
    pub(super) async fn refuse(&self, invalid: &Invalid) -> Result<(), NotTaken> {
        for answer in invalid.answers() {
            let place = Some(self.place().await?);
            let answer = Outgoing { text: answer.to_string(), _place: place };
            self.to_client.send(answer).map_err(|_| NotTaken::Ended)?;
        }
        Ok(())
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, NotTaken> {
        self.places.clone().acquire_owned().await.map_err(|_| NotTaken::Ended)
    }
}

/// The side of rmcp.
#[derive(Clone)]
pub(super) struct Link {
    from_client: Arc<tokio::sync::Mutex<mpsc::Receiver<Incoming>>>,
    to_client: mpsc::UnboundedSender<Outgoing>,
    own_places: Arc<Semaphore>,
    /// The requests that rmcp has not answered, with their places.
    under_way: Arc<Mutex<HashMap<RequestId, Option<OwnedSemaphorePermit>>>>,
}

impl Link {
    /// Takes a request in, unless its id is another's: rmcp would answer only one of the two.
    fn begin(&self, id: &RequestId, place: Option<OwnedSemaphorePermit>) -> bool {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Vacant(entry) = under_way.entry(id.clone()) {
            entry.insert(place);
            return true;
        }
        let error = ErrorData::invalid_request("a request with this id is under way", None);
        let refused = self.put(&ServerJsonRpcMessage::error(error, Some(id.clone())), place);
        if let Err(error) = refused {
            tracing::debug!(%error, "a request can't be refused");
        }
        false
    }

    /// A request is answered or cancelled. One that was never under way frees no place.
    fn end(&self, id: &RequestId) -> Option<OwnedSemaphorePermit> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.remove(id).flatten()
    }

    fn put(
        &self,
        message: &ServerJsonRpcMessage,
        place: Option<OwnedSemaphorePermit>,
    ) -> io::Result<()> {
        let outgoing = Outgoing { text: serde_json::to_string(message)?, _place: place };
        self.to_client.send(outgoing).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Transport<RoleServer> for Link {
    type Error = io::Error;

    /// Sends at once or not at all: rmcp keeps what waits to be sent, and sets no bound to it.
    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let place = match &message {
            JsonRpcMessage::Response(response) => Ok(self.end(&response.id)),
            JsonRpcMessage::Error(error) => Ok(error.id.as_ref().and_then(|id| self.end(id))),
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => {
                let place = self.own_places.clone().try_acquire_owned();
                place.map(Some).map_err(|_| io::Error::other("too many messages wait to be read"))
            }
        };
        std::future::ready(place.and_then(|place| self.put(&message, place)))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let Incoming { message, place } = self.from_client.lock().await.recv().await?;
            match &message {
                JsonRpcMessage::Request(request) if !self.begin(&request.id, place) => continue,
                // rmcp answers it no more.
                JsonRpcMessage::Notification(JsonRpcNotification {
                    notification: ClientNotification::CancelledNotification(cancelled),
                    ..
                }) => drop(cancelled.params.request_id.as_ref().map(|id| self.end(id))),
                _ => {}
            }
            return Some(message);
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why serving a connection failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A session could not begin.
    #[error("the session could not begin: {0}")]
    Begin(Box<ServerInitializeError>),
    /// The task that serves ended too early.
    #[error("the server failed: {0}")]
    Failed(#[from] JoinError),
}

/// Serves a client until its side of the link is dropped or `ended` is cancelled. rmcp gives up a
/// session if its first message isn't a request or its first request fails; another begins then.
///
/// # Errors
/// rmcp failed.
pub(super) async fn serve<H: ServerHandler + Clone>(
    handler: H,
    link: Link,
    ended: CancellationToken,
) -> Result<(), ServeError> {
    loop {
        match handler.clone().serve_with_ct(link.clone(), ended.clone()).await {
            Ok(running) => {
                drop(link);
                running.waiting().await?;
                return Ok(());
            }
            Err(
                ServerInitializeError::ExpectedInitializeRequest(_)
                | ServerInitializeError::InitializeFailed(_),
            ) => tracing::debug!("a message before the session began was ignored"),
            Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
                return Ok(());
            }
            Err(error) => return Err(ServeError::Begin(Box::new(error))),
        }
    }
}
