//! What an OpenTelemetry collector gets.

use serde_json::{Value, json};

use crate::{
    http::client::{Http, message},
    support::{Script, Upstream},
};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The collector, and the server that sends to it, whose Clerk has no user `user_none`.
async fn start() -> (Upstream, Upstream, Http) {
    let collector = Upstream::always(Script::json(200, &json!({}))).await;
    let clerk = Upstream::start(|seen, _| match seen.path.as_str() {
        "/users/user_none" => Script::refusal(404, "", "resource_not_found"),
        _ => Script::json(200, &json!({ "id": "user_1", "first_name": "Ada Lovelace" })),
    })
    .await;
    let variables = [("CLERK_API_URL", &*clerk.url)];
    let http = Http::start(&["--otlp-endpoint", &collector.url], &variables).await;
    (collector, clerk, http)
}

async fn get(http: &Http, user: &str, traceparent: &str) {
    let meta = json!({ "traceparent": traceparent });
    let arguments = json!({ "userId": user });
    let params = json!({ "name": "clerk_get_user", "arguments": arguments, "_meta": meta });
    message(http.stateless("tools/call", params).send().await.unwrap()).await;
}

/// The bodies that were sent to a path.
fn sent(collector: &Upstream, path: &str) -> Vec<Value> {
    let seen = collector.seen().into_iter();
    seen.filter(|seen| seen.method == "POST" && seen.path == path)
        .map(|seen| {
            assert!(seen.headers.contains("content-type: application/json"), "{}", seen.headers);
            seen.body.unwrap()
        })
        .collect()
}

fn attribute<'a>(of: &'a Value, name: &str) -> &'a Value {
    let attributes = of["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == name);
    found.map_or(&Value::Null, |found| found["value"].as_object().unwrap().values().next().unwrap())
}

#[tokio::test]
async fn a_call_and_its_requests_are_spans_in_the_trace_of_the_client() {
    let (collector, clerk, http) = start().await;
    get(&http, "user_1", PARENT).await;
    get(&http, "user_none", "").await;
    get(&http, "user_1", &PARENT.replace("-01", "-00")).await;
    assert!(clerk.seen().iter().all(|seen| !seen.headers.contains("traceparent")));
    assert_eq!(http.end().await.1, Some(0));

    let traces = sent(&collector, "/traces");
    let resource = &traces[0]["resourceSpans"][0];
    assert_eq!(attribute(&resource["resource"], "service.name"), "clerk-mcp");
    let spans = traces
        .iter()
        .flat_map(|trace| trace["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap());
    let spans: Vec<&Value> = spans.collect();
    let of = |kind: u64| -> Vec<&Value> {
        spans.iter().copied().filter(|span| span["kind"] == kind).collect()
    };
    let ([done, failed], [sent_done, sent_failed]) = (&of(2)[..], &of(3)[..]) else {
        panic!("the third trace isn't recorded: {spans:#?}")
    };
    assert_eq!(done["name"], "tools/call clerk_get_user");
    assert_eq!(done["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(done["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(done["status"]["code"], 0);
    for (name, value) in [
        ("mcp.method.name", "tools/call"),
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "clerk_get_user"),
        ("network.transport", "tcp"),
    ] {
        assert_eq!(attribute(done, name), value);
    }
    assert_eq!(sent_done["traceId"], done["traceId"]);
    assert_eq!(sent_done["parentSpanId"], done["spanId"]);
    assert_eq!(sent_done["name"], "GET /users/{user_id}");
    assert_eq!(attribute(sent_done, "http.response.status_code"), "200");
    assert_eq!(attribute(sent_done, "url.template"), "/users/{user_id}");

    assert_eq!((&failed["parentSpanId"], &failed["status"]["code"]), (&json!(""), &json!(2)));
    assert_ne!(failed["traceId"], done["traceId"]);
    assert_eq!(attribute(failed, "error.type"), "tool_error");
    assert_eq!(attribute(failed, "clerk_mcp.error.code"), "refused");
    assert_eq!(attribute(sent_failed, "error.type"), "404");
    let took = |span: &Value| {
        let nanos = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        nanos("endTimeUnixNano") - nanos("startTimeUnixNano")
    };
    assert!(took(done) >= took(sent_done) && took(sent_done) > 0);

    let metrics = sent(&collector, "/metrics").pop().unwrap();
    let metrics = &metrics["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
    for (place, name) in
        ["mcp.server.operation.duration", "http.client.request.duration"].iter().enumerate()
    {
        assert_eq!((&metrics[place]["name"], &metrics[place]["unit"]), (&json!(name), &json!("s")));
        let histogram = &metrics[place]["histogram"];
        assert_eq!(histogram["aggregationTemporality"], 2);
        let points = histogram["dataPoints"].as_array().unwrap();
        let count = |point: &Value| point["count"].as_str().unwrap().parse::<u64>().unwrap();
        // What isn't recorded is measured all the same.
        assert_eq!(points.iter().map(count).sum::<u64>(), 3, "{name}");
        for point in points {
            assert_eq!(point["bucketCounts"].as_array().unwrap().len(), 15);
            assert_eq!(point["explicitBounds"].as_array().unwrap().len(), 14);
            assert!(point["sum"].as_f64().unwrap() > 0.0);
        }
    }
    for seen in collector.seen() {
        let text = seen.body.unwrap().to_string();
        for personal in ["user_1", "user_none", "Ada", "sk_test", "resource_not_found"] {
            assert!(!text.contains(personal), "{personal}: {text}");
        }
    }
}

#[tokio::test]
async fn a_collector_that_is_down_disturbs_nothing_and_is_logged_once() {
    let options = ["--sandbox", "--otlp-endpoint", "http://127.0.0.1:1"];
    let http = Http::start(&options, &[]).await;
    let listed = http.call("clerk_list_users", json!({ "limit": 1 })).send().await.unwrap();
    assert_eq!(message(listed).await["result"]["structuredContent"]["totalCount"], 25);
    let (log, code) = http.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(log.matches("collector can't be reached").count(), 1, "{log}");
}
