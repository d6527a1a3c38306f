//! What may be shown of an object that nobody asked for: the fields that are declared and hold no
//! secret, and nothing else.

use serde_json::{Map, Value};

use super::field::{Field, FieldType, Fields};

/// What `fields` declare of `object`, at any depth, under Clerk's names. Left out are secrets, what
/// isn't declared, what isn't of the declared type, and what has no declared form.
pub(crate) fn declared(
    fields: &[&'static Fields],
    object: Map<String, Value>,
) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        let field = fields.iter().flat_map(|fields| fields.iter()).find(|it| it.wire == name)?;
        Some((name, part(field, value)?))
    };
    object.into_iter().filter_map(member).collect()
}

fn part(field: &Field, value: Value) -> Option<Value> {
    if field.secret {
        return None;
    }
    let object = |inner, value| match value {
        Value::Object(object) => Some(Value::Object(declared(&[inner], object))),
        _ => None,
    };
    match (field.ty, value) {
        (FieldType::Any | FieldType::Json, _) => None,
        (_, Value::Null) => Some(Value::Null),
        (FieldType::Code | FieldType::Text, value) => value.is_string().then_some(value),
        (FieldType::Integer | FieldType::Number | FieldType::Time, value) => {
            value.is_number().then_some(value)
        }
        (FieldType::Bool, value) => value.is_boolean().then_some(value),
        (FieldType::Metadata, value) => value.is_object().then_some(value),
        (FieldType::Codes | FieldType::Texts, Value::Array(items)) => {
            Some(items.into_iter().filter(Value::is_string).collect())
        }
        (FieldType::Object(inner) | FieldType::Inline(inner), value) => object(inner, value),
        (FieldType::Objects(inner), Value::Array(items)) => {
            Some(items.into_iter().filter_map(|item| object(inner, item)).collect())
        }
        // Of a verification all that the row reads is whether it is done.
        (FieldType::Verified, value) => {
            Some(serde_json::json!({ "status": value.get("status").filter(|it| it.is_string()) }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::field::{any, boolean, code, codes, integer, json, metadata, object, objects};

    static INNER: Fields = Fields::open(&[&[code("id"), code("url").secret()]]);
    static OUTER: Fields = Fields::open(&[&[
        code("id"),
        integer("count"),
        boolean("banned"),
        codes("scopes"),
        codes("backup_codes").secret(),
        object("invitation", &INNER),
        objects("invitations", &INNER),
        metadata("public_metadata"),
        any("payee"),
        json("claims"),
    ]]);
    static MORE: Fields = Fields::open(&[&[code("slug")]]);

    fn shown(value: Value) -> Value {
        let Value::Object(object) = value else { return Value::Null };
        declared(&[&OUTER, &MORE], object).into()
    }

    #[test]
    fn what_is_not_declared_is_left_out_at_any_depth() {
        let object = json!({
            "code": "1", "id": "a", "slug": "s", "count": 1, "banned": true, "scopes": ["a"],
            "invitation": { "id": "b", "ticket": "1", "url": "1" },
            "invitations": [{ "id": "c", "token": { "id": "1" } }],
            "backup_codes": ["1"], "payee": { "id": "1" }, "claims": { "sub": "1" },
            "public_metadata": { "plan": "pro" },
        });
        let expected = json!({
            "id": "a", "slug": "s", "count": 1, "banned": true, "scopes": ["a"],
            "invitation": { "id": "b" }, "invitations": [{ "id": "c" }],
            "public_metadata": { "plan": "pro" },
        });
        assert_eq!(shown(object), expected);
    }

    #[test]
    fn what_is_not_of_its_type_is_left_out() {
        let hidden = json!({ "code": "123456" });
        for name in ["id", "count", "banned", "scopes", "invitations"] {
            assert_eq!(shown(json!({ name: hidden })), json!({}), "{name}");
            assert_eq!(shown(json!({ name: null })), json!({ name: null }), "{name}");
        }
        assert_eq!(shown(json!({ "invitation": hidden })), json!({ "invitation": {} }));
        let nested = json!({ "invitations": [[hidden], "1", hidden], "scopes": ["a", hidden] });
        assert_eq!(shown(nested), json!({ "invitations": [{}], "scopes": ["a"] }));
    }
}
