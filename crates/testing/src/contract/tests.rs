use serde_json::{Value, json};

use super::Contract;

fn is_valid(schema: &super::Schema<'_>) -> Vec<String> {
    let sample = schema.sample();
    let faults = schema.validate(&sample);
    faults.into_iter().map(|fault| format!("{fault} in {sample}")).collect()
}

#[test]
fn clerks_file_is_whole() {
    let contract = Contract::clerk();
    let operations = contract.operations();
    let newer = Contract::newer();
    let offered = newer.iter().filter(|(.., why)| why.is_none()).count();
    assert_eq!(operations.len(), 249 + offered);
    assert!(newer.len() > offered);
    assert_eq!(Contract::webhooks().operations().len(), 45);
    let sessions = contract.operation("GET", "/sessions");
    assert_eq!((sessions.id(), sessions.tags().collect()), ("GetSessionList", vec!["Sessions"]));
    let parameters = ["client_id", "limit", "offset", "paginated", "status", "user_id"];
    assert!(sessions.query_parameters().iter().eq(&parameters));
    assert!(sessions.body().is_none() && sessions.body_fields().is_empty());
    let statuses: Vec<u16> = sessions.responses().iter().map(|response| response.status).collect();
    assert_eq!(statuses, [200, 400, 401, 422]);
    let organization = contract.by_id("CreateOrganization");
    assert_eq!((organization.method, organization.path), ("POST", "/organizations"));
    assert_eq!(organization.body_fields().get("name"), Some(&true));
    assert_eq!(organization.body_fields().get("slug"), Some(&false));
}

#[test]
fn placeholders_may_be_called_otherwise() {
    let contract = Contract::clerk();
    assert_eq!(contract.operation("GET", "/users/{id}").path, "/users/{user_id}");
    assert_eq!(contract.operation("GET", "/users/count").path, "/users/count");
    assert!(contract.find("GET", "/users/{id}/wishes").is_none());
    assert!(contract.find("PUT", "/users").is_none());
}

#[test]
fn parameters_say_how_they_are_written() {
    let contract = Contract::clerk();
    let users = contract.operation("GET", "/users");
    let email = users.parameter("email_address").unwrap();
    assert_eq!((email.place, email.style, email.explode), ("query", "form", true));
    let user = contract.operation("GET", "/users/{user_id}").parameter("user_id").unwrap();
    assert_eq!(
        (user.place, user.style, user.explode, user.required),
        ("path", "simple", false, true)
    );
    let commas = contract.operations().into_iter().flat_map(|operation| operation.parameters());
    let commas: Vec<_> =
        commas.filter(|parameter| parameter.place == "query" && !parameter.explode).collect();
    assert_eq!(commas.len(), 2, "{commas:#?}");
    let limit = users.parameter("limit").unwrap().schema;
    assert_eq!(limit.keyword("maximum"), Some(&json!(500)));
}

#[test]
fn nested_schemas_are_reached_by_a_path() {
    let contract = Contract::clerk();
    let invitations = contract.operation("POST", "/invitations/bulk").body_schema().unwrap();
    let email = invitations.at("[].email_address").unwrap();
    assert_eq!(email.kind(), Some("string"));
    assert!(invitations.items().unwrap().required().contains(&"email_address"));
    let user = contract.operation("GET", "/users/{user_id}").response_schema(200).unwrap();
    assert_eq!(user.name(), Some("User"));
    let status = user.at("email_addresses[].verification.status").unwrap();
    assert_eq!(status.choices().first(), Some(&&json!("unverified")));
    assert!(user.property("username").unwrap().is_nullable());
    assert!(user.at("email_addresses[].wishes").is_none());
}

#[test]
fn an_invalid_body_is_reported() {
    let delete = Contract::clerk().operation("DELETE", "/users/{user_id}");
    let faults = |body: Value| delete.validate_response(200, &body).len();
    assert_eq!(faults(json!({ "object": "user", "deleted": true })), 0);
    assert_eq!(faults(json!({ "object": "user" })), 1);
    assert_eq!(faults(json!({ "object": "user", "deleted": true, "slug": null })), 1);
    assert_eq!(faults(json!({ "object": "user", "deleted": true, "bogus": 1 })), 1);
    assert_eq!(delete.validate_response(299, &json!({})).len(), 1, "no such response");
    let error = json!({ "errors": [{ "code": "c", "message": "m", "long_message": "l" }] });
    assert_eq!(delete.validate_response(418, &error).len(), 0, "the form of errors");
    assert_eq!(delete.validate_response(418, &json!({ "errors": 1 })).len(), 1);
    let create = Contract::clerk().operation("POST", "/organizations");
    assert_eq!(create.validate_body(&json!({ "name": "A" })).len(), 0);
    assert_eq!(create.validate_body(&json!({ "name": 1 })).len(), 1);
    assert_eq!(delete.validate_body(&json!({})).len(), 1, "it takes none");
}

#[test]
fn samples_are_what_the_schemas_say() {
    let mut faults = Vec::new();
    for operation in Contract::clerk().operations() {
        let parameters = operation.parameters().into_iter().map(|parameter| parameter.schema);
        let responses = operation.responses().into_iter().filter_map(|response| response.schema());
        for schema in parameters.chain(operation.body_schema()).chain(responses) {
            let wrong = is_valid(&schema).into_iter();
            faults.extend(wrong.map(|fault| format!("{}: {fault}", operation.id())));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn what_is_newer_has_a_source_and_is_new() {
    let with = |path: &str, operation: Value| {
        let newer = json!({ "paths": { path: { "get": operation } }, "components": {
            "schemas": { "Wish": { "type": "string" } },
        } });
        let document = Contract::clerk().document().clone();
        std::panic::catch_unwind(|| Contract::new(document).with(newer))
    };
    let response = json!({ "content": { "application/json": { "schema": {
        "$ref": "#/components/schemas/Wish",
    } } }, "description": "" });
    let operation = json!({ "operationId": "GetWish", "x-source": "a wish", "responses": {
        "200": response,
    } });
    let contract = with("/wishes", operation.clone()).unwrap();
    let schema = contract.by_id("GetWish").response_schema(200).unwrap();
    assert_eq!((schema.name(), schema.validate(&json!(1)).len()), (Some("Wish"), 1));
    assert!(with("/users/{id}", operation).is_err(), "it is there already");
    assert!(with("/wishes", json!({ "operationId": "GetWish" })).is_err(), "it has no source");
}
