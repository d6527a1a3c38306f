//! What an agent can do about a failure. A hint names a tool only if the agent can call it, and never
//! the one that just failed.

mod finders;
mod refused;

use clerk_api::{ConnectFailure, Error as ApiError};

pub(super) use self::finders::{Finder, finder};
use self::refused::refused;
use super::{Call, Inner};
use crate::{
    Error,
    catalog::{Toolset, operations},
    guard::DisabledReason,
    journal::change_id,
    principal::Principal,
    tool::{
        Tool,
        kind::Kind,
        param::{Param, Relation, Type},
    },
};

const CORRECT: &str = "Nothing was sent to Clerk. Correct the arguments and call again.";
const UNCHANGED: &str = "Nothing was changed. Try again.";
const REPORT: &str = "Please report it with what you called.";
const NO_API: &str = "CLERK_API_URL seems not to be the address of Clerk's Backend API: a person must \
                      check it.";

/// Which tools a hint may name: those that the agent can call, but not the one that failed.
pub(super) struct Nameable<'a> {
    pub(super) server: &'a Inner,
    /// Who calls: what the policy denies them isn't named.
    pub(super) principal: &'a Principal,
    pub(super) toolset: &'static Toolset,
    pub(super) failed: &'static Tool,
    pub(super) is_live: bool,
}

impl Call<'_> {
    /// Which tools may be named to who calls, other than this one.
    pub(super) fn nameable(&self, failed: &'static Tool) -> Nameable<'_> {
        let Self { server, toolset, caller, .. } = self;
        let (principal, is_live) = (&caller.principal, self.is_live());
        Nameable { server, principal, toolset, failed, is_live }
    }
}

impl Nameable<'_> {
    /// How a tool is named that can be called, be it by another one.
    pub(super) fn name(&self, name: &str) -> Option<String> {
        self.call_of(name)?.ok()
    }

    /// How a tool is called, or why it can't be. `None` if it is the one that failed, or the policy denies
    /// it to who calls.
    fn call_of(&self, name: &str) -> Option<Result<String, DisabledReason>> {
        let (toolset, tool) = self.server.find(name).filter(|_| name != self.failed.name)?;
        if !self.server.offers(toolset, tool, self.principal) {
            return None;
        }
        let selection = &self.server.guard.selection;
        let Some(off) = selection.off(toolset, tool, self.is_live) else {
            return Some(Ok(tool.name.to_owned()));
        };
        let runner = operations::runner(tool);
        let is_reached = runner.name != self.failed.name
            && self.server.is_reached(tool, self.is_live)
            && selection.off_by_name(tool, self.is_live).is_none();
        Some(if is_reached {
            Ok(format!("{} with operation {}", runner.name, tool.name))
        } else {
            Err(selection.off_by_name(tool, self.is_live).unwrap_or(off))
        })
    }

    /// The sentence with the tools in braces named, or `None` if one of them can't be. It must hold
    /// nothing that others wrote.
    pub(super) fn fill(&self, sentence: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            filled.push_str(before);
            filled.push_str(&self.name(name)?);
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// The sentences that can be said.
    pub(super) fn said(&self, sentences: &[&str]) -> String {
        let said = sentences.iter().filter_map(|sentence| match *sentence {
            "{find}" => Some(self.find(None)).filter(|find| !find.is_empty()),
            "{list}" => self.list(),
            sentence => self.fill(sentence),
        });
        said.collect::<Vec<_>>().join(" ")
    }

    /// How to find what the failed tool's arguments name, or the one argument that Clerk complains of.
    fn find(&self, wire: Option<&str>) -> String {
        let kinds = named_kinds(self.failed, wire);
        let found: Vec<String> = kinds.into_iter().filter_map(|kind| self.found(kind)).collect();
        if found.is_empty() { self.list().unwrap_or_default() } else { found.join(" ") }
    }

    /// How an object of a kind is found.
    fn found(&self, kind: Kind) -> Option<String> {
        let noun = kind.noun();
        match finder(kind) {
            Finder::Elsewhere(sentence) => Some(sentence.to_owned()),
            Finder::Tool(tool, by) => Some(match self.call_of(tool)? {
                Ok(call) if by.is_empty() => format!("To find {noun}, call {call}."),
                Ok(call) => format!("To find {noun}, call {call} (by {by})."),
                Err(off) => format!("{tool}, which finds {noun}, is off: {}.", off.why()),
            }),
        }
    }

    /// How to find what the failed tool makes, if its toolset lists such things.
    fn list(&self) -> Option<String> {
        let (_, tool) = self.server.find(self.toolset.find)?;
        if !tool.result.is_paged() {
            return None;
        }
        self.fill(&format!("To find it, call {{{}}}.", tool.name))
    }

    /// How to see whether a write took place.
    fn look(&self) -> String {
        self.name(self.failed.verify_with).map_or_else(
            || "look in the Clerk Dashboard".to_owned(),
            |tool| format!("look with {tool}"),
        )
    }
}

/// What to do about the error; `is_read` if nothing can have been changed.
pub(super) fn hint(error: &Error, is_read: bool, nameable: &Nameable<'_>) -> String {
    match error {
        Error::InDoubt { change, error } => {
            let kept = nameable.name("clerk_list_changes");
            let kept =
                kept.map(|tool| format!(" As it was before: {tool}, {}.", change_id(*change)));
            format!("{}{}", hint(error, is_read, nameable), kept.unwrap_or_default())
        }
        Error::HalfDone { error, .. } if error.leaves_in_doubt() => {
            format!("The metadata may have been replaced all the same: {} first.", nameable.look())
        }
        Error::HalfDone { .. } => "To finish, call again with the metadata only.".to_owned(),
        error if error.leaves_in_doubt() && !is_read => {
            format!("It may have happened all the same: {} before you repeat it.", nameable.look())
        }
        Error::Arguments(errors) => {
            let finds = errors.iter().filter_map(|error| nameable.fill(error.find?));
            std::iter::once(CORRECT.to_owned()).chain(finds.take(1)).collect::<Vec<_>>().join(" ")
        }
        Error::NotIdentified(errors) => {
            let finds = errors.iter().filter_map(|error| nameable.fill(error.find?));
            let unchanged = std::iter::once("Nothing was changed.".to_owned());
            unchanged.chain(finds.take(1)).collect::<Vec<_>>().join(" ")
        }
        Error::Clerk { hint: Some(hint), .. } => hint.clone(),
        Error::Clerk { error, .. } => hint_of_clerk(error, nameable),
        Error::Denied(denial) => denial.hint.clone(),
        Error::Busy => "Nothing was sent to Clerk. Make fewer calls at once.".to_owned(),
        Error::Key(_) => "Nothing was sent to Clerk. A person must set CLERK_SECRET_KEY (or \
             CLERK_SECRET_KEY_FILE) for clerk-mcp and restart it; the key is in the Clerk \
             Dashboard under API keys. With --sandbox it runs without a key."
            .to_owned(),
        Error::Stopped => UNCHANGED.to_owned(),
        Error::NotOneUser { ids, .. } if ids.is_empty() => nameable
            .fill(
                "Find the user with {clerk_list_users}: its query takes a part of an email or a \
                 name.",
            )
            .unwrap_or_else(|| "Call again with another address, or with the userId.".to_owned()),
        Error::NotOneUser { .. } => "Call again with the userId of the one you mean.".to_owned(),
        Error::Beforehand(error) => hint(error, true, nameable),
        Error::Events(_) => {
            "Clerk was not asked; a person must look at the file of --events.".to_owned()
        }
        Error::Journal(_) => {
            "Clerk was not asked; a person must look at the file of --journal.".to_owned()
        }
        Error::Internal(_) => REPORT.to_owned(),
    }
}

fn hint_of_clerk(error: &ApiError, nameable: &Nameable<'_>) -> String {
    match error {
        ApiError::Refused(refusal) => refused(refusal, nameable),
        ApiError::InvalidId(_) => CORRECT.to_owned(),
        ApiError::RateLimit { wait, .. } => format!(
            "Nothing was sent to Clerk. Wait {} s before you call again.",
            wait.as_secs_f64().ceil()
        ),
        ApiError::Unreachable(unreachable) => {
            format!("Nothing was sent to Clerk. {}", unreached(unreachable.cause).for_agent())
        }
        ApiError::Timeout(_) | ApiError::Interrupted(_) | ApiError::Cancelled => {
            UNCHANGED.to_owned()
        }
        ApiError::Unreadable { .. } => {
            "Nothing was changed. Check CLERK_API_URL if it stays so.".to_owned()
        }
        ApiError::Internal(_) => REPORT.to_owned(),
    }
}

/// What a person can do about a connection that failed.
#[derive(Clone, Copy, Debug)]
pub struct Remedy {
    /// Whether it may pass by itself.
    pub may_pass: bool,
    /// What to do, as a clause.
    pub what: &'static str,
}

/// What to do about a connection that failed at this step.
#[must_use]
pub const fn unreached(cause: ConnectFailure) -> Remedy {
    let (may_pass, what) = match cause {
        ConnectFailure::Name => {
            (false, "check CLERK_API_URL, and that this machine can look up names")
        }
        ConnectFailure::Refused => (true, "check CLERK_API_URL and the firewall"),
        ConnectFailure::Timeout | ConnectFailure::Other => {
            (true, "check the network, the proxy and CLERK_API_URL")
        }
        ConnectFailure::Proxy => (
            false,
            "check HTTPS_PROXY and NO_PROXY in the environment of clerk-mcp, and what the proxy \
             allows",
        ),
        ConnectFailure::Certificate => (
            false,
            "set SSL_CERT_FILE to a PEM file with the certificate authority of the network's proxy, \
             if one reads TLS; if not, check CLERK_API_URL and the clock of this machine",
        ),
        ConnectFailure::Authorities => (
            false,
            "let SSL_CERT_FILE name a PEM file with certificates, or unset it, and install the \
             system's certificates (the package ca-certificates)",
        ),
    };
    Remedy { may_pass, what }
}

impl Remedy {
    /// The same for an agent, as a sentence.
    fn for_agent(self) -> String {
        let Self { may_pass, what } = self;
        if may_pass {
            format!("Try again later; if it stays so, a person must {what}.")
        } else {
            format!("A person must {what}.")
        }
    }

    /// The same for the person, as a clause.
    #[must_use]
    pub fn for_person(self) -> String {
        let Self { may_pass, what } = self;
        if may_pass { format!("try again later; if it stays so, {what}") } else { what.to_owned() }
    }
}

/// The kinds of the ids that a tool's arguments name: of this argument, if it is one, else those that
/// a call must have, or if there are none, those that it may have.
fn named_kinds(tool: &Tool, wire: Option<&str>) -> Vec<Kind> {
    let ids = || tool.arguments().filter_map(|param| Some((param, kinds_of(&param.ty)?)));
    let of = |fits: &dyn Fn(&Param) -> bool| {
        let mut kinds: Vec<Kind> = Vec::new();
        for (_, of_param) in ids().filter(|(param, _)| fits(param)) {
            kinds.extend(of_param.iter().filter(|kind| !kinds.contains(kind)).collect::<Vec<_>>());
        }
        kinds
    };
    let named = of(&|param| Some(param.wire) == wire);
    let required = of(&|param| param.required);
    let choices = [named, required, of(&|_| true)];
    choices.into_iter().find(|kinds| !kinds.is_empty()).unwrap_or_default()
}

/// The kinds of ids that a type holds, other than those that only narrow a list.
fn kinds_of(ty: &Type) -> Option<&'static [Kind]> {
    match ty {
        Type::Id { relation: Relation::Filter, .. } => None,
        Type::Id { kinds, .. } => Some(kinds),
        Type::List { of, .. } => kinds_of(of),
        _ => None,
    }
}
