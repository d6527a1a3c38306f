//! What may be shown of an object that nobody asked for: the fields that are declared and hold no
//! secret, and nothing else.

use serde_json::{Map, Value};

use super::{
    field::{Field, FieldType, Fields, Summary},
    record::PRIMARY_EMAIL,
};

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
    let mut shown: Map<String, Value> = object.into_iter().filter_map(member).collect();
    if fields.iter().any(|fields| fields.summary == Summary::Person) {
        let address = primary_email(&shown).cloned();
        shown.extend(address.map(|address| (PRIMARY_EMAIL.to_owned(), address)));
    }
    shown
}

/// A person's primary email address, which Clerk names by its id only.
fn primary_email(person: &Map<String, Value>) -> Option<&Value> {
    let id = person.get("primary_email_address_id").filter(|id| id.is_string())?;
    let mut addresses = person.get("email_addresses")?.as_array()?.iter();
    addresses.find(|address| address.get("id") == Some(id))?.get("email_address")
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
        (FieldType::Code | FieldType::Text | FieldType::Utc, value) => {
            value.is_string().then_some(value)
        }
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
    fn a_persons_primary_email_address_is_named() {
        static MAIL: Fields = Fields::open(&[&[code("id"), code("email_address")]]);
        static PERSON: Fields =
            Fields::open(&[&[code("primary_email_address_id"), objects("email_addresses", &MAIL)]])
                .person();
        let mails = json!([
            { "id": "idn_1", "email_address": "a@x.example" },
            { "id": "idn_2", "email_address": "b@x.example" },
        ]);
        let named = |id: Value| {
            let person = json!({ "primary_email_address_id": id, "email_addresses": mails });
            let Value::Object(person) = person else { return None };
            declared(&[&PERSON], person).remove("primary_email_address")
        };
        assert_eq!(named(json!("idn_2")), Some(json!("b@x.example")));
        assert_eq!(named(Value::Null), None);
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
