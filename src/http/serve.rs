//! One listener for the routes of MCP, health and, unless they have an address of their own,
//! webhooks: who gets in, how much at once, and how it ends.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Method,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use super::{
    BODY_LIMIT,
    access::{Access, Refused},
    approvals, body, cors, headers, health,
    peer::PeerAddress,
    places::Places,
    webhooks::{self, Webhooks},
};
use crate::Server;

/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How long a connection may take to make its first request.
const FIRST_HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a connection may stand idle or send the head of a further request.
const HEAD_TIME: Duration = Duration::from_mins(1);
/// How many connections may be open to each listener. A further one takes the place of the one that
/// has waited longest for a request; where all have one under way, it waits to be served.
const CONNECTIONS: usize = 2048;
/// How many connections each listener has at least, however few files the process may open.
const FEWEST_CONNECTIONS: usize = 64;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long calls under way may still take when the server stops.
const GRACE: Duration = Duration::from_secs(3);
/// How long the last answers have to reach their streams before those are closed.
const ANSWERS_GO_OUT: Duration = Duration::from_millis(250);

/// How much is served at once; what is beyond it is answered with 503 and `Retry-After`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sessions of clients that speak an older revision, those of HTTP+SSE apart.
    pub sessions: usize,
    /// Requests under way.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sessions: 1000, requests: 256 }
    }
}

/// What every request passes.
struct Gate {
    access: Access,
    requests: Arc<Semaphore>,
    /// Cancelled once no new work is taken.
    closing: CancellationToken,
}

/// Serves the routes, which answer for `server`, until `stop` resolves. Calls under way then have
/// three seconds; all is over within five. The routes end their streams once the token they are made
/// with is cancelled.
///
/// # Errors
/// Whatever the listener fails with.
pub async fn serve(
    make_routes: impl FnOnce(CancellationToken) -> Router,
    server: &Server,
    listener: TcpListener,
    access: Access,
    limits: Limits,
    webhooks: Option<Webhooks>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (closing, closed) = (CancellationToken::new(), CancellationToken::new());
    let mut router = router(make_routes(closed.clone()), server, access, limits, &closing);
    let connections = GracefulShutdown::new();
    let apart = match webhooks {
        Some(Webhooks { secrets, events, listener }) => {
            // Behind none of what MCP demands: Clerk has neither our token nor a Host of ours.
            let receiver = webhooks::router(secrets, events);
            if let Some(listener) = listener {
                Some((listener, receiver))
            } else {
                // Unknown paths go to the routes that ask for a token.
                router = receiver.merge(router);
                None
            }
        }
        None => None,
    };
    let accept_apart = async {
        match &apart {
            Some((listener, router)) => accept(listener, router, &connections).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        result = accept(&listener, &router, &connections) => return result,
        result = accept_apart => return result,
        () = stop => {}
    }
    drop((listener, apart));
    closing.cancel();
    server.drain(GRACE).await;
    tokio::time::sleep(ANSWERS_GO_OUT).await;
    closed.cancel();
    // What a client does not take in now, it will not.
    let _ = tokio::time::timeout(Duration::from_secs(1), connections.shutdown()).await;
    Ok(())
}

/// Accepts connections for ever. hyper is driven by hand since `axum::serve` bounds neither the
/// time that a request's head may take nor the number of connections.
pub(super) async fn accept(
    listener: &TcpListener,
    router: &Router,
    connections: &GracefulShutdown,
) -> io::Result<()> {
    let places = Places::new(CONNECTIONS);
    let router = TowerToHyperService::new(router.clone());
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Unless the client went away, there are no more descriptors: those make room who do
                // nothing with theirs. Neither ends the server.
                if error.kind() != io::ErrorKind::ConnectionAborted {
                    let most = places.shrink(FEWEST_CONNECTIONS);
                    tracing::warn!(%error, most, "no more connections can be open");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                continue;
            }
        };
        // With Nagle's algorithm an answer in events takes 40 ms more.
        let _ = stream.set_nodelay(true);
        let place = Arc::new(places.take().await);
        let began = CancellationToken::new();
        let service = service_fn({
            let (router, place, began) = (router.clone(), place.clone(), began.clone());
            move |mut request: hyper::Request<Incoming>| {
                began.cancel();
                let served = place.serve();
                request.extensions_mut().insert(PeerAddress::from(peer));
                let answered = router.call(request);
                async move {
                    let mut response = answered.await?;
                    headers::harden(response.headers_mut());
                    Ok::<_, Infallible>(response.map(|body| served.until_sent(body)))
                }
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let begins = tokio::time::timeout(FIRST_HEAD_TIME, began.cancelled());
            let is_late = async {
                if begins.await.is_ok() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = place.lost() => tracing::debug!("a connection made room for another"),
                () = is_late => tracing::debug!("a connection made no request in time"),
            }
        });
    }
}

fn router(
    routes: Router,
    server: &Server,
    access: Access,
    limits: Limits,
    closing: &CancellationToken,
) -> Router {
    let requests = Arc::new(Semaphore::new(limits.requests));
    let oauth = access.oauth.clone();
    let gate = Arc::new(Gate { access, requests, closing: closing.clone() });
    let routes = routes.layer(middleware::from_fn_with_state(gate.clone(), admit));
    // Unknown paths go to the routes that ask for a token.
    let mut all = health::router(server.clone(), oauth.clone()).merge(routes);
    if let Some(oauth) = oauth {
        all = oauth.routes(server.clone()).merge(all);
        if let Some(pages) = approvals::routes(server, &oauth) {
            all = pages.merge(all);
        }
        // The first request need not wait for the keys, and the log says early if there are none.
        tokio::spawn(async move { oauth.keys().await });
    }
    all.layer(middleware::from_fn_with_state(gate, meet))
}

/// The way of every request: is it for this server, and may the page that sends it do so.
async fn meet(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let (mut response, origin) = match gate.access.origin(&request) {
        Err(refused) => (refused.into_response(), None),
        // A browser sends no token before it knows that it may.
        Ok(origin) if cors::is_preflight(&request) => {
            (cors::preflight(gate.access.key_header()), origin)
        }
        Ok(origin) => (next.run(request).await, origin),
    };
    cors::share(&mut response, origin);
    response
}

/// The way of every request but those about health and sign-in: may it come in, and is there room for it.
async fn admit(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let admitted = match gate.access.admit(request).await {
        Ok(request) if request.method() != Method::POST => return next.run(request).await,
        Ok(request) => gate.make_room().map(|permit| (request, permit)),
        Err(refused) => Err(refused),
    };
    let (request, permit) = match admitted {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let request = match whole(request).await {
        Ok(request) => request,
        Err(refused) => return refused.into_response(),
    };
    // The request is under way until its answer has gone out.
    next.run(request).await.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _under_way = &permit;
            frame
        }))
    })
}

impl Gate {
    fn make_room(&self) -> Result<OwnedSemaphorePermit, Refused> {
        if self.closing.is_cancelled() {
            return Err(Refused::busy("the server is stopping"));
        }
        let permit = self.requests.clone().try_acquire_owned();
        permit.map_err(|_| Refused::busy("too many requests are under way"))
    }
}

/// Reads the body within bounds of size and time.
async fn whole(request: Request) -> Result<Request, Refused> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(body, BODY_LIMIT, BODY_TIME).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use futures::stream;

    use super::*;

    async fn status(body: Body) -> u16 {
        match whole(Request::new(body)).await {
            Ok(_) => 200,
            Err(refused) => refused.into_response().status().as_u16(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let began = tokio::time::Instant::now();
        assert_eq!(
            status(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())).await,
            408
        );
        assert_eq!(began.elapsed(), BODY_TIME);
    }

    #[tokio::test]
    async fn a_body_has_4_mib_at_most() {
        for (length, expected) in [(0, 200), (BODY_LIMIT, 200), (BODY_LIMIT + 1, 413)] {
            assert_eq!(status(Body::from("x".repeat(length))).await, expected, "{length}");
        }
    }
}
