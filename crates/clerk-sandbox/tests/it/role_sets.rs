//! Role sets: which roles the members of an organization may have.

use serde_json::{Value, json};

use super::{Api, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

async fn role(api: &Api, key: &str) {
    let body = json!({ "name": key, "key": key });
    api.send("POST", "/organization_roles", Some(&body)).await.ok();
}

fn keys(set: &Value) -> Vec<String> {
    set["roles"].as_array().unwrap().iter().map(|role| text(role, "key")).collect()
}

#[tokio::test]
async fn every_instance_has_an_initial_role_set() {
    let api = Api::start().await;
    let set = api.get("/role_sets/role_set:default").await.ok();
    assert_eq!(
        (&set["type"], keys(&set)),
        (&json!("initial"), vec!["org:admin".to_owned(), "org:member".to_owned()])
    );
    assert_eq!(
        (&set["creator_role"]["key"], &set["default_role"]["key"]),
        (&json!("org:admin"), &json!("org:member"))
    );
    let members: u64 = set["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["members_count"].as_u64().unwrap())
        .sum();
    let all = api.get("/organization_memberships").await.ok();
    assert_eq!(all["total_count"], members);
    let path = format!("/role_sets/{}", text(&set, "id"));
    assert_eq!(api.get(&path).await.ok(), set);
    let replace = json!({ "dest_role_set_key": "role_set:default" });
    let refused = api.send("POST", &format!("{path}/replace"), Some(&replace)).await.refusal();
    assert_eq!(refused.0, 422);
    let body =
        json!({ "name": "Auditor", "key": "org:auditor", "include_in_initial_role_set": true });
    api.send("POST", "/organization_roles", Some(&body)).await.ok();
    assert!(keys(&api.get(&path).await.ok()).contains(&"org:auditor".to_owned()));
}

#[tokio::test]
async fn a_role_set_is_created_and_changed() {
    let api = Api::start().await;
    role(&api, "org:editor").await;
    let body = json!({
        "name": "Press", "roles": ["org:admin", "org:editor"],
        "default_role_key": "org:editor", "creator_role_key": "org:admin",
    });
    let made = api.send("POST", "/role_sets", Some(&body)).await.ok();
    assert_eq!((&made["key"], &made["type"]), (&json!("role_set:press"), &json!("custom")));
    let mut other = body.clone();
    for (name, value, code) in [
        ("key", json!("role_set:press"), "form_identifier_exists key"),
        ("key", json!("press"), "form_param_format_invalid key"),
        ("default_role_key", json!("org:member"), "form_param_value_invalid default_role_key"),
        (
            "creator_role_key",
            json!("org:editor"),
            "organization_missing_creator_role_permissions creator_role_key",
        ),
        ("roles", json!([]), "form_param_value_invalid roles"),
    ] {
        other["key"] = json!("role_set:other");
        let kept = std::mem::replace(&mut other[name], value);
        let refused = api.send("POST", "/role_sets", Some(&other)).await.refusal();
        assert_eq!(refused, refusal(422, code));
        other[name] = kept;
    }
    let path = "/role_sets/role_set:press";
    let renamed =
        api.send("PATCH", path, Some(&json!({ "name": "Media", "type": "initial" }))).await.ok();
    assert_eq!((&renamed["name"], &renamed["type"]), (&json!("Media"), &json!("initial")));
    let settings = api.get("/instance/organization_settings").await.ok();
    assert_eq!(settings["initial_role_set_key"], "role_set:press");
    assert_eq!(api.get("/role_sets/role_set:default").await.ok()["type"], "custom");
    let added = json!({ "role_keys": ["org:member"], "default_role_key": "org:member" });
    let added = api.send("POST", &format!("{path}/roles"), Some(&added)).await.ok();
    assert_eq!((keys(&added).len(), &added["default_role"]["key"]), (3, &json!("org:member")));
    let refused = api
        .send("POST", &format!("{path}/roles"), Some(&json!({ "role_keys": ["org:none"] })))
        .await
        .refusal();
    assert_eq!(refused, refusal(404, "resource_not_found role"));
    let found = api.get("/role_sets?query=MED&order_by=key").await.ok();
    assert_eq!(found["total_count"], 1);
    assert_eq!(
        api.get("/role_sets/role_set:none").await.refusal(),
        refusal(404, "resource_not_found")
    );
    let user = api.get("/users?limit=1").await.ids().remove(0);
    let body = json!({ "name": "Acme", "created_by": user });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    assert_eq!(organization["role_set_key"], "role_set:press");
    let unknown = json!({ "name": "Other", "role_set_key": "role_set:none" });
    let refused = api.send("POST", "/organizations", Some(&unknown)).await.refusal();
    assert_eq!(refused, refusal(422, "form_resource_not_found role_set_key"));
}

#[tokio::test]
async fn replacing_a_role_set_moves_organizations_and_members() {
    let api = Api::start().await;
    role(&api, "org:editor").await;
    let body = json!({
        "name": "Press", "key": "role_set:press", "roles": ["org:admin", "org:editor", "org:member"],
        "default_role_key": "org:member", "creator_role_key": "org:admin",
    });
    api.send("POST", "/role_sets", Some(&body)).await.ok();
    let users = api.get("/users?limit=2").await.ids();
    let body = json!({ "name": "Acme", "created_by": users[0], "role_set_key": "role_set:press" });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let path = format!("/organizations/{}", text(&organization, "id"));
    let member = json!({ "user_id": users[1], "role": "org:editor" });
    api.send("POST", &format!("{path}/memberships"), Some(&member)).await.ok();
    let replace = "/role_sets/role_set:press/replace";
    let mut body = json!({ "dest_role_set_key": "role_set:default" });
    let refused = api.send("POST", replace, Some(&body)).await.refusal();
    assert_eq!(
        refused,
        refusal(422, "organization_role_set_reassignment_mappings_missing reassignment_mappings")
    );
    body["reassignment_mappings"] = json!({ "org:editor": "org:editor" });
    let refused = api.send("POST", replace, Some(&body)).await.refusal();
    assert_eq!(
        refused,
        refusal(422, "organization_role_set_reassignment_mappings_invalid reassignment_mappings")
    );
    body["reassignment_mappings"] = json!({ "org:editor": "org:member" });
    assert_eq!(api.send("POST", replace, Some(&body)).await.ok()["deleted"], true);
    assert_eq!(api.get(&path).await.ok()["role_set_key"], "role_set:default");
    let members = api.get(&format!("{path}/memberships?user_id={}", users[1])).await.ok();
    assert_eq!(members["data"][0]["role"], "org:member");
    assert_eq!(api.get("/role_sets/role_set:press").await.refusal().0, 404);
    let initial = json!({ "name": "New", "key": "role_set:new", "roles": ["org:admin"], "default_role_key": "org:admin", "creator_role_key": "org:admin" });
    api.send("POST", "/role_sets", Some(&initial)).await.ok();
    let refused = api
        .send(
            "POST",
            "/role_sets/role_set:default/replace",
            Some(&json!({ "dest_role_set_key": "role_set:new" })),
        )
        .await
        .refusal();
    assert_eq!(refused, refusal(403, "cannot_delete_initial_role_set"));
}

#[tokio::test]
async fn replacing_a_role_moves_its_members() {
    let api = Api::start().await;
    role(&api, "org:editor").await;
    let before = api.get("/role_sets/role_set:default").await.ok();
    let members = before["roles"][1]["members_count"].clone();
    let body = json!({ "role_key": "org:member", "to_role_key": "org:editor" });
    let after =
        api.send("POST", "/role_sets/role_set:default/roles/replace", Some(&body)).await.ok();
    assert_eq!(keys(&after), ["org:admin", "org:editor"]);
    assert_eq!(
        (&after["roles"][1]["members_count"], &after["default_role"]["key"]),
        (&members, &json!("org:editor"))
    );
    let again =
        api.send("POST", "/role_sets/role_set:default/roles/replace", Some(&body)).await.refusal();
    assert_eq!(again, refusal(404, "resource_not_found role_key"));
}
