use proptest::prelude::*;

use super::*;

fn json_values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("org_1".to_owned()),
        "[ab]@(ourco|gmail)\\.com(,c@ourco\\.com)?",
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let keys = "emailAddress|organizationIds?|publicMetadata|unsafeMetadata|role|\\PC{0,5}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn objects() -> impl Strategy<Value = Map<String, Value>> {
    let keys = "emailAddress|organizationIds?|publicMetadata|unsafeMetadata|\\PC{0,5}";
    prop::collection::vec((keys, json_values()), 0..5)
        .prop_map(|fields| fields.into_iter().collect())
}

fn some_rules() -> impl Strategy<Value = Policy> {
    let rule = (
        prop::sample::select(vec!["allow", "deny"]),
        prop::sample::select(vec![
            "",
            "per_hour = 1",
            "per_hour = 1\nemail_domains = ['gmail.com']",
            "email_domains = ['ourco.com']",
            "email_domains = ['ourco.com', 'gmail.com']",
            "organizations = ['org_1']",
            "organizations = ['org_1']\nemail_domains = ['gmail.com']",
            "metadata_keys = ['role']",
            "effects = ['read']",
        ]),
    );
    let list = prop::collection::vec(rule, 0..5);
    (prop::sample::select(vec!["allow", "deny"]), list).prop_map(|(default, list)| {
        let list: Vec<_> = list
            .into_iter()
            .map(|(action, when)| (if when.contains("per_hour") { "allow" } else { action }, when))
            .collect();
        // A rule that can't be reached is a mistake: the longest beginning without one.
        let known = Known::default();
        (0..=list.len())
            .rev()
            .find_map(|length| Policy::read(&text_of(default, &list[..length]), &known).ok())
            .unwrap()
    })
}

/// Whether a call may run, and what counts it.
fn effect(policy: &Policy, verdict: &Verdict) -> (bool, Option<RuleId>) {
    match verdict {
        Verdict::Allow { rule } => (true, rule.filter(|_| policy.restrains(*rule))),
        _ => (false, None),
    }
}

proptest! {
    #[test]
    fn a_look_at_clerk_always_settles_it_and_never_changes_what_was_settled_without(
        policy in some_rules(),
        arguments in objects(),
        emails in prop::collection::vec(
            prop_oneof![Just("a@ourco.com".to_owned()), Just("a@gmail.com".to_owned()), any::<String>()],
            0..3,
        ),
        organizations in prop::collection::vec("org_[12]", 0..3),
        effect_name in prop::sample::select(vec!["read", "write", "destructive"]),
        spend in any::<bool>(),
        seconds in any::<i32>(),
    ) {
        if spend {
            for index in 0..policy.rules.len() {
                policy.count(RuleId(index), &Principal::default(), 1).unwrap();
            }
        }
        let subject = subject("del", effect_name, &arguments.into());
        let now = Timestamp::from_second(seconds.into()).unwrap();
        let facts = Facts {
            emails,
            organizations,
            metadata_keys: vec!["role".to_owned()],
            ..Facts::default()
        };
        let (before, after) = (
            policy.decide(&subject, None, &now),
            policy.decide(&subject, Some(&facts), &now),
        );
        prop_assert_ne!(&after, &Verdict::NeedsFacts);
        if before != Verdict::NeedsFacts {
            prop_assert_eq!(effect(&policy, &before), effect(&policy, &after));
        }
        prop_assert_eq!(policy.explain(&subject, None, &now).len(), policy.rules.len() + 1);
    }
}
