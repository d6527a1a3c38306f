//! What keeps agents from doing harm, and what is kept from them: driven as a client and a person
//! would, against the sandbox or a scripted upstream in Clerk's place.

mod audit;
mod bulk;
mod changes;
mod confirm;
mod echo;
mod http;
mod identify;
mod limits;
mod live;
mod plan;
mod policy;
mod redaction;
mod rounds;
mod second_person;
mod subjects;
mod text;
mod wide;
pub(crate) mod wire;

use std::sync::{Arc, Mutex};

use axum::{
    extract::Request,
    http::{HeaderValue, header::AUTHORIZATION},
    middleware::{self, Next},
};
use clerk_mcp::{
    Clerk, Server, ServerOptions, Settings,
    guard::{Confirm, Guard, Selection},
};
use clerk_sandbox::{Options, Sandbox};
use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
        Implementation, ProtocolVersion,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{self, Client};

/// The key of a production instance; whatever begins with `sk_live_` is one.
const LIVE: &str = "sk_live_TestOnlyKeyThatMustNotLeak";
const TEST: &str = "sk_test_TestOnlyKeyThatMustNotLeak";
/// The key with which the tests themselves look and change.
const WITNESS: &str = "sk_test_Witness";

/// Sabine Müller, the only admin of Northwind Robotics, with one active session.
const SABINE: &str = "user_2iZL4AiYBf2Chq6SQe0s4mdp6A3";
const NORTHWIND: &str = "org_2GwjAG5k2SJHTmwXMrlgJWmxOnG";
/// A plain member of two organizations, with three active sessions.
const MEMBER: &str = "user_2wv0lKDJA1GZigipmv15faFHFqd";
/// In no organization.
const LONER: &str = "user_2fagFg0Wf3fcmj7369PBtuv8SFu";

/// A request that the instance got, and how it was answered.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    path: String,
    key: String,
    status: u16,
}

/// The sandbox, which takes any key here and remembers what it was asked.
struct Instance {
    url: String,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Instance {
    async fn start() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let remembered = sent.clone();
        let remember = move |mut request: Request, next: Next| {
            let remembered = remembered.clone();
            async move {
                let (method, path) = (request.method().to_string(), request.uri().path().into());
                let key =
                    request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
                let key = key.unwrap_or_default().trim_start_matches("Bearer ").to_owned();
                let accepted = HeaderValue::from_static("Bearer sk_test_sandbox");
                request.headers_mut().insert(AUTHORIZATION, accepted);
                let answer = next.run(request).await;
                let status = answer.status().as_u16();
                remembered.lock().unwrap().push(Sent { method, path, key, status });
                answer
            }
        };
        let router = Sandbox::new(options).router().layer(middleware::from_fn(remember));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, sent }
    }

    /// What it was asked, but by the tests themselves.
    fn sent(&self) -> Vec<Sent> {
        let sent = self.sent.lock().unwrap().clone();
        sent.into_iter().filter(|request| request.key != WITNESS).collect()
    }

    /// The writes among that, such as `DELETE /v1/users/user_1`.
    fn writes(&self) -> Vec<String> {
        let writes = self.sent().into_iter().filter(|request| request.method != "GET");
        writes.map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// A client that nothing is kept from.
    async fn witness(&self) -> Client {
        support::connect(server(&self.url, WITNESS, Guard::default())).await
    }

    async fn user(&self, id: &str) -> Value {
        self.witness().await.call("clerk_get_user", &json!({ "userId": id })).await
    }

    async fn has_user(&self, id: &str) -> bool {
        let arguments = json!({ "userId": id });
        let result = self.witness().await.result("clerk_get_user", &arguments).await;
        match result.is_error {
            Some(true) => {
                assert!(support::text(&result).contains("resource_not_found"));
                false
            }
            _ => true,
        }
    }

    /// Gives a user another first name.
    async fn rename(&self, id: &str) {
        let arguments = json!({ "userId": id, "firstName": "Renamed" });
        self.witness().await.call("clerk_update_user", &arguments).await;
    }
}

fn server(url: &str, key: &str, guard: Guard) -> Server {
    let key = support::key(key);
    assert!(key.is_ok());
    Server::new(ServerOptions::new(Clerk::new(Settings { key, ..support::settings(url) }), guard))
}

/// A guard that lets writes through to production too, confirmed in this way.
fn confirmed(confirm: Confirm) -> Guard {
    let selection = Selection { allow_writes: true, ..Selection::default() };
    Guard { selection, confirm, ..Guard::default() }
}

fn delete(user: &str) -> Value {
    json!({ "userId": user })
}

/// What a person does with a question.
type Answer = dyn Fn() -> Result<ElicitResult, ErrorData> + Send + Sync;

/// A client whose person answers questions, all in the same way.
#[derive(Clone)]
struct Person {
    answer: Arc<Answer>,
    /// A user who is renamed while the person thinks.
    renames: Option<(Arc<Instance>, &'static str)>,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Person {
    fn who(answer: impl Fn() -> Result<ElicitResult, ErrorData> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), renames: None, asked: Arc::default() }
    }

    /// One who ticks the box.
    fn who_agrees() -> Self {
        Self::who(|| Ok(accepting(json!({ "confirm": true }))))
    }

    /// One who makes each call fail that asks.
    fn who_declines() -> Self {
        Self::who(|| Ok(ElicitResult::new(ElicitationAction::Decline)))
    }

    /// The questions so far.
    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

fn accepting(content: Value) -> ElicitResult {
    ElicitResult::new(ElicitationAction::Accept).with_content(content)
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder().enable_elicitation().build();
        ClientConfig::new(capabilities, Implementation::new("tests", "1"))
            .with_protocol_version(ProtocolVersion::V_2025_11_25)
    }

    async fn create_elicitation(
        &self,
        question: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        self.asked.lock().unwrap().push(serde_json::to_value(question).unwrap());
        if let Some((instance, user)) = &self.renames {
            instance.rename(user).await;
        }
        (self.answer)()
    }
}
