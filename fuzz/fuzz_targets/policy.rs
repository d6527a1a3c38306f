//! Any text as a policy: mistakes with their lines, or a policy that decides on every call.
#![no_main]

use clerk_mcp::{
    guard::{
        Policy,
        policy::{Facts, Known, Subject, Verdict},
    },
    catalog,
};
use jiff::Timestamp;
use libfuzzer_sys::{arbitrary::Unstructured, fuzz_target};

const CONDITIONS: &[(&str, &[&str])] = &[
    ("tools", &["clerk_delete_user", "clerk_create_user", "clerk_nothing"]),
    ("toolsets", &["users", "server"]),
    ("effects", &["read", "write", "destructive"]),
    ("email_domains", &["a.example", "*.a.example", "*"]),
    ("organizations", &["org_1", "acme"]),
    ("metadata_keys", &["role", "plan"]),
    ("hours", &["mon-fri 09:00-17:00", "22:00-06:00", "sat", "sun-mon 00:00-24:00"]),
];

/// A policy of rules, right but for what the bytes put in: from bytes alone hardly one came about.
fn policy(bytes: &mut Unstructured<'_>) -> String {
    let mut policy = String::new();
    if bytes.arbitrary().unwrap_or_default() {
        policy.push_str("default = \"deny\"\n");
    }
    if bytes.arbitrary().unwrap_or_default() {
        policy.push_str("timezone = \"Europe/Berlin\"\n");
    }
    for number in 0..bytes.int_in_range(1..=4).unwrap_or(1) {
        let action = if bytes.arbitrary().unwrap_or_default() { "allow" } else { "deny" };
        policy.push_str(&format!("[[rules]]\nname = \"r{number}\"\naction = \"{action}\"\n"));
        for (name, values) in CONDITIONS {
            if bytes.ratio(2, 3).unwrap_or(true) {
                continue;
            }
            let value = match bytes.ratio(1, 6) {
                Ok(true) => bytes.arbitrary::<&str>().unwrap_or_default(),
                _ => bytes.choose(values).copied().unwrap_or_default(),
            };
            // A JSON text is one of TOML too, but for its escapes of the slash and of pairs.
            policy.push_str(&format!("{name} = [{}]\n", serde_json::Value::from(value)));
        }
        if bytes.ratio(1, 4).unwrap_or_default() {
            let limit = i64::from(bytes.arbitrary::<i16>().unwrap_or_default());
            policy.push_str(&format!("per_hour = {limit}\n"));
        }
        if bytes.ratio(1, 8).unwrap_or_default() {
            policy.push_str(bytes.arbitrary::<&str>().unwrap_or_default());
        }
    }
    policy
}

fuzz_target!(|data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    let text = match mode & 3 {
        0 => String::from_utf8_lossy(data).into_owned(),
        _ => policy(&mut Unstructured::new(data)),
    };
    let text = text.as_str();
    let known = Known {
        tools: catalog::all().map(|(_, entry)| entry.name).collect(),
        toolsets: catalog::CATALOG.iter().map(|it| it.name).collect(),
    };
    let policy = match Policy::read(text, &known) {
        Ok(policy) => policy,
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                assert!((1..=text.split('\n').count()).contains(&mistake.line), "{mistake}");
                assert!(!mistake.message.is_empty());
            }
            return;
        }
    };
    let facts = Facts {
        emails: vec!["a@a.example".to_owned(), "no address".to_owned()],
        organizations: vec!["org_1".to_owned()],
        metadata_keys: vec!["role".to_owned()],
        is_person: true,
        ..Facts::default()
    };
    for (tool, toolset, effect) in [
        ("clerk_delete_user", "users", "destructive"),
        ("clerk_create_user", "users", "write"),
        ("clerk_whoami", "server", "read"),
    ] {
        let none = Subject { tool, toolset, effect: effect.to_owned(), ..Subject::default() };
        let some = Subject {
            emails: vec!["b@b.a.example".to_owned()],
            metadata_keys: vec!["role".to_owned()],
            replaces_metadata: true,
            ..none.clone()
        };
        for subject in [none, some] {
            for now in [Timestamp::UNIX_EPOCH, Timestamp::MIN, Timestamp::MAX] {
                let _ = policy.decide(&subject, None, &now);
                let verdict = policy.decide(&subject, Some(&facts), &now);
                assert_ne!(verdict, Verdict::NeedsFacts, "{text}");
                if let Verdict::Allow { rule: Some(rule) } = verdict {
                    assert!(!policy.name(rule).is_empty());
                    let _ = policy.count(rule, 1);
                }
                assert!(!policy.explain(&subject, None, &now).is_empty());
                assert!(!policy.explain(&subject, Some(&facts), &now).is_empty());
            }
        }
    }
});
