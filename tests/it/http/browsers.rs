//! What a page in a browser may do.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::json;

use super::client::{Endpoint, Http};
use crate::support::{Script, Upstream};

const TOKEN: &str = "a-token-that-is-long-enough";
const APP: &str = "https://app.example";
const EVIL: &str = "https://evil.example";

async fn sent(request: RequestBuilder) -> (u16, HeaderMap) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.headers().clone())
}

fn preflight(http: &Endpoint, path: &str, origin: &str) -> RequestBuilder {
    http.client
        .request(Method::OPTIONS, format!("{}{path}", http.url))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

/// The words of a header with commas.
fn words<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap().split(','));
    values.map(str::trim).collect()
}

/// Whether the page at `origin` may read a response.
fn is_shared(headers: &HeaderMap, origin: &str) -> bool {
    assert!(words(headers, "vary").contains(&"origin"), "{headers:?}");
    let exposed = words(headers, "access-control-expose-headers");
    words(headers, "access-control-allow-origin") == [origin]
        && exposed.contains(&"mcp-session-id")
        && exposed.contains(&"www-authenticate")
}

#[tokio::test]
async fn a_browser_learns_what_an_allowed_page_may_send_without_a_token() {
    let options = ["--sandbox", "--allow-origin", "https://App.example:443/"];
    let http = Http::start(&options, &[("CLERK_MCP_HTTP_TOKEN", TOKEN)]).await;
    for path in ["/mcp", "/mcp/", "/sse", "/messages?sessionId=x", "/healthz"] {
        for origin in [APP, "http://localhost:3000"] {
            let (status, headers) = sent(preflight(&http, path, origin)).await;
            assert_eq!(status, 204, "{path} {origin}");
            assert!(is_shared(&headers, origin));
            let allowed = words(&headers, "access-control-allow-headers");
            for header in [
                "accept",
                "authorization",
                "content-type",
                "last-event-id",
                "mcp-method",
                "mcp-name",
                "mcp-protocol-version",
                "mcp-session-id",
            ] {
                assert!(allowed.contains(&header), "{header}: {headers:?}");
            }
            assert!(!allowed.contains(&"x-clerk-secret-key"), "{headers:?}");
            let methods = words(&headers, "access-control-allow-methods");
            assert!(["GET", "POST", "DELETE"].iter().all(|method| methods.contains(method)));
            assert_eq!(headers["access-control-max-age"], "7200");
            assert_eq!(headers.get("access-control-allow-credentials"), None);
        }
        let (status, headers) = sent(preflight(&http, path, EVIL)).await;
        assert_eq!(status, 403, "{path}");
        assert_eq!(words(&headers, "access-control-allow-origin"), [""; 0]);
    }
    // What no browser asked is a request like any other.
    let plain = http.client.request(Method::OPTIONS, format!("{}/mcp", http.url));
    assert_eq!(sent(plain.header("origin", APP)).await.0, 401);

    let http = Http::start(&["--sandbox", "--key-from-header"], &[]).await;
    let (_, headers) = sent(preflight(&http, "/mcp", "http://localhost:3000")).await;
    assert!(words(&headers, "access-control-allow-headers").contains(&"x-clerk-secret-key"));
}

#[tokio::test]
async fn an_allowed_page_can_read_every_response_and_no_other_page_any() {
    let upstream = Upstream::always(Script::Hang).await;
    let options = ["--allow-origin", APP, "--max-requests", "1"];
    let variables = [("CLERK_MCP_HTTP_TOKEN", TOKEN), ("CLERK_API_URL", &upstream.url)];
    let http = Http::start(&options, &variables).await;
    let call = || http.call("clerk_get_user", json!({ "userId": "user_1" })).bearer_auth(TOKEN);
    let get = |path: &str| http.client.get(format!("{}{path}", http.url));
    let cases = [
        (http.stateless("tools/list", json!({})).bearer_auth(TOKEN), 200),
        (http.post("/mcp", "{").bearer_auth(TOKEN), 400),
        (http.post("/mcp", "{}"), 401),
        (get("/nothing").bearer_auth(TOKEN), 404),
        (get("/mcp").bearer_auth(TOKEN), 406),
        (get("/healthz"), 200),
    ];
    for (request, expected) in cases {
        let (status, headers) = sent(request.try_clone().unwrap().header("origin", APP)).await;
        assert_eq!(status, expected);
        assert!(is_shared(&headers, APP), "{expected}");
        let (status, headers) = sent(request.try_clone().unwrap().header("origin", EVIL)).await;
        assert_eq!(status, 403);
        assert_eq!(words(&headers, "access-control-allow-origin"), [""; 0]);
        let (status, headers) = sent(request).await;
        assert_eq!(status, expected, "a client that is no browser");
        assert_eq!(words(&headers, "access-control-allow-origin"), [""; 0]);
    }
    let hanging = tokio::spawn(call().send());
    upstream.until(|upstream| upstream.open() == 1).await;
    let (status, headers) = sent(call().header("origin", APP)).await;
    assert_eq!(status, 503);
    assert!(
        is_shared(&headers, APP)
            && words(&headers, "access-control-expose-headers").contains(&"retry-after")
    );
    hanging.abort();
}
