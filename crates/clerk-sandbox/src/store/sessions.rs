//! The sessions, found by id or by user.

use std::collections::HashMap;

use super::{RESOURCE_NOT_FOUND, Refusal};
use crate::model::{Session, Status};

#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    by_user: HashMap<String, Vec<Session>>,
    /// The id of the user of each session.
    users: HashMap<String, String>,
}

impl Sessions {
    pub(crate) fn add(&mut self, session: Session) {
        self.users.insert(session.id.clone(), session.user_id.clone());
        match self.by_user.get_mut(&session.user_id) {
            Some(sessions) => {
                // Most users have one to three, and there may be very many users.
                sessions.reserve_exact(1);
                sessions.push(session);
            }
            None => {
                self.by_user.insert(session.user_id.clone(), vec![session]);
            }
        }
    }

    /// All sessions, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Session> {
        self.by_user.values().flatten()
    }

    pub(crate) fn of_user(&self, user_id: &str) -> &[Session] {
        self.by_user.get(user_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn get(&self, id: &str) -> Result<&Session, Refusal> {
        let user_id = self.users.get(id).ok_or_else(missing)?;
        self.of_user(user_id).iter().find(|session| session.id == id).ok_or_else(missing)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Result<&mut Session, Refusal> {
        let user_id = self.users.get(id).ok_or_else(missing)?;
        let sessions = self.by_user.get_mut(user_id).into_iter().flatten();
        sessions.into_iter().find(|session| session.id == id).ok_or_else(missing)
    }

    /// Revokes all sessions of a user, and returns those that weren't over yet.
    pub(super) fn revoke_of_user(&mut self, user_id: &str, now: i64) -> Vec<Session> {
        let sessions = self.by_user.get_mut(user_id).into_iter().flatten();
        let alive = sessions.filter(|session| session.status.is_alive());
        let revoke = |session: &mut Session| {
            session.end(Status::Revoked, now);
            session.clone()
        };
        alive.map(revoke).collect()
    }

    /// All sessions, in no order.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.by_user.values_mut().flatten()
    }

    pub(super) fn remove_user(&mut self, user_id: &str) {
        for session in self.by_user.remove(user_id).into_iter().flatten() {
            self.users.remove(&session.id);
        }
    }
}

fn missing() -> Refusal {
    RESOURCE_NOT_FOUND.because("Session not found").into()
}
