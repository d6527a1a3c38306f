//! An issuer on this machine, whose keys the test rotates and which it takes down.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
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
}

type Shared = Arc<Mutex<Served>>;

pub(in crate::http) struct Issuer {
    pub(in crate::http) url: String,
    served: Shared,
    key: EcdsaKeyPair,
    id: String,
}

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
        let routes = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/keys", get(keys))
            .with_state(served.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut issuer = Self { url, served, key: new_key(), id: String::new() };
        issuer.rotate("first");
        issuer
    }

    /// Replaces the key by another one with this ID.
    pub(in crate::http) fn rotate(&mut self, id: &str) {
        (self.key, self.id) = (new_key(), id.to_owned());
        let point = self.key.public_key().as_ref();
        let (x, y) = (base64(&point[1..33]), base64(&point[33..]));
        let key = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": id, "x": x, "y": y });
        self.served.lock().unwrap().keys = json!({ "keys": [key] });
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
        let signed = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64(signature))
    }
}
