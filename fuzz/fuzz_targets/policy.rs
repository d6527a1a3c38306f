//! Any text as a policy: mistakes with their lines, or a policy that decides on every call.
#![no_main]

use clerk_mcp::{
    guard::{
        Policy,
        policy::{Facts, Known, Subject, Verdict},
    },
    operations,
};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let known = Known {
        tools: operations::all().map(|(_, entry)| entry.name).collect(),
        toolsets: operations::CATALOG.iter().map(|it| it.name).collect(),
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
    };
    let none = json!({});
    let some = json!({ "userId": "user_1", "emailAddress": ["b@b.a.example"], "publicMetadata": { "role": 1 } });
    for (tool, toolset, effect) in [
        ("clerk_delete_user", "users", "destructive"),
        ("clerk_create_user", "users", "write"),
        ("clerk_whoami", "server", "read"),
    ] {
        for arguments in [&none, &some] {
            let arguments = arguments.as_object().unwrap();
            let subject = Subject { tool, toolset, effect, arguments };
            for now in [Timestamp::UNIX_EPOCH, Timestamp::MIN, Timestamp::MAX] {
                let _ = policy.decide(&subject, None, &now);
                let verdict = policy.decide(&subject, Some(&facts), &now);
                assert_ne!(verdict, Verdict::NeedsFacts, "{text}");
                if let Verdict::Allow { rule: Some(rule) } = verdict {
                    assert!(!policy.name(rule).is_empty());
                    let _ = policy.count(rule);
                }
                assert!(!policy.explain(&subject, None, &now).is_empty());
                assert!(!policy.explain(&subject, Some(&facts), &now).is_empty());
            }
        }
    }
});
