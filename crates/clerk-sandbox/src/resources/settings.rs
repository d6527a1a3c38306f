//! `/instance` and what is below it: the settings.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::Action::Do;
use super::{Call, Route};
use crate::body::{Change, Fields};
use crate::model::tables;
use crate::refusal::{
    FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID,
    ORGANIZATION_MISSING_CREATOR_ROLE_PERMISSIONS,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::patch("/instance", Do(update)),
    Route::patch("/instance/restrictions", Do(update_restrictions)),
    Route::get("/instance/protect", Do(|store, _| Ok(protect(store)))),
    Route::patch("/instance/protect", Do(update_protect)),
    Route::get("/instance/communication", Do(|store, _| Ok(communication(store)))),
    Route::patch("/instance/communication", Do(update_communication)),
    Route::get("/instance/oauth_application_settings", Do(|store, _| Ok(oauth(store)))),
    Route::patch("/instance/oauth_application_settings", Do(update_oauth)),
    Route::get("/instance/organization_settings", Do(|store, _| Ok(organizations(store)))),
    Route::patch("/instance/organization_settings", Do(update_organizations)),
    Route::post("/instance/change_domain", Do(change_domain)),
    Route::put("/beta_features/domain", Do(change_domain)),
    // As the JavaScript SDK calls it.
    Route::post("/beta_features/change_domain", Do(change_domain)),
    Route::patch("/beta_features/instance_settings", Do(update_beta)),
];

/// How users sign in if they have a password.
const STRATEGIES: [&str; 3] = ["password", "otp", ""];

/// The modes that the settings know.
const ENROLLMENT_MODES: [&str; 3] =
    ["manual_invitation", "automatic_invitation", "automatic_suggestion"];

/// Sets each flag that the request gives.
fn read_flags<const N: usize>(fields: &mut Fields, flags: [(&str, &mut bool); N]) {
    for (name, flag) in flags {
        *flag = fields.flag(name).value().unwrap_or(*flag);
    }
}

/// An object with the fields of a group of settings.
fn shown(object: &str, settings: &impl Serialize) -> Response {
    let mut body = json!({ "object": object });
    if let (Value::Object(body), Ok(Value::Object(settings))) =
        (&mut body, serde_json::to_value(settings))
    {
        body.extend(settings);
    }
    reply::json(&body)
}

/// `PATCH /instance`
fn update(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let mut settings = store.settings.instance.clone();
    read_flags(
        &mut fields,
        [
            ("test_mode", &mut settings.test_mode),
            ("hibp", &mut settings.hibp),
            ("url_based_session_syncing", &mut settings.url_based_session_syncing),
        ],
    );
    let _deprecated = fields.flag("cookieless_dev");
    fields.text("support_email").or_clear_if_empty().apply(&mut settings.support_email);
    fields.text("clerk_js_version").apply(&mut settings.clerk_js_version);
    fields.text("development_origin").apply(&mut settings.development_origin);
    if let Some(origins) = fields.texts("allowed_origins") {
        settings.allowed_origins = Some(origins);
    }
    let strategy = fields.text("preferred_sign_in_strategy_when_password_required");
    if let Change::Set(text) = &strategy
        && !STRATEGIES.contains(&text.as_str())
    {
        let name = "preferred_sign_in_strategy_when_password_required";
        let sentence =
            format!("{text} does not match one of the allowed values for parameter {name}");
        fields.refuse(FORM_PARAM_VALUE_INVALID.at(name, sentence));
    }
    strategy.or_clear_if_empty().apply(&mut settings.preferred_sign_in_strategy);
    fields.finish()?;
    store.settings.instance = settings;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `PATCH /instance/restrictions`
fn update_restrictions(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let mut settings = store.settings.restrictions.clone();
    read_flags(
        &mut fields,
        [
            ("allowlist", &mut settings.allowlist),
            ("blocklist", &mut settings.blocklist),
            (
                "allowlist_blocklist_disabled_on_sign_in",
                &mut settings.allowlist_blocklist_disabled_on_sign_in,
            ),
            ("block_email_subaddresses", &mut settings.block_email_subaddresses),
            ("block_disposable_email_domains", &mut settings.block_disposable_email_domains),
        ],
    );
    fields.finish()?;
    store.settings.restrictions = settings;
    Ok(shown("instance_restrictions", &store.settings.restrictions))
}

fn protect(store: &Store) -> Response {
    shown("instance_protect", &store.settings.protect)
}

/// `PATCH /instance/protect`
fn update_protect(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let mut settings = store.settings.protect.clone();
    read_flags(
        &mut fields,
        [
            ("rules_enabled", &mut settings.rules_enabled),
            ("specter_enabled", &mut settings.specter_enabled),
        ],
    );
    fields.finish()?;
    store.settings.protect = settings;
    Ok(protect(store))
}

fn communication(store: &Store) -> Response {
    let codes = &store.settings.blocked_country_codes;
    reply::json(&json!({ "object": "instance_communication", "blocked_country_codes": codes }))
}

/// `PATCH /instance/communication`
fn update_communication(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let codes = fields.texts("blocked_country_codes").map(|mut codes| {
        codes.sort();
        codes.dedup();
        codes
    });
    let is_code =
        |code: &String| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    if let Some(wrong) = codes.iter().flatten().find(|code| !is_code(code)) {
        let sentence = format!("{wrong} is not the code of a country, such as US.");
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("blocked_country_codes", sentence));
    }
    fields.finish()?;
    if let Some(codes) = codes {
        store.settings.blocked_country_codes = codes;
    }
    Ok(communication(store))
}

fn oauth(store: &Store) -> Response {
    shown("oauth_application_settings", &store.settings.oauth)
}

/// `PATCH /instance/oauth_application_settings`
fn update_oauth(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let mut settings = store.settings.oauth.clone();
    let documents = "client_id_metadata_documents";
    read_flags(
        &mut fields,
        [
            ("dynamic_oauth_client_registration", &mut settings.dynamic_oauth_client_registration),
            ("oauth_jwt_access_tokens", &mut settings.oauth_jwt_access_tokens),
            (
                &format!("{documents}_advertised"),
                &mut settings.client_id_metadata_documents_advertised,
            ),
            (
                &format!("{documents}_only_allow_pre_registered_clients"),
                &mut settings.client_id_metadata_documents_only_allow_pre_registered_clients,
            ),
            (
                &format!("{documents}_block_implicitly_allowed_clients"),
                &mut settings.client_id_metadata_documents_block_implicitly_allowed_clients,
            ),
        ],
    );
    if fields.gives("default_scopes") {
        settings.default_scopes = fields.texts("default_scopes");
    } else if fields.take("default_scopes").is_some() {
        settings.default_scopes = None;
    }
    fields.finish()?;
    store.settings.oauth = settings;
    Ok(oauth(store))
}

fn organizations(store: &Store) -> Response {
    shown("organization_settings", &store.settings.organizations)
}

/// `PATCH /instance/organization_settings`
fn update_organizations(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let mut settings = store.settings.organizations.clone();
    read_flags(
        &mut fields,
        [
            ("enabled", &mut settings.enabled),
            ("admin_delete_enabled", &mut settings.admin_delete_enabled),
            ("domains_enabled", &mut settings.domains_enabled),
            ("slug_disabled", &mut settings.slug_disabled),
        ],
    );
    let most = fields.count("max_allowed_memberships").value();
    settings.max_allowed_memberships = most.unwrap_or(settings.max_allowed_memberships);
    if let Some(modes) = fields.texts("domains_enrollment_modes") {
        if let Some(wrong) = modes.iter().find(|mode| !ENROLLMENT_MODES.contains(&mode.as_str())) {
            let sentence = format!(
                "{wrong} does not match the allowed values for parameter domains_enrollment_modes. \
                 Allowed values: {}",
                ENROLLMENT_MODES.join(", ")
            );
            fields.refuse(FORM_PARAM_VALUE_INVALID.at("domains_enrollment_modes", sentence));
        }
        settings.domains_enrollment_modes = modes;
    }
    let creator = fields.text("creator_role_id").value();
    let default = fields.text("domains_default_role_id").value();
    fields.finish()?;
    if let Some(id) = creator {
        let role = store.role(&id)?;
        if !role.is_creator_eligible {
            let sentence = "The creator role must contain the permissions to delete the \
                            organization, and to read and manage its memberships.";
            return Err(ORGANIZATION_MISSING_CREATOR_ROLE_PERMISSIONS
                .at("creator_role_id", sentence)
                .into());
        }
        settings.creator_role.clone_from(&role.key);
    }
    if let Some(id) = default {
        settings.domains_default_role.clone_from(&store.role(&id)?.key);
    }
    store.settings.organizations = settings;
    Ok(organizations(store))
}

/// `POST /instance/change_domain`: the primary domain gets the name of the home URL's host.
fn change_domain(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let home = fields.required("home_url");
    let _secondary = fields.flag("is_secondary");
    let with_scheme = if home.contains("://") { home.clone() } else { format!("https://{home}") };
    let host = Url::parse(&with_scheme).ok();
    let host = host.and_then(|url| url.host_str().map(str::to_owned));
    if host.is_none() && !home.is_empty() {
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("home_url", "home_url must be a valid URL."));
    }
    fields.finish()?;
    let domains = store.records.all_mut(tables::DOMAIN);
    for domain in domains.filter(|domain| !domain.is("is_satellite")) {
        let host = host.as_deref().unwrap_or_default();
        domain.set("name", host);
        domain.set("frontend_api_url", format!("https://clerk.{host}"));
        domain.set("accounts_portal_url", format!("https://accounts.{host}"));
    }
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `PATCH /beta_features/instance_settings`
fn update_beta(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let mut settings = store.settings.clone();
    read_flags(
        &mut fields,
        [
            ("restricted_to_allowlist", &mut settings.restrictions.allowlist),
            ("progressive_sign_up", &mut settings.instance.progressive_sign_up),
            ("test_mode", &mut settings.instance.test_mode),
        ],
    );
    if let Some(address) = fields.text("from_email_address").value() {
        settings.instance.from_email_address = address;
    }
    fields.finish()?;
    store.settings = settings;
    let (instance, restrictions) = (&store.settings.instance, &store.settings.restrictions);
    Ok(reply::json(&json!({
        "object": "instance_settings",
        "id": store.instance_id,
        "restricted_to_allowlist": restrictions.allowlist,
        "from_email_address": instance.from_email_address,
        "progressive_sign_up": instance.progressive_sign_up,
        "enhanced_email_deliverability": false,
    })))
}
