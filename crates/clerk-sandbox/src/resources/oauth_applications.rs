//! `/oauth_applications`: the applications that sign users in through this instance.

use serde_json::{Value, json};

use super::Action::{Create, Delete, Do, List, Show, Update};
use super::{Call, Route, image};
use crate::model::{FRONTEND_API, Record, tables};
use crate::records::{self, Field, Kind, Search, Shape};
use crate::refusal::{DUPLICATE_RECORD, FORM_PARAM_FORMAT_INVALID, Refusal};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/oauth_applications", List(&OAUTH_APPLICATION)),
    Route::post("/oauth_applications", Create(&OAUTH_APPLICATION)),
    Route::get("/oauth_applications/{oauth_application_id}", Show(&OAUTH_APPLICATION)),
    Route::patch("/oauth_applications/{oauth_application_id}", Update(&OAUTH_APPLICATION)),
    Route::delete("/oauth_applications/{oauth_application_id}", Delete(&OAUTH_APPLICATION)),
    Route::put("/oauth_applications/{oauth_application_id}/logo", Do(set_logo)),
    Route::post("/oauth_applications/{oauth_application_id}/rotate_secret", Do(rotate_secret)),
];

pub(super) const OAUTH_APPLICATION: Kind = Kind {
    list: records::List {
        orders: &["created_at", "name"],
        search: Some(Search { parameter: "name_query", parts: &["name"], wholes: &["client_id"] }),
        ..records::List::PLAIN
    },
    complete,
    remove: |store, application| {
        store.records.retain(tables::OAUTH_TOKEN, |token| {
            token.get("client_id") != application.get("client_id")
        });
        Ok(())
    },
    ..Kind::new(
        tables::OAUTH_APPLICATION,
        "oa",
        "OAuth application",
        &[
            Field::derived("instance_id"),
            Field::new("name", Shape::Name).required(),
            Field::derived("client_id"),
            Field::derived("client_uri"),
            Field::derived("client_image_url"),
            Field::derived("dynamically_registered").or("false"),
            Field::new("consent_screen_enabled", Shape::Flag).or("true"),
            Field::new("pkce_required", Shape::Flag).or("false"),
            Field::new("public", Shape::Flag).or("false"),
            Field::new("scopes", Shape::Text).or(r#""profile email""#),
            Field::new("redirect_uris", Shape::Texts).or("[]"),
            Field::new("callback_url", Shape::Text).or(r#""""#),
            Field::derived("authorize_url"),
            Field::derived("token_fetch_url"),
            Field::derived("user_info_url"),
            Field::derived("discovery_url"),
            Field::derived("token_introspection_url"),
            Field::derived("client_secret").secret(),
        ],
    )
};

fn complete(
    store: &mut Store,
    application: &mut Record,
    before: Option<&Record>,
) -> Result<(), Refusal> {
    // The deprecated `callback_url` is the first of the redirect URIs, whichever was given.
    let callback = application.text("callback_url").to_owned();
    let is_given = before.map_or("", |before| before.text("callback_url")) != callback;
    let mut uris: Vec<String> = application.texts("redirect_uris").map(str::to_owned).collect();
    if is_given && !uris.contains(&callback) {
        uris.insert(0, callback);
    }
    for (index, uri) in uris.iter().enumerate() {
        if url::Url::parse(uri).is_err() {
            let sentence = format!("{uri} is not a valid URL.");
            return Err(FORM_PARAM_FORMAT_INVALID.at("redirect_uris", sentence).into());
        }
        if uris.iter().take(index).any(|other| other == uri) {
            let sentence = "the redirect URI already exists";
            return Err(DUPLICATE_RECORD.at("redirect_uris", sentence).into());
        }
    }
    application.set("callback_url", uris.first().cloned().unwrap_or_default());
    application.set("redirect_uris", uris);
    if before.is_none() {
        application.set("instance_id", store.instance_id.clone());
        application.set("client_id", format!("{:032x}", store.number()));
        for (name, path) in [
            ("authorize_url", "/oauth/authorize"),
            ("token_fetch_url", "/oauth/token"),
            ("user_info_url", "/oauth/userinfo"),
            ("discovery_url", "/.well-known/openid-configuration"),
            ("token_introspection_url", "/oauth/token_info"),
        ] {
            application.set(name, format!("{FRONTEND_API}{path}"));
        }
    }
    if application.is("public") {
        // A public client has no secret.
        application.remove("client_secret");
    } else if application.get("client_secret").is_null() {
        application.set("client_secret", secret(store));
    }
    Ok(())
}

fn secret(store: &mut Store) -> Value {
    json!(format!("{:032x}", store.number()))
}

/// `POST /oauth_applications/{oauth_application_id}/rotate_secret`
fn rotate_secret(store: &mut Store, call: &mut Call) -> Reply {
    OAUTH_APPLICATION.get(store, call.id())?;
    let (secret, now) = (secret(store), store.now());
    let application = OAUTH_APPLICATION.get_mut(store, call.id())?;
    application.set("updated_at", now);
    if !application.is("public") {
        application.set("client_secret", secret);
    }
    let application = application.clone();
    Ok(reply::json(&OAUTH_APPLICATION.shown_once(store, &application)))
}

/// `PUT /oauth_applications/{oauth_application_id}/logo`
fn set_logo(store: &mut Store, call: &mut Call) -> Reply {
    OAUTH_APPLICATION.get(store, call.id())?;
    let url = image::upload(store, call, &[])?;
    let now = store.now();
    let application = OAUTH_APPLICATION.get_mut(store, call.id())?;
    application.set("client_image_url", url);
    application.set("updated_at", now);
    let application = application.clone();
    Ok(OAUTH_APPLICATION.reply(store, &application))
}
