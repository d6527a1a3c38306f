//! Creating organizations.

use serde_json::json;

use super::{start, text};

#[tokio::test]
async fn a_created_organization() {
    let (api, user, _) = start().await;
    let body = json!({ "name": "Ärzte & Co. 2", "created_by": user["id"] });
    let first = api.send("POST", "/organizations", Some(&body)).await.ok();
    assert_eq!(first["slug"], "rzte-co-2");
    assert_eq!(first["max_allowed_memberships"], 5);
    assert_eq!(first["created_by"], user["id"]);
    assert_eq!(first.get("members_count"), None);
    let path = format!(
        "/organizations/{}?include_members_count=true\
         &include_missing_member_with_elevated_permissions=true",
        text(&first, "id")
    );
    let read = api.get(&path).await.ok();
    assert_eq!(read["members_count"], 1);
    assert_eq!(read["missing_member_with_elevated_permissions"], false);
    let second = api.send("POST", "/organizations", Some(&body)).await.ok();
    assert_eq!(second["slug"], "rzte-co-2-2");

    let set = json!({
        "name": "Own", "roles": ["org:admin"],
        "default_role_key": "org:admin", "creator_role_key": "org:admin",
    });
    api.send("POST", "/role_sets", Some(&set)).await.ok();
    let body = json!({
        "name": "名前", "slug": "given-1", "max_allowed_memberships": 0, "created_by": null,
        "public_metadata": null, "private_metadata": { "a": 1 },
        "created_at": "2012-10-20T07:15:20.902Z", "role_set_key": "role_set:own",
    });
    let third = api.send("POST", "/organizations", Some(&body)).await.ok();
    assert_eq!(third["slug"], "given-1");
    assert_eq!(third["max_allowed_memberships"], 0);
    assert_eq!(third["public_metadata"], json!({}));
    assert_eq!(third["private_metadata"], json!({ "a": 1 }));
    assert_eq!(third["created_at"], 1_350_717_320_902_i64);
    assert_eq!(third["role_set_key"], "role_set:own");
    assert_eq!(third.get("created_by"), None);
    let nameless = api.send("POST", "/organizations", Some(&json!({ "name": "名前" }))).await.ok();
    assert_eq!(nameless["slug"], "organization");
}

#[tokio::test]
async fn refusals_of_new_organizations() {
    let (api, ..) = start().await;
    let taken = json!({ "name": "Taken", "slug": "taken" });
    assert_eq!(api.send("POST", "/organizations", Some(&taken)).await.status, 200);
    for (body, status, codes) in [
        (json!({}), 422, &["form_param_missing name"][..]),
        (json!({ "name": " " }), 422, &["form_param_missing name"]),
        (json!({ "name": "x".repeat(257) }), 422, &["form_param_max_length_exceeded name"]),
        (json!({ "name": "see https://x.example" }), 422, &["form_param_value_invalid name"]),
        (json!({ "name": "<b>Bold</b>" }), 422, &["form_param_value_invalid name"]),
        (json!({ "name": "A", "slug": "taken" }), 422, &["form_identifier_exists slug"]),
        (json!({ "name": "A", "slug": "Not OK" }), 422, &["form_param_format_invalid slug"]),
        (json!({ "name": "A", "slug": "" }), 422, &["form_param_format_invalid slug"]),
        (
            json!({ "name": "A", "max_allowed_memberships": -1 }),
            422,
            &["form_param_format_invalid max_allowed_memberships"],
        ),
        (
            json!({ "name": "A", "created_by": "user_nobody" }),
            400,
            &["organization_creator_not_found"],
        ),
        (json!({ "name": "A", "logo": "x" }), 422, &["form_param_unknown logo"]),
    ] {
        let refusal = api.send("POST", "/organizations", Some(&body)).await.refusal();
        assert_eq!(refusal, (status, codes.iter().map(ToString::to_string).collect()), "{body}");
    }
    assert_eq!(api.get("/organizations").await.ok()["total_count"], 1);
}
