//! `clerk_explain_sign_in`: a person for each cause in the sandbox, and what becomes of it if a
//! source fails.

use clerk_mcp::{Clerk, Server, ServerOptions, Settings, guard::Guard};
use clerk_sandbox::{KEY, Options, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    people,
    support::{self, Client, Script, Seen, Upstream},
};

const TOOL: &str = "clerk_explain_sign_in";
/// What its definition may cost, and the result for a person with several causes.
const TOKENS: (usize, usize) = (350, 1_500);
const PASSWORD: &str = "a long enough password";

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

#[test]
fn the_definition_costs_few_tokens() {
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    let server = Server::new(ServerOptions::new(clerk, Guard::default()));
    let (_, tool) = server.tools().find(|(_, tool)| tool.name == TOOL).unwrap();
    let cost = tokens(
        &clerk_mcp::mcp::seen(&clerk_mcp::mcp::listed(tool, server.call_meta())).to_string(),
    );
    println!("{TOOL}: its definition has {cost} tokens");
    assert!(cost <= TOKENS.0, "{cost}");
}

/// The sandbox without made-up people, and a client of a server in front of it.
struct World {
    url: String,
    client: Client,
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let options = Options { users: 0, control: true, ..Options::default() };
        let router = Sandbox::new(options).router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let settings = Settings { key: support::key(KEY), ..support::settings(&url) };
        let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
        Self { client: support::connect(server).await, url }
    }

    async fn send(&self, request: &str, body: Value) -> Value {
        people::send(&self.url, request, &body).await
    }

    /// Creates a user with a password and this address, changed as said, and returns their ID.
    async fn user(&self, name: &str, change: Value) -> String {
        let mut user =
            json!({ "email_address": [format!("{name}@acme.example")], "password": PASSWORD });
        for (name, value) in change.as_object().unwrap() {
            user[name] = value.clone();
        }
        user.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let user = self.send("POST /v1/users", user).await;
        user["id"].as_str().unwrap().to_owned()
    }

    /// Does something to a user.
    async fn act(&self, id: &str, act: &str) {
        self.send(&format!("POST /v1/users/{id}/{act}"), json!({})).await;
    }

    async fn explain(&self, person: &str) -> Value {
        let argument = if person.starts_with("user_") { "userId" } else { "identifier" };
        let result = self.client.call(TOOL, &json!({ argument: person })).await;
        assert_eq!(result.get("note"), None, "{result:#}");
        let cost = tokens(&result.to_string());
        assert!(cost < TOKENS.1, "{person}: {cost} tokens");
        result
    }

    #[track_caller]
    fn assert_causes(result: &Value, expected: &[&str]) {
        assert_eq!(causes(result), expected, "{result:#}");
    }
}

/// The causes, each as its severity and its code, in their order.
fn causes(result: &Value) -> Vec<String> {
    let causes = result["causes"].as_array().unwrap().iter();
    let text = |cause: &Value, name: &str| cause[name].as_str().unwrap().to_owned();
    causes.map(|cause| format!("{} {}", text(cause, "severity"), text(cause, "cause"))).collect()
}

#[tokio::test]
async fn each_state_of_an_account_is_explained() {
    let world = World::start().await;
    let no_password = json!({ "password": null, "skip_password_requirement": true });
    let app = json!({ "totp_secret": "JBSWY3DPEHPK3PXP" });
    let both = json!({ "totp_secret": "JBSWY3DPEHPK3PXP", "backup_codes": ["a-backup-code"] });
    let reserved = json!({ "email_address_identification_status": ["reserved"] });

    let healthy = world.user("healthy", json!({})).await;
    let banned = world.user("banned", json!({})).await;
    world.act(&banned, "ban").await;
    let locked = world.user("locked", json!({})).await;
    world.act(&locked, "lock").await;
    let two = world.user("two", no_password.clone()).await;
    world.act(&two, "ban").await;
    let locked_app = world.user("locked.app", app.clone()).await;
    world.act(&locked_app, "lock").await;
    let waiting = world.user("waiting", json!({})).await;
    let sign_in =
        json!({ "identifier": "waiting@acme.example", "password": PASSWORD, "pending": true });
    world.send("POST /sandbox/sign_ins", sign_in).await;
    let phone = json!({ "user_id": healthy, "phone_number": "+12025550142", "verified": true });
    world.send("POST /v1/phone_numbers", phone).await;
    let unverified = json!({ "user_id": healthy, "email_address": "other@acme.example" });
    world.send("POST /v1/email_addresses", unverified).await;
    let sms = world.user("sms", json!({})).await;
    let phone = json!({ "user_id": sms, "phone_number": "+12025550143", "verified": true,
                        "reserved_for_second_factor": true });
    world.send("POST /v1/phone_numbers", phone).await;

    let cases = [
        (healthy.as_str(), vec![]),
        ("healthy@acme.example", vec![]),
        ("+1 (202) 555-0142", vec![]),
        ("other@acme.example", vec!["may_block identifier_unverified"]),
        (&banned, vec!["blocks user_banned"]),
        ("Banned@acme.example", vec!["blocks user_banned"]),
        (&locked, vec!["blocks user_locked"]),
        (&two, vec!["blocks user_banned", "may_block no_password"]),
        (&locked_app, vec!["blocks user_locked", "may_block second_factor_alone"]),
        (&waiting, vec!["blocks organization_required"]),
        (&sms, vec!["may_block second_factor_alone"]),
        (
            "+12025550143",
            vec!["may_block identifier_second_factor_only", "may_block second_factor_alone"],
        ),
    ];
    for (person, expected) in cases {
        World::assert_causes(&world.explain(person).await, &expected);
    }
    let created = [
        ("without", no_password, vec!["may_block no_password"]),
        ("app", app, vec!["may_block second_factor_alone"]),
        ("both", both, vec!["context second_factor_on"]),
        (
            "reserved",
            reserved,
            vec!["may_block identifier_unverified", "may_block identifier_reserved"],
        ),
    ];
    for (name, change, expected) in created {
        let id = world.user(name, change).await;
        World::assert_causes(&world.explain(&id).await, &expected);
    }
    // The tool that a cause names takes it away.
    let cause = world.explain(&banned).await["causes"][0].clone();
    assert_eq!(cause["changedBy"], format!("clerk_unban_user with userId: {banned}"));
    world.client.call("clerk_unban_user", &json!({ "userId": banned })).await;
    World::assert_causes(&world.explain(&banned).await, &[]);
}

#[tokio::test]
async fn who_has_no_account_is_told_why() {
    let world = World::start().await;
    let invite = |email: &str| json!({ "email_address": email });
    world.send("POST /v1/invitations", invite("invited@acme.example")).await;
    let revoked = world.send("POST /v1/invitations", invite("revoked@acme.example")).await;
    let revoke = format!("POST /v1/invitations/{}/revoke", revoked["id"].as_str().unwrap());
    world.send(&revoke, json!({})).await;
    for name in ["waiting", "rejected"] {
        let entry = invite(&format!("{name}@acme.example"));
        let entry = world.send("POST /v1/waitlist_entries", entry).await;
        if name == "rejected" {
            let reject =
                format!("POST /v1/waitlist_entries/{}/reject", entry["id"].as_str().unwrap());
            world.send(&reject, json!({})).await;
        }
    }
    let admin = world.user("admin", json!({})).await;
    let organization = json!({ "name": "Acme", "created_by": admin });
    let organization = world.send("POST /v1/organizations", organization).await;
    let path =
        format!("POST /v1/organizations/{}/invitations", organization["id"].as_str().unwrap());
    let member = json!({ "email_address": "member@acme.example", "role": "org:member", "inviter_user_id": admin });
    world.send(&path, member).await;
    let gone = world.user("gone", json!({})).await;
    world.send(&format!("DELETE /v1/users/{gone}"), json!({})).await;

    let cases = [
        ("nobody@acme.example", vec![]),
        ("nobody", vec![]),
        ("2025550142", vec!["context phone_number_without_country_code"]),
        ("+12025550199", vec![]),
        ("invited@acme.example", vec!["may_block invitation_pending"]),
        ("waiting@acme.example", vec!["blocks waitlist_pending"]),
        ("rejected@acme.example", vec!["blocks waitlist_rejected"]),
        ("member@acme.example", vec!["may_block organization_invitation_pending"]),
        ("nobody+tag@acme.example", vec!["may_block email_subaddress"]),
        // Of one whose address only begins so, nothing is said.
        ("nvited@acme.example", vec![]),
    ];
    for (person, further) in cases {
        let expected: Vec<&str> = ["blocks no_user"].into_iter().chain(further).collect();
        World::assert_causes(&world.explain(person).await, &expected);
    }
    World::assert_causes(&world.explain(&gone).await, &["blocks no_user", "blocks user_deleted"]);
}

#[tokio::test]
async fn the_settings_of_the_instance_are_explained() {
    let world = World::start().await;
    let ada = world.user("ada", json!({ "phone_number": ["+12025550142"] })).await;
    World::assert_causes(&world.explain(&ada).await, &[]);
    let entry = json!({ "identifier": "*@acme.example" });
    let blocked = world.send("POST /v1/blocklist_identifiers", entry).await;
    let result = world.explain(&ada).await;
    World::assert_causes(&result, &["may_block on_blocklist"]);
    let id = blocked["id"].as_str().unwrap();
    let change = format!("clerk_delete_blocklist_identifier with identifierId: {id}");
    assert_eq!(result["causes"][0]["changedBy"], change);
    let nobody = world.explain("new@acme.example").await;
    World::assert_causes(&nobody, &["blocks no_user", "may_block on_blocklist"]);
    world.send(&format!("DELETE /v1/blocklist_identifiers/{id}"), json!({})).await;

    let entry = json!({ "identifier": "other.example" });
    let allowed = world.send("POST /v1/allowlist_identifiers", entry).await;
    World::assert_causes(&world.explain(&ada).await, &["may_block not_on_allowlist"]);
    World::assert_causes(&world.explain("new@other.example").await, &["blocks no_user"]);
    let id = allowed["id"].as_str().unwrap();
    world.send(&format!("DELETE /v1/allowlist_identifiers/{id}"), json!({})).await;

    let countries = json!({ "blocked_country_codes": ["RU"] });
    world.send("PATCH /v1/instance/communication", countries).await;
    World::assert_causes(&world.explain(&ada).await, &["context sms_countries_blocked"]);
    world.send("PATCH /v1/instance/communication", json!({ "blocked_country_codes": [] })).await;

    let connection = json!({ "name": "Okta", "provider": "saml_okta", "domains": ["acme.example"],
        "saml": { "idp_entity_id": "https://idp.example", "idp_sso_url": "https://idp.example/sso",
                  "idp_certificate": "MIIC" } });
    let connection = world.send("POST /v1/enterprise_connections", connection).await;
    let result = world.explain(&ada).await;
    World::assert_causes(&result, &["may_block sso_connection_inactive"]);
    assert!(
        result["causes"][0]["fact"].as_str().unwrap().contains("Okta for acme.example"),
        "{result}"
    );
    let path = format!("PATCH /v1/enterprise_connections/{}", connection["id"].as_str().unwrap());
    world.send(&path, json!({ "active": true })).await;
    World::assert_causes(&world.explain(&ada).await, &["may_block sso_user_unlinked"]);
    World::assert_causes(
        &world.explain("new@acme.example").await,
        &["blocks no_user", "context sso_required"],
    );
}

const ID: &str = "user_29w83sxmDNGwOuEthce5gg56FcC";

/// Clerk's responses about somebody whom nothing keeps out.
fn healthy(path: &str) -> Option<Value> {
    let page = json!({ "data": [], "total_count": 0 });
    let logs = json!({ "data": [], "cursor": { "next_page_status": "false" } });
    let user = json!({
        "id": ID, "object": "user", "primary_email_address_id": "idn_1", "password_enabled": true,
        "email_addresses": [{ "id": "idn_1", "email_address": "ada@acme.example",
                              "verification": { "status": "verified" } }],
        "phone_numbers": [{ "id": "idn_2", "phone_number": "+12025550142",
                            "verification": { "status": "verified" } }],
        "external_accounts": [], "enterprise_accounts": [],
        "two_factor_enabled": false, "banned": false, "locked": false, "deprovisioned": false,
    });
    Some(match path {
        "/instance/communication" => json!({ "blocked_country_codes": [] }),
        "/logs" => logs,
        "/allowlist_identifiers"
        | "/blocklist_identifiers"
        | "/enterprise_connections"
        | "/sessions" => page,
        path if path.ends_with("/organization_memberships") => page,
        path if path == format!("/users/{ID}") => user,
        _ => return None,
    })
}

async fn explained(answer: impl Fn(&str) -> Option<Script> + Send + Sync + 'static) -> Value {
    let upstream = Upstream::start(move |seen: &Seen, _| {
        let path = seen.path.split('?').next().unwrap();
        let answer = answer(&seen.path).or_else(|| Some(Script::json(200, &healthy(path)?)));
        answer.unwrap_or_else(|| Script::refusal(404, "", "resource_not_found"))
    })
    .await;
    support::client(&upstream.url).await.call(TOOL, &json!({ "userId": ID })).await
}

#[tokio::test]
async fn a_source_that_fails_is_named_and_nothing_is_invented() {
    let whole = explained(|_| None).await;
    assert_eq!(causes(&whole), [""; 0], "{whole:#}");
    let checked = whole["checked"].as_array().unwrap().len();
    let sources = [
        ("/sessions?", "tasks of sessions"),
        ("/blocklist_identifiers", "the blocklist"),
        ("/allowlist_identifiers", "the allowlist"),
        ("/enterprise_connections", "enterprise connections"),
        ("/instance/communication", "countries blocked for SMS"),
        ("/logs?type=user.", "logs of the account"),
        ("/logs?type=sign_in.", "logs of sign-ins"),
        ("/logs?type=sms.", "logs of text messages"),
        ("organization_memberships", "memberships of organizations"),
    ];
    for (path, what) in sources {
        let failures =
            [Script::refusal(422, "", "broken"), Script::Answer(200, "", "<html>".to_owned())];
        for failure in failures {
            let result = explained(move |seen| seen.contains(path).then(|| failure.clone())).await;
            assert_eq!(causes(&result), [""; 0], "{path}: {result:#}");
            let gaps = result["notChecked"].as_array().unwrap();
            assert!(gaps.iter().any(|gap| gap["what"] == what), "{path}: {result:#}");
            let rest = result["checked"].as_array().unwrap();
            assert!(
                rest.len() == checked - 1 && !rest.contains(&json!(what)),
                "{path}: {result:#}"
            );
        }
    }
}

#[tokio::test]
async fn a_list_that_is_not_whole_proves_nothing() {
    let page =
        json!({ "data": [{ "id": "alid_1", "identifier": "other.example" }], "total_count": 700 });
    let result = explained(move |seen| {
        seen.contains("/allowlist_identifiers").then(|| Script::json(200, &page))
    })
    .await;
    assert_eq!(causes(&result), [""; 0], "{result:#}");
    let gap = json!({ "what": "the allowlist", "why": "only 1 of 700 were read" });
    assert!(result["notChecked"].as_array().unwrap().contains(&gap), "{result:#}");
}

#[tokio::test]
async fn an_account_that_a_directory_closed_and_an_expired_certificate() {
    let mut user = healthy(&format!("/users/{ID}")).unwrap();
    user["deprovisioned"] = json!(true);
    user["enterprise_accounts"] = json!([
        { "provider": "saml_okta", "active": true, "enterprise_connection_id": "entconn_1" },
    ]);
    let connections = json!({ "total_count": 1, "data": [{
        "id": "entconn_1", "name": "Okta", "active": true, "domains": ["acme.example"],
        "saml_connection": { "id": "samlc_1" },
    }] });
    let result = explained(move |seen| {
        let answer = match seen.split('?').next().unwrap() {
            "/enterprise_connections" => &connections,
            "/saml_connections/samlc_1" => {
                &json!({ "id": "samlc_1", "idp_certificate_expires_at": 1_700_000_000_000_i64 })
            }
            path if path == format!("/users/{ID}") => &user,
            _ => return None,
        };
        Some(Script::json(200, answer))
    })
    .await;
    assert_eq!(
        causes(&result),
        ["blocks user_deprovisioned", "blocks sso_certificate_expired"],
        "{result:#}"
    );
    assert_eq!(result["causes"][1]["since"], "2023-11-14T22:13:20Z");
}

#[tokio::test]
async fn only_the_search_for_the_user_must_succeed() {
    let broken = Upstream::always(Script::refusal(422, "", "broken")).await;
    let client = support::client(&broken.url).await;
    for arguments in [json!({ "userId": ID }), json!({ "identifier": "ada@acme.example" })] {
        let error = client.error(TOOL, &arguments).await;
        assert_eq!(error["status"], 422, "{error}");
    }
    // A user who can't be read still exists.
    let odd = Upstream::always(Script::json(200, &json!([{ "id": 7 }]))).await;
    let client = support::client(&odd.url).await;
    let error = client.error(TOOL, &json!({ "identifier": "ada" })).await;
    assert_eq!(error["code"], "unreadable_answer", "{error}");
    let none = Upstream::always(Script::Reset).await;
    let client = support::client(&none.url).await;
    let both = json!({ "userId": ID, "identifier": "ada" });
    let wrong = ["a b", "ada@", "+12", "a\u{7}b"].map(|text| json!({ "identifier": text }));
    for arguments in [json!({}), both].into_iter().chain(wrong) {
        let error = client.error(TOOL, &arguments).await;
        assert_eq!(error["code"], "invalid_arguments", "{arguments}: {error}");
    }
    assert_eq!(none.seen(), []);
}

#[tokio::test]
async fn the_incidents_have_their_causes_with_the_reasons_that_logs_give() {
    let world = World::start().await;
    let cases = [
        (
            "locked_out",
            "tomas@alpenrad.example",
            &[
                ("user_locked", "100 sign-ins failed with a wrong password"),
                ("sign_in_failed", "100 sign-ins failed for this reason: form_password_incorrect"),
                ("sms_failed", "destination_unreachable"),
            ][..],
        ),
        (
            "sso_misconfigured",
            "anouk@harborfreight.example",
            &[
                ("sso_connection_inactive", "Harbor SSO"),
                ("sso_certificate_expired", "Harbor SSO"),
                ("sign_in_failed", "failed for this reason"),
            ],
        ),
        (
            "takeover",
            "mara@fjordline.example",
            &[(
                "password_changed_from_new_country",
                "from 198.51.100.77, Lagos, NG. The sign-ins of the days before came from DE",
            )],
        ),
    ];
    for (incident, address, expected) in cases {
        let body = json!({ "incident": incident });
        world.send("POST /sandbox/incidents", body).await;
        let explained = world.client.call(TOOL, &json!({ "identifier": address })).await;
        for (code, fact) in expected {
            let mut listed = explained["causes"].as_array().unwrap().iter();
            let found = listed.find(|cause| cause["cause"] == *code);
            let found = found.unwrap_or_else(|| panic!("{incident} has no {code}: {explained}"));
            assert!(found["fact"].as_str().unwrap().contains(fact), "{fact}: {explained}");
        }
    }
}

#[tokio::test]
async fn a_phone_number_with_a_zero_too_many_is_found() {
    let world = World::start().await;
    let ada = world.user("ada", json!({ "phone_number": ["+4915112345678"] })).await;
    let result = world.explain("+49 (0151) 12345678").await;
    World::assert_causes(&result, &["may_block phone_number_with_trunk_zero"]);
    assert_eq!(result["userId"], json!(ada));
    let nobody = world.explain("+49 0151 99999999").await;
    World::assert_causes(&nobody, &["blocks no_user", "may_block phone_number_with_trunk_zero"]);
}

#[tokio::test]
async fn who_may_bypass_single_sign_on_is_not_said_to_need_it() {
    let world = World::start().await;
    let ada = world.user("ada", json!({})).await;
    let connection = json!({ "name": "Okta", "provider": "saml_okta", "domains": ["acme.example"],
        "active": true, "saml": { "idp_entity_id": "https://idp.example",
        "idp_sso_url": "https://idp.example/sso", "idp_certificate": "MIIC" } });
    world.send("POST /v1/enterprise_connections", connection).await;
    World::assert_causes(&world.explain(&ada).await, &["may_block sso_user_unlinked"]);
    world.send("POST /v1/sso_bypass_allowlist_users", json!({ "user_id": ada })).await;
    let result = world.explain(&ada).await;
    World::assert_causes(&result, &["context sso_bypassed"]);
    assert!(result["checked"].as_array().unwrap().contains(&json!("the SSO bypass allowlist")));
}
