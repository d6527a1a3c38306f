//! What changes the whole instance, and what says whether a secret is right: neither may be done by
//! an agent alone.

use clerk_mcp::{
    audit::Audit,
    catalog,
    guard::{Confirm, Guard, HourlyEach, Selection},
    tool::{Flag, Tool},
};
use serde_json::{Value, json};

use super::{LIVE, confirmed, server};
use crate::{
    samples::{Case, cases},
    support::{self, Client, Script, Upstream},
};

/// The operations that have a flag.
fn flagged(flag: Flag) -> Vec<Case> {
    cases().filter(|case| case.tool.flags.contains(&flag)).collect()
}

/// A guard that lets all tools through to a production instance, those that return secrets too.
fn all_on(confirm: Confirm) -> Guard {
    let guard = confirmed(confirm);
    let tools = catalog::all().map(|(_, tool)| tool.name.to_owned()).collect();
    Guard { selection: Selection { tools, ..guard.selection }, ..guard }
}

async fn upstream() -> Upstream {
    Upstream::always(Script::json(200, &json!({ "id": "x_1", "verified": true }))).await
}

/// The arguments of a call that is only refused for want of approval.
fn arguments(case: &Case) -> Value {
    match case.tool.name {
        // All of them at once would be too much.
        "clerk_update_production_instance_domain" | "clerk_change_production_instance_domain" => {
            json!({ "homeUrl": "https://example.com" })
        }
        _ => case.arguments(true),
    }
}

#[tokio::test]
async fn nothing_changes_the_whole_instance_without_approval() {
    let upstream = upstream().await;
    // This client can't ask.
    let client = support::connect(server(&upstream.url, LIVE, all_on(Confirm::Ask))).await;
    let cases = flagged(Flag::InstanceWide);
    for case in &cases {
        let name = case.tool.name;
        let by_name = json!({ "operation": name, "arguments": arguments(case) });
        for (tool, arguments) in [(name, arguments(case)), ("clerk_run_write", by_name)] {
            let error = client.error(tool, &arguments).await;
            assert_eq!(error["code"], "confirmation_impossible", "{name} {arguments}: {error}");
        }
    }
    for tool in ["clerk_create_organization_domain", "clerk_update_organization_domain"] {
        let mut arguments = json!({ "organizationId": "org_1", "verified": true });
        match tool {
            "clerk_create_organization_domain" => arguments["name"] = json!("example.com"),
            _ => arguments["domainId"] = json!("orgdmn_1"),
        }
        let error = client.error(tool, &arguments).await;
        assert_eq!(error["code"], "confirmation_impossible", "{tool}: {error}");
    }
    assert_eq!(upstream.seen(), []);
    assert!(cases.len() > 70, "{}", cases.len());
}

/// Every write that a plan can answer, and none else.
#[tokio::test]
async fn a_plan_token_is_listed_exactly_where_a_plan_can_be_the_answer() {
    let upstream = upstream().await;
    let planner = support::connect(server(&upstream.url, LIVE, all_on(Confirm::Plan))).await;
    // This one can't ask, so it refuses at once what needs approval.
    let client = support::connect(server(&upstream.url, LIVE, all_on(Confirm::Ask))).await;
    let listed = planner.0.list_all_tools().await.unwrap();
    let (mut approved, mut unasked) = (0, 0);
    for case in cases().filter(|case| !case.tool.effect.is_read()) {
        let name = case.tool.name;
        let tool = listed.iter().find(|tool| tool.name == name).unwrap();
        let takes_token = tool.input_schema["properties"].get("planToken").is_some();
        let output = tool.output_schema.as_ref().unwrap();
        let says_plan = json!(output)["properties"]["plan"]["properties"].get("token").is_some();
        assert_eq!(says_plan, takes_token, "{name}");
        let mut needs_approval = false;
        for arguments in [json!(case.tool.example()), arguments(&case)] {
            let result = client.result(name, &arguments).await;
            needs_approval |= support::text(&result).contains("confirmation_impossible");
        }
        assert_eq!(needs_approval, takes_token, "{name}");
        *if needs_approval { &mut approved } else { &mut unasked } += 1;
    }
    assert!(approved > 100 && unasked > 40, "{approved} {unasked}");
}

#[tokio::test]
async fn without_elicitation_the_whole_instance_takes_a_plan() {
    let upstream = upstream().await;
    let client = support::connect(server(&upstream.url, LIVE, all_on(Confirm::Auto))).await;
    let create = json!({ "url": "https://app.example/callback" });
    let plan = client.call("clerk_create_redirect_url", &create).await;
    assert!(plan["plan"]["token"].is_string(), "{plan}");
    assert_eq!(upstream.seen(), []);
    let mut again = create.clone();
    again["planToken"] = plan["plan"]["token"].clone();
    client.call("clerk_create_redirect_url", &again).await;
    assert_eq!(upstream.seen().len(), 1);
}

async fn check(client: &Client, case: &Case) -> Value {
    let result = client.result(case.tool.name, &case.arguments(true)).await;
    serde_json::from_str(support::text(&result)).unwrap()
}

#[tokio::test]
async fn a_read_only_server_is_no_oracle_for_passwords_codes_and_tokens() {
    let read_only = || Selection { read_only: true, ..all_on(Confirm::Never).selection };
    let live = || Selection { allow_writes: false, ..all_on(Confirm::Never).selection };
    let cases = flagged(Flag::ChecksSecret);
    assert_eq!(cases.len(), 9);
    for selection in [read_only(), live()] {
        let upstream = upstream().await;
        let guard = Guard { selection, ..confirmed(Confirm::Never) };
        let client = support::connect(server(&upstream.url, LIVE, guard)).await;
        for case in &cases {
            let error = client.error(case.tool.name, &case.arguments(true)).await;
            assert_eq!(error["code"], "tool_off", "{}: {error}", case.tool.name);
            for run in ["clerk_run_read", "clerk_run_write"] {
                let by_name =
                    json!({ "operation": case.tool.name, "arguments": case.arguments(true) });
                client.error(run, &by_name).await;
            }
        }
        assert_eq!(upstream.seen(), []);
    }
}

#[tokio::test]
async fn checks_of_secrets_are_limited_to_so_many_an_hour() {
    for (max_destructive, expected) in [(None, 20), (Some(3), 3)] {
        let upstream = upstream().await;
        let max_destructive = max_destructive.map(HourlyEach::new);
        let guard = Guard { max_destructive, ..all_on(Confirm::Never) };
        let client = support::connect(server(&upstream.url, LIVE, guard)).await;
        // One tool's checks leave fewer for the others.
        let cases = flagged(Flag::ChecksSecret);
        for case in cases.iter().cycle().take(expected) {
            let report = check(&client, case).await;
            assert_ne!(report["error"]["code"], "too_many_checks", "{}", case.tool.name);
        }
        let sent = upstream.seen().len();
        for case in &cases {
            let report = check(&client, case).await;
            assert_eq!(report["error"]["code"], "too_many_checks", "{}", case.tool.name);
            assert!(report["error"]["retryAfterSeconds"].as_u64() > Some(3500), "{report}");
        }
        assert_eq!(upstream.seen().len(), sent);
    }
}

#[tokio::test]
async fn a_check_of_a_secret_leaves_a_line_in_the_audit_log_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let upstream = upstream().await;
    let guard = Guard { audit: Some(Audit::new(&file)), ..all_on(Confirm::Never) };
    let client = support::connect(server(&upstream.url, LIVE, guard)).await;
    for case in flagged(Flag::ChecksSecret) {
        check(&client, &case).await;
    }
    let arguments = json!({ "userId": "user_1", "password": "correct horse battery staple" });
    client.result("clerk_verify_user_password", &arguments).await;
    let log = std::fs::read_to_string(&file).unwrap();
    let begun = |tool: &Tool| format!(r#""tool":"{}""#, tool.name);
    for case in flagged(Flag::ChecksSecret) {
        assert!(log.contains(&begun(case.tool)), "{}: {log}", case.tool.name);
    }
    assert!(!log.contains("correct horse"), "{log}");
}
