use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::json;

use super::*;
use crate::http::oauth::keys::Keys;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://clerk.example.com";
const RESOURCE: &str = "https://mcp.example.com/mcp";

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An issuer with a key of each kind.
struct Issuer {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    random: SystemRandom,
    keys: Keys,
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        // ring makes no RSA keys.
        let rsa = RsaKeyPair::from_pkcs8(include_bytes!("rsa.pk8")).unwrap();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let ec = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let ec = EcdsaKeyPair::from_pkcs8(algorithm, ec.as_ref(), &random).unwrap();
        let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(rsa.public());
        let (n, e) = (base64(public.n), base64(public.e));
        let point = ec.public_key().as_ref();
        let (x, y) = (base64(&point[1..33]), base64(&point[33..]));
        let keys = json!({ "keys": [
            { "kty": "RSA", "kid": "rsa", "alg": "RS256", "use": "sig", "n": n, "e": e },
            { "kty": "EC", "kid": "ec", "crv": "P-256", "x": x, "y": y },
            { "kty": "RSA", "kid": "for-encryption", "use": "enc", "n": n, "e": e },
            { "kty": "RSA", "kid": "rs512", "alg": "RS512", "n": n, "e": e },
            { "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" },
            { "kty": "EC", "kid": "twice", "crv": "P-256", "x": x, "y": y },
            { "kty": "RSA", "kid": "twice", "n": n, "e": e },
            { "kty": "RSA", "n": n, "e": e },
            "no key",
        ] });
        let keys = Keys::read(keys.to_string().as_bytes()).unwrap();
        Self { rsa, ec, random, keys }
    }

    /// A token with this header and these claims as they are, signed as the header says.
    fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", base64(header), base64(claims));
        let signature = if header.contains("ES256") {
            self.ec.sign(&self.random, signed.as_bytes()).unwrap().as_ref().to_vec()
        } else {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            self.rsa
                .sign(&RSA_PKCS1_SHA256, &self.random, signed.as_bytes(), &mut signature)
                .unwrap();
            signature
        };
        format!("{signed}.{}", base64(signature))
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        self.sign(&header.to_string(), &claims.to_string())
    }

    fn read(&self, token: &str, any_audience: bool) -> Result<Principal, Invalid> {
        let (issuer, resource) = (ISSUER.to_owned(), RESOURCE.to_owned());
        let rules = Rules { issuer, resource, any_audience };
        let head = head(token, Use::Access)?;
        let key = self.keys.get(&head.key).ok_or(Invalid::Key)?;
        verify(token, &head, key, &rules, SignedDuration::from_secs(NOW))
    }
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "RS256", "kid": "rsa" })
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user_1", "aud": RESOURCE, "exp": NOW + 60, "nbf": NOW, "iat": NOW,
        "scope": "users email", "client_id": "client_1", "jti": "1",
    })
}

/// The object with this field in place of the one it has; without it, if there is no value.
fn with(mut object: Value, name: &str, value: Option<Value>) -> Value {
    let fields = object.as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
    object
}

#[test]
fn a_valid_token_says_who_it_is_for() {
    let issuer = Issuer::new();
    let person = issuer.read(&issuer.token(&header(), &claims()), false).unwrap();
    assert_eq!(person.authentication, Authentication::OAuth);
    assert_eq!(person.subject.as_deref(), Some("user_1"));
    assert_eq!(person.scopes, ["users", "email"]);
    assert_eq!(person.client.as_deref(), Some("client_1"));
    assert_eq!((person.email, person.organization, person.roles), (None, None, vec![]));
}

#[test]
fn what_a_token_says_of_a_person_is_read_in_each_form() {
    let issuer = Issuer::new();
    let read = |more: Value| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        issuer.read(&issuer.token(&header(), &claims), false).unwrap()
    };
    let email = |is_verified: Value| {
        read(json!({ "email": "jo@example.com", "email_verified": is_verified })).email
    };
    assert_eq!(email(json!(true)).as_deref(), Some("jo@example.com"));
    for unverified in [json!(false), json!("true"), json!(1), json!(null)] {
        assert_eq!(email(unverified), None);
    }
    assert_eq!(read(json!({ "org_id": "org_1" })).organization.as_deref(), Some("org_1"));
    assert_eq!(read(json!({ "scope": null, "scp": ["a", "b"] })).scopes, ["a", "b"]);
    assert_eq!(read(json!({ "scope": "" })).scopes, Vec::<String>::new());
    assert_eq!(read(json!({ "client_id": null, "azp": "c" })).client.as_deref(), Some("c"));
    let roles = read(json!({ "role": "a", "roles": ["b", "c"], "org_role": "org:admin" })).roles;
    assert_eq!(roles, ["a", "b", "c", "org:admin"]);
}

#[test]
fn good_tokens_of_other_forms_are_accepted() {
    let issuer = Issuer::new();
    let headers = [
        json!({ "typ": "at+jwt", "alg": "ES256", "kid": "ec" }),
        json!({ "typ": "application/at+jwt", "alg": "RS256", "kid": "rsa" }),
        json!({ "typ": "AT+JWT", "alg": "RS256", "kid": "rsa" }),
        // Keys that the token names itself aren't looked at.
        with(header(), "jku", Some(json!("https://evil.example/jwks"))),
        with(header(), "x5u", Some(json!("https://evil.example/x"))),
        with(header(), "jwk", Some(json!({ "kty": "oct", "k": "c2VjcmV0" }))),
        with(header(), "x5c", Some(json!("nothing"))),
    ];
    for header in headers {
        assert!(issuer.read(&issuer.token(&header, &claims()), false).is_ok(), "{header}");
    }
    let others = [
        ("aud", Some(json!([RESOURCE]))),
        ("aud", Some(json!(["https://other.example", RESOURCE]))),
        ("exp", Some(json!(NOW - 3))),
        ("exp", Some(json!(NOW - 4))),
        ("exp", Some(json!(1_800_000_000.5))),
        ("nbf", Some(json!(NOW + 5))),
        ("nbf", None),
        ("iat", Some(json!(NOW + 5))),
        ("iat", None),
        ("scope", None),
        ("client_id", None),
        ("jti", None),
    ];
    for (name, value) in others {
        let token = issuer.token(&header(), &with(claims(), name, value.clone()));
        assert!(issuer.read(&token, false).is_ok(), "{name} {value:?}");
    }
}

#[test]
fn a_token_whose_header_is_wrong_is_refused_for_its_reason() {
    let issuer = Issuer::new();
    let cases = [
        ("typ", None, Invalid::Type),
        // A session token of Clerk's has this type, and is signed with the same keys.
        ("typ", Some(json!("JWT")), Invalid::Type),
        ("typ", Some(json!("jwt")), Invalid::Type),
        ("typ", Some(json!("at+jwt ")), Invalid::Type),
        ("typ", Some(json!("at-jwt")), Invalid::Type),
        ("typ", Some(json!("id+jwt")), Invalid::Type),
        ("typ", Some(json!("application/jwt")), Invalid::Type),
        ("typ", Some(json!("logout+jwt")), Invalid::Type),
        ("typ", Some(json!("")), Invalid::Form("typ")),
        ("typ", Some(json!(1)), Invalid::Form("typ")),
        ("typ", Some(json!(["at+jwt"])), Invalid::Form("typ")),
        ("typ", Some(json!(null)), Invalid::Type),
        ("alg", None, Invalid::Algorithm),
        ("alg", Some(json!("none")), Invalid::Algorithm),
        ("alg", Some(json!("None")), Invalid::Algorithm),
        ("alg", Some(json!("NONE")), Invalid::Algorithm),
        ("alg", Some(json!("HS256")), Invalid::Algorithm),
        ("alg", Some(json!("HS512")), Invalid::Algorithm),
        ("alg", Some(json!("RS384")), Invalid::Algorithm),
        ("alg", Some(json!("RS512")), Invalid::Algorithm),
        ("alg", Some(json!("PS256")), Invalid::Algorithm),
        ("alg", Some(json!("ES384")), Invalid::Algorithm),
        ("alg", Some(json!("EdDSA")), Invalid::Algorithm),
        ("alg", Some(json!("rs256")), Invalid::Algorithm),
        ("alg", Some(json!("")), Invalid::Form("alg")),
        ("alg", Some(json!(null)), Invalid::Algorithm),
        ("alg", Some(json!(256)), Invalid::Form("alg")),
        ("alg", Some(json!(["RS256"])), Invalid::Form("alg")),
        // The key is of the other kind.
        ("alg", Some(json!("ES256")), Invalid::Algorithm),
        ("kid", Some(json!("ec")), Invalid::Algorithm),
        ("kid", None, Invalid::Missing("kid")),
        ("kid", Some(json!(null)), Invalid::Missing("kid")),
        ("kid", Some(json!("")), Invalid::Form("kid")),
        ("kid", Some(json!(" ")), Invalid::Form("kid")),
        ("kid", Some(json!(1)), Invalid::Form("kid")),
        ("kid", Some(json!(["rsa"])), Invalid::Form("kid")),
        ("kid", Some(json!({ "rsa": 1 })), Invalid::Form("kid")),
        ("kid", Some(json!("rsa\n")), Invalid::Form("kid")),
        ("kid", Some(json!("rsa\u{0}")), Invalid::Form("kid")),
        ("kid", Some(json!("x".repeat(300))), Invalid::Form("kid")),
        ("kid", Some(json!("RSA")), Invalid::Key),
        ("kid", Some(json!("unknown")), Invalid::Key),
        ("kid", Some(json!("../../../dev/null")), Invalid::Key),
        ("kid", Some(json!("/etc/passwd")), Invalid::Key),
        ("kid", Some(json!("https://evil.example/key")), Invalid::Key),
        ("kid", Some(json!("' OR 1=1 --")), Invalid::Key),
        ("kid", Some(json!("for-encryption")), Invalid::Key),
        ("kid", Some(json!("rs512")), Invalid::Key),
        ("kid", Some(json!("secret")), Invalid::Key),
        ("kid", Some(json!("twice")), Invalid::Key),
        ("crit", Some(json!(["exp"])), Invalid::Critical),
        ("crit", Some(json!([])), Invalid::Critical),
        ("crit", Some(json!("b64")), Invalid::Critical),
        ("b64", Some(json!(false)), Invalid::Critical),
    ];
    for (name, value, expected) in cases {
        let token = issuer.token(&with(header(), name, value.clone()), &claims());
        assert_eq!(issuer.read(&token, false), Err(expected), "{name} {value:?}");
    }
}

#[test]
fn a_token_whose_claims_are_wrong_is_refused_for_its_reason() {
    let issuer = Issuer::new();
    let cases = [
        ("iss", None, Invalid::Missing("iss")),
        ("iss", Some(json!(null)), Invalid::Missing("iss")),
        ("iss", Some(json!("")), Invalid::Form("iss")),
        ("iss", Some(json!([ISSUER])), Invalid::Form("iss")),
        ("iss", Some(json!(1)), Invalid::Form("iss")),
        ("iss", Some(json!("https://other.example")), Invalid::Issuer),
        ("iss", Some(json!("https://clerk.example.com/")), Invalid::Issuer),
        ("iss", Some(json!("https://CLERK.example.com")), Invalid::Issuer),
        ("iss", Some(json!("http://clerk.example.com")), Invalid::Issuer),
        ("aud", None, Invalid::Missing("aud")),
        ("aud", Some(json!(null)), Invalid::Missing("aud")),
        ("aud", Some(json!("")), Invalid::Form("aud")),
        ("aud", Some(json!([])), Invalid::Audience),
        ("aud", Some(json!([1])), Invalid::Form("aud")),
        ("aud", Some(json!([RESOURCE, null])), Invalid::Form("aud")),
        ("aud", Some(json!({ "0": RESOURCE })), Invalid::Form("aud")),
        ("aud", Some(json!(true)), Invalid::Form("aud")),
        ("aud", Some(json!("https://other.example/mcp")), Invalid::Audience),
        ("aud", Some(json!("https://mcp.example.com")), Invalid::Audience),
        ("aud", Some(json!("https://mcp.example.com/mcp/")), Invalid::Audience),
        ("aud", Some(json!("https://mcp.example.com/mcp?a")), Invalid::Audience),
        ("aud", Some(json!("https://MCP.example.com/mcp")), Invalid::Audience),
        ("aud", Some(json!(["https://other.example/mcp"])), Invalid::Audience),
        ("exp", None, Invalid::Missing("exp")),
        ("exp", Some(json!(null)), Invalid::Missing("exp")),
        ("exp", Some(json!(NOW - 5)), Invalid::Expired),
        ("exp", Some(json!(NOW - 6)), Invalid::Expired),
        ("exp", Some(json!(NOW - 86_400)), Invalid::Expired),
        ("exp", Some(json!(0)), Invalid::Expired),
        ("exp", Some(json!(-1)), Invalid::Form("exp")),
        ("exp", Some(json!((NOW + 60).to_string())), Invalid::Form("exp")),
        ("exp", Some(json!([NOW + 60])), Invalid::Form("exp")),
        ("exp", Some(json!(true)), Invalid::Form("exp")),
        ("exp", Some(json!(1e300)), Invalid::Form("exp")),
        ("nbf", Some(json!(NOW + 6)), Invalid::Early),
        ("nbf", Some(json!(i64::MAX)), Invalid::Early),
        ("nbf", Some(json!("now")), Invalid::Form("nbf")),
        ("iat", Some(json!(NOW + 6)), Invalid::Early),
        ("iat", Some(json!("now")), Invalid::Form("iat")),
        ("sub", None, Invalid::Missing("sub")),
        ("sub", Some(json!(null)), Invalid::Missing("sub")),
        ("sub", Some(json!("")), Invalid::Form("sub")),
        ("sub", Some(json!("  ")), Invalid::Form("sub")),
        ("sub", Some(json!(1)), Invalid::Form("sub")),
        ("sub", Some(json!(["user_1"])), Invalid::Form("sub")),
        ("sub", Some(json!("user_1\u{1b}[2J")), Invalid::Form("sub")),
        ("sub", Some(json!("x".repeat(300))), Invalid::Form("sub")),
        ("scope", Some(json!(1)), Invalid::Form("scope")),
        ("scp", Some(json!([1])), Invalid::Form("scp")),
        ("client_id", Some(json!(1)), Invalid::Form("client_id")),
        ("azp", Some(json!([])), Invalid::Form("azp")),
        ("org_id", Some(json!(["org_1"])), Invalid::Form("org_id")),
        ("role", Some(json!({ "admin": true })), Invalid::Form("role")),
        ("roles", Some(json!([true])), Invalid::Form("roles")),
        ("email", Some(json!(["jo@example.com"])), Invalid::Form("email")),
    ];
    for (name, value, expected) in cases {
        let token = issuer.token(&header(), &with(claims(), name, value.clone()));
        assert_eq!(issuer.read(&token, false), Err(expected), "{name} {value:?}");
    }
}

#[test]
fn what_is_no_token_or_is_signed_otherwise_is_refused_for_its_reason() {
    let issuer = Issuer::new();
    let good = issuer.token(&header(), &claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let unsigned = format!("{}.{}", base64(header().to_string()), base64(claims().to_string()));
    let other = with(claims(), "sub", Some(json!("user_2")));
    let swapped =
        format!("{}.{}.{signature}", base64(header().to_string()), base64(other.to_string()));
    let hs256 = with(header(), "alg", Some(json!("HS256"))).to_string();
    let hs256 = format!("{}.{}", base64(hs256), base64(claims().to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, issuer.rsa.public().as_ref());
    let as_secret = format!("{hs256}.{}", base64(hmac::sign(&key, hs256.as_bytes())));
    let rs256 = hmac::sign(&key, unsigned.as_bytes());
    let cases = [
        (String::new(), Invalid::Malformed),
        ("..".to_owned(), Invalid::Malformed),
        ("garbage".to_owned(), Invalid::Malformed),
        ("a.b.c".to_owned(), Invalid::Malformed),
        ("oat_0123456789".to_owned(), Invalid::Malformed),
        (unsigned.clone(), Invalid::Malformed),
        (format!("{good}.more"), Invalid::Malformed),
        (format!("{good}."), Invalid::Malformed),
        (format!(".{good}"), Invalid::Malformed),
        (format!("{unsigned}."), Invalid::Signature),
        (format!("{unsigned}.AAAA"), Invalid::Signature),
        (format!("{unsigned}.{}", base64(rs256)), Invalid::Signature),
        (format!("{signed}.{}", base64([0; 256])), Invalid::Signature),
        (format!("{signed}.{signature}="), Invalid::Signature),
        (format!("{signed}.+/+/"), Invalid::Signature),
        (swapped, Invalid::Signature),
        (as_secret, Invalid::Algorithm),
        ("x".repeat(100_000), Invalid::TooLarge),
        (format!("{good}{}", "A".repeat(100_000)), Invalid::TooLarge),
        (issuer.sign("{", "{}"), Invalid::Malformed),
        (issuer.sign("[]", "{}"), Invalid::Malformed),
        (issuer.sign("\"RS256\"", "{}"), Invalid::Malformed),
        (issuer.sign(&header().to_string(), "[]"), Invalid::Malformed),
        (issuer.sign(&header().to_string(), "{}"), Invalid::Missing("iss")),
        (
            issuer.sign(
                r#"{"typ":"JWT","typ":"at+jwt","alg":"RS256","kid":"rsa"}"#,
                &claims().to_string(),
            ),
            Invalid::Malformed,
        ),
        (
            issuer.sign(
                r#"{"typ":"at+jwt","alg":"none","alg":"RS256","kid":"rsa"}"#,
                &claims().to_string(),
            ),
            Invalid::Malformed,
        ),
        (
            issuer.sign(
                &header().to_string(),
                &claims().to_string().replacen('{', r#"{"sub":"user_2","#, 1),
            ),
            Invalid::Malformed,
        ),
    ];
    for (token, expected) in cases {
        let shown: String = token.chars().take(80).collect();
        assert_eq!(issuer.read(&token, false), Err(expected), "{shown}");
    }
}

#[test]
fn without_an_audience_a_token_passes_only_where_that_is_asked_for() {
    let issuer = Issuer::new();
    let read = |value| {
        issuer.read(&issuer.token(&header(), &with(claims(), "aud", value)), true).map(|_| ())
    };
    assert_eq!(read(None), Ok(()));
    assert_eq!(read(Some(json!(RESOURCE))), Ok(()));
    assert_eq!(read(Some(json!("https://other.example"))), Err(Invalid::Audience));
    assert_eq!(read(Some(json!([]))), Err(Invalid::Audience));
    assert_eq!(read(Some(json!(1))), Err(Invalid::Form("aud")));
}

#[test]
fn a_key_set_that_is_none_is_refused() {
    let many = json!({ "keys": vec![json!({}); 101] }).to_string();
    let cases = [
        ("", "isn't a JWK set"),
        ("[]", "isn't a JWK set"),
        ("{}", "isn't a JWK set"),
        (r#"{"keys":[]}"#, "has no key for RS256 or ES256"),
        (r#"{"keys":[{"kty":"oct","kid":"a","k":"aaaa"}]}"#, "has no key for RS256 or ES256"),
        (&many, "has more than 100 keys"),
    ];
    for (text, expected) in cases {
        assert_eq!(Keys::read(text.as_bytes()).err(), Some(expected), "{text:.50}");
    }
}
