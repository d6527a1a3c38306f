//! What the page shows a second person, and their decision.

use clerk_api::SecretKey;

use crate::{
    approvals::{Approval, Approvals, ApprovalsError, DecideError, Decision, Filter},
    guard::policy::Subject,
    principal::Principal,
};

use super::{Caller, Inner, Server, run_by_name::named};

impl Server {
    /// Where calls wait for a second person.
    pub(crate) fn approvals(&self) -> Option<&Approvals> {
        self.inner.guard.approvals.as_ref()
    }

    /// The calls that somebody asked for, or may decide on: those that wait first, then the newest.
    ///
    /// # Errors
    /// The file can't be read.
    pub(crate) async fn approvals_for(
        &self,
        person: &Principal,
    ) -> Result<Vec<Approval>, ApprovalsError> {
        let Some(approvals) = self.approvals() else { return Ok(Vec::new()) };
        let filter = Filter { instance: self.instance(), ..Filter::default() };
        let mut listed = approvals.list(filter).await?;
        listed.retain(|approval| self.inner.shows(approval, person));
        Ok(listed)
    }

    /// One of those.
    ///
    /// # Errors
    /// The file can't be read.
    pub(crate) async fn approval_for(
        &self,
        id: &str,
        person: &Principal,
    ) -> Result<Option<Approval>, ApprovalsError> {
        let Some(approvals) = self.approvals() else { return Ok(None) };
        let found = approvals.get(id).await?;
        let is_shown = |approval: &Approval| {
            approval.ask.instance == self.instance() && self.inner.shows(approval, person)
        };
        Ok(found.filter(is_shown))
    }

    /// Whether somebody may decide on a call, as far as it is known without a look at Clerk.
    pub(crate) fn may_decide(&self, approval: &Approval, person: &Principal) -> bool {
        self.inner.may_decide(approval, person)
    }

    /// Decides on a call that waits.
    ///
    /// # Errors
    /// The person may not decide on it, it doesn't wait any more, or a file can't be written.
    pub(crate) async fn decide(
        &self,
        id: &str,
        person: &Principal,
        decision: Decision,
    ) -> Result<Approval, DecideError> {
        let unknown = || DecideError::Unknown(id.to_owned());
        let approvals = self.approvals().ok_or_else(unknown)?;
        let approval = self.approval_for(id, person).await?.ok_or_else(unknown)?;
        let is_anybodys = approval.ask.approvers.iter().any(Vec::is_empty);
        if is_anybodys
            && !approval.ask.may_be_by(person)
            && !self.lets_call(&approval, person).await
        {
            return Err(DecideError::NotAllowed(person.to_string()));
        }
        approvals.decide(id, person, decision, self.inner.guard.audit.as_ref()).await
    }

    fn instance(&self) -> Option<String> {
        self.inner.clerk.begin(None).key().ok().map(SecretKey::fingerprint)
    }

    /// Whether the policy would let somebody make the call themselves, with each step of it, approval
    /// apart.
    async fn lets_call(&self, approval: &Approval, person: &Principal) -> bool {
        let Some((toolset, tool)) = named(&approval.ask.tool) else { return false };
        let caller = Caller { principal: person.clone(), ..Caller::default() };
        let mut call = self.begin(toolset, tool, &caller);
        call.is_by_name = true;
        let mut preview = None;
        if tool.is_bulk() {
            match call.preview(&approval.ask.arguments).await {
                Ok(made) => preview = Some(made),
                Err(_) => return false,
            }
        }
        let checked = call.check_whole(approval.ask.given.clone(), preview.as_ref());
        Box::pin(checked).await.is_ok()
    }
}

impl Inner {
    fn shows(&self, approval: &Approval, person: &Principal) -> bool {
        approval.ask.is_by(person) || self.may_decide(approval, person)
    }

    fn may_decide(&self, approval: &Approval, person: &Principal) -> bool {
        let ask = &approval.ask;
        if !ask.lets_approve(person) {
            return false;
        }
        let Some((toolset, tool)) = named(&ask.tool) else { return false };
        let is_anybodys = ask.approvers.iter().any(Vec::is_empty);
        let subject = || Subject::of(person, toolset.name, tool, &serde_json::Map::new());
        let policy = self.policy.get();
        !is_anybodys || policy.as_ref().as_ref().is_none_or(|policy| policy.offers(&subject()))
    }
}
