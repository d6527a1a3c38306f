//! Rules on several arguments at once, and defaults.

use serde_json::{Map, Value};

use crate::tool::{
    ArgumentError, Tool, camel_case, nearest,
    param::{Literal, Role, Rule},
    pick::Unknown,
};

impl Rule {
    /// The argument to complain of, and what is wrong, if the rule does not hold.
    pub(super) fn broken(
        self,
        wires: impl Iterator<Item = &'static str>,
        is_given: impl Fn(&str) -> bool,
        is_required: impl Fn(&str) -> bool,
    ) -> Option<(&'static str, String)> {
        let or = |names: &[&str]| {
            names.iter().map(|name| camel_case(name)).collect::<Vec<_>>().join(" or ")
        };
        let count = |names: &[&str]| names.iter().filter(|name| is_given(name)).count();
        match self {
            Self::Any(names) | Self::One(names) if count(names) == 0 => {
                Some((names.first()?, format!("is missing: give {}", or(names))))
            }
            Self::One(names) if count(names) > 1 => {
                Some((names.last()?, format!("can't be combined: give either {}", or(names))))
            }
            Self::Change => {
                let mut wires = wires.peekable();
                let first = *wires.peek()?;
                let changes = wires.any(|wire| !is_required(wire) && is_given(wire));
                let problem = "is the only argument given: give at least one to change";
                (!changes).then(|| (first, problem.to_owned()))
            }
            Self::With(name, other) if is_given(name) && !is_given(other) => {
                Some((name, format!("can be given only together with `{}`", camel_case(other))))
            }
            _ => None,
        }
    }
}

/// What is wrong with the arguments that say how a result is shown, beyond their types.
pub(super) fn check_view(
    tool: &Tool,
    checked: &Map<String, Value>,
    errors: &mut Vec<ArgumentError>,
) {
    let given = |role: Role| {
        let param = tool.params().find(|param| param.role == role)?;
        Some((param.name(), checked.get(&param.name())?))
    };
    let is_all = given(Role::AllPages).is_some_and(|(_, all)| *all == Value::Bool(true));
    if let (true, Some((limit, _))) = (is_all, given(Role::Limit)) {
        errors.push(ArgumentError::new(limit, "can't be combined with `all`: give `maxRows`"));
    }
    if let (false, Some((rows, _))) = (is_all, given(Role::MaxRows)) {
        errors.push(ArgumentError::new(rows, "can be given only with `all`: true"));
    }
    let Some((argument, Value::Array(names))) = given(Role::Fields) else { return };
    let wrong = names.iter().filter_map(|path| {
        let path = path.as_str()?;
        Some(unknown_field(path, &tool.fields.check_path(path).err()?))
    });
    // What it has instead is said once, however many are wrong.
    let mut said: Vec<String> = Vec::new();
    for (wrong, instead) in wrong {
        let is_said = said.contains(&instead);
        let problem = if is_said { wrong } else { format!("{wrong}{instead}") };
        errors.push(ArgumentError::new(argument.clone(), problem));
        said.push(instead);
    }
}

/// What is wrong with a path of `fields`, and what would be right.
fn unknown_field(path: &str, unknown: &Unknown) -> (String, String) {
    let Unknown { before, name, known, below } = unknown;
    let above = before.trim_end_matches('.');
    let instead = match (below, nearest(name, known.iter().map(String::as_str))) {
        (Some(below), _) => format!(": did you mean {below:?}?"),
        (None, Some(near)) => format!(": did you mean \"{before}{near}\"?"),
        _ if known.is_empty() => format!(": {above} has no fields of its own"),
        _ if above.is_empty() => format!("; it has {}", known.join(", ")),
        _ => format!("; {above} has {}", known.join(", ")),
    };
    (format!("has {path:?}, which isn't a field of the result"), instead)
}

/// The default as JSON.
pub(in crate::tool) fn default_of(literal: Literal) -> Option<Value> {
    match literal {
        Literal::None => None,
        Literal::Integer(value) => Some(value.into()),
        Literal::Text(value) => Some(value.into()),
    }
}
