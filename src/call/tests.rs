use clerk_api::{ClientConfig, Error as ApiError, RateLimit, Refusal, RefusalItem, SecretKey};
use futures::FutureExt;
use rmcp::{
    ServiceExt,
    model::{CallToolRequestParams, ErrorCode},
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    hint::{Finder, finder},
    *,
};
use crate::{
    McpServer, Settings,
    guard::{Policy, Selection, policy::Known},
    principal::Authentication,
    tool::{
        Effect, Exec, Output,
        kind::Kind,
        param::{Param, Place, Type, text},
    },
};

const HOW: Param = text("how").required().local();

/// Fails in the way that the argument names.
static FAIL: Tool = Tool::new(
    "fail",
    "Fail",
    "Fail.",
    Effect::Read,
    Exec::Composite { run: |arguments, _| fail(arguments).boxed(), rest: None },
)
.takes(&[&[HOW]]);

async fn fail(arguments: Map<String, Value>) -> Result<Output, Error> {
    match arguments["how"].as_str() {
        Some("panic") => panic!("on purpose"),
        Some("hang") => std::future::pending().await,
        Some("be late") => {
            tokio::time::sleep(Duration::from_millis(400)).await;
            Ok(Output::default())
        }
        _ => Ok(Output { notes: vec!["A.".to_owned(), "B.".to_owned()], ..Output::default() }),
    }
}

static TOOLSET: Toolset =
    Toolset { name: "t", about: "", find: "", on: catalog::On::Default, tools: &[] };

fn server() -> Server {
    let settings = Settings {
        api: ClientConfig {
            rate_limit: RateLimit::Off,
            ..ClientConfig::new("http://127.0.0.1:1".parse().unwrap(), "test")
        },
        profile: None,
        other_secrets: Vec::new(),
        upload_folder: None,
        key: SecretKey::parse("sk_test_x").map_err(|_| crate::ctx::NoKey),
    };
    let options = ServerOptions::new(Clerk::new(settings), Guard::default());
    Server::with_catalog(options, vec![(&TOOLSET, &FAIL)])
}

#[tokio::test]
async fn a_panic_answers_its_call_and_harms_no_other() {
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let server = McpServer::new(server());
    tokio::spawn(async move { server.serve(ours).await.unwrap().waiting().await });
    let client = ().serve(theirs).await.unwrap();
    let call = async |how: &str| {
        let arguments = json!({ "how": how }).as_object().cloned().unwrap_or_default();
        let call = CallToolRequestParams::new("fail").with_arguments(arguments);
        client.call_tool(call).await.unwrap()
    };
    let (panicked, fine) = tokio::join!(call("panic"), call("not"));
    let text = &panicked.content[0].as_text().unwrap().text;
    assert!(panicked.is_error == Some(true) && text.contains("internal_error"), "{text}");
    let output = json!({ "success": true, "note": "A. B." });
    assert_eq!(fine.structured_content, Some(output.clone()));
    assert_eq!(call("not").await.structured_content, Some(output));
    let unknown = client.call_tool(CallToolRequestParams::new("fails")).await.unwrap_err();
    let rmcp::ServiceError::McpError(unknown) = unknown else { panic!("{unknown:?}") };
    assert_eq!(unknown.message, "unknown tool `fails`; did you mean `fail`?");
    assert_eq!(unknown.code, ErrorCode::INVALID_PARAMS);
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_under_way() {
    let server = server();
    let arguments = json!({ "how": "hang" }).as_object().cloned().unwrap_or_default();
    let stopping = async { server.stop() };
    let (outcome, ()) = tokio::join!(server.call("fail", arguments, Caller::default()), stopping);
    let Ok(Outcome::Failed(report)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(report["error"]["code"], "server_stopped");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_ends_it_within_a_second_and_what_is_under_way_is_answered() {
    for (how, expected) in [("be late", "\"success\":true"), ("hang", "server_stopped")] {
        let (mut ours, theirs) = tokio::io::duplex(1 << 12);
        let (input, output) = tokio::io::split(theirs);
        let server = McpServer::new(server());
        let serving = tokio::spawn(crate::mcp::transport::serve_stdio_on(server, input, output));
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let call = json!({ "name": "fail", "arguments": { "how": how } });
        let lines = [
            json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call }),
        ];
        let lines = lines.map(|line| format!("{line}\n")).concat();
        ours.write_all(lines.as_bytes()).await.unwrap();
        ours.shutdown().await.unwrap();
        let ended = tokio::time::Instant::now();
        let mut output = String::new();
        ours.read_to_string(&mut output).await.unwrap();
        serving.await.unwrap().unwrap();
        assert!(ended.elapsed() < Duration::from_secs(1), "{:?}", ended.elapsed());
        let lines: Vec<_> = output.lines().collect();
        assert!(lines.len() == 2 && lines[1].contains(expected), "{output}");
    }
}

/// All kinds of failures, with what a hint could be made of.
fn failures() -> Vec<Error> {
    let refused = |status, code: Option<&str>| {
        let item = |code: &str| RefusalItem { code: code.to_owned(), ..RefusalItem::default() };
        let items = code.map(item).into_iter().collect();
        let is_clerks = code.is_some();
        Error::from(ApiError::from(Refusal { status, items, is_clerks, ..Refusal::default() }))
    };
    let codes = [
        "resource_not_found",
        "form_identifier_exists",
        "organization_creator_not_found",
        "organization_membership_quota_exceeded",
        "other",
    ];
    let refusals = [400, 401, 403, 404, 422, 429, 500].into_iter().flat_map(|status| {
        let codes = codes.map(Some).into_iter().chain([None]);
        codes.map(move |code| refused(status, code))
    });
    let find = |find| vec![crate::tool::ArgumentError::new("x", "is wrong").find(find)];
    let mut failures: Vec<Error> = refusals.collect();
    failures.extend([
        ApiError::Timeout(Duration::ZERO).into(),
        ApiError::Unreadable { status: 200, reason: String::new() }.into(),
        Error::NotOneUser { email: "a@x".to_owned(), ids: Vec::new() },
        Error::HalfDone { done: "a", undone: "b", error: Box::new(Error::Stopped) },
        Error::HalfDone { done: "a", undone: "b", error: Box::new(Error::Busy) },
        Error::Arguments(find("{clerk_list_users} finds users.")),
        Error::Arguments(find("{clerk_list_events} lists them.")),
        Error::Arguments(find("{clerk_run_write} runs it.")),
        Error::Arguments(find("{clerk_search_operations} finds it.")),
        Error::NotIdentified(find("{clerk_list_organizations} finds organizations.")),
        Error::Busy,
        Error::Stopped,
    ]);
    failures
}

fn nameable<'a>(
    server: &'a Server,
    principal: &'a Principal,
    toolset: &'static Toolset,
    failed: &'static Tool,
) -> Nameable<'a> {
    Nameable { server: &server.inner, principal, toolset, failed, is_live: false }
}

#[test]
fn a_hint_names_no_tool_that_the_policy_denies_to_who_calls() {
    let policy = r#"
        default = "deny"
        [[rules]]
        name = "a few reads for support"
        action = "allow"
        who = ["role:support"]
        tools = ["clerk_list_organizations", "clerk_get_user"]
    "#;
    let known =
        Known { tools: catalog::all().map(|(_, tool)| tool.name).collect(), toolsets: Vec::new() };
    let policy = Policy::read(policy, &known).unwrap();
    let guard = Guard { policy: Some(policy), ..Guard::default() };
    let server = Server::new(ServerOptions::new(server().inner.clerk.clone(), guard));
    let mut support = Principal::by(Authentication::OAuth);
    support.roles = vec!["support".to_owned()];
    for (principal, expected) in [(&Principal::default(), 0), (&support, 100)] {
        let mut named = 0;
        for (toolset, failed) in catalog::all() {
            let nameable = nameable(&server, principal, toolset, failed);
            for failure in failures() {
                let hint = hint::hint(&failure, failed.effect.is_read(), &nameable);
                let words =
                    hint.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
                for tool in words.filter(|word| word.starts_with("clerk_")) {
                    named += 1;
                    let is_theirs = server.offers(tool, principal);
                    assert!(is_theirs, "{} {failure:?}: {hint}", failed.name);
                }
            }
        }
        assert!(named >= expected && (expected > 0 || named == 0), "{named}");
    }
}

#[test]
fn a_hint_names_no_tool_that_failed_or_that_is_off() {
    let name = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let selections = [
        Selection::default(),
        Selection { read_only: true, ..Selection::default() },
        Selection { toolsets: name(&["all"]), ..Selection::default() },
        Selection { toolsets: name(&["billing"]), ..Selection::default() },
        Selection {
            exclude_tools: name(&["clerk_list_users", "clerk_get_user", "clerk_run_read"]),
            ..Selection::default()
        },
        Selection {
            exclude_tools: name(&["clerk_search_operations", "clerk_get_organization"]),
            ..Selection::default()
        },
    ];
    let word = |text: &str| {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let words = words.filter(|word| word.starts_with("clerk_"));
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let (mut named, nobody) = (0, Principal::default());
    for (number, selection) in selections.into_iter().enumerate() {
        let clerk = server().inner.clerk.clone();
        let guard = Guard { selection, ..Guard::default() };
        let server = Server::new(ServerOptions::new(clerk, guard));
        // Half of the tools with each selection, the other half with the next.
        for (toolset, failed) in catalog::all().skip(number % 2).step_by(2) {
            let nameable = nameable(&server, &nobody, toolset, failed);
            for failure in failures() {
                let reads = if failed.effect.is_read() { &[true][..] } else { &[false, true] };
                for is_read in reads.iter().copied() {
                    let hint = hint::hint(&failure, is_read, &nameable);
                    assert!(!hint.is_empty() && !hint.contains(['{', '}']), "{hint}");
                    for tool in word(&hint) {
                        named += 1;
                        let at = format!("{} {failure:?}: {hint}", failed.name);
                        assert_ne!(tool, failed.name, "{at}");
                        let (toolset, tool) = server.inner.find(&tool).expect(&at);
                        let selection = &server.inner.guard.selection;
                        let is_on = selection.off(toolset, tool, false).is_none();
                        let is_run = selection.off_by_name(tool, false).is_none()
                            && server.inner.is_reached(tool, false);
                        let runner = catalog::operations::runner(tool).name;
                        let by_name = format!("{runner} with operation {}", tool.name);
                        let is_off = hint.contains(&format!("{}, which finds ", tool.name));
                        assert_eq!(is_off, !is_on && !is_run, "{at}");
                        assert_eq!(hint.contains(&by_name), !is_on && is_run, "{at}");
                    }
                }
            }
        }
    }
    assert!(named > 1_000, "{named}");
}

/// The kinds of ids in the path of a tool.
fn kinds_in_path(tool: &Tool) -> Vec<Kind> {
    let params = tool.arguments().filter(|param| param.place == Place::Path);
    let kinds = params.filter_map(|param| match param.ty {
        Type::Id { kinds, .. } => Some(kinds.iter().copied()),
        _ => None,
    });
    kinds.flatten().collect()
}

#[test]
fn what_is_not_found_is_looked_for_by_its_kind_and_not_by_another() {
    let clerk = server().inner.clerk.clone();
    let server = Server::new(ServerOptions::new(clerk, Guard::default()));
    let finds = |kind: Kind| match finder(kind) {
        Finder::Tool(tool, _) => tool,
        Finder::Elsewhere(sentence) => sentence,
    };
    let nobody = Principal::default();
    let refusal = Refusal { status: 404, is_clerks: true, ..Refusal::default() };
    let mut hinted = 0;
    for (toolset, failed) in catalog::all() {
        let kinds = kinds_in_path(failed);
        if kinds.is_empty() {
            continue;
        }
        let nameable = nameable(&server, &nobody, toolset, failed);
        let error = Error::from(ApiError::from(refusal.clone()));
        let hint = hint::hint(&error, failed.effect.is_read(), &nameable);
        for kind in kinds.iter().copied().filter(|kind| finds(*kind) != failed.name) {
            hinted += 1;
            assert!(hint.contains(finds(kind)), "{}: {kind:?}: {hint}", failed.name);
        }
        // Clerk says which of several ids it is.
        for param in failed.arguments().filter(|param| param.place == Place::Path) {
            let Type::Id { kinds: [kind], .. } = param.ty else { continue };
            let item = RefusalItem { param: Some(param.wire.to_owned()), ..RefusalItem::default() };
            let refusal = Refusal { items: vec![item], ..refusal.clone() };
            let error = Error::from(ApiError::from(refusal));
            let hint = hint::hint(&error, failed.effect.is_read(), &nameable);
            let others = kinds.iter().filter(|other| finds(**other) != finds(*kind));
            for other in others {
                assert!(!hint.contains(finds(*other)), "{}: {hint}", failed.name);
            }
        }
    }
    assert!(hinted > 150, "{hinted}");
}

#[test]
fn every_kind_of_id_is_found_by_a_tool_that_shows_it() {
    let of_rows = catalog::all().flat_map(|(_, tool)| kinds_in_path(tool));
    let mut tools = 0;
    for kind in of_rows {
        let Finder::Tool(name, by) = finder(kind) else { continue };
        let (_, tool) = catalog::all().find(|(_, tool)| tool.name == name).unwrap();
        assert!(tool.effect.is_read(), "{kind:?}: {name}");
        for argument in by.split(" or ").filter(|by| !by.is_empty()) {
            assert!(tool.argument(argument).is_some(), "{kind:?}: {name} has no {argument}");
        }
        tools += 1;
        if name == "clerk_get_user" || kind == Kind::Client {
            continue;
        }
        // Each lists what the kind is called: a permission is not a role.
        let noun = kind.noun().split_once(' ').unwrap().1.to_lowercase();
        let last = noun.rsplit(' ').next().unwrap().trim_end_matches('y');
        assert!(name.contains(last), "{kind:?}: {name}");
    }
    assert!(tools > 100, "{tools}");
}

/// A name in braces that no tool has would silently take its sentence out of every hint.
#[test]
fn every_tool_that_a_hint_may_name_exists() {
    let sources = [
        include_str!("hint.rs"),
        include_str!("refusal.rs"),
        include_str!("run_by_name.rs"),
        include_str!("local/events.rs"),
        include_str!("../tool/arguments.rs"),
    ];
    let names = sources.iter().flat_map(|source| source.split("{clerk_").skip(1));
    let names: Vec<_> = names.filter_map(|rest| rest.split_once('}')).collect();
    assert!(names.len() >= 10, "{}", names.len());
    for (name, _) in names {
        let name = format!("clerk_{name}");
        assert!(catalog::all().any(|(_, tool)| tool.name == name), "{name}");
    }
}
