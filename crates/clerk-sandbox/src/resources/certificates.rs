//! The certificates of identity providers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::time::parse_rfc3339;

/// The tags of DER that stand before the validity of a certificate.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A certificate as Clerk shows it: its text without PEM's first and last line, and its validity.
pub(super) fn shown(pem: &str) -> Value {
    let (issued_at, expires_at) = validity(pem).unzip();
    json!({ "certificate": bare(pem), "issued_at": issued_at, "expires_at": expires_at })
}

/// From when until when a certificate is valid, if it can be read.
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>
pub(super) fn validity(pem: &str) -> Option<(i64, i64)> {
    let der = STANDARD.decode(bare(pem)).ok()?;
    let (_, certificate, _) = read(&der)?;
    let (_, mut fields, _) = read(certificate)?;
    if let Some((VERSION, _, rest)) = read(fields) {
        fields = rest;
    }
    // The serial number, the signature's algorithm and the issuer.
    for _ in 0..3 {
        fields = read(fields)?.2;
    }
    let (SEQUENCE, validity, _) = read(fields)? else { return None };
    let (tag, from, rest) = read(validity)?;
    let (last_tag, until, _) = read(rest)?;
    Some((time(tag, from)?, time(last_tag, until)?))
}

/// Keeps a list and the older field, its first certificate, alike: whichever was changed counts.
pub(super) fn settle(saml: &mut Map<String, Value>, before: Option<&Value>) {
    let was = |name: &str| before.and_then(|before| before.get(name));
    let list = saml.get("idp_certificates").filter(|list| Some(*list) != was("idp_certificates"));
    let first = list.and_then(|list| list.get(0)).cloned();
    let is_listed = list.is_some();
    let one = saml.get("idp_certificate").filter(|one| Some(*one) != was("idp_certificate"));
    if is_listed {
        saml.insert("idp_certificate".to_owned(), first.unwrap_or_default());
    } else if let Some(one) = one.cloned() {
        let list: Vec<_> = Some(one).filter(|one| !one.is_null()).into_iter().collect();
        saml.insert("idp_certificates".to_owned(), list.into());
    }
}

fn bare(pem: &str) -> String {
    pem.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect()
}

/// The first value of DER: its tag, its content, and what follows.
fn read(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f).min(9))?;
        let length = bytes.iter().try_fold(0_usize, |length, byte| {
            length.checked_mul(256)?.checked_add(usize::from(*byte))
        })?;
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// A time such as `261127120000Z`, or with a year of four digits, as Unix milliseconds.
fn time(tag: u8, content: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(content).ok()?;
    let text = match tag {
        // Years from 50 on are of the last century.
        UTC_TIME if text >= "50" => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |start: usize| text.get(start..start + 2);
    let (year, month, day) = (text.get(..4)?, part(4)?, part(6)?);
    let (hour, minute, second) = (part(8)?, part(10)?, part(12)?);
    parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}
