//! Finding users by what Clerk can't filter by, against a direct computation over all users.

use std::collections::BTreeMap;

use rmcp::model::{CallToolRequestParams, ClientRequest};
use serde_json::{Value, json};

use crate::{
    answers::{client, listening, server},
    people::{all_users, get, sandbox},
    support::{self, Script, Seen, Upstream},
};

fn primary_is_verified(user: &Value) -> bool {
    let emails = user["email_addresses"].as_array().unwrap();
    let primary = emails.iter().find(|email| email["id"] == user["primary_email_address_id"]);
    primary.is_some_and(|email| email["verification"]["status"] == "verified")
}

fn domains(user: &Value) -> Vec<String> {
    let emails = user["email_addresses"].as_array().unwrap().iter();
    let mut domains: Vec<String> = emails
        .map(|email| email["email_address"].as_str().unwrap().split('@').nth(1).unwrap().to_owned())
        .collect();
    domains.sort();
    domains.dedup();
    domains
}

/// Whether a user is one that is looked for.
type Holds = fn(&Value) -> bool;
/// The groups of a user.
type Key = fn(&Value) -> Vec<String>;

/// 2026-03-01.
const MARCH: i64 = 1_772_323_200_000;

#[tokio::test]
async fn each_criterion_finds_the_right_users() {
    let url = sandbox(1_300).await;
    let client = client(&url, 200_000).await;
    let users = all_users(&url).await;
    let cases: [(Value, Holds); 12] = [
        (json!({ "twoFactorEnabled": false }), |user| user["two_factor_enabled"] == false),
        (json!({ "emailVerified": false }), |user| !primary_is_verified(user)),
        (json!({ "banned": true }), |user| user["banned"] == true),
        (json!({ "locked": true }), |user| user["locked"] == true),
        (json!({ "neverSignedIn": true }), |user| user["last_sign_in_at"].is_null()),
        (json!({ "inactiveSince": "2026-03-01" }), |user| {
            user["last_active_at"].as_i64().or(user["created_at"].as_i64()).unwrap() < MARCH
        }),
        (json!({ "createdAtAfter": "2026-03-01" }), |user| {
            user["created_at"].as_i64().unwrap() >= MARCH
        }),
        (json!({ "createdAtBefore": "2026-03-01" }), |user| {
            user["created_at"].as_i64().unwrap() < MARCH
        }),
        (json!({ "emailDomain": "example.com" }), |user| {
            domains(user).contains(&"example.com".to_owned())
        }),
        (json!({ "metadataPath": "public.plan", "metadataValue": "free" }), |user| {
            user["public_metadata"]["plan"] == "free"
        }),
        (json!({ "metadataPath": "public.plan" }), |user| {
            !user["public_metadata"]["plan"].is_null()
        }),
        (
            json!({ "twoFactorEnabled": false, "emailDomain": "northwind.example", "createdAtBefore": "2026-03-01" }),
            |user| {
                user["two_factor_enabled"] == false
                    && user["created_at"].as_i64().unwrap() < MARCH
                    && domains(user).contains(&"northwind.example".to_owned())
            },
        ),
    ];
    for (mut find, holds) in cases {
        find["limit"] = json!(1_000);
        find["fields"] = json!(["id"]);
        let wanted = users.iter().filter(|user| holds(user)).count();
        // The sandbox has some of each, and never all.
        assert!(wanted > 0 && wanted < 1_300, "{find}: {wanted}");
        let answer = client.call("clerk_find_users", &find).await;
        assert_eq!(
            (&answer["matched"], &answer["complete"]),
            (&json!(wanted), &json!(true)),
            "{find}"
        );
        for row in answer["users"].as_array().unwrap() {
            let user = users.iter().find(|user| user["id"] == row["id"]).unwrap();
            assert!(holds(user), "{find}: {user}");
        }
    }
}

#[tokio::test]
async fn roles_and_sessions_are_looked_up() {
    let url = sandbox(300).await;
    let client = client(&url, 200_000).await;
    let organization =
        get(&url, "/organizations?limit=1&order_by=-members_count").await["data"][0]["id"].clone();
    let path = format!("/organizations/{}/memberships?limit=500", organization.as_str().unwrap());
    let memberships = get(&url, &path).await["data"].as_array().unwrap().clone();
    for role in ["org:admin", "org:member"] {
        let wanted: Vec<_> =
            memberships.iter().filter(|membership| membership["role"] == role).collect();
        let find = json!({ "organizationId": organization, "role": role, "fields": ["id"] });
        let answer = client.call("clerk_find_users", &find).await;
        assert_eq!(answer["matched"], wanted.len(), "{role}");
        for row in answer["users"].as_array().unwrap() {
            assert!(
                wanted
                    .iter()
                    .any(|membership| membership["public_user_data"]["user_id"] == row["id"])
            );
        }
    }
    let mut wanted = 0;
    for user in all_users(&url).await {
        let path = format!(
            "/sessions?user_id={}&status=active&paginated=true",
            user["id"].as_str().unwrap()
        );
        wanted += usize::from(get(&url, &path).await["total_count"].as_u64().unwrap() > 1);
    }
    let answer = client.call("clerk_find_users", &json!({ "activeSessionsOver": 1 })).await;
    assert_eq!(answer["matched"], wanted);
    assert!(
        answer["users"]
            .as_array()
            .unwrap()
            .iter()
            .all(|user| user["activeSessions"].as_u64() > Some(1))
    );
}

#[tokio::test]
async fn groups_count_what_they_should() {
    let url = sandbox(700).await;
    let client = client(&url, 200_000).await;
    let users = all_users(&url).await;
    let cases: [(&str, Key); 6] = [
        ("banned", |user| vec![user["banned"].to_string()]),
        ("twoFactorEnabled", |user| vec![user["two_factor_enabled"].to_string()]),
        ("emailVerified", |user| vec![primary_is_verified(user).to_string()]),
        ("neverSignedIn", |user| vec![user["last_sign_in_at"].is_null().to_string()]),
        ("domain", domains),
        ("month", |user| {
            let time =
                jiff::Timestamp::from_millisecond(user["created_at"].as_i64().unwrap()).unwrap();
            vec![time.strftime("%Y-%m").to_string()]
        }),
    ];
    for (by, key) in cases {
        let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
        users.iter().flat_map(key).for_each(|key| *wanted.entry(key).or_default() += 1);
        let answer = client.call("clerk_find_users", &json!({ "groupBy": by })).await;
        let groups = answer["groups"].as_array().unwrap().iter();
        let counted: BTreeMap<String, u64> = groups
            .map(|group| {
                (group["key"].as_str().unwrap().to_owned(), group["count"].as_u64().unwrap())
            })
            .collect();
        assert_eq!(counted, wanted, "{by}");
        let without = users.iter().filter(|user| key(user).is_empty()).count();
        assert_eq!(answer["withoutValue"], without, "{by}");
    }
    let answer = client.call("clerk_find_users", &json!({ "groupBy": "organization" })).await;
    let groups = answer["groups"].as_array().unwrap();
    let none = answer["withoutValue"].as_u64().unwrap();
    let organizations = get(&url, "/organizations?limit=500&include_members_count=true").await;
    for organization in organizations["data"].as_array().unwrap() {
        let key = format!(
            "{} ({})",
            organization["name"].as_str().unwrap(),
            organization["id"].as_str().unwrap()
        );
        let count = groups
            .iter()
            .find(|group| group["key"] == key.as_str())
            .map_or(0, |group| group["count"].as_u64().unwrap());
        assert_eq!(count, organization["members_count"].as_u64().unwrap(), "{key}");
    }
    assert!(none > 0 && none < 700);
}

#[tokio::test]
async fn pages_of_matches_are_disjoint_and_add_up() {
    let url = sandbox(900).await;
    let client = client(&url, 200_000).await;
    let mut find = json!({ "twoFactorEnabled": false, "limit": 200, "fields": ["id"] });
    let mut ids: Vec<String> = Vec::new();
    let total = loop {
        let answer = client.call("clerk_find_users", &find).await;
        let rows = answer["users"].as_array().unwrap();
        ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        if answer["hasMore"] == json!(false) {
            break answer["matched"].as_u64().unwrap();
        }
        find["offset"] = answer["nextOffset"].clone();
    };
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len() as u64, total);
}

/// An upstream of endless users, 500 a page, each page after a cursor.
fn endless(seen: &Seen) -> Script {
    if seen.path.starts_with("/users/count") {
        return Script::json(200, &json!({ "total_count": 1_000_000 }));
    }
    let after = seen.path.split("starting_after=user_").nth(1);
    let first: u64 = after.map_or(0, |rest| rest.split('&').next().unwrap().parse().unwrap());
    let users: Vec<_> = (first + 1..=first + 500)
        .map(|n| json!({ "object": "user", "id": format!("user_{n}"), "locked": n % 2 == 0, "created_at": 1_700_000_000_000_u64 + n }))
        .collect();
    Script::json(200, &json!(users))
}

#[tokio::test]
async fn a_failed_scan_says_so_and_can_be_continued() {
    let upstream = Upstream::start(|seen, _| {
        if seen.path.contains("starting_after=user_1000") {
            return Script::refusal(422, "", "some_fault");
        }
        endless(seen)
    })
    .await;
    let client = client(&upstream.url, 20_000).await;
    let answer = client.call("clerk_find_users", &json!({ "locked": true, "limit": 2 })).await;
    let told = ["matched", "scanned", "toScan", "complete", "nextCursor", "hasMore"];
    let told = told.map(|field| answer[field].clone());
    let wanted =
        [json!(500), json!(1_000), json!(999_000), json!(false), json!("user_1000"), json!(true)];
    assert_eq!(told, wanted);
    assert!(
        answer["note"].as_str().unwrap().starts_with("The scan ended early: Long text"),
        "{answer}"
    );
    let find = json!({ "action": "lock", "find": { "locked": true } });
    let error = client.error("clerk_bulk_update", &find).await;
    assert!(error["message"].as_str().unwrap().contains("did not come to its end"), "{error}");
    let go_on = json!({ "locked": true, "limit": 1, "startingAfter": "user_999500" });
    let answer = client.call("clerk_find_users", &go_on).await;
    assert_eq!(answer["users"][0]["id"], "user_999502");
}

/// Emulators of Clerk send seconds. Taken for milliseconds, they would be times in 1970, and
/// everybody would be inactive.
#[tokio::test]
async fn times_in_seconds_are_compared_as_what_they_are_and_a_note_says_so() {
    let upstream = Upstream::always(Script::json(
        200,
        &json!([
            { "object": "user", "id": "user_1", "last_active_at": 1_767_225_600, "created_at": 1_700_000_000 },
            { "object": "user", "id": "user_2", "last_active_at": 1_704_067_200, "created_at": 1_700_000_000 },
        ]),
    ))
    .await;
    let client = client(&upstream.url, 20_000).await;
    let find = json!({ "inactiveSince": "2025-06-01", "detail": "full" });
    let answer = client.call("clerk_find_users", &find).await;
    assert_eq!(answer["matched"], 1, "{answer}");
    assert_eq!(answer["users"][0]["id"], "user_2");
    assert_eq!(answer["users"][0]["lastActiveAt"], 1_704_067_200_000_i64);
    let note = answer["note"].as_str().unwrap();
    assert_eq!(note.matches("times in seconds").count(), 1, "{note}");

    let answer = client.call("clerk_list_users", &json!({})).await;
    assert_eq!(answer["users"][0]["createdAt"], 1_700_000_000_000_i64, "{answer}");
    let note = answer["note"].as_str().unwrap();
    assert_eq!(note.matches("times in seconds").count(), 1, "{note}");
}

#[tokio::test]
async fn a_cancelled_scan_sends_no_more_requests() {
    let upstream = Upstream::start(|seen, before| match before {
        // In the middle of the scan.
        5 => Script::Hang,
        _ => endless(seen),
    })
    .await;
    let client = client(&upstream.url, 20_000).await;
    let arguments = support::object(&json!({ "locked": true }));
    let call = CallToolRequestParams::new("clerk_find_users").with_arguments(arguments);
    let request = ClientRequest::CallToolRequest(rmcp::model::CallToolRequest::new(call));
    let options = rmcp::service::PeerRequestOptions::no_options();
    let under_way = client.0.send_cancellable_request(request, options).await.unwrap();
    upstream.until(|upstream| upstream.seen().len() == 6).await;
    under_way.cancel(None).await.unwrap();
    upstream.until(|upstream| upstream.open() == 0).await;
    // The server continues serving.
    client.call("clerk_count_users", &json!({})).await;
    let seen = upstream.seen();
    assert!(seen.len() == 7 && seen[6].path.starts_with("/users/count"), "{seen:?}");
}

#[tokio::test]
async fn progress_is_reported_page_by_page() {
    let url = sandbox(1_200).await;
    let (_, heard) =
        listening(server(&url, 20_000), "clerk_find_users", &json!({ "banned": false })).await;
    let done: Vec<f64> = heard.iter().map(|(done, _)| *done).collect();
    assert!(done.len() == 3 && done.is_sorted(), "{heard:?}");
    assert!(heard.iter().all(|(_, total)| *total == Some(done[2])), "{heard:?}");
}

/// An organization of the sandbox.
pub(crate) async fn organization(client: &support::Client) -> Value {
    let list = json!({ "limit": 1, "fields": ["id", "slug"] });
    client.call("clerk_list_organizations", &list).await["organizations"][0].take()
}

#[tokio::test]
async fn nobody_is_not_the_answer_to_an_organization_or_a_role_that_is_not_there() {
    let client = client(&sandbox(100).await, 20_000).await;
    let organization = organization(&client).await;
    let none = json!({ "organizationId": "none" });
    let error = client.error("clerk_find_users", &none).await;
    assert_eq!(error["code"], "not_identified", "{error}");
    let error = client.error("clerk_find_users", &json!({ "organizationId": "org_none" })).await;
    assert_eq!(error["status"], 404, "{error}");
    let bare = json!({ "organizationId": organization["id"], "role": "admin" });
    for tool in ["clerk_find_users", "clerk_list_organization_memberships"] {
        let error = client.error(tool, &bare).await;
        assert_eq!(error["param"], "role", "{tool}: {error}");
        assert!(error["message"].as_str().unwrap().contains("org:admin"), "{tool}: {error}");
    }
}

#[tokio::test]
async fn what_clerk_cannot_filter_by_is_said_to_be_an_argument_of_the_search() {
    let client = client(&sandbox(10).await, 20_000).await;
    for tool in ["clerk_list_users", "clerk_count_users"] {
        let error = client.error(tool, &json!({ "twoFactorEnabled": false })).await;
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("clerk_find_users"), "{tool}: {error}");
    }
}

#[tokio::test]
async fn a_refused_role_or_member_says_which_there_are() {
    let client = client(&sandbox(100).await, 20_000).await;
    let id = organization(&client).await["id"].clone();
    let user = client.call("clerk_list_users", &json!({ "limit": 1, "fields": ["id"] })).await;
    let add = json!({ "organizationId": id, "userId": user["users"][0]["id"], "role": "org:boss" });
    let error = client.error("clerk_add_organization_member", &add).await;
    assert!(error["hint"].as_str().unwrap().contains("org:admin, org:member"), "{error}");
    let remove = json!({ "organizationId": id, "userId": "user_none" });
    let error = client.error("clerk_remove_organization_member", &remove).await;
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("clerk_list_organization_memberships"), "{error}");
}

#[tokio::test]
async fn an_empty_page_beyond_the_last_row_says_so() {
    let client = client(&sandbox(10).await, 20_000).await;
    let answer = client.call("clerk_list_users", &json!({ "offset": 500 })).await;
    assert_eq!(answer["note"], "offset 500 is beyond the last of 10.", "{answer}");
}
