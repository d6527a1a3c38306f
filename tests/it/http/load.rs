//! Clients that stall, and a restart among many.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::client::{Events, Http, message, status};
use crate::support::eventually;

#[tokio::test]
async fn a_client_that_stops_reading_and_one_that_sends_slowly_harm_no_other() {
    let http = Http::start(&["--sandbox", "--log", "off"], &[]).await;
    let address = http.url.strip_prefix("http://").unwrap();
    // Reads where to post, asks for more than any buffer holds, and reads no more.
    let mut deaf = Events::open(&http).await.unwrap();
    deaf.initialize(&http).await;
    let mut refused = 0;
    for _ in 0..500 {
        let params = json!({ "name": "clerk_list_users", "arguments": { "limit": 25 } });
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        match status(http.post(&deaf.target, request)).await {
            202 => {}
            503 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!(refused > 0, "all that it asked for was taken in");
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-length: 1000000\r\n\r\n");
    slow.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..5 {
        slow.write_all(b" ").await.unwrap();
        assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
    }
    // The server still waits for the slow one, and so did not wait for its end.
    let answered = slow.try_read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(answered, Err(ErrorKind::WouldBlock));
}

#[cfg(unix)]
#[tokio::test]
async fn a_restart_under_load_answers_or_refuses_every_call() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let (url, client) = (http.url.clone(), http.client.clone());
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let all = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let all = all.clone();
            let call = http.call("clerk_list_users", json!({ "limit": 1 })).build().unwrap();
            let client = client.clone();
            tokio::spawn(async move {
                let mut answered = 0;
                loop {
                    // Refused or closed: the server is gone.
                    let Ok(answer) = client.execute(call.try_clone().unwrap()).await else { break };
                    if answer.status() == 503 {
                        break;
                    }
                    let answer = message(answer).await;
                    let result = &answer["result"];
                    let stopped = result.to_string().contains("server_stopped");
                    assert!(stopped || result["structuredContent"]["totalCount"] == 25, "{answer}");
                    answered += 1;
                    if answered == 2 {
                        all.fetch_add(1, Ordering::Relaxed);
                    }
                }
                answered
            })
        })
        .collect();
    eventually(async || all.load(Ordering::Relaxed) == 20).await;
    let (log, code) = http.end().await;
    assert_eq!(code, Some(0), "{log}");
    for client in clients {
        assert!(client.await.unwrap() > 1);
    }
    let again = Http::start(&["--sandbox", "--listen", &address], &[]).await;
    assert_eq!(status(again.call("clerk_list_users", json!({}))).await, 200);
}
