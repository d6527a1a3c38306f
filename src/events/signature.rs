//! Svix's signatures, by which a receiver knows that a delivery is from Clerk.
//! <https://docs.svix.com/receiving/verifying-payloads/how-manual>

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

/// How far a delivery's time may be from ours, in seconds.
const TOLERANCE: i64 = 5 * 60;
/// How a signing secret begins.
const PREFIX: &str = "whsec_";
/// The longest message id that is taken, in bytes.
const LONGEST_ID: usize = 256;
/// How many bytes a signature has.
const SIGNATURE: usize = 32;
/// How many signatures of one delivery are looked at: one for each secret there ever is, and some.
const MOST_SIGNATURES: usize = 16;
/// The headers' names before their ends; the second is Standard Webhooks'.
const VENDORS: [&str; 2] = ["svix", "webhook"];

/// A signing secret: `whsec_` and a key in base64. Its Debug shows nothing.
#[derive(Clone)]
pub struct Secret(SecretSlice<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Why a text isn't a signing secret. Its text follows the name of the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// What follows `whsec_` can't be decoded.
    #[error("is not base64 after whsec_")]
    NotBase64,
    /// The key has less than 16 bytes.
    #[error("is too short for a signing secret")]
    TooShort,
}

/// What a delivery's headers say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id, the same each time that it is delivered.
    pub id: String,
    /// When it was sent, in Unix seconds.
    pub timestamp: i64,
}

/// Why a delivery is not taken for Clerk's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A header is missing or can't be read: the end of its name.
    #[error("the header svix-{0} is missing or can't be read")]
    Header(&'static str),
    /// It was sent more than five minutes ago.
    #[error("it was sent more than five minutes ago")]
    TooOld,
    /// It is dated more than five minutes ahead.
    #[error("it is dated more than five minutes ahead")]
    TooNew,
    /// No signature is that of a known secret.
    #[error("no signature fits a signing secret")]
    Signature,
}

impl Secret {
    /// Reads a secret as Clerk's dashboard shows it.
    ///
    /// # Errors
    /// It isn't base64, or is too short. The error never holds the text.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        let key = STANDARD
            .decode(text.strip_prefix(PREFIX).unwrap_or(text))
            .map_err(|_| InvalidSecret::NotBase64)?;
        if key.len() < 16 {
            return Err(InvalidSecret::TooShort);
        }
        Ok(Self(key.into()))
    }

    /// The key itself, to sign with.
    #[must_use]
    pub fn key(&self) -> SecretSlice<u8> {
        self.0.clone()
    }

    /// The secret as it is written: `whsec_` and the key in base64.
    #[must_use]
    pub fn text(&self) -> SecretString {
        format!("{PREFIX}{}", STANDARD.encode(self.0.expose_secret())).into()
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(mac)
    }

    /// The value of the signature header for a message sent at `timestamp`, in Unix seconds.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mac = self.mac(id, timestamp, body);
        let signature = mac.map(|mac| STANDARD.encode(mac.finalize().into_bytes()));
        format!("v1,{}", signature.unwrap_or_default())
    }
}

/// What the headers of a delivery claim. Anybody can write them: only the body shows whether they
/// are Clerk's.
#[derive(Debug)]
pub struct Claim<'h> {
    id: &'h str,
    timestamp: i64,
    signatures: Vec<[u8; SIGNATURE]>,
}

impl<'h> Claim<'h> {
    /// Reads the headers of a delivery that arrives at `now`, in Unix seconds.
    ///
    /// # Errors
    /// One is missing or can't be read, the delivery is more than five minutes old or ahead, or
    /// nothing has the form of a signature.
    pub fn read(headers: &'h HeaderMap, now: i64) -> Result<Self, Invalid> {
        let header = |end: &'static str| {
            VENDORS
                .iter()
                .find_map(|vendor| headers.get(format!("{vendor}-{end}"))?.to_str().ok())
                .ok_or(Invalid::Header(end))
        };
        let id = header("id")?;
        let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_graphic());
        if id.is_empty() || id.len() > LONGEST_ID || !is_id(id) {
            return Err(Invalid::Header("id"));
        }
        let timestamp = header("timestamp")?.parse().map_err(|_| Invalid::Header("timestamp"))?;
        let signatures = header("signature")?;
        if timestamp < now.saturating_sub(TOLERANCE) {
            return Err(Invalid::TooOld);
        }
        if timestamp > now.saturating_add(TOLERANCE) {
            return Err(Invalid::TooNew);
        }
        let signature =
            |text: &str| STANDARD.decode(text.strip_prefix("v1,")?).ok()?.try_into().ok();
        let signatures: Vec<_> =
            signatures.split(' ').filter_map(signature).take(MOST_SIGNATURES).collect();
        if signatures.is_empty() {
            return Err(Invalid::Signature);
        }
        Ok(Self { id, timestamp, signatures })
    }

    /// Checks that the delivery was signed with one of `secrets` (two while one takes the place of
    /// the other). The body is the raw one. It takes as long for a wrong signature as for a right
    /// one.
    ///
    /// # Errors
    /// It was not.
    pub fn verify(&self, secrets: &[Secret], body: &[u8]) -> Result<Delivery, Invalid> {
        let mut is_signed = false;
        for mac in secrets.iter().filter_map(|secret| secret.mac(self.id, self.timestamp, body)) {
            for signature in &self.signatures {
                is_signed |= mac.clone().verify_slice(signature).is_ok();
            }
        }
        if !is_signed {
            return Err(Invalid::Signature);
        }
        Ok(Delivery { id: self.id.to_owned(), timestamp: self.timestamp })
    }
}

/// Reads the headers of a delivery as [`Claim::read`] does, and checks it as [`Claim::verify`] does.
///
/// # Errors
/// Why it is not to be taken.
pub fn verify(
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    now: i64,
) -> Result<Delivery, Invalid> {
    Claim::read(headers, now)?.verify(secrets, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vector of Svix's own libraries.
    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const TIMESTAMP: i64 = 1_649_367_553;
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    fn headers(vendor: &str, signature: &str) -> HeaderMap {
        let headers = [
            ("id", ID.to_owned()),
            ("timestamp", TIMESTAMP.to_string()),
            ("signature", signature.to_owned()),
        ];
        let named = |(end, value): (&str, String)| {
            let name = format!("{vendor}-{end}").parse::<http::HeaderName>().unwrap();
            (name, value.parse().unwrap())
        };
        headers.into_iter().map(named).collect()
    }

    fn check(headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), Invalid> {
        let other = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secrets = [other, Secret::parse(SECRET).unwrap()];
        verify(&secrets, headers, body, now).map(|delivery| assert_eq!(delivery.id, ID))
    }

    #[test]
    fn svixs_vector_is_signed_and_verified() {
        let secret = Secret::parse(SECRET).unwrap();
        assert_eq!(secret.sign(ID, TIMESTAMP, BODY), SIGNATURE);
        for vendor in VENDORS {
            let several = format!("v1a,abc v1,AAAA {SIGNATURE} v2,x");
            for signature in [SIGNATURE, &several] {
                assert_eq!(check(&headers(vendor, signature), BODY, TIMESTAMP), Ok(()));
            }
        }
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn what_is_altered_late_early_or_unsigned_is_not_taken() {
        let right = headers("svix", SIGNATURE);
        assert_eq!(check(&right, b"{}", TIMESTAMP), Err(Invalid::Signature));
        for signature in ["", "v1,", "v2,tZ1I4", "tZ1I4/hDygAJ", "v1,AAAA"] {
            let wrong = headers("svix", signature);
            assert_eq!(check(&wrong, BODY, TIMESTAMP), Err(Invalid::Signature), "{signature}");
            let claim = Claim::read(&wrong, TIMESTAMP);
            assert_eq!(
                claim.unwrap_err(),
                Invalid::Signature,
                "known without the body: {signature}"
            );
        }
        assert_eq!(check(&right, BODY, TIMESTAMP + TOLERANCE), Ok(()));
        assert_eq!(check(&right, BODY, TIMESTAMP + TOLERANCE + 1), Err(Invalid::TooOld));
        assert_eq!(check(&right, BODY, TIMESTAMP - TOLERANCE), Ok(()));
        assert_eq!(check(&right, BODY, TIMESTAMP - TOLERANCE - 1), Err(Invalid::TooNew));
        for end in ["id", "timestamp", "signature"] {
            let mut lacking = right.clone();
            lacking.remove(format!("svix-{end}"));
            assert_eq!(check(&lacking, BODY, TIMESTAMP), Err(Invalid::Header(end)));
        }
        let mut odd = right.clone();
        odd.insert("svix-timestamp", "soon".parse().unwrap());
        assert_eq!(check(&odd, BODY, TIMESTAMP), Err(Invalid::Header("timestamp")));
        // Another id or time is signed with it.
        let mut other = right;
        other.insert("svix-id", "msg_2".parse().unwrap());
        let secrets = [Secret::parse(SECRET).unwrap()];
        assert_eq!(verify(&secrets, &other, BODY, TIMESTAMP), Err(Invalid::Signature));
    }

    #[test]
    fn an_invalid_secret_is_refused() {
        assert_eq!(Secret::parse("whsec_ä").unwrap_err(), InvalidSecret::NotBase64);
        assert_eq!(Secret::parse("whsec_YWJj").unwrap_err(), InvalidSecret::TooShort);
    }
}
