//! What the server is and may do. <https://clerk.com/docs/reference/backend-api/tag/instance-settings>

use clerk_api::{Decoded, Route, SecretKey};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::{
    Error,
    ctx::Ctx,
    events::Events,
    operation::{Entry, Form, Operation, entry},
};

pub(crate) const NAME: &str = Whoami::NAME;
pub(super) static OPERATIONS: [Entry; 1] = [entry::<Whoami>()];

/// Tell which Clerk instance this is and what this server may do there: test or live, whether the
/// key works, which tools are off and what turns them on, how many requests are left.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct Whoami {}

/// `GET /instance`
#[derive(Debug, Deserialize)]
struct Instance {
    id: String,
    environment_type: Option<String>,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Itself {
    instance_id: Option<String>,
    // live or test, by the key; none without one.
    instance_kind: String,
    environment_type: Option<String>,
    // Why Clerk can't be used now.
    problem: Option<String>,
    api_version: String,
    rate_limit: String,
    // That could be sent at once.
    requests_left: Option<u32>,
    #[serde(flatten)]
    #[schemars(with = "About")]
    about: Option<Value>,
}

/// What the guard is set to.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    // Of destructive calls.
    pub(crate) confirmation: &'static str,
    // Destructive calls left this hour, where they are limited.
    pub(crate) destructive_left: Option<u32>,
    pub(crate) policy: bool,
    pub(crate) audit: bool,
    // Received by webhooks, where any are.
    pub(crate) events: Option<EventsKept>,
    pub(crate) off: Vec<ToolsOff>,
}

/// What became of the deliveries to this process, and where events are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventsKept {
    place: String,
    received: u64,
    refused: u64,
}

impl EventsKept {
    pub(crate) fn of(events: &Events) -> Self {
        let (received, refused) = events.counts();
        Self { place: events.place(), received, refused }
    }
}

/// Tools that are off for one reason.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ToolsOff {
    pub(crate) why: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tools: Vec<&'static str>,
    // Whole ones, in place of their tools.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) toolsets: Vec<&'static str>,
}

impl Operation for Whoami {
    const NAME: &'static str = "clerk_whoami";
    const TITLE: &'static str = "Who am I";
    const ROUTE: Route = Route::get("/instance");
    const FORM: Form = Form::Report;
    type Output = Itself;

    /// It answers where Clerk does not, too: then it says why.
    async fn call(self, clerk: Ctx) -> Result<Decoded<Itself>, Error> {
        let answer = clerk.send(self.request()?).await.and_then(|it| Ok(it.read::<Instance>()?));
        let (instance, problem) = match answer {
            Ok(answer) => (Some(answer.value), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let config = clerk.config();
        let value = Itself {
            instance_kind: clerk.key().map_or("none", SecretKey::kind).to_owned(),
            environment_type: instance.as_ref().and_then(|it| it.environment_type.clone()),
            instance_id: instance.map(|it| it.id),
            problem,
            api_version: config.api_version.clone(),
            rate_limit: match config.rate_limit.of_instance(clerk.is_live()) {
                Some(count) => format!("{count} requests in 10 s"),
                None => "none".to_owned(),
            },
            requests_left: clerk.last_response().requests_left,
            about: None,
        };
        Ok(Decoded { value, notes: Vec::new() })
    }
}

/// Adds what only the server knows.
pub(crate) fn complete(output: &mut Value, about: &About) {
    if let (Value::Object(output), Ok(Value::Object(about))) = (output, serde_json::to_value(about))
    {
        output.extend(about);
    }
}
