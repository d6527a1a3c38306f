//! What a second person decides, from the page or from the command line: checked in one place.

use serde_json::Map;

use super::{Approval, Approvals, ApprovalsError, State};
use crate::{
    audit::{Audit, AuditError, Write},
    principal::Principal,
};

/// What a second person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They approve.
    Approve,
    /// They reject, for this reason.
    Reject(String),
}

/// Why a decision doesn't hold. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such approval.
    #[error("there is no approval {0}")]
    Unknown(String),
    /// It isn't pending any more.
    #[error("approval {id} is {}; only a pending one can be decided on", state.word())]
    NotPending {
        /// Its ID.
        id: String,
        /// Its state.
        state: State,
    },
    /// The person asked for the call themselves, or may be who did.
    #[error("a second person must decide: {0} asked for this call, or may be who did")]
    Own(String),
    /// The person isn't one of those who may approve.
    #[error("{0} isn't one of those who may decide on this call")]
    NotAllowed(String),
    /// The file can't be read or written.
    #[error(transparent)]
    Store(#[from] ApprovalsError),
    /// Every decision must be in the audit log first.
    #[error("every decision must be in the audit log first, and {0}")]
    Audit(#[from] AuditError),
    /// The thread that writes the audit log failed.
    #[error("the audit log has stopped")]
    Stopped,
}

impl Approvals {
    /// Decides on a pending approval. It is in the audit log first, if there is one. Returns the approval
    /// as it is then.
    ///
    /// # Errors
    /// The person may not decide on it, it isn't pending, or a file can't be written.
    pub async fn decide(
        &self,
        id: &str,
        by: &Principal,
        decision: Decision,
        audit: Option<&Audit>,
    ) -> Result<Approval, DecideError> {
        let unknown = || DecideError::Unknown(id.to_owned());
        let approval = self.get(id).await?.ok_or_else(unknown)?;
        if approval.ask.may_be_by(by) {
            return Err(DecideError::Own(by.to_string()));
        }
        if !approval.ask.lets_approve(by) {
            return Err(DecideError::NotAllowed(by.to_string()));
        }
        let not_pending = |state| DecideError::NotPending { id: id.to_owned(), state };
        if approval.state != State::Pending {
            return Err(not_pending(approval.state));
        }
        let (is_approved, why) = match decision {
            Decision::Approve => (true, None),
            Decision::Reject(why) => (false, Some(why)),
        };
        if let Some(audit) = audit.cloned() {
            let write = decided(&approval, by, why.clone());
            let log = move || audit.decide(is_approved, &write);
            let logged = tokio::task::spawn_blocking(log).await;
            logged.map_err(|_| DecideError::Stopped)??;
        }
        let settled = self.settle(id, by.clone(), is_approved, why.clone()).await;
        if let (Ok(false) | Err(_), Some(audit)) = (&settled, audit.cloned()) {
            // The log has a decision that doesn't hold: it says so.
            let write = decided(&approval, by, why);
            let log = move || audit.void(&write);
            let logged = tokio::task::spawn_blocking(log).await;
            if let Ok(Err(error)) = logged {
                tracing::error!(%error, "the audit log lacks that a decision didn't hold");
            }
        }
        let is_settled = settled?;
        let after = self.get(id).await?.ok_or_else(unknown)?;
        if is_settled { Ok(after) } else { Err(not_pending(after.state)) }
    }
}

/// What the audit log says of a decision.
fn decided(approval: &Approval, by: &Principal, why: Option<String>) -> Write {
    let ask = &approval.ask;
    Write {
        principal: Some(by.clone()),
        key: if ask.key == "live" { "live" } else { "test" },
        instance: ask.instance.clone(),
        tool: ask.tool.clone(),
        effect: "decision".to_owned(),
        target: ask.target.clone(),
        arguments: ask.arguments.clone(),
        identified: Map::new(),
        reason: why,
        rule: ask.rule.clone(),
        approval: Some(approval.id.clone()),
        ..Write::default()
    }
}
