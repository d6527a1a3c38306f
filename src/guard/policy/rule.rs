//! One rule: its conditions, and whether a call meets them.

use std::fmt;

use super::{EXPORT, call::RuledCall, domain::Domain, hours::Hours, per_hour::PerHour};
use crate::principal::Who;

/// What a rule does with a call that it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Allow,
    Deny,
}

/// One of the operator's rules.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) action: Action,
    pub(super) reason: Option<String>,
    pub(super) conditions: Conditions,
    /// Only if the rule allows.
    pub(super) per_hour: PerHour,
    /// Who must approve the call, if a second person must. Only if the rule allows.
    pub(super) second_person: Option<SecondPerson>,
}

/// What a rule demands of the second person who approves a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SecondPerson {
    /// Who may approve; whoever the policy lets make the call themselves if it is empty.
    pub(crate) approvers: Vec<Who>,
}

/// The conditions, of which all must hold. An empty list is a condition that the rule does not
/// have.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) who: Vec<Who>,
    pub(super) tools: Vec<String>,
    pub(super) toolsets: Vec<String>,
    pub(super) effects: Vec<String>,
    pub(super) metadata_keys: Vec<String>,
    pub(super) hours: Vec<Hours>,
    pub(super) organizations: Vec<String>,
    pub(super) email_domains: Vec<Domain>,
}

/// Whether a rule fits a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    /// The first condition that does not hold.
    No(String),
    /// It depends on this, which must be read from Clerk.
    Open(&'static str),
}

/// Which calls of one tool by one person a rule may fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    None,
    Some,
    All,
}

impl Rule {
    /// Whether all conditions hold. Those that need no look at Clerk come first.
    pub(super) fn fits(&self, call: &RuledCall) -> Fit {
        let [who, tool, toolset, effect] = self.fits_tool(call);
        let fits = [
            who,
            tool,
            toolset,
            effect,
            self.metadata_keys(call),
            at(call, &self.conditions.hours),
            self.organizations(call),
            self.email_domains(call),
        ];
        let mut open = None;
        for fit in fits {
            match fit {
                Fit::Yes => {}
                Fit::No(_) => return fit,
                Fit::Open(_) => open = open.or(Some(fit)),
            }
        }
        open.unwrap_or(Fit::Yes)
    }

    /// Whether the conditions on who calls which tool hold: they are the same for all its calls.
    fn fits_tool(&self, call: &RuledCall) -> [Fit; 4] {
        let Conditions { who, tools, toolsets, effects, .. } = &self.conditions;
        [
            one_of_these(call, who),
            self.tool(call, tools),
            one_of("toolset", call.toolset, toolsets),
            effect(call, effects),
        ]
    }

    /// Whether it fits some call of a tool by a person, and whether it fits them all.
    pub(super) fn reach(&self, call: &RuledCall) -> Reach {
        if self.fits_tool(call).iter().any(|fit| *fit != Fit::Yes) {
            return Reach::None;
        }
        let Conditions { metadata_keys, hours, organizations, email_domains, .. } =
            &self.conditions;
        let is_free = metadata_keys.is_empty()
            && hours.is_empty()
            && organizations.is_empty()
            && email_domains.is_empty();
        if is_free { Reach::All } else { Reach::Some }
    }

    /// Whether it restricts calls: it denies them, or demands a second person. Such a rule fits if any
    /// value of a call is in its list, so that a second value doesn't get around it.
    fn restricts(&self) -> bool {
        self.action == Action::Deny || self.second_person.is_some()
    }

    /// A rule that restricts a tool restricts the one that does the same to many.
    fn tool(&self, call: &RuledCall, tools: &[String]) -> Fit {
        if self.restricts() && tools.iter().any(|tool| tool == call.many_of) {
            return Fit::Yes;
        }
        one_of("tool", call.tool, tools)
    }

    fn metadata_keys(&self, call: &RuledCall) -> Fit {
        let keys = &self.conditions.metadata_keys;
        let look = (!call.known.dropped && call.replaces_metadata)
            .then_some("the metadata that the call replaces");
        self.set("metadata key", &call.metadata_keys, keys, |key, written| key == written, look)
    }

    fn organizations(&self, call: &RuledCall) -> Fit {
        let ids = &self.conditions.organizations;
        let look = (!call.known.organizations).then_some("the organizations of the call's target");
        self.set("organization", &call.organizations, ids, |id, named| id == named, look)
    }

    fn email_domains(&self, call: &RuledCall) -> Fit {
        let domains = &self.conditions.email_domains;
        let look = (!call.known.emails).then_some("the emails of the call's target");
        let may_lack_one = !domains.is_empty() && call.known.emails;
        if !self.restricts() && may_lack_one && call.lacks_email {
            return Fit::No("the person has no email".to_owned());
        }
        self.set("email domain", &call.email_domains, domains, Domain::has, look)
    }

    /// A condition on several values. A rule that restricts asks for any of them, another one for all,
    /// and for at least one. `look` is what may add further values.
    fn set<T: fmt::Display>(
        &self,
        what: &str,
        values: &[String],
        listed: &[T],
        has: impl Fn(&T, &str) -> bool,
        look: Option<&'static str>,
    ) -> Fit {
        if listed.is_empty() {
            return Fit::Yes;
        }
        let is_listed = |value: &&String| listed.iter().any(|one| has(one, value));
        match (self.restricts(), values.iter().find(|value| !is_listed(value)), look) {
            (true, ..) if values.iter().any(|value| is_listed(&value)) => Fit::Yes,
            (true, _, None) => Fit::No(format!("no {what} is {}", or(listed))),
            (false, Some(other), _) => {
                Fit::No(format!("{what} {} is not {}", other.escape_debug(), or(listed)))
            }
            (false, None, None) if values.is_empty() => Fit::No(format!("there is no {what}")),
            (false, None, None) => Fit::Yes,
            (_, _, Some(look)) => Fit::Open(look),
        }
    }

    /// Whether it is certain that this rule fits every call that `later` fits: each of its
    /// conditions is one of `later` too, with the same list or a longer one.
    pub(super) fn covers(&self, later: &Self) -> bool {
        let (one, other) = (&self.conditions, &later.conditions);
        // Any of a list is less than all of it.
        let is_weaker = self.restricts() || !later.restricts();
        let set = |is_free: bool, holds: bool| is_free || (is_weaker && holds);
        within(&one.who, &other.who)
            && within(&one.tools, &other.tools)
            && within(&one.toolsets, &other.toolsets)
            && within(&one.effects, &other.effects)
            && within(&one.hours, &other.hours)
            && set(one.metadata_keys.is_empty(), within(&one.metadata_keys, &other.metadata_keys))
            && set(one.organizations.is_empty(), within(&one.organizations, &other.organizations))
            && set(one.email_domains.is_empty(), within(&one.email_domains, &other.email_domains))
    }
}

/// An export is a read too: what forbids the one forbids the other.
fn effect(call: &RuledCall, listed: &[String]) -> Fit {
    if call.exports && listed.iter().any(|one| one == EXPORT) {
        return Fit::Yes;
    }
    one_of("effect", call.effect, listed)
}

fn one_of_these(call: &RuledCall, listed: &[Who]) -> Fit {
    if listed.is_empty() || listed.iter().any(|who| who.fits(call.principal)) {
        return Fit::Yes;
    }
    Fit::No(format!("the call is made for {}, not {}", call.principal, or(listed)))
}

fn one_of(what: &str, value: &str, listed: &[String]) -> Fit {
    if listed.is_empty() || listed.iter().any(|one| one == value) {
        return Fit::Yes;
    }
    Fit::No(format!("{what} is {value}, not {}", or(listed)))
}

fn at(call: &RuledCall, hours: &[Hours]) -> Fit {
    if hours.is_empty() || hours.iter().any(|hours| hours.contains(call.time)) {
        return Fit::Yes;
    }
    Fit::No(format!("it is {}, not {}", call.time.strftime("%a %H:%M"), or(hours)))
}

fn or(listed: &[impl fmt::Display]) -> String {
    listed.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// Whether each value in `inner` is in `outer`. An empty list stands for all values.
fn within<T: PartialEq>(outer: &[T], inner: &[T]) -> bool {
    outer.is_empty() || (!inner.is_empty() && inner.iter().all(|value| outer.contains(value)))
}
