//! `/webhooks/svix`, which manage the application at Svix.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::json;

use super::Action::Do;
use super::{Call, Route};
use crate::refusal::{Refusal, SVIX_APP_EXISTS, SVIX_APP_MISSING};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/webhooks/svix", Do(create)),
    Route::delete("/webhooks/svix", Do(delete)),
    Route::post("/webhooks/svix_url", Do(login)),
];

/// `POST /webhooks/svix`
fn create(store: &mut Store, _: &mut Call) -> Reply {
    if store.settings.has_svix_app {
        let sentence = "Only one Svix app is allowed per instance.";
        return Err(SVIX_APP_EXISTS.because(sentence).into());
    }
    store.settings.has_svix_app = true;
    Ok(url(store))
}

/// `DELETE /webhooks/svix`
fn delete(store: &mut Store, _: &mut Call) -> Reply {
    check(store)?;
    store.settings.has_svix_app = false;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /webhooks/svix_url`
fn login(store: &mut Store, _: &mut Call) -> Reply {
    check(store)?;
    Ok(url(store))
}

fn check(store: &Store) -> Result<(), Refusal> {
    if store.settings.has_svix_app {
        return Ok(());
    }
    let sentence = "No Svix apps are associated with the current instance.";
    Err(SVIX_APP_MISSING.because(sentence).into())
}

fn url(store: &mut Store) -> axum::response::Response {
    let url = format!("https://app.svix.com/login#key={}", store.secret("key"));
    reply::json(&json!({ "svix_url": url }))
}
