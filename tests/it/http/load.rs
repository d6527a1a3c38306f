//! Clients that stall.

use std::io::ErrorKind;

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::client::{Events, Http, status};

#[tokio::test]
async fn a_client_that_stops_reading_and_one_that_sends_slowly_harm_no_other() {
    let http = Http::start(&["--sandbox", "--log", "off"], &[]).await;
    let address = http.url.strip_prefix("http://").unwrap();
    // Reads the address to post to, asks for more than any buffer holds, and reads no more.
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
