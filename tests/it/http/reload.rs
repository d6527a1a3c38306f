//! SIGHUP: the policy and the secrets are read again, and nothing else ends.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use super::client::{Endpoint, Http, message, status};
use crate::{
    events::delivery::{SECRET, signed, user_event},
    support::{Script, Upstream, eventually},
};

const TOKENS: [&str; 2] = ["the-first-bearer-token", "the-second-bearer-token"];
const KEYS: [&str; 2] = ["sk_test_thefirstkeyofall", "sk_test_thesecondkeyofall"];

/// Two updates in an hour, and nothing that these tools do.
fn policy(denied: &str) -> String {
    format!(
        r#"
        default = "allow"
        [[rules]]
        name = "not this"
        action = "deny"
        tools = ["{denied}"]
        [[rules]]
        name = "two locks"
        action = "allow"
        tools = ["clerk_lock_user"]
        per_hour = 2
        "#
    )
}

struct Reloaded {
    http: Http,
    upstream: Upstream,
    folder: tempfile::TempDir,
    log: Arc<Mutex<String>>,
}

impl Reloaded {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Upstream::always(Script::json(200, &json!({ "id": "user_1" }))).await;
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (rules, token, key) = (path("policy.toml"), path("token"), path("key"));
        fs::write(&rules, policy("clerk_ban_user")).unwrap();
        fs::write(&token, TOKENS[0]).unwrap();
        fs::write(&key, KEYS[0]).unwrap();
        let signing = path("signing");
        fs::write(&signing, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oA").unwrap();
        let variables = [
            ("CLERK_SECRET_KEY_FILE", &*key),
            ("CLERK_MCP_HTTP_TOKEN_FILE", &token),
            ("CLERK_WEBHOOK_SIGNING_SECRET_FILE", &signing),
            ("CLERK_API_URL", &upstream.url),
        ];
        let mut http = Http::start(&["--policy", &rules], &variables).await;
        let log = Arc::<Mutex<String>>::default();
        let mut lines = BufReader::new(http.child.stderr.take().unwrap()).lines();
        let written = log.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                written.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { http, upstream, folder, log }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Reloads, and waits until the log says this once more.
    async fn hang_up(&self, says: &str) {
        let count = || self.log.lock().unwrap().matches(says).count();
        let before = count();
        let id = self.http.child.id().unwrap().to_string();
        Command::new("kill").args(["-HUP", &id]).status().await.unwrap();
        eventually(async || count() > before).await;
    }

    async fn call(&self, token: &str, tool: &str) -> Value {
        let call = self.http.call(tool, json!({ "userId": "user_1" })).bearer_auth(token);
        let result = message(call.send().await.unwrap()).await["result"].clone();
        let text = result["content"][0]["text"].as_str().unwrap_or_default();
        serde_json::from_str::<Value>(text).unwrap_or_default()["error"]["code"].clone()
    }

    fn last_key(&self) -> String {
        let headers = self.upstream.seen().pop().unwrap().headers;
        let line = headers.lines().find(|line| line.starts_with("authorization: ")).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    }
}

const DONE: &str = "the policy and the secrets were reloaded";

#[tokio::test]
async fn a_reload_replaces_the_policy_and_the_secrets_and_keeps_sessions_and_counts() {
    let server = Reloaded::start().await;
    let (http, [first, second]) = (&server.http, TOKENS);
    let client = json!({ "name": "test", "version": "1" });
    let params =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let begun = http.post("/mcp", initialize).bearer_auth(first).send().await.unwrap();
    let session = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let begun = message(begun).await;
    assert_eq!(begun["result"]["capabilities"]["tools"]["listChanged"], true, "{begun}");
    let stream = http.client.get(format!("{}/mcp", http.url)).bearer_auth(first);
    let stream = stream.header("mcp-session-id", &session).header("accept", "text/event-stream");
    let mut stream = stream.send().await.unwrap();
    let listen = json!({ "notifications": { "toolsListChanged": true } });
    let mut listener =
        http.stateless("subscriptions/listen", listen).bearer_auth(first).send().await.unwrap();
    until(&mut listener, "acknowledged").await;

    assert_eq!(server.call(first, "clerk_ban_user").await, "policy_denied");
    assert_eq!(server.call(first, "clerk_lock_user").await, Value::Null);
    assert_eq!(server.last_key(), KEYS[0]);

    server.write("policy.toml", &policy("clerk_unban_user"));
    server.write("token", second);
    server.write("key", KEYS[1]);
    server.write("signing", SECRET);
    server.hang_up(DONE).await;
    for stream in [&mut stream, &mut listener] {
        until(stream, "notifications/tools/list_changed").await;
    }
    let list = |token: &str| http.stateless("tools/list", json!({})).bearer_auth(token);
    assert_eq!(status(list(first)).await, 401);
    let tools = message(list(second).send().await.unwrap()).await;
    assert_eq!(tools["result"]["ttlMs"], 300_000, "a client that doesn't listen asks again soon");
    assert_eq!(server.call(second, "clerk_unban_user").await, "policy_denied");
    assert_eq!(server.call(second, "clerk_ban_user").await, Value::Null);
    assert_eq!(server.last_key(), KEYS[1]);
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let ping = http.post("/mcp", ping).header("mcp-session-id", &session).bearer_auth(second);
    assert_eq!(status(ping).await, 200);
    assert_eq!(status(delivery(http)).await, 204);
    // One of two was used before.
    assert_eq!(server.call(second, "clerk_lock_user").await, Value::Null);
    assert_eq!(server.call(second, "clerk_lock_user").await, "policy_denied");
    let log = server.log.lock().unwrap().clone();
    assert!(TOKENS.iter().chain(&KEYS).all(|secret| !log.contains(secret)), "{log}");
}

#[tokio::test]
async fn what_cannot_be_reloaded_changes_nothing_and_the_log_says_why() {
    let server = Reloaded::start().await;
    let wrong = [
        ("policy.toml", "default = \"alow\"", "did you mean `allow`"),
        ("token", "short", "at least 16 characters"),
        ("key", "sk_live_ofanotherinstance", "another kind of instance"),
        ("signing", "", "CLERK_WEBHOOK_SIGNING_SECRET_FILE"),
    ];
    // Of several files, each is sound but one: none is taken.
    let sound = [
        ("policy.toml", policy("clerk_unban_user")),
        ("token", TOKENS[1].to_owned()),
        ("key", KEYS[1].to_owned()),
        ("signing", SECRET.to_owned()),
    ];
    for (name, text, says) in wrong {
        for (sound, text) in &sound {
            server.write(sound, text);
        }
        server.write(name, text);
        server.hang_up("the reload failed, and the policy and the secrets stay as they were").await;
        let log = server.log.lock().unwrap().clone();
        assert!(log.lines().last().unwrap().contains(says), "{says}: {log}");
        assert_eq!(server.call(TOKENS[0], "clerk_ban_user").await, "policy_denied");
        assert_eq!(server.call(TOKENS[0], "clerk_unban_user").await, Value::Null);
        assert_eq!(server.last_key(), KEYS[0]);
        assert_eq!(status(delivery(&server.http)).await, 401);
    }
}

fn delivery(http: &Endpoint) -> reqwest::RequestBuilder {
    signed(http, "msg_1", &user_event("user.created", "user_1").to_string())
}

/// Reads a stream until this is in it.
async fn until(stream: &mut reqwest::Response, part: &str) {
    let mut read = String::new();
    while !read.contains(part) {
        let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
        read.push_str(&String::from_utf8_lossy(&chunk));
    }
}
