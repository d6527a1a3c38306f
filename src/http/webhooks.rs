//! Where Clerk's webhooks come in: `POST /webhooks/clerk`. It is the one route that the outside must
//! reach, so it demands nothing but the signature, and may have an address of its own.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::{net::TcpListener, sync::Semaphore};

use super::{access::Refused, body};
use crate::events::{
    Event, Events, Kept,
    signature::{Invalid, Secret, verify},
};

/// The path of the route.
pub const PATH: &str = "/webhooks/clerk";
/// The largest body, in bytes. A user with full metadata has about 30 kB.
const BODY_LIMIT: usize = 1 << 20;
/// How long a delivery may take to arrive: Svix gives it up after 15 s.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How many deliveries may be under way; further ones get 503 and are sent again.
const AT_ONCE: usize = 256;

/// What receives deliveries.
#[derive(Debug)]
pub struct Webhooks {
    /// The signing secrets; two, while one takes the place of the other.
    pub secrets: Vec<Secret>,
    /// Where events are kept.
    pub events: Events,
    /// An address of its own, in place of that of MCP.
    pub listener: Option<TcpListener>,
}

struct Receiver {
    secrets: Vec<Secret>,
    events: Events,
    room: Semaphore,
}

/// The route, alone.
pub(super) fn router(secrets: Vec<Secret>, events: Events) -> Router {
    let receiver = Receiver { secrets, events, room: Semaphore::new(AT_ONCE) };
    Router::new().route(PATH, post(receive)).with_state(Arc::new(receiver))
}

/// Answers a delivery.
async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    let Ok(_room) = receiver.room.try_acquire() else {
        return Refused::busy("too many deliveries are under way").into_response();
    };
    let (parts, body) = request.into_parts();
    match take(&receiver, &parts.headers, body).await {
        Ok(kept) => {
            tracing::debug!(?kept, "a webhook was received");
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refused) => {
            receiver.events.count_refused();
            refused.into_response()
        }
    }
}

/// Takes a delivery. When it is over, the event is on disk.
async fn take(receiver: &Receiver, headers: &HeaderMap, body: Body) -> Result<Kept, Refused> {
    let body = body::read(body, BODY_LIMIT, BODY_TIME).await?;
    let now = jiff::Timestamp::now();
    let delivery =
        verify(&receiver.secrets, headers, &body, now.as_second()).map_err(|invalid| {
            tracing::warn!(%invalid, "a webhook was refused");
            match invalid {
                Invalid::Header(_) => {
                    Refused::new(StatusCode::BAD_REQUEST, "a signature header is missing")
                }
                _ => Refused::new(StatusCode::UNAUTHORIZED, "the signature is wrong or too old"),
            }
        })?;
    let event = Event::read(&delivery.id, &body, now.as_millisecond()).map_err(|malformed| {
        tracing::warn!(reason = malformed.0, "a signed webhook isn't an event");
        Refused::new(StatusCode::BAD_REQUEST, malformed.0)
    })?;
    // Not an error of Clerk's: it comes again.
    receiver.events.keep(event).await.map_err(|_| Refused::busy("the event could not be kept"))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use futures::stream;

    use super::*;
    use crate::events::Settings;

    fn receiver() -> Receiver {
        let settings = Settings { file: None, retention: Some(Duration::from_hours(1)) };
        let events = Events::open(settings).unwrap();
        Receiver { secrets: Vec::new(), events, room: Semaphore::new(1) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_delivery_that_does_not_come_is_not_waited_for() {
        let receiver = receiver();
        let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let began = tokio::time::Instant::now();
        let refused = take(&receiver, &HeaderMap::new(), never).await.unwrap_err();
        assert_eq!(refused.into_response().status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(began.elapsed(), BODY_TIME);
    }

    #[tokio::test]
    async fn where_there_is_no_room_it_is_told_to_come_again() {
        let receiver = Arc::new(receiver());
        let _taken = receiver.room.acquire().await.unwrap();
        let answer = receive(State(receiver.clone()), Request::new(Body::empty())).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
    }
}
