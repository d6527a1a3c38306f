//! The sandbox, over HTTP. Every response is checked against Clerk's OpenAPI file on receipt.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "helpers fail the test too, and may hold long tables"
)]

mod belongings;
mod billing;
mod changed_roles;
mod connections;
mod consequences;
mod contract;
mod control;
mod created;
mod credentials;
mod docs;
mod faults;
mod filters;
mod fixtures;
mod identifiers;
mod incidents;
mod instance;
mod invited;
mod layers;
mod limits;
mod lists;
mod logs;
mod machines;
mod members;
mod memberships;
mod organizations;
mod people;
mod protocol;
mod random;
mod resources;
mod role_sets;
mod roles;
mod running;
mod seed;
mod sessions;
mod settings;
mod status;
mod tickets;
mod tokens;
mod updated;
mod versions;
mod walks;
mod webhooks;

use std::net::SocketAddr;

use clerk_sandbox::{Options, Sandbox, serve};
use serde_json::{Value, json};
use testing::{Contract, Operation};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::form_urlencoded;

const KEY: &str = "Authorization: Bearer sk_test_tests";

/// The version that the OpenAPI file is of.
const NEWEST: &str = "Clerk-API-Version: 2026-05-12";

/// A running sandbox, and a client for it.
struct Api {
    address: SocketAddr,
}

impl Api {
    /// With the default options.
    async fn start() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sandbox = Sandbox::new(Options { clerk_has, ..options });
        tokio::spawn(async move { serve(listener, &sandbox, std::future::pending()).await });
        Self { address }
    }

    async fn get(&self, path: &str) -> Response {
        self.send("GET", path, None).await
    }

    /// A GET whose query is given as pairs.
    async fn query(&self, path: &str, pairs: &[(&str, &str)]) -> Response {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.get(&format!("{path}?{query}")).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.send_with(method, path, body, &[KEY, NEWEST]).await
    }

    /// A request to the control API, with the usual key.
    async fn control(&self, method: &str, path: &str, body: &Value) -> Response {
        self.control_with(KEY, method, path, body).await
    }

    async fn control_with(&self, key: &str, method: &str, path: &str, body: &Value) -> Response {
        let (text, headers) = match body {
            Value::Null => (String::new(), vec![key]),
            body => (body.to_string(), vec![key, "Content-Type: application/json"]),
        };
        let path = format!("/sandbox{path}");
        Response::parse(self.exchange(method, &path, &text, &headers).await)
    }

    async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[&str],
    ) -> Response {
        let body = body.map(Value::to_string).unwrap_or_default();
        let json = [headers, &["Content-Type: application/json"]].concat();
        let response = self.send_text(method, path, &body, &json).await;
        response.check(method, path);
        response
    }

    /// A request whose response is not checked.
    async fn raw(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let text = body.map(Value::to_string).unwrap_or_default();
        let kind = "Content-Type: application/json";
        let headers: &[&str] = if body.is_some() { &[KEY, NEWEST, kind] } else { &[KEY, NEWEST] };
        self.send_text(method, path, &text, headers).await
    }

    /// Sends any body, with just these headers.
    async fn send_text(&self, method: &str, path: &str, body: &str, headers: &[&str]) -> Response {
        let path = format!("/v1{path}");
        Response::parse(self.exchange(method, &path, body, headers).await)
    }

    /// Everything received on a new connection, to its end.
    async fn exchange(&self, method: &str, path: &str, body: &str, headers: &[&str]) -> Vec<u8> {
        let head = headers.join("\r\n");
        let (length, host) = (body.len(), self.address);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{head}\r\n\r\n{body}"
        );
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        // A body that is too long is refused, and the connection closed, before it is all sent.
        let _ = connection.write_all(request.as_bytes()).await;
        let mut response = Vec::new();
        let _ = connection.read_to_end(&mut response).await;
        response
    }
}

/// Stands for an operation that Clerk has and the sandbox lacks, should there be one.
fn clerk_has(method: &str, path: &str) -> bool {
    (method, path) == ("GET", "/things_to_come")
}

#[derive(Debug)]
struct Response {
    status: u16,
    head: String,
    text: String,
}

impl Response {
    fn parse(bytes: Vec<u8>) -> Self {
        let response = String::from_utf8(bytes).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").expect("a whole head");
        Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            text: body.to_owned(),
        }
    }

    /// Checks the response against the OpenAPI file.
    fn check(&self, method: &str, path: &str) {
        let path = path.split('?').next().unwrap();
        if [202, 204].contains(&self.status) && self.text.is_empty() {
            let operation = operation_of(method, path).expect("an operation");
            assert!(operation.response(self.status).expect("a response").content.is_empty());
            return;
        }
        assert!(
            self.head.contains("content-type: application/json\r\n"),
            "{method} {path}: {}",
            self.head
        );
        let contract = Contract::clerk();
        let (body, operation) = (self.json(), operation_of(method, path));
        let faults = match operation {
            // For some errors the file has a description only.
            Some(operation) if self.status < 400 => operation.validate_response(self.status, &body),
            _ => contract.validate_error(&body),
        };
        assert!(faults.is_empty(), "{method} {path}: {faults:#?}\n{body:#}");
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The body of a success.
    fn ok(self) -> Value {
        self.succeeded(200)
    }

    /// The body of a success with this status.
    fn succeeded(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The ids of a list, bare or paginated.
    fn ids(self) -> Vec<String> {
        let body = self.ok();
        let items = body.as_array().or_else(|| body["data"].as_array());
        let items = items.expect("a list");
        items.iter().map(|item| text(item, "id")).collect()
    }

    /// The status, and each error's code with the parameter it is about.
    fn refusal(self) -> (u16, Vec<String>) {
        assert!(self.status >= 400, "{}", self.text);
        let body = self.json();
        let trace = text(&body, "clerk_trace_id");
        assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let errors = body["errors"].as_array().expect("errors");
        let code = |error: &Value| match error["meta"]["param_name"].as_str() {
            Some(name) => format!("{} {name}", text(error, "code")),
            None => text(error, "code"),
        };
        (self.status, errors.iter().map(code).collect())
    }
}

/// The operation of the contract with this path; a sibling such as `/users/count` comes before
/// `/users/{user_id}`.
fn operation_of(method: &str, path: &str) -> Option<Operation<'static>> {
    let all = Contract::clerk().operations().into_iter();
    let fitting = all.filter(|one| one.method == method && fits(path, one.path));
    fitting.min_by_key(|one| one.path.matches('{').count())
}

/// Whether a path is one of the template's.
fn fits(path: &str, template: &str) -> bool {
    let (path, template) = (path.split('/'), template.split('/'));
    path.clone().count() == template.clone().count()
        && path.zip(template).all(|(path, template)| path == template || template.starts_with('{'))
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value:#}")).to_owned()
}

fn number(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("no number {field} in {value:#}"))
}

/// A user with all fields, and another user.
async fn two_users(api: &Api) -> (Value, Value) {
    let user = json!({
        "external_id": "ext_1",
        "username": "some_body",
        "first_name": "Some",
        "last_name": "Body",
        "email_address": ["One@Test.example", "two@test.example"],
        "email_address_identification_status": ["verified", "reserved"],
        "phone_number": ["+12015550100"],
        "web3_wallet": ["0x01"],
        "password": "long enough",
        "public_metadata": { "plan": "pro", "flags": { "a": 1, "b": 2 } },
    });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    let other = json!({ "username": "other_one", "email_address": ["other@test.example"] });
    (user, api.send("POST", "/users", Some(&other)).await.ok())
}

/// A sandbox with only those two users.
async fn start() -> (Api, Value, Value) {
    let api = Api::with(Options { users: 0, ..Options::default() }).await;
    let (user, other) = two_users(&api).await;
    (api, user, other)
}

fn path_of(user: &Value) -> String {
    format!("/users/{}", text(user, "id"))
}
