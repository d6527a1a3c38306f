//! Whatever an agent gives a tool: no panic, no request that the arguments don't allow.

use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, catalog,
    guard::{Confirm, Guard, HourlyEach, Selection},
    mcp,
    tool::CallMeta,
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::{
    samples::{Case, cases},
    support::{self, Script, Upstream},
};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[a-z0-9_./%?#-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Values that an argument with this schema may well take.
fn likely_value(name: &str, schema: &Value) -> BoxedStrategy<Value> {
    // Most values of these fit no other argument.
    match name {
        "fields" => return Just(json!(["id"])).boxed(),
        "maxTokens" => return (200..5_000).prop_map(Value::from).boxed(),
        "all" => return Just(json!(false)).boxed(),
        "role" => return Just(json!("org:member")).boxed(),
        "emailAddress" => return Just(json!("ada@example.com")).boxed(),
        "phoneNumber" => return Just(json!("+15550100")).boxed(),
        "clear" => return Just(json!("")).boxed(),
        "maxRows" => return Just(json!(null)).boxed(),
        _ => {}
    }
    let choices = schema["enum"].as_array().cloned();
    match (choices, schema["type"].as_str().unwrap()) {
        (Some(choices), _) => prop::sample::select(choices).boxed(),
        (None, "integer") => (1..500).prop_map(Value::from).boxed(),
        (None, "boolean") => any::<bool>().prop_map(Value::from).boxed(),
        (None, "object") => Just(json!({ "a": 1 })).boxed(),
        _ => prop_oneof!["[a-z0-9_-]{8,40}", Just("created_at".to_owned())]
            .prop_map(Value::from)
            .boxed(),
    }
}

/// For each of a tool's arguments a value or none.
fn any_arguments(schema: &Value) -> impl Strategy<Value = Value> {
    let properties = schema["properties"].as_object().unwrap();
    let names: Vec<String> = properties.keys().cloned().collect();
    let values: Vec<_> = properties
        .iter()
        .map(|(name, schema)| {
            let likely = likely_value(name, schema);
            prop::option::of(prop_oneof![8 => likely, 1 => any_value()])
        })
        .collect();
    values.prop_map(move |values| {
        let given = names.iter().cloned().zip(values);
        Value::Object(given.filter_map(|(name, value)| Some((name, value?))).collect())
    })
}

#[test]
fn no_arguments_panic_and_no_id_leads_elsewhere() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refusing = Script::refusal(400, "", "no");
    let upstream = runtime.block_on(Upstream::always(refusing));
    let clerk = Clerk::new(support::settings(&upstream.url));
    let server = Server::new(ServerOptions::new(clerk, Guard::default()));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(150));
    // clerk_whoami takes no arguments, and answers whatever Clerk says.
    for (_, entry) in catalog::all().filter(|(_, tool)| tool.name != "clerk_whoami") {
        let tool = mcp::listed(entry, CallMeta::default());
        let schema = Value::Object((*tool.input_schema).clone());
        let outcome = runner.run(&any_arguments(&schema), |arguments| {
            let call = server.call(entry.name, support::object(&arguments), Caller::default());
            let response = runtime.block_on(call).unwrap();
            let Outcome::Failed(report) = response else { panic!("{response:?}") };
            let text = report.to_string();
            let arguments_or_clerk = ["\"invalid_arguments\"", "\"code\":\"no\""];
            prop_assert!(arguments_or_clerk.iter().any(|part| text.contains(part)), "{}", text);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", entry.name));
    }
    let seen = upstream.seen();
    assert!(seen.len() > 50, "only {} calls reached the upstream", seen.len());
    for seen in seen {
        let path = seen.path.split('?').next().unwrap();
        let fits = |template: &str| {
            let (path, template): (Vec<_>, Vec<_>) =
                (path.split('/').collect(), template.split('/').collect());
            path.len() == template.len()
                && path
                    .iter()
                    .zip(&template)
                    .all(|(it, other)| it == other || other.starts_with('{'))
        };
        let further = ["/users", "/users/count", "/users/{user_id}", "/users/{user_id}/metadata"];
        let mut templates =
            catalog::all().filter_map(|(_, tool)| Some(tool.route()?.path)).chain(further);
        assert!(templates.any(fits), "{}", seen.path);
    }
}

/// What a tool sends for the arguments that the file requires, with these beside them.
async fn sent_with(server: &Server, upstream: &Upstream, case: &Case, more: &Value) -> Sent {
    let mut arguments = case.arguments(false);
    let given = arguments.as_object_mut().unwrap();
    let schema = Value::Object(case.tool.input_schema(CallMeta::default()));
    for name in schema["properties"].as_object().unwrap().keys() {
        if !given.contains_key(name) {
            given.insert(name.clone(), more.clone());
        }
    }
    sent(server, upstream, case.tool.name, &arguments).await
}

async fn sent(server: &Server, upstream: &Upstream, tool: &str, arguments: &Value) -> Sent {
    let before = upstream.seen().len();
    let call = server.call(tool, support::object(arguments), Caller::default());
    let code = match call.await.unwrap() {
        Outcome::Failed(report) => report["error"]["code"].as_str().unwrap().to_owned(),
        outcome => panic!("{tool}: {outcome:?}"),
    };
    let seen = upstream.seen().into_iter().skip(before);
    (code, seen.map(|seen| (seen.method, seen.path, seen.body)).collect())
}

type Sent = (String, Vec<(String, String, Option<Value>)>);

#[tokio::test]
async fn null_for_each_optional_argument_sends_what_leaving_them_out_sends() {
    let upstream = Upstream::always(Script::refusal(400, "", "no")).await;
    let clerk = Clerk::new(support::settings(&upstream.url));
    let selection = Selection {
        toolsets: vec!["all".to_owned()],
        tools: catalog::all().map(|(_, tool)| tool.name.to_owned()).collect(),
        ..Selection::default()
    };
    // Checks of secrets count, and there are many.
    let max_destructive = Some(HourlyEach::new(1_000));
    let guard = Guard { confirm: Confirm::Never, selection, max_destructive, ..Guard::default() };
    let server = Server::new(ServerOptions::new(clerk, guard));
    let (mut requests, mut reads) = (0, 0);
    for case in cases() {
        let tool = case.tool;
        let without = sent(&server, &upstream, tool.name, &case.arguments(false)).await;
        let nulls = sent_with(&server, &upstream, &case, &Value::Null).await;
        assert_eq!(nulls, without, "{}", tool.name);
        requests += nulls.1.len();
        let blank = sent_with(&server, &upstream, &case, &json!("")).await;
        if tool.effect.is_read() {
            assert_eq!(blank, without, "{}", tool.name);
            reads += 1;
        } else if blank.1 != without.1 {
            assert_eq!(blank, ("invalid_arguments".to_owned(), Vec::new()), "{}", tool.name);
        }
    }
    assert!(requests > 200 && reads > 70, "{requests} requests, {reads} reads");
}
