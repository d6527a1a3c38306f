//! What an operator does with a server that runs: gives it another policy, and asks whether it can work.

use super::Server;
use crate::{
    guard::{Guard, Policy},
    journal::{End, Inverse, State},
};

/// No change has this number: its end writes nothing, and fails if the journal can't be written.
const NO_CHANGE: i64 = 0;

impl Server {
    /// Whether there is a policy.
    #[must_use]
    pub fn has_policy(&self) -> bool {
        self.inner.policy.get().is_some()
    }

    /// Puts another policy in the place of the one there is. What was counted stays counted for rules
    /// of the same name and limit; calls under way go on by the old one.
    pub fn replace_policy(&self, mut policy: Policy) {
        if let Some(old) = &*self.inner.policy.get() {
            policy.keep_counts(old);
        }
        self.inner.policy.set(Some(policy));
    }

    /// Whether a write could be logged now: in the audit log and in the journal, of which each may be
    /// missing.
    pub(crate) async fn can_log(&self) -> (Option<bool>, Option<bool>) {
        let Guard { audit, journal, .. } = &self.inner.guard;
        let audit = match audit.clone() {
            Some(audit) => {
                let checked = tokio::task::spawn_blocking(move || audit.check()).await;
                Some(checked.is_ok_and(|checked| checked.is_ok()))
            }
            None => None,
        };
        let (state, inverse) = (State::Failed, Inverse::None(String::new()));
        let end = End { state, target: None, fields: Vec::new(), inverse };
        let journal = match journal {
            Some(journal) => Some(journal.end(NO_CHANGE, end).await.is_ok()),
            None => None,
        };
        (audit, journal)
    }
}
