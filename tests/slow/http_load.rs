//! Many clients at once, over and over.

use crate::http::client::{Events, Http, message, one_user};

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
    // In kB, if the system reports it.
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", http.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
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
