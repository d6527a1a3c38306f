//! The secret key, and the other headers of a request to Clerk.

use clerk_mcp::{Clerk, Server, ServerOptions, Settings, ctx::NoKey, guard::Guard};
use serde_json::json;

use crate::support::{self, KEY, Script, Upstream};

#[tokio::test]
async fn without_a_key_the_tools_are_listed_and_each_call_says_what_to_set() {
    let upstream = Upstream::always(Script::json(200, &json!({ "id": "user_1" }))).await;
    let settings = Settings { key: Err(NoKey), ..support::settings(&upstream.url) };
    let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
    let client = support::connect(server).await;
    assert_eq!(client.0.list_all_tools().await.unwrap().len(), support::TOOLS);
    let error = client.error("clerk_get_user", &json!({ "userId": "user_1" })).await;
    assert_eq!(error["message"], "no Clerk key is set");
    assert!(error["hint"].as_str().unwrap().contains("CLERK_SECRET_KEY"), "{error}");
    assert_eq!(upstream.seen().len(), 0);
}

#[tokio::test]
async fn the_key_is_in_the_header_and_nowhere_else() {
    let echo = json!({ "id": "user_1", "first_name": format!("I know {KEY}!"), "public_metadata": { KEY: KEY } });
    let refusal = json!({ "errors": [{ "code": KEY, "message": KEY, "meta": { "param_name": KEY, "x": KEY } }], "clerk_trace_id": KEY });
    let scripts = [
        Script::json(200, &echo),
        Script::json(422, &refusal),
        Script::Answer(500, "content-type: text/plain", format!("bad key {KEY}")),
        Script::json(200, &json!({ "id": KEY.repeat(3), "x": [KEY] })),
    ];
    for script in scripts {
        let upstream = Upstream::always(script.clone()).await;
        let client = support::client(&upstream.url).await;
        let arguments = json!({ "userId": "user_1", "firstName": "Ada" });
        let result = client.result("clerk_update_user", &arguments).await;
        let result = serde_json::to_string(&result).unwrap();
        assert!(!result.contains(KEY), "{script:?}: {result}");
        let seen = upstream.seen();
        assert!(
            seen.iter()
                .all(|request| request.headers.contains(&format!("authorization: Bearer {KEY}")))
        );
        assert!(
            seen.iter().all(|request| !request.path.contains(KEY)
                && !format!("{:?}", request.body).contains(KEY))
        );
    }
}

#[tokio::test]
async fn each_request_names_the_version_and_the_program() {
    let upstream = Upstream::always(Script::json(200, &json!([]))).await;
    support::client(&upstream.url).await.call("clerk_list_users", &json!({})).await;
    for seen in upstream.seen() {
        assert!(seen.headers.contains("clerk-api-version: 2026-05-12"), "{}", seen.headers);
        assert!(
            seen.headers.contains(concat!("user-agent: clerk-mcp/", env!("CARGO_PKG_VERSION")))
        );
    }
}
