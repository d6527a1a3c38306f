//! Production instances are read-only until the operator says otherwise.

use std::process::Command;

use clerk_mcp::{
    catalog,
    guard::{Confirm, Guard, Selection},
    tool::Flag,
};
use serde_json::{Value, json};

use super::{Instance, LIVE, LONER, SABINE, TEST, confirmed, delete, http::Http, server};
use crate::support::{self, Script, Upstream};

/// Keys that may open a production instance: all that don't begin with `sk_test_`.
const LIVE_KEYS: [&str; 3] = [LIVE, "sk_prod_TestOnly", "sk_testing_TestOnly"];

/// The names of the tools that write.
fn writes() -> Vec<&'static str> {
    let selection = Selection::default();
    catalog::all()
        .filter(|(toolset, it)| selection.chooses(toolset, it))
        .map(|(_, it)| it)
        // Without a journal or a file of approvals, what needs one is off for that reason.
        .filter(|it| !it.effect.is_read())
        .filter(|it| !it.flags.contains(&Flag::Journal) && !it.flags.contains(&Flag::Approvals))
        .map(|it| it.name)
        .collect()
}

/// All the names under `off` in what `clerk_whoami` says, each with its reason.
fn off(whoami: &Value) -> Vec<(String, String)> {
    let groups = whoami["off"].as_array().unwrap().iter();
    let tools = groups.flat_map(|it| {
        let why = it["why"].as_str().unwrap();
        // Where no events are received, their whole toolset is off.
        let names = it["tools"].as_array().into_iter().flatten();
        names.map(move |name| (name.as_str().unwrap().to_owned(), why.to_owned()))
    });
    tools.collect()
}

#[tokio::test]
async fn a_production_instance_is_read_only_by_default() {
    let upstream = Upstream::always(Script::json(200, &json!({ "id": "x_1" }))).await;
    for key in LIVE_KEYS {
        for selection in [
            Selection::default(),
            Selection { read_only: true, allow_writes: true, ..Selection::default() },
            Selection {
                tools: writes().into_iter().map(str::to_owned).collect(),
                ..Selection::default()
            },
        ] {
            let is_read_only = selection.read_only;
            let guard = Guard { selection, confirm: Confirm::Never, ..Guard::default() };
            let client = support::connect(server(&upstream.url, key, guard)).await;
            let tools = client.0.list_all_tools().await.unwrap();
            for tool in &tools {
                assert!(!writes().contains(&&*tool.name), "{}", tool.name);
                assert_eq!(tool.annotations.as_ref().unwrap().read_only_hint, Some(true));
            }
            let asks_for = if is_read_only { "--read-only" } else { "--allow-writes" };
            for tool in writes() {
                for arguments in [delete("user_1"), json!({})] {
                    let error = client.error(tool, &arguments).await;
                    assert_eq!(error["code"], "tool_off", "{tool}: {error}");
                    let text = error["message"].as_str().unwrap();
                    assert!(text.contains(asks_for), "{tool}: {text}");
                }
            }
            let said = client.0.peer_info().unwrap().instructions.clone().unwrap();
            assert!(said.contains("production instance") && said.contains("read-only"), "{said}");
        }
    }
    assert_eq!(upstream.seen(), []);
}

#[tokio::test]
async fn whoami_says_what_is_off_and_what_turns_it_on() {
    let instance = Instance::start().await;
    let client = support::connect(server(&instance.url, LIVE, Guard::default())).await;
    let whoami = client.call("clerk_whoami", &json!({})).await;
    assert_eq!(whoami["instanceKind"], "live", "{whoami}");
    let off = off(&whoami);
    assert_eq!(off.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), writes());
    assert!(off.iter().all(|(_, why)| why.contains("--allow-writes turns writes on")), "{whoami}");
    let confirmation = whoami["confirmation"].as_str().unwrap();
    assert!(confirmation.contains("asked") && confirmation.contains("plan"), "{whoami}");
}

#[tokio::test]
async fn where_the_operator_allows_writes_they_are_on() {
    for key in LIVE_KEYS {
        let instance = Instance::start().await;
        let client = support::connect(server(&instance.url, key, confirmed(Confirm::Never))).await;
        let tools = client.0.list_all_tools().await.unwrap();
        let names: Vec<_> = tools.iter().map(|it| &*it.name).collect();
        assert!(writes().iter().all(|it| names.contains(it)), "{names:?}");
        let said = client.0.peer_info().unwrap().instructions.clone().unwrap();
        assert!(said.contains("production instance") && said.contains("writes are on"), "{said}");
        assert!(!said.contains("read-only"), "{said}");
        let whoami = client.call("clerk_whoami", &json!({})).await;
        assert_eq!((&whoami["instanceKind"], off(&whoami)), (&json!("live"), Vec::new()));
        client.call("clerk_update_user", &json!({ "userId": SABINE, "firstName": "Ada" })).await;
        assert_eq!(instance.user(SABINE).await["firstName"], "Ada");
    }
}

#[tokio::test]
async fn a_test_key_says_nothing_of_production() {
    let instance = Instance::start().await;
    let client = support::connect(server(&instance.url, TEST, Guard::default())).await;
    let said = client.0.peer_info().unwrap().instructions.clone().unwrap();
    assert!(!said.contains("production"), "{said}");
    let whoami = client.call("clerk_whoami", &json!({})).await;
    assert_eq!((&whoami["instanceKind"], off(&whoami)), (&json!("test"), Vec::new()));
    assert_eq!(whoami["off"][0]["toolsets"], json!(["changes"]));
    assert_eq!(whoami["off"][1]["toolsets"], json!(["events"]));
}

#[tokio::test]
async fn a_callers_own_production_key_is_read_only_too() {
    let instance = Instance::start().await;
    let http = Http::start(&["--key-from-header"], &instance.url).await;
    let call = async |tool: &str, arguments: Value, key: Option<&str>| {
        http.call("tests", key, tool, &arguments).await
    };
    for tool in writes() {
        let answer = call(tool, delete(SABINE), Some(LIVE)).await;
        assert_eq!(answer["error"]["code"], "tool_off", "{tool}: {answer}");
        assert!(answer["error"]["message"].to_string().contains("--allow-writes"), "{answer}");
    }
    assert!(instance.sent().is_empty(), "{:?}", instance.sent());
    let whoami = call("clerk_whoami", json!({}), Some(LIVE)).await;
    assert_eq!(whoami["instanceKind"], "live", "{whoami}");
    assert_eq!(off(&whoami).len(), writes().len(), "{whoami}");
    call("clerk_get_user", delete(SABINE), Some(LIVE)).await;
    assert!(instance.sent().iter().all(|it| it.key == LIVE), "{:?}", instance.sent());
    // The server's own test key, and a caller's, open what they did before.
    for (key, user) in [(None, SABINE), (Some("sk_test_OfACaller"), LONER)] {
        let whoami = call("clerk_whoami", json!({}), key).await;
        assert_eq!(whoami["instanceKind"], "test", "{whoami}");
        let answer = call("clerk_delete_user", delete(user), key).await;
        assert_eq!(answer["deleted"], true, "{answer}");
    }
}

#[tokio::test]
async fn a_callers_own_production_key_is_confirmed_as_production_is() {
    let instance = Instance::start().await;
    let http = Http::start(&["--key-from-header", "--allow-writes"], &instance.url).await;
    let call = async |arguments: &Value, key: &str| {
        http.call("tests", Some(key), "clerk_delete_user", arguments).await
    };
    let plan = call(&delete(SABINE), LIVE).await;
    let token = &plan["plan"]["token"];
    assert!(token.is_string(), "{plan}");
    assert_eq!(instance.writes(), [""; 0]);
    let arguments = json!({ "userId": SABINE, "planToken": token });
    // The plan is of one caller's instance, and nothing with another's key.
    let answer = call(&arguments, "sk_live_OfAnotherCaller").await;
    assert_eq!(answer["error"]["code"], "confirmation_invalid", "{answer}");
    let answer = call(&arguments, LIVE).await;
    assert_eq!(answer["deleted"], true, "{answer}");
}

#[test]
fn the_command_line_turns_writes_on_and_read_only_wins() {
    let cases = [
        (None, None, false),
        (Some("--allow-writes"), None, true),
        (None, Some(("CLERK_MCP_ALLOW_WRITES", "1")), true),
        (None, Some(("CLERK_MCP_ALLOW_WRITES", "0")), false),
        (Some("--read-only"), Some(("CLERK_MCP_ALLOW_WRITES", "1")), false),
        (Some("--allow-writes"), Some(("CLERK_MCP_READ_ONLY", "1")), false),
    ];
    for (option, variable, is_on) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.arg("tools").args(option).envs(variable);
        let output = command.env("CLERK_SECRET_KEY", LIVE).output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(output.contains("clerk_get_user"), "{output}");
        for tool in writes() {
            assert_eq!(output.contains(tool), is_on, "{tool} {option:?} {variable:?}");
        }
    }
}
