//! What may be given in place of an id: the email address of a user, the slug or the name of an
//! organization. The server looks it up and continues with the id.

use serde_json::{Map, Value};

use super::{
    Tool,
    kind::Kind,
    param::{Param, Relation, Type},
};

/// How many characters an email address or a name may have: as many as Clerk lets them.
const MOST: usize = 320;

/// What names an object in the place of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Handle {
    /// A user's email address.
    Email,
    /// An organization's slug or name.
    Organization,
}

impl Handle {
    /// What a text names in the place of an id of these kinds, if it is not an id. A text in the form of
    /// an id always is one. In a filter, the text has no sign any more.
    pub(crate) fn of(kinds: &[Kind], text: &str) -> Option<Self> {
        let is_text = text.chars().count() <= MOST
            && text == text.trim()
            && !text.chars().any(char::is_control)
            // Clerk reads a sign as "with" or "without".
            && !text.starts_with(['+', '-']);
        if !is_text {
            None
        } else if kinds.contains(&Kind::User) && is_address(text) {
            Some(Self::Email)
        } else if kinds.contains(&Kind::Organization) && !text.is_empty() && !is_id(kinds, text) {
            Some(Self::Organization)
        } else {
            None
        }
    }
}

/// Whether a text in the place of an organization's id has the form of an id. If it can be of other
/// kinds too, whatever has a prefix is one: not all prefixes are known.
fn is_id(kinds: &[Kind], text: &str) -> bool {
    let has_prefix = |text: &str| {
        text.split_once('_').is_some_and(|(prefix, rest)| {
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            is_word(prefix) && is_word(rest)
        })
    };
    Kind::of_prefix(text).is_some() || (kinds.len() > 1 && has_prefix(text))
}

/// Whether a string is one email address, without a name around it.
pub(super) fn is_address(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_outside = |letter: char| letter.is_whitespace() || ",@<>()[]\";:\\".contains(letter);
        !part.is_empty() && !part.contains(is_outside)
    };
    text.split_once('@').is_some_and(|(local, domain)| is_part(local) && is_part(domain))
}

/// The sign with which a filter asks for objects with or without a value, and the value.
pub(super) fn signed(text: &str, relation: Relation) -> (&str, &str) {
    match relation {
        Relation::Filter if text.starts_with(['+', '-']) => text.split_at(1),
        _ => ("", text),
    }
}

/// Looks at one argument, by its path, and returns the id to put in its place.
type Visit<'v> = dyn FnMut(&str, Handle, &str) -> Option<String> + 'v;

impl Tool {
    /// Visits what is given in place of ids in checked arguments, at any depth. The visitor gets
    /// each path, such as `userIds[2]`, and returns the id to put there.
    pub(crate) fn each_handle(&self, arguments: &mut Map<String, Value>, visit: &mut Visit<'_>) {
        in_object(self.arguments(), arguments, "", visit);
    }
}

fn in_object(
    params: impl Iterator<Item = &'static Param>,
    arguments: &mut Map<String, Value>,
    path: &str,
    visit: &mut Visit<'_>,
) {
    for param in params {
        let name = param.name();
        if let Some(value) = arguments.get_mut(&name) {
            in_value(&param.ty, value, &super::arguments::join(path, &name), visit);
        }
    }
}

fn in_value(ty: &Type, value: &mut Value, path: &str, visit: &mut Visit<'_>) -> bool {
    match (ty, value) {
        (Type::Id { kinds, relation }, Value::String(text)) => {
            let (sign, given) = signed(text, *relation);
            let handle = Handle::of(kinds, given);
            let id = handle.and_then(|handle| visit(path, handle, given));
            let put = id.map(|id| format!("{sign}{id}"));
            put.map(|put| *text = put).is_some()
        }
        (Type::List { of, .. }, Value::Array(items)) => {
            let mut is_changed = false;
            for (index, item) in items.iter_mut().enumerate() {
                is_changed |= in_value(of, item, &format!("{path}[{index}]"), visit);
            }
            if is_changed {
                // Who was given by an address may have been given by the id too.
                let mut seen = std::collections::HashSet::new();
                items.retain(|item| seen.insert(item.clone()));
            }
            is_changed
        }
        (Type::Object(shape), Value::Object(properties)) => {
            in_object(shape.params(), properties, path, visit);
            false
        }
        (Type::Objects { shape, .. }, Value::Array(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                if let Value::Object(properties) = item {
                    in_object(shape.params(), properties, &format!("{path}[{index}]"), visit);
                }
            }
            false
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &[Kind] = &[Kind::User];
    const ORGANIZATION: &[Kind] = &[Kind::Organization];
    const ANY: &[Kind] = &[Kind::User, Kind::Organization, Kind::Machine, Kind::Directory];
    const SESSION: &[Kind] = &[Kind::Session];

    #[test]
    fn an_address_names_a_user_and_any_text_without_the_form_of_an_id_an_organization() {
        let (email, organization) = (Some(Handle::Email), Some(Handle::Organization));
        let long = "a".repeat(MOST + 1);
        let cases = [
            (USER, "bob@x.example", email),
            (USER, "BOB+tag@x.example", email),
            (USER, "user_2ab", None),
            (USER, "bob", None),
            (USER, "Bob <bob@x.example>", None),
            (USER, "bob@", None),
            (USER, "a@x.example,b@x.example", None),
            // With a sign, Clerk's filter would find all others.
            (USER, "-bob@x.example", None),
            (USER, "+bob@x.example", None),
            (ORGANIZATION, "acme", organization),
            (ORGANIZATION, "Acme, Inc. (Berlin)", organization),
            (ORGANIZATION, "bob@x.example", organization),
            (ORGANIZATION, "../users", organization),
            (ORGANIZATION, "org_2ab", None),
            (ORGANIZATION, "org_../users", None),
            (ORGANIZATION, "user_2ab", None),
            (ORGANIZATION, "-acme", None),
            (ORGANIZATION, " acme", None),
            (ORGANIZATION, "ac\u{0}me", None),
            (ORGANIZATION, "", None),
            (ORGANIZATION, &long, None),
            (ANY, "bob@x.example", email),
            (ANY, "acme", organization),
            (ANY, "Acme_Inc.", organization),
            (ANY, "scim_2ab", None),
            (SESSION, "bob@x.example", None),
            (SESSION, "acme", None),
        ];
        for (kinds, text, handle) in cases {
            assert_eq!(Handle::of(kinds, text), handle, "{kinds:?} {text:?}");
        }
    }
}
