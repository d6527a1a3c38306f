//! The `{{…}}` in the claims of JWT templates
//! (<https://clerk.com/docs/guides/sessions/jwt-templates#shortcodes>).

use serde_json::Value;

/// The claims with each shortcode replaced by what it stands for in `context`, an object that has
/// `user`, `org` and so on.
pub(crate) fn fill(claims: &Value, context: &Value) -> Value {
    match claims {
        Value::String(text) => fill_text(text, context),
        Value::Array(items) => items.iter().map(|item| fill(item, context)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), fill(value, context)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// A text that is one shortcode becomes its value; within other text the value becomes text too.
fn fill_text(text: &str, context: &Value) -> Value {
    if let Some(shortcode) = whole(text) {
        return evaluate(shortcode, context);
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, shortcode, after)) = next(rest) {
        filled.push_str(before);
        match evaluate(shortcode, context) {
            Value::String(value) => filled.push_str(&value),
            value => filled.push_str(&value.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Value::String(filled)
}

fn whole(text: &str) -> Option<&str> {
    let (before, shortcode, after) = next(text.trim())?;
    (before.is_empty() && after.is_empty()).then_some(shortcode)
}

/// The text before the first shortcode, what is between its braces, and the text after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (shortcode, after) = rest.split_once("}}")?;
    Some((before, shortcode, after))
}

/// The first operand that is neither null nor false, else the last.
fn evaluate(shortcode: &str, context: &Value) -> Value {
    let operands = operands(shortcode);
    let values = operands.iter().map(|operand| value_of(operand.trim(), context));
    let mut last = Value::Null;
    for value in values {
        let is_truthy = !matches!(value, Value::Null | Value::Bool(false));
        last = value;
        if is_truthy {
            break;
        }
    }
    last
}

/// What `||` separates, outside quotes.
fn operands(shortcode: &str) -> Vec<&str> {
    let mut operands = Vec::new();
    let (mut start, mut is_quoted) = (0, false);
    for (index, character) in shortcode.char_indices() {
        is_quoted ^= character == '\'';
        let is_operator = shortcode.get(index..).is_some_and(|rest| rest.starts_with("||"));
        if is_operator && !is_quoted && index >= start {
            operands.extend(shortcode.get(start..index));
            start = index + 2;
        }
    }
    operands.extend(shortcode.get(start..));
    operands
}

fn value_of(operand: &str, context: &Value) -> Value {
    if let Some(text) = operand.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Value::String(text.to_owned());
    }
    if let Ok(literal @ (Value::Number(_) | Value::Bool(_))) = serde_json::from_str(operand) {
        return literal;
    }
    operand.split('.').try_fold(context, |value, name| value.get(name)).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn context() -> Value {
        json!({
            "user": {
                "id": "user_1",
                "first_name": "Maria",
                "last_name": null,
                "email_verified": false,
                "phone_number_verified": true,
                "public_metadata": { "profile": { "interests": ["reading"] }, "age": 30 },
            },
        })
    }

    #[test]
    fn a_shortcode_keeps_the_type_of_its_value() {
        for (claim, value) in [
            (json!("{{user.id}}"), json!("user_1")),
            (json!("{{ user.public_metadata.age }}"), json!(30)),
            (json!("{{user.public_metadata.profile.interests}}"), json!(["reading"])),
            (json!("{{user.i_dont_exist}}"), json!(null)),
            (json!("plain"), json!("plain")),
            (json!("{{ open"), json!("{{ open")),
            (json!({ "deep": ["{{user.id}}", 1] }), json!({ "deep": ["user_1", 1] })),
        ] {
            assert_eq!(fill(&claim, &context()), value, "{claim}");
        }
    }

    #[test]
    fn within_text_every_value_is_text() {
        let text = "{{user.last_name}} {{user.first_name}}, {{user.public_metadata.age}}";
        assert_eq!(fill(&json!(text), &context()), json!("null Maria, 30"));
    }

    #[test]
    fn the_first_operand_that_is_neither_null_nor_false_counts() {
        for (claim, value) in [
            ("{{user.email_verified || user.phone_number_verified}}", json!(true)),
            ("{{user.last_name || 'a || b'}}", json!("a || b")),
            ("{{user.last_name || user.none || 30 }}", json!(30)),
            ("{{user.last_name || false}}", json!(false)),
            ("{{user.last_name || user.none}}", json!(null)),
        ] {
            assert_eq!(fill(&json!(claim), &context()), value, "{claim}");
        }
    }
}
