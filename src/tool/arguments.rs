//! Checking a call's arguments against a tool's row: tolerant of the forms that models write,
//! strict in what is allowed at any depth, and with all errors reported at once.

mod convert;
mod expected;
mod rules;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub(super) use self::rules::default_of;
use self::{
    convert::{array, is_blank, misfit, single, structure, within},
    expected::{expected, shown},
    rules::check_view,
};
use super::{
    ArgumentError, Tool, camel_case, is_camel_of, nearest,
    param::{Param, Rule, Shape, Type},
};

/// How many characters of a refused value are shown.
const SHOWN: usize = 60;
const EMPTY: &str = "must not be empty: leave it out or give a value";

/// Brings `arguments` into the form that the row asks for, or reports all that is wrong with them.
///
/// `10.0` and `"10"` are 10, `"true"` is true, an object may come as its JSON text, a list as an
/// array, as its JSON text or with commas. Null means absent, except in a tool with arguments that
/// null clears: there it would be unclear what was meant.
pub(super) fn check(
    tool: &'static Tool,
    arguments: Map<String, Value>,
) -> Result<Map<String, Value>, Vec<ArgumentError>> {
    let mut errors = Vec::new();
    let level = Level { params: tool.arguments(), rules: tool.rules, open: false, is_top: true };
    let checked = level.check(arguments, "", &mut errors);
    if errors.is_empty() {
        check_view(tool, &checked, &mut errors);
    }
    if errors.is_empty() { Ok(checked) } else { Err(errors) }
}

/// The arguments of a call, or the properties of one object in them.
struct Level<P> {
    params: P,
    rules: &'static [Rule],
    /// Whether unknown names are passed on.
    open: bool,
    is_top: bool,
}

impl<P: Iterator<Item = &'static Param> + Clone> Level<P> {
    fn check(
        &self,
        arguments: Map<String, Value>,
        path: &str,
        errors: &mut Vec<ArgumentError>,
    ) -> Map<String, Value> {
        let before = errors.len();
        let null_clears = self.params.clone().any(|param| param.clearable);
        let mut checked = Map::new();
        for (name, value) in arguments {
            let Some(param) = self.find(&name) else {
                if self.open {
                    checked.insert(name, value);
                } else {
                    errors.push(ArgumentError::new(join(path, &name), self.unknown(&name)));
                }
                continue;
            };
            let at = join(path, &param.name());
            if value.is_null() && !param.clearable {
                if null_clears {
                    let problem = "can't be cleared with null: leave it out to keep what it is";
                    errors.push(ArgumentError::new(at, problem));
                }
                continue;
            }
            if let Some(value) = convert(param, &value, &at, errors) {
                checked.insert(param.name(), value);
            }
        }
        for param in self.params.clone().filter(|param| param.required) {
            let at = join(path, &param.name());
            let is_reported = errors.iter().skip(before).any(|error| error.argument == at);
            if !checked.contains_key(&param.name()) && !is_reported {
                let problem = format!("is missing: it must be {}", expected(&param.ty));
                errors.push(ArgumentError::new(at, problem));
            }
        }
        let reported: Vec<String> =
            errors.iter().skip(before).map(|error| error.argument.clone()).collect();
        let is_given = |wire: &str| {
            let name = camel_case(wire);
            checked.contains_key(&name) || reported.contains(&join(path, &name))
        };
        for rule in self.rules {
            let is_required =
                |wire: &str| self.params.clone().any(|param| param.wire == wire && param.required);
            let wires = self.params.clone().map(|param| param.wire);
            if let Some((wire, problem)) = rule.broken(wires, is_given, is_required) {
                errors.push(ArgumentError::new(join(path, &camel_case(wire)), problem));
            }
        }
        checked
    }

    /// The parameter of a name. In nested objects Clerk's own spelling is understood too.
    fn find(&self, name: &str) -> Option<&'static Param> {
        let mut params = self.params.clone();
        params.find(|param| is_camel_of(param.wire, name) || (!self.is_top && param.wire == name))
    }

    fn unknown(&self, name: &str) -> String {
        if self.is_top && name == "secretKey" {
            return "isn't an argument: the server takes its key from its own configuration"
                .to_owned();
        }
        let what =
            if self.is_top { "an argument of this tool" } else { "a property of this object" };
        let takes = if self.is_top { "it takes" } else { "it has" };
        let known: Vec<String> = self.params.clone().map(Param::name).collect();
        let end = name.to_lowercase();
        let ends: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|known| known.to_lowercase().ends_with(&end))
            .collect();
        if ends.len() > 1 {
            return format!("isn't {what}: did you mean `{}`?", ends.join("` or `"));
        }
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("isn't {what}: did you mean `{near}`?"),
            None if known.is_empty() => format!("isn't {what}: it takes none"),
            None => format!("isn't {what}; {takes} {}", known.join(", ")),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Makes of `value` what the parameter asks for. What is wrong with it goes into `errors`.
fn convert(
    param: &'static Param,
    value: &Value,
    at: &str,
    errors: &mut Vec<ArgumentError>,
) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    if is_blank(value) {
        let or_null = if param.clearable { ", or null to clear it" } else { "" };
        errors.push(ArgumentError::new(at, format!("{EMPTY}{or_null}")));
        return None;
    }
    let shown = if param.secret { String::new() } else { shown(value) };
    match &param.ty {
        Type::Object(shape) => object_of(value, shape, at, errors).or_else(|| {
            report(&param.ty, &shown, at, errors);
            None
        }),
        Type::Objects { shape, min, max } => {
            let items = array(value).filter(|items| {
                within(items.len(), *min, *max) && items.iter().all(Value::is_object)
            });
            let Some(items) = items else {
                report(&param.ty, &shown, at, errors);
                return None;
            };
            if items.is_empty() {
                errors.push(ArgumentError::new(at, EMPTY));
                return None;
            }
            let converted = items.into_iter().enumerate().filter_map(|(index, item)| {
                object_of(&item, shape, &format!("{at}[{index}]"), errors)
            });
            Some(Value::Array(converted.collect()))
        }
        ty => {
            if let Some(converted) = single(ty, value) {
                if matches!(&converted, Value::Array(items) if items.is_empty()) {
                    // Sent as it is, an empty filter would match everybody.
                    errors.push(ArgumentError::new(at, EMPTY));
                    return None;
                }
                return Some(converted);
            }
            let find = match (ty, value.as_str()) {
                (Type::Id { .. }, Some(text)) if text.contains('@') => {
                    "; clerk_list_users finds users by emailAddress"
                }
                _ => "",
            };
            match misfit(ty, value) {
                Some((item, of)) => {
                    let problem = format!("has {item}, which must be {}", expected(of));
                    errors.push(ArgumentError::new(at, problem));
                }
                None => report(ty, &format!("{shown}{find}"), at, errors),
            }
            None
        }
    }
}

fn report(ty: &Type, shown: &str, at: &str, errors: &mut Vec<ArgumentError>) {
    errors.push(ArgumentError::new(at, format!("must be {}{shown}", expected(ty))));
}

/// An object, or its JSON text, with its properties checked. `None` if it is neither.
fn object_of(
    value: &Value,
    shape: &'static Shape,
    at: &str,
    errors: &mut Vec<ArgumentError>,
) -> Option<Value> {
    let Value::Object(properties) = structure(value)? else { return None };
    let level =
        Level { params: shape.params(), rules: shape.rules, open: shape.open, is_top: false };
    Some(Value::Object(level.check(properties, at, errors)))
}
