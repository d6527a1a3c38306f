mod instance;

use serde_json::{Value, json};

use super::{
    cause::Severity,
    identifier::{Identifier, covers},
    read::{Attempts, Emails},
    *,
};
use crate::catalog::{
    self,
    logs::{
        self,
        read::{Found, Log},
    },
};

/// 2026-05-30T09:00:00Z
const NOW: i64 = 1_780_131_600_000;
const DAY: i64 = 86_400_000;

fn verified() -> Value {
    json!({ "status": "verified" })
}

/// Somebody whom nothing keeps out, changed at the first level.
fn user(change: &Value) -> wire::User {
    let mut user = json!({
        "id": "user_1",
        "username": null,
        "primary_email_address_id": "idn_1",
        "primary_phone_number_id": null,
        "email_addresses": [
            { "id": "idn_1", "email_address": "ada@acme.example", "verification": verified() },
        ],
        "phone_numbers": [],
        "web3_wallets": [],
        "passkeys": [],
        "external_accounts": [],
        "enterprise_accounts": [],
        "password_enabled": true,
        "two_factor_enabled": false,
        "totp_enabled": false,
        "backup_code_enabled": false,
        "banned": false,
        "locked": false,
        "deprovisioned": false,
        "last_sign_in_at": NOW - DAY,
    });
    for (name, value) in change.as_object().unwrap() {
        user[name] = value.clone();
    }
    serde_json::from_value(user).unwrap()
}

fn of_user(change: &Value) -> Known {
    let user = user(change);
    Known { now: NOW, user_id: Some(user.id.clone()), user: Some(user), ..Known::default() }
}

fn of_nobody(identifier: &str) -> Known {
    Known { now: NOW, identifier: Some(Identifier::of(identifier)), ..Known::default() }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn log(kind: &str, at: i64, payload: &Value) -> Log {
    Log {
        id: format!("{kind} {at}"),
        at,
        kind: kind.to_owned(),
        payload: payload.as_object().cloned(),
        ..Log::default()
    }
}

fn attempts(logs: Vec<Log>) -> Attempts {
    Attempts { logs, ..Attempts::default() }
}

/// The result as an agent reads it.
fn report(known: &Known) -> Value {
    serde_json::to_value(Report::of(known)).unwrap()
}

/// The causes in their order, each as its severity and its code.
fn found(known: &Known) -> Vec<String> {
    let report = report(known);
    let causes = report["causes"].as_array().unwrap();
    for cause in causes {
        let text = format!("{} {}", cause["fact"], cause["changedBy"]);
        assert!(!text.contains(['{', '}']) && !text.contains("  "), "{cause}");
        assert!(!cause["source"].as_str().unwrap().is_empty(), "{cause}");
    }
    let name = |cause: &Value| {
        format!("{} {}", cause["severity"].as_str().unwrap(), cause["cause"].as_str().unwrap())
    };
    causes.iter().map(name).collect()
}

#[track_caller]
fn assert_found(known: &Known, expected: &[&str]) {
    assert_eq!(found(known), expected, "{:#}", report(known));
}

#[test]
fn somebody_whom_nothing_keeps_out_has_no_cause_and_is_not_said_to_get_in() {
    let known = of_user(&json!({}));
    assert_found(&known, &[]);
    let report = report(&known);
    assert_eq!(
        report["summary"],
        "Nothing that was checked prevents the sign-in. What was not checked may."
    );
    assert_eq!(report["lastSignInAt"], "2026-05-29T09:00:00Z");
    let gaps = report["notChecked"].to_string();
    for gap in ["restrictions", "compromised", "second factor or an organization", "Emails"] {
        assert!(gaps.contains(gap), "{gap}: {gaps}");
    }
}

#[test]
fn each_state_of_the_account_is_a_cause() {
    let email = |change: Value| {
        let mut email = json!({ "id": "idn_1", "email_address": "ada@acme.example", "verification": verified() });
        for (name, value) in change.as_object().unwrap() {
            email[name] = value.clone();
        }
        json!({ "email_addresses": [email] })
    };
    let cases = [
        (json!({ "banned": true }), vec!["blocks user_banned"]),
        (json!({ "locked": true }), vec!["blocks user_locked"]),
        (json!({ "deprovisioned": true }), vec!["blocks user_deprovisioned"]),
        (
            email(json!({ "verification": { "status": "expired" } })),
            vec!["may_block identifier_unverified"],
        ),
        (email(json!({ "verification": null })), vec!["may_block identifier_unverified"]),
        (email(json!({ "reserved": true })), vec!["may_block identifier_reserved"]),
        (json!({ "primary_email_address_id": null }), vec!["may_block no_primary_email_address"]),
        (
            json!({ "email_addresses": [], "primary_email_address_id": null }),
            vec!["blocks no_identifier"],
        ),
        // A username is one.
        (
            json!({ "email_addresses": [], "primary_email_address_id": null, "username": "ada" }),
            vec![],
        ),
        // What Clerk left out isn't taken for empty.
        (json!({ "email_addresses": null }), vec![]),
        (
            json!({ "banned": true, "locked": true }),
            vec!["blocks user_banned", "blocks user_locked"],
        ),
    ];
    for (change, expected) in cases {
        assert_found(&of_user(&change), &expected);
    }
}

#[test]
fn a_lock_has_its_beginning_and_its_end() {
    let locked = |seconds: Value| {
        let mut known = of_user(&json!({ "locked": true, "lockout_expires_in_seconds": seconds }));
        let logs =
            vec![log("user.locked", NOW - DAY, &Value::Null), log("user.locked", 7, &Value::Null)];
        known.account = Some(Found { logs, more: None });
        report(&known)["causes"][0].clone()
    };
    let cause = locked(json!(1800));
    assert_eq!(cause["fact"], "The user is locked until 2026-05-30T09:30:00Z.");
    assert_eq!(
        (&cause["since"], &cause["until"]),
        (&json!("2026-05-29T09:00:00Z"), &json!("2026-05-30T09:30:00Z"))
    );
    assert_eq!(cause["changedBy"], "clerk_unlock_user with userId: user_1");
    let cause = locked(Value::Null);
    assert_eq!(cause["fact"], "The user is locked, and Clerk names no end of the lock.");
    assert_eq!(cause.get("until"), None);
}

#[test]
fn only_the_identifier_that_was_given_is_looked_at() {
    let phones = json!([
        { "id": "idn_2", "phone_number": "+12015550100", "verification": verified(),
          "reserved_for_second_factor": true },
        { "id": "idn_3", "phone_number": "+12015550101", "verification": { "status": "unverified" } },
    ]);
    let cases = [
        ("ADA@acme.example", vec![]),
        ("+12015550100", vec!["may_block identifier_second_factor_only"]),
        ("+12015550101", vec!["may_block identifier_unverified"]),
    ];
    for (given, expected) in cases {
        let mut known = of_user(&json!({ "phone_numbers": phones }));
        known.identifier = Some(Identifier::of(given));
        assert_found(&known, &expected);
    }
    let mut known = of_user(&json!({ "phone_numbers": phones }));
    known.identifier = Some(Identifier::of("+12015550101"));
    assert_eq!(
        report(&known)["causes"][0]["changedBy"],
        "clerk_update_phone_number with phoneNumberId: idn_3, verified: true"
    );
    // By ID it is the primary ones, of which the number is none.
    assert_found(&of_user(&json!({ "phone_numbers": phones })), &[]);
}

#[test]
fn each_lack_of_a_factor_is_a_cause() {
    let number = |is_verified: bool| {
        json!([{ "id": "idn_2", "phone_number": "+12015550100", "reserved_for_second_factor": true,
                 "verification": { "status": if is_verified { "verified" } else { "unverified" } } }])
    };
    let two = |totp: bool, codes: bool, numbers: Value| {
        json!({ "two_factor_enabled": true, "totp_enabled": totp, "backup_code_enabled": codes,
                "phone_numbers": numbers })
    };
    let unproved = json!([{ "id": "idn_1", "email_address": "a@b.example", "verification": null }]);
    let cases = [
        (json!({ "password_enabled": false }), vec!["may_block no_password"]),
        (
            json!({ "password_enabled": false, "email_addresses": unproved }),
            vec!["blocks no_sign_in_method", "may_block identifier_unverified"],
        ),
        (two(false, false, json!([])), vec!["blocks second_factor_missing"]),
        (two(false, false, number(false)), vec!["blocks second_factor_unverified"]),
        (two(false, false, number(true)), vec!["may_block second_factor_alone"]),
        (two(true, false, json!([])), vec!["may_block second_factor_alone"]),
        (two(false, true, json!([])), vec!["may_block second_factor_alone"]),
        (two(true, true, json!([])), vec!["context second_factor_on"]),
        (two(true, false, number(true)), vec!["context second_factor_on"]),
    ];
    for (change, expected) in cases {
        assert_found(&of_user(&change), &expected);
    }
    let account = json!([{ "provider": "oauth_google", "verification": verified() }]);
    let known = of_user(&json!({ "password_enabled": false, "external_accounts": account }));
    assert_eq!(
        report(&known)["causes"][0]["fact"],
        "The user has no password, so every password is wrong. They have: a code to \
         ada@acme.example, oauth_google."
    );
}

#[test]
fn each_task_of_a_pending_session_is_a_cause() {
    let cases = [
        ("choose-organization", Some(0), "blocks organization_required"),
        ("choose-organization", Some(2), "may_block organization_required"),
        ("choose-organization", None, "may_block organization_required"),
        ("reset-password", Some(2), "blocks password_reset_required"),
        ("setup-mfa", Some(2), "blocks second_factor_setup_required"),
        ("future-task", Some(2), "may_block session_task_pending"),
    ];
    for (key, memberships, expected) in cases {
        let session = |status: &str, at: i64| json!({ "status": status, "tasks": [{ "key": key }], "created_at": at });
        let mut known = of_user(&json!({}));
        known.memberships = memberships;
        known.sessions = read(json!([
            session("pending", NOW - DAY),
            session("pending", NOW),
            session("active", NOW),
            { "status": "pending", "tasks": null },
        ]));
        assert_found(&known, &[expected]);
        assert_eq!(report(&known)["causes"][0]["since"], "2026-05-30T09:00:00Z");
        known.sessions = read(json!([session("ended", NOW)]));
        assert_found(&known, &[]);
        // Who has signed in since is not kept out by it.
        known.sessions = read(json!([session("pending", NOW), session("active", NOW + 1)]));
        let code = expected.split(' ').next_back().unwrap();
        assert_found(&known, &[&format!("context {code}")]);
    }
}

#[test]
fn who_is_no_user_is_told_why() {
    let invitation = |status: &str| {
        read(
            json!([{ "id": "inv_1", "status": status, "organization_id": "org_1", "created_at": NOW - DAY }]),
        )
    };
    let waiting =
        |status: &str| read(json!([{ "id": "wle_1", "status": status, "created_at": NOW }]));
    let known = || of_nobody("ada@acme.example");
    let cases = vec![
        (known(), vec![]),
        (
            Known { invitations: invitation("pending"), ..known() },
            vec!["may_block invitation_pending"],
        ),
        (
            Known { invitations: invitation("expired"), ..known() },
            vec!["may_block invitation_ended"],
        ),
        (
            Known { invitations: invitation("revoked"), ..known() },
            vec!["may_block invitation_ended"],
        ),
        (Known { invitations: invitation("accepted"), ..known() }, vec![]),
        (
            Known { organization_invitations: invitation("pending"), ..known() },
            vec!["may_block organization_invitation_pending"],
        ),
        (Known { organization_invitations: invitation("revoked"), ..known() }, vec![]),
        (Known { waitlist: waiting("pending"), ..known() }, vec!["blocks waitlist_pending"]),
        (Known { waitlist: waiting("rejected"), ..known() }, vec!["blocks waitlist_rejected"]),
        (Known { waitlist: waiting("invited"), ..known() }, vec!["may_block waitlist_invited"]),
        (Known { waitlist: waiting("completed"), ..known() }, vec![]),
        (of_nobody("ada+x@acme.example"), vec!["may_block email_subaddress"]),
        (of_nobody("ada.lovelace"), vec![]),
        (of_nobody("2015550123"), vec!["context phone_number_without_country_code"]),
    ];
    for (known, further) in cases {
        let expected: Vec<&str> = ["blocks no_user"].into_iter().chain(further).collect();
        assert_found(&known, &expected);
    }
    for (given, change) in [
        ("ada@acme.example", "clerk_create_invitation with emailAddress: ada@acme.example"),
        ("+12015550100", "clerk_create_user with phoneNumber: +12015550100"),
        ("ada", "clerk_create_user with username: ada"),
    ] {
        assert_eq!(report(&of_nobody(given))["causes"][0]["changedBy"], change);
    }
}

#[test]
fn a_deleted_user_is_told_from_one_who_never_was() {
    let mut known = Known { now: NOW, user_id: Some("user_1".to_owned()), ..Known::default() };
    assert_found(&known, &["blocks no_user"]);
    let logs =
        vec![log("user.updated", NOW, &Value::Null), log("user.deleted", NOW - DAY, &Value::Null)];
    known.account = Some(Found { logs, more: None });
    assert_found(&known, &["blocks no_user", "blocks user_deleted"]);
    assert_eq!(report(&known)["causes"][1]["since"], "2026-05-29T09:00:00Z");
}

#[test]
fn of_several_users_none_is_explained() {
    let mut known = of_nobody("ada@acme.example");
    known.several = vec!["user_1".to_owned(), "user_2".to_owned()];
    known.blocklist = read(json!([{ "id": "blid_1", "identifier": "ada@acme.example" }]));
    assert_found(&known, &["may_block several_users"]);
    assert_eq!(
        report(&known)["causes"][0]["changedBy"],
        "clerk_explain_sign_in with userId: user_1"
    );
}

#[test]
fn what_blocks_comes_first() {
    let mut known = of_user(&json!({ "banned": true, "password_enabled": false }));
    known.countries = Some(vec!["RU".to_owned()]);
    known.blocklist = read(json!([{ "id": "blid_1", "identifier": "acme.example" }]));
    known.connections =
        read(json!([{ "id": "entconn_1", "active": false, "domains": ["acme.example"] }]));
    assert_found(
        &known,
        &[
            "blocks user_banned",
            "may_block sso_connection_inactive",
            "may_block no_password",
            "may_block on_blocklist",
            "context sms_countries_blocked",
        ],
    );
    assert_eq!(report(&known)["summary"], "1 cause prevents the sign-in, 3 more may.");
}

#[test]
fn a_value_is_never_read_as_a_template_and_hides_nothing() {
    let known = of_nobody("{user}\u{202e}@acme.example");
    let fact = report(&known)["causes"][0]["fact"].clone();
    assert_eq!(fact, "No user has the email address {user}⟦U+202E⟧@acme.example.");
    let long = of_nobody(&format!("{}@acme.example", "a".repeat(300)));
    let fact = report(&long)["causes"][0]["fact"].as_str().unwrap().to_owned();
    assert!(fact.contains("⟦cut: ") && fact.len() < 200, "{fact}");
}

#[test]
fn the_same_reason_is_said_once() {
    let gap =
        |what: &str| read::Gap { what: what.to_owned(), why: "Clerk answered 404".to_owned() };
    let mut known = of_user(&json!({ "banned": null }));
    known.gaps = vec![gap("logs of sign-ins"), gap("logs of the account")];
    let lines = report(&known)["notChecked"].clone();
    assert_eq!(
        lines[0],
        json!({ "what": "logs of sign-ins, logs of the account", "why": "Clerk answered 404" })
    );
    assert_eq!(lines[1]["what"], "the user's banned");
}

/// Each row names tools that there are, with arguments that they take.
#[test]
fn the_table_names_tools_and_their_arguments() {
    let tool = |name: &str| catalog::all().map(|(_, tool)| tool).find(|tool| tool.name == name);
    for row in rows::ALL {
        let code = row.code;
        let is_code = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        assert!(code.chars().all(is_code) && row.fact.ends_with(['.', '}']), "{code}");
        assert!(tool(row.source.0).is_some(), "{code}: {}", row.source.0);
        let (name, arguments) = row.change;
        let Some(tool) = tool(name) else {
            assert_eq!((name, arguments), ("", ""), "{code}");
            continue;
        };
        let own = arguments.split(", then ").next().unwrap().split(", ");
        for argument in own.filter(|part| !part.is_empty()) {
            let argument = argument.split([':', ' ']).next().unwrap();
            let is_there = argument == "{argument}" || tool.argument(argument).is_some();
            assert!(is_there, "{code}: {name} has no {argument}");
        }
    }
    let severities = |wanted| rows::ALL.iter().filter(|row| row.severity == wanted).count();
    for severity in [Severity::Blocks, Severity::MayBlock, Severity::Context] {
        assert!(severities(severity) > 2, "{severity:?}");
    }
}

#[test]
fn the_page_on_cases_names_every_cause_and_no_other() {
    let page = include_str!("../../../docs/cases.md");
    let (_, section) = page.split_once("## Why they can't sign in").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1));
    let named: std::collections::BTreeSet<&str> =
        rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect();
    let known: std::collections::BTreeSet<&str> = rows::ALL.iter().map(|row| row.code).collect();
    assert_eq!(named, known);
}
