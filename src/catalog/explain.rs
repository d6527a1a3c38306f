//! Why a person can't sign in: facts of several of Clerk's resources, each with its source and the
//! tool that changes it. What could not be looked at is named.

mod account;
mod attempts;
mod cause;
mod factors;
mod identifier;
mod lists;
mod nobody;
mod read;
mod rows;
mod sso;
#[cfg(test)]
mod tests;
mod view;
mod wire;

use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::{cause::Cause, read::Known, view::Report};
use crate::{
    Ctx, Error,
    tool::{
        Effect, Exec, Output, ResultKind, Running, Tool,
        kind::Kind,
        param::{Relation, Rule, id, login},
        values::typed,
    },
};

pub(super) const TOOL: Tool = Tool::new(
    "clerk_explain_sign_in",
    "Explain sign-in",
    "Explain why a person can't sign in: causes with their source and the tool that changes each, \
     what blocks first, and what could not be checked. For people with and without an account. \
     Changes nothing.",
    Effect::Read,
    Exec::Composite { run, rest: None },
)
.takes(&[&[
    id("user_id", &[Kind::User], Relation::Target).about("The user's ID, such as user_2ab."),
    login("identifier", Relation::Target).about(
        "What they sign in with: email address, phone number or username, such as \
         ada@example.com.",
    ),
]])
.rules(&[Rule::One(&["user_id", "identifier"])])
.returns(&view::REPORT)
.result(ResultKind::Report, &crate::tool::TOTAL);

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExplainSignIn {
    user_id: Option<String>,
    identifier: Option<String>,
}

fn run(arguments: Map<String, Value>, clerk: Ctx) -> Running {
    explain(arguments, clerk).boxed()
}

/// Only the search for the user must succeed. What else can't be read is named as not checked.
async fn explain(arguments: Map<String, Value>, clerk: Ctx) -> Result<Output, Error> {
    let wanted: ExplainSignIn = typed(arguments)?;
    let now = jiff::Timestamp::now().as_millisecond();
    let known = Known::read(&clerk, wanted.user_id, wanted.identifier.as_deref(), now).await?;
    Output::composed(&TOOL, &Report::of(&known), known.notes.clone())
}

/// That a phone number was given as nobody has it.
fn trunk_zero(known: &Known) -> Option<Cause> {
    let (given, number) = (known.with_zero.as_ref()?, known.identifier.as_ref()?);
    let cause = Cause::of(&rows::TRUNK_ZERO).with("given", given.text());
    Some(cause.with("identifier", number.text()))
}

/// All that keeps the person out, or may, in no order.
fn causes(known: &Known) -> Vec<Cause> {
    let of_user = known.user.iter().flat_map(|user| {
        let account = account::causes(user, known);
        account.into_iter().chain(factors::causes(user)).chain(attempts::of_sessions(known))
    });
    of_user
        .chain(trunk_zero(known))
        .chain(nobody::causes(known))
        .chain(lists::causes(known))
        .chain(sso::causes(known))
        .chain(attempts::causes(known))
        .collect()
}
