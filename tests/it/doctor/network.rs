//! What is asked over the network.

use serde_json::{Value, json};

use super::{CURSOR, DEV, Home, KEY, KEY_FILE, PROFILES, TOKEN, findings};
use crate::support::{Script, Upstream};

/// The findings, and the exit code. The registry and Clerk are at these addresses.
async fn ask(home: &Home, registry: &str, clerk: &str) -> (Vec<Value>, i32) {
    // The upstream answers below Clerk's path only.
    let registry = format!("{registry}/v1/latest");
    let arguments = ["--json", "--registry", &registry];
    let command = home.command(&arguments, &[("CLERK_API_URL", clerk)]);
    let output = tokio::process::Command::from(command).output().await.unwrap();
    findings(&output)
}

fn one<'a>(findings: &'a [Value], check: &str) -> &'a Value {
    let found = findings.iter().find(|it| it["check"] == check);
    found.unwrap_or_else(|| panic!("{check}: {findings:#?}"))
}

fn of(findings: &[Value], check: &str) -> (String, String) {
    let finding = one(findings, check);
    let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    (text("severity"), text("what"))
}

async fn registry(version: &'static str) -> Upstream {
    Upstream::always(Script::json(200, &json!({ "version": version }))).await
}

fn keyed() -> Home {
    Home::new(&[(PROFILES, DEV), (KEY_FILE, "{key}")])
}

#[tokio::test]
async fn clerk_is_asked_whether_it_accepts_each_key_and_the_registry_gets_nothing() {
    let clerk = Upstream::start(|seen, _| {
        if seen.headers.contains(KEY) {
            Script::json(200, &json!({ "id": "ins_1", "environment_type": "development" }))
        } else {
            Script::refusal(401, "", "authentication_invalid")
        }
    })
    .await;
    let npm = registry(env!("CARGO_PKG_VERSION")).await;
    let (findings, code) = ask(&keyed(), &npm.url, &clerk.url).await;
    assert_eq!(code, 0, "{findings:#?}");
    let accepted = "Clerk accepts the key of profile dev: development instance ins_1";
    assert_eq!(of(&findings, "profile.dev.accepted"), ("ok".to_owned(), accepted.to_owned()));
    assert_eq!(of(&findings, "network.api").0, "ok");
    assert_eq!(of(&findings, "version").0, "ok");
    let asked = npm.seen();
    assert_eq!((asked.len(), &asked[0].body), (1, &None));
    let sent = asked[0].headers.to_lowercase();
    assert!(!sent.contains("authorization") && !sent.contains("cookie"), "{sent}");
    for request in clerk.seen() {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/instance"));
    }
}

#[tokio::test]
async fn a_key_that_clerk_refuses_is_an_error_and_an_old_version_a_warning() {
    let clerk = Upstream::always(Script::refusal(401, "", "clerk_key_invalid")).await;
    let npm = registry("99.0.0").await;
    let (findings, code) = ask(&keyed(), &npm.url, &clerk.url).await;
    assert_eq!((of(&findings, "profile.dev.accepted").0.as_str(), code), ("error", 1));
    let (severity, what) = of(&findings, "version");
    assert!(severity == "warning" && what.contains("there is 99.0.0"), "{what}");
}

#[tokio::test]
async fn without_a_network_the_version_is_a_note_and_clerk_one_error() {
    let closed = "http://127.0.0.1:9";
    let (findings, code) = ask(&keyed(), closed, closed).await;
    assert_eq!((of(&findings, "version").0.as_str(), code), ("note", 1), "{findings:#?}");
    let finding = one(&findings, "network.api");
    assert!(finding["remedy"].as_str().unwrap().contains("firewall"), "{finding}");
    let errors = findings.iter().filter(|it| it["severity"] == "error").count();
    assert_eq!(errors, 1, "{findings:#?}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_a_warning() {
    let early = Script::Answer(401, "date: Mon, 02 Jan 2023 10:00:00 GMT", "{}".to_owned());
    let clerk = Upstream::always(early).await;
    let npm = registry("0.0.1").await;
    let (findings, _) = ask(&Home::new(&[]), &npm.url, &clerk.url).await;
    let (severity, what) = of(&findings, "network.clock");
    assert!(severity == "warning" && what.contains("ahead of"), "{what}");
}

/// A server over HTTP with a token, until it is dropped.
struct Running(tokio::process::Child, String);

impl Running {
    async fn start() -> Self {
        use tokio::io::{AsyncBufReadExt, BufReader};

        let mut command = tokio::process::Command::new(super::PROGRAM);
        command.args(["http", "--sandbox", "--listen", "127.0.0.1:0", "--log", "off"]);
        command.env("CLERK_MCP_HTTP_TOKEN", TOKEN).env_remove("CLERK_SECRET_KEY");
        command.stdout(std::process::Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        Self(child, url.trim_end_matches('/').to_owned())
    }
}

#[tokio::test]
async fn a_server_at_an_address_is_asked_for_its_tools_with_the_token_of_the_entry() {
    let server = Running::start().await;
    let clerk = Upstream::always(Script::refusal(401, "", "authentication_invalid")).await;
    let npm = registry("0.0.1").await;
    let entry = |path: &str, token: &str| {
        format!(
            r#"{{"mcpServers": {{"clerk": {{"url": "{}{path}", "headers": {{"Authorization": "{token}"}}}}}}}}"#,
            server.1
        )
    };
    let cases = [
        (entry("/mcp", &format!("Bearer {TOKEN}")), "ok", "tools, which cost a model at most"),
        (entry("/sse", &format!("Bearer {TOKEN}")), "ok", "opens a stream"),
        (
            entry("/mcp", "Bearer another-token-of-nobody"),
            "error",
            "doesn't accept the bearer token",
        ),
        (entry("/mcp", "Bearer ${env:NOT_SET_HERE}"), "note", "needs its bearer token"),
        (entry("/mcp", "").replace(&server.1, "http://127.0.0.1:9"), "error", "no server runs at"),
    ];
    for (entry, severity, said) in cases {
        let home = Home::new(&[(CURSOR, &entry)]);
        let (findings, _) = ask(&home, &npm.url, &clerk.url).await;
        let (is, what) = of(&findings, "client.cursor.url");
        assert!(is == severity && what.contains(said), "{entry}: {is} {what}");
    }
    drop(server.0);
}
