//! Where Clerk's webhooks come in: `POST /webhooks/clerk`. It is the one route that the outside must
//! reach, so it demands nothing but the signature, and may have an address of its own.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::net::TcpListener;

use super::{access::Refused, body, peer::PeerAddress, places::Places};
use crate::current::Current;
use crate::events::{
    Event, Events, Kept,
    signature::{Claim, Invalid, Secret},
};
use crate::metrics::metrics;

/// The path of the route.
pub const PATH: &str = "/webhooks/clerk";
/// The largest body, in bytes. A user with full metadata has about 30 kB.
const BODY_LIMIT: usize = 1 << 20;
/// How long the body of a delivery may take to arrive. Until then nobody knows whether it is Clerk's.
const BODY_TIME: Duration = Duration::from_secs(5);
/// How many bodies may be on their way from addresses that have signed well, and as many from all
/// others. A further one takes the place of the one that has taken longest, which is sent again.
const AT_ONCE: usize = 128;
/// How many addresses that have signed well are known. Svix has about a dozen.
const PEERS: usize = 64;

/// What receives deliveries.
#[derive(Debug)]
pub struct Webhooks {
    /// The signing secrets; two, while one takes the place of the other.
    pub secrets: Current<Vec<Secret>>,
    /// Where events are kept.
    pub events: Events,
    /// An address of its own, in place of that of MCP.
    pub listener: Option<TcpListener>,
}

struct Receiver {
    secrets: Current<Vec<Secret>>,
    events: Events,
    /// Where the latest deliveries that were Clerk's came from.
    peers: Mutex<VecDeque<IpAddr>>,
    /// For deliveries from there.
    known: Places,
    /// For all others.
    unknown: Places,
}

/// The route, alone.
pub(super) fn router(secrets: Current<Vec<Secret>>, events: Events) -> Router {
    Router::new().route(PATH, post(receive)).with_state(Arc::new(Receiver::new(secrets, events)))
}

/// Answers a delivery.
async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    match receiver.take(request).await {
        Ok(kept) => {
            tracing::debug!(?kept, "a webhook was received");
            metrics().event(match kept {
                Kept::New => "new",
                Kept::Again => "duplicate",
            });
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refused) => {
            receiver.events.count_refused();
            refused.into_response()
        }
    }
}

impl Receiver {
    fn new(secrets: Current<Vec<Secret>>, events: Events) -> Self {
        let [known, unknown] = [(); 2].map(|()| Places::new(AT_ONCE));
        Self { secrets, events, peers: Mutex::default(), known, unknown }
    }

    /// Takes a delivery. When it is over, the event is on disk.
    async fn take(&self, request: Request) -> Result<Kept, Refused> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<PeerAddress>().copied();
        let now = jiff::Timestamp::now();
        // What can't be Clerk's by its headers gets no place, and its body isn't read.
        let claim = Claim::read(&parts.headers, now.as_second()).map_err(refused)?;
        let body = self.body(body, peer).await?;
        let delivery = claim.verify(&self.secrets.get(), &body).map_err(refused)?;
        self.remember(peer);
        let event =
            Event::read(&delivery.id, &body, now.as_millisecond()).map_err(|malformed| {
                metrics().webhook_refused("not_an_event");
                tracing::warn!(reason = malformed.0, "a signed webhook isn't an event");
                Refused::new(StatusCode::BAD_REQUEST, malformed.0)
            })?;
        // Not an error of Clerk's: it comes again.
        self.events.keep(event).await.map_err(|_| {
            metrics().webhook_refused("not_kept");
            Refused::busy("the event could not be kept")
        })
    }

    /// Reads a body for as long as there is a place for it. One that arrives at once gets through
    /// whatever others send, since those who take longest lose their places first.
    async fn body(&self, body: Body, peer: Option<PeerAddress>) -> Result<Bytes, Refused> {
        let busy = || Refused::busy("too many deliveries are under way");
        let places = if self.knows(peer) { &self.known } else { &self.unknown };
        let place = places.try_take().ok_or_else(busy)?;
        tokio::select! {
            biased;
            body = body::read(body, BODY_LIMIT, BODY_TIME) => body,
            () = place.lost() => Err(busy()),
        }
    }

    fn knows(&self, peer: Option<PeerAddress>) -> bool {
        let peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        peer.is_some_and(|PeerAddress(address)| peers.contains(&address))
    }

    fn remember(&self, peer: Option<PeerAddress>) {
        let Some(PeerAddress(address)) = peer else { return };
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        peers.retain(|known| *known != address);
        peers.push_back(address);
        if peers.len() > PEERS {
            peers.pop_front();
        }
    }
}

fn refused(invalid: Invalid) -> Refused {
    metrics().webhook_refused(match invalid {
        Invalid::Header(_) => "header",
        Invalid::TooOld | Invalid::TooNew => "time",
        Invalid::Signature => "signature",
    });
    tracing::warn!(%invalid, "a webhook was refused");
    match invalid {
        Invalid::Header(_) => {
            Refused::new(StatusCode::BAD_REQUEST, "a signature header is missing")
        }
        _ => Refused::new(StatusCode::UNAUTHORIZED, "the signature is wrong or too old"),
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, net::Ipv4Addr};

    use futures::{FutureExt, future::join_all, stream};

    use super::*;
    use crate::events::Settings;

    fn receiver() -> Receiver {
        let settings = Settings { file: None, retention: Some(Duration::from_hours(1)) };
        let secret = Secret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        Receiver::new(vec![secret].into(), Events::open(settings).unwrap())
    }

    fn signed(receiver: &Receiver, id: &str, from: u8) -> Request {
        let now = jiff::Timestamp::now().as_second();
        let body = r#"{"type":"user.created","data":{"id":"user_1"}}"#;
        Request::builder()
            .header("svix-id", id)
            .header("svix-timestamp", now)
            .header("svix-signature", receiver.secrets.get()[0].sign(id, now, body.as_bytes()))
            .extension(PeerAddress(Ipv4Addr::new(203, 0, 113, from).into()))
            .body(body.into())
            .unwrap()
    }

    /// A delivery with the headers of a sound one, whose body does not come.
    fn half(receiver: &Receiver, from: u8) -> Request {
        signed(receiver, "msg_half", from)
            .map(|_| Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()))
    }

    fn status(refused: Refused) -> StatusCode {
        refused.into_response().status()
    }

    #[tokio::test(start_paused = true)]
    async fn a_delivery_that_does_not_come_is_not_waited_for() {
        let receiver = receiver();
        let began = tokio::time::Instant::now();
        let refused = receiver.take(half(&receiver, 1)).await.unwrap_err();
        assert_eq!(status(refused), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(began.elapsed(), BODY_TIME);
    }

    #[tokio::test]
    async fn what_cannot_be_signed_by_its_headers_is_refused_without_its_body() {
        let receiver = receiver();
        for (name, value, expected) in [
            ("svix-id", "", 400),
            ("svix-timestamp", "soon", 400),
            ("svix-timestamp", "1", 401),
            ("svix-signature", "", 401),
            ("svix-signature", "v1,abc", 401),
            ("svix-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 401),
        ] {
            let mut request = half(&receiver, 1);
            request.headers_mut().insert(name, value.parse().unwrap());
            let refused = receiver.take(request).now_or_never().expect(name).unwrap_err();
            assert_eq!(status(refused), expected, "{name}: {value}");
        }
    }

    #[tokio::test]
    async fn bodies_that_do_not_come_keep_no_delivery_out() {
        let receiver = receiver();
        // More than there are places for, in the order in which they come.
        let mut others: Vec<_> =
            (0..2 * AT_ONCE).map(|_| Box::pin(receiver.take(half(&receiver, 1)))).collect();
        for half in &mut others {
            let _pending = half.now_or_never();
        }
        assert_eq!(receiver.take(signed(&receiver, "msg_1", 2)).await.unwrap(), Kept::New);
        let refused = others.iter_mut().filter_map(FutureExt::now_or_never);
        let refused: Vec<_> = refused.map(|it| status(it.unwrap_err())).collect();
        assert_eq!(refused, vec![StatusCode::SERVICE_UNAVAILABLE; AT_ONCE + 1]);
    }

    #[tokio::test]
    async fn half_of_the_places_are_for_those_who_have_signed_well() {
        let receiver = receiver();
        receiver.take(signed(&receiver, "msg_1", 2)).await.unwrap();
        // One of Clerk's is slow, and others come after it without end.
        let mut slow = Box::pin(receiver.take(half(&receiver, 2)));
        assert!(slow.as_mut().now_or_never().is_none());
        let mut others: Vec<_> =
            (0..4 * AT_ONCE).map(|_| Box::pin(receiver.take(half(&receiver, 1)))).collect();
        join_all(others.iter_mut().map(|half| async { _ = half.now_or_never() })).await;
        assert!(slow.now_or_never().is_none(), "it keeps its place");
        // Only so many are remembered.
        for from in 3..=u8::try_from(PEERS).unwrap() + 3 {
            receiver.take(signed(&receiver, &format!("msg_{from}"), from)).await.unwrap();
        }
        assert!(!receiver.knows(Some(PeerAddress(Ipv4Addr::new(203, 0, 113, 2).into()))));
        assert_eq!(receiver.peers.lock().unwrap().len(), PEERS);
    }
}
