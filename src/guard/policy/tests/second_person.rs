//! Rules that demand a second person.

use super::*;

const SECOND: &str = "approval = 'second-person'";

/// What is demanded of a call that is allowed: the approvers, or "nobody" if none is needed.
fn demanded(policy: &Policy, arguments: &Value, facts: Option<&Facts>) -> String {
    let subject = subject("del", "destructive", arguments);
    match policy.decide(&subject, facts, &MONDAY_NOON.parse().unwrap()) {
        Verdict::Allow { rule } => match rule.and_then(|rule| policy.second_person(rule)) {
            Some(second) if second.approvers.is_empty() => "anybody else".to_owned(),
            Some(second) => second.approvers.iter().map(ToString::to_string).collect(),
            None => "nobody".to_owned(),
        },
        other => in_short(policy, &other),
    }
}

#[test]
fn a_rule_says_who_must_approve() {
    let none = json!({});
    let of = |lines: &str| rules("deny", &[("allow", lines)]);
    assert_eq!(demanded(&of(SECOND), &none, None), "anybody else");
    let admins = format!("{SECOND}\napprovers = ['role:admin']");
    assert_eq!(demanded(&of(&admins), &none, None), "role:admin");
    assert_eq!(demanded(&of("tools = ['del']"), &none, None), "nobody");
    assert!(of(SECOND).demands_second_person() && !of("tools = ['del']").demands_second_person());
    let explained =
        of(SECOND).explain(&subject("del", "destructive", &none), None, &Timestamp::now());
    assert_eq!(explained[1], "allowed by rule `r1`, once a second person approves it");
}

#[test]
fn a_second_email_address_or_organization_does_not_get_around_it() {
    let domain = format!("{SECOND}\nemail_domains = ['ourco.com']");
    let organization = format!("{SECOND}\norganizations = ['org_1']");
    let two = facts(&["a@ourco.com", "a@private.example"], &["org_1", "org_2"]);
    let other = facts(&["a@private.example"], &["org_2"]);
    for lines in [domain, organization] {
        let policy = rules("allow", &[("allow", &lines)]);
        assert_eq!(demanded(&policy, &json!({}), None), "needs facts", "{lines}");
        assert_eq!(demanded(&policy, &json!({}), Some(&two)), "anybody else", "{lines}");
        assert_eq!(demanded(&policy, &json!({}), Some(&other)), "nobody", "{lines}");
    }
}

#[test]
fn it_holds_for_the_tool_that_does_the_same_to_many() {
    let lines = format!("{SECOND}\ntools = ['del']");
    let policy = rules("allow", &[("allow", &lines)]);
    let many = Subject { many_of: "del", ..subject("set", "destructive", &json!({})) };
    let verdict = policy.decide(&many, None, &MONDAY_NOON.parse().unwrap());
    assert_eq!(in_short(&policy, &verdict), "allow r1");
}

#[test]
fn a_rule_that_asks_for_more_is_not_hidden_by_one_that_fits_less() {
    // "All of them" before "any of them": the later rule can still be reached.
    let later = format!("{SECOND}\nemail_domains = ['ourco.com']");
    let policy = rules("allow", &[("allow", "email_domains = ['ourco.com']"), ("allow", &later)]);
    let two = facts(&["a@ourco.com", "a@private.example"], &[]);
    assert_eq!(demanded(&policy, &json!({}), Some(&two)), "anybody else");
    let text = text_of("allow", &[("allow", &later), ("allow", "email_domains = ['ourco.com']")]);
    let mistakes = Policy::read(&text, &Known::default()).unwrap_err();
    assert!(mistakes[0].to_string().contains("can never be reached"), "{mistakes:?}");
}
