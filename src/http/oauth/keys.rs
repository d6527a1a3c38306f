//! The issuer's public keys. <https://www.rfc-editor.org/rfc/rfc7517>

use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// How many keys an issuer may have.
const MOST: usize = 100;

/// A public key, and the one algorithm that it is used with.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// The keys that can sign access tokens, by their IDs.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(HashMap<String, Key>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a JWK set. Keys of other kinds are left out; of two with one ID, both.
    ///
    /// # Errors
    /// Why it can't be used.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let document: Document = serde_json::from_slice(bytes).map_err(|_| "isn't a JWK set")?;
        if document.keys.len() > MOST {
            return Err("has more than 100 keys");
        }
        let mut keys: HashMap<String, Option<Key>> = HashMap::new();
        for jwk in document.keys {
            let Ok(jwk) = serde_json::from_value::<Jwk>(jwk) else { continue };
            let Some(key) = key(&jwk) else { continue };
            // Which of two is meant can't be known.
            keys.entry(jwk.kid).and_modify(|known| *known = None).or_insert(Some(key));
        }
        let keys: HashMap<_, _> =
            keys.into_iter().filter_map(|(id, key)| Some((id, key?))).collect();
        if keys.is_empty() { Err("has no key for RS256 or ES256") } else { Ok(Self(keys)) }
    }

    /// The key with this ID.
    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        self.0.get(id)
    }
}

fn key(jwk: &Jwk) -> Option<Key> {
    if jwk.used_for.as_deref().is_some_and(|used_for| used_for != "sig") {
        return None;
    }
    let (name, algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let key = DecodingKey::from_rsa_components(jwk.n.as_deref()?, jwk.e.as_deref()?);
            ("RS256", Algorithm::RS256, key)
        }
        ("EC", Some("P-256")) => {
            let key = DecodingKey::from_ec_components(jwk.x.as_deref()?, jwk.y.as_deref()?);
            ("ES256", Algorithm::ES256, key)
        }
        _ => return None,
    };
    let is_for_it = jwk.alg.as_deref().is_none_or(|alg| alg == name);
    Some(Key { algorithm, key: key.ok().filter(|_| is_for_it)? })
}
