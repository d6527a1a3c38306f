//! Reading one rule of a policy file.

use std::{fmt, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Placed, Reader, in_order, unknown};
use crate::guard::{
    hourly::Hourly,
    policy::{
        domain::Domain,
        hours::Hours,
        rule::{Action, Conditions, Rule},
    },
};

const KEYS: [&str; 11] = [
    "name",
    "action",
    "reason",
    "tools",
    "toolsets",
    "effects",
    "organizations",
    "email_domains",
    "metadata_keys",
    "hours",
    "per_hour",
];
const EFFECTS: [&str; 3] = ["read", "write", "destructive"];

/// What was read of a rule so far.
#[derive(Default)]
struct Draft {
    name: Option<String>,
    action: Option<Action>,
    reason: Option<(Range<usize>, String)>,
    conditions: Conditions,
    per_hour: Option<(Range<usize>, u32)>,
}

impl Reader<'_> {
    /// One rule; `None` where it has a mistake. `names` are those of the rules before, with lines.
    pub(super) fn rule(
        &mut self,
        item: &Spanned<DeValue>,
        names: &mut Vec<(String, usize)>,
    ) -> Option<Placed> {
        let before = self.mistakes.len();
        let place = item.span();
        let Some(table) = item.get_ref().as_table() else {
            self.refuse(&place, "a rule is a table: begin it with `[[rules]]`".to_owned());
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
        let Draft { name, action, reason, conditions, per_hour } = draft;
        let reason = reason.map(|(_, reason)| reason);
        let per_hour = per_hour.map(|(_, limit)| Hourly::new(limit));
        let rule = Rule { name: name?, action: action?, reason, conditions, per_hour };
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
                "tools" => {
                    let hint = "`clerk-mcp tools` lists them";
                    when.tools =
                        self.list(name, value, |it| one_of("tool", it, &known.tools, hint));
                }
                "toolsets" => {
                    let hint = format!("there are {}", known.toolsets.join(", "));
                    when.toolsets =
                        self.list(name, value, |it| one_of("toolset", it, &known.toolsets, &hint));
                }
                "effects" => {
                    let hint = "there are read, write, destructive";
                    when.effects =
                        self.list(name, value, |it| one_of("effect", it, &EFFECTS, hint));
                }
                "organizations" => when.organizations = self.list(name, value, id),
                "email_domains" => when.email_domains = self.list(name, value, Domain::parse),
                "metadata_keys" => when.metadata_keys = self.list(name, value, metadata_key),
                "hours" => when.hours = self.list(name, value, Hours::parse),
                "per_hour" => draft.per_hour = self.per_hour(value).map(|it| (key.span(), it)),
                other => self.unknown_key(key, other, &KEYS),
            }
        }
        draft
    }

    /// What the parts of a rule say about each other.
    fn check(&mut self, draft: &Draft) {
        let Draft { action, reason, per_hour, .. } = draft;
        match (action, reason, per_hour) {
            (Some(Action::Deny), _, Some((place, _))) => {
                let message = "`per_hour` is for rules that allow; this one denies";
                self.refuse(place, message.to_owned());
            }
            (Some(Action::Allow), Some((place, _)), None) => {
                let message = "`reason` is never told: a rule that allows refuses a call only by \
                               `per_hour`";
                self.refuse(place, message.to_owned());
            }
            _ => {}
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

    fn per_hour(&mut self, value: &Spanned<DeValue>) -> Option<u32> {
        let number = value.get_ref().as_integer();
        let number = number.and_then(|it| u32::from_str_radix(it.as_str(), it.radix()).ok());
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            let message = "`per_hour` must be a whole number of at least 1; what is never allowed \
                           is for a rule that denies";
            self.refuse(&value.span(), message.to_owned());
        }
        number
    }

    /// A list of texts, each made into what it stands for. Without what is wrong in it.
    fn list<T: fmt::Display + PartialEq>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue>,
        read: impl Fn(&str) -> Result<T, String>,
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
                Some(text) => read(text),
                None => Err(format!("`{key}` must be a list of texts in quotes")),
            };
            match read {
                Ok(it) if list.contains(&it) => {
                    self.refuse(&item.span(), format!("`{it}` is twice in `{key}`"));
                }
                Ok(it) => list.push(it),
                Err(message) => self.refuse(&item.span(), message),
            }
        }
        list
    }
}

fn one_of(what: &str, name: &str, known: &[&str], hint: &str) -> Result<String, String> {
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(unknown(what, name, known, hint))
}

fn id(text: &str) -> Result<String, String> {
    let is_in_ids = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=255).contains(&text.len()) && text.bytes().all(is_in_ids) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` can't be the id of an organization, which is as `org_…`"))
}

fn metadata_key(text: &str) -> Result<String, String> {
    if text.is_empty() {
        Err("a metadata key can't be empty".to_owned())
    } else {
        Ok(text.to_owned())
    }
}
