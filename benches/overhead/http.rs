//! Calls over streamable HTTP on 1 and 8 connections, beside the same requests sent straight to
//! the sandbox.

use std::time::Instant;

use futures::future::join_all;
use reqwest::{Client, Request};
use serde_json::json;

use crate::support::{Times, listening};

const CALLS: usize = 2000;

/// Prints a line for each number of connections.
pub(crate) fn run(runtime: &tokio::runtime::Runtime, sandbox: &str, user: &str) {
    let variables = [
        ("CLERK_API_URL", sandbox),
        ("CLERK_SECRET_KEY", "sk_test_bench"),
        ("CLERK_MCP_RATE_LIMIT", "0"),
    ];
    let (_server, url) = listening(&["http"], &variables);
    let client = Client::builder().no_proxy().build().unwrap();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params =
        json!({ "name": "clerk_get_user", "arguments": { "userId": user }, "_meta": meta });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let call = client
        .post(format!("{url}/mcp"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "clerk_get_user")
        .body(message.to_string())
        .build()
        .unwrap();
    let direct = client.get(format!("{sandbox}/v1/users/{user}")).bearer_auth("sk_test_bench");
    let direct = direct.build().unwrap();
    for connections in [1, 8] {
        // Both once to warm up, then both again.
        for is_measured in [false, true] {
            let (ours, per_second) = runtime.block_on(load(&client, &call, connections));
            let (theirs, direct_per_second) = runtime.block_on(load(&client, &direct, connections));
            if is_measured {
                println!(
                    "http, {connections} connections: {per_second:.0} calls/s, {:.2} ms (p50), {:.2} ms (p99); \
                     direct {direct_per_second:.0} requests/s, {:.2} ms, {:.2} ms; ratio {:.2}",
                    ours.ms(50),
                    ours.ms(99),
                    theirs.ms(50),
                    theirs.ms(99),
                    direct_per_second / per_second
                );
            }
        }
    }
}

/// Sends a request again and again on so many connections at once.
async fn load(client: &Client, request: &Request, connections: usize) -> (Times, f64) {
    let began = Instant::now();
    let workers = (0..connections).map(|_| async {
        let mut times = Vec::new();
        for _ in 0..CALLS / connections {
            let began = Instant::now();
            let answer = client.execute(request.try_clone().unwrap()).await.unwrap();
            let body = answer.text().await.unwrap();
            assert!(body.contains("user_") && !body.contains("\"isError\":true"), "{body}");
            times.push(began.elapsed());
        }
        times
    });
    let times: Times = join_all(workers).await.into_iter().flatten().collect();
    (times, CALLS as f64 / began.elapsed().as_secs_f64())
}
