//! JSON Schemas of tools, derived from their rows. Inputs have only the keywords that every client
//! takes: some refuse a whole list of tools over `$ref`, `format`, `anyOf` or null unions in inputs
//! (rust-sdk#135, github/copilot-cli#4623).

use serde_json::{Map, Value, json};

use super::{
    CallMeta, Tool,
    arguments::{clearable_names, default_of},
    field::{self, Field, FieldType, Fields},
    frame,
    param::{Param, Role, Shape, Type},
};

/// What a time of Clerk's is at each level of detail.
const TIME: &str = "Unix milliseconds; at concise detail ISO 8601 in UTC.";
/// What a time is in a result that this server composed.
const UTC: &str = "ISO 8601 in UTC, such as 2026-05-30T09:00:00Z.";

/// What replaces the result of a call that needs approval and brings none.
pub(super) static PLANNED: Fields = Fields::closed(&[&[field::object("plan", &PLAN).about(
    "In place of the result if a person must approve the call: nothing was changed yet, and there \
     is no `success`.",
)]]);
static PLAN: Fields = Fields::closed(&[&[
    field::code("token").about("Give it as planToken, with the same arguments, once they approve."),
    field::text("effect").about("What the call would do: show it to the person."),
    field::time("expires_at").about("When the token stops working."),
]]);

impl Tool {
    /// The input schema, as clients list it.
    #[must_use]
    pub fn input_schema(&self, meta: CallMeta) -> Map<String, Value> {
        let mut schema = self.own_input_schema(meta);
        let fields = self.arguments().find(|param| param.role == Role::Fields).map(Param::name);
        let property = fields.and_then(|name| schema.get_mut("properties")?.get_mut(&name));
        if let (Some(Value::Object(property)), Some(example)) = (property, self.fields.example()) {
            let about = format!("Only these fields, such as {example}.");
            property.insert("description".to_owned(), about.into());
        }
        schema
    }

    fn own_input_schema(&self, meta: CallMeta) -> Map<String, Value> {
        let [reason, token] = Self::META else { return of_input(self.arguments()) };
        let reason = (meta.reason && !self.effect.is_read()).then_some(reason);
        let token = (meta.plan_token && self.may_need_approval()).then_some(token);
        let export = (meta.export && self.exports()).then_some(Self::EXPORT_TO);
        of_input(self.arguments().chain(reason).chain(token).chain(export))
    }

    /// The schema of the structured result, as clients list it.
    #[must_use]
    pub fn output_schema(&'static self, meta: CallMeta) -> Map<String, Value> {
        let mut schema = of_output(self);
        let mut properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties.as_mut().filter(|_| meta.export && self.exports()) {
            properties.extend(of_fields(&frame::EXPORTED));
        }
        let may_be_plan = meta.plan_token && self.may_need_approval();
        if let Some(properties) = properties.filter(|_| may_be_plan) {
            // An object of billing has a plan of its own.
            let own = properties.get_mut("plan").and_then(|plan| plan.get_mut("properties"));
            match own {
                Some(Value::Object(own)) => own.extend(of_fields(&PLAN)),
                _ => properties.extend(of_fields(&PLANNED)),
            }
        }
        schema
    }
}

/// The schema of these arguments, as clients list it.
pub(super) fn of_input<'a>(params: impl Iterator<Item = &'a Param>) -> Map<String, Value> {
    let params: Vec<&Param> = params.collect();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for param in &params {
        if param.required {
            required.push(param.name());
        }
        let mut property = of_param(param);
        if param.role == Role::Clear {
            let names = clearable_names(params.iter().copied()).join(", ");
            property.insert("description".to_owned(), format!("{} {names}.", param.about).into());
        }
        properties.insert(param.name(), property.into());
    }
    let mut schema = object(properties);
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

fn object(properties: Map<String, Value>) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema
}

fn of_param(param: &Param) -> Map<String, Value> {
    let mut schema = Map::new();
    if !param.about.is_empty() {
        schema.insert("description".to_owned(), param.about.into());
    }
    schema.extend(of_type(&param.ty));
    if let Some(default) = default_of(param.default) {
        schema.insert("default".to_owned(), default);
    }
    schema
}

fn of_type(ty: &Type) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut add = |keyword: &str, value: Value| _ = schema.insert(keyword.to_owned(), value);
    match ty {
        Type::Id { .. }
        | Type::Email { .. }
        | Type::Phone { .. }
        | Type::Identifier { .. }
        | Type::Login { .. }
        | Type::Time
        | Type::Timestamp { .. } => {
            add("type", "string".into());
        }
        // A list is listed as one string with commas, which every client can write.
        Type::Order(_) | Type::List { .. } | Type::FieldNames => add("type", "string".into()),
        Type::Text { min, max, .. } => {
            add("type", "string".into());
            // An empty string is refused in any case.
            if *min > 1 {
                add("minLength", (*min).into());
            }
            if *max < u32::MAX {
                add("maxLength", (*max).into());
            }
        }
        Type::Choice(choices) => {
            add("type", "string".into());
            add("enum", json!(choices));
        }
        Type::Integer { min, max } => {
            add("type", "integer".into());
            // Nobody gives less than nothing.
            if *min > 0 {
                add("minimum", (*min).into());
            }
            if *max < i64::MAX {
                add("maximum", (*max).into());
            }
        }
        Type::Price { .. } => add("type", "integer".into()),
        Type::Bool | Type::True => add("type", "boolean".into()),
        Type::Metadata { .. } | Type::Json => add("type", "object".into()),
        Type::Map { of, .. } => {
            add("type", "object".into());
            add("additionalProperties", of_type(of).into());
        }
        Type::Object(shape) => return of_shape(shape),
        Type::Objects { shape, .. } => {
            add("type", "array".into());
            add("items", of_shape(shape).into());
        }
    }
    schema
}

fn of_shape(shape: &'static Shape) -> Map<String, Value> {
    let mut schema = of_input(shape.params());
    if shape.open {
        schema.insert("additionalProperties".to_owned(), true.into());
    }
    schema
}

/// The schema of a tool's structured result, with what every result has. Nothing is required, and
/// more is allowed: a result stays valid whatever fields it is cut down to.
fn of_output(tool: &'static Tool) -> Map<String, Value> {
    let mut properties = Map::new();
    let fields = of_fields(tool.fields);
    match tool.result.rows() {
        Some(rows) => {
            let items = open(fields);
            properties.insert(rows.to_owned(), json!({ "type": "array", "items": items }));
            properties.extend(of_fields(tool.envelope));
            properties.extend(of_fields(tool.result.paging()));
            if tool.matching().next().is_some() {
                properties.extend(of_fields(&frame::NOT_FOUND));
            }
        }
        None => properties.extend(fields),
    }
    properties.extend(of_fields(tool.beside));
    if !tool.effect.is_read() {
        properties.extend(of_fields(&frame::WRITTEN));
    }
    properties.extend(of_fields(&frame::FRAME));
    open(properties)
}

/// The schema of an object that may have more: some clients drop what isn't declared unless they
/// are told (FastMCP's typed results).
fn open(properties: Map<String, Value>) -> Map<String, Value> {
    let mut schema = object(properties);
    schema.insert("additionalProperties".to_owned(), true.into());
    schema
}

fn of_fields(fields: &'static Fields) -> Map<String, Value> {
    let mut properties = Map::new();
    for field in fields.iter() {
        match field.ty {
            FieldType::Inline(inner) => properties.extend(of_fields(inner)),
            _ => _ = properties.insert(field.name(), of_field(field)),
        }
    }
    for &(name, about) in fields.summary.fields() {
        properties.insert(name.to_owned(), json!({ "type": "string", "description": about }));
    }
    properties
}

fn of_field(field: &'static Field) -> Value {
    let mut schema = Map::new();
    let mut add = |keyword: &str, value: Value| _ = schema.insert(keyword.to_owned(), value);
    let about = match field.ty {
        FieldType::Time => format!("{}{TIME}", spaced(field.about)),
        FieldType::Utc => format!("{}{UTC}", spaced(field.about)),
        _ => field.about.to_owned(),
    };
    if !about.is_empty() {
        add("description", about.into());
    }
    // Any field can be null: Clerk may leave it open, and what can't be read is null with a note.
    match field.ty {
        FieldType::Code | FieldType::Text | FieldType::Utc => {
            add("type", json!(["string", "null"]));
        }
        FieldType::Integer => add("type", json!(["integer", "null"])),
        FieldType::Time => add("type", json!(["integer", "string", "null"])),
        FieldType::Number => add("type", json!(["number", "null"])),
        FieldType::Bool | FieldType::Verified => add("type", json!(["boolean", "null"])),
        FieldType::Codes | FieldType::Texts => {
            add("type", json!(["array", "null"]));
            add("items", json!({ "type": ["string", "null"] }));
        }
        FieldType::Object(fields) | FieldType::Inline(fields) => {
            schema.extend(open(of_fields(fields)));
            schema.insert("type".to_owned(), json!(["object", "null"]));
        }
        FieldType::Objects(fields) => {
            let mut items = open(of_fields(fields));
            items.insert("type".to_owned(), json!(["object", "null"]));
            add("type", json!(["array", "null"]));
            add("items", items.into());
        }
        FieldType::Metadata | FieldType::Any | FieldType::Json => {
            add("type", json!(["object", "null"]));
            add("additionalProperties", true.into());
        }
    }
    schema.into()
}

/// A description that continues.
fn spaced(about: &str) -> String {
    if about.is_empty() { String::new() } else { format!("{about} ") }
}
