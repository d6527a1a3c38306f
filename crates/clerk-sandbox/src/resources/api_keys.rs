//! `/api_keys`: with which users, organizations and machines call an application's own API.

use serde_json::json;

use super::Action::{Delete, Do, Find, Show, Update};
use super::{Call, Route, expiry};
use crate::model::{Record, tables};
use crate::records::{Field, Ids, Kind, List, Search, Shape};
use crate::refusal::{
    API_KEY_EXISTS, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MISSING, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/api_keys", Find(list)),
    Route::post("/api_keys", Do(|store, call| API_KEY.create(store, call.fields()?))),
    Route::post("/api_keys/verify", Do(verify)),
    Route::get("/api_keys/{apiKeyID}", Show(&API_KEY)),
    Route::patch("/api_keys/{apiKeyID}", Update(&API_KEY)),
    Route::delete("/api_keys/{apiKeyID}", Delete(&API_KEY)),
    Route::get("/api_keys/{apiKeyID}/secret", Do(secret)),
    Route::post(
        "/api_keys/{apiKeyID}/revoke",
        Do(|store, call| expiry::revoke(&API_KEY, store, call)),
    ),
];

const API_KEY: Kind = Kind {
    ids: Ids::Hex("ak"),
    list: List {
        most: 100,
        search: Some(Search { parameter: "query", parts: &["name"], wholes: &["id"] }),
        ..List::PLAIN
    },
    complete,
    show: expiry::show,
    ..Kind::new(
        tables::API_KEY,
        "ak",
        "API key",
        &[
            Field::new("type", Shape::Choice(&["api_key"])).or(r#""api_key""#).only_created(),
            Field::new("subject", Shape::Name).required(),
            Field::new("name", Shape::Name).required().only_created(),
            Field::new("description", Shape::Text).nullable(),
            Field::new("claims", Shape::Any).nullable(),
            Field::new("scopes", Shape::Texts).or("[]"),
            Field::derived("secret").secret(),
            Field::derived("revoked").or("false"),
            Field::derived("revocation_reason"),
            Field::derived("expired").or("false"),
            Field::derived("expiration"),
            Field::new("created_by", Shape::Name).only_created(),
            Field::derived("last_used_at"),
            expiry::SECONDS,
        ],
    )
};

fn complete(store: &mut Store, key: &mut Record, before: Option<&Record>) -> Result<(), Refusal> {
    let subject = key.text("subject");
    let is_there = match subject.split_once('_') {
        Some(("user", _)) => store.user(subject).is_ok(),
        Some(("org", _)) => store.organization_with_id(subject).is_ok(),
        Some(("mch", _)) => store.records.get(tables::MACHINE, subject).is_some(),
        _ => {
            let sentence = "subject must be the id of a user, an organization or a machine.";
            return Err(FORM_PARAM_FORMAT_INVALID.at("subject", sentence).into());
        }
    };
    if !is_there {
        let sentence = format!("No subject was found with id {subject}.");
        return Err(RESOURCE_NOT_FOUND.at("subject", sentence).into());
    }
    if let Some(creator) = key.get("created_by").as_str().filter(|_| before.is_none()) {
        store.user(creator)?;
    }
    let is_same = |other: &Record| {
        ["subject", "name"].iter().all(|name| other.get(name) == key.get(name))
            && other.id() != key.id()
            && !other.is("revoked")
    };
    if API_KEY.find(store, is_same).is_some() {
        let sentence = format!("The subject has an API key named {} already.", key.text("name"));
        return Err(API_KEY_EXISTS.at("name", sentence).into());
    }
    expiry::set(store, key, None);
    if before.is_none() {
        key.set("secret", store.secret("ak"));
    }
    Ok(())
}

/// `GET /api_keys`
fn list(store: &mut Store, call: &mut Call) -> Reply {
    let subject = call.query.text("subject");
    call.query.take_decimal("limit");
    call.query.take_decimal("offset");
    let _only_type = call.query.text("type");
    let invalid = call.query.flag("include_invalid") == Some(true);
    if subject.is_none() {
        call.query.refuse(FORM_PARAM_MISSING.at("subject", "subject must be included."));
    }
    let now = store.time();
    API_KEY.page(store, call.take_query(), |key| {
        Some(key.text("subject")) == subject.as_deref() && (invalid || expiry::is_valid(key, now))
    })
}

/// `GET /api_keys/{apiKeyID}/secret`
fn secret(store: &mut Store, call: &mut Call) -> Reply {
    let key = API_KEY.get(store, call.id())?;
    Ok(reply::json(&json!({ "secret": key.get("secret") })))
}

/// `POST /api_keys/verify`
fn verify(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let secret = fields.required("secret");
    fields.finish()?;
    let now = store.time();
    let found = API_KEY.find(store, |key| key.text("secret") == secret);
    let Some(key) = found.filter(|key| expiry::is_valid(key, now)) else {
        let sentence = "The API key is unknown, revoked or expired.";
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    let id = key.id().to_owned();
    let key = API_KEY.get_mut(store, &id)?;
    key.set("last_used_at", now);
    let key = key.clone();
    Ok(API_KEY.reply(store, &key))
}
