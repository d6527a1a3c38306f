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
    for path in names.iter().filter_map(Value::as_str) {
        if let Err(unknown) = tool.fields.check_path(path) {
            errors.push(ArgumentError::new(argument.clone(), unknown_field(path, &unknown)));
        }
    }
}

/// What is wrong with a path of `fields`, and what would be right.
fn unknown_field(path: &str, unknown: &Unknown) -> String {
    let Unknown { before, name, known } = unknown;
    let wrong = format!("has {path:?}, which isn't a field of the result");
    let above = before.trim_end_matches('.');
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("{wrong}: did you mean \"{before}{near}\"?"),
        None if known.is_empty() => format!("{wrong}: {above} has no fields of its own"),
        None if above.is_empty() => format!("{wrong}; it has {}", known.join(", ")),
        None => format!("{wrong}; {above} has {}", known.join(", ")),
    }
}

/// The default as JSON.
pub(in crate::tool) fn default_of(literal: Literal) -> Option<Value> {
    match literal {
        Literal::None => None,
        Literal::Integer(value) => Some(value.into()),
        Literal::Text(value) => Some(value.into()),
    }
}
