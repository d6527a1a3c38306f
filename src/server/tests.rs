use clerk_api::{ClientConfig, Decoded, RateLimit, Route};
use rmcp::{
    ServiceExt,
    model::{CallToolRequestParams, ErrorCode},
    schemars::{self, JsonSchema},
};
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    Settings,
    operation::{Operation, entry},
};

/// Fail in the way that the argument names.
#[derive(Deserialize, Serialize, JsonSchema)]
struct Fail {
    how: String,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Nothing {}

impl Operation for Fail {
    const NAME: &'static str = "fail";
    const TITLE: &'static str = "Fail";
    const ROUTE: Route = Route::get("/");
    type Output = Nothing;

    async fn call(self, _: Ctx) -> Result<Decoded<Nothing>, Error> {
        match self.how.as_str() {
            "panic" => panic!("on purpose"),
            "hang" => std::future::pending().await,
            _ => Ok(Decoded { value: Nothing {}, notes: vec!["A.".to_owned(), "B.".to_owned()] }),
        }
    }
}

static FAIL: Entry = entry::<Fail>();
static TOOLSET: Toolset =
    Toolset { name: "t", about: "", find: "", on: operations::On::Default, operations: &[] };

fn server() -> Server {
    let settings = Settings {
        api: ClientConfig {
            rate_limit: RateLimit::Off,
            ..ClientConfig::new("http://127.0.0.1:1".parse().unwrap(), "test")
        },
        upload_folder: None,
        key: SecretKey::parse("sk_test_x").map_err(Into::into),
    };
    Server::with_catalog(Clerk::new(settings), Guard::default(), vec![(&TOOLSET, &FAIL)])
}

#[tokio::test]
async fn a_panic_answers_its_call_and_harms_no_other() {
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    tokio::spawn(async move { server().serve(ours).await.unwrap().waiting().await });
    let client = ().serve(theirs).await.unwrap();
    let call = async |how: &str| {
        let arguments = json!({ "how": how }).as_object().cloned().unwrap_or_default();
        let call = CallToolRequestParams::new("fail").with_arguments(arguments);
        client.call_tool(call).await.unwrap()
    };
    let (panicked, fine) = tokio::join!(call("panic"), call("not"));
    let text = &panicked.content[0].as_text().unwrap().text;
    assert!(panicked.is_error == Some(true) && text.contains("internal_error"), "{text}");
    let output = json!({ "success": true, "note": "A. B." });
    assert_eq!(fine.structured_content, Some(output.clone()));
    assert_eq!(call("not").await.structured_content, Some(output));
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_under_way() {
    let server = server();
    let arguments = json!({ "how": "hang" }).as_object().cloned().unwrap_or_default();
    let stopping = async { server.stop() };
    let (result, ()) = tokio::join!(server.call("fail", arguments, Caller::default()), stopping);
    let Ok(CallToolResponse::Complete(result)) = result else { panic!("{result:?}") };
    assert!(result.content[0].as_text().unwrap().text.contains("server_stopped"));
}

#[tokio::test]
async fn a_tool_that_does_not_exist_is_a_protocol_error_with_the_nearest_name() {
    let error = server().call("fails", JsonObject::new(), Caller::default()).await.unwrap_err();
    assert_eq!(error.message, "unknown tool `fails`; did you mean `fail`?");
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
}
