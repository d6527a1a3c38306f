//! An issuer on this machine, whose keys the test rotates and which it takes down.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Redirect,
    routing::{get, post},
};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What clients and tokens call the server under test.
pub(in crate::http) const RESOURCE: &str = "http://localhost:7331/mcp";

#[derive(Default)]
struct Served {
    metadata: Value,
    keys: Value,
    is_down: bool,
    asked: usize,
    /// What signs its tokens, and its ID.
    key: Option<(Arc<EcdsaKeyPair>, String)>,
    /// Who signs in next: the claims of their ID token.
    person: Value,
    /// The claims of the access token for the resource, if it gives out one.
    access: Option<Value>,
    /// What it responds about opaque tokens; those that it doesn't know aren't active.
    opaque: HashMap<String, Value>,
    /// The opaque tokens that it was asked about.
    introspected: Vec<String>,
    /// The codes that weren't exchanged, with the parameters they were asked for by.
    codes: HashMap<String, HashMap<String, String>>,
}

type Shared = Arc<Mutex<Served>>;

pub(in crate::http) struct Issuer {
    pub(in crate::http) url: String,
    served: Shared,
    key: Arc<EcdsaKeyPair>,
    id: String,
}

/// The client that may ask for codes.
pub(in crate::http) const CLIENT: &str = "client_page";
/// Its secret, and both as it sends them.
pub(in crate::http) const SECRET: &str = "a secret:of the+client";
const BASIC: &str = "Basic Y2xpZW50X3BhZ2U6YStzZWNyZXQlM0FvZit0aGUlMkJjbGllbnQ=";

fn new_key() -> EcdsaKeyPair {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap()
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn serve(served: &Shared, pick: fn(&Served) -> &Value) -> Result<Json<Value>, StatusCode> {
    let mut served = served.lock().unwrap();
    served.asked += 1;
    if served.is_down {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    Ok(Json(pick(&served).clone()))
}

impl Issuer {
    pub(in crate::http) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = Shared::default();
        served.lock().unwrap().metadata =
            json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let metadata = async |State(served): State<Shared>| serve(&served, |it| &it.metadata);
        let keys = async |State(served): State<Shared>| serve(&served, |it| &it.keys);
        served.lock().unwrap().metadata["authorization_endpoint"] =
            json!(format!("{url}/authorize"));
        served.lock().unwrap().metadata["token_endpoint"] = json!(format!("{url}/token"));
        served.lock().unwrap().metadata["introspection_endpoint"] =
            json!(format!("{url}/introspect"));
        let routes = Router::new()
            .route("/introspect", post(introspect))
            .route("/authorize", get(authorize))
            .route("/token", post(exchange))
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/keys", get(keys))
            .with_state(served.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut issuer = Self { url, served, key: new_key().into(), id: String::new() };
        issuer.rotate("first");
        issuer
    }

    /// Replaces the key by another one with this ID.
    pub(in crate::http) fn rotate(&mut self, id: &str) {
        (self.key, self.id) = (new_key().into(), id.to_owned());
        let point = self.key.public_key().as_ref();
        let (x, y) = (base64(&point[1..33]), base64(&point[33..]));
        let key = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": id, "x": x, "y": y });
        let mut served = self.served.lock().unwrap();
        served.keys = json!({ "keys": [key] });
        served.key = Some((self.key.clone(), id.to_owned()));
    }

    pub(in crate::http) fn call_itself(&self, name: &str) {
        self.served.lock().unwrap().metadata["issuer"] = json!(name);
    }

    pub(in crate::http) fn is_down(&self, is_down: bool) {
        self.served.lock().unwrap().is_down = is_down;
    }

    /// How many requests there were.
    pub(in crate::http) fn asked(&self) -> usize {
        self.served.lock().unwrap().asked
    }

    /// A token that is valid for an hour, with these claims.
    pub(in crate::http) fn token(&self, claims: Value) -> String {
        self.token_of(&self.id, claims)
    }

    /// The same, which names this key.
    pub(in crate::http) fn token_of(&self, id: &str, more: Value) -> String {
        let header = json!({ "typ": "at+jwt", "alg": "ES256", "kid": id });
        let expiry = Timestamp::now().as_second() + 3600;
        let mut claims = json!({ "iss": self.url, "aud": RESOURCE, "exp": expiry });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sign(&self.key, &header, &claims)
    }

    /// From now on there is this opaque token, which is valid for an hour unless the claims say otherwise.
    /// Null leaves out what it would have.
    pub(in crate::http) fn opaque(&self, token: &str, claims: Value) {
        let mut response = json!({ "active": true, "iss": self.url, "aud": RESOURCE, "exp": 3600 });
        response.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        self.served.lock().unwrap().opaque.insert(token.to_owned(), response);
    }

    /// The opaque tokens that it was asked about since the last time.
    pub(in crate::http) fn introspected(&self) -> Vec<String> {
        std::mem::take(&mut self.served.lock().unwrap().introspected)
    }

    /// From now on, its metadata has this member.
    pub(in crate::http) fn publishes(&self, name: &str, value: Value) {
        self.served.lock().unwrap().metadata[name] = value;
    }

    /// Who signs in next, by the claims of their ID token.
    pub(in crate::http) fn signs_in(&self, person: Value) {
        self.served.lock().unwrap().person = person;
    }

    /// Gives out access tokens for the resource with these claims too.
    pub(in crate::http) fn gives_access(&self, claims: Option<Value>) {
        self.served.lock().unwrap().access = claims;
    }
}

fn sign(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("{signed}.{}", base64(signature))
}

/// Sends the browser back with a code, as if a person had signed in.
async fn authorize(
    State(served): State<Shared>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Redirect, StatusCode> {
    let is_right = asked.get("client_id").is_some_and(|id| id == CLIENT)
        && asked.get("response_type").is_some_and(|it| it == "code")
        && asked.get("code_challenge_method").is_some_and(|it| it == "S256")
        && asked.get("resource").is_some_and(|it| it == RESOURCE)
        && asked.get("scope").is_some_and(|it| it.contains("openid"));
    if !is_right {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mut served = served.lock().unwrap();
    let code = format!("code {}", served.codes.len());
    let mut back = reqwest::Url::parse(&asked["redirect_uri"]).unwrap();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked["state"]);
    served.codes.insert(code, asked);
    Ok(Redirect::to(back.as_str()))
}

/// Gives out tokens for a code, once, to who asked for it.
async fn exchange(
    State(served): State<Shared>,
    headers: HeaderMap,
    form: String,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    use sha2::{Digest, Sha256};

    let form: HashMap<String, String> =
        url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let mut served = served.lock().unwrap();
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error })));
    if headers.get("authorization").is_none_or(|header| header != BASIC) {
        return Err(refuse("invalid_client"));
    }
    let asked = served.codes.remove(&form["code"]).ok_or_else(|| refuse("invalid_grant"))?;
    let is_right = form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == asked["redirect_uri"]
        && form["resource"] == RESOURCE
        && base64(Sha256::digest(&form["code_verifier"])) == asked["code_challenge"];
    if !is_right {
        return Err(refuse("invalid_grant"));
    }
    let (key, id) = served.key.clone().unwrap();
    let issuer = served.metadata["issuer"].clone();
    let token = |typ: &str, audience: &str, more: &Value| {
        let header = json!({ "typ": typ, "alg": "ES256", "kid": id });
        let expiry = Timestamp::now().as_second() + 3600;
        let mut claims = json!({ "iss": issuer, "aud": audience, "exp": expiry });
        claims["nonce"] = json!(asked["nonce"]);
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sign(&key, &header, &claims)
    };
    let access = served.access.as_ref().map(|claims| token("at+jwt", RESOURCE, claims));
    Ok(Json(json!({
        "access_token": access.unwrap_or_else(|| "oat_opaque".to_owned()),
        "token_type": "Bearer",
        "id_token": token("JWT", CLIENT, &served.person),
        "scope": asked["scope"],
    })))
}

/// Says what an opaque token is. Its `exp` is kept in seconds from the question.
async fn introspect(
    State(served): State<Shared>,
    headers: HeaderMap,
    form: String,
) -> Result<Json<Value>, StatusCode> {
    let form: HashMap<String, String> =
        url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let mut served = served.lock().unwrap();
    served.introspected.push(form["token"].clone());
    if served.is_down {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    if headers.get("authorization").is_none_or(|header| header != BASIC) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    assert_eq!((form.len(), form["token_type_hint"].as_str()), (2, "access_token"));
    let Some(mut response) = served.opaque.get(&form["token"]).cloned() else {
        return Ok(Json(json!({ "active": false })));
    };
    if let Some(lifetime) = response["exp"].as_i64() {
        response["exp"] = json!(Timestamp::now().as_second() + lifetime);
    }
    Ok(Json(response))
}
