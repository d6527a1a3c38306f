use proptest::prelude::*;

use super::*;

fn known() -> Known {
    Known {
        tools: vec!["clerk_list_users", "clerk_get_user", "clerk_delete_user"],
        toolsets: vec!["users", "organizations", "sessions"],
    }
}

/// The mistakes as they are printed.
fn mistakes(text: &str) -> Vec<String> {
    let mistakes = policy(text, &known()).map(|_| ()).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect()
}

/// The only mistake of a rule whose third line is `line`.
fn mistake(line: &str) -> String {
    let mistakes = mistakes(&format!("[[rules]]\nname = \"x\"\n{line}\n"));
    assert_eq!(mistakes.len(), 1, "{line}: {mistakes:?}");
    mistakes.concat()
}

#[test]
fn a_whole_policy_is_read() {
    let text = r#"
        default = "deny"
        timezone = "Europe/Berlin"
        [[rules]]
        name = "never our own staff"
        action = "deny"
        reason = "Ask the IT desk."
        tools = ["clerk_delete_user"]
        toolsets = ["users"]
        effects = ["read", "write", "destructive"]
        organizations = ["org_2abc", "my-slug"]
        email_domains = ["ourco.com", "*.ourco.com"]
        metadata_keys = ["role"]
        hours = ["mon-fri 09:00-17:00"]
        [[rules]]
        name = "some"
        action = "allow"
        reason = "Wait."
        per_hour = 0x5
    "#;
    let policy = policy(text, &known()).unwrap();
    assert_eq!((policy.default, policy.rules.len()), (Action::Deny, 2));
    assert_eq!(policy.zone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(policy.rules[1].per_hour.all.as_ref().unwrap().limit(), 5);
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert!(super::policy(&windows, &known()).is_ok());
    for small in ["default = \"allow\"", "default = \"deny\""] {
        assert!(super::policy(small, &known()).is_ok(), "{small}");
    }
}

#[test]
fn what_is_wrong_with_the_demand_for_a_second_person_is_reported() {
    let cases = [
        ("action = \"allow\"\napproval = \"me\"", "`approval` must be \"second-person\""),
        ("action = \"deny\"\napproval = \"second-person\"", "is for rules that allow"),
        ("action = \"allow\"\napprovers = [\"role:admin\"]", "needs `approval = "),
        (
            "action = \"allow\"\napproval = \"second-person\"\napprovers = [\"admin\"]",
            "doesn't describe people",
        ),
        ("action = \"allow\"\napproval = \"second-person\"\napprovers = []", "is empty"),
    ];
    for (lines, expected) in cases {
        let mistake = mistake(lines);
        assert!(mistake.contains(expected), "{lines}: {mistake}");
    }
}

#[test]
fn each_mistake_in_a_rule_is_reported_with_its_line() {
    let cases = [
        ("action = \"alow\"", "there is no action `alow`; did you mean `allow`?"),
        ("action = \"maybe\"", "there is no action `maybe`; there are allow, deny"),
        ("action = true", "an action is \"allow\" or \"deny\""),
    ];
    for (line, expected) in cases {
        assert_eq!(mistake(line), format!("line 3: {expected}"));
    }
    let cases = [
        (r"tools = []", "`tools` is empty"),
        (r#"tools = "clerk_get_user""#, "`tools` must be a list"),
        (r"tools = [7]", "`tools` must be a list of strings"),
        (r#"tools = ["clerk_get_user", "clerk_get_user"]"#, "`clerk_get_user` is twice in `tools`"),
        (
            r#"tools = ["clerk_list_user"]"#,
            "there is no tool `clerk_list_user`; did you mean `clerk_list_users`?",
        ),
        (r#"tools = ["zzz"]"#, "there is no tool `zzz`; `clerk-mcp tools` lists them"),
        (r#"toolsets = ["user"]"#, "there is no toolset `user`; did you mean `users`?"),
        (r#"toolsets = ["zzz"]"#, "there are users, organizations, sessions"),
        (r#"effects = ["writes"]"#, "there is no effect `writes`; did you mean `write`?"),
        (r#"effects = ["Read"]"#, "did you mean `read`?"),
        (r#"efects = ["read"]"#, "there is no key `efects`; did you mean `effects`?"),
        (r"zzz = 1", "there is no key `zzz`; there are name, action, reason, who, tools"),
        (r#"who = ["support"]"#, "`support` doesn't describe people: write sub:, "),
        (r#"who = ["role:a", "role:a"]"#, "`role:a` is twice in `who`"),
        (r#"organizations = ["org_1/2"]"#, "`org_1/2` can't be the id"),
        (r#"organizations = [""]"#, "can't be the id"),
        (r#"email_domains = ["me@ourco.com"]"#, "write `ourco.com`"),
        (r#"email_domains = ["https://ourco.com"]"#, "isn't a domain"),
        (r#"email_domains = ["ourco.com", "OURCO.com"]"#, "`ourco.com` is twice"),
        (r#"metadata_keys = [""]"#, "can't be empty"),
        (r#"hours = ["monday"]"#, "`monday` isn't a valid time: "),
        (r#"hours = ["mon 9-17"]"#, "`9` isn't a valid time of day"),
        (r"per_hour = 0", "`per_hour` must be a whole number of at least 1"),
        (r"per_hour = -1", "`per_hour` must be"),
        (r"per_hour = 1.5", "`per_hour` must be"),
        (r#"per_hour = "5""#, "`per_hour` must be"),
        (r"per_hour = 99999999999", "`per_hour` must be"),
        (r"per_hour_each = 0", "`per_hour_each` must be a whole number of at least 1"),
        (r#"reason = """#, "`reason` must be a string of one line"),
        (r#"reason = "Why.""#, "`reason` is never shown"),
    ];
    for (line, part) in cases {
        let message = mistake(&format!("{line}\naction = \"allow\""));
        assert!(message.starts_with("line 3: ") && message.contains(part), "{line}: {message}");
    }
    let message = mistake("per_hour = 5\naction = \"deny\"");
    assert_eq!(message, "line 3: `per_hour` is for rules that allow; this one denies");
    let message = mistake("per_hour_each = 5\naction = \"deny\"");
    assert_eq!(message, "line 3: `per_hour_each` is for rules that allow; this one denies");
}

#[test]
fn mistakes_in_the_rest_of_the_file_are_reported_with_their_lines() {
    let rule = "[[rules]]\nname = \"a\"\naction = \"deny\"\ntools = [\"clerk_get_user\"]\n";
    let cases = [
        (String::new(), "line 1: the policy is empty"),
        ("timezone = \"UTC\"".to_owned(), "line 1: the policy is empty"),
        ("\n# nothing\n".to_owned(), "line 1: the policy is empty"),
        (
            "defualt = \"deny\"".to_owned(),
            "line 1: there is no key `defualt`; did you mean `default`?",
        ),
        (
            "\ndefault = \"denied\"".to_owned(),
            "line 2: there is no action `denied`; did you mean `deny`?",
        ),
        (
            "timezone = \"Europe/Berln\"".to_owned(),
            "line 1: there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?",
        ),
        (
            "timezone = \"Qqqq\"".to_owned(),
            "line 1: there is no time zone `Qqqq`; a time zone is named as",
        ),
        ("timezone = 1".to_owned(), "line 1: `timezone` must be a string"),
        ("\n\nrules = []".to_owned(), "line 3: `rules` is empty"),
        ("rules = [1]".to_owned(), "line 1: a rule is a table"),
        ("[rules]\nname = \"a\"".to_owned(), "line 1: `rules` is a list of tables"),
        ("\n[[rules]]\naction = \"deny\"".to_owned(), "line 2: the rule has no name"),
        ("\n[[rules]]\nname = \"x\"".to_owned(), "line 2: the rule has no action"),
        ("[[rules]]\naction = \"deny\"\nname = \" \"".to_owned(), "line 3: `name` must be"),
        ("[[rules]]\naction = \"deny\"\nname = \"a\\nb\"".to_owned(), "line 3: `name` must be"),
        (
            format!("{rule}\n[[rules]]\naction = \"allow\"\nname = \"a\"\n"),
            "line 8: the rule in line 2 is named `a` too",
        ),
        (format!("{rule}[[rule]]\n"), "line 5: there is no key `rule`; did you mean `rules`?"),
    ];
    for (text, beginning) in cases {
        let mistakes = mistakes(&text);
        assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
        assert!(mistakes[0].starts_with(beginning), "{text}: {mistakes:?}");
    }
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_file() {
    let text = r#"defualt = "deny"
        [[rules]]
        name = "a"
        tools = [
            "clerk_get_users",
            "clerk_list_user",
        ]
        per_hour = 0
        [[rules]]
        action = "deny"
        effects = []
        [[rules]]
        name = "b"
        action = "deny"
        [[rules]]
        name = "c"
        action = "allow"
        toolsets = ["users"]
    "#;
    let lines: Vec<usize> = policy(text, &known())
        .map(|_| ())
        .unwrap_err()
        .iter()
        .map(|mistake| mistake.line)
        .collect();
    assert_eq!(lines, [1, 2, 5, 6, 8, 9, 11, 15]);
}

#[test]
fn invalid_toml_is_reported_alone_and_all_at_once() {
    let text = "default = deny\n[[rules]]\nname = \"a\nzzz = 1\nname = \"b\"\n";
    let mistakes = policy(text, &known()).map(|_| ()).unwrap_err();
    let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [1, 3, 5], "{mistakes:?}");
    assert!(
        mistakes
            .iter()
            .all(|Mistake { message, .. }| !message.is_empty() && !message.contains('\n'))
    );
}

#[test]
fn a_rule_that_can_never_be_reached_is_reported() {
    let cases = [
        ("deny", "", "allow", "", true),
        ("allow", "per_hour = 1", "deny", "tools = ['clerk_get_user']", true),
        ("deny", "effects = ['read', 'write']", "allow", "effects = ['read']", true),
        ("deny", "effects = ['read']", "allow", "effects = ['read', 'write']", false),
        ("deny", "effects = ['read']", "allow", "", false),
        ("deny", "effects = ['read']", "allow", "tools = ['clerk_get_user']", false),
        ("deny", "effects = ['read']", "deny", "effects = ['read']\ntoolsets = ['users']", true),
        ("deny", "hours = ['daily 09:00-17:00']", "deny", "hours = ['Daily  09:00-17:00']", true),
        ("deny", "hours = ['daily 09:00-17:00']", "deny", "hours = ['daily 10:00-11:00']", false),
        ("deny", "email_domains = ['a.com', 'b.com']", "deny", "email_domains = ['a.com']", true),
        ("deny", "email_domains = ['a.com', 'b.com']", "allow", "email_domains = ['a.com']", true),
        ("allow", "email_domains = ['a.com', 'b.com']", "allow", "email_domains = ['a.com']", true),
        ("allow", "email_domains = ['a.com', 'b.com']", "deny", "email_domains = ['a.com']", false),
        ("allow", "metadata_keys = ['a']", "deny", "metadata_keys = ['a']", false),
        ("allow", "organizations = ['a']", "deny", "organizations = ['a']", false),
        ("allow", "organizations = ['a']", "allow", "organizations = ['a']", true),
        ("allow", "organizations = ['a']", "allow", "organizations = ['a', 'b']", false),
    ];
    for (first, when, second, then, is_reported) in cases {
        let text = format!(
            "[[rules]]\nname = \"a\"\naction = \"{first}\"\n{when}\n\
             [[rules]]\nname = \"b\"\naction = \"{second}\"\n{then}\n"
        );
        match policy(&text, &known()) {
            Ok(_) => assert!(!is_reported, "{text}"),
            Err(mistakes) => {
                let reported: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
                let expected = "line 5: rule `b` can never be reached: rule `a` in line 1 fits all that it fits";
                assert_eq!((is_reported, reported), (true, vec![expected.to_owned()]), "{text}");
            }
        }
    }
}

/// Lines of a policy, right and wrong.
fn lines() -> impl Strategy<Value = String> {
    let keys = "default|timezone|rules|name|action|tools|effects|hours|email_domains|per_hour|x";
    let values = r#""(allow|deny|UTC|a|mon 0[0-9]:00-2[0-9]:00)"|\["[a-z.@ ]{0,9}"\]|[0-9]{1,12}|\[\]|\{|nan"#;
    let line = prop_oneof![
        Just("[[rules]]".to_owned()),
        (keys, values).prop_map(|(key, value)| format!("{key} = {value}")),
        "\\PC{0,20}",
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in prop_oneof![any::<String>(), lines()]) {
        if let Err(mistakes) = policy(&text, &known()) {
            prop_assert!(!mistakes.is_empty());
            let last = text.matches('\n').count() + 1;
            prop_assert!(mistakes.iter().all(|mistake| (1..=last).contains(&mistake.line)));
            prop_assert!(mistakes.is_sorted_by_key(|mistake| mistake.line));
        }
    }
}
