//! Sealed tokens: what an approval is bound to travels with the client and comes back unaltered.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

/// Why a token can't be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsealed {
    /// It was sealed too long ago.
    Expired,
    /// It was not sealed with this secret in this context.
    Foreign,
}

#[derive(Deserialize, Serialize)]
struct Sealed<T> {
    /// Until when it holds, in Unix milliseconds.
    until: u64,
    claims: T,
}

/// A token that holds `claims` for as long as `valid`, bound to `context`. They can be read, but not
/// altered, without the secret.
pub(crate) fn seal<T: Serialize>(
    secret: &[u8],
    context: &[u8],
    claims: T,
    valid: Duration,
) -> Option<String> {
    let until = now().saturating_add(u64::try_from(valid.as_millis()).ok()?);
    let body = serde_json::to_vec(&Sealed { until, claims }).ok()?;
    let tag = mac(secret, context, &body)?.finalize().into_bytes();
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    Some(format!("{}.{}", encode(&body), encode(&tag)))
}

/// The claims that a token holds.
///
/// # Errors
/// Why it doesn't hold.
pub(crate) fn open<T: DeserializeOwned>(
    secret: &[u8],
    context: &[u8],
    token: &str,
) -> Result<T, Unsealed> {
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Unsealed::Foreign);
    let (body, tag) = token.split_once('.').ok_or(Unsealed::Foreign)?;
    let (body, tag) = (decode(body)?, decode(tag)?);
    let mac = mac(secret, context, &body).ok_or(Unsealed::Foreign)?;
    mac.verify_slice(&tag).map_err(|_| Unsealed::Foreign)?;
    let sealed: Sealed<T> = serde_json::from_slice(&body).map_err(|_| Unsealed::Foreign)?;
    if sealed.until < now() { Err(Unsealed::Expired) } else { Ok(sealed.claims) }
}

fn mac(secret: &[u8], context: &[u8], body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    // Each with its length, so that no context runs into the body.
    for part in [context, body] {
        mac.update(&u64::try_from(part.len()).ok()?.to_be_bytes());
        mac.update(part);
    }
    Some(mac)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_with_its_secret_and_context_until_it_expires() {
        let valid = Duration::from_mins(5);
        let token = seal(b"secret", b"context", 7, valid).unwrap();
        assert_eq!(open::<u32>(b"secret", b"context", &token), Ok(7));
        assert_eq!(open::<u32>(b"other", b"context", &token), Err(Unsealed::Foreign));
        assert_eq!(open::<u32>(b"secret", b"other", &token), Err(Unsealed::Foreign));
        for garbled in ["", ".", "a.b", "%%", &token[1..], &format!("{token}A")] {
            assert_eq!(open::<u32>(b"secret", b"context", garbled), Err(Unsealed::Foreign));
        }
        let body = Sealed { until: 1, claims: 7 };
        let body = serde_json::to_vec(&body).unwrap();
        let tag = mac(b"secret", b"context", &body).unwrap().finalize().into_bytes();
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let expired = format!("{}.{}", encode(&body), encode(&tag));
        assert_eq!(open::<u32>(b"secret", b"context", &expired), Err(Unsealed::Expired));
    }
}
