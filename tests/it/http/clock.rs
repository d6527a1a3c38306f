//! What takes its time over HTTP, with a server in this process and a clock that the test moves.

use std::{io, sync::Arc, time::Duration};

use clerk_mcp::{
    Clerk, McpServer, Server, ServerOptions, Settings,
    guard::Guard,
    http::{self, Access, Limits},
    mcp::transport,
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::Instant,
};

use super::client::{Endpoint, Events, message};
use crate::support::{self, KEY, Script, StoppedClock, Upstream, eventually};

/// A server in this process.
struct Local {
    endpoint: Endpoint,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

impl Local {
    async fn start(key: &str, url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::new(format!("http://{}", listener.local_addr().unwrap()));
        let settings = Settings { key: support::key(key), ..support::settings(url) };
        let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let access = Access {
                hosts: Vec::new(),
                origins: Vec::new(),
                token: None,
                oauth: None,
                key_from_header: false,
            };
            let stopped = async { stopped.await.unwrap() };
            let limits = Limits::default();
            let handler = McpServer::new(server.clone());
            let routes = |closed| transport::routes(handler, None, limits, closed);
            http::serve(routes, &server, listener, access, limits, None, stopped).await
        });
        Self { endpoint, stop, serving }
    }
}

#[tokio::test]
async fn told_to_stop_it_lets_calls_end_takes_no_new_ones_and_is_gone_within_5_s() {
    let clock = StoppedClock::new();
    for hangs in [false, true] {
        let told = Arc::new(Notify::new());
        let upstream = Upstream::always(Script::When(told.clone(), "{\"id\":\"user_1\"}")).await;
        let Local { endpoint, stop, serving } = Local::start(KEY, &upstream.url).await;
        let _events = Events::open(&endpoint).await.unwrap();
        let call = endpoint.call("clerk_get_user", json!({ "userId": "user_1" }));
        let under_way = tokio::spawn(call.send());
        upstream.until(|upstream| upstream.open() == 1).await;
        let began = Instant::now();
        stop.send(()).unwrap();
        let address = endpoint.url.trim_start_matches("http://");
        eventually(async || TcpStream::connect(address).await.is_err()).await;
        if !hangs {
            told.notify_one();
            upstream.until(|upstream| upstream.open() == 0).await;
        }
        while !serving.is_finished() {
            clock.advance(Duration::from_millis(250)).await;
        }
        assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
        serving.await.unwrap().unwrap();
        let answer = message(under_way.await.unwrap().unwrap()).await;
        let id = &answer["result"]["structuredContent"]["id"];
        assert_eq!(
            (id == "user_1", answer.to_string().contains("server_stopped")),
            (!hangs, hangs)
        );
    }
}

#[tokio::test]
async fn ready_means_that_clerk_takes_the_key() {
    let clock = StoppedClock::new();
    let ready = async |endpoint: &Endpoint| {
        // A connection that is kept open would time out if the clock went on.
        let request = endpoint.client.get(format!("{}/readyz", endpoint.url));
        let answer = request.header("connection", "close").send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap())
    };
    let good = Upstream::always(Script::json(200, &json!({ "keys": [] }))).await;
    let refusing = Upstream::always(Script::refusal(401, "", "clerk_key_invalid")).await;
    let cases = [
        (good.url.as_str(), 200, 60),
        (refusing.url.as_str(), 503, 5),
        ("http://127.0.0.1:1", 503, 5),
    ];
    for (url, expected, seconds) in cases {
        let local = Local::start(KEY, url).await;
        // That it was asked makes nothing ready.
        for _ in 0..2 {
            for _ in 0..5 {
                let is_ready = json!({ "ready": expected == 200, "key": true });
                if url.ends_with(":1") {
                    // The client waits before it tries again.
                    let ready = ready(&local.endpoint);
                    tokio::pin!(ready);
                    let answer = loop {
                        tokio::select! {
                            answer = &mut ready => break answer,
                            () = clock.advance(Duration::from_millis(100)) => {}
                        }
                    };
                    assert_eq!(answer, (expected, is_ready));
                } else {
                    assert_eq!(ready(&local.endpoint).await, (expected, is_ready));
                }
            }
            clock.advance(Duration::from_secs(seconds)).await;
        }
    }
    assert_eq!((good.seen().len(), refusing.seen().len()), (2, 2), "how often Clerk is asked");
    let local = Local::start("", &good.url).await;
    assert_eq!(ready(&local.endpoint).await, (503, json!({ "ready": false, "key": false })));
}
