//! Calls that a token with more scopes would be let through with: the client can get one and call again.

use std::time::Instant;

use serde_json::{Map, Value};

use super::{Caller, Server, parse::Parsed, run::log, select::Selected};
use crate::{
    guard::Policy,
    tool::{Exec, Local},
};

impl Server {
    /// The scopes that the policy's rules ask for.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let policy = self.inner.policy.get();
        policy.iter().flat_map(Policy::scopes).map(str::to_owned).collect()
    }

    /// The scopes that may make somebody a second person: those that rules ask of one, and those with
    /// which the policy may let them make the call themselves.
    pub(crate) fn approver_scopes(&self) -> Vec<String> {
        let policy = self.inner.policy.get();
        let asked = policy.iter().flat_map(Policy::approver_scopes).map(str::to_owned);
        let mut scopes: Vec<String> = asked.chain(self.scopes()).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// The scopes that alone keep somebody from a call, as far as its arguments show without a look at
    /// Clerk. If there are any, the call is refused, and logged as such; otherwise it is still to be
    /// made, and nothing has happened.
    pub(crate) async fn refuse_for_scopes(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: &Caller,
    ) -> Vec<String> {
        let Some((toolset, tool)) = self.inner.find(name) else { return Vec::new() };
        // The policy decides on the call that was approved, and not on the tool that makes it.
        let makes_approved = matches!(tool.exec, Exec::Local(Local::RunApproved));
        if makes_approved || self.scopes().is_empty() {
            return Vec::new();
        }
        let began = Instant::now();
        let call = self.begin(toolset, tool, caller);
        let ctx = call.ctx.clone();
        // Whatever else is wrong with the call is for the call itself to say.
        let Ok((call, arguments)) = call.by_name(arguments) else { return Vec::new() };
        let tool = call.tool;
        let screened = Selected::new(call, arguments).and_then(Selected::parse);
        let Err(refused) = screened.and_then(Parsed::screen) else { return Vec::new() };
        let scopes = refused.scopes().to_vec();
        if !scopes.is_empty() {
            log(tool, &Err(refused.log().await), &ctx, caller, began);
        }
        scopes
    }
}
