//! What needs no secret key: the key set, a page, and the handshake of browsers.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use url::Url;

use crate::Sandbox;
use crate::cookies;
use crate::jwt::{self, Category};
use crate::query::Query;
use crate::refusal::{FORM_PARAM_FORMAT_INVALID, Refusal};
use crate::reply;
use crate::state::State;
use crate::tokens::{Caller, unsigned};

/// `GET /.well-known/jwks.json` and, with a key, `GET /v1/jwks`
pub(crate) async fn jwks() -> Response {
    reply::json(&jwt::key_set())
}

/// `GET /v1/public/interstitial`: a page that would load clerk.js.
pub(crate) async fn interstitial(mut query: Query) -> Result<Response, Refusal> {
    for name in
        ["frontendApi", "frontend_api", "publishable_key", "proxy_url", "domain", "sign_in_url"]
    {
        let _unused = query.text(name);
    }
    let _unused = query.flag("use_domain_for_script");
    query.finish()?;
    let page = "<!DOCTYPE html><html><head><title>Interstitial</title></head><body></body></html>";
    Ok(([(header::CONTENT_TYPE, "text/html")], page).into_response())
}

/// `GET /v1/client/handshake`: sends the browser back with new cookies, or a nonce for them. Whoever
/// has a token of the sandbox, expired or not, is still signed in if their session is.
pub(crate) async fn handshake(
    State(sandbox): State<Sandbox>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Refusal> {
    let Ok(mut url) = Url::parse(&query.text("redirect_url").unwrap_or_default()) else {
        let sentence = "redirect_url must be an absolute URL.";
        return Err(FORM_PARAM_FORMAT_INVALID.at("redirect_url", sentence).into());
    };
    // Older SDKs send only what the browser is known by.
    let tokens = ["__session", "__clerk_db_jwt"].map(|name| query.text(name));
    let claims = tokens.iter().flatten().find_map(|token| jwt::verify(token)).unwrap_or_default();
    let session_id = claims.get("sid").and_then(Value::as_str).unwrap_or_default();
    let origin = url.origin().ascii_serialization();
    let (name, value) = if query.text("format").as_deref() == Some("nonce") {
        ("__clerk_handshake_nonce", cookies::nonce(session_id, &origin))
    } else {
        let caller = Caller { origin: Some(origin), ..caller };
        let sandbox = sandbox.with_session(session_id);
        let cookies = cookies::of_handshake(&mut sandbox.write(), session_id, &caller)?;
        let claims = Map::from_iter([("handshake".to_owned(), json!(cookies))]);
        ("__clerk_handshake", jwt::sign(Category::Handshake, &claims).ok_or_else(unsigned)?)
    };
    url.query_pairs_mut().append_pair(name, &value);
    let location =
        [(header::LOCATION, url.to_string()), (header::CACHE_CONTROL, "no-store".into())];
    Ok((StatusCode::TEMPORARY_REDIRECT, location).into_response())
}
