//! The cookies by which a browser stays signed in.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::refusal::Refusal;
use crate::store::Store;
use crate::time::SECOND;
use crate::tokens::{self, Caller};

const ATTRIBUTES: &str = "Path=/; SameSite=Lax; Max-Age=31536000";
const GONE: &str = "Path=/; SameSite=Lax; Max-Age=0";

/// By what a refresh token begins; the session's id follows.
const REFRESH_TOKEN: &str = "sandbox_refresh_token_";

/// By what the nonce of a handshake begins; the session's id follows, and the page's origin.
const NONCE: &str = "sandbox_handshake_nonce_";

/// Whether this is the refresh token of the session.
pub(crate) fn is_refresh_token(token: &str, session_id: &str) -> bool {
    token.strip_prefix(REFRESH_TOKEN) == Some(session_id)
}

/// The nonce with which an application at this origin learns the cookies of a session; an empty id
/// is that of nobody.
pub(crate) fn nonce(session_id: &str, origin: &str) -> String {
    format!("{NONCE}{session_id}.{}", BASE64_URL_SAFE_NO_PAD.encode(origin))
}

/// The id of the session that a nonce is for, and the origin, if it has one.
pub(crate) fn read_nonce(nonce: &str) -> Option<(&str, Option<String>)> {
    let rest = nonce.strip_prefix(NONCE)?;
    let (session_id, origin) = rest.split_once('.').unwrap_or((rest, ""));
    let origin = BASE64_URL_SAFE_NO_PAD.decode(origin).ok()?;
    let origin = String::from_utf8(origin).ok().filter(|origin| !origin.is_empty());
    Some((session_id, origin))
}

/// The cookies that a handshake sets: those of the session, or those of nobody if it is over.
pub(crate) fn of_handshake(
    store: &mut Store,
    session_id: &str,
    caller: &Caller,
) -> Result<Vec<String>, Refusal> {
    let is_alive = store.sessions.get(session_id).is_ok_and(|session| session.status.is_alive());
    if is_alive { of_session(store, session_id, caller, true) } else { Ok(of_nobody()) }
}

/// The cookies of a session, as the values of `Set-Cookie`. Suffixed ones tell applications on one
/// host apart.
pub(crate) fn of_session(
    store: &mut Store,
    session_id: &str,
    caller: &Caller,
    with_suffixes: bool,
) -> Result<Vec<String>, Refusal> {
    let token = tokens::of_session(store, session_id, caller, tokens::LIFETIME)?;
    let since = store.sessions.get(session_id)?.created_at / SECOND;
    let suffix = format!("_{}", suffix(&caller.publishable_key()));
    let suffixes = [Some(""), with_suffixes.then_some(suffix.as_str())];
    let cookies = suffixes.into_iter().flatten().flat_map(|suffix| {
        // The last is what a development instance knows the browser by.
        [
            format!("__client_uat{suffix}={since}; {ATTRIBUTES}"),
            format!("__refresh{suffix}={REFRESH_TOKEN}{session_id}; {ATTRIBUTES}"),
            format!("__session{suffix}={token}; {ATTRIBUTES}"),
            format!("__clerk_db_jwt{suffix}={token}; {ATTRIBUTES}"),
        ]
    });
    Ok(cookies.collect())
}

/// The cookies of a browser that nobody is signed in with.
fn of_nobody() -> Vec<String> {
    vec![
        format!("__client_uat=0; {ATTRIBUTES}"),
        format!("__session=; {GONE}"),
        format!("__refresh=; {GONE}"),
    ]
}

/// The first characters of the hash of a publishable key.
fn suffix(publishable_key: &str) -> String {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, publishable_key.as_bytes());
    let hash = BASE64_STANDARD.encode(hash).replace('+', "-").replace('/', "_");
    hash.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `getCookieSuffix` of `@clerk/shared` has it.
    #[test]
    fn the_suffix_is_that_of_the_sdk() {
        assert_eq!(suffix("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"), "l2OS3d9k");
    }
}
