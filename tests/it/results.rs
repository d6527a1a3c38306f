//! What a result shows: fields that are chosen, times, what a filter did not find, what a call did.

use clerk_mcp::{
    Clerk, Server, ServerOptions,
    guard::{Guard, Selection},
};
use serde_json::{Value, json};

use crate::{
    answers::client,
    find::organization,
    people::{all_users, sandbox},
    support::{self, Script, Upstream},
};

#[tokio::test]
async fn fields_lead_into_objects_lists_and_metadata_and_win_over_detail() {
    let url = sandbox(60).await;
    let client = client(&url, 20_000).await;
    let users = all_users(&url).await;
    let has_plan = |user: &&Value| user["public_metadata"]["plan"].is_string();
    let known = users.iter().find(has_plan).unwrap();
    let id = known["id"].clone();
    let paths = "id,publicMetadata.plan,emailAddresses.emailAddress,privateMetadata,createdAt";
    let mails = known["email_addresses"].as_array().unwrap().iter();
    let mails: Vec<_> = mails.map(|it| json!({ "emailAddress": it["email_address"] })).collect();
    for detail in ["full", "standard", "concise"] {
        let time = known["created_at"].as_i64().unwrap();
        let iso = format!("{:.0}", jiff::Timestamp::from_millisecond(time).unwrap());
        let arguments = json!({ "userId": id, "fields": paths, "detail": detail });
        let user = client.call("clerk_get_user", &arguments).await;
        let expected = json!({
            "id": id,
            "publicMetadata": { "plan": known["public_metadata"]["plan"] },
            "emailAddresses": mails,
            "privateMetadata": known["private_metadata"],
            "createdAt": if detail == "concise" { json!(iso) } else { json!(time) },
            "success": true,
        });
        assert_eq!(user, expected, "{detail}");
    }
    // Each tool that has `fields` takes paths, an operation that is run by name too.
    let organization =
        client.call("clerk_list_organizations", &json!({ "limit": 1, "fields": "id" })).await;
    let organization = &organization["organizations"][0]["id"];
    let members = json!({ "organizationId": organization, "limit": 1, "fields": "userId" });
    let members = client.call("clerk_list_organization_memberships", &members).await;
    let member = &members["memberships"][0]["userId"];
    let run = json!({
        "operation": "clerk_list_user_organization_memberships",
        "arguments": { "userId": member, "fields": "organization.name,organization.freshOne,role" },
    });
    let calls = [
        (
            "clerk_find_users",
            json!({ "countOnly": false, "banned": false, "fields": "publicMetadata.plan" }),
        ),
        (
            "clerk_investigate_user",
            json!({ "userId": id, "fields": "user.id,emails.shown.emailAddress" }),
        ),
        ("clerk_list_organizations", json!({ "fields": "publicMetadata.plan,id" })),
        (
            "clerk_list_organization_memberships",
            json!({ "organizationId": organization, "fields": "userId,publicMetadata.a" }),
        ),
        ("clerk_list_sessions", json!({ "userId": id, "fields": "latestActivity.city,id" })),
        ("clerk_whoami", json!({ "fields": "off.tools,instanceId" })),
        ("clerk_run_read", run),
    ];
    for (tool, arguments) in calls {
        let answer = client.call(tool, &arguments).await;
        let shown = arguments.pointer("/arguments/fields").unwrap_or(&arguments["fields"]);
        let names: Vec<&str> = shown
            .as_str()
            .unwrap()
            .split(',')
            .map(|path| path.split('.').next().unwrap())
            .collect();
        let row =
            answer.as_object().unwrap().values().find_map(|value| value.get(0)).unwrap_or(&answer);
        let mut frame = row.as_object().unwrap().keys();
        assert!(
            frame.all(|name| names.contains(&name.as_str())
                || ["success", "note"].contains(&name.as_str())),
            "{tool}: {answer}"
        );
    }
    // What nothing here has is said, and what an open object may have is no error.
    let arguments = json!({ "userId": id, "fields": "id,publicMetadata.nope" });
    let user = client.call("clerk_get_user", &arguments).await;
    assert_eq!(user["note"], "The result has no publicMetadata.nope.", "{user}");
}

#[tokio::test]
async fn the_primary_email_address_is_a_field_at_every_level() {
    let url = sandbox(60).await;
    let client = client(&url, 50_000).await;
    for known in all_users(&url).await {
        let primary = known["email_addresses"]
            .as_array()
            .unwrap()
            .iter()
            .find(|email| email["id"] == known["primary_email_address_id"])
            .map(|email| email["email_address"].clone());
        for detail in ["full", "standard", "concise"] {
            let one = json!({ "userId": known["id"], "detail": detail });
            let user = client.call("clerk_get_user", &one).await;
            let many = json!({ "userId": [known["id"]], "detail": detail });
            let list = client.call("clerk_list_users", &many).await;
            for user in [&user, &list["users"][0]] {
                let shown = user.get("primaryEmailAddress").filter(|shown| !shown.is_null());
                assert_eq!(shown, primary.as_ref(), "{detail}: {user}");
            }
        }
        let overview =
            client.call("clerk_investigate_user", &json!({ "userId": known["id"] })).await;
        assert_eq!(overview["user"].get("primaryEmailAddress"), primary.as_ref(), "{overview}");
    }
    let found = client.call("clerk_find_users", &json!({ "banned": false })).await;
    assert!(found["users"][0]["primaryEmailAddress"].is_string(), "{found}");
    let new = json!({ "emailAddress": "new@acme.example", "skipPasswordRequirement": true });
    let new = client.call("clerk_create_user", &new).await;
    assert_eq!(new["primaryEmailAddress"], "new@acme.example", "{new}");
    let update = json!({ "userId": new["id"], "firstName": "Neo" });
    let updated = client.call("clerk_update_user", &update).await;
    assert_eq!(updated["primaryEmailAddress"], "new@acme.example", "{updated}");
}

#[tokio::test]
async fn a_created_object_shows_the_private_metadata_that_was_set() {
    let client = client(&sandbox(5).await, 20_000).await;
    let user = json!({
        "emailAddress": "new@acme.example", "skipPasswordRequirement": true,
        "privateMetadata": { "tier": 3 }, "unsafeMetadata": { "theme": "dark" },
    });
    let user = client.call("clerk_create_user", &user).await;
    assert_eq!(user["privateMetadata"], json!({ "tier": 3 }), "{user}");
    assert_eq!(user["unsafeMetadata"], json!({ "theme": "dark" }), "{user}");
    let organization = json!({
        "name": "Acme", "createdBy": user["id"], "privateMetadata": { "contract": "c-7" },
    });
    let organization = client.call("clerk_create_organization", &organization).await;
    assert_eq!(organization["privateMetadata"], json!({ "contract": "c-7" }), "{organization}");
}

#[tokio::test]
async fn removals_and_revocations_say_what_they_did() {
    let client = client(&sandbox(60).await, 50_000).await;
    let organization =
        client.call("clerk_list_organizations", &json!({ "limit": 1 })).await["organizations"][0]
            .take();
    let of_organization = json!({ "organizationId": organization["id"], "role": "org:member" });
    let members = client.call("clerk_list_organization_memberships", &of_organization).await;
    let member = members["memberships"][0]["userId"].clone();
    let remove = json!({ "organizationId": organization["id"], "userId": member });
    let removed = client.call("clerk_remove_organization_member", &remove).await;
    assert_eq!((&removed["removed"], &removed["userId"]), (&json!(true), &member));
    let ban = client.call("clerk_ban_user", &json!({ "userId": member })).await;
    assert_eq!((&ban["banned"], &ban["allSessionsRevoked"]), (&json!(true), &json!(true)));
    let active = json!({ "userId": member, "status": "active" });
    assert_eq!(client.call("clerk_list_sessions", &active).await["totalCount"], 0);
    let signed_in = client.call("clerk_find_users", &json!({ "activeSessionsOver": 1 })).await;
    let user = &signed_in["users"][0];
    let alive = user["activeSessions"].as_u64().unwrap();
    let of_user = json!({ "userId": user["id"], "status": "active" });
    let sessions = client.call("clerk_list_sessions", &of_user).await;
    let one = json!({ "sessionId": sessions["sessions"][0]["id"] });
    let revoked = client.call("clerk_revoke_session", &one).await;
    assert_eq!((&revoked["status"], &revoked["sessionsRevoked"]), (&json!("revoked"), &json!(1)));
    let mut all = json!({ "userId": user["id"], "status": "active" });
    let shown = client.call("clerk_revoke_user_sessions", &all).await;
    assert_eq!(shown["sessionsRevoked"], 0, "{shown}");
    all["dryRun"] = json!(false);
    let done = client.call("clerk_revoke_user_sessions", &all).await;
    assert_eq!(done["sessionsRevoked"], alive - 1, "{done}");
}

#[tokio::test]
async fn results_are_what_their_schema_says_at_every_level_of_detail() {
    let url = sandbox(60).await;
    let client = client(&url, 100_000).await;
    let user = client.call("clerk_find_users", &json!({ "activeSessionsOver": 0 })).await;
    let user = user["users"][0]["id"].clone();
    let organizations = client.call("clerk_list_organizations", &json!({ "limit": 1 })).await;
    let organization = organizations["organizations"][0]["id"].clone();
    let calls = [
        ("clerk_list_users", json!({ "limit": 50 })),
        (
            "clerk_list_users",
            json!({ "limit": 50, "fields": "createdAt,emailAddresses.emailAddress" }),
        ),
        ("clerk_get_user", json!({ "userId": user })),
        ("clerk_find_users", json!({ "banned": false })),
        ("clerk_list_organizations", json!({ "limit": 50, "includeMembersCount": true })),
        ("clerk_get_organization", json!({ "organizationId": organization })),
        ("clerk_list_organization_memberships", json!({ "organizationId": organization })),
        ("clerk_list_organization_invitations", json!({ "organizationId": organization })),
        ("clerk_list_sessions", json!({ "userId": user })),
    ];
    let tools = client.0.list_all_tools().await.unwrap();
    for (name, arguments) in calls {
        let tool = tools.iter().find(|tool| tool.name == name).unwrap();
        let schema = Value::Object((**tool.output_schema.as_ref().unwrap()).clone());
        let validator = jsonschema::validator_for(&schema).unwrap();
        for detail in ["full", "standard", "concise"] {
            let mut arguments = arguments.clone();
            arguments["detail"] = json!(detail);
            let result = client.call(name, &arguments).await;
            if let Err(error) = validator.validate(&result) {
                panic!("{name} at {detail}: {error} at {}", error.instance_path());
            }
            let text = result.to_string();
            let has_iso = text.contains("At\":\"20");
            assert!(detail == "concise" || !has_iso, "{name} at {detail}: {text}");
            assert!(detail != "concise" || !text.contains("At\":1"), "{name}: {text}");
        }
    }
}

#[tokio::test]
async fn a_limit_of_the_operators_is_said_to_be_theirs() {
    let url = sandbox(200).await;
    let client = client(&url, 1_000).await;
    let list = |max: u64| json!({ "limit": 200, "maxTokens": max });
    let note = async |arguments: Value| {
        client.call("clerk_list_users", &arguments).await["note"].as_str().unwrap().to_owned()
    };
    for arguments in [json!({ "limit": 200 }), list(50_000)] {
        let note = note(arguments).await;
        assert!(
            note.starts_with("Cut to fit 1000 tokens, the operator's limit: the first"),
            "{note}"
        );
    }
    let own = note(list(900)).await;
    assert!(own.starts_with("Cut to fit 900 tokens: the first"), "{own}");
    let (id, wide) = (all_users(&url).await[0]["id"].clone(), "x".repeat(8_000));
    let set = json!({ "userId": id, "publicMetadata": { "wide": wide } });
    client.call("clerk_update_user_metadata", &set).await;
    let one = |max: u64| json!({ "userId": [id], "fields": "publicMetadata", "maxTokens": max });
    let operators = note(one(50_000)).await;
    assert!(operators.contains("Choose fewer fields"), "{operators}");
    assert!(note(one(500)).await.contains("Raise maxTokens"));
}

#[tokio::test]
async fn of_several_values_in_a_filter_those_that_no_row_has_are_not_found() {
    let url = sandbox(20).await;
    let client = client(&url, 20_000).await;
    let ada = &all_users(&url).await[3];
    let email = ada["email_addresses"][0]["email_address"].as_str().unwrap();
    let id = ada["id"].as_str().unwrap();
    let other = &all_users(&url).await[4]["email_addresses"][0]["email_address"];
    let cases = [
        (
            json!({ "emailAddress": [email.to_uppercase(), "no@b.example", "un@b.example"] }),
            json!(["no@b.example", "un@b.example"]),
        ),
        (json!({ "userId": [id, "user_none"] }), json!(["user_none"])),
        (json!({ "userId": [id, "user_none"], "all": true }), json!(["user_none"])),
        (json!({ "externalId": ["e1", "e2"] }), json!(["e1", "e2"])),
        (json!({ "emailAddress": [email, email.to_uppercase()] }), json!([])),
        // The filters combine: which of them leaves a user out isn't known.
        (json!({ "userId": [id, "user_none"], "emailAddress": "no@b.example" }), json!(null)),
        // One value: the count says it.
        (json!({ "userId": "user_none" }), json!(null)),
        (json!({ "userId": ["-user_none", id] }), json!(null)),
        // Whoever is on another page isn't missing.
        (json!({ "emailAddress": [email, other], "limit": 1 }), json!(null)),
    ];
    for (filter, not_found) in cases {
        let answer = client.call("clerk_list_users", &filter).await;
        assert_eq!(answer["notFound"], not_found, "{filter}: {answer}");
        assert_eq!(answer.get("note"), None, "{filter}: {answer}");
    }
    let members = json!({
        "organizationId": organization(&client).await["id"], "limit": 500,
        "role": ["org:admin", "org:member", "org:nobody"],
    });
    let answer = client.call("clerk_list_organization_memberships", &members).await;
    assert_eq!(answer["notFound"], json!(["org:nobody"]), "{answer}");
}

#[tokio::test]
async fn a_search_that_only_counts_has_numbers_and_no_rows() {
    let client = client(&sandbox(300).await, 20_000).await;
    let mut find = json!({ "twoFactorEnabled": false });
    let listed = client.call("clerk_find_users", &find).await;
    find["countOnly"] = json!(true);
    let counted = client.call("clerk_find_users", &find).await;
    let expected = json!({
        "matched": listed["matched"], "scanned": 300, "toScan": 0, "complete": true,
        "success": true,
    });
    assert_eq!(counted, expected);
    assert!(listed["matched"].as_u64() > Some(50), "{listed}");
}

#[tokio::test]
async fn a_page_of_logs_that_is_cut_has_no_cursor_that_would_skip_the_rest() {
    let logs: Vec<Value> = (0..40)
        .map(|number| {
            json!({
                "object": "log", "id": format!("019400f7-0000-7000-8000-0000000000{number:02}"),
                "event_time": 1_780_131_600_000_i64 - number, "type": "sign_in.failed",
                "actor": "user_1", "subject": "user_1", "trace_id": "0af7651916cd43dd8448eb211c80319c",
            })
        })
        .collect();
    let upstream = Upstream::start(move |seen, _| {
        let asked = seen.path.split("limit=").nth(1).unwrap().split('&').next().unwrap();
        let rows = &logs[..asked.parse::<usize>().unwrap().min(logs.len())];
        let cursor = json!({ "starting_after": format!("after_{}", rows.len()), "next_page_status": "true" });
        Script::json(200, &json!({ "data": rows, "cursor": cursor }))
    })
    .await;
    let tools = vec!["clerk_list_logs".to_owned()];
    let guard =
        Guard { selection: Selection { tools, ..Selection::default() }, ..Guard::default() };
    let clerk = Clerk::new(support::settings(&upstream.url));
    let client = support::connect(Server::new(ServerOptions::new(clerk, guard))).await;
    let call = async |limit: usize| {
        let arguments = json!({ "limit": limit, "maxTokens": 600 });
        client.call("clerk_list_logs", &arguments).await
    };
    let cut = call(40).await;
    let left = cut["logs"].as_array().unwrap().len();
    assert!((1..40).contains(&left), "{cut}");
    assert_eq!(cut.get("nextCursor"), None, "{cut}");
    assert!(cut["note"].as_str().unwrap().contains(&format!("limit {left}")), "{cut}");
    // What the note says continues where the cut was.
    let page = call(left).await;
    assert_eq!(page["logs"].as_array().unwrap().len(), left, "{page}");
    assert_eq!(page["nextCursor"], json!(format!("after_{left}")), "{page}");
}
