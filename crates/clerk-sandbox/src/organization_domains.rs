//! `/organization_domains` and `/organizations/{organization_id}/domains`.

use std::collections::HashSet;

use axum::response::Response;

use crate::Sandbox;
use crate::body::Fields;
use crate::model::OrganizationDomain;
use crate::query::{Id, NoQuery, Page, Query, Signed, TwoIds};
use crate::refusal::{
    FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID, ORGANIZATION_DOMAIN_ALREADY_EXISTS,
    ORGANIZATION_DOMAIN_ALREADY_EXISTS_SAME_ORGANIZATION, ORGANIZATION_DOMAIN_COMMON,
    ORGANIZATION_DOMAIN_QUOTA_EXCEEDED, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// How users with an address of the domain join the organization.
const ENROLLMENT_MODES: [&str; 4] =
    ["manual_invitation", "automatic_invitation", "automatic_suggestion", "enterprise_sso"];

/// Domains of providers of email for anyone, which belong to no organization.
const COMMON: [&str; 6] =
    ["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "aol.com"];

/// `GET /organization_domains`
pub(crate) async fn list_all(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let organization_id = query.text("organization_id");
    let text = query.text("query").map(|text| text.to_lowercase());
    let domains = query.lowercase_set("domains");
    let _order = query.text("order_by");
    let filter = Filter::read(&mut query);
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let found = store.organization_domains.values().filter(|domain| {
        let OrganizationDomain { id, name, .. } = domain;
        organization_id.as_ref().is_none_or(|wanted| domain.organization_id == *wanted)
            && text.as_ref().is_none_or(|text| id == text || name.contains(text))
            && domains.as_ref().is_none_or(|domains| domains.contains(name))
    });
    Ok(filter.reply(found, &page))
}

/// `GET /organizations/{organization_id}/domains`
pub(crate) async fn list(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let filter = Filter::read(&mut query);
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    store.organization_with_id(&id)?;
    let found = store.organization_domains.values().filter(|domain| domain.organization_id == id);
    Ok(filter.reply(found, &page))
}

/// `POST /organizations/{organization_id}/domains`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    Id(organization_id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    store.organization_with_id(&organization_id)?;
    let name = fields.required("name").trim().to_lowercase();
    if !name.is_empty() && (!name.contains('.') || name.contains(['@', '/', ' '])) {
        let sentence = "name must be a domain name, such as example.com.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("name", sentence));
    }
    let enrollment_mode = mode(&mut fields).unwrap_or_else(|| "manual_invitation".to_owned());
    let is_verified = fields.flag("verified").value() != Some(false);
    if COMMON.contains(&name.as_str()) {
        let sentence = "This is a common email provider domain. Please use a different one.";
        fields.refuse(ORGANIZATION_DOMAIN_COMMON.at("name", sentence));
    }
    fields.finish()?;
    store.check_domains(Some(&enrollment_mode))?;
    if let Some(other) = store.organization_domains.values().find(|domain| domain.name == name) {
        let refusal = if other.organization_id == organization_id {
            ORGANIZATION_DOMAIN_ALREADY_EXISTS_SAME_ORGANIZATION
                .because("This domain is already used by your organization.")
        } else {
            ORGANIZATION_DOMAIN_ALREADY_EXISTS
                .because("This domain is already used by another organization.")
        };
        return Err(refusal.into());
    }
    let most = store.settings.organizations.max_allowed_domains;
    let of_organization = |domain: &&OrganizationDomain| domain.organization_id == organization_id;
    if store.organization_domains.values().filter(of_organization).count() >= most {
        let sentence = format!("You have reached your limit of {most} domains per organization.");
        return Err(ORGANIZATION_DOMAIN_QUOTA_EXCEEDED.because(sentence).into());
    }
    let (id, now) = (store.id("orgdmn"), store.now());
    let mut domain =
        OrganizationDomain::new(id.clone(), organization_id, name, enrollment_mode, now);
    domain.set_verified(is_verified, now);
    store.organization_domains.insert(id, domain.clone());
    Ok(reply::json(&domain))
}

/// `PATCH /organizations/{organization_id}/domains/{domain_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    store.organization_domain(&organization_id, &id)?;
    let enrollment_mode = mode(&mut fields);
    let is_verified = fields.flag("verified").value();
    fields.finish()?;
    store.check_domains(enrollment_mode.as_deref())?;
    let now = store.now();
    let domain = store.organization_domain(&organization_id, &id)?;
    if let Some(mode) = enrollment_mode {
        domain.enrollment_mode = mode;
    }
    if let Some(is_verified) = is_verified {
        domain.set_verified(is_verified, now);
    }
    domain.updated_at = now;
    Ok(reply::json(domain))
}

/// `POST /organizations/{organization_id}/domains/{domain_id}/verify_ownership`. There is no DNS to
/// check, so every domain passes.
pub(crate) async fn verify_ownership(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let domain = store.organization_domain(&organization_id, &id)?;
    if !domain.is_verified {
        domain.set_verified(true, now);
    }
    Ok(reply::json(domain))
}

/// `DELETE /organizations/{organization_id}/domains/{domain_id}`
pub(crate) async fn delete(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    store.organization_domain(&organization_id, &id)?;
    store.organization_domains.shift_remove(&id);
    Ok(reply::deleted("organization_domain", &id))
}

/// What both lists can be filtered by.
#[derive(Debug)]
struct Filter {
    is_verified: Option<bool>,
    modes: Signed,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        Self { is_verified: query.flag("verified"), modes: modes(query, "enrollment_mode") }
    }

    fn reply<'a>(
        &self,
        domains: impl Iterator<Item = &'a OrganizationDomain>,
        page: &Page,
    ) -> Response {
        let found = domains.filter(|domain| {
            self.is_verified.is_none_or(|wanted| domain.is_verified == wanted)
                && self.modes.allows(Some(&domain.enrollment_mode))
        });
        reply::json(&page.newest_first(found, |domain| domain.created_at))
    }
}

/// Modes joined by commas, each alone or with a `-` before it.
fn modes(query: &mut Query, name: &str) -> Signed {
    let values: HashSet<String> = query.set(name).into_iter().flatten().collect();
    let mut signed = Signed::default();
    for value in values.iter().flat_map(|value| value.split(',')) {
        let mode = value.strip_prefix('-').unwrap_or(value);
        if !ENROLLMENT_MODES.contains(&mode) {
            let sentence = format!("{mode} is not an enrollment mode.");
            query.refuse(FORM_PARAM_VALUE_INVALID.at(name, sentence));
        } else if mode == value {
            signed.included.get_or_insert_default().insert(mode.to_owned());
        } else {
            signed.excluded.insert(mode.to_owned());
        }
    }
    signed
}

fn mode(fields: &mut Fields) -> Option<String> {
    let mode = fields.text("enrollment_mode").value()?;
    if !ENROLLMENT_MODES.contains(&mode.as_str()) {
        let sentence = format!("enrollment_mode must be one of {}.", ENROLLMENT_MODES.join(", "));
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("enrollment_mode", sentence));
    }
    Some(mode)
}

impl Store {
    fn organization_domain(
        &mut self,
        organization_id: &str,
        id: &str,
    ) -> Result<&mut OrganizationDomain, Refusal> {
        self.organization_with_id(organization_id)?;
        let domain = self.organization_domains.get_mut(id);
        let missing = || RESOURCE_NOT_FOUND.because("Organization domain not found.").into();
        domain.filter(|domain| domain.organization_id == organization_id).ok_or_else(missing)
    }
}
