//! Calls that need more scopes than the token has: the client learns which, and asks for them.

use std::fs;

use serde_json::{Value, json};

use super::{
    super::client::{Http, message, status},
    METADATA, challenge,
    issuer::{Issuer, RESOURCE},
};

const POLICY: &str = r#"
default = "deny"

[[rules]]
name = "all read"
action = "allow"
effects = ["read"]

[[rules]]
name = "no metadata of ours"
action = "deny"
metadata_keys = ["plan"]

[[rules]]
name = "support writes with a scope"
action = "allow"
who = ["role:support+scope:users:write+scope:support"]
effects = ["write"]
"#;

struct Desk {
    http: Http,
    issuer: Issuer,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn start() -> Self {
        Self::with(POLICY).await
    }

    async fn with(rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [policy, audit] = ["policy.toml", "audit.jsonl"].map(|name| folder.path().join(name));
        fs::write(&policy, rules).unwrap();
        let issuer = Issuer::start().await;
        let options = [
            &["--sandbox", "--oauth-issuer", &issuer.url, "--resource", RESOURCE][..],
            &["--oauth-allow", "org:org_1,scope:desk", "--policy", policy.to_str().unwrap()],
            &["--audit", audit.to_str().unwrap()],
        ];
        let http = Http::start(&options.concat(), &[]).await;
        Self { http, issuer, folder }
    }

    fn token(&self, role: &str, scope: &str) -> String {
        let claims = json!({ "sub": "user_1", "org_id": "org_1", "roles": [role], "scope": scope });
        self.issuer.token(claims)
    }

    async fn user(&self) -> Value {
        let listed = self.http.call("clerk_list_users", json!({ "limit": 1 }));
        let listed = listed.bearer_auth(self.token("support", "")).send().await.unwrap();
        message(listed).await["result"]["structuredContent"]["users"][0]["id"].clone()
    }
}

#[tokio::test]
async fn a_call_that_lacks_only_scopes_is_answered_with_those_it_needs_and_those_it_has() {
    let desk = Desk::start().await;
    let user = json!({ "userId": desk.user().await });
    let by_name = json!({ "operation": "clerk_lock_user", "arguments": user });
    let lock = |tool, arguments: &Value, token: &str| {
        desk.http.call(tool, arguments.clone()).bearer_auth(token)
    };
    let reader = desk.token("support", "openid support");
    for (tool, arguments) in [("clerk_lock_user", &user), ("clerk_run_write", &by_name)] {
        let refused = lock(tool, arguments, &reader).send().await.unwrap();
        assert_eq!(refused.status(), 403, "{tool}");
        let challenge = challenge(&refused);
        for part in [
            "error=\"insufficient_scope\"",
            "scope=\"openid support users:write\"",
            &format!("resource_metadata=\"{METADATA}\""),
        ] {
            assert!(challenge.contains(part), "{challenge}");
        }
    }
    let writer = desk.token("support", "openid support users:write");
    let locked = message(lock("clerk_lock_user", &user, &writer).send().await.unwrap()).await;
    assert_eq!(locked["result"]["structuredContent"]["locked"], true, "{locked}");

    let audit = fs::read_to_string(desk.folder.path().join("audit.jsonl")).unwrap();
    let refused = audit.lines().filter(|line| line.contains("policy_denied"));
    assert!(refused.clone().all(|line| line.contains("user_1")), "{audit}");
    assert_eq!(refused.count(), 2, "{audit}");
}

#[tokio::test]
async fn a_call_that_lacks_more_than_scopes_or_is_wrong_is_answered_as_any_other() {
    let desk = Desk::start().await;
    let user = desk.user().await;
    let plan = json!({ "userId": user, "publicMetadata": { "plan": "free" } });
    for (role, tool, arguments, code) in [
        ("analyst", "clerk_lock_user", json!({ "userId": user }), "policy_denied"),
        ("support", "clerk_update_user_metadata", plan, "policy_denied"),
        ("support", "clerk_lock_user", json!({}), "invalid_arguments"),
    ] {
        let call = desk.http.call(tool, arguments).bearer_auth(desk.token(role, ""));
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{tool}");
        let text = message(answer).await["result"]["content"][0]["text"].to_string();
        assert!(text.contains(code) && !text.contains("scope"), "{text}");
    }
}

#[tokio::test]
async fn a_call_that_takes_a_look_at_the_user_names_the_scope_in_its_hint() {
    let partners = r#"
        [[rules]]
        name = "all may change a partner's users"
        action = "allow"
        email_domains = ["partner.example"]
    "#;
    let (first, rest) = POLICY.split_once("[[rules]]").unwrap();
    let desk = Desk::with(&format!("{first}{partners}[[rules]]{rest}")).await;
    let user = json!({ "userId": desk.user().await });
    let lock =
        desk.http.call("clerk_lock_user", user).bearer_auth(desk.token("support", "support"));
    let answer = lock.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = message(answer).await["result"]["content"][0]["text"].to_string();
    assert!(
        text.contains("policy_denied") && text.contains("has the scope users:write too"),
        "{text}"
    );
}

#[tokio::test]
async fn a_session_goes_on_after_a_call_that_lacks_scopes() {
    let desk = Desk::start().await;
    let user = json!({ "userId": desk.user().await });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let reader = desk.token("support", "support");
    let begun = desk.http.post("/mcp", initialize).bearer_auth(&reader).send().await.unwrap();
    let session = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let params = json!({ "name": "clerk_lock_user", "arguments": user });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let lock = |token: &str| {
        let request = desk.http.post("/mcp", &call).header("mcp-session-id", &session);
        request.bearer_auth(token)
    };
    assert_eq!(status(lock(&reader)).await, 403);
    let locked = lock(&desk.token("support", "support users:write")).send().await.unwrap();
    assert_eq!(message(locked).await["result"]["structuredContent"]["locked"], true);
}

#[tokio::test]
async fn the_metadata_publish_the_scopes_of_the_policy_too() {
    let desk = Desk::start().await;
    let url = format!("{}/.well-known/oauth-protected-resource/mcp", desk.http.url);
    let metadata = message(desk.http.client.get(url).send().await.unwrap()).await;
    assert_eq!(metadata["scopes_supported"], json!(["desk", "support", "users:write"]));
}
