//! The arguments of plain operations, as data.

use clerk_api::Id;
use rmcp::model::JsonObject;
use serde_json::{Value, json};

use super::camel_case;

/// An argument of a plain operation: what Clerk takes, and what is said of it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Param {
    /// Clerk's name, in snake_case.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    about: &'static str,
    is_required: bool,
    is_nullable: bool,
    is_secret: bool,
    /// It is the body itself, and not a field of it.
    pub(super) is_body: bool,
    choices: &'static [&'static str],
    min: Option<i64>,
    max: Option<i64>,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Text,
    Integer,
    Flag,
    /// Texts: an array, or one text with commas.
    List,
    /// An object of Clerk's, whose names are written as the tools write them.
    Object,
    /// An array of such.
    Objects,
    /// An object whose names are somebody's own, such as metadata.
    Json,
}

const fn param(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        about: "",
        is_required: false,
        is_nullable: false,
        is_secret: false,
        is_body: false,
        choices: &[],
        min: None,
        max: None,
    }
}

/// An id of one of Clerk's objects.
pub(crate) const fn id(name: &'static str) -> Param {
    param(name, Kind::Id)
}

/// A text.
pub(crate) const fn text(name: &'static str) -> Param {
    param(name, Kind::Text)
}

/// One of some words.
pub(crate) const fn choice(name: &'static str, choices: &'static [&'static str]) -> Param {
    Param { choices, ..param(name, Kind::Text) }
}

/// A whole number.
pub(crate) const fn integer(name: &'static str) -> Param {
    param(name, Kind::Integer)
}

/// True or false.
pub(crate) const fn flag(name: &'static str) -> Param {
    param(name, Kind::Flag)
}

/// Texts: an array, or one text with commas.
pub(crate) const fn list(name: &'static str) -> Param {
    param(name, Kind::List)
}

/// An object of Clerk's: its names are camelCase for agents and snake_case for Clerk.
pub(crate) const fn object(name: &'static str) -> Param {
    param(name, Kind::Object)
}

/// An array of such objects.
pub(crate) const fn objects(name: &'static str) -> Param {
    param(name, Kind::Objects)
}

/// An object that is sent as it is: metadata, claims.
pub(crate) const fn json(name: &'static str) -> Param {
    param(name, Kind::Json)
}

/// How many rows a page has.
pub(crate) const LIMIT: Param = integer("limit").between(1, 500);
/// How many rows are skipped.
pub(crate) const OFFSET: Param = integer("offset").at_least(0);

impl Param {
    /// What is to be known of it beside its name.
    pub(crate) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Without it the call is refused.
    pub(crate) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Null clears what is there.
    pub(crate) const fn nullable(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    /// A password or the like: never shown and never logged.
    pub(crate) const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// It is the whole body of the request.
    pub(crate) const fn body(self) -> Self {
        Self { is_body: true, ..self }
    }

    /// The least and the greatest number, or how many characters or values there may be.
    pub(crate) const fn between(self, min: i64, max: i64) -> Self {
        Self { min: Some(min), max: Some(max), ..self }
    }

    /// The least number, or the fewest characters or values.
    pub(crate) const fn at_least(self, min: i64) -> Self {
        Self { min: Some(min), ..self }
    }

    /// The greatest number, or the most characters or values.
    pub(crate) const fn at_most(self, max: i64) -> Self {
        Self { max: Some(max), ..self }
    }

    /// The name that agents know.
    pub(super) fn argument(&self) -> String {
        camel_case(self.name)
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Id => json!({ "type": "string", "pattern": Id::PATTERN }),
            Kind::Text => json!({ "type": "string" }),
            Kind::Integer => json!({ "type": "integer" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::List => json!({
                "type": ["string", "array"], "items": { "type": "string" },
                "minItems": self.min.unwrap_or(1), "maxItems": self.max.unwrap_or(100),
            }),
            Kind::Object | Kind::Json => json!({ "type": "object" }),
            Kind::Objects => json!({ "type": "array", "items": { "type": "object" } }),
        };
        let (min, max) = match self.kind {
            Kind::Integer => ("minimum", "maximum"),
            Kind::Objects => ("minItems", "maxItems"),
            _ => ("minLength", "maxLength"),
        };
        let has = |is: bool, value: Value| is.then_some(value);
        let is_list = self.kind == Kind::List;
        let keywords = [
            ("description", has(!self.about.is_empty(), self.about.into())),
            ("enum", has(!self.choices.is_empty(), json!(self.choices))),
            (min, self.min.filter(|_| !is_list).map(Value::from)),
            (max, self.max.filter(|_| !is_list).map(Value::from)),
            ("nullable", has(self.is_nullable, true.into())),
            ("writeOnly", has(self.is_secret, true.into())),
        ];
        if let Value::Object(schema) = &mut schema {
            let given = keywords.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
            schema.extend(given);
        }
        schema
    }
}

/// The schema of all arguments: what the path needs, and then the others.
pub(super) fn schema(about: &str, path: &[Param], params: &[Param]) -> JsonObject {
    let of_path = path.iter().filter(|it| params.iter().all(|other| other.name != it.name));
    let params: Vec<&Param> = of_path.chain(params).collect();
    let properties: JsonObject =
        params.iter().map(|param| (param.argument(), param.schema())).collect();
    let is_of_path = |name: &str| path.iter().any(|it| it.name == name);
    let required: Vec<String> = params
        .iter()
        .filter(|it| it.is_required || is_of_path(it.name))
        .map(|it| it.argument())
        .collect();
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("description".to_owned(), about.into());
    schema.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}
