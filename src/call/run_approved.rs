//! Making a call that a second person has approved: with its own arguments, as if it were called again.

use clerk_api::SecretKey;
use serde_json::{Map, Value};

use super::{
    Call,
    record::{Record, Refused},
    run_by_name::named,
    second_person,
};
use crate::{
    Error,
    approvals::Approval,
    guard::Denial,
    tool::{Exec, Local, Tool, param::Role},
};

impl<'a> Call<'a> {
    /// The call that waits as the approval that the arguments name, if this is the call of the tool that
    /// makes such calls.
    ///
    /// # Errors
    /// That tool is off, or the caller asked for no such approval.
    pub(super) async fn approved(
        self,
        arguments: Map<String, Value>,
    ) -> Result<(Call<'a>, Map<String, Value>), Refused> {
        if !matches!(self.tool.exec, Exec::Local(Local::RunApproved)) {
            return Ok((self, arguments));
        }
        let approval = match self.own(arguments.clone()).await {
            Ok(approval) => approval,
            Err(error) => return Err(Record::new(&self, &arguments, None).refused(error)),
        };
        let Some((toolset, tool)) = named(&approval.ask.tool) else {
            let error = Error::Internal("the tool of an approval is missing");
            return Err(Record::new(&self, &arguments, None).refused(error));
        };
        let mut given = approval.ask.given;
        let reason = Tool::META.iter().find(|param| param.role == Role::Reason);
        if let (Some(param), Some(reason)) = (reason, approval.ask.reason) {
            given.insert(param.name(), reason.into());
        }
        let call = Call { toolset, tool, is_by_name: true, approval: Some(approval.id), ..self };
        Ok((call, given))
    }

    /// The approval of the caller's own that the arguments name.
    async fn own(&self, mut arguments: Map<String, Value>) -> Result<Approval, Error> {
        let selection = &self.server.guard.selection;
        if let Some(off) = selection.off(self.toolset, self.tool, self.is_live()) {
            return Err(off.denial(self.toolset, self.tool).into());
        }
        for param in Tool::META {
            arguments.shift_remove(&param.name());
        }
        let arguments = self.tool.check(arguments).map_err(Error::Arguments)?.arguments;
        let id = self.tool.of_role(Role::Approval, &arguments).and_then(Value::as_str);
        let id = id.unwrap_or_default();
        let found = second_person::file(self)?.get(id).await;
        let found = found.map_err(|error| second_person::unusable(&error))?;
        let is_own = |approval: &Approval| approval.ask.is_by(&self.caller.principal);
        // Whether another person has one with this ID isn't revealed.
        let own = found.filter(is_own).ok_or_else(|| {
            Denial::new(
                "approval_not_yours",
                format!("{id} isn't an approval that you asked for"),
                "Nothing was sent to Clerk. clerk_list_approvals lists yours.",
            )
        })?;
        if own.ask.instance != self.ctx.key().ok().map(SecretKey::fingerprint) {
            return Err(second_person::foreign(id).into());
        }
        Ok(own)
    }
}
