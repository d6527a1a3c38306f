//! Enterprise connections in both forms, and directories under both names.

use serde_json::{Value, json};

use super::{Api, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

async fn connection(api: &Api, domain: &str) -> Value {
    let body = json!({
        "name": "Acme SSO", "provider": "saml_okta", "domains": [domain],
        "saml": { "idp_entity_id": "https://idp.example", "force_authn": true },
    });
    api.send("POST", "/enterprise_connections", Some(&body)).await.succeeded(201)
}

#[tokio::test]
async fn an_enterprise_connection_is_active_once_it_has_all_it_needs() {
    let api = Api::start().await;
    let made = connection(&api, "acme.example").await;
    let saml = &made["saml_connection"];
    assert_eq!(
        (&saml["force_authn"], &saml["active"], made.get("oauth_config")),
        (&json!(true), &json!(false), Some(&Value::Null))
    );
    let path = format!("/enterprise_connections/{}", text(&made, "id"));
    let active = json!({ "active": true });
    let refused = api.send("PATCH", &path, Some(&active)).await.refusal();
    assert_eq!(refused, refusal(422, "saml_connection_cant_be_activated"));
    let run = api.send("POST", &format!("{path}/test_runs"), None).await.ok();
    assert!(text(&run, "url").starts_with("https://"));
    let whole = json!({ "active": true, "saml": { "idp_sso_url": "https://idp.example/sso", "idp_certificate": "MIID" } });
    let changed = api.send("PATCH", &path, Some(&whole)).await.ok();
    let saml = &changed["saml_connection"];
    assert_eq!(
        (&changed["active"], &saml["idp_entity_id"]),
        (&json!(true), &json!("https://idp.example")),
        "the rest stays"
    );
    api.send("POST", &format!("{path}/test_runs"), None).await.ok();
    let runs = api.get(&format!("{path}/test_runs")).await.ok();
    assert_eq!((&runs["total_count"], &runs["data"][0]["status"]), (&json!(2), &json!("success")));
    let failed = api.get(&format!("{path}/test_runs?status=failed&status=pending")).await.ok();
    assert_eq!(
        (&failed["total_count"], &failed["data"][0]["logs"][0]["level"]),
        (&json!(1), &json!("error"))
    );
    let taken = json!({ "name": "x", "provider": "oidc_custom", "domains": ["ACME.example"] });
    let refused = api.send("POST", "/enterprise_connections", Some(&taken)).await.refusal();
    assert_eq!(refused, refusal(409, "form_already_exists domains"));
    for (body, code) in [
        (json!({ "name": "x", "domains": ["x.example"] }), "form_param_missing provider"),
        (
            json!({ "name": "x", "provider": "ldap", "domains": ["x.example"] }),
            "form_param_value_invalid provider",
        ),
        (
            json!({ "name": "x", "provider": "saml_okta", "domains": ["x.example"], "saml": { "y": 1 } }),
            "form_param_unknown saml.y",
        ),
        (
            json!({ "name": "x", "provider": "saml_okta", "domains": ["x.example"], "saml": { "force_authn": 1 } }),
            "form_param_format_invalid saml.force_authn",
        ),
    ] {
        let refused = api.send("POST", "/enterprise_connections", Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, code), "{body}");
    }
    let oidc = json!({ "name": "OIDC", "provider": "oidc_custom", "domains": ["oidc.example"], "oidc": { "client_id": "c" } });
    let oidc = api.send("POST", "/enterprise_connections", Some(&oidc)).await.succeeded(201);
    assert_eq!(
        (&oidc["oauth_config"]["client_id"], &oidc["saml_connection"]),
        (&json!("c"), &Value::Null)
    );
    assert_eq!(api.get("/enterprise_connections?active=true").await.ok()["total_count"], 1);
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    assert_eq!(api.get(&format!("{path}/test_runs")).await.refusal().0, 404);
}

#[tokio::test]
async fn a_saml_connection_is_an_enterprise_connection() {
    let api = Api::start().await;
    let organization = api.get("/organizations?limit=1").await.ids().remove(0);
    let body = json!({
        "name": "Old", "provider": "saml_google", "domain": "old.example", "organization_id": organization,
        "attribute_mapping": { "user_id": "uid" },
    });
    let made = api.send("POST", "/saml_connections", Some(&body)).await.ok();
    assert_eq!(
        (&made["domains"], &made["domain"]),
        (&json!(["old.example"]), &json!("old.example"))
    );
    assert_eq!(
        (&made["attribute_mapping"]["user_id"], &made["attribute_mapping"]["last_name"]),
        (&json!("uid"), &json!("surname"))
    );
    let both = format!("/enterprise_connections/{}", text(&made, "enterprise_connection_id"));
    let newer = api.get(&both).await.ok();
    assert_eq!((&newer["saml_connection"]["id"], &newer["name"]), (&made["id"], &json!("Old")));
    let path = format!("/saml_connections/{}", text(&made, "id"));
    let refused = api.send("PATCH", &path, Some(&json!({ "active": true }))).await.refusal();
    assert_eq!(refused, refusal(422, "saml_connection_cant_be_activated"));
    let change = json!({ "active": true, "idp_metadata_url": "https://idp.example/metadata", "allow_subdomains": true });
    let changed = api.send("PATCH", &path, Some(&change)).await.ok();
    assert_eq!((&changed["active"], &changed["allow_subdomains"]), (&json!(true), &json!(true)));
    assert_eq!(api.get(&both).await.ok()["saml_connection"]["allow_subdomains"], true);
    for (query, count) in [
        ("query=OL".to_owned(), 1),
        (format!("organization_id={organization}"), 1),
        (format!("organization_id=-{organization}"), 0),
    ] {
        let found = api.get(&format!("/saml_connections?{query}")).await.ok();
        assert_eq!(found["total_count"], count, "{query}");
    }
    assert_eq!(api.send("DELETE", &path, None).await.ok()["id"], made["id"]);
    assert_eq!(api.get(&both).await.refusal().0, 404);
    assert_eq!(api.get(&path).await.refusal(), refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn a_directory_belongs_to_one_connection_and_has_two_names() {
    let api = Api::start().await;
    let connection = connection(&api, "acme.example").await;
    let body = json!({ "enterprise_connection_id": connection["id"], "provider": "okta" });
    let made = api.send("POST", "/directories", Some(&body)).await.ok();
    assert_eq!((&made["object"], &made["name"]), (&json!("directory"), &connection["name"]));
    let key = text(&made, "api_key");
    let again = api.send("POST", "/scim_directories", Some(&body)).await.refusal();
    assert_eq!(
        again,
        refusal(422, "scim_directory_enterprise_connection_already_used enterprise_connection_id")
    );
    let path = format!("/directories/{}", text(&made, "id"));
    let older = format!("/scim_directories/{}", text(&made, "id"));
    let shown = api.get(&older).await.ok();
    assert_eq!((&shown["object"], shown.get("api_key")), (&json!("scim_directory"), None));
    let rotated = api.send("POST", &format!("{path}/rotate_api_key"), None).await.ok();
    assert_ne!(text(&rotated, "api_key"), key);
    let mappings = format!("{path}/group_role_mappings");
    let role = api.get("/organization_roles?query=member").await.ids().remove(0);
    let group = json!({ "directory_group_id": "staff", "role_id": role });
    let refused = api.send("POST", &mappings, Some(&group)).await.refusal();
    assert_eq!(refused, refusal(400, "feature_not_enabled"));
    let on = json!({ "group_role_mapping_enabled": true, "enabled": false });
    assert_eq!(api.send("PATCH", &path, Some(&on)).await.ok()["enabled"], false);
    let first = api.send("POST", &mappings, Some(&group)).await.ok();
    assert_eq!(
        (&first["scim_group_id"], &first["precedence"], &first["role"]["key"]),
        (&json!("staff"), &json!(1), &json!("org:member"))
    );
    let second = json!({ "scim_group_id": "guests", "role_id": role });
    let second =
        api.send("POST", &format!("{older}/group_role_mappings"), Some(&second)).await.ok();
    assert_eq!(
        (&second["object"], &second["precedence"]),
        (&json!("scim_group_role_mapping"), &json!(2))
    );
    let wrong = json!({ "mappings": [{ "directory_group_id": "a" }, { "directory_group_id": "b", "role_id": "role_none" }] });
    let refused = api.send("PUT", &mappings, Some(&wrong)).await.refusal();
    assert_eq!(
        refused,
        (
            422,
            vec![
                "form_param_missing mappings[0].role_id".to_owned(),
                "form_resource_not_found mappings[1].role_id".to_owned(),
            ]
        )
    );
    let replaced = json!({ "mappings": [{ "directory_group_id": "b", "role_id": role }, { "directory_group_id": "a", "role_id": role }] });
    let replaced = api.send("PUT", &mappings, Some(&replaced)).await.ok();
    assert_eq!(
        (&replaced["data"][0]["directory_group_id"], &replaced["data"][1]["precedence"]),
        (&json!("b"), &json!(2))
    );
    let one = format!("{mappings}/{}", text(&replaced["data"][0], "id"));
    assert_eq!(api.send("DELETE", &one, None).await.ok()["deleted"], true);
    assert_eq!(api.get(&mappings).await.ok()["total_count"], 1);
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    assert_eq!(api.get("/directories").await.ok()["total_count"], 0);
}

/// Valid from 2024-03-01 to 2026-03-01, and to 2060-03-01, which needs the longer form of a date.
const CERTIFICATES: [(&str, i64); 2] = [
    (
        "MIIBJjCBzaADAgECAgEBMAoGCCqGSM49BAMCMB0xGzAZBgNVBAMMEmlkcC5oYXJi\n\
         b3IuZXhhbXBsZTAeFw0yNDAzMDEwMDAwMDBaFw0yNjAzMDEwMDAwMDBaMB0xGzAZ\n\
         BgNVBAMMEmlkcC5oYXJib3IuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n\
         A0IABHW/IJgu+XWWUDR7equBavvsp5ZdsBHyjQfPKkt7261ZxLkrUKarCkTpjVqL\n\
         f9JxVBkHU8CCLdbKstiCjrk3neYwCgYIKoZIzj0EAwIDSAAwRQIgMUeQpOacT5w1\n\
         S8xzFDto6qrY6YeR/nCy8yrgNU62Oi8CIQDtipNkZmXqD4OjZhGT2m3Fzqa9AUIW\n\
         Gyi/CjF+Gm8xzw==",
        1_772_323_200_000,
    ),
    (
        "MIIBJzCBz6ADAgECAgEBMAoGCCqGSM49BAMCMB0xGzAZBgNVBAMMEmlkcC5oYXJi\n\
         b3IuZXhhbXBsZTAgFw0yNDAzMDEwMDAwMDBaGA8yMDYwMDMwMTAwMDAwMFowHTEb\n\
         MBkGA1UEAwwSaWRwLmhhcmJvci5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n\
         AQcDQgAEdb8gmC75dZZQNHt6q4Fq++ynll2wEfKNB88qS3vbrVnEuStQpqsKROmN\n\
         Wot/0nFUGQdTwIIt1sqy2IKOuTed5jAKBggqhkjOPQQDAgNHADBEAiAV/dLze8nZ\n\
         g9wE+w6PfpgLfWAM0+G/Z4xjkjCcCzXkgwIgNwS+ylQGQ0ProX5dbCTzUQdlLWEa\n\
         bpDqQpQsgXKOSLU=",
        2_845_324_800_000,
    ),
];

#[tokio::test]
async fn a_saml_connection_shows_the_certificates_with_their_validity() {
    let api = Api::start().await;
    let path =
        format!("/enterprise_connections/{}", text(&connection(&api, "acme.example").await, "id"));
    let [old, new] = CERTIFICATES.map(|(text, _)| {
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    });
    let shown = CERTIFICATES.map(|(text, end)| {
        json!({
            "certificate": text.replace('\n', ""), "issued_at": 1_709_251_200_000_i64, "expires_at": end,
        })
    });
    let [old_shown, new_shown] = shown;
    let unread = json!({ "certificate": "MIID", "issued_at": null, "expires_at": null });
    for (saml, expected) in [
        (json!({ "idp_certificates": [new, old] }), json!([new_shown, old_shown])),
        (json!({ "force_authn": true }), json!([new_shown, old_shown])),
        (json!({ "idp_certificate": old }), json!([old_shown])),
        (json!({ "idp_certificate": "MIID" }), json!([unread])),
        (json!({ "idp_certificates": [] }), json!([])),
    ] {
        let changed = api.raw("PATCH", &path, Some(&json!({ "saml": saml }))).await.ok();
        assert_eq!(changed["saml_connection"]["idp_certificates"], expected, "{saml}");
    }
    let saml = text(&api.get(&path).await.ok()["saml_connection"], "id");
    let flat = format!("/saml_connections/{saml}");
    let changed =
        api.raw("PATCH", &flat, Some(&json!({ "idp_certificates": [new, old] }))).await.ok();
    assert_eq!(
        (&changed["idp_certificate"], &changed["idp_certificate_expires_at"]),
        (&json!(new), &new_shown["expires_at"])
    );
    assert_eq!(changed["idp_certificates"], json!([new_shown, old_shown]));
}
