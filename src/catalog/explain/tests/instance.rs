//! Causes in the settings of the instance, and in what was tried.

use super::*;

#[test]
fn an_entry_of_a_list_covers_an_address_or_its_domain() {
    let cases = [
        ("ada@acme.example", "Ada@acme.example", true),
        ("*@acme.example", "ada@ACME.example", true),
        ("@acme.example", "ada@acme.example", true),
        ("acme.example", "ada@acme.example", true),
        ("acme.example", "ada@sub.acme.example", false),
        ("other@acme.example", "ada@acme.example", false),
        ("", "ada@acme.example", false),
        ("*", "ada@acme.example", false),
        ("+12015550100", "+12015550100", true),
        ("+1201555010", "+12015550100", false),
    ];
    for (entry, address, expected) in cases {
        assert_eq!(covers(entry, address), expected, "{entry} {address}");
    }
}

#[test]
fn lists_keep_out_whom_they_name_and_whom_they_do_not() {
    let entries = |identifiers: &[&str]| {
        let entries = identifiers.iter().map(|one| json!({ "id": "id_1", "identifier": one }));
        read(entries.collect())
    };
    let known = || of_user(&json!({}));
    let cases = [
        (
            Known { blocklist: entries(&["*@acme.example"]), ..known() },
            vec!["may_block on_blocklist"],
        ),
        (Known { blocklist: entries(&["eve@acme.example"]), ..known() }, vec![]),
        (
            Known { allowlist: entries(&["other.example"]), ..known() },
            vec!["may_block not_on_allowlist"],
        ),
        (Known { allowlist: entries(&["x.example", "acme.example"]), ..known() }, vec![]),
        (Known { allowlist: entries(&[]), ..known() }, vec![]),
        (
            Known { countries: Some(vec!["RU".to_owned()]), ..known() },
            vec!["context sms_countries_blocked"],
        ),
        (Known { countries: Some(Vec::new()), ..known() }, vec![]),
    ];
    for (known, expected) in cases {
        assert_found(&known, &expected);
    }
}

#[test]
fn single_sign_on_is_judged_by_its_connection() {
    let connection = |change: Value| {
        let mut connection = json!({ "id": "entconn_1", "name": "Okta", "active": true,
            "domains": ["Acme.example"], "saml_connection": { "id": "samlc_1" } });
        for (name, value) in change.as_object().unwrap() {
            connection[name] = value.clone();
        }
        read(json!([connection]))
    };
    let certificates = |times: Value| json!({ "saml_connection": { "idp_certificates": times } });
    let linked = json!({ "enterprise_accounts": [
        { "provider": "saml_okta", "active": true, "enterprise_connection_id": "entconn_1" },
    ] });
    let only_linked = json!({ "password_enabled": false, "email_addresses": [
        { "id": "idn_1", "email_address": "ada@acme.example", "verification": null },
    ], "enterprise_accounts": linked["enterprise_accounts"] });
    let [unlinked, linked, only] = [json!({}), linked, only_linked].map(|change| of_user(&change));
    let old = NOW - DAY;
    let cases = [
        (&unlinked, json!({}), vec!["may_block sso_user_unlinked"]),
        (&linked, json!({}), vec!["context sso_required"]),
        (&unlinked, json!({ "active": false }), vec!["may_block sso_connection_inactive"]),
        (&linked, json!({ "active": false }), vec!["may_block sso_connection_inactive"]),
        (
            &linked,
            certificates(json!([{ "expires_at": old }])),
            vec!["blocks sso_certificate_expired"],
        ),
        (
            &linked,
            certificates(json!([{ "expires_at": old }, { "expires_at": NOW + 1 }])),
            vec!["context sso_required"],
        ),
        (&linked, certificates(json!([{ "expires_at": old }, {}])), vec!["context sso_required"]),
        (&unlinked, json!({ "authenticatable": false }), vec![]),
        (&unlinked, json!({ "domains": ["other.example"] }), vec![]),
        (&unlinked, json!({ "domains": ["example"] }), vec![]),
        (
            &unlinked,
            json!({ "domains": ["example"], "saml_connection": { "allow_subdomains": true } }),
            vec!["may_block sso_user_unlinked"],
        ),
        (
            &only,
            json!({ "active": false }),
            vec![
                "blocks sso_connection_inactive",
                "may_block identifier_unverified",
                "may_block no_password",
            ],
        ),
    ];
    for (known, change, expected) in cases {
        let known = Known {
            connections: connection(change),
            user: known.user.clone(),
            ..of_user(&json!({}))
        };
        assert_found(&known, &expected);
    }
    let mut known = Known { connections: connection(json!({})), ..of_user(&json!({})) };
    known.certificates.insert("entconn_1".to_owned(), old);
    assert_found(&known, &["blocks sso_certificate_expired"]);
    let mut nobody = of_nobody("new@acme.example");
    nobody.connections = connection(json!({ "disable_jit_provisioning": true }));
    assert_found(&nobody, &["blocks no_user", "blocks sso_without_provisioning"]);
    let inactive = json!({ "enterprise_accounts": [{ "provider": "saml_okta", "active": false }] });
    assert_found(&of_user(&inactive), &["may_block sso_account_inactive"]);
}

#[test]
fn failed_sign_ins_are_counted_by_their_reason() {
    let failed = |at: i64, code: &str| log("sign_in.failed", at, &json!({ "error_code": code }));
    let mut known = of_user(&json!({}));
    known.sign_ins = Some(attempts(vec![
        failed(NOW, "form_password_incorrect"),
        failed(NOW - 1000, "form_password_incorrect"),
        log("sign_in.created", NOW - 2000, &Value::Null),
        log("sign_in.password.failed", NOW - 3000, &Value::Null),
    ]));
    assert_found(&known, &["may_block sign_in_failed", "may_block sign_in_failed"]);
    let causes = report(&known)["causes"].clone();
    assert_eq!(
        causes[0]["fact"],
        "2 sign-ins failed for this reason: form_password_incorrect. The last was at \
         2026-05-30T09:00:00Z."
    );
    assert_eq!(causes[0]["since"], "2026-05-30T08:59:59Z");
    assert!(causes[1]["fact"].as_str().unwrap().contains("not said in the logs"), "{causes}");
    // What a success followed is background.
    if let Some(all) = &mut known.sign_ins {
        all.logs.push(log("sign_in.completed", NOW + 5, &Value::Null));
    }
    assert_found(&known, &["context sign_in_failed", "context sign_in_failed"]);
    let codes = ["a", "b", "c", "d", "e"];
    known.sign_ins = Some(attempts(
        codes.into_iter().zip(0..).map(|(code, at)| failed(NOW + at, code)).collect(),
    ));
    let causes = report(&known)["causes"].clone();
    assert_eq!(causes.as_array().unwrap().len(), 4, "{causes}");
    assert!(
        causes[3]["fact"].as_str().unwrap().starts_with("2 sign-ins failed for this reason: other"),
        "{causes}"
    );
}

#[test]
fn messages_that_did_not_arrive_are_causes() {
    let mut known = of_user(&json!({}));
    let payload = json!({ "phone_number": "+12015550100", "reason": "restricted_destination" });
    known.sms = Some(attempts(vec![log("sms.failed", NOW, &payload)]));
    let message = |change: Value| {
        let mut message =
            json!({ "to_email_address": "Ada@acme.example", "slug": "verification_code" });
        for (name, value) in change.as_object().unwrap() {
            message[name] = value.clone();
        }
        (NOW, serde_json::from_value(message).unwrap())
    };
    let sent = vec![
        message(json!({ "suppression_reason": "bounced" })),
        message(json!({ "suppression_reason": "bounced", "to_email_address": "eve@acme.example" })),
        message(json!({ "delivered_by_clerk": false })),
        message(json!({ "delivered_by_clerk": true })),
    ];
    known.emails = Some(Emails { sent, more: None });
    assert_found(
        &known,
        &[
            "may_block sms_failed",
            "may_block email_suppressed",
            "may_block email_not_delivered_by_clerk",
        ],
    );
    let causes = report(&known)["causes"].clone();
    assert_eq!(
        causes[0]["fact"],
        "1 text message to +12015550100 failed: restricted_destination. The last was at \
         2026-05-30T09:00:00Z."
    );
    assert_eq!(
        causes[0]["changedBy"],
        "clerk_update_instance_communication with blockedCountryCodes"
    );
}
