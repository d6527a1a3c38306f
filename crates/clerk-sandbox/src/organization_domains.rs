//! `/organization_domains` and `/organizations/{organization_id}/domains`.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::Sandbox;
use super::body::Fields;
use super::query::{Id, NoQuery, Page, Query, Signed, TwoIds};
use super::refusal::{
    FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID, ORGANIZATION_DOMAIN_ALREADY_EXISTS,
    ORGANIZATION_DOMAIN_ALREADY_EXISTS_SAME_ORGANIZATION, RESOURCE_NOT_FOUND, Refusal,
};
use super::reply::{self, Paginated, Reply};
use super::store::Store;

/// What may happen to those with an address of the domain.
const ENROLLMENT_MODES: [&str; 4] =
    ["manual_invitation", "automatic_invitation", "automatic_suggestion", "enterprise_sso"];

/// A domain of an organization.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OrganizationDomain {
    object: &'static str,
    id: String,
    pub(crate) organization_id: String,
    name: String,
    enrollment_mode: String,
    affiliation_email_address: Option<String>,
    affiliation_verification: Value,
    ownership_verification: Value,
    verification: Value,
    total_pending_invitations: u64,
    total_pending_suggestions: u64,
    created_at: i64,
    updated_at: i64,
    #[serde(skip)]
    is_verified: bool,
}

impl OrganizationDomain {
    fn verify(&mut self, is_verified: bool, now: i64) {
        let status = if is_verified { "verified" } else { "unverified" };
        let verification = json!({
            "status": status, "strategy": "admin", "attempts": null, "expire_at": null,
            "verified_at": is_verified.then_some(now),
        });
        self.is_verified = is_verified;
        self.affiliation_verification = verification.clone();
        self.ownership_verification = verification.clone();
        self.verification = verification;
    }
}

/// `GET /organization_domains`
pub(crate) async fn list_all(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let organization_id = query.text("organization_id");
    let text = query.text("query").map(|text| text.to_lowercase());
    let domains = query.lowercase_set("domains");
    let _order = query.text("order_by");
    let mut filter = Filter::read(&mut query);
    filter.modes = signed(&mut query, "enrollment_mode");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let found = store.organization_domains.values();
    let found = found
        .filter(|it| organization_id.as_ref().is_none_or(|id| it.organization_id == *id))
        .filter(|it| text.as_ref().is_none_or(|text| it.id == *text || it.name.contains(text)))
        .filter(|it| domains.as_ref().is_none_or(|domains| domains.contains(&it.name)));
    Ok(filter.answer(found, &page))
}

/// `GET /organizations/{organization_id}/domains`
pub(crate) async fn list(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let mut filter = Filter::read(&mut query);
    filter.modes = signed(&mut query, "enrollment_mode");
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    store.organization_with_id(&id)?;
    let found = store.organization_domains.values().filter(|it| it.organization_id == id);
    Ok(filter.answer(found, &page))
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
    let is_verified = fields.flag("verified").value() == Some(true);
    fields.finish()?;
    if let Some(other) = store.organization_domains.values().find(|it| it.name == name) {
        let refusal = if other.organization_id == organization_id {
            ORGANIZATION_DOMAIN_ALREADY_EXISTS_SAME_ORGANIZATION
                .because("This domain is already used by your organization.")
        } else {
            ORGANIZATION_DOMAIN_ALREADY_EXISTS
                .because("This domain is already used by another organization.")
        };
        return Err(refusal.into());
    }
    let (id, now) = (store.id("orgdmn"), store.now());
    let mut domain = OrganizationDomain {
        object: "organization_domain",
        id: id.clone(),
        organization_id,
        name,
        enrollment_mode,
        affiliation_email_address: None,
        affiliation_verification: Value::Null,
        ownership_verification: Value::Null,
        verification: Value::Null,
        total_pending_invitations: 0,
        total_pending_suggestions: 0,
        created_at: now,
        updated_at: now,
        is_verified,
    };
    domain.verify(is_verified, now);
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
    let now = store.now();
    let domain = store.organization_domain(&organization_id, &id)?;
    if let Some(mode) = enrollment_mode {
        domain.enrollment_mode = mode;
    }
    if let Some(is_verified) = is_verified {
        domain.verify(is_verified, now);
    }
    domain.updated_at = now;
    Ok(reply::json(domain))
}

/// `POST /organizations/{organization_id}/domains/{domain_id}/verify_ownership`. There is no DNS to
/// look it up in: every domain of the sandbox is its organization's.
pub(crate) async fn verify_ownership(
    State(sandbox): State<Sandbox>,
    TwoIds(organization_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let domain = store.organization_domain(&organization_id, &id)?;
    domain.verify(true, now);
    domain.updated_at = now;
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
        Self { is_verified: query.flag("verified"), modes: Signed::default() }
    }

    fn answer<'a>(
        &self,
        domains: impl Iterator<Item = &'a OrganizationDomain>,
        page: &Page,
    ) -> Response {
        let found: Vec<_> = domains
            .filter(|it| self.is_verified.is_none_or(|wanted| it.is_verified == wanted))
            .filter(|it| self.modes.allows(Some(&it.enrollment_mode)))
            .collect();
        let total_count = found.len();
        let data = page.cut(found, |left, right| right.created_at.cmp(&left.created_at));
        reply::json(&Paginated { data, total_count })
    }
}

/// Modes joined by commas, each alone or with a `-` before it.
fn signed(query: &mut Query, name: &str) -> Signed {
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
        domain.filter(|it| it.organization_id == organization_id).ok_or_else(missing)
    }
}
