//! JSON Web Tokens.
//!
//! Every sandbox signs with the same key, whose private half is in this crate. A sandbox guards
//! nothing, and a fixed key has advantages: its public half can stand in a test's configuration,
//! no time is spent on generating one, and the key set needs no secret key to say whose it is.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding,
};
use ring::{hmac, signature};
use serde_json::{Map, Value, json};

/// The id of the key. At Clerk it is the instance's id.
pub(crate) const KID: &str = "ins_2SandboxTestKeySandboxTest0";

const ALGORITHM: &str = "RS256";

const PRIVATE_KEY: &str = include_str!("jwt/test-key.pem");

/// What a token is for, as its header says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Session,
    Template,
    /// What machines call each other with.
    M2m,
    /// What passes between a browser and Clerk when cookies are renewed.
    Handshake,
}

impl Category {
    /// Clerk's name, if it has one.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Session => Some("cl_B7d4PD111AAA"),
            Self::Template => Some("cl_B7d4PD222AAA"),
            Self::M2m => Some("cl_B7d4PD333AAA"),
            Self::Handshake => None,
        }
    }
}

/// A key that tokens can be signed with.
pub(crate) enum Signer {
    Hmac(hmac::Key),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
}

impl Signer {
    /// The sandbox's own; there is always one.
    pub(crate) fn own() -> Option<&'static Self> {
        static OWN: OnceLock<Option<Signer>> = OnceLock::new();
        OWN.get_or_init(|| Self::new(ALGORITHM, PRIVATE_KEY)).as_ref()
    }

    /// A key of one's own, for one of the algorithms HS256, HS384, HS512, RS256, RS384, RS512, ES256
    /// and ES384. `None` if the algorithm is another, or the key isn't one for it.
    pub(crate) fn new(algorithm: &str, key: &str) -> Option<Self> {
        let hmac = |hash| Some(Self::Hmac(hmac::Key::new(hash, key.as_bytes())));
        let rsa = |encoding| Some(Self::Rsa(Box::new(rsa_key(key)?), encoding));
        let ecdsa = |curve| {
            let der = der_of_pem(key, "PRIVATE KEY")?;
            EcdsaKeyPair::from_pkcs8(curve, &der, &SystemRandom::new()).ok().map(Self::Ecdsa)
        };
        match algorithm {
            "HS256" => hmac(hmac::HMAC_SHA256),
            "HS384" => hmac(hmac::HMAC_SHA384),
            "HS512" => hmac(hmac::HMAC_SHA512),
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "RS512" => rsa(&RSA_PKCS1_SHA512),
            "ES256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            _ => None,
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hmac(key) => Some(hmac::sign(key, message).as_ref().to_vec()),
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let signed = key.sign(*encoding, &SystemRandom::new(), message, &mut signature);
                signed.ok().map(|()| signature)
            }
            Self::Ecdsa(key) => {
                let signed = key.sign(&SystemRandom::new(), message).ok()?;
                Some(signed.as_ref().to_vec())
            }
        }
    }
}

/// A token with these claims, signed with the sandbox's key.
pub(crate) fn sign(category: Category, claims: &Map<String, Value>) -> Option<String> {
    let mut header = Map::new();
    header.insert("alg".to_owned(), ALGORITHM.into());
    if let Some(name) = category.name() {
        header.insert("cat".to_owned(), name.into());
    }
    header.insert("kid".to_owned(), KID.into());
    header.insert("typ".to_owned(), "JWT".into());
    sign_with(Signer::own()?, &header, claims)
}

/// A token with these claims, signed with another key; its header has no key id.
pub(crate) fn sign_with_own_key(
    signer: &Signer,
    algorithm: &str,
    claims: &Map<String, Value>,
) -> Option<String> {
    let header = json!({ "alg": algorithm, "cat": Category::Template.name(), "typ": "JWT" });
    sign_with(signer, header.as_object()?, claims)
}

fn sign_with(
    signer: &Signer,
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
) -> Option<String> {
    let encode = |part: &Map<String, Value>| {
        serde_json::to_vec(part).ok().map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
    };
    let input = format!("{}.{}", encode(header)?, encode(claims)?);
    let signature = signer.sign(input.as_bytes())?;
    Some(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

/// The claims of a token that the sandbox has signed, whether it has expired or not.
pub(crate) fn verify(token: &str) -> Option<Map<String, Value>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    if header.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
        return None;
    }
    let key = public_key()?;
    let is_valid =
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature)?).is_ok();
    is_valid.then(|| serde_json::from_slice(&decode(claims)?).ok()).flatten()
}

/// The key set that tokens are verified with.
pub(crate) fn key_set() -> Value {
    let keys: Vec<_> = public_key()
        .map(|key| {
            json!({
                "use": "sig",
                "kty": "RSA",
                "kid": KID,
                "alg": ALGORITHM,
                "n": BASE64_URL_SAFE_NO_PAD.encode(key.n),
                "e": BASE64_URL_SAFE_NO_PAD.encode(key.e),
            })
        })
        .into_iter()
        .collect();
    json!({ "keys": keys })
}

fn public_key() -> Option<signature::RsaPublicKeyComponents<Vec<u8>>> {
    match Signer::own()? {
        Signer::Rsa(key, _) => Some(PublicKeyComponents::from(key.public())),
        Signer::Hmac(_) | Signer::Ecdsa(_) => None,
    }
}

fn rsa_key(pem: &str) -> Option<RsaKeyPair> {
    let pkcs8 = der_of_pem(pem, "PRIVATE KEY").and_then(|der| RsaKeyPair::from_pkcs8(&der).ok());
    pkcs8.or_else(|| RsaKeyPair::from_der(&der_of_pem(pem, "RSA PRIVATE KEY")?).ok())
}

/// The bytes between the lines that begin and end this.
fn der_of_pem(pem: &str, what: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {what}-----"))?;
    let (text, _) = rest.split_once(&format!("-----END {what}-----"))?;
    let text: String = text.split_whitespace().collect();
    BASE64_STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Map<String, Value> {
        Map::from_iter([("sub".to_owned(), json!("user_1"))])
    }

    #[test]
    fn a_token_verifies_unless_it_was_changed() {
        let token = sign(Category::Session, &claims()).unwrap();
        assert_eq!(verify(&token), Some(claims()));
        let other = json!({ "sub": "user_2" });
        let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let forged = BASE64_URL_SAFE_NO_PAD.encode(other.to_string());
        assert_eq!(verify(&format!("{header}.{forged}.{signature}")), None);
        for broken in ["", ".", "..", "a.b.c", &token[..token.len() - 2]] {
            assert_eq!(verify(broken), None, "{broken}");
        }
    }

    /// As with the algorithm `none`, or with the public key as the secret of an HMAC.
    #[test]
    fn a_token_of_another_algorithm_does_not_verify() {
        let signer = Signer::new("HS256", "secret").unwrap();
        let token = sign_with_own_key(&signer, "HS256", &claims()).unwrap();
        assert_eq!(verify(&token), None);
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let [_, claims, _] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!(verify(&format!("{header}.{claims}.")), None);
    }

    #[test]
    fn the_public_key_is_the_one_that_users_are_told() {
        let der = der_of_pem(include_str!("jwt/public-key.pem"), "PUBLIC KEY").unwrap();
        let key = public_key().unwrap();
        assert!(der.windows(key.n.len()).any(|window| window == key.n));
        assert_eq!(KID.len(), "ins_".len() + 27);
    }

    #[test]
    fn keys_that_do_not_fit_their_algorithm_are_refused() {
        assert!(Signer::new("RS256", "a-signing-key").is_none());
        assert!(Signer::new("ES256", PRIVATE_KEY).is_none());
        assert!(Signer::new("RS512", PRIVATE_KEY).is_some());
        assert!(Signer::new("ES512", PRIVATE_KEY).is_none());
    }
}
