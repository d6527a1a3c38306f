//! From checked arguments to the request that Clerk is sent: each argument goes where its row says.

use serde_json::{Map, Value};

use super::{
    Rest, Tool, camel_case,
    date::Date,
    param::{Param, Place, Shape, Type},
};
use clerk_api::Request;

use crate::Error;

/// The request of a tool that is one request, with these checked arguments.
///
/// # Errors
/// [`Error::Id`] if a path field isn't an ID, which checked arguments rule out.
pub(super) fn request(
    tool: &'static Tool,
    rest: &Rest,
    arguments: &Map<String, Value>,
) -> Result<Request, Error> {
    let mut path = Map::new();
    let mut query = Vec::new();
    let mut body = Map::new();
    let mut whole_body = None;
    for param in tool.params() {
        let Some(value) = arguments.get(&param.name()) else { continue };
        let wire = || to_wire(&param.ty, value.clone());
        match param.place {
            Place::Path => _ = path.insert(param.wire.to_owned(), plain(wire()).into()),
            Place::QueryMembers => query.extend(members(param, wire())),
            Place::Query => query.extend(pairs(param, wire(), None)),
            Place::QueryComma => query.extend(pairs(param, wire(), Some(","))),
            Place::Body => _ = body.insert(param.wire.to_owned(), wire()),
            Place::WholeBody => whole_body = Some(wire()),
            Place::Local => {}
        }
    }
    let mut request = Request::new(rest.route, &path)?;
    for (name, value) in query {
        request = request.with_query(&name, &value);
    }
    for (name, value) in rest.fixed {
        request = request.with_query(name, value);
    }
    // Clerk wants a body, if an empty one, wherever there are fields for it.
    let takes_body = tool.params().any(|param| param.place == Place::Body);
    let body = whole_body.or_else(|| takes_body.then_some(Value::Object(body)));
    Ok(match body {
        Some(body) => request.with_body(body),
        None => request,
    })
}

/// A value under Clerk's names and in Clerk's forms.
fn to_wire(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::Object(shape), Value::Object(properties)) => object(shape, properties),
        (Type::Objects { shape, .. }, Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::Object(properties) => object(shape, properties),
                item => item,
            })
            .collect(),
        (Type::List { of, .. }, Value::Array(items)) => {
            items.into_iter().map(|item| to_wire(of, item)).collect()
        }
        (Type::Time, Value::String(text)) => match Date::parse(&text) {
            Some(Date(milliseconds)) => milliseconds.into(),
            None => Value::String(text),
        },
        (Type::Timestamp { .. }, Value::String(text)) => {
            let time = Date::parse(&text).and_then(Date::rfc3339);
            time.unwrap_or(text).into()
        }
        (Type::Map { of, .. }, Value::Object(members)) => {
            members.into_iter().map(|(name, value)| (name, to_wire(of, value))).collect()
        }
        (_, value) => value,
    }
}

fn object(shape: &'static Shape, mut properties: Map<String, Value>) -> Value {
    let mut sent = Map::new();
    for param in shape.params() {
        if let Some(value) = properties.shift_remove(&camel_case(param.wire)) {
            sent.insert(param.wire.to_owned(), to_wire(&param.ty, value));
        }
    }
    // What an open shape does not know goes as it is.
    sent.extend(properties);
    sent.into()
}

/// The pairs of a query parameter that is an object.
fn members(param: &'static Param, value: Value) -> impl Iterator<Item = (String, String)> {
    let members = if let Value::Object(members) = value { members } else { Map::new() };
    members.into_iter().map(|(key, value)| (format!("{}[{key}]", param.wire), plain(value)))
}

/// A query parameter's pairs. Clerk wants a list's key repeated for each value, in most places.
fn pairs(param: &'static Param, value: Value, separator: Option<&str>) -> Vec<(String, String)> {
    let pair = |value| (param.wire.to_owned(), value);
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => {
            let values = items.into_iter().map(plain);
            match separator {
                None => values.map(pair).collect(),
                Some(separator) => vec![pair(values.collect::<Vec<_>>().join(separator))],
            }
        }
        value => vec![pair(plain(value))],
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}
