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
            // A password of theirs would be a way around the company's sign-in.
            vec!["blocks sso_connection_inactive", "may_block identifier_unverified"],
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
    known.connections = connection(json!({ "active": false }));
    assert_found(
        &known,
        &["may_block sso_connection_inactive", "may_block sso_certificate_expired"],
    );
    let mut nobody = of_nobody("new@acme.example");
    nobody.connections = connection(json!({ "disable_jit_provisioning": true }));
    assert_found(&nobody, &["blocks no_user", "blocks sso_without_provisioning"]);
    let inactive = json!({ "enterprise_accounts": [{ "provider": "saml_okta", "active": false }] });
    assert_found(&of_user(&inactive), &["may_block sso_account_inactive"]);
}

#[test]
fn who_is_on_the_sso_bypass_allowlist_is_not_said_to_need_single_sign_on() {
    let listed = |user: &str| read(json!([{ "user_id": user, "created_at": NOW - DAY }]));
    let connection = |is_active: bool| {
        read(json!([{ "id": "entconn_1", "active": is_active, "domains": ["acme.example"] }]))
    };
    let known = |user: &str, is_active: bool| Known {
        connections: connection(is_active),
        bypass: listed(user),
        ..of_user(&json!({}))
    };
    assert_found(&known("user_1", true), &["context sso_bypassed"]);
    assert_found(&known("user_2", true), &["may_block sso_user_unlinked"]);
    // It needs an active connection.
    assert_found(&known("user_1", false), &["may_block sso_connection_inactive"]);
    let mut expired = known("user_1", true);
    expired.certificates.insert("entconn_1".to_owned(), NOW - DAY);
    assert_found(&expired, &["may_block sso_certificate_expired", "context sso_bypassed"]);
}

fn from(country: &str, log: Log) -> Log {
    let from = logs::read::From {
        ip_address: Some("198.51.100.77".to_owned()),
        country: Some(country.to_owned()),
        ..logs::read::From::default()
    };
    Log { from, ..log }
}

#[test]
fn a_password_that_was_changed_from_a_new_country_is_a_cause() {
    let nothing = Value::Null;
    let completed = |country: &str, at: i64| from(country, log("sign_in.completed", at, &nothing));
    let changed = |country: &str| {
        let logs = vec![from(country, log("user.password.changed", NOW, &nothing))];
        Some(Found { logs, more: None })
    };
    let wrong = |at: i64| from("DE", log("sign_in.password.failed", at, &nothing));
    // Whoever took the account over signed in shortly before.
    let before = vec![completed("NG", NOW - 1000), completed("DE", NOW - 2 * DAY)];
    let known = |country: &str, since: Option<Log>| Known {
        account: changed(country),
        sign_ins: Some(attempts(since.into_iter().chain(before.clone()).collect())),
        ..of_user(&json!({ "last_sign_in_at": null }))
    };
    let taken = known("NG", None);
    assert_found(&taken, &["may_block password_changed_from_new_country"]);
    assert_eq!(
        report(&taken)["causes"][0]["fact"],
        "The password was changed at 2026-05-30T09:00:00Z from 198.51.100.77, NG. The sign-ins of \
         the days before came from DE, so somebody else may have the account."
    );
    assert_eq!(report(&taken)["causes"][0]["source"], "clerk_list_logs: user.password.changed");
    let back = known("NG", Some(completed("DE", NOW + 1)));
    assert_found(&back, &["context password_changed_from_new_country"]);
    assert_found(&known("DE", None), &[]);
    assert_found(
        &known("DE", Some(wrong(NOW + 1))),
        &["may_block password_changed", "may_block sign_in_failed"],
    );
    assert_found(&known("DE", Some(completed("DE", NOW + 1))), &[]);
    // Without an earlier sign-in, no country is unfamiliar.
    let mut new = known("NG", None);
    new.sign_ins = Some(attempts(vec![completed("NG", NOW - 1000)]));
    assert_found(&new, &[]);
}

#[test]
fn a_lock_follows_wrong_passwords_and_is_no_reason_for_itself() {
    let failed = |at: i64, kind: &str, code: &str| log(kind, at, &json!({ "error_code": code }));
    let mut known = of_user(&json!({ "locked": true, "lockout_expires_in_seconds": 60 }));
    known.account =
        Some(Found { logs: vec![log("user.locked", NOW - 1000, &Value::Null)], more: None });
    let wrong = |at| failed(at, "sign_in.password.failed", "form_password_incorrect");
    let all =
        vec![failed(NOW, "sign_in.failed", "user_locked"), wrong(NOW - 1000), wrong(NOW - 2000)];
    known.sign_ins = Some(attempts(all));
    assert_found(
        &known,
        &["blocks user_locked", "may_block sign_in_failed", "context sign_in_failed"],
    );
    let causes = report(&known)["causes"].clone();
    assert_eq!(
        causes[0]["fact"],
        "The user is locked until 2026-05-30T09:01:00Z, after 2 sign-ins failed with a wrong \
         password."
    );
    assert!(causes[1]["fact"].as_str().unwrap().contains("form_password_incorrect"), "{causes}");
    assert!(causes[2]["fact"].as_str().unwrap().contains("because of the lock"), "{causes}");
    // What isn't all of them is not counted as all.
    if let Some(all) = &mut known.sign_ins {
        all.more = Some("only the newest 3 were read".to_owned());
    }
    let causes = report(&known)["causes"].clone();
    let fact = |index: usize| causes[index]["fact"].as_str().unwrap();
    assert!(fact(0).contains("after at least 2 sign-ins failed"), "{causes}");
    assert!(fact(1).starts_with("At least 2 sign-ins failed"), "{causes}");
}

#[test]
fn a_zero_that_is_left_out_after_the_country_code_is_recognized() {
    let cases = [
        ("+4901701234567", Some("+491701234567")),
        ("+44020 79460000", Some("+4420 79460000")),
        ("+35301234567", Some("+3531234567")),
        ("+491701234567", None),
        ("+390612345678", None),
        ("+2250712345678", None),
        ("+12015550123", None),
        ("+70", Some("+7")),
        ("+4", None),
        ("01701234567", None),
        ("0@acme.example", None),
    ];
    for (given, number) in cases {
        let read = Identifier::of(given).without_trunk_zero();
        assert_eq!(read.as_ref().map(Identifier::text), number, "{given}");
    }
    let mut known = of_user(&json!({ "phone_numbers": [
        { "id": "idn_2", "phone_number": "+491701234567", "verification": verified() },
    ] }));
    known.identifier = Some(Identifier::of("+491701234567"));
    known.with_zero = Some(Identifier::of("+4901701234567"));
    assert_found(&known, &["may_block phone_number_with_trunk_zero"]);
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
