//! A policy on a running server: what it refuses never reaches Clerk, and what can't be decided is
//! refused.

mod command;

use clerk_mcp::{
    Server, catalog,
    guard::{Confirm, Guard, Policy, Selection, policy::Known},
};
use serde_json::{Value, json};

use super::{Instance, LIVE, SABINE, TEST, confirmed, delete, server};
use crate::support::{self, Client, Script, Upstream};

pub(super) fn policy(text: &str) -> Policy {
    let known = Known {
        tools: catalog::all().map(|(_, entry)| entry.name).collect(),
        toolsets: catalog::CATALOG.iter().map(|it| it.name).collect(),
    };
    Policy::read(text, &known).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn ruled(url: &str, text: &str) -> Server {
    server(url, TEST, Guard { policy: Some(policy(text)), ..Guard::default() })
}

async fn client(url: &str, text: &str) -> Client {
    support::connect(ruled(url, text)).await
}

/// Makes a user with these arguments, and returns its id.
async fn user(instance: &Instance, arguments: Value) -> String {
    let user = instance.witness().await.call("clerk_create_user", &arguments).await;
    user["id"].as_str().unwrap().to_owned()
}

async fn organization(instance: &Instance, creator: &str) -> String {
    let arguments = json!({ "name": "Acme", "createdBy": creator });
    let it = instance.witness().await.call("clerk_create_organization", &arguments).await;
    it["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_users_emails_decide_and_are_looked_up() {
    let instance = Instance::start().await;
    let rule = "[[rules]]\nname = 'never our staff'\naction = 'deny'\n\
                reason = 'Ask the IT desk.'\neffects = ['destructive']\n\
                email_domains = ['ourco.example', '*.ourco.example']\n";
    let client = client(&instance.url, rule).await;
    let cases = [
        ("a@ourco.example", true),
        ("B@OurCo.Example", true),
        ("c@mail.ourco.example", true),
        ("private@other.example,d@ourco.example", true),
        ("e@other.example", false),
        ("f@notourco.example", false),
        ("g@ourco.example.other.example", false),
    ];
    for (emails, is_denied) in cases {
        let id = user(&instance, json!({ "emailAddress": emails })).await;
        if is_denied {
            let error = client.error("clerk_delete_user", &delete(&id)).await;
            assert_eq!(error["code"], "policy_denied", "{emails}: {error}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("`never our staff`"), "{emails}: {message}");
            let hint = error["hint"].as_str().unwrap();
            assert!(hint.contains("Ask the IT desk."), "{emails}: {hint}");
            assert_eq!(error["retryable"], false, "{emails}: {error}");
            assert_eq!(error.get("retryAfterSeconds"), None, "{emails}: {error}");
        } else {
            client.call("clerk_delete_user", &delete(&id)).await;
        }
        assert_eq!(instance.has_user(&id).await, is_denied, "{emails}");
    }
    assert_eq!(instance.writes().len(), cases.iter().filter(|(_, denied)| !denied).count());
}

#[tokio::test]
async fn a_session_is_its_users() {
    let instance = Instance::start().await;
    let sabine = instance.user(SABINE).await;
    let email = sabine["emailAddresses"][0]["emailAddress"].as_str().unwrap();
    let domain = email.split('@').nth(1).unwrap();
    let arguments = json!({ "userId": SABINE, "status": "active" });
    let list = instance.witness().await.call("clerk_list_sessions", &arguments).await;
    let session = json!({ "sessionId": list["sessions"][0]["id"] });
    let rule = format!("[[rules]]\nname = 'r'\naction = 'deny'\nemail_domains = ['{domain}']\n");
    let client = client(&instance.url, &rule).await;
    let error = client.error("clerk_revoke_session", &session).await;
    assert_eq!(error["code"], "policy_denied", "{error}");
    assert_eq!(instance.writes(), [""; 0]);
}

/// An address stands for the user that has it, with all its other addresses and organizations.
#[tokio::test]
async fn who_is_named_by_an_email_address_is_looked_up_too() {
    let instance = Instance::start().await;
    let emails = "private@other.example,boss@ourco.example";
    let staff =
        json!({ "emailAddress": emails, "username": "the_boss", "phoneNumber": "+12025550142" });
    let staff = user(&instance, staff).await;
    let other = user(&instance, json!({ "emailAddress": "a@other.example" })).await;
    let organization = organization(&instance, &staff).await;
    let tools = "tools = ['clerk_get_user', 'clerk_investigate_user', 'clerk_explain_sign_in']";
    let rules = [
        "action = 'deny'\nemail_domains = ['ourco.example']\n".to_owned(),
        format!("action = 'deny'\norganizations = ['{organization}']\n"),
    ];
    let others_only = format!(
        "default = 'deny'\n[[rules]]\nname = 'r'\naction = 'allow'\n{tools}\n\
         email_domains = ['other.example']\n"
    );
    let rules = rules.map(|rule| format!("[[rules]]\nname = 'r'\n{tools}\n{rule}"));
    for rule in rules.iter().chain([&others_only]) {
        let client = client(&instance.url, rule).await;
        let cases = [
            ("clerk_get_user", json!({ "userId": staff })),
            ("clerk_investigate_user", json!({ "userId": staff })),
            ("clerk_investigate_user", json!({ "emailAddress": "private@other.example" })),
            ("clerk_investigate_user", json!({ "emailAddress": "Private@Other.example" })),
            ("clerk_investigate_user", json!({ "emailAddress": "boss@ourco.example" })),
            ("clerk_explain_sign_in", json!({ "userId": staff })),
            ("clerk_explain_sign_in", json!({ "identifier": "Private@other.example" })),
            ("clerk_explain_sign_in", json!({ "identifier": "The_Boss" })),
            ("clerk_explain_sign_in", json!({ "identifier": "+1 202 555 0142" })),
        ];
        for (tool, arguments) in cases {
            let error = client.error(tool, &arguments).await;
            assert_eq!(error["code"], "policy_denied", "{rule} {tool} {arguments}: {error}");
        }
        client.call("clerk_investigate_user", &json!({ "userId": other })).await;
        client.call("clerk_investigate_user", &json!({ "emailAddress": "a@other.example" })).await;
        // Whom nobody knows the rules can't be asked about.
        let nobody = json!({ "emailAddress": "nobody@other.example" });
        let error = client.error("clerk_investigate_user", &nobody).await;
        assert_eq!(error["code"], "user_not_found", "{rule}: {error}");
        // Why somebody isn't a user is a question of its own.
        let nobody = json!({ "identifier": "nobody@other.example" });
        let result = client.call("clerk_explain_sign_in", &nobody).await;
        assert_eq!(result["causes"][0]["cause"], "no_user", "{rule}: {result}");
    }
}

/// No other tool takes an address for a user: in these it is a filter, or of nobody yet.
#[tokio::test]
async fn an_address_that_names_nobody_is_not_looked_up() {
    let instance = Instance::start().await;
    let rule = "[[rules]]\nname = 'r'\naction = 'deny'\nemail_domains = ['ourco.example']\n";
    let client = client(&instance.url, rule).await;
    let new = json!({ "emailAddress": "new@other.example" });
    client.call("clerk_create_user", &new).await;
    client.call("clerk_list_users", &new).await;
    let sent = instance.sent();
    assert_eq!(sent.iter().filter(|it| it.path == "/v1/users").count(), 2, "{sent:?}");
    client.error("clerk_create_user", &json!({ "emailAddress": "new@ourco.example" })).await;
}

#[tokio::test]
async fn only_members_of_one_organization_and_of_no_other_can_be_touched() {
    let instance = Instance::start().await;
    let insider = user(&instance, json!({ "username": "insider" })).await;
    let outsider = user(&instance, json!({ "username": "outsider" })).await;
    let both = user(&instance, json!({ "username": "in_both" })).await;
    let nobody = user(&instance, json!({ "username": "in_none" })).await;
    // The same creator may have several organizations, each of them a membership.
    let allowed = [organization(&instance, &insider).await, organization(&instance, &both).await];
    organization(&instance, &outsider).await;
    organization(&instance, &both).await;
    let rule = format!(
        "default = 'deny'\n[[rules]]\nname = 'ours'\naction = 'allow'\n\
         tools = ['clerk_delete_user', 'clerk_get_user']\n\
         organizations = ['{}', '{}']\n",
        allowed[0], allowed[1]
    );
    let client = client(&instance.url, &rule).await;
    for id in [&outsider, &both, &nobody] {
        for tool in ["clerk_delete_user", "clerk_get_user", "clerk_update_user"] {
            let mut arguments = delete(id);
            if tool == "clerk_update_user" {
                arguments["firstName"] = json!("Ada");
            }
            let error = client.error(tool, &arguments).await;
            assert_eq!(error["code"], "policy_denied", "{tool} {id}: {error}");
        }
    }
    client.call("clerk_get_user", &delete(&insider)).await;
    client.call("clerk_delete_user", &delete(&insider)).await;
    assert_eq!(instance.writes(), [format!("DELETE /v1/users/{insider}")]);
}

#[tokio::test]
async fn a_metadata_key_can_be_neither_written_nor_dropped() {
    let instance = Instance::start().await;
    let with_role = json!({
        "username": "with_role",
        "publicMetadata": { "plan": "free" },
        "privateMetadata": { "role": "boss" },
    });
    let with_role = user(&instance, with_role).await;
    let without = json!({ "username": "without_role", "publicMetadata": { "plan": "free" } });
    let without = user(&instance, without).await;
    let rule = "[[rules]]\nname = 'no roles'\naction = 'deny'\nmetadata_keys = ['role']\n";
    let client = client(&instance.url, rule).await;
    let cases = [
        (&without, json!({ "publicMetadata": { "role": "admin" } }), true),
        (&without, json!({ "unsafeMetadata": { "role": null } }), true),
        (&without, json!({ "privateMetadata": "{\"role\": 1}" }), true),
        (&without, json!({ "firstName": "A", "publicMetadata": { "role": 1 } }), true),
        (&without, json!({ "privateMetadata": { "plan": "pro" } }), false),
        (&without, json!({ "clear": ["publicMetadata"] }), false),
        // Here the replacement would drop the key.
        (&with_role, json!({ "privateMetadata": { "plan": "pro" } }), true),
        (&with_role, json!({ "clear": ["privateMetadata"] }), true),
        (&with_role, json!({ "publicMetadata": { "plan": "pro" } }), false),
        (&with_role, json!({ "firstName": "Ada" }), false),
    ];
    let mut done = 0;
    for (id, mut arguments, is_denied) in cases {
        let title = format!("{arguments}");
        arguments["userId"] = json!(id);
        if is_denied {
            let error = client.error("clerk_update_user", &arguments).await;
            assert_eq!(error["code"], "policy_denied", "{title}: {error}");
        } else {
            client.call("clerk_update_user", &arguments).await;
            done += 1;
        }
        assert_eq!(instance.writes().len(), done, "{title}");
    }
    assert_eq!(instance.user(&with_role).await["privateMetadata"], json!({ "role": "boss" }));
}

#[tokio::test]
async fn metadata_in_each_of_many_objects_and_of_organizations_is_ruled_too() {
    let instance = Instance::start().await;
    let creator = user(&instance, json!({ "username": "creator" })).await;
    let with_role = json!({
        "name": "Acme", "createdBy": creator, "privateMetadata": { "role": "partner" },
    });
    let made = instance.witness().await.call("clerk_create_organization", &with_role).await;
    let id = &made["id"];
    let rule = "[[rules]]\nname = 'no roles'\naction = 'deny'\nmetadata_keys = ['role']\n";
    let selection = Selection { toolsets: vec!["all".to_owned()], ..Selection::default() };
    let guard = Guard {
        policy: Some(policy(rule)),
        selection,
        confirm: Confirm::Never,
        ..Guard::default()
    };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let invitation = |metadata: Value| json!({ "emailAddress": "a@b.example", "role": "org:member", "publicMetadata": metadata });
    let plan = json!({ "plan": "pro" });
    let boss = json!({ "plan": "pro", "role": "boss" });
    let two = |second: &Value| json!([invitation(plan.clone()), invitation(second.clone())]);
    let cases = [
        (
            "clerk_create_organization_invitations",
            json!({ "organizationId": id, "invitations": two(&boss) }),
            true,
        ),
        (
            "clerk_create_organization_invitations",
            json!({ "organizationId": id, "invitations": two(&boss).to_string() }),
            true,
        ),
        (
            "clerk_create_organization",
            json!({ "name": "B", "createdBy": creator, "publicMetadata": boss }),
            true,
        ),
        (
            "clerk_update_organization_metadata",
            json!({ "organizationId": id, "privateMetadata": { "role": null } }),
            true,
        ),
        (
            "clerk_replace_organization_metadata",
            json!({ "organizationId": id, "privateMetadata": plan }),
            true,
        ),
        (
            "clerk_replace_organization_metadata",
            json!({ "organizationId": id, "clear": ["privateMetadata"] }),
            true,
        ),
        (
            "clerk_replace_organization_metadata",
            json!({ "organizationId": id, "publicMetadata": plan }),
            false,
        ),
    ];
    for (tool, arguments, is_denied) in cases {
        if is_denied {
            let error = client.error(tool, &arguments).await;
            assert_eq!(error["code"], "policy_denied", "{tool} {arguments}: {error}");
        } else {
            client.call(tool, &arguments).await;
        }
    }
    assert_eq!(instance.writes().len(), 1);
}

const TWO_AN_HOUR: &str = "default = 'deny'\n[[rules]]\nname = 'few'\naction = 'allow'\n\
    reason = 'Two an hour are enough.'\neffects = ['destructive']\nper_hour = 2\n\
    [[rules]]\nname = 'others'\naction = 'allow'\neffects = ['read', 'write']\n";

#[tokio::test]
async fn so_many_an_hour_and_no_more_also_at_once() {
    let instance = Instance::start().await;
    let client = client(&instance.url, TWO_AN_HOUR).await;
    let list = client.call("clerk_list_users", &json!({ "limit": 10 })).await;
    let ids: Vec<_> = list["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| delete(it["id"].as_str().unwrap()))
        .collect();
    let calls = ids.iter().map(|it| client.result("clerk_delete_user", it));
    let results = futures::future::join_all(calls).await;
    let done = results.iter().filter(|it| it.is_error != Some(true)).count();
    assert_eq!((done, instance.writes().len()), (2, 2));
    let error = client.error("clerk_delete_user", &delete(SABINE)).await;
    assert_eq!((&error["code"], &error["retryable"]), (&json!("policy_denied"), &json!(true)));
    let seconds = error["retryAfterSeconds"].as_u64().unwrap();
    assert!((3500..=3600).contains(&seconds), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("Two an hour are enough."), "{error}");
    // Other calls continue.
    client.call("clerk_update_user", &json!({ "userId": SABINE, "firstName": "Ada" })).await;
}

/// Calls that never run don't use up what others may.
#[tokio::test]
async fn only_calls_that_run_are_counted() {
    let instance = Instance::start().await;
    let policy = Some(policy(TWO_AN_HOUR));
    let guard = Guard { policy, ..confirmed(Confirm::Plan) };
    let client = support::connect(server(&instance.url, LIVE, guard)).await;
    let list = client.call("clerk_list_users", &json!({ "limit": 3 })).await;
    let id = |index: usize| list["users"][index]["id"].as_str().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        for index in 0..3 {
            let plan = client.call("clerk_delete_user", &delete(id(index))).await;
            tokens.push(plan["plan"]["token"].clone());
        }
        let wrong = json!({ "userId": id(0), "planToken": "wrong" });
        client.error("clerk_delete_user", &wrong).await;
    }
    let run = async |index: usize| {
        let arguments = json!({ "userId": id(index), "planToken": tokens[index] });
        client.result("clerk_delete_user", &arguments).await.is_error == Some(true)
    };
    assert_eq!([run(0).await, run(1).await, run(2).await], [false, false, true]);
    assert_eq!(instance.writes().len(), 2);
}

#[tokio::test]
async fn where_the_people_cannot_be_looked_up_nothing_runs() {
    let rules = [
        "[[rules]]\nname = 'r'\naction = 'deny'\nemail_domains = ['ourco.example']\n",
        "default = 'deny'\n[[rules]]\nname = 'r'\naction = 'allow'\norganizations = ['org_1']\n",
    ];
    let faults = [
        (Script::refusal(500, "", "broken"), "broken"),
        (Script::refusal(404, "", "resource_not_found"), "resource_not_found"),
        (Script::Answer(200, "", "{}".to_owned()), "unreadable_answer"),
        (Script::Reset, "connection_lost"),
    ];
    let mut cases = Vec::new();
    for rule in rules {
        for (fault, code) in &faults {
            // Either of the two lookups fails.
            for failing in ["/users/user_1", "/users/user_1/organization_memberships"] {
                cases.push((rule, fault.clone(), *code, failing));
            }
        }
    }
    let cases = cases.into_iter().map(async |(rule, fault, code, failing)| {
        let upstream = Upstream::start(move |seen, _| match seen.path.split('?').next().unwrap() {
            path if path == failing => fault.clone(),
            "/users/user_1" => Script::json(200, &json!({ "id": "user_1" })),
            _ => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        })
        .await;
        let client = client(&upstream.url, rule).await;
        let error = client.error("clerk_delete_user", &delete("user_1")).await;
        assert_eq!(error["code"], code, "{failing}: {error}");
        assert!(upstream.seen().iter().all(|it| it.method == "GET"), "{failing}");
    });
    futures::future::join_all(cases).await;
}

#[tokio::test]
async fn an_instance_without_organizations_has_no_members() {
    let upstream = Upstream::start(|seen, _| match seen.path.split('?').next().unwrap() {
        "/users/user_1" => Script::json(200, &json!({ "id": "user_1", "deleted": true })),
        _ => Script::refusal(403, "", "organization_not_enabled_in_instance"),
    })
    .await;
    let rule = "[[rules]]\nname = 'r'\naction = 'deny'\norganizations = ['org_1']\n";
    client(&upstream.url, rule).await.call("clerk_delete_user", &delete("user_1")).await;
}

#[tokio::test]
async fn reads_are_ruled_too_and_cost_no_lookup_where_none_is_needed() {
    let upstream = Upstream::always(Script::json(200, &json!({ "id": "user_1" }))).await;
    let rule = "[[rules]]\nname = 'r'\naction = 'deny'\ntools = ['clerk_get_user']\n";
    let client = client(&upstream.url, rule).await;
    let error = client.error("clerk_get_user", &delete("user_1")).await;
    assert_eq!(error["code"], "policy_denied", "{error}");
    assert_eq!(upstream.seen(), []);
    client.call("clerk_delete_user", &delete("user_1")).await;
    assert_eq!(upstream.seen().len(), 1);
    let whoami = client.call("clerk_whoami", &json!({})).await;
    assert_eq!(whoami["policy"], true, "{whoami}");
}

#[tokio::test]
async fn what_is_denied_for_one_is_denied_for_many() {
    let instance = Instance::start().await;
    let rule = "[[rules]]\nname = 'no bans'\naction = 'deny'\ntools = ['clerk_ban_user']\n";
    let selection = || Selection { toolsets: vec!["all".to_owned()], ..Selection::default() };
    let denied = Guard { policy: Some(policy(rule)), selection: selection(), ..Guard::default() };
    let excluded = Selection { exclude_tools: vec!["clerk_ban_user".to_owned()], ..selection() };
    let excluded = Guard { selection: excluded, ..Guard::default() };
    for (guard, code) in [(denied, "policy_denied"), (excluded, "tool_off")] {
        let client = support::connect(server(&instance.url, TEST, guard)).await;
        let error = client.error("clerk_ban_users", &json!({ "userIds": [SABINE] })).await;
        assert_eq!(error["code"], code, "{error}");
    }
    assert_eq!(instance.user(SABINE).await["banned"], false);
    assert_eq!(instance.writes(), [""; 0]);
}
