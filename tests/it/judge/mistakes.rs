//! Mistakes that agents make, each with what they are told; and spellings that are understood.

use serde_json::{Value, json};

use super::{Court, Ruling, tools};

#[tokio::test]
async fn known_mistakes_are_refused_with_the_path_and_the_remedy() {
    let long = "x".repeat(256);
    let invitation = |more: Value| {
        let mut invitation = json!({ "emailAddress": "ada@example.com", "role": "org:member" });
        invitation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "organizationId": "org_1", "invitations": [invitation] })
    };
    let bulk = "clerk_create_organization_invitations";
    let cases = [
        (bulk, json!({ "organizationId": "org_1", "invitations": [] }), "invitations", "1 to 10"),
        (
            bulk,
            json!({ "organizationId": "org_1", "invitations": [{}] }),
            "invitations[0].emailAddress",
            "is missing",
        ),
        (
            bulk,
            invitation(json!({ "expiresInDays": 400 })),
            "invitations[0].expiresInDays",
            "1 to 365",
        ),
        (bulk, invitation(json!({ "expires": 7 })), "invitations[0].expires", "expiresInDays"),
        (
            bulk,
            invitation(json!({ "redirectUrl": "here" })),
            "invitations[0].redirectUrl",
            "full URL",
        ),
        (
            "clerk_extend_billing_subscription_item_free_trial",
            json!({ "subscriptionItemId": "item_1", "extendTo": "2020-01-31" }),
            "extendTo",
            "in the future",
        ),
        (
            "clerk_update_instance_communication",
            json!({ "blockedCountryCodes": "DE,Russia" }),
            "blockedCountryCodes",
            "two capital letters",
        ),
        (
            "clerk_create_agent_task",
            json!({
                "onBehalfOf": {}, "permissions": "*", "agentName": "a", "taskDescription": "b",
                "redirectUrl": "https://example.com",
            }),
            "onBehalfOf.userId",
            "userId or identifier",
        ),
        ("clerk_get_api_key", json!({ "apiKeyId": "ak_1" }), "apiKeyId", "32 hexadecimal digits"),
        (
            "clerk_create_billing_price",
            json!({ "planId": "plan_1", "amount": 99 }),
            "amount",
            "0 or a whole number of at least 100",
        ),
        (
            "clerk_add_domain",
            json!({ "name": "example.org", "isSatellite": false }),
            "isSatellite",
            "must be true",
        ),
        (
            "clerk_update_directory",
            json!({ "directoryId": "dir_1", "attributeMapping": { "firstName": 7 } }),
            "attributeMapping.firstName",
            "null to remove it",
        ),
        ("clerk_update_machine", json!({ "machineId": "mch_1", "name": long }), "name", "255"),
    ];
    let court = Court::new().await;
    for (name, arguments, path, remedy) in cases {
        let tool = tools().find(|tool| tool.name == name).unwrap();
        let Ruling::Refused(errors) = court.rule(tool, &arguments).await else {
            panic!("{name} {arguments} was taken");
        };
        let is_named = |(at, problem): &(String, String)| at == path && problem.contains(remedy);
        assert!(errors.iter().any(is_named), "{name} {arguments}: {errors:?}");
    }
}

#[tokio::test]
async fn other_spellings_are_sent_in_clerks_form_at_any_depth() {
    let invitations = json!([{
        "emailAddress": "ada@example.com", "role": "org:member", "expiresInDays": "7",
    }]);
    let cases = [
        (
            "clerk_create_organization_invitations",
            json!({ "organizationId": "org_1", "invitations": invitations }),
            "/organizations/org_1/invitations/bulk",
            json!([{ "email_address": "ada@example.com", "role": "org:member", "expires_in_days": 7 }]),
        ),
        (
            "clerk_update_role_set",
            json!({ "roleSetKeyOrId": "role_set:teams", "name": "Teams" }),
            "/role_sets/role_set:teams",
            json!({ "name": "Teams" }),
        ),
        (
            "clerk_extend_billing_subscription_item_free_trial",
            json!({ "subscriptionItemId": "item_1", "extendTo": "2099-01-31" }),
            "/billing/subscription_items/item_1/extend_free_trial",
            json!({ "extend_to": "2099-01-31T00:00:00Z" }),
        ),
        (
            "clerk_update_directory",
            json!({ "directoryId": "dir_1", "attributeMapping": { "lastName": null } }),
            "/directories/dir_1",
            json!({ "attribute_mapping": { "lastName": null } }),
        ),
        ("clerk_create_m2m_token", json!({}), "/m2m_tokens", json!({})),
    ];
    let court = Court::new().await;
    for (name, arguments, path, body) in cases {
        let tool = tools().find(|tool| tool.name == name).unwrap();
        let Ruling::Sent(sent) = court.rule(tool, &arguments).await else {
            panic!("{name} {arguments} was refused");
        };
        assert_eq!((sent.len(), &*sent[0].path), (1, path), "{name}");
        assert_eq!(sent[0].body, Some(body), "{name}");
    }
}
