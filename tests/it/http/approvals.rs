//! The page of approvals: a person asks through MCP, another one signs in and decides.

use std::{cell::RefCell, collections::BTreeMap, fs, process::Command};

use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

use super::{
    client::{Http, message},
    oauth::issuer::{CLIENT, Issuer, RESOURCE, SECRET},
};

/// Where browsers reach the server under test.
const ORIGIN: &str = "http://localhost:7331";
const POLICY: &str = r#"
default = "deny"

[[rules]]
name = "reads"
action = "allow"
effects = ["read"]

[[rules]]
name = "support and admins delete with four eyes"
action = "allow"
who = ["role:support", "role:admin"]
tools = ["clerk_delete_user"]
approval = "second-person"
approvers = ["role:admin"]

[[rules]]
name = "support and analysts update with four eyes"
action = "allow"
who = ["role:support", "role:analyst"]
tools = ["clerk_update_user"]
approval = "second-person"

[[rules]]
name = "locks are approved with a scope"
action = "allow"
who = ["role:support+scope:locks"]
tools = ["clerk_lock_user"]
approval = "second-person"
approvers = ["scope:approve"]

[[rules]]
name = "many at once with four eyes"
action = "allow"
who = ["role:support", "role:analyst", "role:lead"]
tools = ["clerk_bulk_update", "clerk_undo_changes"]
approval = "second-person"

[[rules]]
name = "support and leads ban"
action = "allow"
who = ["role:support", "role:lead"]
tools = ["clerk_ban_user", "clerk_unban_user"]
"#;

/// A server for a team, with its issuer.
struct Team {
    http: Http,
    issuer: Issuer,
    folder: tempfile::TempDir,
}

impl Team {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        fs::write(at("policy.toml"), POLICY).unwrap();
        let issuer = Issuer::start().await;
        let options = [
            &["--sandbox", "--oauth-issuer", &issuer.url, "--resource", RESOURCE][..],
            &["--oauth-allow", "org:org_1", "--oauth-client-id", CLIENT],
            &["--policy", &at("policy.toml"), "--approvals", &at("approvals.db")],
            &["--audit", &at("audit.jsonl")],
        ];
        let secret = [("CLERK_MCP_OAUTH_CLIENT_SECRET", SECRET)];
        let http = Http::start(&options.concat(), &secret).await;
        Self { http, issuer, folder }
    }

    async fn call(&self, role: &str, tool: &str, arguments: Value) -> Value {
        let token = self.issuer.token(person(role));
        let request = self.http.call(tool, arguments).bearer_auth(token);
        let answer = message(request.send().await.unwrap()).await;
        let text = answer["result"]["content"][0]["text"].as_str().unwrap().to_owned();
        serde_json::from_str(&text).unwrap()
    }

    /// The ID of a user of the sandbox.
    async fn user(&self) -> String {
        let users = self.call("support", "clerk_list_users", json!({ "limit": 1 })).await;
        users["users"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a call that waits then. Returns its approval's ID.
    async fn ask(&self, role: &str, tool: &str, arguments: Value) -> String {
        let asked = self.call(role, tool, arguments).await;
        assert_eq!(asked["error"]["code"], "needs_second_person", "{asked}");
        let hint = asked["error"]["hint"].as_str().unwrap();
        let url = hint.split(' ').find(|word| word.starts_with(ORIGIN)).unwrap();
        let id = url.trim_end_matches('.').strip_prefix(&format!("{ORIGIN}/approvals/"));
        id.unwrap_or_else(|| panic!("{hint}")).to_owned()
    }

    /// A browser in which a person of this role has signed in.
    async fn browser(&self, role: &str) -> Browser<'_> {
        self.issuer.signs_in(person(role));
        let browser = Browser::new(self);
        let page = browser.follow("/approvals/sign-in").await;
        assert!(page.text.contains(&format!("user_{role}")), "{}", page.text);
        browser
    }

    fn audit(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn person(role: &str) -> Value {
    json!({
        "sub": format!("user_{role}"), "org_id": "org_1", "roles": [role],
        "email": format!("{role}@ourco.example"), "email_verified": true,
    })
}

/// A browser without script: cookies, and redirects that it follows through the issuer.
struct Browser<'a> {
    team: &'a Team,
    client: Client,
    cookies: RefCell<BTreeMap<String, String>>,
}

struct Page {
    status: u16,
    headers: BTreeMap<String, String>,
    text: String,
}

impl<'a> Browser<'a> {
    fn new(team: &'a Team) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { team, client, cookies: RefCell::default() }
    }

    async fn send(&self, request: RequestBuilder) -> Page {
        let cookies = self.cookies.borrow().clone();
        let cookies: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("host", "localhost:7331").header("cookie", cookies.join("; "));
        let response: Response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; Path=/; ") && cookie.contains("; HttpOnly; SameSite=Lax"));
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        Page { status, headers: headers.collect(), text: response.text().await.unwrap() }
    }

    async fn get(&self, path: &str) -> Page {
        self.send(self.client.get(format!("{}{path}", self.team.http.url))).await
    }

    /// Opens a page of the server, wherever it leads to.
    async fn follow(&self, path: &str) -> Page {
        let mut page = self.get(path).await;
        while let Some(to) = page.headers.get("location").cloned() {
            page = if to.starts_with('/') {
                self.get(&to).await
            } else {
                let response = self.client.get(&to).send().await.unwrap();
                let back = response.headers()["location"].to_str().unwrap();
                self.get(back.strip_prefix(ORIGIN).unwrap()).await
            };
        }
        page
    }

    /// Sends a form of the page, with the token in it, from this origin.
    async fn form(&self, path: &str, token: &str, origin: Option<&str>, reason: &str) -> Page {
        let fields = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("reason", reason)
            .finish();
        let mut request = self.client.post(format!("{}{path}", self.team.http.url)).body(fields);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        self.send(request).await
    }

    /// Decides on a call as the form on its page does.
    async fn decide(&self, id: &str, deed: &str, reason: &str) -> Page {
        let page = self.get(&format!("/approvals/{id}")).await;
        let token = token(&page);
        self.form(&format!("/approvals/{id}/{deed}"), &token, Some(ORIGIN), reason).await
    }
}

fn token(page: &Page) -> String {
    let (_, rest) = page.text.split_once("name=\"token\" value=\"").expect(&page.text);
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_supporter_asks_an_admin_approves_in_the_browser_and_it_is_done_once() {
    let team = Team::start().await;
    let user = team.user().await;
    let call = json!({ "userId": user, "reason": "She asked for it, ticket 7." });
    let id = team.ask("support", "clerk_delete_user", call.clone()).await;

    let admin = team.browser("admin").await;
    let list = admin.get("/approvals").await;
    assert!(list.text.contains(&format!("href=\"/approvals/{id}\"")), "{}", list.text);
    let page = admin.get(&format!("/approvals/{id}")).await;
    for part in
        ["Delete user", &user, "ticket 7", "user_support (support@ourco.example)", "pending"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let decided = admin.decide(&id, "approve", "").await;
    assert_eq!(
        (decided.status, &*decided.headers["location"]),
        (303, &*format!("/approvals/{id}"))
    );

    // Another person has nothing of it.
    let other = team.call("admin", "clerk_run_approved", json!({ "approvalId": id })).await;
    assert_eq!(other["error"]["code"], "approval_not_yours", "{other}");
    let done = team.call("support", "clerk_run_approved", json!({ "approvalId": id })).await;
    assert_eq!((&done["success"], &done["id"]), (&json!(true), &json!(user)), "{done}");
    let again = team.call("support", "clerk_run_approved", json!({ "approvalId": id })).await;
    assert_eq!(again["error"]["code"], "approval_used", "{again}");
    let page = admin.get(&format!("/approvals/{id}")).await;
    assert!(page.text.contains("it was done") && !page.text.contains("<textarea"), "{}", page.text);

    let log = team.audit();
    let of = |event: &str| log.iter().find(|line| line["event"] == event).unwrap();
    assert_eq!(of("refused")["principal"]["subject"], "user_support");
    assert_eq!(of("approved")["principal"]["subject"], "user_admin");
    assert_eq!(of("begun")["principal"]["subject"], "user_support");
    assert_eq!(of("begun")["approvedBy"]["subject"], "user_admin");
    assert_eq!(of("begun")["approval"], json!(id));
    let mut show = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    let shown = show.args(["audit", "show"]).arg(team.folder.path().join("audit.jsonl")).output();
    let shown = String::from_utf8(shown.unwrap().stdout).unwrap();
    let row = |word: &str| shown.lines().find(|row| row.contains(word)).unwrap().to_owned();
    assert!(row("  approved  ").contains("by \"user_admin (admin@ourco.example)\""), "{shown}");
    let done = row("  done  ");
    assert!(
        done.contains("for user_support") && done.contains("approved by \"user_admin"),
        "{done}"
    );
}

#[tokio::test]
async fn a_rejection_has_a_reason_that_the_asker_reads() {
    let team = Team::start().await;
    let call = json!({ "userId": team.user().await, "firstName": "<b>Eve</b>\u{202e}" });
    let id = team.ask("support", "clerk_update_user", call.clone()).await;
    // Without `approvers`, whoever could make the call themselves may decide, and nobody else.
    let admin = team.browser("admin").await;
    assert_eq!(admin.get(&format!("/approvals/{id}")).await.status, 404);
    let analyst = team.browser("analyst").await;
    let page = analyst.get(&format!("/approvals/{id}")).await;
    for part in ["<h3><bdi>firstName</bdi></h3>", "&lt;b&gt;Eve&lt;/b&gt;⟦U+202E⟧"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("<b>Eve") && !page.text.contains('\u{202e}'), "{}", page.text);
    let without = analyst.decide(&id, "reject", "  ").await;
    assert!(without.status == 400 && without.text.contains("Say why"), "{}", without.text);
    let decided = analyst.decide(&id, "reject", "No ticket <i>here</i>").await;
    assert_eq!(decided.status, 303);
    let rejected = team.call("support", "clerk_update_user", call).await;
    assert_eq!(rejected["error"]["code"], "approval_rejected", "{rejected}");
    let message = rejected["error"]["message"].as_str().unwrap();
    assert!(message.contains("No ticket") && message.contains("user_analyst"), "{message}");
    let page = analyst.get(&format!("/approvals/{id}")).await;
    let token = token(&page);
    let path = format!("/approvals/{id}/approve");
    let late = analyst.form(&path, &token, Some(ORIGIN), "").await;
    assert!(late.status == 409 && late.text.contains("rejected already"), "{}", late.text);
}

#[tokio::test]
async fn who_may_not_do_the_steps_of_a_bulk_call_cannot_approve_it() {
    let team = Team::start().await;
    let (analyst, lead) = (team.browser("analyst").await, team.browser("lead").await);
    let decide = async |id: &str| {
        let refused = analyst.decide(id, "approve", "").await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        assert_eq!(lead.decide(id, "approve", "").await.status, 303);
        team.call("support", "clerk_run_approved", json!({ "approvalId": id })).await
    };
    let ban = json!({ "action": "ban", "userIds": [team.user().await], "dryRun": false });
    let banned = decide(&team.ask("support", "clerk_bulk_update", ban).await).await;
    assert_eq!(banned["done"], 1, "{banned}");
    let undo = json!({ "changeIds": banned["changeId"], "dryRun": false });
    let undone = decide(&team.ask("support", "clerk_undo_changes", undo).await).await;
    assert_eq!(undone["done"], 1, "{undone}");
}

#[tokio::test]
async fn who_asked_sees_the_call_and_cannot_approve_it() {
    let team = Team::start().await;
    let call = json!({ "userId": team.user().await });
    let id = team.ask("admin", "clerk_delete_user", call).await;
    let admin = team.browser("admin").await;
    let page = admin.get(&format!("/approvals/{id}")).await;
    assert!(page.text.contains("somebody else must decide"), "{}", page.text);
    let path = format!("/approvals/{id}/approve");
    let own = admin.form(&path, &token(&page), Some(ORIGIN), "").await;
    assert!(own.status == 403 && own.text.contains("somebody else must decide"), "{}", own.text);
    let support = team.browser("support").await;
    let list = support.get("/approvals").await;
    assert!(!list.text.contains(&id), "{}", list.text);
    let other = support.form(&path, &token(&list), Some(ORIGIN), "").await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn a_form_is_taken_only_from_the_page_of_the_session() {
    let team = Team::start().await;
    let id = team.ask("support", "clerk_delete_user", json!({ "userId": team.user().await })).await;
    let admin = team.browser("admin").await;
    let token = token(&admin.get(&format!("/approvals/{id}")).await);
    let another = team.browser("admin").await;
    let path = format!("/approvals/{id}/approve");
    let cases = [
        (&token[..], None),
        (&token, Some("null")),
        (&token, Some("http://localhost:7332")),
        (&token, Some("https://localhost:7331")),
        (&token, Some("https://evil.example")),
        ("", Some(ORIGIN)),
        ("x", Some(ORIGIN)),
    ];
    for (token, origin) in cases {
        let refused = admin.form(&path, token, origin, "").await;
        assert_eq!(refused.status, 403, "{token} {origin:?}");
    }
    assert_eq!(another.form(&path, &token, Some(ORIGIN), "").await.status, 403);
    assert_eq!(Browser::new(&team).form(&path, &token, Some(ORIGIN), "").await.status, 401);
    let page = admin.get(&format!("/approvals/{id}")).await;
    assert!(page.text.contains("<textarea"), "nothing was decided: {}", page.text);
    let out = admin.form("/approvals/sign-out", &token, Some(ORIGIN), "").await;
    assert_eq!(out.status, 303);
    assert_eq!(admin.get("/approvals").await.status, 401);
}

#[tokio::test]
async fn every_page_is_framed_cached_and_scripted_nowhere() {
    let team = Team::start().await;
    let admin = team.browser("admin").await;
    let pages = [
        Browser::new(&team).get("/approvals").await,
        Browser::new(&team).get("/approvals/apv_1").await,
        Browser::new(&team).get("/approvals/sign-in").await,
        Browser::new(&team).get("/approvals/callback?code=a&state=b").await,
        admin.get("/approvals").await,
        admin.get("/approvals/apv_1").await,
        admin.form("/approvals/apv_1/approve", "", None, "").await,
    ];
    let statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    assert_eq!(statuses, [401, 401, 303, 403, 200, 404, 403]);
    for page in &pages {
        let csp = &page.headers["content-security-policy"];
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(csp.contains(part), "{csp}");
        }
        assert!(!csp.contains("unsafe") && !csp.contains("script"), "{csp}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert!(!page.text.contains("<script") && !page.text.contains(" style="), "{}", page.text);
    }
    // Tokens of MCP open no page, and sessions of the page no MCP.
    let bearer = team.issuer.token(person("admin"));
    let request = team.http.client.get(format!("{}/approvals", team.http.url)).bearer_auth(bearer);
    assert_eq!(request.send().await.unwrap().status(), 401);
    let cookie = format!("clerk-mcp-session={}", admin.cookies.borrow()["clerk-mcp-session"]);
    let request = team.http.stateless("tools/list", json!({})).header("cookie", cookie);
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_sign_in_that_is_not_this_browsers_or_not_valid_is_refused() {
    let team = Team::start().await;
    team.issuer.signs_in(person("admin"));
    // A code that another browser got: it has no attempt of its own, or another one.
    let (own, other) = (Browser::new(&team), Browser::new(&team));
    let to = own.get("/approvals/sign-in").await.headers["location"].clone();
    other.get("/approvals/sign-in").await;
    let back = own.client.get(&to).send().await.unwrap().headers()["location"].clone();
    let back = back.to_str().unwrap().strip_prefix(ORIGIN).unwrap();
    for browser in [&Browser::new(&team), &other] {
        let refused = browser.get(back).await;
        assert!(
            refused.status == 403 && refused.text.contains("another browser"),
            "{}",
            refused.text
        );
    }
    assert_eq!(own.get(back).await.status, 303);
    assert_eq!(own.get(back).await.status, 403, "a code is used once");

    let refused = async |claims: Value| {
        team.issuer.signs_in(claims);
        Browser::new(&team).follow("/approvals/sign-in").await
    };
    let with = |name: &str, value: Value| {
        let mut claims = person("admin");
        claims[name] = value;
        claims
    };
    for (claims, reason) in [
        (with("nonce", json!("x")), "for another sign-in"),
        (with("nonce", json!(null)), "the token has no nonce"),
        (with("aud", json!("client_other")), "for another server"),
        (with("aud", json!([CLIENT, "client_other"])), "has no azp"),
        (with("azp", json!("client_other")), "for another server"),
        (with("iss", json!("https://evil.example")), "from another issuer"),
        (with("exp", json!(1)), "has expired"),
        (with("sub", json!(null)), "has no sub"),
        (with("org_id", json!("org_2")), "not allowed"),
    ] {
        let page = refused(claims).await;
        assert!(page.status == 403 && page.text.contains(reason), "{reason}: {}", page.text);
    }
    // The access token counts if it is for the server, and must be the same person's.
    team.issuer.gives_access(Some(person("support")));
    let page = refused(person("admin")).await;
    assert!(page.text.contains("for two people"), "{}", page.text);
    let mut lead = person("admin");
    lead["roles"] = json!(["lead"]);
    team.issuer.gives_access(Some(lead));
    assert_eq!(refused(person("admin")).await.status, 200);
}

#[tokio::test]
async fn the_sign_in_asks_for_the_scopes_with_which_somebody_may_approve() {
    let team = Team::start().await;
    let page = Browser::new(&team).get("/approvals/sign-in").await;
    let url = reqwest::Url::parse(&page.headers["location"]).unwrap();
    let scope = url.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    for wanted in ["openid", "approve", "locks"] {
        assert!(scope.split(' ').any(|asked| asked == wanted), "{wanted}: {scope}");
    }
}

#[tokio::test]
async fn a_call_that_was_approved_needs_no_scope_of_the_tool_that_makes_it() {
    let team = Team::start().await;
    let user = team.user().await;
    let id = team.ask("support", "clerk_delete_user", json!({ "userId": user })).await;
    let request = team.http.call("clerk_run_approved", json!({ "approvalId": id }));
    let answer = request.bearer_auth(team.issuer.token(person("support"))).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = message(answer).await["result"]["content"][0]["text"].to_string();
    assert!(text.contains("needs_second_person"), "{text}");
}
