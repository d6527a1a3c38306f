//! Creating organizations.

use crate::Sandbox;
use crate::body::Fields;
use crate::model::{ADMIN, Membership, Metadata, Organization, OrganizationReply};
use crate::query::NoQuery;
use crate::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MAX_LENGTH_EXCEEDED,
    FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID, ORGANIZATION_CREATOR_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// How many characters a name has at most.
const MAX_NAME: usize = 256;

/// Parts of URLs and HTML, which a name must not contain.
const FORBIDDEN_IN_NAMES: [&str; 4] = ["://", "www.", "<", ">"];

/// `POST /organizations`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    let mut store = sandbox.write();
    let organization = new_organization(&mut store, fields)?;
    let response = reply::json(&OrganizationReply::from(&organization));
    add(&mut store, organization);
    Ok(response)
}

/// Adds an organization, with its creator as the first member.
pub(crate) fn add(store: &mut Store, organization: Organization) {
    if let Some(user_id) = organization.created_by.clone() {
        let founder = founder(store, &organization, user_id);
        store.memberships.add(founder);
    }
    store.organizations.insert(organization.id.clone(), organization);
}

/// Reads an organization, without keeping it.
pub(crate) fn new_organization(
    store: &mut Store,
    mut fields: Fields,
) -> Result<Organization, Refusal> {
    if fields.gives("slug") {
        store.check_slugs()?;
    }
    let name = name(&mut fields);
    let slug = slug(&mut fields, store).unwrap_or_else(|| free_slug(&name, store));
    let created_by = fields.text("created_by").or_clear_if_empty().value();
    if let Some(id) = created_by.as_ref().filter(|id| store.user(id).is_err()) {
        let sentence = format!("No user was found with id {id}.");
        fields.refuse(ORGANIZATION_CREATOR_NOT_FOUND.because(sentence));
    }
    let max_allowed_memberships = fields.count("max_allowed_memberships").value();
    let public_metadata = metadata(&mut fields, "public_metadata");
    let private_metadata = metadata(&mut fields, "private_metadata");
    let role_set_key = fields.text("role_set_key").value();
    let created_at = fields.date("created_at").value();
    fields.finish()?;
    store.check_role_set(role_set_key.as_ref())?;

    let now = store.now();
    let id = store.id("org");
    let settings = &store.settings.organizations;
    Ok(Organization {
        image_url: Organization::image_url_of(&id),
        id,
        name,
        slug,
        has_image: false,
        max_allowed_memberships: max_allowed_memberships
            .unwrap_or(settings.max_allowed_memberships),
        admin_delete_enabled: settings.admin_delete_enabled,
        public_metadata,
        private_metadata,
        created_by,
        created_at: created_at.unwrap_or(now),
        updated_at: now,
        last_active_at: None,
        role_set_key: role_set_key.unwrap_or_else(|| settings.initial_role_set_key.clone()),
    })
}

/// The membership of the creator, who administers the organization.
fn founder(store: &mut Store, organization: &Organization, user_id: String) -> Membership {
    let id = store.id("orgmem");
    // The time of the write, even if the organization was given another date.
    let at = organization.updated_at;
    let mut founder = Membership::new(id, organization, user_id, ADMIN, at);
    if store.settings.organizations.creator_role != ADMIN {
        founder.role = store.settings.organizations.creator_role.clone().into();
    }
    founder
}

fn name(fields: &mut Fields) -> String {
    let name = fields.text("name").value().unwrap_or_default();
    check_name(fields, &name);
    name
}

pub(super) fn check_name(fields: &mut Fields, name: &str) {
    if name.trim().is_empty() {
        fields.refuse(FORM_PARAM_MISSING.at("name", "name must be included."));
    }
    if name.chars().count() > MAX_NAME {
        let sentence = format!("name should not exceed {MAX_NAME} characters.");
        fields.refuse(FORM_PARAM_MAX_LENGTH_EXCEEDED.at("name", sentence));
    }
    if FORBIDDEN_IN_NAMES.iter().any(|part| name.contains(part)) {
        let sentence = "name must not contain URLs or HTML.";
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("name", sentence));
    }
}

/// The slug that was given.
fn slug(fields: &mut Fields, store: &Store) -> Option<String> {
    let slug = fields.text("slug").value()?;
    check_slug(fields, &slug, store);
    Some(slug)
}

pub(super) fn check_slug(fields: &mut Fields, slug: &str, store: &Store) {
    if slug.is_empty() || !slug.chars().all(is_slug_character) {
        let sentence = "slug can contain only lowercase alphanumeric characters and the dash.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("slug", sentence));
    } else if store.organization_with_slug(slug).is_some() {
        let sentence = "That slug is taken. Please try another.";
        fields.refuse(FORM_IDENTIFIER_EXISTS.at("slug", sentence));
    }
}

/// A slug made of the name, with a number behind it if others have it already.
fn free_slug(name: &str, store: &Store) -> String {
    let lowercase = name.to_lowercase();
    let words: Vec<_> = lowercase
        .split(|character| character == '-' || !is_slug_character(character))
        .filter(|word| !word.is_empty())
        .collect();
    let slug = if words.is_empty() { "organization".to_owned() } else { words.join("-") };
    if store.organization_with_slug(&slug).is_none() {
        return slug;
    }
    // One of these is free: there are more of them than organizations.
    (2..store.organizations.len() + 3)
        .map(|number| format!("{slug}-{number}"))
        .find(|slug| store.organization_with_slug(slug).is_none())
        .unwrap_or(slug)
}

fn is_slug_character(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
}

/// The metadata of an organization may be null, unlike a user's.
fn metadata(fields: &mut Fields, name: &str) -> Metadata {
    fields.nullable_metadata(name).value().unwrap_or_default()
}
