//! `/sso_bypass_allowlist_users`: who may sign in by email while single sign-on is down.

use serde_json::{Value, json};

use super::Action::{Do, Find};
use super::connections::CONNECTION;
use super::{Call, Route};
use crate::model::{Record, User, Verification, tables};
use crate::refusal::{FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/sso_bypass_allowlist_users", Find(list)),
    Route::post("/sso_bypass_allowlist_users", Do(add)),
    Route::delete("/sso_bypass_allowlist_users/{user_id}", Do(remove)),
];

/// `GET /sso_bypass_allowlist_users`, a bare list without pages.
fn list(store: &mut Store, call: &mut Call) -> Reply {
    let connection = call.query.text("enterprise_connection_id");
    call.take_query().finish()?;
    let connection = connection.map(|id| CONNECTION.get(store, &id)).transpose()?;
    let listed = store.records.all(tables::SSO_BYPASS).filter(|entry| {
        let user = store.user(entry.id()).ok();
        connection.is_none_or(|connection| user.is_some_and(|user| serves(connection, user)))
    });
    let listed: Vec<_> = listed.filter_map(|entry| shown(store, entry)).collect();
    Ok(reply::json(&listed))
}

/// `POST /sso_bypass_allowlist_users`. A user who is listed stays listed.
fn add(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let id = fields.required("user_id");
    fields.finish()?;
    let user = store.user(&id)?;
    if CONNECTION.find(store, |connection| serves(connection, user)).is_none() {
        let sentence = "The user must have a verified email address on a domain that an enterprise \
                        connection serves.";
        return Err(FORM_PARAM_VALUE_INVALID.at("user_id", sentence).into());
    }
    if store.records.get(tables::SSO_BYPASS, &id).is_none() {
        let now = store.now();
        let fields = [("id", json!(id)), ("created_at", json!(now)), ("updated_at", json!(now))];
        store.records.put(tables::SSO_BYPASS, fields.into_iter().collect());
    }
    let entry = store.records.get(tables::SSO_BYPASS, &id);
    Ok(reply::json(&entry.and_then(|entry| shown(store, entry))))
}

/// `DELETE /sso_bypass_allowlist_users/{user_id}`
fn remove(store: &mut Store, call: &mut Call) -> Reply {
    if store.records.remove(tables::SSO_BYPASS, call.id()).is_none() {
        let sentence = "The user is not on the SSO bypass allowlist.";
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    }
    Ok(reply::deleted("sso_bypass_allowlist_user", call.id()))
}

/// Whether a connection serves the domain of a verified address of the user.
fn serves(connection: &Record, user: &User) -> bool {
    user.email_addresses.iter().any(|email| {
        let domain = email.address.rsplit_once('@').map(|(_, domain)| domain);
        Verification::is_verified(email.verification.as_ref())
            && connection.texts("domains").any(|served| Some(served) == domain)
    })
}

fn shown(store: &Store, entry: &Record) -> Option<Value> {
    let user = store.user(entry.id()).ok()?;
    let image = user.image_url();
    Some(json!({
        "object": "sso_bypass_allowlist_user",
        "user_id": user.id,
        "public_user_data": {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "has_image": user.has_image,
            "identifier": user.identifier(),
            "username": user.username,
            "profile_image_url": image,
            "image_url": image,
        },
        "created_at": entry.get("created_at"),
        "updated_at": entry.get("updated_at"),
    }))
}
