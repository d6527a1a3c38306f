//! Which events are asked for.

use rusqlite::types::Value;

/// Which events; a field that is not given lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Types.
    pub types: Types,
    /// About this user.
    pub user_id: Option<String>,
    /// About this organization.
    pub organization_id: Option<String>,
    /// About this session.
    pub session_id: Option<String>,
    /// Whose body has a text at one of some places.
    pub holds: Option<Holds>,
    /// That happened at this time or later, in Unix ms.
    pub since: Option<i64>,
    /// That happened before this time, in Unix ms.
    pub until: Option<i64>,
}

/// A text in the body of an event. There is no index of it: all events of the time are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// Where it may be, as paths of SQLite such as `$.data.email_address`.
    pub paths: &'static [&'static str],
    /// The text, as a whole.
    pub text: String,
}

/// Types of events: names such as `user.created`, families such as `session.*`. None means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Family(String),
    Exact(String),
}

/// A pattern is neither a type nor a family. Its text follows the name of an option or argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be types such as user.created or families such as session.*")]
pub struct InvalidTypes;

impl Types {
    /// Reads patterns; `*` is all.
    ///
    /// # Errors
    /// One is neither a type nor a family.
    pub fn parse<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidTypes> {
        let mut types = Vec::new();
        let is_name = |text: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            !text.is_empty()
                && text.len() <= 100
                && text.split('.').all(|part| !part.is_empty() && part.chars().all(fits))
        };
        let mut is_all = false;
        for pattern in patterns {
            match pattern.strip_suffix(".*") {
                _ if pattern == "*" => is_all = true,
                Some(family) if is_name(family) && !family.contains('.') => {
                    types.push(Pattern::Family(family.to_owned()));
                }
                None if is_name(pattern) => types.push(Pattern::Exact(pattern.to_owned())),
                _ => return Err(InvalidTypes),
            }
        }
        Ok(Self(if is_all { Vec::new() } else { types }))
    }

    /// Whether events of this type are among them.
    #[must_use]
    pub fn contain(&self, kind: &str) -> bool {
        let fits = |pattern: &Pattern| match pattern {
            Pattern::Exact(exact) => exact == kind,
            Pattern::Family(family) => super::family(kind) == family,
        };
        self.0.is_empty() || self.0.iter().any(fits)
    }

    /// The types that are named whole.
    pub(crate) fn exact(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|pattern| match pattern {
            Pattern::Exact(exact) => Some(exact.as_str()),
            Pattern::Family(_) => None,
        })
    }
}

impl Filter {
    /// The condition in SQL, and the values in it.
    pub(super) fn sql(&self) -> (String, Vec<Value>) {
        let mut clauses = vec!["1".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        let types: Vec<_> = self
            .types
            .0
            .iter()
            .map(|pattern| match pattern {
                Pattern::Family(family) => ("family = ?", family),
                Pattern::Exact(exact) => ("type = ?", exact),
            })
            .collect();
        if !types.is_empty() {
            let either: Vec<_> = types.iter().map(|(clause, _)| *clause).collect();
            clauses.push(format!("({})", either.join(" OR ")));
            values.extend(types.into_iter().map(|(_, value)| Value::from(value.clone())));
        }
        for (clause, id) in [
            ("user_id = ?", &self.user_id),
            ("organization_id = ?", &self.organization_id),
            ("session_id = ?", &self.session_id),
        ] {
            if let Some(id) = id {
                clauses.push(clause.to_owned());
                values.push(id.clone().into());
            }
        }
        if let Some(Holds { paths, text }) = &self.holds {
            // It is much faster than reading the JSON; what isn't ASCII may be escaped there.
            if text.is_ascii() {
                clauses.push("instr(body, ?) > 0".to_owned());
                values.push(text.clone().into());
            }
            let at = |_: &&str| "json_extract(body, ?) = ?";
            clauses.push(format!("({})", paths.iter().map(at).collect::<Vec<_>>().join(" OR ")));
            let places =
                paths.iter().flat_map(|path| [(*path).to_owned().into(), text.clone().into()]);
            values.extend(places);
        }
        for (clause, time) in [("at >= ?", self.since), ("at < ?", self.until)] {
            if let Some(time) = time {
                clauses.push(clause.to_owned());
                values.push(time.into());
            }
        }
        (clauses.join(" AND "), values)
    }
}
