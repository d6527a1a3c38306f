//! Fixtures: users, organizations, memberships and roles from a file of one's own.
//!
//! Each section is a list of objects with the fields of Clerk's operation that creates one, so that
//! Clerk's rules hold. What is different makes files easy to write: users and organizations may
//! have an `id`, one string does for a list of one, and users, organizations and permissions are
//! referred to by whatever identifies them.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::body::Fields;
use crate::model::Identifier;
use crate::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_UNKNOWN, FORM_RESOURCE_NOT_FOUND,
    REQUEST_BODY_INVALID, Refusal,
};
use crate::state::Fixtures;
use crate::store::Store;
use crate::{memberships, organizations, permissions, roles, seed, users};

/// Adds one object of a section to the store.
type Add = fn(&mut Store, Fields) -> Result<(), Refusal>;

/// The sections, in the order in which they are added: later ones refer to earlier ones.
const SECTIONS: [(&str, Add); 5] = [
    ("permissions", |store, fields| permissions::add(store, fields).map(|_| ())),
    ("roles", role),
    ("users", user),
    ("organizations", organization),
    ("memberships", membership),
];

/// Why a text isn't fixtures. It names the part that is wrong and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFixtures(String);

impl fmt::Display for InvalidFixtures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFixtures {}

impl Fixtures {
    /// Reads fixtures in YAML or JSON: an object with the lists `permissions`, `roles`, `users`,
    /// `organizations` and `memberships`, any of which may be missing.
    ///
    /// # Errors
    /// It is neither YAML nor JSON, or Clerk would refuse one of the objects.
    pub fn parse(text: &str) -> Result<Self, InvalidFixtures> {
        let mut store = seed::store(0, 1);
        let added = read(text).and_then(|document| add(&mut store, &document));
        added.map_err(|refusal| InvalidFixtures(refusal.to_string()))?;
        Ok(Self(Arc::new(store)))
    }
}

/// Reads YAML or JSON.
pub(crate) fn read(text: &str) -> Result<Value, Refusal> {
    // JSON is tried first for its speed; each is YAML too.
    serde_json::from_str(text).or_else(|_| serde_saphyr::from_str(text)).map_err(|error| {
        let sentence = format!("The fixtures are neither YAML nor JSON: {error}");
        REQUEST_BODY_INVALID.because(sentence).into()
    })
}

/// Adds all that the document holds, or nothing if part of it is refused.
pub(crate) fn add(store: &mut Store, document: &Value) -> Result<(), Refusal> {
    let Value::Object(sections) = document else {
        let names = SECTIONS.map(|(name, _)| name).join(", ");
        let sentence = format!("The fixtures must be an object with the lists {names}.");
        return Err(REQUEST_BODY_INVALID.because(sentence).into());
    };
    if let Some(unknown) =
        sections.keys().find(|name| SECTIONS.iter().all(|(known, _)| known != name))
    {
        let names = SECTIONS.map(|(name, _)| name).join(", ");
        let sentence = format!("{unknown} is none of {names}.");
        return Err(FORM_PARAM_UNKNOWN.at(unknown, sentence).into());
    }
    let mut all = store.clone();
    for (name, add) in SECTIONS {
        for (index, object) in objects(sections, name)?.into_iter().enumerate() {
            let fields = Fields::from(object.clone());
            add(&mut all, fields).map_err(|refusal| refusal.within(&format!("{name}[{index}]")))?;
        }
    }
    *store = all;
    Ok(())
}

fn objects<'a>(
    sections: &'a Map<String, Value>,
    name: &str,
) -> Result<Vec<&'a Map<String, Value>>, Refusal> {
    let wrong = || {
        let sentence = format!("{name} must be a list of objects.");
        Refusal::from(FORM_PARAM_FORMAT_INVALID.at(name, sentence))
    };
    match sections.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_object().ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn role(store: &mut Store, mut fields: Fields) -> Result<(), Refusal> {
    fields.wrap("permissions");
    let mut ids = Vec::new();
    for key in fields.texts("permissions").unwrap_or_default() {
        let mut permissions = store.permissions.iter();
        let known = permissions.find(|permission| permission.key == key || permission.id == key);
        let missing = || missing("permissions", "permission", &key);
        ids.push(known.ok_or_else(missing)?.id.clone());
    }
    fields.give("permissions", json!(ids));
    roles::add(store, fields).map(|_| ())
}

fn user(store: &mut Store, mut fields: Fields) -> Result<(), Refusal> {
    for name in ["email_address", "phone_number", "web3_wallet", "backup_codes"] {
        fields.wrap(name);
    }
    let id = own_id(&mut fields, "user_", |id| store.user(id).is_ok());
    let mut user = users::new_user(store, fields)?;
    user.id = id.unwrap_or(user.id);
    store.add_user(user);
    Ok(())
}

fn organization(store: &mut Store, mut fields: Fields) -> Result<(), Refusal> {
    let id = own_id(&mut fields, "org_", |id| store.organizations.contains_key(id));
    if let Some(creator) = fields.text("created_by").value() {
        fields.give("created_by", user_id(store, "created_by", &creator)?);
    }
    let mut organization = organizations::new_organization(store, fields)?;
    organization.id = id.unwrap_or(organization.id);
    organizations::add(store, organization);
    Ok(())
}

fn membership(store: &mut Store, mut fields: Fields) -> Result<(), Refusal> {
    let organization = fields.required("organization");
    let user = fields.required("user");
    let organization_id = if organization.is_empty() {
        String::new()
    } else {
        let found = store.organization(&organization).ok();
        let named = || store.organizations.values().find(|known| known.name == organization);
        let missing = || missing("organization", "organization", &organization);
        found.or_else(named).ok_or_else(missing)?.id.clone()
    };
    if !user.is_empty() {
        fields.give("user_id", user_id(store, "user", &user)?);
    }
    memberships::add(store, &organization_id, fields).map(|_| ())
}

/// Reads the id that an object has of its own.
fn own_id(fields: &mut Fields, prefix: &str, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let id = fields.text("id").value()?;
    let is_well_formed = id.strip_prefix(prefix).is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if !is_well_formed {
        let sentence = format!("id must be {prefix} with letters and digits after it.");
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("id", sentence));
    } else if is_taken(&id) {
        let sentence = format!("There is another object with the id {id}.");
        fields.refuse(FORM_IDENTIFIER_EXISTS.at("id", sentence));
    }
    Some(id)
}

/// The id of the user with this id, address, number, user name or external id.
fn user_id(store: &Store, field: &str, text: &str) -> Result<String, Refusal> {
    const KINDS: [Identifier; 4] = [
        Identifier::EmailAddress,
        Identifier::PhoneNumber,
        Identifier::Username,
        Identifier::ExternalId,
    ];
    let found = store.users().get(text).or_else(|| store.user_with(&KINDS, text));
    found.map(|user| user.id.clone()).ok_or_else(|| missing(field, "user", text))
}

fn missing(field: &str, what: &str, text: &str) -> Refusal {
    FORM_RESOURCE_NOT_FOUND.at(field, format!("There is no {what} {text}.")).into()
}
