//! Sign-in at an issuer: who gets in, and what those are answered who don't.

mod introspection;
pub(super) mod issuer;
mod rights;
mod step_up;

use std::{process::Command, time::Duration};

use clerk_mcp::{
    Clerk, McpServer, Server, ServerOptions, Settings,
    guard::Guard,
    http::{self, Access, Limits, OAuth, OAuthClient, OAuthSettings},
    mcp::transport,
};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::issuer::{Issuer, RESOURCE};
use super::client::{Endpoint, Events, Http, message, one_user, status};
use crate::support::{self, KEY, StoppedClock, Upstream};

const METADATA: &str = "http://localhost:7331/.well-known/oauth-protected-resource/mcp";

async fn start(issuer: &Issuer, allow: &str) -> Http {
    let options = ["--sandbox", "--oauth-issuer", &issuer.url, "--resource", RESOURCE];
    Http::start(&[&options[..], &["--oauth-allow", allow]].concat(), &[]).await
}

/// A server in this process, for a test that stops the clock. It asks about opaque tokens as this client.
async fn start_here(issuer: &Issuer, client: Option<OAuthClient>) -> Endpoint {
    let upstream = Upstream::always(support::Script::Answer(200, "", "[]".to_owned())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(format!("http://{}", listener.local_addr().unwrap()));
    let settings = Settings { key: support::key(KEY), ..support::settings(&upstream.url) };
    let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
    let oauth = OAuth::new(OAuthSettings {
        issuer: issuer.url.clone(),
        resource: RESOURCE.to_owned(),
        allow: vec!["sub:user_1".parse().unwrap()],
        any_audience: false,
        introspection: client.is_some(),
        client,
    });
    let access = Access { oauth: Some(oauth.unwrap()), ..Access::default() };
    let (limits, handler) = (Limits::default(), McpServer::new(server.clone()));
    tokio::spawn(async move {
        let _upstream = upstream;
        let routes = |closed| transport::routes(handler, None, limits, closed);
        let stop = std::future::pending();
        http::serve(routes, &server, listener, access, limits, None, stop).await
    });
    endpoint
}

fn call(http: &Endpoint, token: &str) -> RequestBuilder {
    http.stateless("tools/call", one_user()).bearer_auth(token)
}

fn challenge(response: &Response) -> String {
    response.headers()["www-authenticate"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_token_a_client_learns_where_to_sign_in() {
    let issuer = Issuer::start().await;
    let http = start(&issuer, "sub:user_1,org:org_1+scope:users,scope:admin").await;
    for path in ["/mcp", "/sse", "/messages", "/nothing"] {
        let refused = http.client.get(format!("{}{path}", http.url)).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{path}");
        let expected = format!("Bearer resource_metadata=\"{METADATA}\", scope=\"admin users\"");
        assert_eq!(challenge(&refused), expected);
    }
    for path in ["", "/mcp"] {
        let path = format!("{}/.well-known/oauth-protected-resource{path}", http.url);
        let metadata: Value = message(
            http.client.get(path).header("origin", "http://localhost:1").send().await.unwrap(),
        )
        .await;
        let expected = json!({
            "resource": RESOURCE,
            "authorization_servers": [issuer.url],
            "scopes_supported": ["admin", "users"],
            "bearer_methods_supported": ["header"],
            "resource_name": "clerk-mcp",
        });
        assert_eq!(metadata, expected);
    }
    assert_eq!(status(http.client.get(format!("{}/healthz", http.url))).await, 200);
    let ready = http.client.get(format!("{}/readyz", http.url)).send().await.unwrap();
    assert_eq!(message(ready).await, json!({ "ready": true, "key": true, "issuer": "fetched" }));
}

#[tokio::test]
async fn a_person_who_is_allowed_gets_in_and_another_one_does_not() {
    let issuer = Issuer::start().await;
    let http = start(&issuer, "sub:user_1,org:org_1+scope:users").await;
    let answer = call(&http, &issuer.token(json!({ "sub": "user_1" }))).send().await.unwrap();
    assert_eq!(message(answer).await["result"]["structuredContent"]["totalCount"], 25);
    let in_organization = json!({ "sub": "user_2", "org_id": "org_1", "scope": "users" });
    assert_eq!(status(call(&http, &issuer.token(in_organization))).await, 200);

    let lacks_scope = json!({ "sub": "user_2", "org_id": "org_1", "scope": "email openid" });
    let refused = call(&http, &issuer.token(lacks_scope)).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let told = challenge(&refused);
    assert!(told.contains("error=\"insufficient_scope\""), "{told}");
    assert!(told.ends_with("scope=\"email openid users\""), "{told}");

    for claims in [
        json!({ "sub": "user_2" }),
        json!({ "sub": "user_2", "scope": "users" }),
        json!({ "sub": "mch_1", "org_id": "org_1", "scope": "users" }),
    ] {
        let refused = call(&http, &issuer.token(claims)).send().await.unwrap();
        assert_eq!(refused.status(), 403);
        assert!(!refused.headers().contains_key("www-authenticate"));
        let text = refused.text().await.unwrap();
        assert!(text.contains("not allowed") && !text.contains("org_1"), "{text}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_refused_and_nothing_of_it_is_logged() {
    let issuer = Issuer::start().await;
    let http = start(&issuer, "sub:user_1").await;
    let good = issuer.token(json!({ "sub": "user_1" }));
    let (signed, _) = good.rsplit_once('.').unwrap();
    let cases = [
        (format!("{signed}.AAAA"), "the token's signature is wrong"),
        (issuer.token(json!({ "sub": "user_1", "exp": 1 })), "the token has expired"),
        (issuer.token(json!({ "sub": "user_1", "aud": null })), "the token has no aud"),
        (issuer.token(json!({})), "the token has no sub"),
        ("oat_opaque".to_owned(), "the token isn't a signed JWT"),
    ];
    for (token, reason) in &cases {
        let refused = call(&http, token).send().await.unwrap();
        assert_eq!(refused.status(), 401);
        let expected = format!("error=\"invalid_token\", error_description=\"{reason}\"");
        let told = challenge(&refused);
        assert!(told.contains(&expected) && told.contains(METADATA), "{told}");
        assert!(refused.text().await.unwrap().starts_with(reason));
    }
    assert_eq!(
        status(http.stateless("tools/list", json!({})).basic_auth("a", Some("b"))).await,
        401
    );
    #[cfg(unix)]
    {
        let (log, _) = http.end().await;
        for (token, reason) in &cases {
            assert!(log.contains(reason) && !log.contains(token.as_str()), "{log}");
        }
    }
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_and_a_flood_of_them_is_not() {
    let mut issuer = Issuer::start().await;
    let http = start(&issuer, "sub:user_1").await;
    let person = || json!({ "sub": "user_1" });
    let old = issuer.token(person());
    assert_eq!(status(call(&http, &old)).await, 200);
    issuer.rotate("second");
    assert_eq!(status(call(&http, &issuer.token(person()))).await, 200);
    assert_eq!(status(call(&http, &old)).await, 401);
    for number in 0..50 {
        let unknown = issuer.token_of(&format!("unknown-{number}"), person());
        assert_eq!(status(call(&http, &unknown)).await, 401);
    }
    // Each time the metadata and the keys.
    assert_eq!(issuer.asked(), 2 * 5);
    assert_eq!(status(call(&http, &issuer.token(person()))).await, 200);
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_not_believed() {
    let issuer = Issuer::start().await;
    issuer.call_itself("https://evil.example");
    let http = start(&issuer, "sub:user_1").await;
    let token = issuer.token(json!({ "sub": "user_1" }));
    assert_eq!(status(call(&http, &token)).await, 503);
    let ready = http.client.get(format!("{}/readyz", http.url)).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert_eq!(message(ready).await["issuer"], "missing");
}

#[tokio::test]
async fn keys_are_used_for_an_hour_while_the_issuer_is_down() {
    let clock = StoppedClock::new();
    let issuer = Issuer::start().await;
    let endpoint = start_here(&issuer, None).await;
    let token = issuer.token(json!({ "sub": "user_1" }));
    let list =
        async || status(endpoint.stateless("tools/list", json!({})).bearer_auth(&token)).await;
    assert_eq!(list().await, 200);
    issuer.is_down(true);
    let asked = issuer.asked();
    clock.advance(Duration::from_mins(9)).await;
    assert_eq!((list().await, issuer.asked()), (200, asked));
    clock.advance(Duration::from_mins(2)).await;
    assert_eq!(list().await, 200);
    assert!(issuer.asked() > asked);
    let ready = endpoint.client.get(format!("{}/readyz", endpoint.url)).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(message(ready).await["issuer"], "stale");
    clock.advance(Duration::from_mins(50)).await;
    assert_eq!(list().await, 503);
    issuer.is_down(false);
    assert_eq!(list().await, 200);
}

#[tokio::test]
async fn a_session_is_its_openers() {
    let issuer = Issuer::start().await;
    let http = start(&issuer, "org:org_1").await;
    let token = |sub: &str| issuer.token(json!({ "sub": sub, "org_id": "org_1" }));
    let (own, other) = (token("user_1"), token("user_2"));
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let begun = http.post("/mcp", initialize).bearer_auth(&own).send().await.unwrap();
    let session = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let ping = async |token: &str, session: &str| {
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let request = http.post("/mcp", ping).header("mcp-session-id", session);
        let response = request.bearer_auth(token).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(ping(&own, &session).await.0, 200);
    assert_eq!(ping(&other, &session).await, ping(&other, "nobodys").await);
    assert_eq!(ping(&other, &session).await.0, 404);
    // rmcp says of no session that it has ended, too: the next ping shows that this one has not.
    for (method, expected) in [("GET", 404), ("DELETE", 204)] {
        let request = http.client.request(method.parse().unwrap(), format!("{}/mcp", http.url));
        let request = request.header("mcp-session-id", &session).bearer_auth(&other);
        assert_eq!(
            status(request.header("accept", "text/event-stream")).await,
            expected,
            "{method}"
        );
    }
    // A newer token of the same person continues the session.
    assert_eq!(ping(&token("user_1"), &session).await.0, 200);

    let stream = http.client.get(format!("{}/sse", http.url)).bearer_auth(&own).send().await;
    let mut events = Events { stream: stream.unwrap(), read: String::new(), target: String::new() };
    let target = events.next("endpoint").await;
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let post = |token: &str| http.post(&target, &ping).bearer_auth(token);
    assert_eq!(status(post(&other)).await, 404);
    assert_eq!(status(post(&own)).await, 202);
}

/// Options, variables and what is said of them.
type Refusal<'a> = (&'a [&'a [&'a str]], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn it_does_not_start_unless_the_options_of_sign_in_go_together() {
    let issuer = &["--oauth-issuer", "https://clerk.example.com"][..];
    let resource = &["--resource", "https://mcp.example.com/mcp"][..];
    let allow = &["--oauth-allow", "sub:user_1"][..];
    let introspection = &["--oauth-introspection"][..];
    let token = &[("CLERK_MCP_HTTP_TOKEN", "0123456789abcdef")][..];
    let cases: [Refusal; 16] = [
        (&[issuer, resource], &[], "a user of your app isn't an administrator"),
        (&[issuer, allow], &[], "--oauth-issuer needs --resource"),
        (&[resource], &[], "--resource needs --oauth-issuer"),
        (&[allow], &[], "--oauth-allow needs --oauth-issuer"),
        (&[&["--oauth-any-audience"]], &[], "--oauth-any-audience needs --oauth-issuer"),
        (&[&["--oauth-client-id", "a"]], &[], "--oauth-client-id needs --oauth-issuer"),
        (
            &[issuer, resource, allow, &["--oauth-client-id", "a"]],
            &[],
            "--oauth-client-id needs --approvals",
        ),
        (&[introspection], &[], "--oauth-introspection needs --oauth-issuer"),
        (
            &[issuer, resource, allow, introspection],
            &[("CLERK_MCP_OAUTH_CLIENT_SECRET", "a secret")],
            "--oauth-introspection needs --oauth-client-id",
        ),
        (
            &[issuer, resource, allow, introspection, &["--oauth-client-id", "a"]],
            &[],
            "--oauth-introspection needs the secret of --oauth-client-id",
        ),
        (&[issuer, resource, allow], token, "can't be combined with CLERK_MCP_HTTP_TOKEN"),
        (
            &[issuer, resource, allow, &["--key-from-header"]],
            &[],
            "can't be combined with --key-from-header",
        ),
        (&[&["--oauth-issuer", "http://clerk.example.com"]], &[], "must be an https URL"),
        (
            &[&["--resource", "https://mcp.example.com/mcp/"]],
            &[],
            "mcp.example.com/mcp; write it so",
        ),
        (&[&["--resource", "https://mcp.example.com/mcp?a"]], &[], "without a query"),
        (&[&["--oauth-allow", "jo"]], &[], "`jo` doesn't describe people"),
    ];
    for (options, variables, part) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(["http", "--listen", "127.0.0.1:0", "--sandbox"]).args(options.concat());
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(part), "{part}: {error}");
    }
}
