//! Results that are written to a file: what is in it, where it can be, and what is said of it.

use std::{fs, path::Path};

use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, Settings,
    audit::Audit,
    catalog,
    guard::{Guard, Policy, policy::Known},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    answers::listening,
    people::{all_users, sandbox},
    support::{self, KEY, Script, Seen, Upstream},
};

/// A server of the sandbox.
fn server(url: &str, folder: &TempDir) -> Server {
    let settings = Settings { key: support::key(clerk_sandbox::KEY), ..support::settings(url) };
    let export_folder = Some(folder.path().to_owned());
    Server::new(ServerOptions {
        export_folder,
        ..ServerOptions::new(Clerk::new(settings), Guard::default())
    })
}

/// A server of a scripted upstream, with the key that must not leak.
fn scripted(upstream: &Upstream, folder: &TempDir, guard: Guard) -> Server {
    let clerk = Clerk::new(support::settings(&upstream.url));
    let export_folder = Some(folder.path().to_owned());
    Server::new(ServerOptions { export_folder, ..ServerOptions::new(clerk, guard) })
}

fn read(answer: &Value) -> String {
    fs::read_to_string(answer["export"]["path"].as_str().unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn export(name: &str) -> Value {
    json!({ "exportTo": name })
}

fn with(mut arguments: Value, more: &Value) -> Value {
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    arguments
}

#[tokio::test]
async fn all_pages_go_into_the_file_and_five_rows_into_the_result() {
    let url = sandbox(1_200).await;
    let folder = TempDir::new().unwrap();
    let users = all_users(&url).await;
    let arguments = with(export("users.jsonl"), &json!({ "orderBy": "-created_at" }));
    let (answer, heard) = listening(server(&url, &folder), "clerk_list_users", &arguments).await;
    let lines: Vec<Value> =
        read(&answer).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids = |users: &[Value]| users.iter().map(|user| user["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&lines), ids(&users));
    let told = ["totalCount", "hasMore", "success"].map(|field| answer[field].clone());
    assert_eq!(told, [json!(1_200), json!(false), json!(true)], "{answer}");
    assert!(answer.get("nextOffset").is_none() && answer.get("note").is_none(), "{answer}");
    assert_eq!(ids(answer["users"].as_array().unwrap()), ids(&users[..5]));
    assert!(answer["users"][0].get("publicMetadata").is_none(), "a sample is concise: {answer}");
    assert!(lines[0].get("publicMetadata").is_some() && lines[0]["createdAt"].is_i64());
    let file = &answer["export"];
    let path = Path::new(file["path"].as_str().unwrap());
    assert_eq!(path, folder.path().canonicalize().unwrap().join("users.jsonl"));
    assert_eq!(
        (&file["rows"], &file["bytes"]),
        (&json!(1_200), &json!(path.metadata().unwrap().len()))
    );
    let done: Vec<f64> = heard.iter().map(|(done, _)| *done).collect();
    assert_eq!(done, [500.0, 1_000.0, 1_200.0]);

    let client = support::connect(server(&url, &folder)).await;
    let chosen =
        json!({ "fields": "id,emailAddresses.emailAddress,createdAt,publicMetadata.plan" });
    let answer = client.call("clerk_list_users", &with(export("users.csv"), &chosen)).await;
    let text = read(&answer);
    let mut lines = text.split("\r\n");
    // In the order in which they are declared.
    let columns = ["id", "emailAddresses.emailAddress", "createdAt", "publicMetadata.plan"];
    assert_eq!(answer["export"]["columns"], json!(columns));
    assert_eq!(lines.next(), Some(columns.join(",").as_str()));
    assert_eq!(lines.filter(|line| !line.is_empty()).count(), 1_200);
    // As many as are asked for, and where it goes on.
    let seven = with(export("seven.csv"), &json!({ "limit": 7, "offset": 3 }));
    let answer = client.call("clerk_list_users", &seven).await;
    assert_eq!(read(&answer).split("\r\n").count(), 1 + 7 + 1);
    assert_eq!((&answer["hasMore"], &answer["nextOffset"]), (&json!(true), &json!(10)));
    assert!(answer["note"].as_str().unwrap().contains("Go on with offset 10"), "{answer}");
    let most = with(export("most.jsonl"), &json!({ "all": true, "maxRows": 600, "fields": "id" }));
    let answer = client.call("clerk_list_users", &most).await;
    assert_eq!((&answer["export"]["rows"], &answer["nextOffset"]), (&json!(600), &json!(600)));
    assert_eq!(
        read(&answer).lines().next(),
        Some(json!({ "id": users[0]["id"] }).to_string().as_str())
    );
    // A list that is run by its name.
    let arguments = json!({ "operation": "clerk_list_invitations", "arguments": export("i.csv") });
    let answer = client.call("clerk_run_read", &arguments).await;
    assert!(read(&answer).starts_with("object,id,emailAddress,"), "{answer}");
    #[cfg(unix)]
    for name in names(folder.path()) {
        use std::os::unix::fs::PermissionsExt;
        let mode = folder.path().join(&name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    assert_eq!(names(folder.path()).len(), 5);
}

#[tokio::test]
async fn scans_and_groups_go_into_a_file_too() {
    let url = sandbox(300).await;
    let folder = TempDir::new().unwrap();
    let client = support::connect(server(&url, &folder)).await;
    let find = with(export("found.csv"), &json!({ "twoFactorEnabled": false }));
    let answer = client.call("clerk_find_users", &find).await;
    let matched = answer["matched"].as_u64().unwrap();
    assert!(matched > 100, "more than are listed if it isn't said: {answer}");
    assert_eq!((&answer["export"]["rows"], &answer["hasMore"]), (&json!(matched), &json!(false)));
    assert_eq!(read(&answer).split("\r\n").count() as u64, matched + 2);
    assert_eq!(answer["users"].as_array().unwrap().len(), 5);
    let find = with(export("ten.csv"), &json!({ "twoFactorEnabled": false, "limit": 10 }));
    let answer = client.call("clerk_find_users", &find).await;
    assert_eq!((&answer["export"]["rows"], &answer["nextOffset"]), (&json!(10), &json!(10)));

    let by = with(export("domains.jsonl"), &json!({ "groupBy": "domain" }));
    let answer = client.call("clerk_find_users", &by).await;
    let whole = client.call("clerk_find_users", &json!({ "groupBy": "domain" })).await;
    let lines: Vec<Value> =
        read(&answer).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(lines), whole["groups"]);
    assert_eq!(answer["groups"], json!(lines[..lines.len().min(5)]));
    let by = with(export("doubles.csv"), &json!({ "groupBy": "duplicateName" }));
    let answer = client.call("clerk_find_users", &by).await;
    let head = read(&answer).lines().next().unwrap().to_owned();
    assert!(head.starts_with("key,comparedAs,count,users.id,users.knownAs,users.value"), "{head}");
    let none = with(export("none.csv"), &json!({ "banned": true, "countOnly": true }));
    let error = client.error("clerk_find_users", &none).await;
    assert_eq!(error["param"], "exportTo", "{error}");
    assert!(!folder.path().join("none.csv").exists());
}

#[tokio::test]
async fn a_timeline_goes_into_a_file_with_an_entry_on_each_line() {
    let url = sandbox(20).await;
    let folder = TempDir::new().unwrap();
    let client = support::connect(server(&url, &folder)).await;
    let users = client.call("clerk_list_users", &json!({ "limit": 1 })).await;
    let case = json!({ "userId": users["users"][0]["id"] });
    let timeline = client.call("clerk_case_timeline", &case).await;
    let entries = timeline["entries"].as_array().unwrap();
    assert!(entries.len() > 2, "{timeline}");
    // Whatever a result may show.
    let written = with(with(export("case.jsonl"), &case), &json!({ "maxTokens": 400 }));
    let answer = client.call("clerk_case_timeline", &written).await;
    let lines: Vec<Value> =
        read(&answer).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&lines, entries);
    assert_eq!(answer["entries"], json!(lines[..lines.len().min(5)]));
    assert_eq!(
        (&answer["export"]["rows"], &answer["gaps"]),
        (&json!(entries.len()), &timeline["gaps"])
    );
    let answer = client.call("clerk_case_timeline", &with(export("case.csv"), &case)).await;
    let head = read(&answer).lines().next().unwrap().to_owned();
    assert!(head.starts_with("at,type,count,first,who,on,from,about,sources,id,cause"), "{head}");
}

#[tokio::test]
async fn the_argument_is_there_only_with_a_folder_and_only_where_there_are_rows() {
    let upstream = Upstream::always(Script::json(200, &json!([]))).await;
    let folder = TempDir::new().unwrap();
    let tools = |server: Server| clerk_mcp::McpServer::new(server).tools().to_vec();
    let without = support::client(&upstream.url).await;
    let error = without.error("clerk_list_users", &export("users.csv")).await;
    assert!(error["message"].as_str().unwrap().contains("isn't an argument"), "{error}");
    let exports =
        |tool: &rmcp::model::Tool| tool.input_schema["properties"].get("exportTo").is_some();
    let plain = Server::new(ServerOptions::new(
        Clerk::new(support::settings(&upstream.url)),
        Guard::default(),
    ));
    assert!(!tools(plain).iter().any(exports));
    let listed = tools(scripted(&upstream, &folder, Guard::default()));
    for tool in &listed {
        let has_rows = ["clerk_list_", "clerk_find_", "clerk_case_timeline"]
            .iter()
            .any(|it| tool.name.starts_with(it));
        assert_eq!(exports(tool), has_rows, "{}", tool.name);
        let hints = tool.annotations.as_ref().unwrap();
        if has_rows {
            let told = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint];
            assert_eq!(told, [Some(false), Some(false), Some(false)], "{}", tool.name);
        }
    }
    let client = support::connect(scripted(&upstream, &folder, Guard::default())).await;
    let error = client
        .error("clerk_get_user", &with(export("user.csv"), &json!({ "userId": "user_1" })))
        .await;
    assert!(error["message"].as_str().unwrap().contains("isn't an argument"), "{error}");
    let search = json!({ "query": "list invitations", "limit": 1, "schemas": true });
    let found = client.call("clerk_search_operations", &search).await;
    assert!(found.to_string().contains("exportTo"), "{found}");
}

#[tokio::test]
async fn a_hostile_name_an_existing_file_and_a_link_are_refused_before_anything_is_sent() {
    let upstream = Upstream::always(Script::json(200, &json!([]))).await;
    let (folder, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let kept = outside.path().join("kept.csv");
    fs::write(&kept, "kept").unwrap();
    fs::write(folder.path().join("old.csv"), "kept").unwrap();
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    let mut cases = vec!["old.csv".to_owned(), "folder.csv".to_owned()];
    #[cfg(unix)]
    for (name, target) in [("link.csv", "kept.csv"), ("dangling.csv", "none.csv")] {
        std::os::unix::fs::symlink(outside.path().join(target), folder.path().join(name)).unwrap();
        cases.push(name.to_owned());
    }
    cases.extend(
        [
            "../kept.csv",
            "folder.csv/x.csv",
            "..\\kept.csv",
            "users.txt",
            ".ssh.csv",
            "a\0.csv",
            "NUL.csv",
            "users\u{202e}.csv",
        ]
        .map(str::to_owned),
    );
    cases.push(kept.to_str().unwrap().to_owned());
    let before = names(folder.path());
    let client = support::connect(scripted(&upstream, &folder, Guard::default())).await;
    for name in cases {
        for (tool, more) in
            [("clerk_list_users", json!({})), ("clerk_find_users", json!({ "banned": true }))]
        {
            let error = client.error(tool, &with(export(&name), &more)).await;
            assert_eq!(error["param"], "exportTo", "{name:?}: {error}");
        }
    }
    let error = client.error("clerk_list_users", &json!({ "exportTo": 7 })).await;
    assert_eq!(error["param"], "exportTo", "{error}");
    assert_eq!(upstream.seen().len(), 0);
    assert_eq!(names(folder.path()), before);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
    assert_eq!(names(outside.path()), ["kept.csv"]);
    // Whoever brings a key of their own writes nothing on this machine.
    let caller = Caller { key: support::key("sk_test_OfSomebodyElse").ok(), ..Caller::default() };
    let server = scripted(&upstream, &folder, Guard::default());
    let arguments = support::object(&export("theirs.csv"));
    let outcome = server.call("clerk_list_users", arguments, caller).await.unwrap();
    let Outcome::Failed(report) = outcome else { panic!("{outcome:?}") };
    assert_eq!(report["error"]["param"], "exportTo", "{report}");
    // The folder has gone.
    drop(folder);
    let error = client.error("clerk_list_users", &export("users.csv")).await;
    assert_eq!((&error["code"], upstream.seen().len()), (&json!("export_failed"), 0), "{error}");
}

/// Users whose names are formulas, and who have written secrets wherever they could.
fn hostile(seen: &Seen) -> Script {
    if seen.path.starts_with("/users/count") {
        return Script::json(200, &json!({ "total_count": 2 }));
    }
    let user = |id: &str, first: &str, last: &str| {
        json!({
            "object": "user", "id": id, "first_name": first, "last_name": last,
            "username": format!("u {KEY}"), "created_at": 1_780_131_600_000_i64,
            "public_metadata": { "note": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0", "x": "=1" },
        })
    };
    Script::json(
        200,
        &json!([
            user("user_1", "=HYPERLINK(\"http://x.example\",\"a\")", "+1"),
            user("user_2", "\",=1\r\n=2", "a\u{202e}b"),
        ]),
    )
}

#[tokio::test]
async fn a_file_has_no_formula_no_secret_and_no_hidden_text() {
    let upstream = Upstream::start(|seen, _| hostile(seen)).await;
    let folder = TempDir::new().unwrap();
    let client = support::connect(scripted(&upstream, &folder, Guard::default())).await;
    let fields = json!({ "fields": "id,firstName,lastName,username,createdAt,publicMetadata" });
    let csv = read(&client.call("clerk_list_users", &with(export("a.csv"), &fields)).await);
    let jsonl = read(&client.call("clerk_list_users", &with(export("a.jsonl"), &fields)).await);
    for text in [&csv, &jsonl] {
        for secret in [KEY, "whsec_c2Vj", "\u{202e}"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        assert!(text.contains("⟦U+202E⟧") && text.contains("[Clerk key removed]"), "{text}");
    }
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x.example\"\",\"\"a\"\")\",'+1,"), "{csv}");
    assert!(csv.contains("\"\"\",=1"), "{csv}");
    assert!(csv.contains("2026-05-30T09:00:00Z"), "{csv}");
    // One record has a line break in a cell, and no cell is a formula.
    let mut cells = csv.split(['\n', ',']).map(|cell| cell.trim_start_matches('"'));
    let formula = cells.find(|cell| cell.starts_with("=H") || cell.starts_with("+1"));
    assert_eq!(formula, None, "{csv}");
    let first: Value = serde_json::from_str(jsonl.lines().next().unwrap()).unwrap();
    assert_eq!(first["firstName"], "=HYPERLINK(\"http://x.example\",\"a\")");
    assert_eq!(jsonl.lines().count(), 2);
}

#[tokio::test]
async fn a_walk_that_is_cut_says_where_it_goes_on_and_the_file_has_what_it_says() {
    let upstream = Upstream::start(|seen, _| {
        if seen.path.starts_with("/users/count") {
            return Script::json(200, &json!({ "total_count": 5_000 }));
        }
        if seen.path.contains("starting_after=user_1000") {
            return Script::refusal(422, "", "some_fault");
        }
        let after = seen.path.split("starting_after=user_").nth(1);
        let first: u64 = after.map_or(0, |rest| rest.split('&').next().unwrap().parse().unwrap());
        let users = (first + 1..=first + 500).map(|n| json!({ "id": format!("user_{n}") }));
        Script::json(200, &users.collect::<Value>())
    })
    .await;
    let folder = TempDir::new().unwrap();
    let client = support::connect(scripted(&upstream, &folder, Guard::default())).await;
    let arguments = with(export("cut.csv"), &json!({ "fields": "id" }));
    let answer = client.call("clerk_list_users", &arguments).await;
    let told = ["totalCount", "hasMore", "nextOffset"].map(|field| answer[field].clone());
    assert_eq!(told, [json!(5_000), json!(true), json!(1_000)], "{answer}");
    assert_eq!(answer["export"]["rows"], 1_000);
    let text = read(&answer);
    assert_eq!(text.split("\r\n").nth(1_000), Some("user_1000"));
    assert_eq!(text.split("\r\n").count(), 1_002);
    let note = answer["note"].as_str().unwrap();
    assert!(note.contains("The walk ended early"), "{note}");
    assert!(note.contains("has 1000 rows, and there are more. Go on with offset 1000"), "{note}");
    // If not even the first page is there, there is no file.
    let fails = Upstream::always(Script::refusal(422, "", "some_fault")).await;
    let client = support::connect(scripted(&fails, &folder, Guard::default())).await;
    client.error("clerk_list_users", &export("none.csv")).await;
    assert_eq!(names(folder.path()), ["cut.csv"]);
}

#[tokio::test]
async fn an_export_is_in_the_audit_log_and_a_policy_can_forbid_it() {
    let upstream = Upstream::start(|seen, _| hostile(seen)).await;
    let folder = TempDir::new().unwrap();
    let log = TempDir::new().unwrap();
    let path = log.path().join("audit.jsonl");
    let rule = "[[rules]]\nname = 'no exports'\naction = 'deny'\neffects = ['export']\n";
    let known = Known {
        tools: catalog::all().map(|(_, entry)| entry.name).collect(),
        toolsets: catalog::CATALOG.iter().map(|toolset| toolset.name).collect(),
    };
    let policy = || Policy::read(rule, &known).unwrap();
    let audit = || Some(Audit::new(&path));
    let guard = Guard { audit: audit(), ..Guard::default() };
    let client = support::connect(scripted(&upstream, &folder, guard)).await;
    client.call("clerk_list_users", &json!({})).await;
    assert!(!path.exists(), "reads aren't logged");
    client.call("clerk_list_users", &with(export("a.csv"), &json!({ "limit": 2 }))).await;
    let guard = Guard { audit: audit(), policy: Some(policy()), ..Guard::default() };
    let ruled = support::connect(scripted(&upstream, &folder, guard)).await;
    ruled.call("clerk_list_users", &json!({})).await;
    let error = ruled.error("clerk_list_users", &export("b.csv")).await;
    assert_eq!(error["code"], "policy_denied", "{error}");
    let lines = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = lines.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["begun", "ended", "refused"]);
    assert_eq!(lines[0]["arguments"], json!({ "limit": 2, "exportTo": "a.csv" }));
    assert_eq!((&lines[0]["effect"], &lines[1]["rows"]), (&json!("export"), &json!(2)));
    assert_eq!(lines[1]["outcome"], "done");
    assert_eq!(
        (&lines[2]["code"], &lines[2]["rule"]),
        (&json!("policy_denied"), &json!("no exports"))
    );
    // What can't be logged isn't written.
    let guard = Guard { audit: Some(Audit::new(log.path())), ..Guard::default() };
    let unlogged = support::connect(scripted(&upstream, &folder, guard)).await;
    let error = unlogged.error("clerk_list_users", &export("c.csv")).await;
    assert_eq!(error["code"], "audit_unwritable", "{error}");
    assert_eq!(names(folder.path()), ["a.csv"]);
}
