//! `/enterprise_connections`. The sandbox talks to no identity provider: a test run succeeds if the
//! connection has what it needs.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Action::{Delete, Do, List, Show, Update};
use super::saml::{self, ATTRIBUTES, LOGIN_HINT};
use super::{Call, Route, certificates};
use crate::model::{Record, tables};
use crate::records::{self, Field, Filter, Kind, Shape};
use crate::refusal::{
    ENTERPRISE_CERTIFICATE_EXPIRED, ENTERPRISE_CONNECTION_DOMAIN_EXISTS,
    ENTERPRISE_CONNECTION_NOT_ACTIVE, ENTERPRISE_CONNECTION_NOT_FOUND, FORM_PARAM_FORMAT_INVALID,
    Refusal, SAML_CONNECTION_CANT_BE_ACTIVATED,
};
use crate::reply::{self, Reply};
use crate::store::Store;
use crate::time;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/enterprise_connections", List(&CONNECTION)),
    Route::post("/enterprise_connections", Do(create)),
    Route::get("/enterprise_connections/{enterprise_connection_id}", Show(&CONNECTION)),
    Route::patch("/enterprise_connections/{enterprise_connection_id}", Update(&CONNECTION)),
    Route::delete("/enterprise_connections/{enterprise_connection_id}", Delete(&CONNECTION)),
    Route::get(
        "/enterprise_connections/{enterprise_connection_id}/test_runs",
        super::Action::Find(test_runs),
    ),
    Route::post("/enterprise_connections/{enterprise_connection_id}/test_runs", Do(test)),
];

const PROVIDERS: &[&str] = &[
    "saml_custom",
    "saml_okta",
    "saml_google",
    "saml_microsoft",
    "oidc_custom",
    "oidc_github_enterprise",
    "oidc_gitlab",
];

pub(super) const CONNECTION: Kind = Kind {
    list: records::List {
        filters: &[
            Filter::Text("organization_id", "organization_id"),
            Filter::Flag("active", "active"),
        ],
        ..records::List::PLAIN
    },
    complete,
    show: expand,
    remove: |store, connection| {
        let id = connection.id();
        store.records.retain(tables::TEST_RUN, |run| run.text("connection_id") != id);
        store.records.retain(tables::DIRECTORY, |one| one.text("enterprise_connection_id") != id);
        Ok(())
    },
    ..Kind::new(
        tables::CONNECTION,
        "entconn",
        "enterprise connection",
        &[
            Field::new("name", Shape::Name).required(),
            Field::new("provider", Shape::Choice(PROVIDERS)).required().only_created(),
            Field::derived("logo_public_url"),
            Field::new("active", Shape::Flag).or("false"),
            Field::new("domains", Shape::Texts).required(),
            Field::new("organization_id", Shape::Name).nullable(),
            Field::new("sync_user_attributes", Shape::Flag).or("true").only_updated(),
            Field::new("disable_additional_identifications", Shape::Flag)
                .or("false")
                .only_updated(),
            Field::new("allow_organization_account_linking", Shape::Flag).or("false"),
            Field::derived("authenticatable").or("true"),
            Field::derived("disable_jit_provisioning").or("false"),
            Field::new("custom_attributes", Shape::Groups(CUSTOM_ATTRIBUTE)).or("[]"),
            Field::derived("saml_connection"),
            Field::derived("oauth_config"),
            Field::new("saml", Shape::Group(SAML)).or("{}").internal(),
            Field::new("oidc", Shape::Group(OIDC)).or("{}").internal(),
            Field::derived("saml_id").internal(),
            Field::derived("oauth_id").internal(),
        ],
    )
};

/// The part of a SAML connection.
pub(super) const SAML: &[Field] = &[
    Field::new("name", Shape::Text),
    Field::new("idp_entity_id", Shape::Text),
    Field::new("idp_sso_url", Shape::Text),
    Field::new("idp_certificate", Shape::Text),
    Field::new("idp_certificates", Shape::Texts),
    Field::new("idp_metadata_url", Shape::Text),
    Field::new("idp_metadata", Shape::Text),
    Field::new("attribute_mapping", Shape::Group(ATTRIBUTES)),
    Field::new("allow_subdomains", Shape::Flag),
    Field::new("allow_idp_initiated", Shape::Flag),
    Field::new("force_authn", Shape::Flag),
    Field::new("login_hint", Shape::Group(LOGIN_HINT)),
];

/// The part of an OIDC connection.
const OIDC: &[Field] = &[
    Field::new("client_id", Shape::Text),
    Field::new("client_secret", Shape::Text),
    Field::new("discovery_url", Shape::Text),
    Field::new("auth_url", Shape::Text),
    Field::new("token_url", Shape::Text),
    Field::new("user_info_url", Shape::Text),
    Field::new("requires_pkce", Shape::Flag),
];

const CUSTOM_ATTRIBUTE: &[Field] = &[
    Field::new("name", Shape::Name).required(),
    Field::new("key", Shape::Name).required(),
    Field::new("sso_path", Shape::Text),
    Field::new("scim_path", Shape::Text),
    Field::new("directory_path", Shape::Text),
    Field::new("multi_valued", Shape::Flag),
];

pub(super) fn is_saml(connection: &Record) -> bool {
    connection.text("provider").starts_with("saml_")
}

/// `POST /enterprise_connections`
fn create(store: &mut Store, call: &mut Call) -> Reply {
    let connection = CONNECTION.add(store, call.fields()?, Record::default())?;
    let shown = CONNECTION.shown_once(store, &connection);
    Ok(reply::json_with(StatusCode::CREATED, &shown))
}

/// Checks a connection, whichever of the two kinds it was given as.
pub(super) fn complete(
    store: &mut Store,
    connection: &mut Record,
    before: Option<&Record>,
) -> Result<(), Refusal> {
    let domains: Vec<_> = connection.texts("domains").map(str::to_lowercase).collect();
    for domain in &domains {
        if !domain.contains('.') || domain.contains(['@', '/', ' ']) {
            let sentence = format!("{domain} is not a domain name, such as example.com.");
            return Err(FORM_PARAM_FORMAT_INVALID.at("domains", sentence).into());
        }
        let is_same = |other: &Record| {
            other.id() != connection.id() && other.texts("domains").any(|other| other == domain)
        };
        if CONNECTION.find(store, is_same).is_some() {
            let sentence = format!("The domain {domain} is used by another connection.");
            return Err(ENTERPRISE_CONNECTION_DOMAIN_EXISTS.at("domains", sentence).into());
        }
    }
    connection.set("domains", domains);
    if let Some(organization) = connection.get("organization_id").as_str() {
        store.organization_with_id(organization)?;
    }
    if before.is_none() {
        let (name, prefix) =
            if is_saml(connection) { ("saml_id", "samlc") } else { ("oauth_id", "oauthc") };
        let id = store.id(prefix);
        connection.set(name, id);
    }
    if let Some(Value::Object(mut saml)) = connection.remove("saml") {
        certificates::settle(&mut saml, before.map(|before| before.get("saml")));
        connection.set("saml", saml);
    }
    let missing = missing(connection);
    if connection.is("active") && !missing.is_empty() {
        let sentence = format!(
            "You have to provide the {} before you are able to activate this connection.",
            missing.join(", ")
        );
        return Err(SAML_CONNECTION_CANT_BE_ACTIVATED.because(sentence).into());
    }
    Ok(())
}

/// The fields that an identity provider needs and that are not given. One address of metadata
/// stands for all.
fn missing(connection: &Record) -> Vec<&'static str> {
    let (part, needed, address): (_, &[&'static str], _) = if is_saml(connection) {
        ("saml", &["idp_entity_id", "idp_sso_url", "idp_certificate"], "idp_metadata_url")
    } else {
        ("oidc", &["client_id", "client_secret"], "")
    };
    let is_given = |name: &str| {
        connection.get(part).get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
    };
    if is_given(address) || is_given("idp_metadata") {
        return Vec::new();
    }
    needed.iter().copied().filter(|name| !is_given(name)).collect()
}

/// The certificates of a SAML connection, as responses show them.
pub(super) fn certificates(saml: &Record) -> Vec<Value> {
    saml.texts("idp_certificates").map(certificates::shown).collect()
}

/// Refuses a sign-in through the connection that serves the domain of an address, if there is none
/// or it doesn't work. These codes are the sandbox's own: Clerk doesn't publish its.
pub(crate) fn check_sign_in(store: &Store, address: &str) -> Result<(), Refusal> {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    let serves =
        |connection: &Record| connection.texts("domains").any(|one| Some(one) == domain.as_deref());
    let Some(connection) = CONNECTION.find(store, serves) else {
        let sentence = "No enterprise connection serves the domain of this address.";
        return Err(ENTERPRISE_CONNECTION_NOT_FOUND.at("identifier", sentence).into());
    };
    if !connection.is("active") {
        let sentence =
            format!("The enterprise connection {} is not active.", connection.text("name"));
        return Err(ENTERPRISE_CONNECTION_NOT_ACTIVE.because(sentence).into());
    }
    let saml = Record(connection.get("saml").as_object().cloned().unwrap_or_default());
    let ends: Vec<_> = saml
        .texts("idp_certificates")
        .filter_map(certificates::validity)
        .map(|(_, end)| end)
        .collect();
    if let Some(last) = ends.iter().max().filter(|last| **last <= store.time()) {
        let sentence = format!(
            "The certificate of the identity provider of {} expired at {}.",
            connection.text("name"),
            time::rfc3339(*last)
        );
        return Err(ENTERPRISE_CERTIFICATE_EXPIRED.because(sentence).into());
    }
    Ok(())
}

/// Shows the part of the kind that the connection is of.
fn expand(_: &Store, connection: &mut Record) {
    let part = |name: &str| Record(connection.get(name).as_object().cloned().unwrap_or_default());
    let (saml, oidc) = (part("saml"), part("oidc"));
    let name = connection.get("name").clone();
    if is_saml(connection) {
        let id = connection.text("saml_id").to_owned();
        let [acs_url, sp_entity_id, sp_metadata_url] = saml::addresses(&id);
        let value = json!({
            "id": id,
            "name": saml.get("name").as_str().map_or(name, Value::from),
            "idp_entity_id": saml.get("idp_entity_id"),
            "idp_sso_url": saml.get("idp_sso_url"),
            "idp_metadata_url": saml.get("idp_metadata_url"),
            "idp_certificates": certificates(&saml),
            "acs_url": acs_url,
            "sp_entity_id": sp_entity_id,
            "sp_metadata_url": sp_metadata_url,
            "active": connection.get("active"),
            "allow_idp_initiated": saml.is("allow_idp_initiated"),
            "allow_subdomains": saml.is("allow_subdomains"),
            "force_authn": saml.is("force_authn"),
            "login_hint": saml::login_hint(saml.get("login_hint")),
        });
        connection.set("saml_connection", value);
    } else {
        let value = json!({
            "id": connection.get("oauth_id"),
            "name": name,
            "provider_key": connection.get("provider"),
            "client_id": oidc.get("client_id"),
            "discovery_url": oidc.get("discovery_url"),
            "auth_url": oidc.get("auth_url"),
            "token_url": oidc.get("token_url"),
            "user_info_url": oidc.get("user_info_url"),
            "requires_pkce": oidc.is("requires_pkce"),
            "logo_public_url": null,
            "created_at": connection.get("created_at"),
            "updated_at": connection.get("updated_at"),
        });
        connection.set("oauth_config", value);
    }
}

const TEST_RUN: Kind = Kind {
    list: records::List { filters: &[Filter::Any("status", "status")], ..records::List::PLAIN },
    hides: &["object", "updated_at"],
    ..Kind::new(
        tables::TEST_RUN,
        "etr",
        "test run",
        &[
            Field::derived("status"),
            Field::derived("connection_type"),
            Field::derived("parsed_user_info"),
            Field::derived("logs").or("[]"),
            Field::derived("connection_id").internal(),
        ],
    )
};

/// `GET /enterprise_connections/{enterprise_connection_id}/test_runs`
fn test_runs(store: &mut Store, call: &mut Call) -> Reply {
    let id = CONNECTION.get(store, call.id())?.id().to_owned();
    TEST_RUN.page(store, call.take_query(), |run| run.text("connection_id") == id)
}

/// `POST /enterprise_connections/{enterprise_connection_id}/test_runs`: a run that is over at once.
fn test(store: &mut Store, call: &mut Call) -> Reply {
    let connection = CONNECTION.get(store, call.id())?.clone();
    let missing = missing(&connection);
    let domain = connection.texts("domains").next().unwrap_or("example.com").to_owned();
    let user = missing.is_empty().then(|| {
        json!({
            "email_address": format!("test.user@{domain}"),
            "first_name": "Test",
            "last_name": "User",
            "user_id": "test-user",
        })
    });
    let logs: Vec<_> = missing
        .iter()
        .map(|name| {
            json!({
                "level": "error",
                "code": "configuration_missing",
                "short_message": "missing",
                "message": format!("{name} is missing."),
            })
        })
        .collect();
    let further = [
        ("connection_id", json!(connection.id())),
        ("status", json!(if missing.is_empty() { "success" } else { "failed" })),
        ("connection_type", json!(if is_saml(&connection) { "saml" } else { "oauth" })),
        ("parsed_user_info", json!(user)),
        ("logs", json!(logs)),
    ];
    let run = TEST_RUN.add(store, serde_json::Map::new().into(), further.into_iter().collect())?;
    let url = format!("https://accounts.example.com/test-runs/{}", run.id());
    Ok(reply::json(&json!({ "url": url })))
}
