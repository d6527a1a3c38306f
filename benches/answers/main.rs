//! What a model has to read, in tokens of o200k, beside the naive shapes of the same data. Prints
//! the table of it in docs/benchmarks.md; `cargo bench --bench answers -- --write` puts it there.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::{fmt::Write, fs, time::Instant};

use clerk_api::{ClientConfig, RateLimit, SecretKey};
use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, Settings,
    ctx::{NoKey, USER_AGENT},
    guard::Guard,
};
use clerk_sandbox::{Options, Sandbox};
use reqwest::Url;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md");
const BEGIN: &str = "<!-- answers: written by `just figures` -->\n";
const END: &str = "<!-- end of answers -->\n";

/// A sandbox with so many users, and a server in front of it.
struct Instance {
    url: String,
    server: Server,
}

impl Instance {
    async fn start(users: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = Sandbox::new(Options { users, ..Options::default() });
        tokio::spawn(async move {
            clerk_sandbox::serve(listener, &sandbox, std::future::pending()).await
        });
        let settings = Settings {
            api: ClientConfig {
                rate_limit: RateLimit::Off,
                ..ClientConfig::new(Url::parse(&url).unwrap(), USER_AGENT)
            },
            key: SecretKey::parse(clerk_sandbox::KEY).map_err(|_| NoKey),
            profile: None,
            other_secrets: Vec::new(),
            upload_folder: None,
        };
        let options = ServerOptions::new(Clerk::new(settings), Guard::default());
        let server = Server::new(ServerOptions { max_answer_tokens: 1_000_000, ..options });
        Self { url, server }
    }

    /// The answer of a tool.
    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let Value::Object(arguments) = arguments else { panic!("no arguments") };
        match self.server.call(tool, arguments, Caller::default()).await.unwrap() {
            Outcome::Done(result) => result,
            outcome => panic!("{tool}: {outcome:?}"),
        }
    }

    /// What Clerk answers, as it stands.
    async fn raw(&self, path: &str) -> Value {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.get(format!("{}/v1{path}", self.url));
        let answer = request.bearer_auth(clerk_sandbox::KEY).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

fn cost(value: &Value) -> usize {
    tokens(&value.to_string())
}

/// An object as Clerk's JavaScript SDK gives it to `JSON.stringify(it, null, 2)`: in camelCase, and
/// as it came once more in `_raw`.
fn of_sdk(raw: &Value) -> Value {
    let mut object = camel(raw);
    object.as_object_mut().unwrap().insert("_raw".to_owned(), raw.clone());
    object
}

fn camel(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(camel).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let mut words = name.split('_');
                let mut camel_name = words.next().unwrap().to_owned();
                for word in words {
                    let (first, rest) = word.split_at(usize::from(!word.is_empty()));
                    camel_name += &(first.to_uppercase() + rest);
                }
                (camel_name, camel(value))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        value => value.clone(),
    }
}

fn row(page: &mut String, what: &str, calls: u32, tokens: usize, naive: usize) {
    let share = (tokens * 1000).div_ceil(naive);
    writeln!(
        page,
        "| {what} | {calls} | {} | {}.{} % |",
        thousands(tokens),
        share / 10,
        share % 10
    )
    .unwrap();
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn head(page: &mut String, title: &str) {
    writeln!(page, "\n| {title} | calls | tokens | of raw |\n|---|---|---|---|").unwrap();
}

async fn a_hundred_users(page: &mut String) {
    let instance = Instance::start(100).await;
    let raw = instance.raw("/users?limit=100").await;
    let sdk: Vec<Value> = raw.as_array().unwrap().iter().map(of_sdk).collect();
    let naive = cost(&raw);
    head(page, "100 users");
    row(page, "an SDK's objects, indented", 1, tokens(&format!("{:#}", json!(sdk))), naive);
    row(page, "Clerk's response, raw", 1, naive, naive);
    for detail in ["full", "standard", "concise"] {
        let arguments = json!({ "limit": 100, "detail": detail });
        let answer = instance.call("clerk_list_users", arguments).await;
        row(page, &format!("`clerk_list_users`, {detail}"), 1, cost(&answer), naive);
    }
    let arguments = json!({ "limit": 100, "fields": ["id", "primaryEmailAddress"] });
    let answer = instance.call("clerk_list_users", arguments).await;
    row(page, "… `fields: [id, primaryEmailAddress]`", 1, cost(&answer), naive);
    let answer = instance.call("clerk_count_users", json!({})).await;
    row(page, "`clerk_count_users`", 1, cost(&answer), naive);
}

async fn questions(page: &mut String) {
    let instance = Instance::start(1_000).await;
    let mut naive = 0;
    for offset in [0, 500] {
        naive += cost(&instance.raw(&format!("/users?limit=500&offset={offset}")).await);
    }
    head(page, "who of 1,000 users has no second factor, by domain");
    row(page, "raw pages of 500, counted by the model", 2, naive, naive);
    let arguments = json!({ "twoFactorEnabled": false, "groupBy": "domain" });
    let answer = instance.call("clerk_find_users", arguments).await;
    row(page, "`clerk_find_users`, grouped", 1, cost(&answer), naive);

    let users = instance.call("clerk_list_users", json!({ "limit": 1, "fields": "id" })).await;
    let id = users["users"][0]["id"].as_str().unwrap();
    let mut naive = 0;
    let paths = [
        format!("/users/{id}"),
        format!("/users/{id}/organization_memberships"),
        format!("/sessions?user_id={id}&limit=100"),
    ];
    for path in &paths {
        naive += cost(&instance.raw(path).await);
    }
    head(page, "what is the matter with this user");
    row(page, "user, memberships and sessions, raw", 3, naive, naive);
    let answer = instance.call("clerk_investigate_user", json!({ "userId": id })).await;
    row(page, "`clerk_investigate_user`", 1, cost(&answer), naive);
}

async fn a_scan(page: &mut String) {
    let instance = Instance::start(100_000).await;
    let began = Instant::now();
    let answer = instance.call("clerk_find_users", json!({ "groupBy": "twoFactorEnabled" })).await;
    let took = began.elapsed().as_secs_f64();
    assert_eq!(answer["scanned"], 100_000);
    writeln!(
        page,
        "\nA scan of 100,000 users of the sandbox takes {took:.1} s and {} tokens.",
        cost(&answer)
    )
    .unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut page = String::new();
    a_hundred_users(&mut page).await;
    questions(&mut page).await;
    a_scan(&mut page).await;
    println!("{page}");
    if std::env::args().any(|arg| arg == "--write") {
        let text = fs::read_to_string(PAGE).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        fs::write(PAGE, format!("{before}{BEGIN}{page}\n{END}{after}")).unwrap();
    }
}
