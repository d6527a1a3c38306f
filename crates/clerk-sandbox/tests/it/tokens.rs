//! Session tokens, the key set, clients, and how browsers get new tokens.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use super::{Api, KEY, number, start, text};

const ORIGIN: &str = "http://localhost:3000";

fn decode(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()
}

fn parse(part: &str) -> Value {
    serde_json::from_slice(&decode(part)).unwrap()
}

/// The header and the claims of a token, whose signature is verified with the key set.
async fn verified(api: &Api, token: &str) -> (Value, Value) {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token}")
    };
    let header = parse(header);
    let keys = api.get("/jwks").await.ok();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]);
    let key = key.expect("the key of the header");
    let key = RsaPublicKeyComponents { n: decode(&text(key, "n")), e: decode(&text(key, "e")) };
    let signed = token.rsplit_once('.').unwrap().0;
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature)).unwrap();
    (header, parse(claims))
}

async fn session(api: &Api, body: Value) -> Value {
    api.send("POST", "/sessions", Some(&body)).await.ok()
}

/// A new token of a session, asked for from a page.
async fn token(api: &Api, session: &Value) -> String {
    let path = format!("/sessions/{}/tokens", text(session, "id"));
    let origin = format!("Origin: {ORIGIN}");
    let made = api.send_with("POST", &path, Some(&json!({})), &[KEY, &origin]).await.ok();
    text(&made, "jwt")
}

/// What no secret key is needed for, at any path.
async fn keyless(api: &Api, path: &str) -> String {
    String::from_utf8(api.exchange("GET", path, "", &[]).await).unwrap()
}

#[tokio::test]
async fn a_session_token_verifies_and_has_the_claims_of_clerks() {
    let (api, user, _) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    assert_eq!(session["status"], "active");
    let (header, claims) = verified(&api, &token(&api, &session).await).await;
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["typ"], "JWT");
    assert_eq!(header["cat"], "cl_B7d4PD111AAA");
    let issued = number(&claims, "iat");
    let expected = json!({
        "azp": ORIGIN,
        "exp": issued + 60,
        "iat": issued,
        "iss": format!("http://{}", api.address),
        "jti": claims["jti"],
        "nbf": issued - 10,
        "sub": user["id"],
        "fva": [0, -1],
        "sid": session["id"],
        "sts": "active",
        "v": 2,
    });
    assert_eq!(claims, expected);
    assert!((number(&session, "created_at") / 1_000 - issued).abs() <= 2);
    let (_, again) = verified(&api, &token(&api, &session).await).await;
    assert_ne!(again["jti"], claims["jti"]);
}

#[tokio::test]
async fn the_key_set_is_the_same_without_a_key() {
    let api = Api::start().await;
    let keys = api.get("/jwks").await.ok();
    let public = keyless(&api, "/.well-known/jwks.json").await;
    let body: Value = serde_json::from_str(public.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body, keys);
    assert!(keys["keys"][0].get("d").is_none(), "{keys}");
    let about = keyless(&api, "/").await;
    let about: Value = serde_json::from_str(about.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(about["jwt_key"], clerk_sandbox::JWT_PUBLIC_KEY);
    let key = text(&about, "publishable_key");
    let host = base64::prelude::BASE64_STANDARD.decode(key.strip_prefix("pk_test_").unwrap());
    assert_eq!(host.unwrap(), format!("{}$", api.address).as_bytes());
}

#[tokio::test]
async fn the_active_organization_is_in_the_token_with_the_applications_permissions() {
    let (api, user, other) = start().await;
    let mut ids = Vec::new();
    for key in ["org:reports:read", "org:reports:export", "org:teams:read"] {
        let body = json!({ "name": key, "key": key, "description": key });
        ids.push(
            api.send("POST", "/organization_permissions", Some(&body)).await.ok()["id"].clone(),
        );
    }
    let system = api.get("/organization_permissions?limit=50&query=sys_profile").await.ids();
    let all: Vec<_> = ids.into_iter().chain(system.into_iter().map(Value::String)).collect();
    let role = json!({ "name": "Analyst", "key": "org:analyst", "permissions": all });
    api.send("POST", "/organization_roles", Some(&role)).await.ok();
    let body = json!({ "name": "Acme", "slug": "acme", "created_by": other["id"] });
    let acme = api.send("POST", "/organizations", Some(&body)).await.ok();
    let members = format!("/organizations/{}/memberships", text(&acme, "id"));
    let member = json!({ "user_id": user["id"], "role": "org:analyst" });
    let body = json!({ "user_id": user["id"], "active_organization_id": acme["id"] });
    let stranger = api.send("POST", "/sessions", Some(&body)).await.refusal();
    assert_eq!(stranger, (404, vec!["resource_not_found".to_owned()]));
    api.send("POST", &members, Some(&member)).await.ok();
    let session = session(&api, body).await;
    assert_eq!(session["last_active_organization_id"], acme["id"]);
    let (_, claims) = verified(&api, &token(&api, &session).await).await;
    assert_eq!(claims["fea"], "o:reports,o:teams");
    let active = json!({
        "id": acme["id"],
        "rol": "analyst",
        "slg": "acme",
        "per": "read,export",
        "fpm": "3,1",
    });
    assert_eq!(claims["o"], active);
    api.send("DELETE", &format!("{members}/{}", text(&user, "id")), None).await.ok();
    let (_, claims) = verified(&api, &token(&api, &session).await).await;
    assert!(claims.get("o").is_none() && claims.get("fea").is_none(), "{claims}");
}

#[tokio::test]
async fn a_template_is_filled_from_the_user() {
    let (api, user, _) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    let template = json!({
        "name": "walk",
        "lifetime": 600,
        "allowed_clock_skew": 30,
        "claims": {
            "aud": "https://example.com",
            "name": "{{user.first_name}} {{user.last_name}}",
            "full": "{{user.full_name}}",
            "mail": "{{user.primary_email_address}}",
            "plan": "{{user.public_metadata.plan}}",
            "secret": "{{user.private_metadata}}",
            "org": "{{org.id || 'none'}}",
            "deep": [{ "a": "{{user.public_metadata.flags}}" }],
        },
    });
    api.send("POST", "/jwt_templates", Some(&template)).await.ok();
    let path = format!("/sessions/{}/tokens/walk", text(&session, "id"));
    let made = api.send("POST", &path, None).await.ok();
    let (header, claims) = verified(&api, &text(&made, "jwt")).await;
    assert_eq!(header["cat"], "cl_B7d4PD222AAA");
    let issued = number(&claims, "iat");
    let expected = json!({
        "aud": "https://example.com",
        "name": "Some Body",
        "full": "Some Body",
        "mail": "one@test.example",
        "plan": "pro",
        "secret": null,
        "org": "none",
        "deep": [{ "a": { "a": 1, "b": 2 } }],
        "exp": issued + 600,
        "iat": issued,
        "iss": format!("http://{}", api.address),
        "jti": claims["jti"],
        "nbf": issued - 30,
        "sub": user["id"],
    });
    assert_eq!(claims, expected);
    let shorter = json!({ "expires_in_seconds": 45 });
    let made = api.send("POST", &path, Some(&shorter)).await.ok();
    let (_, claims) = verified(&api, &text(&made, "jwt")).await;
    assert_eq!(number(&claims, "exp") - number(&claims, "iat"), 45);
    let unknown = format!("/sessions/{}/tokens/none", text(&session, "id"));
    let refused = api.send("POST", &unknown, None).await.refusal();
    assert_eq!(refused, (404, vec!["resource_not_found".to_owned()]));
    let too_short = json!({ "expires_in_seconds": 29 });
    let refused = api.send("POST", &path, Some(&too_short)).await.refusal();
    assert_eq!(refused, (422, vec!["form_param_value_invalid expires_in_seconds".to_owned()]));
}

#[tokio::test]
async fn a_template_may_have_a_key_of_its_own() {
    let (api, user, _) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    let id = text(&session, "id");
    for (name, algorithm) in [("hs", "HS256"), ("es", "ES512")] {
        let template = json!({
            "name": name,
            "claims": {},
            "custom_signing_key": true,
            "signing_algorithm": algorithm,
            "signing_key": "a secret of one's own",
        });
        let made = api.send("POST", "/jwt_templates", Some(&template)).await.ok();
        assert!(made.get("signing_key").is_none(), "{made}");
    }
    let made = api.send("POST", &format!("/sessions/{id}/tokens/hs"), None).await.ok();
    let token = text(&made, "jwt");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"a secret of one's own");
    ring::hmac::verify(&key, signed.as_bytes(), &decode(signature)).unwrap();
    let lacks = api.send("POST", &format!("/sessions/{id}/tokens/es"), None).await.refusal();
    assert_eq!(lacks, (422, vec!["sandbox_not_supported".to_owned()]));
}

#[tokio::test]
async fn only_a_session_that_is_alive_has_tokens() {
    let (api, user, other) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    let id = text(&session, "id");
    let jwt = token(&api, &session).await;
    let verify = format!("/sessions/{id}/verify");
    // The operation is older than the OpenAPI file.
    let json = [KEY, "Content-Type: application/json"];
    let body = json!({ "token": jwt }).to_string();
    let alive = api.send_text("POST", &verify, &body, &json).await.ok();
    assert_eq!(alive["id"], session["id"]);
    let forged = json!({ "token": jwt.replace('.', ".A") });
    let refused = api.send("POST", &verify, Some(&forged)).await.refusal();
    assert_eq!(refused, (400, vec!["invalid_session_token".to_owned()]));
    api.send("POST", &format!("/sessions/{id}/revoke"), None).await.ok();
    for path in [format!("/sessions/{id}/tokens"), "/sessions/sess_none/tokens".to_owned()] {
        let refused = api.send("POST", &path, None).await.refusal();
        assert_eq!(refused, (404, vec!["resource_not_found".to_owned()]), "{path}");
    }
    let nobody = json!({ "user_id": "user_nobody" });
    let refused = api.send("POST", "/sessions", Some(&nobody)).await.refusal();
    assert_eq!(refused, (404, vec!["resource_not_found".to_owned()]));
    api.send("POST", &format!("/users/{}/ban", text(&other, "id")), None).await.ok();
    let banned = json!({ "user_id": other["id"] });
    let refused = api.send("POST", "/sessions", Some(&banned)).await.refusal();
    assert_eq!(refused, (403, vec!["user_banned".to_owned()]));
}

#[tokio::test]
async fn a_session_is_refreshed_with_the_token_that_expired() {
    let (api, user, other) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    let id = text(&session, "id");
    let expired = token(&api, &session).await;
    let bare = api.send("POST", &format!("/sessions/{id}/tokens"), None).await.ok();
    let elsewhere = self::session(&api, json!({ "user_id": other["id"] })).await;
    let foreign = token(&api, &elsewhere).await;
    let refresh_token = format!("sandbox_refresh_token_{id}");
    let path = format!("/sessions/{id}/refresh");
    for (token, refresh, origin, code) in [
        ("x.y.z", &*refresh_token, ORIGIN, "expired_session_token_invalid"),
        (&expired, "other", ORIGIN, "refresh_token_not_found"),
        (&expired, &refresh_token, "nowhere", "refresh_request_origin_invalid"),
        (&expired, &refresh_token, "http://evil.example", "refresh_request_origin_azp_mismatch"),
        (
            bare["jwt"].as_str().unwrap(),
            &refresh_token,
            ORIGIN,
            "expired_session_token_missing_azp",
        ),
        (&foreign, &refresh_token, ORIGIN, "refresh_sid_mismatch"),
    ] {
        let body = json!({
            "expired_token": token,
            "refresh_token": refresh,
            "request_origin": origin,
        });
        let refused = api.send("POST", &path, Some(&body)).await.refusal();
        assert_eq!(refused, (401, vec![code.to_owned()]));
    }
    let mut body = json!({
        "expired_token": expired,
        "refresh_token": refresh_token,
        "request_origin": ORIGIN,
        "request_headers": { "accept": ["text/html"] },
    });
    let made = api.send("POST", &path, Some(&body)).await.ok();
    let (_, claims) = verified(&api, &text(&made, "jwt")).await;
    assert_eq!((&claims["sid"], &claims["azp"]), (&session["id"], &json!(ORIGIN)));
    body["format"] = json!("cookie");
    let made = api.send("POST", &format!("{path}?suffixed_cookies=true"), Some(&body)).await.ok();
    let cookies = made["cookies"].as_array().unwrap();
    assert_eq!(cookies.len(), 8, "each with and without a suffix");
    assert!(cookies[2].as_str().unwrap().starts_with("__session=ey"), "{cookies:?}");
    api.send("POST", &format!("/sessions/{id}/revoke"), None).await.ok();
    let over = api.send("POST", &path, Some(&body)).await.refusal();
    assert_eq!(over, (401, vec!["session_refresh_inactive_session".to_owned()]));
}

#[tokio::test]
async fn a_handshake_gives_the_browser_new_cookies_or_takes_the_old_ones() {
    let (api, user, _) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    let expired = token(&api, &session).await;
    let nonce_by = async |parameter: &str, token: &str| {
        let redirect = "redirect_url=http%3A%2F%2Flocalhost%3A3000%2Fa%3Fb%3D1";
        let path = format!("/v1/client/handshake?{redirect}&format=nonce&{parameter}={token}");
        let response = keyless(&api, &path).await;
        assert!(response.starts_with("HTTP/1.1 307"), "{response}");
        let location = response.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
        let page = "http://localhost:3000/a?b=1&__clerk_handshake_nonce=";
        location.strip_prefix(page).unwrap().to_owned()
    };
    let nonce = async |token: &str| nonce_by("__session", token).await;
    let cookies = async |nonce: &str| {
        let path = format!("/clients/handshake_payload?nonce={nonce}");
        let payload = api.send_text("GET", &path, "", &[KEY]).await.ok();
        let directives = payload["directives"].clone();
        directives
            .as_array()
            .unwrap()
            .iter()
            .map(|cookie| cookie.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let signed_in = nonce(&expired).await;
    assert_eq!(nonce_by("__clerk_db_jwt", &expired).await, signed_in);
    let set = cookies(&signed_in).await;
    let new = set.iter().find_map(|cookie| cookie.strip_prefix("__session=")).unwrap();
    let (_, claims) = verified(&api, new.split_once(';').unwrap().0).await;
    assert_eq!((&claims["sid"], &claims["azp"]), (&session["id"], &json!(ORIGIN)));
    let signed_out = cookies(&nonce("forged").await).await;
    assert!(signed_out[0].starts_with("__client_uat=0;"), "{signed_out:?}");
    api.send("POST", &format!("/sessions/{}/revoke", text(&session, "id")), None).await.ok();
    assert_eq!(cookies(&signed_in).await, signed_out);
    let redirect = "redirect_url=http%3A%2F%2Flocalhost%3A3000%2F";
    let old = keyless(&api, &format!("/v1/client/handshake?{redirect}&__session={expired}")).await;
    let location = old.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let payload = location.split_once("__clerk_handshake=").expect("a token without a nonce").1;
    let (_, payload) = verified(&api, payload).await;
    assert_eq!(payload["handshake"], json!(signed_out));
    let unknown = api.get("/clients/handshake_payload?nonce=x").await.refusal();
    assert_eq!(unknown, (404, vec!["resource_not_found".to_owned()]));
}

#[tokio::test]
async fn a_client_has_the_sessions_on_it() {
    let (api, user, _) = start().await;
    let session = session(&api, json!({ "user_id": user["id"] })).await;
    let id = text(&session, "client_id");
    let client = api.get(&format!("/clients/{id}")).await.ok();
    assert_eq!(client["session_ids"], json!([session["id"]]));
    assert_eq!(client["sessions"], json!([session]));
    assert_eq!(client["last_active_session_id"], session["id"]);
    assert_eq!(api.get("/clients").await.ids(), [id.as_str()]);
    assert_eq!(
        api.send_text("GET", "/clients?paginated=true", "", &[KEY]).await.ok()["total_count"],
        1
    );
    let body = json!({ "token": token(&api, &session).await });
    assert_eq!(api.send("POST", "/clients/verify", Some(&body)).await.ok(), client);
    let body = json!({ "token": "not.a.token" });
    let refused = api.send("POST", "/clients/verify", Some(&body)).await.refusal();
    assert_eq!(refused, (400, vec!["invalid_session_token".to_owned()]));
    let refused = api.get("/clients/client_none").await.refusal();
    assert_eq!(refused, (404, vec!["resource_not_found".to_owned()]));
    api.send("POST", &format!("/sessions/{}/revoke", text(&session, "id")), None).await.ok();
    let client = api.get(&format!("/clients/{id}")).await.ok();
    assert_eq!(client["last_active_session_id"], Value::Null);
}
