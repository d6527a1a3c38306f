//! `/accountless_applications`: the keys that the JavaScript SDKs ask for in development if they
//! have none.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::Action::Find;
use super::{Call, Route};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/accountless_applications", Find(create)),
    Route::post("/accountless_applications/complete", Find(create)),
];

/// Both operations show the application.
fn create(store: &mut Store, call: &mut Call) -> Reply {
    let _source = call.query.text("source");
    call.take_query().finish()?;
    let host = BASE64_STANDARD.encode("clerk.example.com$");
    Ok(reply::json(&json!({
        "object": "accountless_application",
        "publishable_key": format!("pk_test_{host}"),
        "secret_key": "sk_test_sandbox",
        "claim_url": format!("https://dashboard.example.com/apps/claim?token={}", store.id("claim")),
        "api_keys_url": "https://dashboard.example.com/last-active?path=api-keys",
    })))
}
