//! The audit log of the real binary.

use std::{fs, path::Path, process::Command};

use futures::future::join_all;
use serde_json::{Value, json};

use super::{
    Instance, LIVE, LONER, SABINE, delete,
    http::Http,
    wire::{Binary, Wire},
};
use crate::support::{KEY, Script, Upstream};

const PASSWORD: &str = "correct horse battery staple";
/// What has the form of a secret, wherever it stands.
const SECRETS: [&str; 3] =
    ["sk_live_OfAnotherInstance01", "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", "ak_7Hs8kQ2mZx91Lw3pNvT4"];

/// A log in a directory of its own.
struct Log {
    _dir: tempfile::TempDir,
    path: String,
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.jsonl").to_str().unwrap().to_owned();
        Self { _dir: dir, path }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    }

    /// The lines of a call, which must be `begun` and `ended`, as one.
    fn pair(&self, tool: &str) -> Value {
        let lines = self.lines();
        let mut begun = lines.iter().filter(|it| it["event"] == "begun" && it["tool"] == tool);
        let mut whole = begun.next().unwrap_or_else(|| panic!("no {tool}: {lines:#?}")).clone();
        assert_eq!(begun.next(), None, "{tool} is there twice");
        let ended = lines.iter().filter(|it| it["event"] == "ended" && it["call"] == whole["call"]);
        let ended: Vec<_> = ended.collect();
        let [ended] = ended[..] else { panic!("{tool} has {} ends", ended.len()) };
        for (name, value) in ended.as_object().unwrap() {
            whole[name] = value.clone();
        }
        whole
    }

    fn refused(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|it| it["event"] == "refused").collect()
    }

    /// Waits until something is in the log.
    async fn until(&self, text: &str) {
        let is_there = || Path::new(&self.path).exists() && self.text().contains(text);
        crate::support::eventually(async || is_there()).await;
    }
}

fn run(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_clerk-mcp")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

async fn start(log: &Log, options: &[&str], url: &str, key: &str) -> Binary {
    Binary::start(&[&["--audit", &log.path], options].concat(), url, key).await
}

fn assert_intact(log: &Log) {
    let (output, code) = run(&["audit", "verify", &log.path]);
    assert!(output.contains("intact") && code == Some(0), "{output}");
}

#[tokio::test]
async fn writes_are_logged_whole_but_for_secrets_and_reads_are_not() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let mut server = start(&log, &["--allow-writes"], &instance.url, LIVE).await;
    server.wire.call("clerk_get_user", delete(SABINE)).await;
    server.wire.call("clerk_list_users", json!({})).await;
    server.wire.call("clerk_get_user", delete("user_nobody")).await;
    assert_eq!(log.lines().len(), 0, "reads leave nothing");

    let arguments = json!({
        "username": "logged",
        "password": PASSWORD,
        "publicMetadata": { "plan": "pro", "notes": [format!("it is {}", SECRETS[0])] },
        "privateMetadata": { SECRETS[1]: SECRETS[2], "own": LIVE },
        "reason": format!("Asked for in ticket 7, with {}", SECRETS[0]),
    });
    let created = server.wire.call("clerk_create_user", arguments).await;
    let write = log.pair("clerk_create_user");
    for (name, expected) in [
        ("client", json!("tests 1.2")),
        ("key", json!("live")),
        ("effect", json!("write")),
        ("outcome", json!("done")),
        ("status", json!(200)),
        ("id", created["id"].clone()),
        ("reason", json!("Asked for in ticket 7, with [Clerk key removed]")),
    ] {
        assert_eq!(write[name], expected, "{name}: {write:#}");
    }
    let logged = &write["arguments"];
    assert_eq!((&logged["username"], &logged["password"]), (&json!("logged"), &json!("[removed]")));
    assert_eq!(logged["publicMetadata"]["plan"], "pro", "{write:#}");
    assert_eq!(logged["publicMetadata"]["notes"][0], "it is [Clerk key removed]", "{write:#}");
    assert_eq!(logged.get("reason"), None, "{write:#}");

    let mut arguments = delete(SABINE);
    arguments["reason"] = json!("She left.");
    let plan = server.wire.call("clerk_delete_user", arguments).await;
    assert_eq!(log.lines().len(), 2, "a plan is no write");
    let token = &plan["plan"]["token"];
    let arguments = json!({ "userId": SABINE, "planToken": token, "reason": "She left." });
    server.wire.call("clerk_delete_user", arguments).await;
    let write = log.pair("clerk_delete_user");
    assert_eq!(write["confirmation"], "plan", "{write:#}");
    assert_eq!((&write["effect"], &write["reason"]), (&json!("destructive"), &json!("She left.")));
    assert_eq!((&write["target"], &write["arguments"]), (&json!(SABINE), &delete(SABINE)));

    let arguments = json!({ "userId": "user_nobody", "firstName": "Ada" });
    let error = server.wire.call("clerk_update_user", arguments).await;
    let write = log.pair("clerk_update_user");
    assert_eq!((&write["outcome"], &write["status"]), (&json!("failed"), &json!(404)));
    assert_eq!(
        (&write["code"], &write["target"]),
        (&error["error"]["code"], &json!("user_nobody"))
    );
    for secret in SECRETS.into_iter().chain([PASSWORD, LIVE, token.as_str().unwrap()]) {
        assert!(!log.text().contains(secret), "{secret}: {}", log.text());
    }
    assert_intact(&log);
}

#[tokio::test]
async fn refused_writes_are_logged_with_why() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let policy = log.path.replace("audit.jsonl", "policy.toml");
    let rule = "[[rules]]\nname = 'no Eve'\naction = 'deny'\nmetadata_keys = ['eve']\n";
    fs::write(&policy, rule).unwrap();
    let options =
        ["--confirm", "ask", "--exclude-tools", "clerk_revoke_session", "--policy", &policy];
    let mut server = start(&log, &options, &instance.url, KEY).await;
    let cases = [
        ("clerk_delete_user", delete(LONER), "confirmation_impossible", Some(LONER)),
        ("clerk_revoke_session", json!({ "sessionId": "sess_1" }), "tool_off", Some("sess_1")),
        (
            "clerk_update_user",
            json!({ "userId": LONER, "publicMetadata": { "eve": 1 } }),
            "policy_denied",
            Some(LONER),
        ),
        (
            "clerk_create_user",
            json!({ "pasword": PASSWORD, "password": PASSWORD, "username": "x" }),
            "invalid_arguments",
            None,
        ),
        (
            "clerk_update_user",
            json!({ "userId": LONER, "firstName": "A⟦U+200B⟧B" }),
            "invalid_arguments",
            Some(LONER),
        ),
    ];
    for (tool, arguments, code, target) in cases {
        let mut with_reason = arguments.clone();
        with_reason["reason"] = json!("Because.");
        let error = server.wire.call(tool, with_reason).await;
        assert_eq!(error["error"]["code"], code, "{error}");
        let refused = log.refused().pop().unwrap();
        assert_eq!((&refused["tool"], &refused["code"]), (&json!(tool), &json!(code)));
        assert_eq!(refused["outcome"], "refused", "{refused:#}");
        assert_eq!(refused["client"], "tests 1.2", "{refused:#}");
        assert_eq!(refused.get("target").and_then(Value::as_str), target, "{refused:#}");
        assert_eq!(refused.get("status"), None, "nothing was sent: {refused:#}");
        let is_ruled = code == "policy_denied";
        assert_eq!(refused["rule"] == "no Eve", is_ruled, "{refused:#}");
    }
    assert_eq!(log.lines().len(), 5);
    assert!(!log.text().contains(PASSWORD), "{}", log.text());
    assert_eq!(instance.writes(), [""; 0]);
    assert_intact(&log);
}

#[tokio::test]
async fn a_refused_run_by_name_leaves_a_line() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let options = ["--exclude-tools", "clerk_delete_user"];
    let mut server = start(&log, &options, &instance.url, KEY).await;
    let run = |operation: &str, arguments: Value| json!({ "operation": operation, "arguments": arguments, "reason": "Because." });
    let secret = json!({ "userId": LONER, "password": PASSWORD });
    let cases = [
        ("clerk_run_write", run("clerk_delete_usr", secret.clone()), "clerk_run_write", None),
        (
            "clerk_run_write",
            run("clerk_delete_user", delete(LONER)),
            "clerk_delete_user",
            Some(LONER),
        ),
        (
            "clerk_run_write",
            run("clerk_update_user", json!({ "userId": 7 })),
            "clerk_update_user",
            None,
        ),
        (
            "clerk_run_write",
            json!({ "reason": "Because.", "x": PASSWORD }),
            "clerk_run_write",
            None,
        ),
        ("clerk_run_read", run("clerk_update_user", secret), "clerk_update_user", Some(LONER)),
    ];
    let mut lines = 0;
    for (runner, arguments, logged, target) in cases {
        let error = server.wire.call(runner, arguments.clone()).await;
        assert_eq!(error["success"], false, "{error}");
        lines += 1;
        assert_eq!(log.lines().len(), lines, "{runner} {arguments}: {}", log.text());
        let refused = log.refused().pop().unwrap();
        assert_eq!((&refused["tool"], &refused["code"]), (&json!(logged), &error["error"]["code"]));
        assert_eq!(refused["reason"], "Because.", "{refused:#}");
        assert_eq!(refused.get("target").and_then(Value::as_str), target, "{refused:#}");
    }
    assert!(!log.text().contains(PASSWORD), "{}", log.text());
    assert_eq!(instance.writes(), [""; 0]);
    assert_intact(&log);
}

/// What a person approved is what the log says: neither another reason nor none.
#[tokio::test]
async fn the_reason_that_is_logged_is_the_one_that_was_shown() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let mut server = start(&log, &["--confirm", "plan"], &instance.url, KEY).await;
    let shown = "He left.\n\"Harmless\" said nobody.";
    let with = |reason: Option<&str>, token: &Value| {
        let mut arguments = delete(LONER);
        if let Some(reason) = reason {
            arguments["reason"] = json!(reason);
        }
        if !token.is_null() {
            arguments["planToken"] = token.clone();
        }
        arguments
    };
    let plan = server.wire.call("clerk_delete_user", with(Some(shown), &Value::Null)).await;
    let effect = plan["plan"]["effect"].as_str().unwrap();
    assert!(effect.ends_with("Reason given: \"He left. 'Harmless' said nobody.\"."), "{effect}");
    let token = &plan["plan"]["token"];
    for other in [Some("He asked for it."), None] {
        let error = server.wire.call("clerk_delete_user", with(other, token)).await;
        assert_eq!(error["error"]["code"], "confirmation_invalid", "{error}");
    }
    assert_eq!(instance.writes(), [""; 0]);
    let done = server.wire.call("clerk_delete_user", with(Some(shown), token)).await;
    assert_eq!(done["deleted"], true, "{done}");
    assert_eq!(log.pair("clerk_delete_user")["reason"], shown);
}

#[tokio::test]
async fn lines_of_different_instances_are_told_apart_without_a_key_in_them() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let options = ["--audit", &log.path, "--key-from-header"];
    let server = Http::start(&options, &instance.url).await;
    let keys = [Some("sk_test_OfOneTeam123456"), Some("sk_test_OfOtherTeam1234"), None, None];
    for key in keys {
        let arguments = json!({ "userId": LONER, "firstName": "Ada" });
        server.call("tests", key, "clerk_update_user", &arguments).await;
    }
    let lines = log.lines();
    let begun = lines.iter().filter(|line| line["event"] == "begun");
    let instances: Vec<&str> = begun.map(|line| line["instance"].as_str().unwrap()).collect();
    assert_eq!(instances.len(), 4, "{lines:#?}");
    assert!(instances[2] == instances[3], "the same key, the same instance: {instances:?}");
    let distinct: std::collections::HashSet<_> = instances.iter().collect();
    assert_eq!(distinct.len(), 3, "{instances:?}");
    for key in keys.into_iter().flatten().chain([KEY]) {
        assert!(!log.text().contains(key.trim_start_matches("sk_test_")), "{}", log.text());
    }
    let (shown, _) = run(&["audit", "show", &log.path]);
    assert!(instances.iter().all(|instance| shown.contains(instance)), "{shown}");
}

/// With it Clerk's support finds the request. A refusal may have it in its body alone.
#[tokio::test]
async fn the_trace_id_is_logged_wherever_clerk_tells_it() {
    let cases = [
        Script::Answer(200, "clerk-trace-id: trace_1", "{\"id\":\"user_1\"}".to_owned()),
        Script::Answer(200, "cf-ray: trace_1", "{\"id\":\"user_1\"}".to_owned()),
        Script::Answer(503, "cf-ray: trace_1", String::new()),
        Script::refusal(422, "", "form_param_unknown"),
    ];
    for script in cases {
        let (log, upstream) = (Log::new(), Upstream::always(script.clone()).await);
        let mut server = start(&log, &[], &upstream.url, KEY).await;
        send_update(&mut server.wire).await;
        server.wire.receive().await.unwrap();
        assert_eq!(log.pair("clerk_update_user")["traceId"], "trace_1", "{script:?}");
    }
}

/// Why an agent wanted it is in the log wherever the call was refused, and once.
#[tokio::test]
async fn a_refused_write_keeps_its_reason() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let options = ["--confirm", "ask", "--exclude-tools", "clerk_create_user"];
    let mut server = start(&log, &options, &instance.url, KEY).await;
    let mut missing = Vec::new();
    for (tool, arguments) in [
        ("clerk_delete_user", json!({ "userId": LONER, "reason": "Because." })),
        ("clerk_update_user", json!({ "userId": LONER, "reason": "Because." })),
        ("clerk_create_user", json!({ "username": "x", "reason": "Because." })),
    ] {
        server.wire.call(tool, arguments).await;
        let refused = log.refused().pop().unwrap();
        assert_eq!(refused["tool"], tool, "{refused:#}");
        if refused["reason"] != "Because." || refused["arguments"].get("reason").is_some() {
            missing.push(refused);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_writes_and_not_reads() {
    let (log, instance) = (Log::new(), Instance::start().await);
    fs::create_dir(&log.path).unwrap();
    let mut server = start(&log, &[], &instance.url, KEY).await;
    for (tool, arguments) in
        [("clerk_delete_user", delete(LONER)), ("clerk_create_user", json!({ "username": "x" }))]
    {
        let error = server.wire.call(tool, arguments).await;
        assert_eq!(error["error"]["code"], "audit_unwritable", "{error}");
    }
    assert_eq!(instance.writes(), [""; 0]);
    let user = server.wire.call("clerk_get_user", delete(LONER)).await;
    assert_eq!(user["id"], LONER, "{user}");
    // Mended while the server runs, and broken again.
    fs::remove_dir(&log.path).unwrap();
    let done = server.wire.call("clerk_delete_user", delete(LONER)).await;
    assert_eq!(done["deleted"], true, "{done}");
    assert_intact(&log);
    fs::write(&log.path, "something else\n").unwrap();
    let error = server.wire.call("clerk_delete_user", delete(SABINE)).await;
    assert_eq!(error["error"]["code"], "audit_unwritable", "{error}");
    assert_eq!(instance.writes().len(), 1);
}

async fn send_update(wire: &mut Wire) -> u64 {
    let arguments = json!({ "userId": "user_1", "firstName": "Ada" });
    let params = json!({ "name": "clerk_update_user", "arguments": arguments });
    wire.send("tools/call", params).await.unwrap()
}

#[tokio::test]
async fn a_write_of_which_nobody_knows_what_became_is_unknown() {
    let cases = [
        (Script::Hang, &["--timeout", "1"][..], "timeout"),
        (Script::Reset, &[], "connection_lost"),
        (Script::refusal(503, "", "broken"), &[], "broken"),
    ];
    join_all(cases.map(async |(script, options, code)| {
        let (log, upstream) = (Log::new(), Upstream::always(script).await);
        let mut server = start(&log, options, &upstream.url, KEY).await;
        send_update(&mut server.wire).await;
        server.wire.receive().await.unwrap();
        let write = log.pair("clerk_update_user");
        assert_eq!((&write["outcome"], &write["code"]), (&json!("unknown"), &json!(code)));
        assert_intact(&log);
    }))
    .await;
}

#[tokio::test]
async fn a_write_that_is_cancelled_or_stopped_in_the_middle_is_unknown() {
    let (log, upstream) = (Log::new(), Upstream::always(Script::Hang).await);
    let mut server = start(&log, &["--journal", "off"], &upstream.url, KEY).await;
    let id = send_update(&mut server.wire).await;
    upstream.until(|it| it.open() == 1).await;
    let lines = log.lines();
    assert_eq!((lines.len(), &lines[0]["event"]), (1, &json!("begun")), "before it is sent");
    let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    server.wire.write(&cancelled).await.unwrap();
    log.until("\"ended\"").await;
    let write = log.pair("clerk_update_user");
    assert_eq!((&write["outcome"], &write["code"]), (&json!("unknown"), &json!("cancelled")));

    let (log, upstream) = (Log::new(), Upstream::always(Script::Hang).await);
    let Binary { mut wire, mut child } =
        start(&log, &["--journal", "off"], &upstream.url, KEY).await;
    send_update(&mut wire).await;
    upstream.until(|it| it.open() == 1).await;
    drop(wire);
    child.wait().await.unwrap();
    assert_eq!(log.pair("clerk_update_user")["outcome"], "unknown");
    assert_intact(&log);
}

#[tokio::test]
async fn the_log_is_shown_by_user_and_from_its_end() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let mut server = start(&log, &[], &instance.url, KEY).await;
    for (user, name) in [(SABINE, "One"), (LONER, "Two"), (SABINE, "Three")] {
        let arguments = json!({ "userId": user, "firstName": name, "reason": name });
        server.wire.call("clerk_update_user", arguments).await;
    }
    let arguments = json!({ "emailAddress": "new@test.example", "reason": "Four" });
    let created = server.wire.call("clerk_create_user", arguments).await;
    let created = created["id"].as_str().unwrap();
    let cases: [(&[&str], &[&str]); 8] = [
        (&["show", &log.path, "--user", SABINE], &["One", "Three"]),
        (&["show", &log.path, "--user", LONER], &["Two"]),
        (&["show", &log.path, "--user", "new@test.example"], &["Four"]),
        (&["show", &log.path, "--user", created], &["Four"]),
        (&["show", &log.path, "--user", "user_nobody"], &[]),
        (&["show", &log.path, "--outcome", "done"], &["One", "Two", "Three", "Four"]),
        (&["tail", &log.path, "-n", "2"], &["Three", "Four"]),
        (&["tail", &log.path], &["One", "Two", "Three", "Four"]),
    ];
    for (arguments, expected) in cases {
        let (output, code) = run(&[&["audit"], arguments].concat());
        let shown: Vec<_> = output.lines().collect();
        assert_eq!((shown.len(), code), (expected.len(), Some(0)), "{arguments:?}: {output}");
        for (line, reason) in shown.iter().zip(expected) {
            assert!(line.contains(reason) && line.contains("tests 1.2"), "{reason}: {line}");
        }
    }
    // A line that someone changes or takes out is found.
    let text = log.text();
    let changed = text.replacen("Two", "Too", 1);
    let taken = text.split_once('\n').unwrap().1.to_owned();
    for text in [changed, taken] {
        fs::write(&log.path, text).unwrap();
        let (output, code) = run(&["audit", "verify", &log.path]);
        assert_eq!(code, Some(1), "{output}");
    }
}

#[tokio::test]
async fn the_name_of_a_client_is_a_text_like_any_other() {
    let (log, instance) = (Log::new(), Instance::start().await);
    let mut server = start(&log, &[], &instance.url, KEY).await;
    let name = format!("evil\u{202E} {} {}", SECRETS[0], "x".repeat(10_000));
    server.wire.initialize(&name, "1").await;
    server.wire.call("clerk_delete_user", delete(LONER)).await;
    let client = log.pair("clerk_delete_user")["client"].as_str().unwrap().to_owned();
    assert!(client.len() < 300 && !client.contains('\u{202E}'), "{client}");
    assert!(!client.contains(SECRETS[0]), "{client}");
}
