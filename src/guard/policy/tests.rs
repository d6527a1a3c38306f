mod properties;
mod second_person;

use std::thread;

use serde_json::{Map, Value, json};

use super::*;
use crate::principal::Principal;

const MONDAY_NOON: &str = "2026-06-01T12:00:00Z";

fn policy(text: &str) -> Policy {
    let known = Known { tools: vec!["del", "get", "set"], toolsets: vec!["users", "sessions"] };
    Policy::read(text, &known).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"))
}

/// The text of a policy with rules `r1`, `r2` …, each an action and its other lines.
fn text_of(default: &str, rules: &[(&str, &str)]) -> String {
    let rules = (1..).zip(rules).map(|(number, (action, lines))| {
        format!("[[rules]]\nname = \"r{number}\"\naction = \"{action}\"\n{lines}\n")
    });
    std::iter::once(format!("default = \"{default}\"\n")).chain(rules).collect()
}

fn rules(default: &str, rules: &[(&str, &str)]) -> Policy {
    policy(&text_of(default, rules))
}

fn facts(emails: &[&str], organizations: &[&str]) -> Facts {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    Facts { emails: owned(emails), organizations: owned(organizations), ..Facts::default() }
}

/// A call that says of itself what these arguments would, as a tool's row would have it read.
fn subject<'a>(tool: &'a str, effect: &str, arguments: &Value) -> Subject<'a> {
    let texts = |name: &str| match &arguments[name] {
        Value::String(text) => text.split(',').map(|text| text.trim().to_owned()).collect(),
        Value::Array(items) => {
            items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
        }
        _ => Vec::new(),
    };
    let metadata = ["publicMetadata", "privateMetadata", "unsafeMetadata"];
    let metadata = metadata.into_iter().filter_map(|name| arguments[name].as_object());
    Subject {
        principal: Principal::default(),
        tool,
        many_of: "",
        toolset: "users",
        effect: effect.to_owned(),
        exports: false,
        emails: texts("emailAddress"),
        organizations: texts("organizationId"),
        replaces_metadata: metadata.clone().next().is_some(),
        metadata_keys: metadata.flat_map(Map::keys).cloned().collect(),
    }
}

/// What is said of a destructive call of `del` on Monday noon.
fn verdict(policy: &Policy, arguments: &Value, facts: Option<&Facts>) -> String {
    let subject = subject("del", "destructive", arguments);
    in_short(policy, &policy.decide(&subject, facts, &MONDAY_NOON.parse().unwrap()))
}

fn in_short(policy: &Policy, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow { rule: None } => "allow".to_owned(),
        Verdict::Allow { rule: Some(rule) } => format!("allow {}", policy.name(*rule)),
        Verdict::Deny { rule: None, .. } => "deny".to_owned(),
        Verdict::Deny { rule: Some(rule), .. } => format!("deny {rule}"),
        Verdict::NeedsFacts => "needs facts".to_owned(),
    }
}

#[test]
fn each_condition_holds_or_not() {
    let some = facts(&["a@ourco.com"], &["org_1"]);
    let cases = [
        ("", "{}", true),
        ("tools = ['del', 'get']", "{}", true),
        ("tools = ['get']", "{}", false),
        ("toolsets = ['users']", "{}", true),
        ("toolsets = ['sessions']", "{}", false),
        ("effects = ['write', 'destructive']", "{}", true),
        ("effects = ['write']", "{}", false),
        ("organizations = ['org_1']", "{}", true),
        ("organizations = ['org_2']", "{}", false),
        ("email_domains = ['OURCO.com']", "{}", true),
        ("email_domains = ['*.ourco.com']", "{}", false),
        ("metadata_keys = ['role']", r#"{"publicMetadata": {"role": 1}}"#, true),
        ("metadata_keys = ['plan']", r#"{"publicMetadata": {"role": 1}}"#, false),
        ("metadata_keys = ['role']", "{}", false),
        ("hours = ['tue 00:00-24:00', 'mon 12:00-12:01']", "{}", true),
        ("hours = ['mon 12:01-24:00']", "{}", false),
        ("tools = ['del']\neffects = ['destructive']\nhours = ['mon 09:00-17:00']", "{}", true),
        ("tools = ['del']\neffects = ['read']", "{}", false),
    ];
    for (when, arguments, holds) in cases {
        let arguments = serde_json::from_str(arguments).unwrap();
        for (action, default) in [("deny", "allow"), ("allow", "deny")] {
            let policy = rules(default, &[(action, when)]);
            let expected = if holds { format!("{action} r1") } else { default.to_owned() };
            assert_eq!(verdict(&policy, &arguments, Some(&some)), expected, "{action} {when}");
        }
    }
}

#[test]
fn an_export_is_a_read_that_rules_can_tell_from_others() {
    let read = subject("get", "read", &json!({}));
    let export = Subject { exports: true, ..read.clone() };
    let decided = |policy: &Policy, subject: &Subject| {
        in_short(policy, &policy.decide(subject, None, &MONDAY_NOON.parse().unwrap()))
    };
    let cases = [
        ("allow", "deny", "effects = ['export']", ["allow", "deny r1"]),
        ("deny", "allow", "effects = ['export']", ["deny", "allow r1"]),
        ("allow", "deny", "effects = ['read']", ["deny r1", "deny r1"]),
        ("allow", "deny", "effects = ['write', 'destructive']", ["allow", "allow"]),
    ];
    for (default, action, when, expected) in cases {
        let policy = rules(default, &[(action, when)]);
        assert_eq!([&read, &export].map(|subject| decided(&policy, subject)), expected, "{when}");
    }
}

#[test]
fn the_first_rule_that_fits_decides() {
    let policy = rules(
        "deny",
        &[("deny", "tools = ['get']"), ("allow", "toolsets = ['users']"), ("deny", "")],
    );
    assert_eq!(verdict(&policy, &json!({}), None), "allow r2");
    let policy = rules("allow", &[("deny", "effects = ['destructive']"), ("allow", "")]);
    assert_eq!(verdict(&policy, &json!({}), None), "deny r1");
    assert_eq!(verdict(&rules("allow", &[]), &json!({}), None), "allow");
    assert_eq!(verdict(&rules("deny", &[]), &json!({}), None), "deny");
}

#[test]
fn a_refusal_says_which_rule_and_why() {
    let text =
        "[[rules]]\nname = \"no deletions\"\naction = \"deny\"\nreason = \"Ask the IT desk.\"";
    let subject = subject("del", "destructive", &json!({}));
    let expected = Verdict::Deny {
        rule: Some("no deletions".to_owned()),
        why: "rule `no deletions` of the operator's policy denies it".to_owned(),
        reason: Some("Ask the IT desk.".to_owned()),
        retry_after: None,
    };
    assert_eq!(policy(text).decide(&subject, None, &Timestamp::now()), expected);
}

#[test]
fn a_rule_that_denies_asks_for_any_and_one_that_allows_for_all() {
    let cases: [(&[&str], &str, &str); 6] = [
        (&[], "allow", "deny"),
        (&["a@ourco.com"], "deny r1", "allow r1"),
        (&["a@ourco.com", "b@sub.ourco.com"], "deny r1", "allow r1"),
        (&["a@ourco.com", "b@gmail.com"], "deny r1", "deny"),
        (&["b@gmail.com"], "allow", "deny"),
        (&["no address"], "allow", "deny"),
    ];
    let list = "email_domains = ['ourco.com', '*.ourco.com']";
    for (emails, denied, allowed) in cases {
        let facts = facts(emails, &[]);
        let deny = rules("allow", &[("deny", list)]);
        let allow = rules("deny", &[("allow", list)]);
        assert_eq!(verdict(&deny, &json!({}), Some(&facts)), denied, "{emails:?}");
        assert_eq!(verdict(&allow, &json!({}), Some(&facts)), allowed, "{emails:?}");
    }
    let (list, keys) = ("organizations = ['org_1']", "metadata_keys = ['a', 'b']");
    let two = facts(&[], &["org_2"]);
    let arguments = json!({ "organizationId": "org_1", "publicMetadata": { "a": 1, "c": 1 } });
    for list in [list, keys] {
        assert_eq!(verdict(&rules("allow", &[("deny", list)]), &arguments, Some(&two)), "deny r1");
        assert_eq!(verdict(&rules("deny", &[("allow", list)]), &arguments, Some(&two)), "deny");
    }
}

#[test]
fn hours_are_those_of_the_zone_in_summer_and_winter() {
    let policy = policy(
        "default = \"deny\"\ntimezone = \"Europe/Berlin\"\n[[rules]]\nname = \"day\"\n\
         action = \"allow\"\nhours = [\"mon-fri 09:00-17:00\", \"sun 02:00-03:00\"]",
    );
    let cases = [
        ("2026-01-05T08:00:00Z", true),  // 09:00 in winter
        ("2026-01-05T07:59:59Z", false), // 08:59
        ("2026-07-06T07:00:00Z", true),  // 09:00 in summer
        ("2026-07-06T15:00:00Z", false), // 17:00
        ("2026-03-29T00:59:59Z", false), // 01:59, then the clock is put forward to 03:00
        ("2026-03-29T01:00:00Z", false),
        ("2026-10-25T00:30:00Z", true), // 02:30, twice on this day
        ("2026-10-25T01:30:00Z", true),
        ("2026-10-25T02:00:00Z", false),
        ("-009999-01-02T01:59:59Z", false),
        ("9999-12-30T22:00:00.999Z", false),
    ];
    let subject = subject("get", "read", &json!({}));
    for (time, is_allowed) in cases {
        let verdict = policy.decide(&subject, None, &time.parse().unwrap());
        assert_eq!(matches!(verdict, Verdict::Allow { .. }), is_allowed, "{time}");
    }
}

#[test]
fn a_limit_allows_and_then_denies_with_a_wait() {
    let policy = rules("allow", &[("allow", "per_hour = 2\ntools = ['del']"), ("deny", "")]);
    let subject = subject("del", "destructive", &json!({}));
    let now = Timestamp::now();
    for _ in 0..2 {
        let Verdict::Allow { rule: Some(rule) } = policy.decide(&subject, None, &now) else {
            panic!("there is room")
        };
        assert_eq!(policy.count(rule, &Principal::default(), 1), Ok(()));
    }
    let verdict = policy.decide(&subject, None, &now);
    let Verdict::Deny { rule, why, retry_after: Some(wait), .. } = &verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(rule.as_deref(), Some("r1"));
    assert!(why.contains("rule `r1`") && why.contains("2 such calls an hour"), "{why}");
    assert!((3590..=3600).contains(&wait.as_secs()), "{wait:?}");
    let spent = policy.count(RuleId(0), &Principal::default(), 1).unwrap_err();
    assert!(matches!(spent, Verdict::Deny { .. }));
    assert_eq!(policy.count(RuleId(1), &Principal::default(), 1), Ok(()));
    assert!(policy.count(RuleId(9), &Principal::default(), 1).is_err());
}

#[test]
fn a_limit_for_each_is_each_persons_and_both_limits_must_have_room() {
    let policy = rules("deny", &[("allow", "per_hour = 3\nper_hour_each = 2")]);
    let person = |subject: &str| Principal {
        subject: Some(subject.to_owned()),
        ..Principal::by(Authentication::OAuth)
    };
    let count = |subject, people| policy.count(RuleId(0), &person(subject), people);
    assert_eq!((count("user_1", 1), count("user_1", 1)), (Ok(()), Ok(())));
    let Err(Verdict::Deny { why, .. }) = count("user_1", 1) else { panic!("it has none left") };
    assert!(why.contains("2 such calls an hour to each person"), "{why}");
    // What the one limit has no room for takes nothing from the other.
    let Err(Verdict::Deny { why, .. }) = count("user_2", 2) else { panic!("three are all") };
    assert!(why.contains("3 such calls an hour,"), "{why}");
    assert_eq!(count("user_2", 1), Ok(()));
    let subject = Subject { principal: person("user_2"), ..Subject::default() };
    let decided = policy.decide(&subject, None, &Timestamp::now());
    assert!(matches!(decided, Verdict::Deny { retry_after: Some(_), .. }), "{decided:?}");
}

#[test]
fn threads_never_run_more_than_the_limit() {
    let policy = rules("allow", &[("allow", "per_hour = 7")]);
    let ran: usize = thread::scope(|scope| {
        let run = || {
            (0..20).filter(|_| policy.count(RuleId(0), &Principal::default(), 1).is_ok()).count()
        };
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(ran, 7);
}

type Rules<'a> = &'a [(&'a str, &'a str)];

#[test]
fn facts_are_asked_for_only_where_they_matter() {
    const STAFF: &str = "email_domains = ['ourco.com']";
    const ORG: &str = "organizations = ['org_1']";
    let staff_read = format!("{STAFF}\neffects = ['read']");
    let staff_limit = format!("{STAFF}\nper_hour = 1");
    let ours = json!({ "emailAddress": "a@ourco.com" });
    let theirs = json!({ "emailAddress": "a@gmail.com, b@ourco.com" });
    let staff_in_org = format!("{ORG}\n{STAFF}");
    let in_org = json!({ "organizationId": "org_1" });
    let cases: [(&str, Rules, Value, &str); 18] = [
        ("allow", &[("deny", STAFF)], json!({}), "needs facts"),
        ("deny", &[("allow", STAFF)], json!({}), "needs facts"),
        ("allow", &[("deny", ORG)], json!({}), "needs facts"),
        // A condition that needs no look settles it.
        ("allow", &[("deny", &staff_read)], json!({}), "allow"),
        ("allow", &[("deny", "tools = ['del']"), ("deny", STAFF)], json!({}), "deny r1"),
        // The arguments settle it.
        ("allow", &[("deny", STAFF)], ours.clone(), "deny r1"),
        ("allow", &[("deny", STAFF)], theirs.clone(), "deny r1"),
        ("allow", &[("deny", ORG)], in_org.clone(), "deny r1"),
        ("deny", &[("allow", STAFF)], theirs.clone(), "deny"),
        ("deny", &[("allow", &staff_in_org)], theirs, "deny"),
        ("deny", &[("allow", STAFF)], ours, "needs facts"),
        ("deny", &[("allow", ORG)], in_org, "needs facts"),
        // It comes to the same.
        ("deny", &[("deny", STAFF)], json!({}), "deny"),
        ("allow", &[("allow", STAFF)], json!({}), "allow"),
        ("allow", &[("deny", STAFF), ("deny", "tools = ['del']")], json!({}), "deny r2"),
        ("allow", &[("deny", STAFF), ("allow", "tools = ['del']")], json!({}), "needs facts"),
        // But for what is counted.
        ("allow", &[("allow", &staff_limit)], json!({}), "needs facts"),
        ("allow", &[("allow", STAFF), ("allow", "per_hour = 1")], json!({}), "needs facts"),
    ];
    for (default, list, arguments, expected) in cases {
        let policy = rules(default, list);
        assert_eq!(verdict(&policy, &arguments, None), expected, "{list:?} {arguments}");
    }
}

#[test]
fn an_explanation_goes_through_the_rules() {
    let policy = policy(
        r#"
        [[rules]]
        name = "no reads"
        action = "deny"
        effects = ["read", "write"]
        [[rules]]
        name = "staff"
        action = "deny"
        reason = "Ask the IT desk."
        email_domains = ["ourco.com", "*.ourco.com"]
        [[rules]]
        name = "one org by night"
        action = "allow"
        hours = ["daily 22:00-06:00"]
        organizations = ["org_1"]
        [[rules]]
        name = "plan only"
        action = "allow"
        metadata_keys = ["plan"]
        [[rules]]
        name = "some"
        action = "allow"
        reason = "Wait."
        tools = ["del"]
        per_hour = 1
        [[rules]]
        name = "rest"
        action = "deny"
        "#,
    );
    let explain = |tool, arguments: &Value, facts: Option<&Facts>| {
        let subject = subject(tool, "destructive", arguments);
        policy.explain(&subject, facts, &MONDAY_NOON.parse().unwrap())
    };
    let arguments = json!({ "publicMetadata": { "ro\nle": 1 } });
    let gmail = facts(&["a@gmail.com"], &[]);
    let mut expected = vec![
        "rule 1 `no reads`: no match: effect is destructive, not read or write",
        "rule 2 `staff`: no match: no email domain is ourco.com or *.ourco.com",
        "rule 3 `one org by night`: no match: it is Mon 12:00, not daily 22:00-06:00",
        "rule 4 `plan only`: no match: metadata key ro\\nle is not plan",
        "rule 5 `some`: match",
        "rule 6 `rest`: not reached",
        "allowed by rule `some`: 1 of 1 calls an hour left",
    ];
    assert_eq!(explain("del", &arguments, Some(&gmail)), expected);
    policy.count(RuleId(4), &Principal::default(), 1).unwrap();
    let lines = explain("del", &arguments, Some(&gmail));
    assert_eq!(lines[..6], expected[..6]);
    let beginning = "denied by rule `some`: its limit is reached; there is room in 3";
    assert!(lines[6].starts_with(beginning) && lines[6].ends_with(" s (Wait.)"), "{lines:?}");
    expected[3] = "rule 4 `plan only`: no match: there is no metadata key";
    expected[4] = "rule 5 `some`: no match: tool is get, not del";
    expected[5] = "rule 6 `rest`: match";
    expected[6] = "denied by rule `rest`";
    assert_eq!(explain("get", &json!({}), Some(&gmail)), expected);
    let lines = explain("set", &json!({ "publicMetadata": { "plan": 1 } }), None);
    assert_eq!(lines[1], "rule 2 `staff`: open: it depends on the emails of the call's target");
    assert_eq!(
        lines[3],
        "rule 4 `plan only`: open: it depends on the metadata that the call replaces"
    );
    assert!(lines[6].starts_with("not decided: it takes a look at the"), "{lines:?}");
    let staff = explain("del", &json!({}), Some(&facts(&["a@ourco.com"], &[])));
    assert_eq!(staff[6], "denied by rule `staff` (Ask the IT desk.)");
    let read = subject("get", "read", &json!({}));
    let now = Timestamp::now();
    assert_eq!(
        rules("deny", &[]).explain(&read, None, &now),
        ["denied by default: no rule matches"]
    );
}

#[test]
fn a_key_that_is_dropped_counts_as_one_that_is_written() {
    let arguments = json!({ "publicMetadata": { "plan": 1 } });
    let subject = subject("set", "write", &arguments);
    let now = Timestamp::now();
    let drops = |keys: &[&str]| Facts {
        metadata_keys: keys.iter().map(ToString::to_string).collect(),
        ..Facts::default()
    };
    let deny = rules("allow", &[("deny", "metadata_keys = ['role']")]);
    assert_eq!(deny.decide(&subject, None, &now), Verdict::NeedsFacts);
    let verdict = deny.decide(&subject, Some(&drops(&["role"])), &now);
    assert!(matches!(verdict, Verdict::Deny { .. }), "{verdict:?}");
    let verdict = deny.decide(&subject, Some(&drops(&["other"])), &now);
    assert!(matches!(verdict, Verdict::Allow { .. }), "{verdict:?}");
    let allow = rules("deny", &[("allow", "metadata_keys = ['plan']")]);
    let verdict = allow.decide(&subject, Some(&drops(&["role"])), &now);
    assert!(matches!(verdict, Verdict::Deny { .. }), "{verdict:?}");
}

/// A call of a tool for somebody.
fn made_for<'a>(who: &str, tool: &'a str, effect: &str) -> Subject<'a> {
    Subject {
        principal: who.parse::<Who>().unwrap().described(),
        ..subject(tool, effect, &json!({}))
    }
}

#[test]
fn a_rule_for_people_fits_them_and_nobody_else() {
    let policy = rules(
        "deny",
        &[("allow", "who = [\"role:support\", \"org:org_1+scope:users\"]\neffects = [\"read\"]")],
    );
    let decide = |who: &str, effect: &str| {
        let subject = made_for(who, "get", effect);
        in_short(&policy, &policy.decide(&subject, None, &MONDAY_NOON.parse().unwrap()))
    };
    for (who, effect, expected) in [
        ("role:support", "read", "allow r1"),
        ("role:support", "write", "deny"),
        ("org:org_1", "read", "deny"),
        ("org:org_1+scope:users", "read", "allow r1"),
        ("sub:support", "read", "deny"),
    ] {
        assert_eq!(decide(who, effect), expected, "{who} {effect}");
    }
    let nobody = subject("get", "read", &json!({}));
    let verdict = policy.decide(&nobody, None, &MONDAY_NOON.parse().unwrap());
    assert_eq!(in_short(&policy, &verdict), "deny", "a process has no role");
    let lines =
        policy.explain(&made_for("role:sales", "get", "read"), None, &MONDAY_NOON.parse().unwrap());
    assert!(lines[0].contains("not role:support or org:org_1+scope:users"), "{lines:?}");
    assert_eq!(policy.scopes().collect::<Vec<_>>(), ["users"]);
}

#[test]
fn a_tool_is_offered_if_some_call_of_it_may_be_allowed() {
    let policy = rules(
        "deny",
        &[
            (
                "deny",
                "who = [\"role:support\"]\ntools = [\"set\"]\nhours = [\"sat-sun 00:00-24:00\"]",
            ),
            ("deny", "who = [\"role:analyst\"]\neffects = [\"write\", \"destructive\"]"),
            ("allow", "who = [\"role:support\", \"role:analyst\"]\ntools = [\"get\", \"set\"]"),
            ("allow", "who = [\"role:admin\"]\nemail_domains = [\"one.com\"]"),
        ],
    );
    for (who, tool, effect, expected) in [
        ("role:support", "get", "read", true),
        ("role:support", "set", "write", true),
        ("role:support", "del", "destructive", false),
        ("role:analyst", "get", "read", true),
        ("role:analyst", "set", "write", false),
        ("role:admin", "del", "destructive", true),
        ("role:sales", "get", "read", false),
    ] {
        assert_eq!(policy.offers(&made_for(who, tool, effect)), expected, "{who} {tool}");
    }
}
