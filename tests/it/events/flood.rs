//! Senders and connections that keep places and give nothing.

use std::{fmt::Write as _, time::Duration};

use futures::future::join_all;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use super::{SECRET, signed, user_event};
use crate::http::client::{Endpoint, Http, status};

const VARIABLES: [(&str, &str); 1] = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];

/// Connections that send `start` and then nothing.
async fn silent(endpoint: &Endpoint, count: usize, start: &str) -> Vec<TcpStream> {
    let address = endpoint.url.trim_start_matches("http://");
    let opened = (0..count).map(|_| async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        stream
    });
    join_all(opened).await
}

async fn deliver(endpoint: &Endpoint, id: &str) -> u16 {
    let body = user_event("user.created", "user_1").to_string();
    timeout(Duration::from_secs(30), status(signed(endpoint, id, &body))).await.unwrap()
}

#[tokio::test]
async fn half_bodies_keep_no_delivery_out() {
    let http = Http::start(&["--sandbox"], &VARIABLES).await;
    let half = signed(&http, "msg_half", &"x".repeat(1000)).build().unwrap();
    let mut start = "POST /webhooks/clerk HTTP/1.1\r\nhost: a\r\n".to_owned();
    for (name, value) in half.headers() {
        write!(start, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    start.push_str("content-length: 1000\r\n\r\nxxx");
    for id in ["msg_1", "msg_2"] {
        let _silent = silent(&http, 300, &start).await;
        // The first time from an address that nobody knows, then from one that has signed well.
        assert_eq!(deliver(&http, id).await, 204);
    }
}

#[tokio::test]
async fn idle_connections_keep_nobody_out_though_the_process_may_open_few_files() {
    let options = ["--sandbox", "--webhooks-listen", "127.0.0.1:0"];
    let http = Http::limited("-n 200", &options, &VARIABLES).await;
    let healthy = async || {
        let request = http.client.get(format!("{}/healthz", http.url));
        timeout(Duration::from_secs(30), status(request)).await.unwrap()
    };
    for (number, start) in ["", "POST /webhooks/clerk HTTP/1.1\r\n"].iter().enumerate() {
        let _silent = silent(&http.receiver, 250, start).await;
        assert_eq!(healthy().await, 200, "the other listener has room");
        assert_eq!(deliver(&http.receiver, &format!("msg_{number}")).await, 204);
        let _others = silent(&http, 250, start).await;
        assert_eq!(healthy().await, 200);
        assert_eq!(deliver(&http.receiver, &format!("msg_{number}_b")).await, 204);
    }
}
