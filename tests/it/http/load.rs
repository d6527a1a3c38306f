//! Many clients at once, clients that stall, and a restart among them.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::client::{Events, Http, message, one_user, status};

/// Twenty clients over HTTP+SSE and a hundred over streamable HTTP, with several calls each.
async fn wave(http: &Http) {
    let over_events = (0..20).map(|_| async {
        let mut events = Events::open(http).await.unwrap();
        events.initialize(http).await;
        for _ in 0..5 {
            let answer = events.request(http, "tools/call", one_user()).await;
            assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        }
    });
    let streamable = (0..100).map(|_| async {
        for _ in 0..3 {
            let answer = http.stateless("tools/call", one_user()).send().await.unwrap();
            let answer = message(answer).await;
            assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        }
    });
    tokio::join!(futures::future::join_all(over_events), futures::future::join_all(streamable));
}

#[tokio::test]
async fn many_clients_at_once_lose_nothing_and_leave_nothing_behind() {
    let http = Http::start(&["--sandbox", "--log", "off"], &[]).await;
    // In kB, where the system tells it.
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", http.child.id()?)).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    wave(&http).await;
    let first = memory();
    for _ in 0..4 {
        wave(&http).await;
    }
    if let (Some(first), Some(last)) = (first, memory()) {
        println!("memory after one wave {first} kB, after five {last} kB");
        assert!(last < first + first / 4, "{first} kB, then {last} kB");
    }
}

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
    for _ in 0..20 {
        slow.write_all(b" ").await.unwrap();
        let began = Instant::now();
        assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_restart_under_load_answers_or_refuses_every_call() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let (url, client) = (http.url.clone(), http.client.clone());
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let clients: Vec<_> = (0..20)
        .map(|_| {
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
                }
                answered
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (log, code, took) = http.end().await;
    assert!(code == Some(0) && took < Duration::from_secs(5), "{code:?} {took:?} {log}");
    for client in clients {
        assert!(client.await.unwrap() > 0);
    }
    let again = Http::start(&["--sandbox", "--listen", &address], &[]).await;
    assert_eq!(status(again.call("clerk_list_users", json!({}))).await, 200);
}
