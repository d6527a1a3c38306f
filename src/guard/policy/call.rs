//! What a call is about: the values in its arguments, and those that a look at Clerk adds.

use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value};

use super::{Facts, Subject};

const METADATA: [&str; 3] = ["publicMetadata", "privateMetadata", "unsafeMetadata"];
const ORGANIZATIONS: [&str; 2] = ["organizationId", "organizationIds"];

/// A call, in the form in which rules ask for it.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) tool: &'a str,
    pub(super) toolset: &'a str,
    pub(super) effect: &'a str,
    /// By the operator's clock.
    pub(super) time: DateTime,
    pub(super) metadata_keys: Vec<String>,
    pub(super) writes_metadata: bool,
    pub(super) organizations: Vec<String>,
    /// What stands behind the `@`, in lowercase.
    pub(super) email_domains: Vec<String>,
    /// Whether Clerk was looked at: without that there may be more organizations and emails.
    pub(super) is_whole: bool,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        subject: &Subject<'a>,
        facts: Option<&Facts>,
        now: jiff::Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let mut texts = Texts::default();
        texts.gather(subject.arguments, Kind::Other);
        let Texts { mut emails, mut organizations } = texts;
        let writes_metadata = METADATA.iter().any(|name| subject.arguments.contains_key(*name));
        let mut metadata_keys = metadata_keys(subject.arguments);
        if let Some(facts) = facts {
            emails.extend(facts.emails.iter().cloned());
            organizations.extend(facts.organizations.iter().cloned());
            if writes_metadata {
                metadata_keys.extend(facts.metadata_keys.iter().cloned());
            }
        }
        Self {
            tool: subject.tool,
            toolset: subject.toolset,
            effect: subject.effect,
            time: zone.to_datetime(now),
            metadata_keys,
            writes_metadata,
            organizations,
            email_domains: emails.iter().map(|email| domain(email)).collect(),
            is_whole: facts.is_some(),
        }
    }
}

/// What stands behind the `@`; all of it where there is none, which is in no list.
fn domain(email: &str) -> String {
    let domain = email.rsplit('@').next().unwrap_or_default();
    domain.trim().trim_end_matches('.').to_lowercase()
}

#[derive(Clone, Copy)]
enum Kind {
    Email,
    Organization,
    Other,
}

impl Kind {
    fn of(key: &str) -> Self {
        if key.to_lowercase().contains("email") {
            Self::Email
        } else if ORGANIZATIONS.contains(&key) {
            Self::Organization
        } else {
            Self::Other
        }
    }
}

#[derive(Default)]
struct Texts {
    emails: Vec<String>,
    organizations: Vec<String>,
}

impl Texts {
    /// What stands in metadata is left out: an email there is no email of the user, and would
    /// help a user without emails past a rule that allows only some.
    fn gather(&mut self, arguments: &Map<String, Value>, kind: Kind) {
        for (key, value) in arguments.iter().filter(|(key, _)| !METADATA.contains(&key.as_str())) {
            let kind = match Kind::of(key) {
                Kind::Other => kind,
                known => known,
            };
            self.value(value, kind);
        }
    }

    fn value(&mut self, value: &Value, kind: Kind) {
        match value {
            Value::Object(fields) => self.gather(fields, kind),
            Value::Array(items) => items.iter().for_each(|item| self.value(item, kind)),
            Value::String(text) => self.text(text, kind),
            Value::Number(number) => self.text(&number.to_string(), kind),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, text: &str, kind: Kind) {
        match kind {
            Kind::Email => {
                let emails = parts(text).filter(|part| part.contains('@'));
                self.emails.extend(emails.map(str::to_owned));
            }
            Kind::Organization => {
                // A filter's `+` says what is said without it as well.
                let ids = parts(text).map(|part| part.trim_start_matches('+').to_owned());
                self.organizations.extend(ids);
            }
            Kind::Other => {}
        }
    }
}

/// The values in a text that holds one or several, as an argument or as JSON.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || ",;\"'[]<>".contains(letter))
        .filter(|part| !part.is_empty())
}

/// The top-level keys of all metadata, which may come as JSON text.
fn metadata_keys(arguments: &Map<String, Value>) -> Vec<String> {
    let keys = |value: &Value| match value {
        Value::Object(fields) => fields.keys().cloned().collect(),
        Value::String(text) => serde_json::from_str::<Map<String, Value>>(text)
            .map(|fields| fields.into_iter().map(|(key, _)| key).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    METADATA.iter().filter_map(|name| arguments.get(*name)).flat_map(keys).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(arguments: &Value, facts: Option<&Facts>) -> Call<'static> {
        let Value::Object(arguments) = arguments else { panic!("{arguments}") };
        let subject = Subject { tool: "t", toolset: "s", effect: "read", arguments };
        // The strings are static, the arguments are not kept.
        let call = Call::new(&subject, facts, jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        Call { tool: "t", toolset: "s", effect: "read", ..call }
    }

    #[test]
    fn emails_are_found_wherever_they_are_called_so() {
        let cases = [
            (json!({ "emailAddress": "a@One.com" }), vec!["one.com"]),
            (json!({ "emailAddress": " a@one.com, b@two.com.,, " }), vec!["one.com", "two.com"]),
            (
                json!({ "email_addresses": ["a@one.com", "B <b@two.com>"] }),
                vec!["one.com", "two.com"],
            ),
            (
                json!({ "emailAddress": "[\"a@one.com\",\"b@two.com\"]" }),
                vec!["one.com", "two.com"],
            ),
            (json!({ "primaryEMAIL": { "value": ["a@b@one.com"] } }), vec!["one.com"]),
            (json!({ "emailAddress": ["-a@one.com", "+b@two.com"] }), vec!["one.com", "two.com"]),
            (json!({ "emails": [{ "address": "a@one.com" }] }), vec!["one.com"]),
            (json!({ "primaryEmailAddressId": "idn_1", "query": "a@one.com" }), vec![]),
            (json!({ "emailAddress": "a@" }), vec![""]),
            (json!({ "emailAddress": null, "email": 7, "hasEmail": true }), vec![]),
            (json!({ "publicMetadata": { "email": "a@one.com" } }), vec![]),
        ];
        for (arguments, expected) in cases {
            assert_eq!(call(&arguments, None).email_domains, expected, "{arguments}");
        }
    }

    #[test]
    fn organizations_are_found_by_the_arguments_name() {
        let cases = [
            (json!({ "organizationId": "org_1" }), vec!["org_1"]),
            (json!({ "organizationId": "org_1, +org_2" }), vec!["org_1", "org_2"]),
            (json!({ "organizationIds": ["org_1", "-org_2"] }), vec!["org_1", "-org_2"]),
            (json!({ "organizationId": 7 }), vec!["7"]),
            (json!({ "userId": "org_1", "organizationID": "org_1" }), vec![]),
            (json!({ "privateMetadata": { "organizationId": "org_1" } }), vec![]),
        ];
        for (arguments, expected) in cases {
            assert_eq!(call(&arguments, None).organizations, expected, "{arguments}");
        }
    }

    #[test]
    fn metadata_keys_are_those_of_the_top() {
        let cases = [
            (json!({ "publicMetadata": { "role": { "plan": 1 } } }), vec!["role"]),
            (
                json!({ "privateMetadata": { "a": 1 }, "unsafeMetadata": { "b": 1 } }),
                vec!["a", "b"],
            ),
            (json!({ "unsafeMetadata": "{\"role\": 1}" }), vec!["role"]),
            (
                json!({ "publicMetadata": {}, "privateMetadata": null, "unsafeMetadata": "x" }),
                vec![],
            ),
            (json!({ "metadata": { "role": 1 } }), vec![]),
        ];
        for (arguments, expected) in cases {
            assert_eq!(call(&arguments, None).metadata_keys, expected, "{arguments}");
        }
    }

    #[test]
    fn a_look_at_clerk_adds_to_what_the_arguments_say() {
        let facts = Facts {
            emails: vec!["b@Two.com".to_owned(), "odd".to_owned()],
            organizations: vec!["org_2".to_owned()],
            metadata_keys: Vec::new(),
        };
        let arguments = json!({ "emailAddress": "a@one.com", "organizationId": "org_1" });
        let whole = call(&arguments, Some(&facts));
        assert_eq!(whole.email_domains, ["one.com", "two.com", "odd"]);
        assert_eq!(whole.organizations, ["org_1", "org_2"]);
        assert!(whole.is_whole && !call(&arguments, None).is_whole);
    }
}
