//! Reading a policy file. Anything that is wrong or useless in it is a mistake, and all mistakes are
//! reported at once: a rule that does nothing is a rule that its author misread.

mod rules;
#[cfg(test)]
mod tests;

use std::{fmt, ops::Range};

use jiff::tz::{self, TimeZone};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    names::UnknownName,
    rule::{Action, Rule},
};

const ACTIONS: [&str; 2] = ["allow", "deny"];
const KEYS: [&str; 3] = ["default", "timezone", "rules"];

/// The names that rules may use.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// All tools, whether they are on or off.
    pub tools: Vec<&'static str>,
    /// All toolsets.
    pub toolsets: Vec<&'static str>,
}

/// A mistake in a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The number of the line; the first is 1.
    pub line: usize,
    /// What is wrong and what would be right, as a clause.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Mistake {}

/// What a policy file says.
#[derive(Debug)]
pub(super) struct PolicyFile {
    /// What holds if no rule fits.
    pub(super) default: Action,
    /// The time zone of `hours`.
    pub(super) zone: TimeZone,
    pub(super) rules: Vec<Rule>,
}

/// Reads a policy file.
///
/// # Errors
/// All mistakes in it, in the order of their lines.
pub(super) fn policy(text: &str, known: &Known) -> Result<PolicyFile, Vec<Mistake>> {
    let mut reader = Reader { text, known, mistakes: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        reader.refuse(&error.span().unwrap_or_default(), message);
    }
    // What is left of a file that isn't TOML would look wrong in places that are right.
    let policy = if reader.mistakes.is_empty() { reader.file(table.get_ref()) } else { None };
    let Reader { mut mistakes, .. } = reader;
    mistakes.sort_by_key(|mistake| mistake.line);
    policy.filter(|_| mistakes.is_empty()).ok_or(mistakes)
}

/// A rule with its place in the file.
struct Placed {
    line: usize,
    rule: Rule,
}

struct Reader<'a> {
    text: &'a str,
    known: &'a Known,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn refuse(&mut self, place: &Range<usize>, message: impl Into<String>) {
        let line = self.line(place);
        self.mistakes.push(Mistake { line, message: message.into() });
    }

    fn unknown(
        &mut self,
        place: &Range<usize>,
        what: &'static str,
        name: &str,
        known: &[&str],
        hint: &str,
    ) {
        let error = UnknownName::new(what, name, known.iter().copied(), hint);
        self.refuse(place, error.to_string());
    }

    fn line(&self, place: &Range<usize>) -> usize {
        1 + self.text.bytes().take(place.start).filter(|byte| *byte == b'\n').count()
    }

    /// The whole file; `None` only if there is a mistake.
    fn file(&mut self, table: &DeTable) -> Option<PolicyFile> {
        let (mut default, mut zone, mut rules) = (Some(Action::Allow), Some(TimeZone::UTC), None);
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "default" => default = self.action(value),
                "timezone" => zone = self.zone(value),
                "rules" => rules = self.rules(value),
                other => self.unknown_key(key, other, &KEYS),
            }
        }
        // An empty file is more likely one that was lost than one that is to allow everything.
        let says_nothing = !table.contains_key("default") && !table.contains_key("rules");
        if says_nothing && self.mistakes.is_empty() {
            self.refuse(&(0..0), "the policy is empty: it has neither rules nor a default");
        }
        let rules = rules.unwrap_or_default();
        self.refuse_unreachable(&rules);
        let rules = rules.into_iter().map(|placed| placed.rule).collect();
        Some(PolicyFile { default: default?, zone: zone?, rules })
    }

    fn unknown_key(&mut self, key: &Spanned<impl Sized>, name: &str, known: &[&str]) {
        let hint = format!("there are {}", known.join(", "));
        self.unknown(&key.span(), "key", name, known, &hint);
    }

    /// The rules that have no mistake.
    fn rules(&mut self, value: &Spanned<DeValue>) -> Option<Vec<Placed>> {
        let Some(items) = value.get_ref().as_array() else {
            let message = "`rules` is a list of tables: begin each rule with `[[rules]]`";
            self.refuse(&value.span(), message);
            return None;
        };
        if items.is_empty() {
            self.refuse(&value.span(), "`rules` is empty: leave it out or add a rule");
        }
        let mut names = Vec::new();
        Some(items.iter().filter_map(|item| self.rule(item, &mut names)).collect())
    }

    fn refuse_unreachable(&mut self, rules: &[Placed]) {
        let mut earlier: Vec<&Placed> = Vec::new();
        for placed in rules {
            if let Some(first) = earlier.iter().find(|earlier| earlier.rule.covers(&placed.rule)) {
                let message = format!(
                    "rule `{}` can never be reached: rule `{}` in line {} fits all that it fits",
                    placed.rule.name, first.rule.name, first.line
                );
                self.mistakes.push(Mistake { line: placed.line, message });
            }
            earlier.push(placed);
        }
    }

    fn action(&mut self, value: &Spanned<DeValue>) -> Option<Action> {
        match value.get_ref().as_str() {
            Some("allow") => Some(Action::Allow),
            Some("deny") => Some(Action::Deny),
            Some(other) => {
                self.unknown(&value.span(), "action", other, &ACTIONS, "there are allow, deny");
                None
            }
            None => {
                self.refuse(&value.span(), "an action is \"allow\" or \"deny\"");
                None
            }
        }
    }

    fn zone(&mut self, value: &Spanned<DeValue>) -> Option<TimeZone> {
        let name = self.line_of_text("timezone", value)?;
        if name == "UTC" {
            return Some(TimeZone::UTC);
        }
        let zone = TimeZone::get(&name).ok().filter(|zone| !zone.is_unknown());
        if zone.is_none() {
            if tz::db().is_definitively_empty() {
                let message = "this machine has no data on time zones; only UTC is known without";
                self.refuse(&value.span(), message);
            } else {
                let names: Vec<_> = tz::db().available().collect();
                let names: Vec<&str> = names.iter().map(tz::TimeZoneName::as_str).collect();
                let hint = "a time zone is named as `Europe/Berlin`";
                self.unknown(&value.span(), "time zone", &name, &names, hint);
            }
        }
        zone
    }

    /// A string that fits a line of the log.
    fn line_of_text(&mut self, key: &str, value: &Spanned<DeValue>) -> Option<String> {
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        let text = text.filter(|text| !text.chars().any(char::is_control));
        if text.is_none() {
            self.refuse(&value.span(), format!("`{key}` must be a string of one line"));
        }
        text.map(str::to_owned)
    }
}

/// The entries of a table in the order of the file.
fn in_order<'table, 'text>(
    table: &'table DeTable<'text>,
) -> Vec<(&'table Spanned<toml::de::DeString<'text>>, &'table Spanned<DeValue<'text>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
