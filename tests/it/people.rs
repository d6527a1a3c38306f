//! The sandbox with any number of users, and all of them as Clerk has them.

use std::sync::LazyLock;

use clerk_sandbox::{KEY, Options, Sandbox};
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;

/// One for all tests, as making one takes long. Each test has a runtime of its own, so that no
/// connection outlives its request.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
});

/// The sandbox with so many users, and its address.
pub(crate) async fn sandbox(users: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Sandbox::new(Options { users, ..Options::default() }).router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// All users of the sandbox, as Clerk has them.
pub(crate) async fn all_users(url: &str) -> Vec<Value> {
    let mut users = Vec::new();
    loop {
        let page = get(url, &format!("/users?limit=500&offset={}", users.len())).await;
        let page = page.as_array().unwrap();
        users.extend(page.iter().cloned());
        if page.len() < 500 {
            return users;
        }
    }
}

/// What the sandbox answers to a GET.
pub(crate) async fn get(url: &str, path: &str) -> Value {
    let request = CLIENT.get(format!("{url}/v1{path}"));
    let answer = request.header("authorization", format!("Bearer {KEY}")).send().await.unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// What the sandbox answers to a request that it takes, such as `POST /v1/users`.
pub(crate) async fn send(url: &str, request: &str, body: &Value) -> Value {
    let (method, path) = request.split_once(' ').unwrap();
    let sending = CLIENT.request(method.parse().unwrap(), format!("{url}{path}"));
    let sending = sending.header("content-type", "application/json").body(body.to_string());
    let answer = sending.header("authorization", format!("Bearer {KEY}")).send().await.unwrap();
    let status = answer.status();
    let bytes = answer.bytes().await.unwrap();
    assert!(status.is_success(), "{request} {body}: {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or_default()
}
