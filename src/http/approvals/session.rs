//! Who is signed in to the page, and the cookies that say so.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, header::COOKIE};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use crate::{http::oauth::random, principal::Principal};

/// How long a session lasts.
const LASTS: Duration = Duration::from_hours(1);
/// How many there are at most; the oldest make room.
const MOST: usize = 1_000;

/// Somebody who is signed in.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) person: Principal,
    /// What each form of the session must have.
    token: String,
    until: Instant,
}

/// The sessions, by the random texts in their cookies. They end with the process.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

/// How cookies are written and read.
#[derive(Clone, Copy)]
pub(super) struct Cookies {
    /// Whether the page is at an https URL.
    pub(super) are_secure: bool,
}

impl Session {
    /// A session that begins now.
    pub(super) fn new(person: Principal) -> Option<Self> {
        Some(Self { person, token: random()?, until: Instant::now() + LASTS })
    }

    pub(super) fn form_token(&self) -> &str {
        &self.token
    }

    pub(super) fn has_form_token(&self, given: &str) -> bool {
        bool::from(given.as_bytes().ct_eq(self.token.as_bytes()))
    }
}

impl Sessions {
    /// Keeps a session. Returns the text for its cookie.
    pub(super) fn open(&self, session: Session) -> Option<String> {
        let id = random()?;
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.until > Instant::now());
        if sessions.len() >= MOST {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.until);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(id.clone(), session);
        Some(id)
    }

    pub(super) fn get(&self, id: &str) -> Option<Session> {
        self.lock().get(id).filter(|session| session.until > Instant::now()).cloned()
    }

    pub(super) fn close(&self, session: &Session) {
        self.lock().retain(|_, other| other.token != session.token);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cookies {
    pub(super) fn session(self, id: &str) -> String {
        self.write("clerk-mcp-session", id, LASTS)
    }

    pub(super) fn no_session(self) -> String {
        self.write("clerk-mcp-session", "", Duration::ZERO)
    }

    /// The attempt to sign in that this browser makes.
    pub(super) fn sign_in(self, sealed: &str, time: Duration) -> String {
        self.write("clerk-mcp-sign-in", sealed, time)
    }

    pub(super) fn read_session(self, headers: &HeaderMap) -> Option<String> {
        self.read("clerk-mcp-session", headers)
    }

    pub(super) fn read_sign_in(self, headers: &HeaderMap) -> Option<String> {
        self.read("clerk-mcp-sign-in", headers)
    }

    /// With `__Host-`, no other host and no page without TLS can set it.
    fn name(self, name: &str) -> String {
        if self.are_secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// `Lax`, since the issuer's page leads here.
    fn write(self, name: &str, value: &str, time: Duration) -> String {
        let (name, seconds) = (self.name(name), time.as_secs());
        let secure = if self.are_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    fn read(self, name: &str, headers: &HeaderMap) -> Option<String> {
        let name = self.name(name);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
        pairs.find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name && !value.is_empty()).then(|| value.to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_session_lasts_an_hour_and_the_oldest_makes_room() {
        let sessions = Sessions::default();
        let open = || sessions.open(Session::new(Principal::default()).unwrap()).unwrap();
        let first = open();
        tokio::time::advance(Duration::from_secs(1)).await;
        let ids: Vec<String> = (1..MOST).map(|_| open()).collect();
        assert!(sessions.get(&first).is_some());
        open();
        assert!(sessions.get(&first).is_none() && sessions.get(&ids[0]).is_some());
        assert_eq!(sessions.lock().len(), MOST);
        sessions.close(&sessions.get(&ids[0]).unwrap());
        assert!(sessions.get(&ids[0]).is_none());
        tokio::time::advance(LASTS).await;
        assert!(sessions.get(&ids[1]).is_none());
        assert!(sessions.get("").is_none());
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers
            .append(COOKIE, "a=1; xclerk-mcp-session=no; clerk-mcp-session=yes".parse().unwrap());
        headers.append(COOKIE, "__Host-clerk-mcp-session=secure".parse().unwrap());
        let read = |are_secure| Cookies { are_secure }.read_session(&headers);
        assert_eq!(read(false).as_deref(), Some("yes"));
        assert_eq!(read(true).as_deref(), Some("secure"));
        let written = Cookies { are_secure: true }.session("x");
        let expected = "__Host-clerk-mcp-session=x; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; \
                        Secure";
        assert_eq!(written, expected);
    }
}
