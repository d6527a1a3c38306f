//! What people may do: a policy with rules for roles.

use std::{collections::BTreeSet, fs, process::Command};

use clerk_mcp::catalog;
use serde_json::{Value, json};

use super::{
    super::client::{Http, message},
    issuer::{Issuer, RESOURCE},
};

const POLICY: &str = r#"
default = "deny"

[[rules]]
name = "admins"
action = "allow"
who = ["role:admin"]

[[rules]]
name = "support and analysts read"
action = "allow"
who = ["role:support", "role:analyst"]
effects = ["read"]

[[rules]]
name = "support unlocks"
action = "allow"
who = ["org:org_1+role:support"]
tools = ["clerk_unlock_user"]
"#;

struct Team {
    http: Http,
    issuer: Issuer,
    folder: tempfile::TempDir,
}

impl Team {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let audit = folder.path().join("audit.jsonl");
        Self::with(folder, POLICY, &["--audit", audit.to_str().unwrap()]).await
    }

    async fn with(folder: tempfile::TempDir, text: &str, more: &[&str]) -> Self {
        let policy = folder.path().join("policy.toml");
        fs::write(&policy, text).unwrap();
        let issuer = Issuer::start().await;
        let options = [
            &["--sandbox", "--oauth-issuer", &issuer.url, "--resource", RESOURCE][..],
            &["--oauth-allow", "org:org_1", "--policy", policy.to_str().unwrap()],
            more,
        ];
        let http = Http::start(&options.concat(), &[]).await;
        Self { http, issuer, folder }
    }

    fn audit(&self) -> String {
        self.folder.path().join("audit.jsonl").to_str().unwrap().to_owned()
    }

    /// A token of somebody with this role and, after a plus sign, this scope.
    fn token(&self, role: &str) -> String {
        let (role, scope) = role.split_once('+').unwrap_or((role, ""));
        let (sub, email) = (format!("user_{role}"), format!("{role}@ourco.example"));
        self.issuer.token(json!({
            "sub": sub, "org_id": "org_1", "roles": [role], "email": email, "email_verified": true,
            "scope": scope,
        }))
    }

    async fn ask(&self, role: &str, method: &str, parameters: Value) -> Value {
        let request = self.http.stateless(method, parameters).bearer_auth(self.token(role));
        message(request.send().await.unwrap()).await["result"].clone()
    }

    async fn tools(&self, role: &str) -> BTreeSet<String> {
        let list = self.ask(role, "tools/list", json!({})).await;
        assert_eq!(list["cacheScope"], "private");
        let names = list["tools"].as_array().unwrap().iter();
        names.map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    async fn call(&self, role: &str, tool: &str, arguments: Value) -> Value {
        let called = json!({ "name": tool, "arguments": arguments });
        let result = self.ask(role, "tools/call", called).await;
        serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
    }
}

#[tokio::test]
async fn each_sees_the_tools_that_they_may_use_and_can_use_no_others() {
    let team = Team::start().await;
    let [admin, support, analyst] =
        [team.tools("admin").await, team.tools("support").await, team.tools("analyst").await];
    let reads = |tools: &BTreeSet<String>| tools.contains("clerk_get_user");
    assert!([&admin, &support, &analyst].into_iter().all(reads));
    assert!(admin.contains("clerk_delete_user") && admin.contains("clerk_run_write"));
    let difference: Vec<&String> = support.difference(&analyst).collect();
    assert!(
        difference
            .iter()
            .all(|name| ["clerk_unlock_user", "clerk_run_write"].contains(&name.as_str())),
        "{difference:?}"
    );
    assert!(!analyst.contains("clerk_run_write") && !support.contains("clerk_update_user"));
    assert_eq!(team.tools("sales").await, BTreeSet::new());

    let users = team.call("analyst", "clerk_list_users", json!({ "limit": 1 })).await;
    let user = json!({ "userId": users["users"][0]["id"] });
    let denied = team.call("support", "clerk_delete_user", user.clone()).await;
    assert_eq!(denied["error"]["code"], "policy_denied", "{denied}");
    let by_name = json!({ "operation": "clerk_ban_user", "arguments": user });
    let denied = team.call("support", "clerk_run_write", by_name).await;
    assert_eq!(denied["error"]["code"], "policy_denied", "{denied}");
    let unlock = json!({ "operation": "clerk_unlock_user", "arguments": user });
    let unlocked = team.call("support", "clerk_run_write", unlock).await;
    assert_eq!(unlocked["locked"], false, "{unlocked}");
    let denied = team.call("sales", "clerk_list_users", json!({ "limit": 1 })).await;
    assert_eq!(denied["error"]["code"], "policy_denied", "{denied}");
}

/// Rules on who, tools, toolsets and effects: they are the same for all calls of a tool.
const BY_TOOL: &str = r#"
default = "deny"

[[rules]]
name = "nobody deletes users"
action = "deny"
tools = ["clerk_delete_user"]

[[rules]]
name = "admins"
action = "allow"
who = ["role:admin"]

[[rules]]
name = "support reads users and unlocks"
action = "allow"
who = ["role:support"]
toolsets = ["users", "search", "operations", "server"]
effects = ["read", "write"]

[[rules]]
name = "analysts read, but no sessions"
action = "deny"
who = ["role:analyst"]
toolsets = ["sessions"]

[[rules]]
name = "analysts read"
action = "allow"
who = ["role:analyst+scope:read"]
effects = ["read"]
"#;

#[tokio::test]
async fn what_is_listed_is_what_can_be_called_and_nothing_else_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let team = Team::with(folder, BY_TOOL, &["--toolsets", "all", "--confirm", "never"]).await;
    let (mut listed, on) = (Vec::new(), team.tools("admin").await);
    for role in ["support", "analyst+read", "analyst"] {
        let tools = team.tools(role).await;
        // What is off for all may be named.
        let is_theirs = |name: &str| tools.contains(name) || !on.contains(name);
        let mut callable = BTreeSet::new();
        for (_, tool) in catalog::all() {
            let arguments = match tool.name {
                "clerk_run_read" => json!({ "operation": "clerk_list_users" }),
                "clerk_run_write" => {
                    let arguments = json!({ "userId": "user_1", "firstName": "Ada" });
                    json!({ "operation": "clerk_update_user", "arguments": arguments })
                }
                _ => tool.example().into(),
            };
            let call = team.http.call(tool.name, arguments);
            let answer = call.bearer_auth(team.token(role)).send().await.unwrap();
            if answer.status() == 403 {
                continue;
            }
            let answer = message(answer).await;
            let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_default();
            let error = &serde_json::from_str::<Value>(text).unwrap_or_default()["error"];
            if error["code"] != "policy_denied" && error["code"] != "tool_off" {
                callable.insert(tool.name.to_owned());
            }
            // It may name itself, and who calls knows that one.
            for named in named(error["hint"].as_str().unwrap_or_default()) {
                assert!(is_theirs(named), "{role}: {}: {text}", tool.name);
            }
        }
        assert_eq!(tools, callable, "{role}");

        for prompt in team.ask(role, "prompts/list", json!({})).await["prompts"].as_array().unwrap()
        {
            let arguments = prompt["arguments"].as_array().unwrap().iter().map(|argument| {
                let value = if argument["name"] == "inactiveSince" { "2026-01-31" } else { "x" };
                (argument["name"].as_str().unwrap().to_owned(), json!(value))
            });
            let arguments: serde_json::Map<String, Value> = arguments.collect();
            let params = json!({ "name": prompt["name"], "arguments": arguments });
            let text = team.ask(role, "prompts/get", params).await;
            for named in named(&text.to_string()) {
                assert!(is_theirs(named), "{role}: {}: {named}", prompt["name"]);
            }
        }
        let said = team.ask(role, "server/discover", json!({})).await["instructions"].to_string();
        assert!(named(&said).all(is_theirs), "{role}: {said}");
        for query in ["user", "clerk_delete_user", "session", "billing"] {
            if tools.contains("clerk_search_operations") {
                let found =
                    team.call(role, "clerk_search_operations", json!({ "query": query })).await;
                assert!(named(&found.to_string()).all(is_theirs), "{found}");
            }
        }
        listed.push(tools.len());
    }
    let [support, reader, analyst] = listed[..] else { panic!("{listed:?}") };
    assert!(on.len() > 200 && support > 5 && reader > 50 && analyst == 0, "{listed:?}");
}

/// The tools that a text names.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
    let words = words.filter(|word| word.starts_with("clerk_"));
    words.filter(|word| catalog::all().any(|(_, tool)| tool.name == *word))
}

#[tokio::test]
async fn the_server_says_who_calls_and_what_is_denied_to_them() {
    let team = Team::start().await;
    let about = team.call("support", "clerk_whoami", json!({})).await;
    let expected = json!({
        "authentication": "oauth", "subject": "user_support", "email": "support@ourco.example",
        "organization": "org_1", "roles": ["support"],
    });
    assert_eq!(about["caller"], expected, "{about}");
    let denied = about["off"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["why"].as_str().unwrap().contains("policy"));
    let denied = denied.unwrap()["tools"].to_string();
    assert!(denied.contains("clerk_delete_user") && !denied.contains("clerk_get_user"), "{denied}");
}

#[tokio::test]
async fn resources_are_of_those_who_may_use_their_tools() {
    let team = Team::start().await;
    let listed = async |role: &str| {
        let list = team.ask(role, "resources/templates/list", json!({})).await;
        list["resourceTemplates"].as_array().unwrap().len()
    };
    assert!(listed("analyst").await > 3);
    assert_eq!(listed("sales").await, 0);
}

#[tokio::test]
async fn the_log_names_who_wrote_and_says_what_another_policy_would_have_decided() {
    let team = Team::start().await;
    let users = team.call("admin", "clerk_list_users", json!({ "limit": 1 })).await;
    let user = json!({ "userId": users["users"][0]["id"] });
    team.call("support", "clerk_unlock_user", user.clone()).await;
    team.call("support", "clerk_ban_user", user.clone()).await;
    team.call("admin", "clerk_ban_user", user).await;
    let audit = team.audit();
    let shown = ran(&["audit", "show", &audit, "--who", "user_support"]);
    let rows: Vec<&str> = shown.0.lines().collect();
    assert_eq!((rows.len(), shown.1), (2, Some(0)), "{rows:?}");
    assert!(rows[0].contains("for user_support support@ourco.example"), "{rows:?}");
    assert!(rows[1].contains("refused") && rows[1].contains("clerk_ban_user"), "{rows:?}");

    let stricter = team.folder.path().join("stricter.toml");
    fs::write(&stricter, POLICY.replace("role:admin", "role:owner")).unwrap();
    let stricter = stricter.to_str().unwrap();
    let (output, code) = ran(&["policy", "replay", "--audit", &audit, "--policy", stricter]);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!((lines.len(), code), (2, Some(1)), "{output}");
    let changed = "was allowed, would be denied by default  clerk_ban_user";
    assert!(lines[0].contains(changed) && lines[0].contains("for user_admin"), "{output}");
    assert!(lines[1].starts_with("1 decided otherwise, 2 as they were"), "{output}");
    let same = team.folder.path().join("policy.toml");
    let same = same.to_str().unwrap();
    assert_eq!(ran(&["policy", "replay", "--audit", &audit, "--policy", same]).1, Some(0));
    let (_, code) = ran(&["policy", "replay", "--policy", same]);
    assert_eq!(code, Some(2), "without a log there is nothing to decide on");
}

#[tokio::test]
async fn limits_are_each_persons() {
    let policy = r#"
        default = "allow"
        [[rules]]
        name = "two updates each"
        action = "allow"
        tools = ["clerk_update_user"]
        per_hour_each = 2
    "#;
    let folder = tempfile::tempdir().unwrap();
    let team = Team::with(folder, policy, &["--max-destructive", "1", "--confirm", "never"]).await;
    let users = team.call("admin", "clerk_list_users", json!({ "limit": 4 })).await;
    let users = users["users"].as_array().unwrap();
    for (role, user) in [("support", &users[0]), ("analyst", &users[1])] {
        let rename = json!({ "userId": user["id"], "firstName": "Ada" });
        for code in [Value::Null, Value::Null, json!("policy_denied")] {
            let answer = team.call(role, "clerk_update_user", rename.clone()).await;
            assert_eq!(answer["error"]["code"], code, "{role}: {answer}");
        }
        assert_eq!(team.call(role, "clerk_whoami", json!({})).await["destructiveLeft"], 1);
        let delete = json!({ "userId": user["id"] });
        let deleted = team.call(role, "clerk_delete_user", delete).await;
        assert_eq!(deleted["deleted"], true, "{role}: {deleted}");
        let another = json!({ "userId": users[2]["id"] });
        let denied = team.call(role, "clerk_delete_user", another).await;
        assert_eq!(denied["error"]["code"], "too_many_destructive", "{role}: {denied}");
    }
}

fn ran(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_clerk-mcp")).args(arguments).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}
