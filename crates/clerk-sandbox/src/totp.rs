//! The codes of authenticator apps (RFC 6238): six digits, 30 seconds, SHA-1.

use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

use crate::time::SECOND;

/// How many digits a code has.
pub(crate) const DIGITS: usize = 6;

/// How long a code is shown, in milliseconds.
const PERIOD: i64 = 30 * SECOND;

/// Whether this is the code of the secret, in base32, at this time or one period earlier or later.
pub(crate) fn accepts(secret: &str, code: &str, now: i64) -> bool {
    let Some(secret) = decode_base32(secret) else { return false };
    [-PERIOD, 0, PERIOD].into_iter().any(|skew| code_at(&secret, now + skew) == code)
}

/// The bytes of a secret, or `None` if it isn't base32.
pub(crate) fn decode_base32(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').to_ascii_uppercase();
    let mut bits = 0_u32;
    let mut length = 0;
    let mut bytes = Vec::new();
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(value);
        length += 5;
        if length >= 8 {
            length -= 8;
            bytes.push(u8::try_from(bits >> length & 0xff).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

fn code_at(secret: &[u8], now: i64) -> String {
    let counter = now.div_euclid(PERIOD).to_be_bytes();
    let mac = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret), &counter);
    let mac = mac.as_ref();
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 0xf);
    let number = mac.iter().skip(offset).take(4).fold(0, |all, byte| all << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, whose eight digits end with our six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, seconds * SECOND), code);
        }
    }

    #[test]
    fn a_neighboring_code_is_accepted_and_no_other() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (at, accepted) in [(59, true), (89, true), (29, true), (90, false), (0, true)] {
            assert_eq!(accepts(secret, "287082", at * SECOND), accepted, "{at}");
        }
        assert!(!accepts("not base32!", "287082", 59 * SECOND));
    }

    #[test]
    fn base32_may_be_padded_and_in_lower_case() {
        assert_eq!(decode_base32("mzxw6ytboi======").unwrap(), b"foobar");
        assert_eq!(decode_base32("MZXW6YTBOI").unwrap(), b"foobar");
        assert_eq!(decode_base32("1"), None);
        assert_eq!(decode_base32(""), None);
    }
}
