//! Values that a schema allows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Operation, Property, Schema};

/// A text for each pattern that "sample-1" doesn't match.
const PATTERNS: &[(&str, &str)] = &[
    (r"^(ak|api_key)_[0-9A-Fa-f]{32}$", "ak_0123456789abcdef0123456789abcdef"),
    (r"^ak_[0-9A-Fa-f]{32}$", "ak_0123456789abcdef0123456789abcdef"),
    (r"^aplt_[0-9A-Fa-f]{32}$", "aplt_0123456789abcdef0123456789abcdef"),
    (r"^mt_[0-9A-Fa-f]{32}$", "mt_0123456789abcdef0123456789abcdef"),
    (r"^oat_[0-9A-Fa-f]{32}$", "oat_0123456789abcdef0123456789abcdef"),
    (r"^(user|org|mch)_\w{27}$", "user_2abcdefghijklmnopqrstuvwxyz"),
    (r"^(user|org|mch|scim)_\w{27}$", "user_2abcdefghijklmnopqrstuvwxyz"),
    (r"^user_\w{27}$", "user_2abcdefghijklmnopqrstuvwxyz"),
    (r"^org_\w{27}$", "org_2abcdefghijklmnopqrstuvwxyz"),
    (r"^mch_\w{27}$", "mch_2abcdefghijklmnopqrstuvwxyz"),
    (r"^apl_\w{27}$", "apl_2abcdefghijklmnopqrstuvwxyz"),
    (r"^ins_\w{27}$", "ins_2abcdefghijklmnopqrstuvwxyz"),
    (r"^from_oauth_(?:(?:token_)|(?:custom_))?[a-z]+$", "from_oauth_google"),
    (r"^oauth_(?:(?:token_)|(?:custom_))?[a-z]+$", "oauth_google"),
    (r"^oauth_[a-z]+$", "oauth_google"),
    (r"^[A-Z]{2}$", "DE"),
];

/// Texts for properties whose form their names alone tell.
const NAMED: &[(&str, &str)] = &[
    ("email_address", "ada@example.com"),
    ("phone_number", "+15550100"),
    ("role", "org:member"),
    ("roles", "org:member"),
    ("role_key", "org:member"),
    ("role_keys", "org:member"),
    ("to_role_key", "org:admin"),
    ("default_role_key", "org:member"),
    ("creator_role_key", "org:admin"),
];

/// A sample, or a text of the form that the property of this name has.
fn of_name(name: &str, sample: Value) -> Value {
    let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    match (named, sample) {
        (Some(text), Value::String(sample)) if sample == "sample-1" => text.into(),
        (Some(_), Value::Array(items)) => {
            items.into_iter().map(|item| of_name(name, item)).collect()
        }
        (_, sample) => sample,
    }
}

impl Operation<'_> {
    /// A value for each parameter and field of the body, by Clerk's name, and whether it is
    /// required. A body that isn't an object stands under "".
    pub fn samples(&self) -> BTreeMap<String, (Value, bool)> {
        let parameters = self.parameters().into_iter();
        let mut samples: BTreeMap<_, _> = parameters
            .map(|parameter| {
                let sample = of_name(parameter.name, parameter.schema.sample());
                (parameter.name.to_owned(), (sample, parameter.required))
            })
            .collect();
        let Some(schema) = self.body_schema() else { return samples };
        let required = schema.required();
        match schema.sample() {
            Value::Object(fields) => samples.extend(fields.into_iter().map(|(name, value)| {
                let is_required = required.contains(&name.as_str());
                (name, (value, is_required))
            })),
            whole => _ = samples.insert(String::new(), (whole, true)),
        }
        samples
    }
}

impl<'a> Schema<'a> {
    /// A value that it allows, with all of its fields; of several alternatives, the first. Where a
    /// schema contains itself, the inner one is left out.
    pub fn sample(&self) -> Value {
        self.sample_within(&mut Vec::new()).unwrap_or_default()
    }

    /// `None` within itself; `open` are the names of the schemas that it is within.
    fn sample_within(&self, open: &mut Vec<&'a str>) -> Option<Value> {
        let name = self.name().unwrap_or_default();
        if open.contains(&name) && !name.is_empty() {
            return None;
        }
        open.push(name);
        let sample = self.sample_of(open);
        open.pop();
        Some(sample)
    }

    fn sample_of(&self, open: &mut Vec<&'a str>) -> Value {
        if let Some(first) = self.choices().first() {
            return (*first).clone();
        }
        if let Some(first) = self.alternatives().first()
            && self.value["properties"].is_null()
        {
            return first.sample_within(open).unwrap_or_default();
        }
        match self.kind() {
            Some("string") => self.text().into(),
            Some("integer") => self.number("minimum").unwrap_or(1).max(1).into(),
            Some("number") => json!(1),
            Some("boolean") => true.into(),
            Some("array") => {
                let item = self.items().and_then(|items| items.sample_within(open));
                item.into_iter().collect::<Vec<_>>().into()
            }
            _ => {
                // Clerk's file requires some fields that it doesn't describe.
                let required = self.required().into_iter();
                let mut sample: Map<_, _> =
                    required.map(|name| (name.to_owned(), Value::Null)).collect();
                for Property { name, schema, .. } in self.properties() {
                    if let Some(value) = schema.sample_within(open) {
                        sample.insert(name.to_owned(), of_name(name, value));
                    }
                }
                if sample.is_empty() {
                    // An empty object is refused as an argument.
                    sample.insert("key".to_owned(), "value".into());
                }
                sample.into()
            }
        }
    }

    fn number(&self, keyword: &str) -> Option<i64> {
        self.keyword(keyword).and_then(Value::as_i64)
    }

    fn text(&self) -> String {
        let pattern = self.keyword("pattern").and_then(Value::as_str);
        let known = PATTERNS.iter().find(|(known, _)| pattern == Some(*known));
        let text = match (known, self.keyword("format").and_then(Value::as_str)) {
            (Some((_, text)), _) => text,
            (None, Some("email")) => "ada@example.com",
            (None, Some("uri")) => "https://example.com/here",
            (None, Some("date-time")) => "2026-01-31T00:00:00Z",
            (None, Some("date")) => "2026-01-31",
            (None, _) => "sample-1",
        };
        let most = self.number("maxLength").and_then(|most| usize::try_from(most).ok());
        text.chars().take(most.unwrap_or(usize::MAX)).collect()
    }
}
