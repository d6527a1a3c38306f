//! `clerk_investigate_user`: several requests, one answer of bounded length, and what becomes of
//! it where a request fails.

use clerk_mcp::{Clerk, Server, ServerOptions, Settings, guard::Guard};
use clerk_sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{self, Client, Script, Seen, Upstream};

const TOOL: &str = "clerk_investigate_user";
/// The most that an answer may cost, in tokens of o200k.
const TOKENS: usize = 1500;
const ID: &str = "user_29w83sxmDNGwOuEthce5gg56FcC";

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

#[test]
fn the_definition_costs_few_tokens() {
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    let server = Server::new(ServerOptions::new(clerk, Guard::default()));
    let (_, tool) = server.tools().find(|(_, tool)| tool.name == TOOL).unwrap();
    let parts = json!({
        "name": tool.name,
        "description": tool.about,
        "inputSchema": tool.input_schema(server.call_meta()),
    });
    let cost = tokens(&parts.to_string());
    println!("{TOOL}: its definition has {cost} tokens");
    assert!(cost <= 330, "{cost}");
}

/// What Clerk has of the user: the answers to the three requests.
#[derive(Clone)]
struct Wire {
    user: Value,
    memberships: Script,
    sessions: Script,
}

impl Wire {
    fn new(user: Value, memberships: &Value, sessions: &Value) -> Self {
        let page = |rows: &Value| {
            let total = rows.as_array().unwrap().len();
            Script::json(200, &json!({ "data": rows, "total_count": total }))
        };
        Self { user, memberships: page(memberships), sessions: page(sessions) }
    }

    fn answer(&self, seen: &Seen) -> Script {
        match seen.path.split('?').next().unwrap() {
            "/users" => Script::json(200, &json!([self.user])),
            "/sessions" => self.sessions.clone(),
            path if path.ends_with("/organization_memberships") => self.memberships.clone(),
            path if path == format!("/users/{ID}") => Script::json(200, &self.user),
            _ => Script::refusal(404, "", "resource_not_found"),
        }
    }

    async fn upstream(self) -> Upstream {
        Upstream::start(move |seen, _| self.answer(seen)).await
    }
}

/// A client of a server in front of the sandbox.
async fn sandbox() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Sandbox::new(Options::default()).router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = Settings { key: support::key("sk_test_sandbox"), ..support::settings(&url) };
    support::connect(Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()))).await
}

#[tokio::test]
async fn by_id_and_by_email_it_is_the_same_user() {
    let client = sandbox().await;
    let list = client.call("clerk_list_users", &json!({ "limit": 100 })).await;
    let mut dearest = 0;
    for user in list["users"].as_array().unwrap() {
        let by_id = client.result(TOOL, &json!({ "userId": user["id"] })).await;
        let text = support::text(&by_id).to_owned();
        dearest = dearest.max(tokens(&text));
        let by_id = by_id.structured_content.unwrap();
        assert_eq!(by_id["user"]["id"], user["id"]);
        assert_eq!(by_id.get("note"), None, "{by_id}");
        let arguments = json!({ "userId": user["id"], "limit": 500 });
        let sessions = client.call("clerk_list_sessions", &arguments).await;
        assert_eq!(by_id["sessions"]["total"], sessions["totalCount"]);
        let alive = sessions["sessions"].as_array().unwrap().iter();
        let alive: Vec<_> = alive
            .filter(|membership| {
                ["active", "pending"].contains(&membership["status"].as_str().unwrap())
            })
            .collect();
        assert_eq!(by_id["sessions"]["alive"]["total"], alive.len());
        for (shown, known) in
            by_id["sessions"]["alive"]["shown"].as_array().unwrap().iter().zip(&alive)
        {
            assert_eq!(shown["id"], known["id"]);
        }
        for email in user["emailAddresses"].as_array().unwrap() {
            let by_email =
                client.call(TOOL, &json!({ "emailAddress": email["emailAddress"] })).await;
            assert_eq!(by_email, by_id);
        }
    }
    println!("{TOOL}: {dearest} tokens for the user of the sandbox that has most");
    assert!(dearest > 300 && dearest < TOKENS, "{dearest}");
}

#[tokio::test]
async fn no_user_and_several_users() {
    let client = sandbox().await;
    let error = client.error(TOOL, &json!({ "emailAddress": "no.body@example.com" })).await;
    assert_eq!(error["code"], "user_not_found", "{error}");
    assert_eq!(error["message"], "no user has the email address no.body@example.com");
    assert!(error["hint"].as_str().unwrap().contains("clerk_list_users"), "{error}");
    let error = client.error(TOOL, &json!({ "userId": "user_nobody" })).await;
    assert_eq!((&error["status"], &error["code"]), (&json!(404), &json!("resource_not_found")));
    assert!(error["hint"].as_str().unwrap().contains("clerk_list_users"), "{error}");

    let two =
        Upstream::always(Script::json(200, &json!([{ "id": "user_1" }, { "id": "user_2" }]))).await;
    let client = support::client(&two.url).await;
    let error = client.error(TOOL, &json!({ "emailAddress": "a@example.com" })).await;
    assert_eq!(error["code"], "user_not_unique", "{error}");
    let message = error["message"].as_str().unwrap();
    assert_eq!(message, "2 users have the email address a@example.com: user_1, user_2");
    assert_eq!(two.seen().len(), 1);

    // A user who can't be read still exists.
    let odd = Upstream::always(Script::json(200, &json!([{ "id": 7 }]))).await;
    let client = support::client(&odd.url).await;
    let error = client.error(TOOL, &json!({ "emailAddress": "a@example.com" })).await;
    assert_eq!(error["code"], "unreadable_answer", "{error}");
}

#[tokio::test]
async fn one_way_to_name_the_user() {
    let upstream = Upstream::always(Script::Reset).await;
    let client = support::client(&upstream.url).await;
    let both = json!({ "userId": "user_1", "emailAddress": "a@example.com" });
    let several = json!({ "emailAddress": "a@example.com,b@example.com" });
    for arguments in [json!({}), both, several, json!({ "emailAddress": "example.com" })] {
        let error = client.error(TOOL, &arguments).await;
        assert_eq!(error["code"], "invalid_arguments", "{arguments}: {error}");
    }
    assert_eq!(upstream.seen(), []);
}

fn plain_user() -> Value {
    json!({ "id": ID, "first_name": "Ada", "banned": true, "email_addresses": [] })
}

#[tokio::test]
async fn failed_parts_are_left_out_and_named() {
    let off = Script::refusal(403, "", "organization_not_enabled_in_instance");
    let broken = Script::refusal(422, "", "broken");
    let whole = Wire::new(plain_user(), &json!([]), &json!([]));
    let cases = [
        (Wire { memberships: off.clone(), ..whole.clone() }, vec!["organizations"]),
        (Wire { sessions: broken.clone(), ..whole.clone() }, vec!["sessions"]),
        (
            Wire { sessions: Script::Answer(200, "", "<html>".to_owned()), ..whole.clone() },
            vec!["sessions"],
        ),
        (
            Wire { memberships: off, sessions: broken, ..whole.clone() },
            vec!["organizations", "sessions"],
        ),
        (whole, vec![]),
    ];
    for (wire, missing) in cases {
        let upstream = wire.upstream().await;
        let client = support::client(&upstream.url).await;
        let answer = client.call(TOOL, &json!({ "userId": ID })).await;
        assert_eq!(answer["user"]["name"], "Ada");
        assert_eq!(answer["unusual"], json!(["banned"]));
        let note = answer["note"].as_str().unwrap_or_default();
        for part in ["organizations", "sessions"] {
            let is_missing = missing.contains(&part);
            assert_eq!(answer.get(part).is_none(), is_missing, "{part}: {answer}");
            assert_eq!(note.contains(&format!("Without {part}: ")), is_missing, "{part}: {note}");
        }
        // What Clerk did not say is not claimed.
        assert!(answer.get("phones").is_none() && answer.get("passkeys").is_none(), "{answer}");
    }
}

/// Half of a key would not be known as one, so it is taken out before texts are cut.
#[tokio::test]
async fn a_cut_leaves_no_half_of_a_key() {
    for before in 0..70 {
        let text =
            format!("{}{}", "龘 ".repeat(before / 4) + &"x".repeat(before % 4), support::KEY);
        let session = json!({ "id": text, "status": "active", "actor": { "sub": text } });
        let mut user = plain_user();
        user["username"] = json!(text);
        user["public_metadata"] = json!({ &text: 1 });
        let upstream = Wire::new(user, &json!([]), &json!([session])).upstream().await;
        let client = support::client(&upstream.url).await;
        let answer = client.call(TOOL, &json!({ "userId": ID })).await.to_string();
        assert!(!answer.contains("sk_test_"), "{before}: {answer}");
    }
}

#[tokio::test]
async fn more_sessions_than_a_page_take_a_second_request() {
    let row = |n: usize, status: &str| json!({ "id": format!("sess_{n}"), "status": status, "created_at": 1_000_000 - n });
    let newest: Vec<_> =
        (0..500).map(|n| row(n, if n == 3 { "pending" } else { "ended" })).collect();
    let newest = json!({ "data": newest, "total_count": 812 });
    let active = json!({ "data": [row(600, "active"), row(700, "active")], "total_count": 2 });
    let upstream = Upstream::start(move |seen, _| {
        let wire = Wire::new(plain_user(), &json!([]), &json!([]));
        match seen.path.as_str() {
            path if path.contains("status=active") => Script::json(200, &active),
            path if path.starts_with("/sessions") => Script::json(200, &newest),
            _ => wire.answer(seen),
        }
    })
    .await;
    let client = support::client(&upstream.url).await;
    let answer = client.call(TOOL, &json!({ "userId": ID })).await;
    let sessions = &answer["sessions"];
    assert_eq!(sessions["total"], 812);
    assert_eq!(sessions["byStatus"], json!({ "active": 2, "ended": 499, "pending": 1 }));
    assert_eq!(sessions["alive"]["total"], 3);
    let ids: Vec<_> = sessions["alive"]["shown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["id"].clone())
        .collect();
    assert_eq!(ids, ["sess_3", "sess_600", "sess_700"]);
    let note = answer["note"].as_str().unwrap();
    assert!(note.contains("only the newest 500 sessions"), "{note}");
    assert!(
        answer["unusual"].as_array().unwrap().contains(&json!("banned, with 2 active sessions"))
    );
}

/// Makes a text of a number.
type Text = Box<dyn Fn(usize) -> String>;

/// A user with as much as one can have of everything, and each text as `text` makes it.
fn monster(text: &dyn Fn(usize) -> String) -> Wire {
    let verification = json!({ "status": text(1), "strategy": text(2) });
    let many = |count: usize, row: &dyn Fn(usize) -> Value| (0..count).map(row).collect::<Vec<_>>();
    let metadata: serde_json::Map<_, _> = (0..60).map(|n| (text(n), json!(text(n)))).collect();
    let at = i64::MAX / 2;
    // One field of each answer is not of its type, which is noted.
    let odd = 7;
    let user = json!({
        "id": ID,
        "first_name": text(3), "last_name": text(4), "username": text(5), "external_id": text(6),
        "primary_email_address_id": "idn_0", "primary_phone_number_id": "idn_0",
        "email_addresses": many(20, &|n| json!({
            "id": format!("idn_{n}"), "email_address": text(n), "verification": verification,
            "created_at": at - 7_000_000,
        })),
        "phone_numbers": many(20, &|n| json!({
            "id": format!("idn_{n}"), "phone_number": text(n), "verification": verification,
            "reserved_for_second_factor": true, "created_at": at - 7_000_001,
        })),
        "external_accounts": many(20, &|n| json!({ "provider": text(n), "email_address": text(n) })),
        "passkeys": many(20, &|_| json!({})), "web3_wallets": many(20, &|_| json!({})),
        "enterprise_accounts": many(20, &|_| json!({})),
        "password_enabled": true, "two_factor_enabled": false, "totp_enabled": false,
        "backup_code_enabled": odd, "banned": true, "locked": true, "deprovisioned": true,
        "lockout_expires_in_seconds": i64::MAX, "password_last_updated_at": at - 7_000_000,
        "mfa_disabled_at": 1_795_000_000_000_i64, "last_sign_in_at": at,
        "last_active_at": -1_795_000_000_000_i64, "created_at": -at,
        "public_metadata": metadata, "private_metadata": metadata, "unsafe_metadata": metadata,
    });
    let memberships =
        many(50, &|n| json!({ "role": odd, "organization": { "id": text(n), "name": text(n) } }));
    let sessions = many(200, &|n| {
        json!({
            "id": text(n), "status": match n {
                0..150 => json!("active"),
                199 => json!(odd),
                _ => json!(text(n)),
            },
            "actor": { "sub": text(n), "more": text(n) },
            "created_at": at - 1, "last_active_at": at,
            "latest_activity": {
                "device_type": text(n), "browser_name": text(n), "browser_version": text(n),
                "ip_address": text(n), "city": text(n), "country": text(n),
            },
        })
    });
    Wire::new(user, &json!(memberships), &json!(sessions))
}

#[tokio::test]
async fn whatever_a_user_has_the_answer_is_short() {
    let repeat =
        |part: &'static str| move |n: usize| format!("{n}{}", part.repeat(800 / part.len()));
    let random = |range: std::ops::Range<u32>| {
        move |n: usize| {
            let mut rng = fastrand::Rng::with_seed(n as u64);
            let letters = (0..800).filter_map(|_| char::from_u32(rng.u32(range.clone())));
            letters.collect::<String>()
        }
    };
    let texts: Vec<(&str, Text)> = vec![
        ("plain", Box::new(|n| format!("Team {n}"))),
        ("quotes", Box::new(repeat("\"\\"))),
        ("ideographs", Box::new(repeat("龘"))),
        ("families", Box::new(repeat("👨‍👩‍👧‍👦"))),
        ("hidden", Box::new(repeat("a\u{200B}"))),
        ("marks", Box::new(repeat("⟦cut: 7 more characters⟧"))),
        ("ascii", Box::new(random(0x20..0x7F))),
        ("controls", Box::new(random(0..0x20))),
        ("rare ideographs", Box::new(random(0x20000..0x2A000))),
        ("private", Box::new(random(0xF0000..0xFFFF0))),
        (
            "addresses",
            Box::new(move |n| {
                random(0x20..0x7F)(n)
                    .chars()
                    .filter(|letter| letter.is_ascii_alphanumeric() || "_-.@:+".contains(*letter))
                    .take(40)
                    .collect()
            }),
        ),
        (
            "just too long",
            Box::new(move |n| {
                random(0x20..0x7F)(n).chars().filter(char::is_ascii_alphanumeric).take(41).collect()
            }),
        ),
        ("tags", Box::new(random(0xE0000..0xE0080))),
    ];
    let mut dearest = 0;
    for (title, text) in texts {
        let wire = monster(&*text);
        let upstream = wire.upstream().await;
        let client = support::client(&upstream.url).await;
        let answer = client.result(TOOL, &json!({ "userId": ID })).await;
        let cost = tokens(support::text(&answer));
        println!("{TOOL}: {cost} tokens for {title}");
        dearest = dearest.max(cost);
        let answer = answer.structured_content.unwrap();
        let totals = [
            ("/emails/total", 20),
            ("/phones/total", 20),
            ("/externalAccounts/total", 20),
            ("/passkeys", 20),
            ("/organizations/total", 50),
            ("/sessions/total", 200),
            ("/sessions/byStatus/active", 150),
            ("/sessions/alive/total", 150),
        ];
        for (path, total) in totals {
            assert_eq!(answer.pointer(path), Some(&json!(total)), "{title}: {path}");
        }
        // What was cut says so.
        let name = answer["user"]["username"].as_str().unwrap();
        assert!(name.ends_with('⟧') || ["plain", "addresses"].contains(&title), "{title}: {name}");
        assert_eq!(answer["user"]["id"], ID);
        assert!(answer["unusual"].as_array().unwrap().len() >= 8, "{title}: {}", answer["unusual"]);
        assert!(!answer.to_string().contains("suspicious"));
    }
    assert!(dearest <= TOKENS, "{dearest} tokens");
}
