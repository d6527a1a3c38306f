//! What `fields` chooses of a result: names of fields, and paths with dots into nested objects,
//! lists and metadata, such as `publicMetadata.plan`.

use serde_json::{Map, Value};

use super::{
    detail::Detail,
    field::{Field, FieldType, Fields, Rest},
    is_camel_of,
    record::{Datum, Look, Record},
};

/// What is wrong with a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The names before the one that isn't known, with the dot behind them.
    pub(crate) before: String,
    /// The name that isn't known.
    pub(crate) name: String,
    /// The names that are known in its place. Empty if there is nothing below.
    pub(crate) known: Vec<String>,
    /// A path that ends with the name, if an object or a list in the result has it.
    pub(crate) below: Option<String>,
}

impl Fields {
    /// Whether an object of these fields can have something at a path.
    ///
    /// # Errors
    /// The first name that no such object has.
    pub(crate) fn check_path(&'static self, path: &str) -> Result<(), Unknown> {
        self.check_from("", path)
    }

    fn check_from(&'static self, before: &str, path: &str) -> Result<(), Unknown> {
        let (name, below) = first_of(path);
        let unknown = |known| {
            let below = self.below(path).map(|below| format!("{before}{below}"));
            Err(Unknown { before: before.to_owned(), name: name.into(), known, below })
        };
        let Some(field) = self.named(name) else {
            // What Clerk sends beside the declared fields may have any name.
            let is_known = self.rest == Rest::Keep
                || self.summary.fields().iter().any(|(known, _)| *known == path);
            return if is_known { Ok(()) } else { unknown(self.names()) };
        };
        let Some(below) = below else { return Ok(()) };
        let before = format!("{before}{name}.");
        match field.ty {
            FieldType::Object(inner) | FieldType::Objects(inner) => {
                inner.check_from(&before, below)
            }
            FieldType::Metadata | FieldType::Any | FieldType::Json => Ok(()),
            _ => {
                let name = first_of(below).0.to_owned();
                Err(Unknown { before, name, known: Vec::new(), below: None })
            }
        }
    }

    /// Names and paths of a few fields, as an example; none if there are no fields.
    pub(super) fn example(&'static self) -> Option<String> {
        let shown = |fields: &'static Self| {
            fields.iter().filter(|field| {
                !field.secret && field.wire != "object" && !matches!(field.ty, FieldType::Inline(_))
            })
        };
        let id = shown(self).find(|field| field.wire == "id").map(Field::name);
        let metadata = shown(self).find(|field| matches!(field.ty, FieldType::Metadata));
        let metadata = metadata.map(|field| format!("{}.plan", field.name()));
        let mut paths: Vec<String> = id.into_iter().chain(metadata).collect();
        let inner = shown(self).find_map(|field| match field.ty {
            FieldType::Object(inner) | FieldType::Objects(inner) => Some((field.name(), inner)),
            _ => None,
        });
        if let Some((above, inner)) = inner {
            let (skipped, most) = if paths.is_empty() { (0, 2) } else { (1, 1) };
            let inner = shown(inner).skip(skipped).take(most);
            paths.extend(inner.map(|field| format!("{above}.{}", field.name())));
        }
        for name in shown(self).map(Field::name) {
            let is_there = paths.iter().any(|path| path.split('.').next() == Some(&name));
            if paths.len() < 2 && !is_there {
                paths.push(name);
            }
        }
        (!paths.is_empty()).then(|| paths.join(","))
    }

    /// The path of a field in one of the objects or lists, if one has it.
    fn below(&'static self, path: &str) -> Option<String> {
        self.iter().find_map(|field| match field.ty {
            FieldType::Object(inner) | FieldType::Objects(inner) if inner.rest != Rest::Keep => {
                let below = format!("{}.{path}", field.name());
                inner.check_path(path).is_ok().then_some(below)
            }
            _ => None,
        })
    }

    /// The field that agents know by this name.
    pub(super) fn named(&'static self, name: &str) -> Option<&'static Field> {
        self.iter().find_map(|field| match field.ty {
            FieldType::Inline(inner) => inner.named(name),
            _ => is_camel_of(field.shown_as, name).then_some(field),
        })
    }

    /// The names that agents know.
    pub(crate) fn names(&'static self) -> Vec<String> {
        let own = self.iter().flat_map(|field| match field.ty {
            FieldType::Inline(inner) => inner.names(),
            _ => vec![field.name()],
        });
        let summary = self.summary.fields().iter().map(|(name, _)| (*name).to_owned());
        own.chain(summary).collect()
    }
}

impl Record {
    /// What stands at a path, with the objects around it. All of it is there whatever the level of
    /// detail, which only decides the form of times.
    pub(crate) fn pick(&self, path: &str, detail: Detail) -> Option<Map<String, Value>> {
        self.pick_as(path, Look { detail: Detail::Full, ..Look::at(detail) })
    }

    fn pick_as(&self, path: &str, look: Look) -> Option<Map<String, Value>> {
        let (name, below) = first_of(path);
        for (field, value) in self.pairs() {
            if let (FieldType::Inline(_), Datum::Record(inner)) = (field.ty, value) {
                if let Some(found) = inner.pick_as(path, look) {
                    return Some(found);
                }
            } else if is_camel_of(field.shown_as, name) {
                let value = match below {
                    None => self
                        .shows(field, value, Detail::Full, false)
                        .then(|| value.shown(field.ty, look)),
                    Some(below) => value.pick(below, look),
                };
                return Some(one(name, value?));
            }
        }
        let summary = || self.summary().into_iter().find(|(known, _)| *known == path);
        pick_member(&self.rest, path).or_else(|| summary().map(|(name, value)| one(&name, value)))
    }
}

impl Datum {
    fn pick(&self, path: &str, look: Look) -> Option<Value> {
        match self {
            Self::Record(record) => record.pick_as(path, look).map(Value::Object),
            Self::List(items) => each(items, |item| item.pick(path, look)),
            Self::Json(value) => pick_json(value, path),
            _ => None,
        }
    }
}

/// What stands at a path in a value without a declared form.
fn pick_json(value: &Value, path: &str) -> Option<Value> {
    match value {
        Value::Object(members) => pick_member(members, path).map(Value::Object),
        Value::Array(items) => each(items, |item| pick_json(item, path)),
        _ => None,
    }
}

/// A key may hold dots itself.
fn pick_member(members: &Map<String, Value>, path: &str) -> Option<Map<String, Value>> {
    if let Some(value) = members.get(path) {
        return Some(one(path, value.clone()));
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (key, below) = (path.get(..dot)?, path.get(dot + 1..)?);
        Some(one(key, pick_json(members.get(key)?, below)?))
    })
}

/// Of each item what is picked, an empty object if there is nothing; nothing if no item has it.
fn each<T>(items: &[T], pick: impl Fn(&T) -> Option<Value>) -> Option<Value> {
    let picked: Vec<Option<Value>> = items.iter().map(pick).collect();
    let has_any = picked.is_empty() || picked.iter().any(Option::is_some);
    let empty = || Value::Object(Map::new());
    has_any.then(|| picked.into_iter().map(|value| value.unwrap_or_else(empty)).collect())
}

/// Puts what was picked by one path to what was picked by others.
pub(crate) fn join(into: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match into.get_mut(&name) {
            Some(there) => join_values(there, value),
            None => _ = into.insert(name, value),
        }
    }
}

fn join_values(there: &mut Value, more: Value) {
    match (there, more) {
        (Value::Object(there), Value::Object(more)) => join(there, more),
        (Value::Array(there), Value::Array(more)) => {
            there.iter_mut().zip(more).for_each(|(there, more)| join_values(there, more));
        }
        // Both are the same value.
        _ => {}
    }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    std::iter::once((name.to_owned(), value)).collect()
}

/// The first name of a path, and what is below it.
fn first_of(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(name, below)| (name, Some(below)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::field::{boolean, code, inline, metadata, object, objects, text, time};

    static EMAIL: Fields =
        Fields::closed(&[&[code("email_address"), boolean("verified"), time("created_at")]]);
    static ORGANIZATION: Fields = Fields::open(&[&[text("name"), metadata("public_metadata")]]);
    static PUBLIC: Fields = Fields::closed(&[&[code("user_id")]]);
    static ROW: Fields = Fields::closed(&[&[
        code("id").identity(),
        time("created_at"),
        metadata("public_metadata"),
        objects("email_addresses", &EMAIL),
        object("organization", &ORGANIZATION),
        inline("public_user_data", &PUBLIC),
    ]]);

    fn record() -> Record {
        let row = json!({
            "id": "a", "created_at": 1_780_131_600_000_i64,
            "public_metadata": {
                "plan": "pro", "team.lead": "b", "team": { "size": 3 },
                "tags": [{ "n": 1 }, "x", { "n": 2 }],
            },
            "email_addresses": [
                { "email_address": "a@x.example", "verified": true, "created_at": 1_780_131_600_000_i64 },
                { "email_address": "b@x.example", "verified": false },
            ],
            "organization": { "name": "Acme", "fresh_flag": { "deep": true } },
            "public_user_data": { "user_id": "user_1" },
        });
        crate::tool::read::object(&ROW, row.to_string().as_bytes()).unwrap().value
    }

    fn picked(paths: &[&str], detail: Detail) -> Value {
        let record = record();
        let mut all = Map::new();
        for path in paths {
            if let Some(part) = record.pick(path, detail) {
                join(&mut all, part);
            }
        }
        all.into()
    }

    #[test]
    fn a_path_leads_into_objects_lists_and_metadata() {
        let cases = [
            ("id", json!({ "id": "a" })),
            ("userId", json!({ "userId": "user_1" })),
            ("publicMetadata.plan", json!({ "publicMetadata": { "plan": "pro" } })),
            ("publicMetadata.team.size", json!({ "publicMetadata": { "team": { "size": 3 } } })),
            ("publicMetadata.team.lead", json!({ "publicMetadata": { "team.lead": "b" } })),
            (
                "publicMetadata.tags.n",
                json!({ "publicMetadata": { "tags": [{ "n": 1 }, {}, { "n": 2 }] } }),
            ),
            ("publicMetadata.none", json!({})),
            ("organization.name", json!({ "organization": { "name": "Acme" } })),
            (
                "organization.freshFlag.deep",
                json!({ "organization": { "freshFlag": { "deep": true } } }),
            ),
            (
                "emailAddresses.emailAddress",
                json!({ "emailAddresses": [
                    { "emailAddress": "a@x.example" }, { "emailAddress": "b@x.example" },
                ] }),
            ),
            (
                "emailAddresses.createdAt",
                json!({ "emailAddresses": [{ "createdAt": 1_780_131_600_000_i64 }, {}] }),
            ),
        ];
        for (path, expected) in cases {
            assert_eq!(picked(&[path], Detail::Full), expected, "{path}");
        }
    }

    #[test]
    fn several_paths_into_one_object_stand_in_it_together() {
        let expected = json!({
            "emailAddresses": [
                { "emailAddress": "a@x.example", "verified": true },
                { "emailAddress": "b@x.example", "verified": false },
            ],
            "id": "a",
            "publicMetadata": { "plan": "pro", "team": { "size": 3 } },
        });
        let paths = [
            "emailAddresses.emailAddress",
            "id",
            "emailAddresses.verified",
            "publicMetadata.plan",
            "publicMetadata.team",
        ];
        assert_eq!(picked(&paths, Detail::Full), expected);
        let both = picked(&["publicMetadata", "publicMetadata.plan"], Detail::Full);
        assert_eq!(both, picked(&["publicMetadata"], Detail::Full));
    }

    #[test]
    fn the_level_of_detail_decides_the_form_of_times_alone() {
        let shown = picked(&["createdAt", "emailAddresses.createdAt"], Detail::Concise);
        let expected = json!({
            "createdAt": "2026-05-30T09:00:00Z",
            "emailAddresses": [{ "createdAt": "2026-05-30T09:00:00Z" }, {}],
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_name_that_no_such_object_has_is_unknown_and_says_what_there_is() {
        let known = [
            "publicMetadata.any.thing",
            "organization.whatever",
            "organization.name",
            "organization.publicMetadata.x",
            "userId",
            "emailAddresses.verified",
        ];
        for path in known {
            assert_eq!(ROW.check_path(path), Ok(()), "{path}");
        }
        let unknown = |before: &str, name: &str, known: &[&str]| {
            let known = known.iter().map(|name| (*name).to_owned()).collect();
            let below = None;
            Err(Unknown { before: before.to_owned(), name: name.to_owned(), known, below })
        };
        let names =
            ["id", "createdAt", "publicMetadata", "emailAddresses", "organization", "userId"];
        assert_eq!(ROW.check_path("emial.x"), unknown("", "emial", &names));
        assert_eq!(
            ROW.check_path("emailAddresses.mail"),
            unknown("emailAddresses.", "mail", &["emailAddress", "verified", "createdAt"])
        );
        assert_eq!(ROW.check_path("id.x"), unknown("id.", "x", &[]));
    }
}
