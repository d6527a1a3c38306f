//! Reading one rule of a policy file.

use std::{fmt, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Placed, Reader, in_order};
use crate::{
    guard::policy::{
        EXPORT,
        domain::{Domain, InvalidDomain},
        hours::{Hours, InvalidHours},
        names::UnknownName,
        per_hour::PerHour,
        rule::{Action, Conditions, Rule, SecondPerson},
    },
    principal::{UnknownWho, Who},
};

const KEYS: [&str; 15] = [
    "name",
    "action",
    "reason",
    "who",
    "tools",
    "toolsets",
    "effects",
    "organizations",
    "email_domains",
    "metadata_keys",
    "hours",
    "per_hour",
    "per_hour_each",
    "approval",
    "approvers",
];
/// The value of `approval`.
const SECOND_PERSON: &str = "second-person";
const EFFECTS: [&str; 4] = ["read", "write", "destructive", EXPORT];

/// Why a string can't be in a list of a rule.
#[derive(Debug, thiserror::Error)]
enum ValueError {
    /// It isn't a string.
    #[error("`{key}` must be a list of strings in quotes")]
    NotAString { key: String },
    /// The name doesn't exist.
    #[error(transparent)]
    Name(#[from] UnknownName),
    #[error("`{0}` can't be the id of an organization, which is as `org_…`")]
    OrganizationId(String),
    #[error("a metadata key can't be empty")]
    MetadataKey,
    #[error(transparent)]
    Who(#[from] UnknownWho),
    #[error(transparent)]
    Domain(#[from] InvalidDomain),
    #[error(transparent)]
    Hours(#[from] InvalidHours),
}

/// What was read of a rule so far.
#[derive(Default)]
struct Draft {
    name: Option<String>,
    action: Option<Action>,
    reason: Option<(Range<usize>, String)>,
    conditions: Conditions,
    per_hour: Option<(Range<usize>, u32)>,
    per_hour_each: Option<(Range<usize>, u32)>,
    /// Where a second person is demanded.
    approval: Option<Range<usize>>,
    approvers: Option<(Range<usize>, Vec<Who>)>,
}

impl Reader<'_> {
    /// One rule; `None` if it has a mistake. `names` are those of the rules before, with lines.
    pub(super) fn rule(
        &mut self,
        item: &Spanned<DeValue>,
        names: &mut Vec<(String, usize)>,
    ) -> Option<Placed> {
        let before = self.mistakes.len();
        let place = item.span();
        let Some(table) = item.get_ref().as_table() else {
            self.refuse(&place, "a rule is a table: begin it with `[[rules]]`");
            return None;
        };
        let draft = self.draft(table, names);
        for (key, example) in [("name", "no deletions"), ("action", "deny")] {
            if !table.contains_key(key) {
                let message = format!("the rule has no {key}: add one as `{key} = \"{example}\"`");
                self.refuse(&place, message);
            }
        }
        self.check(&draft);
        if self.mistakes.len() > before {
            return None;
        }
        let Draft { name, action, reason, conditions, per_hour, per_hour_each, .. } = draft;
        let Draft { approval, approvers, .. } = draft;
        let reason = reason.map(|(_, reason)| reason);
        let limit = |given: Option<(_, u32)>| given.map(|(_, limit)| limit);
        let per_hour = PerHour::new(limit(per_hour), limit(per_hour_each));
        let approvers = approvers.map(|(_, approvers)| approvers).unwrap_or_default();
        let second_person = approval.map(|_| SecondPerson { approvers });
        let (name, action) = (name?, action?);
        let rule = Rule { name, action, reason, conditions, per_hour, second_person };
        Some(Placed { line: self.line(&place), rule })
    }

    fn draft(&mut self, table: &DeTable, names: &mut Vec<(String, usize)>) -> Draft {
        let mut draft = Draft::default();
        let when = &mut draft.conditions;
        for (key, value) in in_order(table) {
            let known = self.known;
            let name = key.get_ref().as_ref();
            match name {
                "name" => draft.name = self.name(value, names),
                "action" => draft.action = self.action(value),
                "reason" => {
                    let reason = self.line_of_text(name, value);
                    draft.reason = reason.map(|reason| (key.span(), reason));
                }
                "who" => when.who = self.list(name, value, str::parse::<Who>),
                "tools" => {
                    let hint = "`clerk-mcp tools` lists them";
                    when.tools =
                        self.list(name, value, |tool| one_of("tool", tool, &known.tools, hint));
                }
                "toolsets" => {
                    let hint = format!("there are {}", known.toolsets.join(", "));
                    when.toolsets = self.list(name, value, |toolset| {
                        one_of("toolset", toolset, &known.toolsets, &hint)
                    });
                }
                "effects" => {
                    let hint = "there are read, write, destructive, export";
                    when.effects =
                        self.list(name, value, |effect| one_of("effect", effect, &EFFECTS, hint));
                }
                "organizations" => when.organizations = self.list(name, value, id),
                "email_domains" => when.email_domains = self.list(name, value, Domain::parse),
                "metadata_keys" => when.metadata_keys = self.list(name, value, metadata_key),
                "hours" => when.hours = self.list(name, value, Hours::parse),
                "per_hour" => {
                    draft.per_hour = self.per_hour(name, value).map(|limit| (key.span(), limit));
                }
                "per_hour_each" => {
                    draft.per_hour_each =
                        self.per_hour(name, value).map(|limit| (key.span(), limit));
                }
                "approval" => draft.approval = self.approval(value).then(|| key.span()),
                "approvers" => {
                    let approvers = self.list(name, value, str::parse::<Who>);
                    draft.approvers = Some((key.span(), approvers));
                }
                other => self.unknown_key(key, other, &KEYS),
            }
        }
        draft
    }

    /// What the parts of a rule say about each other.
    fn check(&mut self, draft: &Draft) {
        let Draft { action, reason, per_hour, per_hour_each, approval, approvers, .. } = draft;
        match (action, approval, approvers) {
            (Some(Action::Deny), Some(place), _) => {
                let message = "`approval` is for rules that allow; this one denies";
                self.refuse(place, message);
            }
            (_, None, Some((place, _))) => {
                let message = "`approvers` needs `approval = \"second-person\"`";
                self.refuse(place, message);
            }
            _ => {}
        }
        let limits = [("per_hour", per_hour), ("per_hour_each", per_hour_each)];
        if *action == Some(Action::Deny) {
            for (key, limit) in limits {
                if let Some((place, _)) = limit {
                    let message = format!("`{key}` is for rules that allow; this one denies");
                    self.refuse(place, message);
                }
            }
        }
        if let (Some(Action::Allow), Some((place, _)), None) = (action, reason, approval)
            && limits.iter().all(|(_, limit)| limit.is_none())
        {
            let message = "`reason` is never shown: a rule that allows refuses a call only by \
                           `per_hour` or `per_hour_each`, or until a second person approves it";
            self.refuse(place, message);
        }
    }

    fn name(
        &mut self,
        value: &Spanned<DeValue>,
        names: &mut Vec<(String, usize)>,
    ) -> Option<String> {
        let name = self.line_of_text("name", value)?;
        if let Some((_, line)) = names.iter().find(|(other, _)| *other == name) {
            let message = format!("the rule in line {line} is named `{name}` too");
            self.refuse(&value.span(), message);
            return None;
        }
        names.push((name.clone(), self.line(&value.span())));
        Some(name)
    }

    /// Whether a second person must approve; nothing else can be asked for.
    fn approval(&mut self, value: &Spanned<DeValue>) -> bool {
        let is_known = value.get_ref().as_str() == Some(SECOND_PERSON);
        if !is_known {
            self.refuse(&value.span(), "`approval` must be \"second-person\"");
        }
        is_known
    }

    fn per_hour(&mut self, key: &str, value: &Spanned<DeValue>) -> Option<u32> {
        let number = value.get_ref().as_integer();
        let number =
            number.and_then(|digits| u32::from_str_radix(digits.as_str(), digits.radix()).ok());
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            let message = format!(
                "`{key}` must be a whole number of at least 1; what is never allowed is for a rule \
                 that denies"
            );
            self.refuse(&value.span(), message);
        }
        number
    }

    /// A list of strings, each parsed. Leaves out those that are wrong.
    fn list<T: fmt::Display + PartialEq, E: Into<ValueError>>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        let Some(items) = value.get_ref().as_array() else {
            self.refuse(&value.span(), format!("`{key}` must be a list, as `{key} = [\"…\"]`"));
            return list;
        };
        if items.is_empty() {
            let message = format!("`{key}` is empty, so the rule would fit nothing: leave it out");
            self.refuse(&value.span(), message);
        }
        for item in items {
            let read = match item.get_ref().as_str() {
                Some(text) => read(text).map_err(Into::into),
                None => Err(ValueError::NotAString { key: key.to_owned() }),
            };
            match read {
                Ok(value) if list.contains(&value) => {
                    self.refuse(&item.span(), format!("`{value}` is twice in `{key}`"));
                }
                Ok(value) => list.push(value),
                Err(error) => self.refuse(&item.span(), error.to_string()),
            }
        }
        list
    }
}

fn one_of(
    what: &'static str,
    name: &str,
    known: &[&str],
    hint: &str,
) -> Result<String, UnknownName> {
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(UnknownName::new(what, name, known.iter().copied(), hint))
}

fn id(text: &str) -> Result<String, ValueError> {
    let is_in_ids = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=255).contains(&text.len()) && text.bytes().all(is_in_ids) {
        return Ok(text.to_owned());
    }
    Err(ValueError::OrganizationId(text.to_owned()))
}

fn metadata_key(text: &str) -> Result<String, ValueError> {
    if text.is_empty() { Err(ValueError::MetadataKey) } else { Ok(text.to_owned()) }
}
