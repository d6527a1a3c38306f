//! How much of Clerk's objects is shown.

use serde_json::{Map, Value};

/// A level of detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What tells objects apart: id, name, email or slug, status, flags that are set, dates.
    Concise,
    /// Without what is null, images, the ids of nested things and the payloads of events.
    Standard,
    /// All that the tool promises.
    Full,
}

impl Detail {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Concise => "concise",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Full, Self::Standard, Self::Concise].into_iter().find(|it| it.name() == name)
    }

    /// The next lower level.
    pub(super) const fn lower(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::Standard),
            Self::Standard => Some(Self::Concise),
            Self::Concise => None,
        }
    }

    /// What an answer of this level lacks.
    pub(super) const fn lacks(self) -> &'static str {
        match self {
            Self::Full => "nothing",
            Self::Standard => "nulls, images, nested ids and payloads",
            Self::Concise => "all but ids, names, flags that are set and dates",
        }
    }

    /// `object` at this level.
    pub(super) fn of_object(self, object: &Map<String, Value>) -> Map<String, Value> {
        match self {
            Self::Full => object.clone(),
            Self::Standard => standard(object),
            Self::Concise => concise(object),
        }
    }
}

/// Whether the value is what somebody put there, whose form is not Clerk's.
fn is_metadata(name: &str) -> bool {
    name.ends_with("etadata")
}

fn standard(object: &Map<String, Value>) -> Map<String, Value> {
    let is_shown = |name: &str, value: &Value| {
        let is_image = matches!(name, "imageUrl" | "hasImage" | "logoUrl");
        let is_primary = name.starts_with("primary") && name.ends_with("Id");
        // An event's, which is more than all the rest of it.
        let is_payload = name == "payload";
        !(value.is_null() || is_image || is_primary || is_payload)
    };
    let shown = object.iter().filter(|(name, value)| is_shown(name, value));
    shown.map(|(name, value)| (name.clone(), nested(name, value))).collect()
}

/// A member of an object, without its own id where it is an object or a list of such.
fn nested(name: &str, value: &Value) -> Value {
    let without_id = |item: &Value| match item {
        Value::Object(object) => {
            let mut object = standard(object);
            object.shift_remove("id");
            Value::Object(object)
        }
        item => item.clone(),
    };
    match value {
        _ if is_metadata(name) => value.clone(),
        Value::Array(items) => items.iter().map(without_id).collect(),
        Value::Object(_) => without_id(value),
        value => value.clone(),
    }
}

fn concise(object: &Map<String, Value>) -> Map<String, Value> {
    let mut concise = Map::new();
    let is_number = |name: &str| object.get(name).is_some_and(Value::is_number);
    for (name, value) in object {
        let is_shown = match value {
            Value::String(_) => is_telling(name),
            // What is null or false is left out.
            Value::Bool(is_set) => *is_set && is_flag(name),
            // Who was active later than the last sign-in needs no sign-in to be told apart.
            Value::Number(_) if name == "lastSignInAt" => !is_number("lastActiveAt"),
            Value::Number(_) => !matches!(name.as_str(), "updatedAt" | "abandonAt"),
            _ => false,
        };
        if is_shown {
            concise.insert(name.clone(), value.clone());
        }
        if name == "id" {
            concise.extend(full_name(object).map(|it| ("name".to_owned(), it.into())));
            concise.extend(contact(object).map(|(kind, it)| (kind.to_owned(), it.into())));
        }
    }
    concise
}

/// Whether a flag says what an object is, and not how it may sign in.
fn is_flag(name: &str) -> bool {
    name == "twoFactorEnabled" || !(name == "hasImage" || name.ends_with("Enabled"))
}

/// Whether a text tells objects apart.
fn is_telling(name: &str) -> bool {
    matches!(
        name,
        "id" | "summary" | "name" | "slug" | "status" | "role" | "email" | "identifier" | "userId"
    )
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|it| !it.is_empty())
}

fn full_name(user: &Map<String, Value>) -> Option<String> {
    let names = ["firstName", "lastName"].into_iter().filter_map(|name| text(user, name));
    Some(names.collect::<Vec<_>>().join(" ")).filter(|it| !it.is_empty())
}

/// The one identifier that a person is known by best.
fn contact(user: &Map<String, Value>) -> Option<(&'static str, &str)> {
    let email = primary(user, "emailAddresses", "emailAddress", "primaryEmailAddressId");
    let phone = || primary(user, "phoneNumbers", "phoneNumber", "primaryPhoneNumberId");
    email
        .map(|it| ("email", it))
        .or_else(|| text(user, "username").map(|it| ("username", it)))
        .or_else(|| phone().map(|it| ("phone", it)))
}

/// The value that `id` names among nested ones, else the first.
fn primary<'a>(user: &'a Map<String, Value>, list: &str, field: &str, id: &str) -> Option<&'a str> {
    let items = || user.get(list).and_then(Value::as_array).into_iter().flatten();
    let id = text(user, id);
    let named = items().find(|it| id.is_some() && it.get("id").and_then(Value::as_str) == id);
    named.or_else(|| items().next())?.get(field)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> Map<String, Value> {
        let user = json!({
            "id": "user_1", "username": "ada", "firstName": "Ada", "lastName": null,
            "imageUrl": "https://x.example/1.png", "hasImage": true,
            "primaryEmailAddressId": "idn_2", "primaryPhoneNumberId": null,
            "emailAddresses": [
                { "id": "idn_1", "emailAddress": "old@example.com" },
                { "id": "idn_2", "emailAddress": "ada@example.com" },
            ],
            "phoneNumbers": [], "externalId": null, "banned": true, "locked": false,
            "lastSignInAt": null, "createdAt": 1, "updatedAt": 2,
            "publicMetadata": { "id": 7, "imageUrl": "x", "team": { "id": 8 } },
        });
        user.as_object().unwrap().clone()
    }

    #[test]
    fn full_is_all_of_it() {
        assert_eq!(Detail::Full.of_object(&user()), user());
    }

    #[test]
    fn standard_lacks_nulls_images_and_nested_ids_and_leaves_metadata_alone() {
        let mut expected = user();
        expected.retain(|name, value| {
            !value.is_null()
                && !matches!(name.as_str(), "imageUrl" | "hasImage")
                && !name.starts_with("primary")
        });
        expected["emailAddresses"] = json!([
            { "emailAddress": "old@example.com" }, { "emailAddress": "ada@example.com" },
        ]);
        assert_eq!(Detail::Standard.of_object(&user()), expected);
    }

    #[test]
    fn concise_is_what_tells_objects_apart() {
        let concise =
            |object: &Value| Value::Object(Detail::Concise.of_object(object.as_object().unwrap()));
        let mut user = Value::Object(user());
        let expected = json!({
            "id": "user_1", "name": "Ada", "email": "ada@example.com", "banned": true, "createdAt": 1,
        });
        assert_eq!(concise(&user), expected);
        user["emailAddresses"] = json!([]);
        assert_eq!(concise(&user)["username"], "ada");
        user["username"] = json!(null);
        user["phoneNumbers"] = json!([{ "id": "idn_3", "phoneNumber": "+15550100" }]);
        assert_eq!(concise(&user)["phone"], "+15550100");
        let organization = json!({
            "id": "org_1", "name": "Acme", "slug": "acme", "imageUrl": "x", "membersCount": 3,
            "adminDeleteEnabled": true, "createdBy": "user_1", "createdAt": 1,
        });
        let expected = json!({
            "id": "org_1", "name": "Acme", "slug": "acme", "membersCount": 3, "createdAt": 1,
        });
        assert_eq!(concise(&organization), expected);
    }
}
