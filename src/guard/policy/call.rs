//! What a call is about: what its arguments say, and what a look at Clerk adds.

use jiff::{civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value};

use crate::{
    principal::Principal,
    tool::{Tool, handle::Handle, kind::Kind, reference::Reference},
};

/// A call that is to be decided on: what its arguments say.
#[derive(Clone, Debug, Default)]
pub struct Subject<'a> {
    /// Who it is made for.
    pub principal: Principal,
    /// The tool's name.
    pub tool: &'a str,
    /// The name of the tool that does the same to one object, if there is one. A rule that denies
    /// that tool denies this one.
    pub many_of: &'a str,
    /// The name of the tool's toolset.
    pub toolset: &'a str,
    /// `read`, `write` or `destructive`.
    pub effect: String,
    /// Whether it writes its result to a file.
    pub exports: bool,
    /// The email addresses that it names.
    pub emails: Vec<String>,
    /// The organizations that it names.
    pub organizations: Vec<String>,
    /// The top-level keys of the metadata that it writes.
    pub metadata_keys: Vec<String>,
    /// Whether it writes metadata that may replace what is there.
    pub replaces_metadata: bool,
}

impl<'a> Subject<'a> {
    /// What the checked arguments of a call say.
    pub(crate) fn of(
        principal: &Principal,
        toolset: &'a str,
        tool: &'a Tool,
        arguments: &Map<String, Value>,
    ) -> Self {
        let named = tool.named(arguments);
        let emails = named.addresses.iter().filter(|address| address.is_email);
        // Rules know organizations by their ids: one that isn't looked up yet may be any.
        let organizations = named
            .references
            .iter()
            .filter(|reference| reference.is(Kind::Organization) && reference.handle.is_none());
        let keys = named.metadata.iter().flat_map(|written| written.metadata.keys());
        Self {
            principal: principal.clone(),
            tool: tool.name,
            many_of: tool.many_of,
            toolset,
            effect: tool.effect.to_string(),
            exports: false,
            emails: emails.map(|address| address.text.to_owned()).collect(),
            organizations: organizations.map(|reference| reference.id.to_owned()).collect(),
            metadata_keys: keys.cloned().collect(),
            replaces_metadata: named.metadata.iter().any(|written| !written.merges),
        }
    }

    /// The same call, about each person alone that its arguments name by an email address; itself if
    /// there is none. Whoever has the address has it among their own.
    pub(crate) fn of_each(
        principal: &Principal,
        toolset: &'a str,
        tool: &'a Tool,
        arguments: &Map<String, Value>,
    ) -> Vec<Self> {
        let subject = Self::of(principal, toolset, tool, arguments);
        let named = tool.named(arguments);
        let of = |reference: &Reference| {
            let mut subject = subject.clone();
            subject.emails.push(reference.id.to_owned());
            subject
        };
        let is_address = |reference: &&Reference| reference.handle == Some(Handle::Email);
        let each: Vec<Self> = named.references.iter().filter(is_address).map(of).collect();
        if each.is_empty() { vec![subject] } else { each }
    }
}

/// What a look at Clerk adds about one target of a call. Empty if the call has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// All emails of the target, verified or not.
    pub emails: Vec<String>,
    /// The ids of all organizations of the target. If an argument names an organization by its
    /// slug, its id too.
    pub organizations: Vec<String>,
    /// The keys of the target's metadata that the call drops, since it replaces them whole.
    pub metadata_keys: Vec<String>,
    /// Whether they are a person's, who may have no email.
    pub is_person: bool,
    /// Whether there may be more emails, since Clerk's response can't be read.
    pub emails_are_unknown: bool,
    /// Whether more keys may be dropped, since Clerk's response can't be read.
    pub metadata_is_unknown: bool,
}

/// A call, in the form that rules look at.
#[derive(Debug)]
pub(super) struct RuledCall<'a> {
    pub(super) principal: &'a Principal,
    pub(super) tool: &'a str,
    pub(super) many_of: &'a str,
    pub(super) toolset: &'a str,
    pub(super) effect: &'a str,
    pub(super) exports: bool,
    /// By the operator's clock.
    pub(super) time: DateTime,
    pub(super) metadata_keys: Vec<String>,
    /// Whether metadata that is there may be dropped.
    pub(super) replaces_metadata: bool,
    pub(super) organizations: Vec<String>,
    /// What follows the `@`, in lowercase.
    pub(super) email_domains: Vec<String>,
    /// Whether it is about a person without any email.
    pub(super) lacks_email: bool,
    pub(super) known: Known,
}

/// What is known in full: without a look at Clerk there may be more of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) organizations: bool,
    pub(super) emails: bool,
    /// The metadata keys that are dropped.
    pub(super) dropped: bool,
}

impl<'a> RuledCall<'a> {
    pub(super) fn new(
        subject: &'a Subject<'a>,
        facts: Option<&Facts>,
        now: jiff::Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let facts_or = |of: fn(&Facts) -> &[String]| facts.map(of).unwrap_or_default().iter();
        let emails = subject.emails.iter().chain(facts_or(|facts| &facts.emails));
        let organizations =
            subject.organizations.iter().chain(facts_or(|facts| &facts.organizations));
        let dropped = facts_or(|facts| &facts.metadata_keys).filter(|_| subject.replaces_metadata);
        let keys = subject.metadata_keys.iter().chain(dropped);
        Self {
            principal: &subject.principal,
            tool: subject.tool,
            many_of: subject.many_of,
            toolset: subject.toolset,
            effect: &subject.effect,
            exports: subject.exports,
            time: zone.to_datetime(now),
            metadata_keys: keys.cloned().collect(),
            replaces_metadata: subject.replaces_metadata,
            organizations: organizations.cloned().collect(),
            email_domains: emails.map(|email| domain(email)).collect(),
            lacks_email: facts.is_some_and(|facts| facts.is_person && facts.emails.is_empty()),
            known: Known {
                organizations: facts.is_some(),
                emails: facts.is_some_and(|facts| !facts.emails_are_unknown),
                dropped: facts.is_some_and(|facts| !facts.metadata_is_unknown),
            },
        }
    }
}

/// What follows the `@`. Without an `@`, the whole text, which is in no list.
fn domain(email: &str) -> String {
    let domain = email.rsplit('@').next().unwrap_or_default();
    domain.trim().trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_clerk_adds_to_what_the_call_says() {
        let facts = Facts {
            emails: vec!["b@Two.com".to_owned(), "odd".to_owned()],
            organizations: vec!["org_2".to_owned()],
            ..Facts::default()
        };
        let subject = Subject {
            emails: vec![" a@one.com.".to_owned(), "a@".to_owned()],
            organizations: vec!["org_1".to_owned()],
            ..Subject::default()
        };
        let call =
            |facts| RuledCall::new(&subject, facts, jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        let whole = call(Some(&facts));
        assert_eq!(whole.email_domains, ["one.com", "", "two.com", "odd"]);
        assert_eq!(whole.organizations, ["org_1", "org_2"]);
        assert_eq!(whole.known, Known { organizations: true, emails: true, dropped: true });
        assert_eq!(call(None).known, Known { organizations: false, emails: false, dropped: false });
        let facts = Facts { emails_are_unknown: true, is_person: true, ..Facts::default() };
        let known = Known { organizations: true, emails: false, dropped: true };
        assert_eq!(call(Some(&facts)).known, known);
        assert!(call(Some(&facts)).lacks_email && !whole.lacks_email);
    }
}
