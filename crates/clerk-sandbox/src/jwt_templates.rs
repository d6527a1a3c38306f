//! `/jwt_templates`.

use secrecy::SecretString;

use crate::Sandbox;
use crate::body::{Change, Fields};
use crate::model::{JwtTemplate, Metadata};
use crate::query::{Id, NoQuery, Query};
use crate::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID,
    JWT_TEMPLATE_RESERVED_CLAIM, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// Claims that Clerk sets itself (<https://clerk.com/docs/backend-requests/jwt-templates>).
const RESERVED: [&str; 9] = ["azp", "exp", "iat", "iss", "jti", "nbf", "sid", "sub", "v"];

/// `GET /jwt_templates`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let list = page.newest_first(store.jwt_templates.values(), |template| template.created_at);
    Ok(reply::list(&list, is_paginated))
}

/// `GET /jwt_templates/{template_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let store = sandbox.read();
    Ok(reply::json(store.jwt_templates.get(&id).ok_or_else(|| missing(&id))?))
}

/// `POST /jwt_templates`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    let mut store = sandbox.write();
    let (id, now) = (store.id("jtmp"), store.now());
    save(&mut store, JwtTemplate::new(id, "", Metadata::new(), now), fields)
}

/// `PATCH /jwt_templates/{template_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let mut template = store.jwt_templates.get(&id).ok_or_else(|| missing(&id))?.clone();
    template.updated_at = store.now();
    save(&mut store, template, fields)
}

/// `DELETE /jwt_templates/{template_id}`
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    sandbox.write().jwt_templates.shift_remove(&id).ok_or_else(|| missing(&id))?;
    Ok(reply::deleted("jwt_template", &id))
}

/// Keeps the template with the values of the fields. Name and claims are required; without a field
/// the rest keeps its value.
fn save(store: &mut Store, mut template: JwtTemplate, mut fields: Fields) -> Reply {
    template.name = fields.required("name");
    match fields.nullable_metadata("claims") {
        Change::Set(claims) => template.claims = claims,
        Change::Keep | Change::Clear => fields.refuse_missing("claims"),
    }
    let lifetime = fields.count("lifetime").value().unwrap_or(template.lifetime);
    let skew = fields.count("allowed_clock_skew").value().unwrap_or(template.allowed_clock_skew);
    for (name, value, range) in
        [("lifetime", lifetime, 30..=315_360_000), ("allowed_clock_skew", skew, 0..=300)]
    {
        if !range.contains(&value) {
            let sentence = format!("{name} must be from {} to {}.", range.start(), range.end());
            fields.refuse(FORM_PARAM_VALUE_INVALID.at(name, sentence));
        }
    }
    (template.lifetime, template.allowed_clock_skew) = (lifetime, skew);
    let has_key = fields.flag("custom_signing_key").value();
    template.custom_signing_key = has_key.unwrap_or(template.custom_signing_key);
    let algorithm = fields.text("signing_algorithm").value();
    template.signing_algorithm = algorithm.unwrap_or(template.signing_algorithm);
    let key = fields.text("signing_key").value().map(SecretString::from);
    if key.is_none() && has_key == Some(true) {
        let sentence = "signing_key must be included with custom_signing_key.";
        fields.refuse(FORM_PARAM_MISSING.at("signing_key", sentence));
    }
    match has_key {
        Some(true) => template.signing_key = key,
        Some(false) => template.signing_key = None,
        None => {}
    }
    let mut others = store.jwt_templates.values().filter(|other| other.id != template.id);
    if others.any(|other| other.name == template.name) {
        fields.refuse(FORM_IDENTIFIER_EXISTS.at("name", "That name is taken."));
    }
    if let Some(claim) = RESERVED.iter().find(|claim| template.claims.contains_key(**claim)) {
        let sentence = format!("You can't use the reserved claim: '{claim}'");
        fields.refuse(JWT_TEMPLATE_RESERVED_CLAIM.because(sentence));
    }
    fields.finish()?;
    store.jwt_templates.insert(template.id.clone(), template.clone());
    Ok(reply::json(&template))
}

fn missing(id: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("No JWT template exists with id: {id}")).into()
}
