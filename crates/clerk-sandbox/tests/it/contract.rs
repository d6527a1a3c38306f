//! Every operation of Clerk's contract is there.

use serde_json::{Map, Value, json};
use testing::{Contract, Operation};

use super::Api;

/// The path of an operation with ids that nobody has.
fn path_of(operation: &Operation<'_>) -> String {
    let filled = operation.path.split('/').map(|part| match part {
        "{template_type}" => "email",
        part if part.starts_with('{') => "nobody",
        part => part,
    });
    filled.collect::<Vec<_>>().join("/")
}

/// No path is unknown, no method is refused, and nothing is a 5xx: not for an empty object, not for
/// a list, and not for no body.
#[tokio::test]
async fn every_operation_of_the_contract_is_routed_and_answers_no_5xx() {
    let api = Api::start().await;
    let operations = Contract::clerk().operations();
    let mut missing = Vec::new();
    for operation in &operations {
        let path = path_of(operation);
        for body in [None, Some(json!({})), Some(json!([]))] {
            let response = api.raw(operation.method, &path, body.as_ref()).await;
            let name = format!("{} {}", operation.method, operation.path);
            assert!(response.status < 500, "{name}: {}", response.text);
            let is_unknown = ["sandbox_not_supported", "The sandbox has no route"]
                .iter()
                .any(|text| response.text.contains(text));
            if response.status == 405 || is_unknown {
                missing.push(name);
                break;
            }
        }
    }
    testing::figure(format!(
        "{} of {} operations of the contract are in the sandbox",
        operations.len() - missing.len(),
        operations.len()
    ));
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What the contract doesn't know is refused, whatever the operation.
#[tokio::test]
async fn a_field_that_no_operation_has_is_refused() {
    let api = Api::start().await;
    let (mut checked, mut accepted) = (0, Vec::new());
    for operation in Contract::clerk().operations() {
        let takes_object =
            operation.body_schema().is_some_and(|schema| schema.kind() != Some("array"));
        if !takes_object || operation.path.contains('{') {
            continue;
        }
        let body = Value::Object(Map::from_iter([("sandbox_bogus".to_owned(), json!(1))]));
        let response = api.raw(operation.method, operation.path, Some(&body)).await;
        checked += 1;
        if response.status < 400 {
            accepted.push(format!("{} {}", operation.method, operation.path));
        }
    }
    assert!(checked > 40, "{checked}");
    assert!(accepted.is_empty(), "{accepted:#?}");
}
