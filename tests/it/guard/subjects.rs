//! Whom a call is about is found out for every kind of object, and a rule is asked for each of them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use clerk_mcp::guard::{Guard, Policy, Selection, hourly::HourlyEach};
use serde_json::{Value, json};

use super::{LIVE, TEST, policy::policy, server};
use crate::support::{self, Client, Script, Upstream};

const STAFF: &str = "[[rules]]\nname = 'staff'\naction = 'deny'\n\
                     email_domains = ['ourco.example']\n";
const ONLY_OTHERS: &str = "default = 'deny'\n[[rules]]\nname = 'others'\naction = 'allow'\n\
                           email_domains = ['other.example']\n";

fn all_toolsets() -> Selection {
    Selection { toolsets: vec!["all".to_owned()], ..Selection::default() }
}

async fn client(url: &str, policy: Policy) -> Client {
    let guard = Guard { policy: Some(policy), selection: all_toolsets(), ..Guard::default() };
    support::connect(server(url, TEST, guard)).await
}

/// A Clerk in which every object belongs to the user `user_staff`, or to an address of theirs.
fn answer(path: &str) -> Value {
    let email = "boss@ourco.example";
    let row = |row: Value| json!({ "data": [{ "id": "other" }, row], "total_count": 2 });
    match path {
        "/users/user_staff" => json!({
            "id": "user_staff", "email_addresses": [{ "email_address": email }],
        }),
        "/users" => json!([{ "id": "user_staff" }]),
        "/sessions/sess_1" => json!({ "id": "sess_1", "user_id": "user_staff" }),
        "/clients/client_1" => {
            json!({ "id": "client_1", "sessions": [{ "user_id": "user_staff" }] })
        }
        "/api_keys/ak_0123456789abcdef0123456789abcdef" => {
            json!({ "id": "ak_0123456789abcdef0123456789abcdef", "subject": "user_staff" })
        }
        "/sign_ups/sua_1" => json!({ "id": "sua_1", "created_user_id": "user_staff" }),
        "/sign_ups/sua_2" => json!({ "id": "sua_2", "email_address": email }),
        "/email_addresses/idn_1" => json!({ "id": "idn_1", "email_address": email }),
        "/phone_numbers/idn_2" => json!({ "id": "idn_2", "phone_number": "+15555550100" }),
        "/billing/statements/st_1" => json!({ "id": "st_1", "payer": { "user_id": "user_staff" } }),
        "/billing/subscription_items" => {
            row(json!({ "id": "item_1", "payer": { "user_id": "user_staff" } }))
        }
        "/organizations/org_1" => json!({ "id": "org_1" }),
        "/organizations/org_1/invitations/orginv_1" => {
            json!({ "id": "orginv_1", "email_address": email })
        }
        "/invitations" | "/waitlist_entries" => {
            row(json!({ "id": "row_1", "email_address": email }))
        }
        "/allowlist_identifiers" | "/blocklist_identifiers" => {
            row(json!({ "id": "row_1", "identifier": email }))
        }
        _ => json!({ "data": [], "total_count": 0 }),
    }
}

#[tokio::test]
async fn every_object_is_its_owners() {
    let upstream =
        Upstream::start(|seen, _| Script::json(200, &answer(seen.path.split('?').next().unwrap())))
            .await;
    let cases = [
        ("clerk_revoke_session", json!({ "sessionId": "sess_1" })),
        ("clerk_get_client", json!({ "clientId": "client_1" })),
        ("clerk_revoke_api_key", json!({ "apiKeyId": "ak_0123456789abcdef0123456789abcdef" })),
        ("clerk_update_sign_up", json!({ "id": "sua_1", "customAction": true })),
        ("clerk_update_sign_up", json!({ "id": "sua_2", "customAction": true })),
        ("clerk_delete_email_address", json!({ "emailAddressId": "idn_1" })),
        ("clerk_delete_phone_number", json!({ "phoneNumberId": "idn_2" })),
        ("clerk_get_billing_statement", json!({ "statementId": "st_1" })),
        ("clerk_cancel_billing_subscription_item", json!({ "subscriptionItemId": "item_1" })),
        (
            "clerk_revoke_organization_invitation",
            json!({ "organizationId": "org_1", "invitationId": "orginv_1" }),
        ),
        ("clerk_revoke_invitation", json!({ "invitationId": "row_1" })),
        ("clerk_delete_waitlist_entry", json!({ "waitlistEntryId": "row_1" })),
        ("clerk_delete_allowlist_identifier", json!({ "identifierId": "row_1" })),
        ("clerk_delete_blocklist_identifier", json!({ "identifierId": "row_1" })),
        (
            "clerk_delete_user_passkey",
            json!({ "userId": "user_staff", "passkeyIdentificationId": "idn_3" }),
        ),
        // Clerk can't be asked whose these are.
        ("clerk_revoke_sign_in_token", json!({ "signInTokenId": "sit_1" })),
        ("clerk_revoke_actor_token", json!({ "actorTokenId": "act_1" })),
        // The list has no such row, so its owner is unknown.
        ("clerk_revoke_invitation", json!({ "invitationId": "row_2" })),
    ];
    for rule in [STAFF, ONLY_OTHERS] {
        let client = client(&upstream.url, policy(rule)).await;
        for (tool, arguments) in &cases {
            let error = client.error(tool, arguments).await;
            assert_eq!(error["code"], "policy_denied", "{tool} {arguments}: {error}");
        }
    }
    assert!(upstream.seen().iter().all(|seen| seen.method == "GET"), "{:?}", upstream.seen());
}

/// Three users: one of the company's, one of another, one without an email.
async fn three() -> Upstream {
    Upstream::start(|seen, _| match (seen.method.as_str(), seen.path.split('?').next().unwrap()) {
        ("GET", "/users/user_a") => Script::json(
            200,
            &json!({ "id": "user_a", "email_addresses": [{ "email_address": "a@other.example" }] }),
        ),
        ("GET", "/users/user_b") => Script::json(
            200,
            &json!({ "id": "user_b", "email_addresses": [{ "email_address": "b@ourco.example" }] }),
        ),
        ("GET", "/users/user_c") => {
            Script::json(200, &json!({ "id": "user_c", "email_addresses": [] }))
        }
        ("GET", "/users/user_d") => {
            Script::json(200, &json!({ "id": "user_d", "email_addresses": [{}] }))
        }
        ("GET", _) => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        _ => Script::json(200, &json!([])),
    })
    .await
}

#[tokio::test]
async fn a_rule_that_allows_holds_for_each_user() {
    let cases = [
        (ONLY_OTHERS, json!(["user_a"]), true),
        (ONLY_OTHERS, json!(["user_a", "user_b"]), false),
        // A user without an email address belongs to no domain, even if the call names others.
        (ONLY_OTHERS, json!(["user_a", "user_c"]), false),
        (ONLY_OTHERS, json!(["user_c"]), false),
        (STAFF, json!(["user_a", "user_c"]), true),
        (STAFF, json!(["user_a", "user_b"]), false),
        // An email that can't be read may be anybody's.
        (STAFF, json!(["user_a", "user_d"]), false),
        (ONLY_OTHERS, json!(["user_d"]), false),
    ];
    for (rule, users, is_allowed) in cases {
        let upstream = three().await;
        let client = client(&upstream.url, policy(rule)).await;
        let arguments = json!({ "userIds": users });
        if is_allowed {
            client.call("clerk_ban_users", &arguments).await;
        } else {
            let error = client.error("clerk_ban_users", &arguments).await;
            assert_eq!(error["code"], "policy_denied", "{rule} {users}: {error}");
        }
        let writes = upstream.seen().iter().filter(|seen| seen.method != "GET").count();
        assert_eq!(writes, usize::from(is_allowed), "{rule} {users}");
    }
}

/// An unreadable email is no reason to refuse what no rule on emails is asked for.
#[tokio::test]
async fn what_no_rule_asks_for_may_be_unknown() {
    let upstream = three().await;
    let rule = "[[rules]]\nname = 'r'\naction = 'deny'\norganizations = ['org_1']\n";
    let client = client(&upstream.url, policy(rule)).await;
    client.call("clerk_ban_users", &json!({ "userIds": ["user_d"] })).await;
}

#[tokio::test]
async fn a_call_on_several_users_counts_for_each() {
    let rule = "default = 'deny'\n[[rules]]\nname = 'few'\naction = 'allow'\nper_hour = 3\n";
    let by_policy = Guard { policy: Some(policy(rule)), ..Guard::default() };
    let by_limit = Guard { max_destructive: Some(HourlyEach::new(3)), ..Guard::default() };
    for guard in [by_policy, by_limit] {
        let upstream = three().await;
        let guard = Guard { selection: all_toolsets(), ..guard };
        let client = support::connect(server(&upstream.url, TEST, guard)).await;
        let ban = async |users: Value| {
            client.result("clerk_ban_users", &json!({ "userIds": users })).await.is_error
        };
        assert_eq!(ban(json!(["user_a", "user_b"])).await, Some(false));
        assert_eq!(ban(json!(["user_a", "user_c"])).await, Some(true));
        assert_eq!(ban(json!(["user_c"])).await, Some(false));
        assert_eq!(ban(json!(["user_c"])).await, Some(true));
    }
}

/// The question names the object and its owner, not its ID alone, and the approval holds only while
/// the object is as the person saw it.
#[tokio::test]
async fn an_approval_names_every_object_and_is_bound_to_it() {
    let cases = [
        ("clerk_revoke_session", json!({ "sessionId": "sess_1" }), "/sessions/sess_1", "status"),
        (
            "clerk_revoke_api_key",
            json!({ "apiKeyId": "ak_0123456789abcdef0123456789abcdef" }),
            "/api_keys/ak_0123456789abcdef0123456789abcdef",
            "name",
        ),
        (
            "clerk_delete_email_address",
            json!({ "emailAddressId": "idn_1" }),
            "/email_addresses/idn_1",
            "email_address",
        ),
        (
            "clerk_delete_phone_number",
            json!({ "phoneNumberId": "idn_2" }),
            "/phone_numbers/idn_2",
            "phone_number",
        ),
        (
            "clerk_revoke_organization_invitation",
            json!({ "organizationId": "org_1", "invitationId": "orginv_1" }),
            "/organizations/org_1/invitations/orginv_1",
            "role",
        ),
        ("clerk_delete_machine", json!({ "machineId": "mch_1" }), "/machines/mch_1", "name"),
        (
            "clerk_delete_jwt_template",
            json!({ "templateId": "jtmp_1" }),
            "/jwt_templates/jtmp_1",
            "name",
        ),
        (
            "clerk_revert_template",
            json!({ "templateType": "email", "slug": "invitation" }),
            "/templates/email/invitation",
            "name",
        ),
        (
            "clerk_delete_oauth_application",
            json!({ "oauthApplicationId": "oa_1" }),
            "/oauth_applications/oa_1",
            "name",
        ),
        (
            "clerk_delete_enterprise_connection",
            json!({ "enterpriseConnectionId": "entconn_1" }),
            "/enterprise_connections/entconn_1",
            "domains",
        ),
        ("clerk_delete_domain", json!({ "domainId": "row_1" }), "/domains", "name"),
        (
            "clerk_delete_waitlist_entry",
            json!({ "waitlistEntryId": "row_1" }),
            "/waitlist_entries",
            "status",
        ),
    ];
    for (tool, arguments, path, field) in cases {
        let changed = Arc::new(AtomicBool::new(false));
        let is_changed = changed.clone();
        let upstream = Upstream::start(move |seen, _| {
            let asked = seen.path.split('?').next().unwrap();
            let mut body = match asked {
                "/domains" => json!({ "data": [{ "id": "row_1" }], "total_count": 1 }),
                _ => answer(asked),
            };
            if body["total_count"] == 0 {
                body = json!({ "id": "found" });
            }
            if asked == path {
                let value = if is_changed.load(Relaxed) { "afterwards" } else { "before" };
                let object = if body["data"].is_array() {
                    body["data"].as_array_mut().unwrap().last_mut().unwrap()
                } else {
                    &mut body
                };
                object[field] = json!(value);
            }
            Script::json(200, &body)
        })
        .await;
        let guard = Guard { selection: all_toolsets(), ..Guard::default() };
        let guard =
            Guard { selection: Selection { allow_writes: true, ..guard.selection }, ..guard };
        let client = support::connect(server(&upstream.url, LIVE, guard)).await;
        let plan = client.call(tool, &arguments).await["plan"].clone();
        let effect = plan["effect"].as_str().unwrap();
        assert!(effect.contains("\"before\""), "{tool}: {effect}");
        let mut with_token = arguments.clone();
        with_token["planToken"] = plan["token"].clone();
        changed.store(true, Relaxed);
        let error = client.error(tool, &with_token).await;
        assert_eq!(error["code"], "confirmation_invalid", "{tool}: {error}");
        assert!(upstream.seen().iter().all(|seen| seen.method == "GET"), "{tool}");
        changed.store(false, Relaxed);
        client.result(tool, &with_token).await;
        assert!(upstream.seen().iter().any(|seen| seen.method != "GET"), "{tool}");
    }
}

/// A connection with many domains must not push the rest of the question out of sight.
#[tokio::test]
async fn a_question_shows_a_few_values_of_an_object() {
    let upstream = Upstream::start(|_, _| {
        let domains: Vec<String> = (0..1_000).map(|number| format!("d{number}.example")).collect();
        Script::json(200, &json!({ "id": "entconn_1", "name": "Acme", "domains": domains }))
    })
    .await;
    let selection = Selection { allow_writes: true, ..all_toolsets() };
    let guard = Guard { selection, ..Guard::default() };
    let client = support::connect(server(&upstream.url, LIVE, guard)).await;
    let arguments = json!({ "enterpriseConnectionId": "entconn_1" });
    let plan = client.call("clerk_delete_enterprise_connection", &arguments).await;
    let effect = plan["plan"]["effect"].as_str().unwrap();
    assert!(effect.contains("(\"Acme\", \"d0.example\""), "{effect}");
    assert!(effect.contains("\"d3.example\", and 996 more)"), "{effect}");
}
