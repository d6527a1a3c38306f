//! What helps to form a call: an example of one, and which arguments replace something as a whole.

use clerk_api::{Method, Route};
use serde_json::{Map, Value, json};

use super::{
    Tool, arguments, camel_case,
    param::{Param, Place, Relation, Role, Rule, Shape, Type},
};

impl Tool {
    /// Arguments that the tool takes, as an example: those that it requires, and the first optional
    /// one of its own that goes with them. It is the same whenever it is asked for.
    #[must_use]
    pub fn example(&'static self) -> Map<String, Value> {
        let own = self.params.iter().copied().flatten();
        let least = least(&own, self.rules);
        let with_one = |is_sensitive: bool| {
            let optional = own.clone().filter(|param| {
                matches!(param.role, Role::None | Role::Filter)
                    && !param.secret
                    && param.sensitive == is_sensitive
                    && !least.contains_key(&param.name())
            });
            let mut examples = optional.map(|param| {
                let mut arguments = least.clone();
                arguments.insert(param.name(), value(param));
                arguments
            });
            examples.find(|arguments| self.check(arguments.clone()).is_ok())
        };
        let alone = || self.check(least.clone()).is_ok().then(|| least.clone());
        // The fewest of a bulk call are its preview. What needs no approval is the simpler example.
        let typical = if self.is_bulk() { None } else { with_one(false) };
        typical.or_else(alone).or_else(|| with_one(true)).unwrap_or_default()
    }

    /// The arguments of an update that take the place of all that is there: lists, and objects that
    /// aren't merged.
    #[must_use]
    pub fn replaces(&self) -> Vec<String> {
        let is_whole = |param: &&Param| {
            param.place == Place::Body
                && match param.ty {
                    // Objects that the call is about, and not a part of one.
                    Type::List { of: Type::Id { relation: Relation::Target, .. }, .. } => false,
                    Type::List { .. }
                    | Type::Objects { .. }
                    | Type::Json
                    | Type::Map { .. }
                    | Type::Metadata { merges: false } => true,
                    _ => false,
                }
        };
        let own = self.params.iter().copied().flatten();
        let replaces = |route: &Route| matches!(route.method, Method::Put | Method::Patch);
        match self.route().filter(replaces) {
            Some(_) => own.filter(is_whole).map(Param::name).collect(),
            None => Vec::new(),
        }
    }
}

/// The fewest arguments that parameters and their rules ask for.
fn least(
    params: &(impl Iterator<Item = &'static Param> + Clone),
    rules: &[Rule],
) -> Map<String, Value> {
    let required = params.clone().filter(|param| param.required);
    let mut least: Map<String, Value> =
        required.map(|param| (param.name(), value(param))).collect();
    for rule in rules {
        let missing = match *rule {
            Rule::Any(names) | Rule::One(names)
                if !names.iter().any(|name| least.contains_key(&camel_case(name))) =>
            {
                names.first().copied()
            }
            Rule::With(name, other) if least.contains_key(&camel_case(name)) => Some(other),
            _ => None,
        };
        let missing = params.clone().find(|param| Some(param.wire) == missing);
        if let Some(param) = missing {
            least.entry(param.name()).or_insert_with(|| value(param));
        }
    }
    least
}

/// An object of a shape, which must not be empty.
fn object(shape: &'static Shape) -> Value {
    let mut least = least(&shape.params(), shape.rules);
    if least.is_empty() {
        least.extend(shape.params().next().map(|param| (param.name(), value(param))));
    }
    least.into()
}

/// A value that a parameter takes: the example in its description, or that of its type.
fn value(param: &'static Param) -> Value {
    let expected = arguments::expected(match &param.ty {
        Type::List { of, .. } => of,
        ty => ty,
    });
    let said = [param.about, &expected].into_iter().filter_map(such_as);
    let said =
        said.filter(|value| arguments::converted(param, value).is_some()).map(
            |value| match param.ty {
                // As the schema lists it.
                Type::Integer { .. } | Type::Price { .. } | Type::Bool | Type::True => {
                    arguments::converted(param, &value).unwrap_or(value)
                }
                _ => value,
            },
        );
    said.chain([of_type(&param.ty)]).next().unwrap_or_default()
}

/// What stands behind "such as" in a sentence: JSON, or what comes before the next mark.
fn such_as(text: &str) -> Option<Value> {
    let (_, example) = text.split_once("such as ")?;
    if example.starts_with(['{', '[', '"']) {
        let mut json = serde_json::Deserializer::from_str(example).into_iter();
        if let Some(Ok(value)) = json.next() {
            return Some(value);
        }
    }
    let marks = [", ", "; ", ". ", ": ", " or ", " and ", ")", " ("];
    let end = marks.iter().filter_map(|mark| example.find(mark)).min();
    let example = example.get(..end.unwrap_or(example.len()))?.trim_end_matches(['.', ',', ';']);
    (!example.is_empty()).then(|| example.into())
}

fn of_type(ty: &Type) -> Value {
    match ty {
        Type::Id { kinds, .. } => kinds.first().map(|kind| kind.example()).into(),
        Type::Email { .. } | Type::Identifier { .. } | Type::Login { .. } => {
            "ada@example.com".into()
        }
        Type::Choice(choices) => choices.first().copied().into(),
        Type::Order(fields) => fields.first().map(|field| format!("-{field}")).into(),
        Type::Integer { min, max } => 10.clamp(*min, *max).into(),
        Type::Price { least } => (*least).into(),
        Type::Bool | Type::True => true.into(),
        Type::Time => "2030-01-31".into(),
        Type::Timestamp { .. } => "2099-01-31T00:00:00Z".into(),
        Type::Map { of, .. } => json!({ "key": of_type(of) }),
        Type::List { of, .. } => of_type(of),
        Type::Object(shape) => object(shape),
        Type::Objects { shape, .. } => vec![object(shape)].into(),
        Type::Metadata { .. } => json!({ "plan": "pro" }),
        Type::Json => json!({ "key": "value" }),
        Type::Text { min, max, .. } => {
            let length = |size: u32| usize::try_from(size).unwrap_or(usize::MAX);
            let text = "example".repeat(length(*min) / 7 + 1);
            text.chars().take(length(*max)).collect::<String>().into()
        }
        _ => "example".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_read_from_a_sentence() {
        let cases = [
            ("A key, such as org:admin.", json!("org:admin")),
            ("A date such as 2026-05-30, or Unix ms.", json!("2026-05-30")),
            ("Claims, such as {\"a\": 1}. More.", json!({ "a": 1 })),
            (
                "A URL, such as https://example.com/a?b=1 (https only).",
                json!("https://example.com/a?b=1"),
            ),
        ];
        for (text, example) in cases {
            assert_eq!(such_as(text), Some(example), "{text}");
        }
        assert_eq!(such_as("A key."), None);
    }
}
