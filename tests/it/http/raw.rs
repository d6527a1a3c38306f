//! Requests as no client library writes them.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::client::{Endpoint, Http};

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;

/// The status of a request with this first line and these header lines besides what MCP asks for.
async fn status(http: &Endpoint, first: &str, headers: &[&str]) -> u16 {
    let address = http.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = [&[first], headers].concat().join("\r\n");
    let request = format!(
        "{head}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
         mcp-method: tools/list\r\ncontent-length: {}\r\n\r\n{LIST}",
        LIST.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response.split(' ').nth(1).unwrap_or_else(|| panic!("{response}")).parse().unwrap()
}

#[tokio::test]
async fn a_request_that_names_two_hosts_or_origins_is_refused() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let own = http.url.strip_prefix("http://").unwrap();
    let host = format!("Host: {own}");
    let absolute = format!("POST http://{own}/mcp HTTP/1.1");
    let (local, evil) = ("Origin: http://localhost:3000", "Origin: https://evil.example");
    let cases: &[(&str, &[&str], u16)] = &[
        ("POST /mcp HTTP/1.1", &[&host], 200),
        ("POST /mcp HTTP/1.1", &[], 400),
        ("POST /mcp HTTP/1.1", &["Host:"], 400),
        ("POST /mcp HTTP/1.1", &["Host: evil.example@localhost"], 400),
        ("POST /mcp HTTP/1.1", &["Host: evil.example"], 403),
        ("POST /mcp HTTP/1.1", &[&host, &host], 400),
        ("POST /mcp HTTP/1.1", &[&host, "Host: evil.example"], 400),
        ("POST /mcp HTTP/1.1", &["Host: evil.example", &host], 400),
        ("POST /mcp HTTP/1.1", &[&host, local], 200),
        ("POST /mcp HTTP/1.1", &[&host, local, evil], 400),
        ("POST /mcp HTTP/1.1", &[&host, evil, local], 400),
        (&absolute, &[&host], 200),
        (&absolute, &["Host: evil.example"], 400),
        ("POST http://evil.example/mcp HTTP/1.1", &[&host], 400),
        ("POST http://evil.example/mcp HTTP/1.1", &["Host: evil.example"], 403),
        ("POST http://a@localhost/mcp HTTP/1.1", &["Host: localhost"], 400),
        ("POST /mcp HTTP/1.0", &[], 400),
        ("POST /mcp HTTP/1.1", &["Host: evil.example", "X-Forwarded-Host: localhost"], 403),
    ];
    for (first, headers, expected) in cases {
        assert_eq!(status(&http, first, headers).await, *expected, "{first} {headers:?}");
    }
}

#[tokio::test]
async fn a_request_with_two_tokens_or_two_keys_is_refused() {
    const TOKEN: &str = "a-token-that-is-long-enough";
    let options = ["--sandbox", "--key-from-header"];
    let http = Http::start(&options, &[("CLERK_MCP_HTTP_TOKEN", TOKEN)]).await;
    let token = format!("Authorization: Bearer {TOKEN}");
    let (other, key) = ("Authorization: Bearer other", "X-Clerk-Secret-Key: sk_test_a");
    let other_key = "X-Clerk-Secret-Key: sk_test_b";
    let cases: &[(&[&str], u16)] = &[
        (&[&token], 200),
        (&[&token, key], 200),
        (&[other], 401),
        (&[&token, other], 400),
        (&[other, &token], 400),
        (&[&token, key, other_key], 400),
    ];
    for (headers, expected) in cases {
        let headers = [&["Host: localhost"], *headers].concat();
        assert_eq!(status(&http, "POST /mcp HTTP/1.1", &headers).await, *expected, "{headers:?}");
    }
}
