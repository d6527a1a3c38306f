//! What stands elsewhere in Clerk's object than in the arguments that set it.

use serde_json::{Value, json};

use super::{Desk, row};
use crate::guard::NORTHWIND;

impl Desk {
    async fn read(&self, tool: &str, arguments: Value) -> Value {
        self.client.call(tool, &arguments).await
    }

    /// Takes a change back, as a whole.
    async fn back(&self, id: &str) {
        let undone = self.undo(id).await;
        let row = row(&undone, id);
        assert_eq!(
            (&row["outcome"], &row["leftAlone"]),
            (&json!("done"), &Value::Null),
            "{undone}"
        );
    }
}

/// The items of an array that has objects with IDs.
fn ids(items: &Value) -> Vec<Value> {
    items.as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn a_role_gets_its_permissions_back() {
    let desk = Desk::with_all().await;
    let roles = desk.read("clerk_list_organization_roles", json!({ "detail": "full" })).await;
    let roles = roles["organizationRoles"].as_array().unwrap();
    let role = roles.iter().find(|role| role["key"] == "org:member").unwrap();
    let before = ids(&role["permissions"]);
    assert!(!before.is_empty(), "{role}");
    let update = json!({
        "organizationRoleId": role["id"], "name": "Reader", "permissions": [before[0]],
    });
    let id = desk.change("clerk_update_organization_role", update).await;
    let read = async || {
        let role = json!({ "organizationRoleId": role["id"], "detail": "full" });
        desk.read("clerk_get_organization_role", role).await
    };
    assert_eq!(ids(&read().await["permissions"]), before[..1]);
    desk.back(&id).await;
    let after = read().await;
    assert_eq!((ids(&after["permissions"]), &after["name"]), (before, &role["name"]));
}

#[tokio::test]
async fn a_role_set_gets_its_key_and_its_default_roles_back() {
    let desk = Desk::with_all().await;
    let set = json!({
        "name": "Teams", "key": "role_set:teams", "defaultRoleKey": "org:member",
        "creatorRoleKey": "org:admin", "roles": ["org:member", "org:admin"],
    });
    let set = desk.read("clerk_create_role_set", set).await;
    let update = json!({
        "roleSetKeyOrId": "role_set:teams", "key": "role_set:crews", "defaultRoleKey": "org:admin",
    });
    let id = desk.change("clerk_update_role_set", update).await;
    desk.back(&id).await;
    let after = json!({ "roleSetKeyOrId": set["id"], "detail": "full" });
    let after = desk.read("clerk_get_role_set", after).await;
    assert_eq!(after["key"], "role_set:teams", "{after}");
    assert_eq!(after["defaultRole"]["key"], "org:member", "{after}");
}

#[tokio::test]
async fn a_connection_gets_its_settings_back_but_for_what_clerk_does_not_show() {
    let desk = Desk::with_all().await;
    let saml = json!({ "idpEntityId": "https://idp.example.com", "allowSubdomains": false });
    let connection = json!({
        "name": "Acme", "provider": "saml_custom", "domains": ["acme.example"], "saml": saml,
    });
    let connection = desk.read("clerk_create_enterprise_connection", connection).await;
    let update = json!({
        "enterpriseConnectionId": connection["id"],
        "saml": {
            "idpEntityId": "https://other.example.com", "allowSubdomains": true,
            "idpMetadata": "<EntityDescriptor/>",
        },
    });
    let id = desk.change("clerk_update_enterprise_connection", update).await;
    let undone = desk.undo(&id).await;
    let row = row(&undone, &id);
    assert_eq!(row["outcome"], "done", "{undone}");
    let left = json!(["saml.idpMetadata: Clerk doesn't show what it was"]);
    assert_eq!(row["leftAlone"], left, "{undone}");
    let after = json!({ "enterpriseConnectionId": connection["id"], "detail": "full" });
    let after = desk.read("clerk_get_enterprise_connection", after).await["samlConnection"].clone();
    assert_eq!(after["idpEntityId"], "https://idp.example.com", "{after}");
    assert_eq!(after["allowSubdomains"], false, "{after}");
}

#[tokio::test]
async fn an_organization_gets_its_private_metadata_back() {
    let desk = Desk::with_all().await;
    let merge = |value: Value| json!({ "organizationId": NORTHWIND, "privateMetadata": value });
    desk.change("clerk_update_organization_metadata", merge(json!({ "a": 1, "b": { "c": 2 } })))
        .await;
    let wrong = merge(json!({ "a": 9, "b": { "d": 3 }, "e": 4 }));
    let wrong = desk.change("clerk_update_organization_metadata", wrong).await;
    let replaced =
        desk.change("clerk_replace_organization_metadata", merge(json!({ "x": 1 }))).await;
    desk.back(&replaced).await;
    desk.back(&wrong).await;
    // No tool returns it, but the journal has it.
    let last = desk.change("clerk_replace_organization_metadata", merge(json!({ "x": 1 }))).await;
    let last = json!({ "changeIds": last, "detail": "full" });
    let last = desk.read("clerk_list_changes", last).await;
    let before = &last["changes"][0]["values"]["privateMetadata"]["before"];
    assert_eq!((&before["a"], &before["b"]), (&json!(1), &json!({ "c": 2 })), "{last}");
    assert_eq!(before.get("e"), None, "{last}");
}

#[tokio::test]
async fn a_groups_mapping_that_was_removed_is_made_again() {
    let desk = Desk::with_all().await;
    let connection = json!({
        "name": "Acme", "provider": "saml_custom", "domains": ["acme.example"],
        "organizationId": NORTHWIND,
    });
    let connection = desk.read("clerk_create_enterprise_connection", connection).await;
    let directory =
        json!({ "enterpriseConnectionId": connection["id"], "provider": "okta", "name": "Acme" });
    let directory = desk.read("clerk_create_directory", directory).await["id"].clone();
    let on = json!({ "directoryId": directory, "groupRoleMappingEnabled": true });
    desk.read("clerk_update_directory", on).await;
    let roles = desk.read("clerk_list_organization_roles", json!({})).await;
    let role = roles["organizationRoles"][0]["id"].clone();
    let mapping =
        json!({ "directoryId": directory, "directoryGroupId": "group-1", "roleId": role });
    let mapping = desk.read("clerk_create_directory_group_role_mapping", mapping).await;
    let removed = json!({ "directoryId": directory, "mappingId": mapping["id"] });
    let removed = desk.change("clerk_delete_directory_group_role_mapping", removed).await;
    desk.back(&removed).await;
    let listed = json!({ "directoryId": directory, "detail": "full" });
    let listed = desk.read("clerk_list_directory_group_role_mappings", listed).await;
    let again = &listed["groupRoleMappings"][0];
    assert_eq!(again["directoryGroupId"], "group-1", "{listed}");
    assert_eq!(again["role"]["id"], role, "{listed}");
    // What is merged into the attributes is taken out again.
    let attributes =
        |mapping: Value| json!({ "directoryId": directory, "attributeMapping": mapping });
    desk.change("clerk_update_directory", attributes(json!({ "firstName": "name.givenName" })))
        .await;
    let wrong = json!({ "firstName": "wrong", "lastName": "wrong" });
    let wrong = desk.change("clerk_update_directory", attributes(wrong)).await;
    desk.back(&wrong).await;
    let after = json!({ "directoryId": directory, "detail": "full" });
    let after = desk.read("clerk_get_directory", after).await["attributeMapping"].clone();
    assert_eq!(after, json!({ "firstName": "name.givenName" }));
}

#[tokio::test]
async fn a_text_message_that_was_reverted_gets_its_text_back() {
    let desk = Desk::with_all().await;
    let template = json!({ "templateType": "sms", "slug": "verification_code" });
    let update = json!({
        "templateType": "sms", "slug": "verification_code", "body": "Code: {{otp_code}}",
    });
    desk.change("clerk_update_template", update).await;
    let reverted = desk.change("clerk_revert_template", template.clone()).await;
    desk.back(&reverted).await;
    let after = desk.read("clerk_get_template", template).await;
    assert_eq!(after["body"], "Code: {{otp_code}}", "{after}");
}
