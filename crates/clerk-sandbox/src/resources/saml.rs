//! `/saml_connections`, deprecated: enterprise connections by SAML in an older form.

use serde_json::{Value, json};

use super::Action::{Do, Find};
use super::connections::{CONNECTION, SAML, complete, is_saml};
use super::{Call, Route, connections};
use crate::model::{FRONTEND_API, Record, tables};
use crate::records::{self, Field, Filter, Kind, Search, Shape};
use crate::refusal::Refusal;
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/saml_connections", Find(list)),
    Route::post("/saml_connections", Do(create)),
    Route::get("/saml_connections/{saml_connection_id}", Do(show)),
    Route::patch("/saml_connections/{saml_connection_id}", Do(update)),
    Route::delete("/saml_connections/{saml_connection_id}", Do(delete)),
];

/// Which attributes of the identity provider become which of the user.
pub(super) const ATTRIBUTES: &[Field] = &[
    Field::new("user_id", Shape::Text),
    Field::new("email_address", Shape::Text),
    Field::new("first_name", Shape::Text),
    Field::new("last_name", Shape::Text),
];

pub(super) const LOGIN_HINT: &[Field] = &[
    Field::new("mode", Shape::Choice(&["email_address", "custom_attribute", "off"])).required(),
    Field::new("source", Shape::Text),
];

/// A view of the same records as enterprise connections, whose part `saml` stands flat here.
const SAML_CONNECTION: Kind = Kind {
    object: "saml_connection",
    table: tables::CONNECTION,
    list: records::List {
        search: Some(Search { parameter: "query", parts: &["name"], wholes: &[] }),
        filters: &[Filter::Signed("organization_id", "organization_id")],
        orders: &["created_at", "name"],
        ..records::List::PLAIN
    },
    complete: |store, connection, before| {
        gather(connection);
        complete(store, connection, before)
    },
    show: flatten,
    ..Kind::new(
        "saml_connection",
        "entconn",
        "SAML connection",
        &[
            Field::new("name", Shape::Name).required(),
            Field::new("domain", Shape::Text),
            Field::new("domains", Shape::Texts),
            Field::new("provider", Shape::Choice(PROVIDERS)).required().only_created(),
            Field::new("idp_entity_id", Shape::Text).nullable(),
            Field::new("idp_sso_url", Shape::Text).nullable(),
            Field::new("idp_certificate", Shape::Text).nullable(),
            Field::new("idp_certificates", Shape::Texts).nullable(),
            Field::new("idp_metadata_url", Shape::Text).nullable(),
            Field::new("idp_metadata", Shape::Text).nullable(),
            Field::new("attribute_mapping", Shape::Group(ATTRIBUTES)),
            Field::new("force_authn", Shape::Flag),
            Field::new("login_hint", Shape::Group(LOGIN_HINT)),
            Field::new("organization_id", Shape::Name).nullable(),
            Field::new("active", Shape::Flag).or("false").only_updated(),
            Field::new("sync_user_attributes", Shape::Flag).or("true").only_updated(),
            Field::new("allow_subdomains", Shape::Flag).only_updated(),
            Field::new("allow_idp_initiated", Shape::Flag).only_updated(),
            Field::new("disable_additional_identifications", Shape::Flag)
                .or("false")
                .only_updated(),
            Field::new("allow_organization_account_linking", Shape::Flag)
                .or("false")
                .only_updated(),
            Field::derived("authenticatable").or("true"),
            Field::derived("disable_jit_provisioning").or("false"),
            Field::derived("custom_attributes").or("[]").internal(),
            Field::derived("oidc").or("{}").internal(),
            Field::derived("saml").or("{}").internal(),
            Field::derived("saml_id").internal(),
            Field::new("consent_verified_domains_deletion", Shape::Flag).only_updated().internal(),
        ],
    )
};

const PROVIDERS: &[&str] = &["saml_custom", "saml_okta", "saml_google", "saml_microsoft"];

/// The addresses of a connection at Clerk: where responses go, its entity id, its metadata.
pub(super) fn addresses(id: &str) -> [String; 3] {
    [
        format!("{FRONTEND_API}/v1/saml/acs/{id}"),
        format!("{FRONTEND_API}/saml/{id}"),
        format!("{FRONTEND_API}/v1/saml/metadata/{id}"),
    ]
}

/// The login hint, which is the email address unless the connection says otherwise.
pub(super) fn login_hint(kept: &Value) -> Value {
    if kept.is_object() { kept.clone() } else { json!({ "mode": "email_address" }) }
}

/// Moves what was given flat into the part `saml`. Of `domain` and `domains` the latter counts.
fn gather(connection: &mut Record) {
    let mut part = connection.get("saml").as_object().cloned().unwrap_or_default();
    for field in SAML.iter().filter(|field| field.name != "name") {
        if let Some(value) = connection.remove(field.name) {
            part.insert(field.name.to_owned(), value);
        }
    }
    connection.set("saml", part);
    connection.remove("consent_verified_domains_deletion");
    let domain = connection.remove("domain").unwrap_or_default();
    if connection.get("domains").is_null() {
        connection.set("domains", domain.as_str().into_iter().collect::<Vec<_>>());
    } else if let Some(domain) = domain.as_str() {
        connection.set("domains", vec![domain]);
    }
}

fn spread(connection: &mut Record) {
    let part = connection.get("saml").as_object().cloned().unwrap_or_default();
    connection.0.extend(part.into_iter().filter(|(name, _)| name != "name"));
}

fn flatten(_: &Store, connection: &mut Record) {
    spread(connection);
    for name in ["idp_entity_id", "idp_sso_url", "idp_certificate"] {
        let value = connection.get(name).clone();
        connection.set(name, value);
    }
    for name in ["force_authn", "allow_subdomains", "allow_idp_initiated"] {
        let flag = connection.is(name);
        connection.set(name, flag);
    }
    let mut mapping = json!({
        "user_id": "nameid",
        "email_address": "mail",
        "first_name": "givenName",
        "last_name": "surname",
    });
    if let (Some(mapping), Some(given)) =
        (mapping.as_object_mut(), connection.get("attribute_mapping").as_object())
    {
        let given = given.iter().filter(|(_, value)| value.is_string());
        mapping.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    }
    connection.set("attribute_mapping", mapping);
    connection.set("login_hint", login_hint(connection.get("login_hint")));
    let id = connection.text("saml_id").to_owned();
    for (name, address) in ["acs_url", "sp_entity_id", "sp_metadata_url"].iter().zip(addresses(&id))
    {
        connection.set(name, address);
    }
    let domain = connection.texts("domains").next().unwrap_or_default().to_owned();
    connection.set("domain", domain);
    connection.set("enterprise_connection_id", connection.id().to_owned());
    connection.set("id", id);
    let certificates = connections::certificates(connection);
    for (name, part) in
        [("idp_certificate_issued_at", "issued_at"), ("idp_certificate_expires_at", "expires_at")]
    {
        let first = certificates.first().and_then(|first| first.get(part)).cloned();
        connection.set(name, first.unwrap_or_default());
    }
    connection.set("idp_certificates", certificates);
    connection.set("user_count", 0);
    for name in ["logo_public_url", "oauth_id", "saml_connection", "oauth_config"] {
        connection.remove(name);
    }
}

/// The enterprise connection of this SAML connection.
fn find(store: &Store, id: &str) -> Result<String, Refusal> {
    let found = CONNECTION
        .find(store, |connection| is_saml(connection) && connection.text("saml_id") == id);
    found.map(|found| found.id().to_owned()).ok_or_else(|| SAML_CONNECTION.none(id))
}

/// `GET /saml_connections`
fn list(store: &mut Store, call: &mut Call) -> Reply {
    SAML_CONNECTION.page(store, call.take_query(), is_saml)
}

/// `POST /saml_connections`
fn create(store: &mut Store, call: &mut Call) -> Reply {
    let record = SAML_CONNECTION.add(store, call.fields()?, Record::default())?;
    Ok(SAML_CONNECTION.reply(store, &record))
}

/// `GET /saml_connections/{saml_connection_id}`
fn show(store: &mut Store, call: &mut Call) -> Reply {
    let id = find(store, call.id())?;
    Ok(SAML_CONNECTION.reply(store, CONNECTION.get(store, &id)?))
}

/// `PATCH /saml_connections/{saml_connection_id}`
fn update(store: &mut Store, call: &mut Call) -> Reply {
    let id = find(store, call.id())?;
    let record = SAML_CONNECTION.change(store, &id, call.fields()?)?;
    Ok(SAML_CONNECTION.reply(store, &record))
}

/// `DELETE /saml_connections/{saml_connection_id}`
fn delete(store: &mut Store, call: &mut Call) -> Reply {
    let id = find(store, call.id())?;
    let _reply = CONNECTION.delete(store, &id)?;
    Ok(reply::deleted("saml_connection", call.id()))
}
